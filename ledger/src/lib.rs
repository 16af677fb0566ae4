//! Vouchsafe ledger.

//! Vouchsafe genesis.

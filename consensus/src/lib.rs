//! Vouchsafe consensus.

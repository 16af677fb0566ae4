//! Vouchsafe replica.

//! Vouchsafe types.

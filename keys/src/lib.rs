//! Vouchsafe keys.

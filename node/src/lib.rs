//! Vouchsafe node.

//! Vouchsafe proto.

//! Vouchsafe client.

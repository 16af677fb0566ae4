//! Vouchsafe ledger.

mod tree;

pub use tree::{Change, StateTree};

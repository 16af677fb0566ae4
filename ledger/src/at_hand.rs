//! Reads that never wait for a disk: what lies in memory is answered by the thread that asks, and
//! whoever is told that it does not asks again from a thread that may wait. To hand a question to
//! such a thread costs more than most answers.

use vouchsafe_types::state_tree::StateLeaf;

use crate::memory::MemoryStore;
use crate::store::{StoreError, StoreRead};

/// What is found of a record without the disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AtHand {
    /// The record's canonical bytes; none where there is none.
    Known(Option<Vec<u8>>),
    /// Only the disk knows.
    OnDisk,
}

/// A store that can tell what it holds in memory from what it would have to fetch.
pub trait ReadAtHand: StoreRead {
    /// The record that a leaf of the state tree names, if memory knows it.
    ///
    /// # Errors
    /// The store's.
    fn record_at_hand(&self, leaf: &StateLeaf) -> Result<AtHand, StoreError>;
}

impl ReadAtHand for MemoryStore {
    fn record_at_hand(&self, leaf: &StateLeaf) -> Result<AtHand, StoreError> {
        Ok(AtHand::Known(self.record(leaf)?.map(|stored| stored.record)))
    }
}

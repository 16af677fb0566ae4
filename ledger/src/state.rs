//! The committed state as execution reads it: the tree says what there is, the store holds it, and
//! each is held against the other. A store that forgot or changed a record is named as corrupt
//! here; it must not come to judge blocks.

use borsh::BorshDeserialize;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::Frontier;
use vouchsafe_types::record::{LogHead, value_hash};
use vouchsafe_types::state_tree::StateLeaf;

use crate::store::{StoreError, StoreRead};
use crate::tree::StateTree;

/// The state after one block.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    pub(crate) store: &'a dyn StoreRead,
    pub(crate) tree: &'a StateTree,
}

impl State<'_> {
    /// Reads a record, and the frontier of its log if it has one.
    pub(crate) fn record<T: BorshDeserialize>(
        &self,
        key: &Digest,
    ) -> Result<Option<(T, Option<Frontier>)>, StoreError> {
        let Some(expected) = self.tree.get(key) else { return Ok(None) };
        let leaf = StateLeaf { key: *key, value_hash: expected };
        let Some(stored) = self.store.record(&leaf)? else {
            return Err(StoreError::Corrupt(format!("the record {key} is missing")));
        };
        if value_hash(&stored.record) != expected {
            let text = format!("the record {key} is not the one in the state tree");
            return Err(StoreError::Corrupt(text));
        }
        let record = T::try_from_slice(&stored.record)
            .map_err(|error| StoreError::Corrupt(format!("the record {key}: {error}")))?;
        Ok(Some((record, stored.log)))
    }
}

/// The frontier with which a record's log is continued.
pub(crate) fn frontier_of(
    key: &Digest,
    head: &LogHead,
    frontier: Option<Frontier>,
) -> Result<Frontier, StoreError> {
    frontier
        .filter(|frontier| head_of(frontier) == *head)
        .ok_or_else(|| StoreError::Corrupt(format!("the log of record {key} does not continue")))
}

/// The head of the log that a frontier ends.
pub(crate) fn head_of(frontier: &Frontier) -> LogHead {
    LogHead { count: frontier.size(), root: frontier.root() }
}

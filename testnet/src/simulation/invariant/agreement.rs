//! Agreement: no two honest nodes commit different blocks at one height (arXiv 1807.04938, §2.2).
//! The header holds the state root, so validity is part of it: each executed the block, and came
//! to the same state.

use std::collections::BTreeMap;

use vouchsafe_ledger::CommitBatch;
use vouchsafe_types::hash::BlockId;

use super::Violation;

/// What was committed, by height.
#[derive(Default)]
pub struct Agreement(BTreeMap<u64, (usize, BlockId)>);

impl Agreement {
    pub(super) fn on_commit(&mut self, node: usize, batch: &CommitBatch) -> Result<(), Violation> {
        let (first, block_id) = *self.0.entry(batch.height).or_insert((node, batch.block_id));
        if block_id == batch.block_id {
            return Ok(());
        }
        Err(format!(
            "agreement: at height {} node {first} committed {block_id}, and node {node} {}",
            batch.height, batch.block_id
        ))
    }

    /// The newest height that anyone committed.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.0.last_key_value().map_or(0, |(height, _)| *height)
    }
}

//! Durability: what any honest node acknowledged is in the chain, at the height it named, for good.

use std::collections::BTreeMap;

use vouchsafe_ledger::{CommitBatch, StoreRead};
use vouchsafe_types::hash::TransactionId;

use super::Violation;

/// What was committed and what was acknowledged.
#[derive(Default)]
pub struct Durability {
    committed: BTreeMap<TransactionId, u64>,
    acknowledged: BTreeMap<TransactionId, u64>,
}

impl Durability {
    pub(super) fn on_commit(&mut self, batch: &CommitBatch) {
        for transaction in &batch.transactions {
            self.committed.insert(transaction.id, batch.height);
        }
    }

    pub(super) fn on_acknowledged(&mut self, id: TransactionId, height: u64) {
        self.acknowledged.insert(id, height);
    }

    /// How many transactions were acknowledged.
    #[must_use]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// Does this node, at the end, hold everything that was acknowledged?
    ///
    /// # Errors
    /// What it lacks.
    pub fn check<S: StoreRead>(&self, node: usize, store: &S) -> Result<(), Violation> {
        for (id, height) in &self.acknowledged {
            let place = store.locate(id).map_err(|error| error.to_string())?;
            if place.map(|place| place.height) != Some(*height) {
                return Err(format!(
                    "durability: {id} was acknowledged at height {height}; node {node} holds it \
                     at {place:?}"
                ));
            }
        }
        Ok(())
    }

    /// Is this transaction in a block?
    #[must_use]
    pub fn is_committed(&self, id: &TransactionId) -> bool {
        self.committed.contains_key(id)
    }
}

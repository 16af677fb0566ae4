//! Validity: what is committed was signed by whom it names, and is in the chain once (arXiv
//! 1807.04938, §2.2: the predicate that every decided value satisfies; here judged apart from the
//! ledger's own code).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vouchsafe_ledger::{CommitBatch, RecordChange, StateTree, StoreRead};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::{BlockId, TransactionId};
use vouchsafe_types::header::Block;

use super::Violation;
use crate::simulation::founding::Founding;

/// What was committed, by anyone.
pub struct Validity {
    founding: Arc<Founding>,
    blocks: BTreeSet<BlockId>,
    heights: BTreeMap<TransactionId, u64>,
    /// The state after the newest block, by the records that were written.
    tree: Option<StateTree>,
}

impl Validity {
    pub(super) fn new(founding: Arc<Founding>) -> Self {
        Self { founding, blocks: BTreeSet::new(), heights: BTreeMap::new(), tree: None }
    }

    /// A node commits a block, whose body its store holds.
    pub(super) fn on_commit(
        &mut self,
        node: usize,
        batch: &CommitBatch,
        body: &[u8],
        store: &dyn StoreRead,
    ) -> Result<(), Violation> {
        let block_id = batch.block_id;
        if !self.blocks.insert(block_id) {
            return Ok(());
        }
        let words = |fault: &str| format!("validity: node {node}, block {block_id}: {fault}");
        let block = Block::from_bytes(body).map_err(|error| words(&error.to_string()))?;
        if block.header.block_id() != block_id {
            return Err(words("the body is another block's"));
        }
        let (chain_id, rule) =
            (self.founding.genesis.chain_id(), &self.founding.terms.signature_rule);
        for signed in block.transactions.iter() {
            let data = signed.signing_data(&chain_id);
            if !rule.holds(&signed.public_key, &data, &signed.signature) {
                return Err(words("a transaction was not signed by its key"));
            }
            let id = signed.id(&chain_id);
            if let Some(height) = self.heights.insert(id, block.header.height) {
                return Err(words(&format!("{id} is also in the block at height {height}")));
            }
        }
        let before = match self.tree.take() {
            Some(tree) => tree,
            // The first block: the store holds the genesis's state.
            None => store
                .leaves()
                .and_then(StateTree::from_sorted_leaves)
                .map_err(|error| words(&error.to_string()))?,
        };
        let changed = |change: &RecordChange| (change.key, Some(change.value_hash));
        let tree = before.update(&batch.records.iter().map(changed).collect::<Vec<_>>());
        if tree.root() != block.header.state_root {
            return Err(words("its state root is not that of the state after it"));
        }
        self.tree = Some(tree);
        Ok(())
    }
}

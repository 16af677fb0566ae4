//! Blocks of which a part is still missing.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::log::leaf_hash;
use vouchsafe_types::transaction::SignedTransaction;

use crate::event::PeerNumber;
use crate::peer::CompactBlock;

/// The most compact blocks that are kept for heights that have not come yet.
pub(crate) const EARLY_MAX: usize = 8;

/// A block of which a part is missing.
#[derive(Default)]
pub(crate) struct Gathering {
    /// What is known of it; nothing but its id, if none.
    pub(crate) compact: Option<CompactBlock>,
    /// Leaf hashes of the transactions that are neither pooled nor fetched.
    pub(crate) missing: BTreeSet<Digest>,
    /// What was fetched.
    pub(crate) fetched: BTreeMap<Digest, SignedTransaction>,
    /// Who was asked since all had been asked.
    pub(crate) asked: BTreeSet<PeerNumber>,
}

impl Gathering {
    /// Takes what a peer sent. False: it sent something that was not asked for.
    pub(crate) fn take(&mut self, transactions: Vec<SignedTransaction>) -> bool {
        transactions.into_iter().all(|signed| {
            let leaf = leaf_hash(&signed.to_bytes());
            let wanted = self.missing.remove(&leaf);
            if wanted {
                self.fetched.insert(leaf, signed);
            }
            // It may have come into the pool, or from another peer, since it was asked for.
            let is_of_block = |compact: &CompactBlock| compact.leaves.contains(&leaf);
            wanted || self.compact.as_ref().is_some_and(is_of_block)
        })
    }
}

/// A compact block that came early, and who sent it.
pub(crate) struct EarlyBlock {
    pub(crate) from: PeerNumber,
    pub(crate) block_id: BlockId,
    pub(crate) compact: CompactBlock,
}

/// Compact blocks of heights that have not come yet. Each one's proposal verified, and each round
/// keeps one.
#[derive(Default)]
pub(crate) struct EarlyBlocks(BTreeMap<(u64, u32), EarlyBlock>);

impl EarlyBlocks {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn keep(&mut self, height: u64, round: u32, early: EarlyBlock) {
        if self.0.len() < EARLY_MAX {
            self.0.entry((height, round)).or_insert(early);
        }
    }

    /// Hands out those of this height, and forgets all before.
    pub(crate) fn take(&mut self, height: u64) -> Vec<EarlyBlock> {
        let later = self.0.split_off(&(height + 1, 0));
        let until = std::mem::replace(&mut self.0, later);
        until.into_iter().filter(|((at, _), _)| *at == height).map(|(_, early)| early).collect()
    }
}

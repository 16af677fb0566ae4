//! The blocks that are proposed for the height being decided.
//!
//! ```text
//! named ─▶ Gathering ─▶ Held ─┬▶ Storing ─▶ (body durable) ─▶ Ready
//! built ──────────────────────┘     └▶ Invalid
//! ```
//!
//! A block gets in by being named: in a proposal, a polka or a certificate that verified.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vouchsafe_ledger::Executed;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::Block;

use crate::gathering::Gathering;

/// The most blocks that are remembered for one height. Honest heights have as many as rounds.
pub(crate) const CANDIDATES_MAX: usize = 32;

/// How far a block has come.
pub(crate) enum Stage {
    /// Its time is away from the clock: it is not judged yet.
    Held,
    /// It is valid, and its body is being made durable.
    Storing {
        /// What committing it writes.
        executed: Box<Executed>,
        /// The round this node proposes it in, if this node built it.
        proposes_in: Option<u32>,
    },
    /// It is valid and durable.
    Ready {
        /// What committing it writes.
        executed: Box<Executed>,
    },
    /// It broke a rule.
    Invalid,
    /// It was decided by others, and is on its way to disk.
    Decided,
}

/// A proposed block.
pub(crate) struct Candidate {
    pub(crate) block: Arc<Block>,
    pub(crate) stage: Stage,
}

/// All proposed blocks of one height.
#[derive(Default)]
pub(crate) struct Candidates {
    by_id: BTreeMap<BlockId, Candidate>,
    /// Those of which a part is missing.
    pub(crate) gathering: BTreeMap<BlockId, Gathering>,
    built: BTreeMap<u32, BlockId>,
    /// Blocks for which two thirds of the power voted, as a certificate that verified says.
    vouched_for: BTreeSet<BlockId>,
}

impl Candidates {
    /// Forgets everything: another height begins.
    pub(crate) fn clear(&mut self) {
        self.by_id.clear();
        self.gathering.clear();
        self.built.clear();
        self.vouched_for.clear();
    }

    pub(crate) fn contains(&self, id: &BlockId) -> bool {
        self.by_id.contains_key(id)
    }

    /// How many blocks there are, whole or not, and of how many a quorum is known.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        (self.by_id.len() + self.gathering.len(), self.vouched_for.len())
    }

    pub(crate) fn is_full(&self) -> bool {
        self.by_id.len() + self.gathering.len() >= CANDIDATES_MAX
    }

    /// The whole block is here: it need not be gathered any more.
    pub(crate) fn complete(&mut self, id: BlockId, block: &Arc<Block>) {
        self.gathering.remove(&id);
        let held = || Candidate { block: block.clone(), stage: Stage::Held };
        self.by_id.entry(id).or_insert_with(held);
    }

    pub(crate) fn get(&self, id: &BlockId) -> Option<&Candidate> {
        self.by_id.get(id)
    }

    pub(crate) fn insert(&mut self, id: BlockId, block: Arc<Block>, stage: Stage) {
        self.by_id.insert(id, Candidate { block, stage });
    }

    pub(crate) fn remove(&mut self, id: &BlockId) -> Option<Candidate> {
        self.by_id.remove(id)
    }

    /// The block this node built for a round. The engine may ask again, and must get the same.
    pub(crate) fn built_for(&self, round: u32) -> Option<BlockId> {
        self.built.get(&round).copied()
    }

    /// Did two thirds of the power find this block in time once?
    pub(crate) fn is_vouched_for(&self, id: &BlockId) -> bool {
        self.vouched_for.contains(id)
    }

    pub(crate) fn vouch_for(&mut self, id: BlockId) {
        self.vouched_for.insert(id);
    }

    pub(crate) fn set_built(&mut self, round: u32, id: BlockId) {
        self.built.insert(round, id);
    }
}

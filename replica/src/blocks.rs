//! The blocks that are proposed for the height being decided.
//!
//! ```text
//! received ─▶ Held ─┬▶ Judging ─▶ (body durable) ─▶ Ready
//! built ────────────┘     └▶ Invalid
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vouchsafe_ledger::Executed;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::Block;

/// The most blocks that are remembered for one height. Honest heights have as many as rounds.
pub(crate) const CANDIDATES_MAX: usize = 32;
/// A block whose round lies further ahead of this node's than this is dropped.
pub(crate) const ROUNDS_AHEAD_MAX: u32 = 10;

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
    built: BTreeMap<u32, BlockId>,
    /// Blocks for which two thirds of the power prevoted, as a certificate that verified says.
    polkas: BTreeSet<BlockId>,
}

impl Candidates {
    /// Forgets everything: another height begins.
    pub(crate) fn clear(&mut self) {
        self.by_id.clear();
        self.built.clear();
        self.polkas.clear();
    }

    pub(crate) fn contains(&self, id: &BlockId) -> bool {
        self.by_id.contains_key(id)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.by_id.len() >= CANDIDATES_MAX
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
    pub(crate) fn has_polka(&self, id: &BlockId) -> bool {
        self.polkas.contains(id)
    }

    pub(crate) fn set_polka(&mut self, id: BlockId) {
        self.polkas.insert(id);
    }

    pub(crate) fn set_built(&mut self, round: u32, id: BlockId) {
        self.built.insert(round, id);
    }
}

//! How full a replica's queues are. Whatever peers send, none grows past its bound: that is what
//! keeps a node with liars about it alive, and what the simulator checks as it goes. (Questions to
//! peers are not among them: this node asks them, and whoever drives it ends each in time.)

use vouchsafe_ledger::StoreRead;

use crate::blocks::CANDIDATES_MAX;
use crate::catch_up::{READY_BYTES_MAX, RUN_HEIGHTS, RUNS_MAX};
use crate::gathering::EARLY_MAX;
use crate::offences::WAITING_MAX;
use crate::replica::Replica;

/// A queue, how much it holds, and the most that it may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Queue {
    /// What is in it, and in which unit it is counted.
    pub name: &'static str,
    /// How much it holds.
    pub length: usize,
    /// The most that it may hold.
    pub limit: usize,
}

impl<S: StoreRead> Replica<S> {
    /// All queues that what others send can fill.
    #[must_use]
    pub fn queues(&self) -> Vec<Queue> {
        let queue = |name, length, limit| Queue { name, length, limit };
        let pool = self.mempool.limits();
        let block_bytes_max = usize::try_from(self.ledger.parameters().block_bytes_max)
            .expect("a block fits into memory");
        // Answers that were asked for while there was room are kept.
        let ready_bytes_max =
            READY_BYTES_MAX.saturating_add(block_bytes_max * RUNS_MAX * RUN_HEIGHTS as usize);
        // Blocks that two thirds of the power voted for are taken beyond the limit.
        let (blocks, vouched_for) = self.candidates.lengths();
        vec![
            queue("pooled transactions", self.mempool.len(), pool.transactions_max),
            queue("pooled bytes", self.mempool.bytes(), pool.bytes_max),
            queue("proposed blocks", blocks, CANDIDATES_MAX + vouched_for + 1),
            queue("early blocks", self.early_blocks.len(), EARLY_MAX),
            queue("bytes of blocks to catch up", self.catch_up.ready_bytes(), ready_bytes_max),
            queue("waiting offences", self.offences.len(), WAITING_MAX),
        ]
    }
}

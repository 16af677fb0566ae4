//! What the replica tells of, as log lines and metrics.

use std::sync::Arc;
use std::time::Instant;

use tracing::{debug, error, info, warn};
use vouchsafe_replica::Notice;

use crate::catch_up_progress::CatchUpProgress;
use crate::metrics::Metrics;

/// Milliseconds in a second, for metrics.
const SECOND_MS: f64 = 1000.0;

/// Logs and counts.
pub(crate) struct Notices {
    metrics: Arc<Metrics>,
    /// The height being decided, and when its first round began.
    began: Option<(u64, Instant)>,
    progress: CatchUpProgress,
    behind: bool,
    /// The newest block's time, in milliseconds since 1970.
    head_time_ms: Option<u64>,
}

impl Notices {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        let progress = CatchUpProgress::default();
        Self { metrics, began: None, progress, behind: false, head_time_ms: None }
    }

    pub(crate) fn take(&mut self, notice: &Notice) {
        match notice {
            Notice::RoundStarted { height, round, proposer } => {
                self.round_started(*height);
                debug!(height, round, %proposer, "round started");
            }
            Notice::HeightCommitted { height, round, block_id, time_ms, transactions } => {
                self.metrics.blocks.height_rounds.observe(f64::from(*round) + 1.0);
                self.height_committed(*height, *time_ms, *transactions);
                info!(height, round, block = %block_id, transactions, "committed");
            }
            Notice::VotingWithheld { height, reason } => {
                warn!(height, "following without voting: {reason}");
            }
            Notice::Discarded { from, error } => {
                self.metrics.blocks.messages_discarded.inc();
                debug!(peer = from.map(|peer| peer.0), "message dropped: {error}");
            }
            Notice::InvalidBlock { block_id, error } => {
                self.metrics.invalid_blocks.inc();
                warn!(block = %block_id, "proposed block is invalid: {error}");
            }
            Notice::BlockHeld { block_id, time_ms, now_ms } => {
                self.metrics.blocks.held.inc();
                warn!(
                    block = %block_id, time_ms, now_ms,
                    "proposed block's time is away from this node's clock: held"
                );
            }
            Notice::BlockWanted { height, block_id } => {
                info!(height, block = %block_id, "a block that others voted for is not here: asking for it");
            }
            Notice::CatchingUp { height, target } => {
                self.behind = true;
                self.progress.behind(Instant::now(), *height, *target);
            }
            Notice::CaughtUp { height } => {
                self.behind = false;
                self.progress.reached(Instant::now(), *height);
            }
            Notice::Misbehaviour(evidence) => {
                self.metrics.misbehaviour.inc();
                let (height, validator) = (evidence.height(), evidence.address());
                error!(height, %validator, what = evidence.kind().name(), "a validator contradicted itself");
            }
        }
    }

    fn round_started(&mut self, height: u64) {
        self.metrics.rounds.inc();
        if self.began.is_none_or(|(began, _)| began != height) {
            self.began = Some((height, Instant::now()));
        }
    }

    fn height_committed(&mut self, height: u64, time_ms: u64, transactions: u32) {
        self.metrics.height.set(i64::try_from(height).unwrap_or(i64::MAX));
        self.metrics.head_time_seconds.set(time_ms as f64 / SECOND_MS);
        self.metrics.transactions.inc_by(u64::from(transactions));
        self.metrics.sync.heights.inc_by(u64::from(self.behind));
        self.metrics.blocks.transactions.observe(f64::from(transactions));
        if let Some(before_ms) = self.head_time_ms.replace(time_ms) {
            let interval_ms = time_ms.saturating_sub(before_ms);
            self.metrics.blocks.interval_seconds.observe(interval_ms as f64 / SECOND_MS);
        }
        if let Some((_, began)) = self.began.take_if(|(began, _)| *began == height) {
            self.metrics.height_seconds.observe(began.elapsed().as_secs_f64());
        }
    }
}

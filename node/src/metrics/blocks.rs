//! How the chain grows: rounds, times and sizes of blocks, and what kept them back.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// The rounds that heights took: one when nothing is wrong.
const ROUNDS: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 8.0, 13.0, 21.0];
/// The transactions of blocks: none in a heartbeat.
const TRANSACTIONS: [f64; 10] =
    [0.0, 1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0];

/// Metrics of committed blocks.
pub(crate) struct BlockMetrics {
    pub(crate) height_rounds: Histogram,
    pub(crate) commit_latency_seconds: Histogram,
    pub(crate) interval_seconds: Histogram,
    pub(crate) bytes: Histogram,
    pub(crate) transactions: Histogram,
    pub(crate) held: Counter,
    pub(crate) messages_discarded: Counter,
}

impl BlockMetrics {
    pub(super) fn new() -> Self {
        Self {
            height_rounds: Histogram::new(ROUNDS),
            // From 1 ms to 65 s.
            commit_latency_seconds: Histogram::new(exponential_buckets(0.001, 2.0, 17)),
            // From 10 ms to 11 minutes.
            interval_seconds: Histogram::new(exponential_buckets(0.01, 2.0, 17)),
            // From 256 bytes to 16 MiB, the largest block.
            bytes: Histogram::new(exponential_buckets(256.0, 4.0, 9)),
            transactions: Histogram::new(TRANSACTIONS),
            held: Counter::default(),
            messages_discarded: Counter::default(),
        }
    }

    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "height_rounds",
            "Rounds that a height took, 1 at best",
            self.height_rounds.clone(),
        );
        registry.register(
            "commit_latency_seconds",
            "From a transaction's admission by this node to its commit",
            self.commit_latency_seconds.clone(),
        );
        registry.register(
            "block_interval_seconds",
            "Between the times of a block and its parent",
            self.interval_seconds.clone(),
        );
        registry.register("block_bytes", "Sizes of committed blocks", self.bytes.clone());
        registry.register(
            "block_transactions",
            "Transactions in a committed block",
            self.transactions.clone(),
        );
        registry.register(
            "blocks_held",
            "Proposed blocks whose time was away from this node's clock",
            self.held.clone(),
        );
        registry.register(
            "messages_discarded",
            "Consensus messages dropped as wrong, late or repeated",
            self.messages_discarded.clone(),
        );
    }
}

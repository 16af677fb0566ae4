//! What a node counts. Labels are kinds, and what the genesis document names: the number of series
//! is bounded whatever is submitted.
//!
//! ```text
//! replica thread ─▶ chain, blocks, validators ─┐
//! API ─▶ submissions, requests, connections ───┼─▶ GET /metrics
//! database, disk, /proc ─▶ sampled ────────────┘   (looked up when asked)
//! ```

mod blocks;
mod sampled;
mod sync;
mod validators;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use vouchsafe_genesis::Genesis;

use self::blocks::BlockMetrics;
use self::sampled::SampledMetrics;
use self::sync::SyncMetrics;
use self::validators::ValidatorMetrics;
use crate::network::NetworkMetrics;

/// What the names of this program's own metrics begin with.
const PREFIX: &str = "vouchsafe";

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum SubmissionResult {
    /// It waits to be included.
    Pooled,
    /// It was pooled or committed before.
    Repeated,
    /// It broke a rule.
    Refused,
    /// The node was full.
    Overloaded,
}

impl SubmissionResult {
    const ALL: [Self; 4] = [Self::Pooled, Self::Repeated, Self::Refused, Self::Overloaded];
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct SubmissionLabels {
    pub(crate) result: SubmissionResult,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    /// One of the service's methods, or "other".
    pub(crate) method: &'static str,
    /// The gRPC code's number.
    pub(crate) code: i32,
}

/// Who serves a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Server {
    /// The API.
    Grpc,
    /// Probes and metrics.
    Http,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ServerLabels {
    pub(crate) server: Server,
}

/// A gauge of seconds.
type SecondsGauge = Gauge<f64, AtomicU64>;

/// All metrics; clones of each share one value.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) height: Gauge,
    pub(crate) head_time_seconds: SecondsGauge,
    pub(crate) round: Gauge,
    pub(crate) votes: Gauge,
    pub(crate) rounds: Counter,
    pub(crate) transactions: Counter,
    pub(crate) mempool_transactions: Gauge,
    pub(crate) mempool_bytes: Gauge,
    pub(crate) mempool_transactions_max: Gauge,
    pub(crate) mempool_bytes_max: Gauge,
    pub(crate) waiters: Gauge,
    pub(crate) submissions: Family<SubmissionLabels, Counter>,
    pub(crate) requests: Family<RequestLabels, Counter>,
    pub(crate) wal_entries: Counter,
    pub(crate) wal_flushes: Counter,
    pub(crate) sign_record_writes: Counter,
    pub(crate) invalid_blocks: Counter,
    pub(crate) misbehaviour: Counter,
    pub(crate) waiting_evidence: Gauge,
    pub(crate) recorded_evidence: Counter,
    pub(crate) height_seconds: Histogram,
    pub(crate) commit_write_seconds: Histogram,
    pub(crate) receipt_seconds: Histogram,
    pub(crate) connections: Family<ServerLabels, Gauge>,
    pub(crate) blocks: BlockMetrics,
    pub(crate) validators: ValidatorMetrics,
    pub(crate) sync: SyncMetrics,
    pub(crate) sampled: SampledMetrics,
    pub(crate) network: Arc<NetworkMetrics>,
}

/// From 0.1 ms to 26 s.
fn latency() -> Histogram {
    Histogram::new(exponential_buckets(0.0001, 2.0, 19))
}

impl Metrics {
    /// Metrics of a node on a chain.
    pub(crate) fn new(genesis: &Genesis) -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            height: Gauge::default(),
            head_time_seconds: SecondsGauge::default(),
            round: Gauge::default(),
            votes: Gauge::default(),
            rounds: Counter::default(),
            transactions: Counter::default(),
            mempool_transactions: Gauge::default(),
            mempool_bytes: Gauge::default(),
            mempool_transactions_max: Gauge::default(),
            mempool_bytes_max: Gauge::default(),
            waiters: Gauge::default(),
            submissions: Family::default(),
            requests: Family::default(),
            wal_entries: Counter::default(),
            wal_flushes: Counter::default(),
            sign_record_writes: Counter::default(),
            invalid_blocks: Counter::default(),
            misbehaviour: Counter::default(),
            waiting_evidence: Gauge::default(),
            recorded_evidence: Counter::default(),
            height_seconds: latency(),
            commit_write_seconds: latency(),
            receipt_seconds: latency(),
            network: Arc::new(NetworkMetrics::new()),
            connections: Family::default(),
            blocks: BlockMetrics::new(),
            validators: ValidatorMetrics::new(genesis.validator_set()),
            sync: SyncMetrics::default(),
            sampled: SampledMetrics::new(),
        };
        // What has not happened yet is 0: nobody can ask how much a missing series grew.
        for result in SubmissionResult::ALL {
            drop(metrics.submissions.get_or_create(&SubmissionLabels { result }));
        }
        for server in [Server::Grpc, Server::Http] {
            drop(metrics.connections.get_or_create(&ServerLabels { server }));
        }
        let mut registry = Registry::default();
        metrics.sampled.register_process(&mut registry);
        let own = registry.sub_registry_with_prefix(PREFIX);
        let chain =
            [("id", genesis.chain_id().to_string()), ("name", genesis.chain_name().to_owned())];
        own.register("chain", "The chain that this node is on", Info::new(chain.to_vec()));
        metrics.register_chain(own);
        metrics.register_writes(own);
        metrics.register_service(own);
        metrics.blocks.register(own);
        metrics.validators.register(own);
        metrics.sync.register(own);
        metrics.network.register(own);
        metrics.sampled.register(own);
        metrics.registry = registry;
        metrics
    }

    fn register_chain(&self, registry: &mut Registry) {
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The program's version", build);
        registry.register("height", "The newest committed height", self.height.clone());
        registry.register(
            "head_time_seconds",
            "The newest block's time, in seconds since 1970",
            self.head_time_seconds.clone(),
        );
        registry.register("round", "The round of the height being decided", self.round.clone());
        registry.register("votes", "1 if this node votes, 0 if it follows", self.votes.clone());
        registry.register("rounds", "Rounds begun", self.rounds.clone());
        registry.register("transactions", "Transactions committed", self.transactions.clone());
        registry.register("invalid_blocks", "Blocks found invalid", self.invalid_blocks.clone());
        registry.register(
            "misbehaviour",
            "Validators' contradictions seen, or told of by peers",
            self.misbehaviour.clone(),
        );
        registry.register(
            "waiting_evidence",
            "Pieces of evidence that no block holds yet",
            self.waiting_evidence.clone(),
        );
        registry.register(
            "recorded_evidence",
            "Pieces of evidence in the blocks committed since the start",
            self.recorded_evidence.clone(),
        );
    }

    fn register_writes(&self, registry: &mut Registry) {
        registry.register("wal_entries", "Entries appended to the log", self.wal_entries.clone());
        registry.register("wal_flushes", "Synced writes of the log", self.wal_flushes.clone());
        registry.register(
            "sign_record_writes",
            "Synced writes of the sign record",
            self.sign_record_writes.clone(),
        );
        registry.register(
            "height_seconds",
            "From the first round of a height to its commit",
            self.height_seconds.clone(),
        );
        registry.register(
            "commit_write_seconds",
            "The synced write of a committed height",
            self.commit_write_seconds.clone(),
        );
    }

    fn register_service(&self, registry: &mut Registry) {
        registry.register(
            "mempool_transactions",
            "Transactions that wait to be included",
            self.mempool_transactions.clone(),
        );
        registry.register("mempool_bytes", "Their bytes", self.mempool_bytes.clone());
        registry.register(
            "mempool_transactions_max",
            "The most transactions that may wait",
            self.mempool_transactions_max.clone(),
        );
        registry.register(
            "mempool_bytes_max",
            "The most bytes of them",
            self.mempool_bytes_max.clone(),
        );
        registry.register("waiters", "Requests that wait for a receipt", self.waiters.clone());
        registry.register(
            "submissions",
            "Submissions by what became of them",
            self.submissions.clone(),
        );
        registry.register(
            "grpc_requests",
            "Requests by method and gRPC code",
            self.requests.clone(),
        );
        registry.register(
            "receipt_seconds",
            "From a submission's arrival to its receipt",
            self.receipt_seconds.clone(),
        );
        registry.register("connections", "Connections open", self.connections.clone());
    }

    /// Shows the bounds of the pool beside what is in it.
    pub(crate) fn set_mempool_limits(&self, transactions_max: usize, bytes_max: usize) {
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.mempool_transactions_max.set(gauge(transactions_max));
        self.mempool_bytes_max.set(gauge(bytes_max));
    }

    /// The gauge of a server's connections.
    pub(crate) fn connections_of(&self, server: Server) -> Gauge {
        self.connections.get_or_create(&ServerLabels { server }).clone()
    }

    /// Counts a submission.
    pub(crate) fn count_submission(&self, result: SubmissionResult) {
        self.submissions.get_or_create(&SubmissionLabels { result }).inc();
    }

    /// All metrics in OpenMetrics' text format.
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing to memory cannot fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use vouchsafe_genesis::{Member, Organization, Parameters, ValidatorEntry};
    use vouchsafe_keys::{SecretKey, peer_id};
    use vouchsafe_types::identity::OrganizationId;

    use super::*;

    /// A chain of one organization with two validators.
    fn genesis() -> Genesis {
        let key = |seed: u8| SecretKey::from_seed(&[seed; 32]).public_key();
        let id = OrganizationId::new("acme").expect("an id");
        let organization = Organization {
            id: id.clone(),
            name: "Acme".to_owned(),
            admin_keys: vec![key(1)],
            admin_threshold: 1,
            signers: vec![],
        };
        let validator = |seed| ValidatorEntry {
            organization: id.clone(),
            consensus_key: key(seed),
            peer_id: peer_id(&key(seed + 1)).expect("a peer"),
            power: 1,
            addresses: vec![],
        };
        let member = Member::new(organization, vec![validator(2), validator(4)], vec![]);
        let members = vec![member.expect("a member")];
        Genesis::assemble("test", 1, Parameters::default(), members).expect("valid")
    }

    #[test]
    fn metrics_are_encoded_with_their_names() {
        let metrics = Metrics::new(&genesis());
        metrics.count_submission(SubmissionResult::Pooled);
        metrics.height.set(7);
        let text = metrics.encode();
        assert!(text.contains("vouchsafe_height 7"), "{text}");
        assert!(text.contains("vouchsafe_submissions_total{result=\"Pooled\"} 1"), "{text}");
        assert!(text.contains("\nprocess_open_fds 0\n"), "{text}");
        assert!(text.contains("vouchsafe_chain_info{id=\""), "{text}");
        let missed = "vouchsafe_validator_votes_missed_total{organization=\"acme\",validator=\"";
        assert_eq!(text.matches(missed).count(), 2, "{text}");
        assert!(text.ends_with("# EOF\n"));
    }
}

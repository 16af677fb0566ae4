//! What the network counts. Labels are kinds, and members that the genesis document names: their
//! number is bounded whoever connects.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What gossip is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Topic {
    Consensus,
    Transactions,
}

/// What became of a message that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum GossipVerdict {
    Accepted,
    Ignored,
    Rejected,
}

/// What became of a message that was to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum PublishResult {
    Published,
    /// Nobody is connected who listens.
    NoPeers,
    /// Nobody takes more.
    QueuesFull,
    Failed,
}

/// Why a connection was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Refusal {
    /// Not a member, or dropped for what it sent.
    NotAllowed,
    /// One connection too many.
    Limit,
    /// It did not get through the handshake.
    Handshake,
}

/// What was dropped because a queue was full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum DroppedKind {
    /// Something that the replica wants sent.
    Outgoing,
    /// A message for the replica.
    Received,
    /// A message of transactions to be verified.
    Transactions,
    /// A peer's request.
    Request,
}

/// What became of a request to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum RequestResult {
    Answered,
    NotConnected,
    Timeout,
    Failed,
    /// The answer could not be read.
    Rubbish,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct MemberLabels {
    pub(crate) organization: String,
    /// Its number in the genesis document's order.
    pub(crate) member: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ReceivedLabels {
    pub(crate) topic: Topic,
    pub(crate) verdict: GossipVerdict,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct PublishedLabels {
    pub(crate) topic: Topic,
    pub(crate) result: PublishResult,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct TopicLabels {
    pub(crate) topic: Topic,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RefusalLabels {
    pub(crate) reason: Refusal,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct DroppedLabels {
    pub(crate) kind: DroppedKind,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestResultLabels {
    pub(crate) result: RequestResult,
}

/// The network's metrics; clones of each share one value.
pub(crate) struct NetworkMetrics {
    pub(crate) peers: Gauge,
    pub(crate) connected: Family<MemberLabels, Gauge>,
    pub(crate) failed_dials: Counter,
    pub(crate) refused: Family<RefusalLabels, Counter>,
    pub(crate) received: Family<ReceivedLabels, Counter>,
    pub(crate) received_bytes: Family<TopicLabels, Counter>,
    pub(crate) published: Family<PublishedLabels, Counter>,
    pub(crate) published_bytes: Family<TopicLabels, Counter>,
    pub(crate) dropped: Family<DroppedLabels, Counter>,
    pub(crate) requests: Family<RequestResultLabels, Counter>,
    pub(crate) request_seconds: Histogram,
    pub(crate) served: Counter,
    pub(crate) blamed: Counter,
    pub(crate) dropped_peers: Counter,
    pub(crate) slow_peers: Counter,
    pub(crate) silent_connections: Counter,
}

impl NetworkMetrics {
    pub(crate) fn new() -> Self {
        let metrics = Self::empty();
        // What has not happened yet is 0: nobody can ask how much a missing series grew.
        for reason in [Refusal::NotAllowed, Refusal::Limit, Refusal::Handshake] {
            drop(metrics.refused.get_or_create(&RefusalLabels { reason }));
        }
        for kind in [
            DroppedKind::Outgoing,
            DroppedKind::Received,
            DroppedKind::Transactions,
            DroppedKind::Request,
        ] {
            drop(metrics.dropped.get_or_create(&DroppedLabels { kind }));
        }
        for topic in [Topic::Consensus, Topic::Transactions] {
            for verdict in
                [GossipVerdict::Accepted, GossipVerdict::Ignored, GossipVerdict::Rejected]
            {
                drop(metrics.received.get_or_create(&ReceivedLabels { topic, verdict }));
            }
        }
        metrics
    }

    fn empty() -> Self {
        Self {
            peers: Gauge::default(),
            connected: Family::default(),
            failed_dials: Counter::default(),
            refused: Family::default(),
            received: Family::default(),
            received_bytes: Family::default(),
            published: Family::default(),
            published_bytes: Family::default(),
            dropped: Family::default(),
            requests: Family::default(),
            // From 0.5 ms to 16 s.
            request_seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 16)),
            served: Counter::default(),
            blamed: Counter::default(),
            dropped_peers: Counter::default(),
            slow_peers: Counter::default(),
            silent_connections: Counter::default(),
        }
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("peers", "Members connected", self.peers.clone());
        registry.register(
            "peer_connected",
            "1 if the member is connected, 0 if not",
            self.connected.clone(),
        );
        registry.register("p2p_failed_dials", "Members dialed in vain", self.failed_dials.clone());
        registry.register(
            "p2p_refused_connections",
            "Connections of peers refused, by reason",
            self.refused.clone(),
        );
        registry.register(
            "p2p_dropped",
            "What was dropped because a queue was full",
            self.dropped.clone(),
        );
        registry.register("p2p_blamed", "Faults that peers were blamed for", self.blamed.clone());
        registry.register(
            "p2p_dropped_peers",
            "Peers dropped for what they sent",
            self.dropped_peers.clone(),
        );
        registry.register(
            "p2p_slow_peers",
            "Peers disconnected because they took messages too slowly",
            self.slow_peers.clone(),
        );
        registry.register(
            "p2p_silent_connections",
            "Connections closed because the peer gave no sign of life",
            self.silent_connections.clone(),
        );
        self.register_messages(registry);
    }

    fn register_messages(&self, registry: &mut Registry) {
        registry.register(
            "gossip_received",
            "Messages received, by topic and verdict",
            self.received.clone(),
        );
        registry.register(
            "gossip_received_bytes",
            "Their bytes, by topic",
            self.received_bytes.clone(),
        );
        registry.register(
            "gossip_published",
            "Messages of this node, by topic and what became of them",
            self.published.clone(),
        );
        registry.register(
            "gossip_published_bytes",
            "The bytes of those that were published, by topic",
            self.published_bytes.clone(),
        );
        registry.register(
            "peer_requests",
            "Requests to peers, by what became of them",
            self.requests.clone(),
        );
        registry.register(
            "peer_request_seconds",
            "From a request to a peer to its answer",
            self.request_seconds.clone(),
        );
        registry.register("peer_requests_served", "Peers' requests answered", self.served.clone());
    }

    pub(crate) fn count_refused(&self, reason: Refusal) {
        self.refused.get_or_create(&RefusalLabels { reason }).inc();
    }

    pub(crate) fn count_dropped(&self, kind: DroppedKind) {
        self.dropped.get_or_create(&DroppedLabels { kind }).inc();
    }

    pub(crate) fn count_received(&self, topic: Topic, verdict: GossipVerdict) {
        self.received.get_or_create(&ReceivedLabels { topic, verdict }).inc();
    }

    pub(crate) fn count_published(&self, topic: Topic, result: PublishResult, bytes: usize) {
        self.published.get_or_create(&PublishedLabels { topic, result }).inc();
        if result == PublishResult::Published {
            self.published_bytes.get_or_create(&TopicLabels { topic }).inc_by(bytes as u64);
        }
    }

    pub(crate) fn count_request(&self, result: RequestResult) {
        self.requests.get_or_create(&RequestResultLabels { result }).inc();
    }
}

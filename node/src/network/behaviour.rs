//! The protocols that nodes speak, and their bounds.
//!
//! ```text
//! TCP ─ Noise ─ Yamux ─┬─ members, limits   who may connect, and how often
//!                      ├─ ping              is the peer still there?
//!                      ├─ gossip            votes, proposals, transactions: to everyone
//!                      └─ requests          blocks and parts of them: from one
//! ```
//!
//! Those that refuse connections come first: the others never hear of a stranger.

use std::collections::HashSet;
use std::time::Duration;

use libp2p::allow_block_list::{self, AllowedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::core::upgrade;
use libp2p::gossipsub::{
    self, IdentityTransform, MaxCountSubscriptionFilter, MessageAuthenticity, ValidationMode,
    WhitelistSubscriptionFilter,
};
use libp2p::identity::Keypair;
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::{self, NetworkBehaviour};
use libp2p::{StreamProtocol, Swarm, Transport, noise, ping, tcp, yamux};
use vouchsafe_replica::peer::{GOSSIP_BYTES_MAX, Transactions};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::ChainId;

use super::codec::Codec;
use super::members::Members;
use super::patience::Patience;
use super::wire::{SEQUENCE_BYTES, Topics, message_id, request_protocol};

/// The longest time from a dial to a connection: a healed network is whole again soon after.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How often a peer is asked whether it is there.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// How long it may take to say so (see [`vitals`](super::vitals)).
const PING_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a write may wait until any of it is taken; a peer that is gone takes nothing.
const WRITE_TIMEOUT: Duration = Duration::from_secs(4);
/// Connections are kept, used or not.
const IDLE_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3600);

/// The most connections in their handshake at a time, either way.
const PENDING_MAX: u32 = 64;
/// The most connections with one peer: two, since both may dial at the same moment.
pub(crate) const CONNECTIONS_PER_PEER_MAX: u32 = 2;

/// How often peers are told which messages there are.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// How soon after the start they first are.
const FIRST_HEARTBEAT: Duration = Duration::from_millis(100);
/// To how many peers a message is relayed unasked. Publishers send to all, and all are connected
/// with all: a relayed message would be one that its receiver has. Where a link is cut, the others
/// tell of their messages at each heartbeat, and who lacks one asks for it.
const MESH: usize = 0;
/// With how many at most, if they wish to: none of this program does.
const MESH_MOST: usize = 12;
/// Heartbeats for which messages are kept until their verdict: 10 s.
const HISTORY_HEARTBEATS: usize = 20;
/// Heartbeats whose messages peers are told of: 1.5 s.
const HISTORY_TOLD_HEARTBEATS: usize = 3;
/// For how long a message is known as seen.
const SEEN: Duration = Duration::from_secs(60);
/// Messages that wait for one peer: half of them this node's own, half relayed.
const PEER_QUEUE_MAX: usize = 2048;
/// How long a message of this node's waits for a slow peer.
const PUBLISH_WAIT: Duration = Duration::from_secs(5);
/// How long a relayed message waits for a slow peer.
const RELAY_WAIT: Duration = Duration::from_secs(2);
/// What gossipsub puts around a message, in bytes at most: topic, lengths and tags.
const GOSSIP_FRAME_BYTES: usize = 1024;
/// The most messages, or control messages, that are taken from one frame. Nodes send one.
const MESSAGES_PER_FRAME_MAX: usize = 64;

/// How long a request may take, from its first byte to the answer's last.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The most requests at a time on one connection, either way.
const REQUESTS_PER_CONNECTION_MAX: usize = 64;

/// Gossip whose topics are this chain's.
pub(crate) type GossipBehaviour = gossipsub::Behaviour<
    IdentityTransform,
    MaxCountSubscriptionFilter<WhitelistSubscriptionFilter>,
>;

/// All protocols.
#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    pub(crate) members: allow_block_list::Behaviour<AllowedPeers>,
    limits: connection_limits::Behaviour,
    ping: ping::Behaviour,
    pub(crate) gossip: GossipBehaviour,
    pub(crate) requests: request_response::Behaviour<Codec>,
}

impl Behaviour {
    fn new(chain_id: &ChainId, members: &Members) -> Self {
        let mut allowed = allow_block_list::Behaviour::default();
        let mut count = 0;
        for (_, member) in members.others() {
            allowed.allow_peer(member.peer_id);
            count += 1;
        }
        let limits = ConnectionLimits::default()
            .with_max_pending_incoming(Some(PENDING_MAX))
            .with_max_pending_outgoing(Some(PENDING_MAX))
            .with_max_established_per_peer(Some(CONNECTIONS_PER_PEER_MAX))
            .with_max_established(Some(CONNECTIONS_PER_PEER_MAX * count));
        let ping = ping::Config::new().with_interval(PING_INTERVAL).with_timeout(PING_TIMEOUT);
        Self {
            members: allowed,
            limits: connection_limits::Behaviour::new(limits),
            ping: ping::Behaviour::new(ping),
            gossip: gossip(&Topics::of(chain_id)),
            requests: requests(chain_id),
        }
    }
}

fn gossip(topics: &Topics) -> GossipBehaviour {
    let consensus_bytes_max = SEQUENCE_BYTES + GOSSIP_BYTES_MAX;
    let transactions_bytes_max = SEQUENCE_BYTES + Transactions::LIMIT_BYTES;
    let config = gossipsub::ConfigBuilder::default()
        .validation_mode(ValidationMode::Anonymous)
        .validate_messages()
        .message_id_fn(message_id)
        .max_transmit_size(consensus_bytes_max + GOSSIP_FRAME_BYTES)
        .set_topic_max_transmit_size(topics.consensus.hash(), consensus_bytes_max)
        .set_topic_max_transmit_size(topics.transactions.hash(), transactions_bytes_max)
        .max_messages_per_rpc(Some(MESSAGES_PER_FRAME_MAX))
        .heartbeat_interval(HEARTBEAT)
        .heartbeat_initial_delay(FIRST_HEARTBEAT)
        .flood_publish(true)
        .mesh_n(MESH)
        .mesh_n_low(MESH)
        .mesh_outbound_min(MESH)
        .mesh_n_high(MESH_MOST)
        .history_length(HISTORY_HEARTBEATS)
        .history_gossip(HISTORY_TOLD_HEARTBEATS)
        .duplicate_cache_time(SEEN)
        .connection_handler_queue_len(PEER_QUEUE_MAX)
        .publish_queue_duration(PUBLISH_WAIT)
        .forward_queue_duration(RELAY_WAIT)
        .build()
        .expect("these numbers do not change, and a test builds with them");
    let both = [topics.consensus.hash(), topics.transactions.hash()];
    let filter = MaxCountSubscriptionFilter {
        max_subscribed_topics: both.len(),
        max_subscriptions_per_request: 2 * both.len(),
        filter: WhitelistSubscriptionFilter(HashSet::from(both)),
    };
    // Peers are known by their handshake, and messages carry signatures of their own.
    let authenticity = MessageAuthenticity::Anonymous;
    let mut gossip = GossipBehaviour::new_with_subscription_filter(authenticity, config, filter)
        .expect("anonymous messages are validated as anonymous");
    for topic in [&topics.consensus, &topics.transactions] {
        gossip.subscribe(topic).expect("the filter has both topics");
    }
    gossip
}

fn requests(chain_id: &ChainId) -> request_response::Behaviour<Codec> {
    let protocol = StreamProtocol::try_from_owned(request_protocol(chain_id))
        .expect("its name begins with a slash");
    let config = request_response::Config::default()
        .with_request_timeout(REQUEST_TIMEOUT)
        .with_max_concurrent_streams(REQUESTS_PER_CONNECTION_MAX);
    request_response::Behaviour::new([(protocol, ProtocolSupport::Full)], config)
}

/// A swarm that listens nowhere yet.
///
/// # Errors
/// [`noise::Error`] when the key does not serve for the handshake.
pub(crate) fn swarm(
    key: Keypair,
    chain_id: &ChainId,
    members: &Members,
) -> Result<Swarm<Behaviour>, noise::Error> {
    let peer_id = key.public().to_peer_id();
    let transport = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
        .map(|stream, _| Patience::new(stream, WRITE_TIMEOUT))
        .upgrade(upgrade::Version::V1Lazy)
        .authenticate(noise::Config::new(&key)?)
        .multiplex(yamux::Config::default())
        .timeout(CONNECT_TIMEOUT)
        .boxed();
    let config = swarm::Config::with_tokio_executor().with_idle_connection_timeout(IDLE_TIMEOUT);
    Ok(Swarm::new(transport, Behaviour::new(chain_id, members), peer_id, config))
}

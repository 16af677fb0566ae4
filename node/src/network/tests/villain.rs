//! A node that breaks the protocol: it holds a member's key, speaks gossip without bounds, and
//! writes whatever bytes it likes as requests and responses.

use std::io;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use libp2p::gossipsub::{self, MessageAuthenticity, ValidationMode};
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{StreamProtocol, Swarm, SwarmBuilder, noise, tcp, yamux};
use vouchsafe_genesis::Genesis;

use super::harness::{any_port, node_key};
use crate::network::address::PeerAddress;
use crate::network::wire::{Topics, message_id, request_protocol};

/// Bytes as they are.
#[derive(Clone, Copy, Default)]
pub(super) struct RawCodec;

async fn read_all<T: AsyncRead + Unpin + Send>(stream: &mut T) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

#[tonic::async_trait]
impl request_response::Codec for RawCodec {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, stream: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_all(stream).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, stream: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_all(stream).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        stream: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        stream.write_all(&bytes).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        stream: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        stream.write_all(&bytes).await
    }
}

#[derive(NetworkBehaviour)]
pub(super) struct VillainBehaviour {
    ping: libp2p::ping::Behaviour,
    pub(super) gossip: gossipsub::Behaviour,
    pub(super) requests: request_response::Behaviour<RawCodec>,
}

/// The villain.
pub(super) struct Villain {
    pub(super) swarm: Swarm<VillainBehaviour>,
    pub(super) topics: Topics,
    pub(super) address: PeerAddress,
}

impl Villain {
    /// With the node key of an index, which may be no member's.
    pub(super) async fn start(genesis: &Genesis, index: u8) -> Self {
        let chain_id = genesis.chain_id();
        let topics = Topics::of(&chain_id);
        let key = node_key(index);
        let behaviour = || {
            let config = gossipsub::ConfigBuilder::default()
                .validation_mode(ValidationMode::Anonymous)
                .message_id_fn(message_id)
                .max_transmit_size(64 << 20)
                .build()
                .expect("valid");
            let mut gossip = gossipsub::Behaviour::new(MessageAuthenticity::Anonymous, config)
                .expect("anonymous");
            gossip.subscribe(&topics.consensus).expect("no filter");
            gossip.subscribe(&topics.transactions).expect("no filter");
            let protocol = StreamProtocol::try_from_owned(request_protocol(&chain_id));
            let requests = request_response::Behaviour::new(
                [(protocol.expect("a slash"), ProtocolSupport::Full)],
                request_response::Config::default(),
            );
            VillainBehaviour { ping: libp2p::ping::Behaviour::default(), gossip, requests }
        };
        let Ok(builder) = SwarmBuilder::with_existing_identity(key.to_libp2p())
            .with_tokio()
            .with_tcp(tcp::Config::default(), noise::Config::new, yamux::Config::default)
            .expect("a key")
            .with_behaviour(|_| behaviour());
        let idle = std::time::Duration::from_secs(3600);
        let mut swarm =
            builder.with_swarm_config(|config| config.with_idle_connection_timeout(idle)).build();
        swarm.listen_on(any_port()).expect("free");
        let address = loop {
            if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                break address;
            }
        };
        Self { swarm, topics, address: PeerAddress { peer_id: key.peer_id(), address } }
    }

    /// Dials a node, whatever becomes of it.
    pub(super) fn dial(&mut self, node: &PeerAddress) {
        use libp2p::swarm::dial_opts::DialOpts;
        let options = DialOpts::peer_id(node.peer_id).addresses(vec![node.address.clone()]);
        // A node that refuses is dialed again by whoever wants it.
        let _ = self.swarm.dial(options.allocate_new_port().build());
    }

    /// Dials until connected, and until the node listens to gossip.
    pub(super) async fn connect(&mut self, node: &PeerAddress) {
        self.dial(node);
        let (mut consensus, mut transactions) = (false, false);
        while !(consensus && transactions) {
            match self.swarm.select_next_some().await {
                SwarmEvent::Behaviour(VillainBehaviourEvent::Gossip(
                    gossipsub::Event::Subscribed { topic, .. },
                )) => {
                    consensus |= topic == self.topics.consensus.hash();
                    transactions |= topic == self.topics.transactions.hash();
                }
                SwarmEvent::OutgoingConnectionError { .. } => self.dial(node),
                _ => {}
            }
        }
    }

    /// Acts until the test's own future is done.
    pub(super) async fn while_running<T>(
        &mut self,
        test: impl Future<Output = T>,
        mut act: impl FnMut(&mut Swarm<VillainBehaviour>, SwarmEvent<VillainBehaviourEvent>),
    ) -> T {
        tokio::pin!(test);
        loop {
            tokio::select! {
                done = &mut test => return done,
                event = self.swarm.select_next_some() => act(&mut self.swarm, event),
            }
        }
    }
}

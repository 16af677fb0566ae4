//! A chain of some validators, and nodes of it: the network with the replica's inbox in the test's
//! hands.

use std::sync::Arc;
use std::time::{Duration, Instant};

use libp2p::Multiaddr;
use tokio::task::JoinHandle;
use vouchsafe_consensus::message::Message;
use vouchsafe_genesis::{Genesis, Member, Organization, Parameters, Role, Signer, ValidatorEntry};
use vouchsafe_keys::SecretKey;
use vouchsafe_ledger::{Ledger, MemoryStore};
use vouchsafe_replica::peer::{PeerMessage, Request, Response};
use vouchsafe_replica::{Admission, Delivery, Event, PeerNumber, RequestNumber, Verdict};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::identity::{OrganizationId, Signature};
use vouchsafe_types::signature::Zip215;
use vouchsafe_types::vote::{SignedVote, Vote, VoteKind};

use crate::admission::{AdmissionQueue, VerifiedBatch};
use crate::fetched::FetchedQueue;
use crate::inbox::{self, Inbox};
use crate::network::address::PeerAddress;
use crate::network::handle::{Command, NetworkHandle};
use crate::network::members::Members;
use crate::network::metrics::NetworkMetrics;
use crate::network::start::Bound;
use crate::network::surroundings::Surroundings;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a poll pauses.
const PAUSE: Duration = Duration::from_millis(2);

/// The consensus key of a validator.
fn consensus_key(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index + 1; 32])
}

/// The node key of a validator; also of strangers, whose index is beyond the chain's.
pub(super) fn node_key(index: u8) -> SecretKey {
    SecretKey::from_seed(&[index + 101; 32])
}

/// A chain of `count` organizations with one validator each.
pub(super) fn chain(count: u8) -> Genesis {
    let member = |index: u8| {
        let id = OrganizationId::new(&format!("member-{index}")).expect("valid");
        let admin = SecretKey::from_seed(&[index + 201; 32]).public_key();
        let organization = Organization {
            id: id.clone(),
            name: format!("Member {index}"),
            admin_keys: vec![admin],
            admin_threshold: 1,
            signers: vec![Signer { public_key: admin, role: Role::Signer, not_after_ms: None }],
        };
        let validator = ValidatorEntry {
            organization: id,
            consensus_key: consensus_key(index).public_key(),
            peer_id: node_key(index).peer_id(),
            power: 1,
            addresses: vec![],
        };
        Member::new(organization, vec![validator], vec![]).expect("valid")
    };
    let members = (0..count).map(member).collect();
    Genesis::assemble("test", 1, Parameters::default(), members).expect("valid")
}

/// A signer of the chain's first organization.
pub(super) fn signer() -> SecretKey {
    SecretKey::from_seed(&[201; 32])
}

/// The members of a chain, as one of them sees them.
pub(super) fn members(genesis: &Genesis, index: u8, peers: &[PeerAddress]) -> Members {
    let key = consensus_key(index).public_key();
    Members::new(genesis, &key, node_key(index).peer_id(), peers).expect("a member")
}

/// Any port of this machine.
pub(super) fn any_port() -> Multiaddr {
    "/ip4/127.0.0.1/tcp/0".parse().expect("an address")
}

/// A vote that nobody here checks.
pub(super) fn vote(round: u32) -> PeerMessage {
    let vote = Vote {
        version: Version,
        kind: VoteKind::Prevote,
        height: 1,
        round,
        block_id: None,
        address: consensus_key(0).public_key().address(),
    };
    PeerMessage::Consensus(Message::Vote(SignedVote { vote, signature: Signature([7; 64]) }))
}

/// Polls until there is an answer.
pub(super) async fn poll<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = attempt() {
            return answer;
        }
        assert!(began.elapsed() < PATIENCE, "gave up on {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// A node's network.
pub(super) struct TestNode {
    pub(super) index: u8,
    pub(super) network: NetworkHandle,
    pub(super) inbox: Inbox,
    pub(super) metrics: Arc<NetworkMetrics>,
    pub(super) address: PeerAddress,
    task: JoinHandle<()>,
    next_request: u64,
}

impl TestNode {
    /// Starts the network of one validator, which dials `peers`. Its pool takes everything.
    pub(super) async fn start(genesis: &Genesis, index: u8, peers: &[&PeerAddress]) -> Self {
        Self::start_at(genesis, index, peers, any_port()).await
    }

    /// The same at an address.
    pub(super) async fn start_at(
        genesis: &Genesis,
        index: u8,
        peers: &[&PeerAddress],
        listen: Multiaddr,
    ) -> Self {
        let key = node_key(index);
        let peers: Vec<_> = peers.iter().copied().cloned().collect();
        let members = members(genesis, index, &peers);
        let bound = Bound::bind(genesis, &key, members, Some(listen)).await.expect("free");
        let address = bound.address.clone().expect("it listens");
        let metrics = Arc::new(NetworkMetrics::new());
        let (network, commands) = NetworkHandle::channel(Arc::clone(&metrics));
        let (replica, inbox) = inbox::channel();
        let pool = |batch: VerifiedBatch| {
            for (transaction, reply) in batch {
                reply.send(Ok(Admission::Pooled(transaction.id())));
            }
            true
        };
        let admission = AdmissionQueue::start(genesis.chain_id(), pool).expect("a thread").0;
        let rule = Arc::new(Zip215);
        let fetched =
            FetchedQueue::start(genesis.clone(), rule, replica.clone()).expect("a thread");
        let store = MemoryStore::new();
        Ledger::open(genesis, store.clone()).expect("a new chain");
        let metrics_of_task = Arc::clone(&metrics);
        let metrics_here = metrics;
        let task = bound.run(Surroundings {
            commands,
            replica,
            admission,
            fetched,
            store,
            answer: vouchsafe_replica::serve::answer,
            metrics: metrics_of_task,
        });
        let address = PeerAddress { peer_id: key.peer_id(), address };
        Self { index, network, inbox, metrics: metrics_here, address, task, next_request: 0 }
    }

    /// Ends the network and closes its port.
    pub(super) async fn stop(self) {
        let Self { network, task, .. } = self;
        drop(network);
        task.await.expect("no panic");
    }

    /// This node's number at every node of its chain.
    pub(super) fn number(&self, genesis: &Genesis) -> PeerNumber {
        members(genesis, self.index, &[]).number(&self.address.peer_id).expect("a member")
    }

    /// The next event for the replica.
    pub(super) async fn event(&self) -> Event {
        poll("an event", || self.inbox.take_peer()).await
    }

    /// Waits until a member has connected.
    pub(super) async fn until_connected(&self, peer: PeerNumber) {
        loop {
            if matches!(self.event().await, Event::PeerConnected { peer: who, .. } if who == peer) {
                return;
            }
        }
    }

    /// Waits until a member is gone.
    pub(super) async fn until_disconnected(&self, peer: PeerNumber) {
        loop {
            if matches!(self.event().await, Event::PeerDisconnected { peer: who } if who == peer) {
                return;
            }
        }
    }

    /// The next message of consensus.
    pub(super) async fn received(&self) -> (PeerNumber, Delivery, PeerMessage) {
        loop {
            if let Event::Received { from, delivery, message } = self.event().await {
                return (from, delivery, message);
            }
        }
    }

    /// Says something to everyone until `to` has heard it once: who has just connected may not
    /// have said yet that it listens.
    pub(super) async fn broadcast_until_heard(&self, message: &PeerMessage, to: &Self) -> Delivery {
        let began = Instant::now();
        loop {
            assert!(began.elapsed() < PATIENCE, "nothing was heard");
            self.broadcast(message.clone());
            for _ in 0..50 {
                if let Some(Event::Received { delivery, message: heard, .. }) = to.inbox.take_peer()
                    && heard == *message
                {
                    return delivery;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    pub(super) fn broadcast(&self, message: PeerMessage) {
        assert!(self.network.send(Command::Broadcast(message)));
    }

    pub(super) fn relay(&self, delivery: Delivery, verdict: Verdict) {
        assert!(self.network.send(Command::Relay { delivery, verdict }));
    }

    /// Asks a peer how far it is, without waiting.
    pub(super) fn ask(&mut self, peer: PeerNumber) -> RequestNumber {
        let number = RequestNumber(self.next_request);
        self.next_request += 1;
        let request = Request::Status { height: 0 };
        assert!(self.network.send(Command::Ask { peer, number, request }));
        number
    }

    /// The next answer.
    pub(super) async fn answer(&self) -> (RequestNumber, Option<Response>) {
        loop {
            if let Event::Answered { request, response } = self.event().await {
                return (request, response.map(|response| *response));
            }
        }
    }

    /// Asks a peer how far it is, and waits. A peer that is busy is asked again.
    pub(super) async fn asks_well(&mut self, peer: PeerNumber) {
        loop {
            let number = self.ask(peer);
            let (answered, response) = self.answer().await;
            assert_eq!(answered, number);
            if response.is_some() {
                assert_eq!(response, Some(Response::Status { height: 0 }));
                return;
            }
        }
    }
}

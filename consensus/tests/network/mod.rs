//! A whole network in one process: engines, disks that lose what was not synced, and a router with
//! virtual time. Everything follows from a seed.

#![allow(dead_code, reason = "each test program uses a part of this")]

pub(crate) mod faulty;
pub(crate) mod node;
pub(crate) mod raw;
pub(crate) mod solo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::sign_record::{SignMark, SignStep};
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::timer::Timer;
use vouchsafe_consensus::{Input, JudgedBlock, Phase};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, sha256};
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey, Signature};
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::vote::{Proposal, SignedProposal, SignedVote, Vote, VoteKind};

use node::Node;

/// How long a node waits before it starts a height without a reason, in milliseconds.
const HEARTBEAT_MS: u64 = 3_000;
/// How long after a decision its certificate is offered to those who lack it, in milliseconds.
const SYNC_MS: u64 = 700;

pub(crate) fn chain_id() -> ChainId {
    ChainId(Digest([7; 32]))
}

/// A key made from a number.
#[derive(Clone)]
pub(crate) struct Key(ed25519_zebra::SigningKey);

impl Key {
    pub(crate) fn new(seed: u8) -> Self {
        Self(ed25519_zebra::SigningKey::from([seed + 1; 32]))
    }

    pub(crate) fn address(&self) -> Address {
        self.public_key().address()
    }

    pub(crate) fn vote(
        &self,
        kind: VoteKind,
        height: u64,
        round: u32,
        block_id: Option<BlockId>,
    ) -> SignedVote {
        let address = self.address();
        let vote = Vote { version: Version, kind, height, round, block_id, address };
        let signature = self.sign(&vote.preimage(&chain_id()));
        SignedVote { vote, signature }
    }

    pub(crate) fn proposal(
        &self,
        height: u64,
        round: u32,
        pol_round: Option<u32>,
        block_id: BlockId,
    ) -> SignedProposal {
        let address = self.address();
        let proposal = Proposal { version: Version, height, round, pol_round, block_id, address };
        let signature = self.sign(&proposal.preimage(&chain_id()));
        SignedProposal { proposal, signature }
    }
}

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        PublicKey(ed25519_zebra::VerificationKeyBytes::from(&self.0).into())
    }
    fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).into())
    }
}

/// A set of equals.
pub(crate) fn set_of(keys: &[Key]) -> Arc<ValidatorSet> {
    let validators = keys
        .iter()
        .map(|key| Validator {
            public_key: key.public_key(),
            power: 1,
            organization: OrganizationId::new("acme").expect("valid"),
        })
        .collect();
    Arc::new(ValidatorSet::new(validators).expect("valid"))
}

pub(crate) fn keys(count: u8) -> Vec<Key> {
    (0..count).map(Key::new).collect()
}

/// The key of the proposer of a height and round.
pub(crate) fn proposer(keys: &[Key], height: u64, round: u32) -> &Key {
    let address = set_of(keys).proposer(height, round);
    keys.iter().find(|key| key.address() == address).expect("a member")
}

pub(crate) fn block(label: &str) -> BlockId {
    BlockId(sha256(&[label.as_bytes()]))
}

/// A block that exists somewhere: what its header says of its origin.
#[derive(Clone, Copy)]
pub(crate) struct Body {
    pub(crate) height: u64,
    pub(crate) round: u32,
    pub(crate) proposer: Address,
}

impl Body {
    pub(crate) fn judged(&self, block_id: BlockId) -> JudgedBlock {
        let Self { height, round, proposer } = *self;
        JudgedBlock { height, round, proposer, block_id, valid: true }
    }
}

/// What happens to a node, at a time.
pub(crate) enum Event {
    Deliver(Message),
    Timer(Timer),
    Heartbeat { height: u64 },
    OfferCertificate { height: u64 },
    Restart,
}

/// Where effects of one node become events of others.
pub(crate) struct Wire {
    now_ms: u64,
    sequence: u64,
    random: u64,
    events: BTreeMap<(u64, u64), (usize, Event)>,
    pub(crate) bodies: BTreeMap<BlockId, Body>,
    /// Every message of every validator that ever left, by place: two in one are a double-sign.
    pub(crate) signed: BTreeMap<(Address, u64, u32, SignStep), Digest>,
    pub(crate) double_signs: Vec<Message>,
    pub(crate) published: u64,
}

impl Wire {
    pub(crate) fn random(&mut self, below: u64) -> u64 {
        // Knuth's MMIX generator: the seed decides everything.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below
    }

    pub(crate) fn schedule(&mut self, node: usize, after_ms: u64, event: Event) {
        self.sequence += 1;
        self.events.insert((self.now_ms + after_ms, self.sequence), (node, event));
    }

    /// Notes what a message signs, and whether it contradicts another.
    pub(crate) fn witness(&mut self, message: &Message) -> Option<SignMark> {
        let chain_id = chain_id();
        let (address, mark) = match message {
            Message::Vote(signed) => (
                signed.vote.address,
                SignMark::of_vote(&signed.vote, &signed.vote.preimage(&chain_id)),
            ),
            Message::Proposal(signed) => (
                signed.proposal.address,
                SignMark::of_proposal(&signed.proposal, &signed.proposal.preimage(&chain_id)),
            ),
            _ => return None,
        };
        let (height, round, step) = mark.position();
        let place = (address, height, round, step);
        let first = *self.signed.entry(place).or_insert(mark.message_hash);
        if first != mark.message_hash {
            self.double_signs.push(message.clone());
        }
        Some(mark)
    }
}

/// The nodes and what is between them.
pub(crate) struct Network {
    pub(crate) keys: Vec<Key>,
    pub(crate) set: Arc<ValidatorSet>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) wire: Wire,
    /// Nodes that neither send nor receive.
    pub(crate) silent: BTreeSet<usize>,
    pub(crate) heartbeat_ms: u64,
}

impl Network {
    pub(crate) fn new(validators: u8, seed: u64) -> Self {
        let keys = keys(validators);
        let set = set_of(&keys);
        let nodes = keys.iter().map(|key| Node::new(key.clone(), set.clone())).collect();
        let wire = Wire {
            now_ms: 0,
            sequence: 0,
            random: seed,
            events: BTreeMap::new(),
            bodies: BTreeMap::new(),
            signed: BTreeMap::new(),
            double_signs: Vec::new(),
            published: 0,
        };
        let silent = BTreeSet::new();
        Self { keys, set, nodes, wire, silent, heartbeat_ms: HEARTBEAT_MS }
    }

    /// Starts every node's first height.
    pub(crate) fn begin(&mut self) {
        for index in 0..self.nodes.len() {
            self.on_waiting(index);
        }
    }

    /// The next event happens; false when there is none.
    pub(crate) fn step(&mut self) -> bool {
        let Some(((now_ms, _), (index, event))) = self.wire.events.pop_first() else {
            return false;
        };
        self.wire.now_ms = now_ms;
        if self.silent.contains(&index) {
            return true;
        }
        match event {
            Event::Restart => self.restart(index),
            _ if self.nodes[index].is_down() => {}
            Event::Deliver(message) => self.deliver(index, message),
            Event::Timer(timer) => self.input(index, Input::TimerElapsed(timer)),
            Event::Heartbeat { height } => {
                let engine = self.nodes[index].engine();
                if engine.height() == height && engine.phase() == Phase::Waiting {
                    self.start(index);
                }
            }
            Event::OfferCertificate { height } => self.offer(index, height),
        }
        true
    }

    /// Runs until every node that is not silent has decided `heights` heights.
    pub(crate) fn run_until(&mut self, heights: usize) {
        for _ in 0..2_000_000 {
            let mut live = (0..self.nodes.len()).filter(|index| !self.silent.contains(index));
            if live.all(|index| self.nodes[index].decisions.len() >= heights) {
                return;
            }
            assert!(self.step(), "nothing happens any more");
            if !self.nodes.iter().any(|node| node.disks_forget) {
                assert_eq!(self.wire.double_signs, [], "nothing is signed twice");
            }
        }
        panic!(
            "no progress: {:?}",
            self.nodes.iter().map(|n| n.decisions.len()).collect::<Vec<_>>()
        );
    }

    /// A message arrives, and with a proposal the block that it names.
    fn deliver(&mut self, index: usize, message: Message) {
        let proposed = match &message {
            Message::Proposal(signed) => Some(signed.proposal.block_id),
            _ => None,
        };
        self.input(index, Input::Message(message));
        if let Some(block_id) = proposed
            && let Some(body) = self.wire.bodies.get(&block_id)
        {
            self.input(index, Input::Judged(body.judged(block_id)));
        }
    }

    /// Another node has decided this height: the certificate is offered, and the block after it.
    fn offer(&mut self, index: usize, height: u64) {
        if self.nodes[index].engine().height() != height {
            return;
        }
        let position = usize::try_from(height - 1).expect("small");
        let holder = self.nodes.iter().find_map(|node| node.decisions.get(position));
        let Some(certificate) = holder.map(|decision| decision.certificate.clone()) else {
            return;
        };
        let block_id = certificate.block_id;
        self.input(index, Input::CommitCertificate(certificate));
        let judged = self.wire.bodies[&block_id].judged(block_id);
        self.input(index, Input::Judged(judged));
    }

    /// Feeds one input; a node whose power went hears nothing.
    pub(crate) fn input(&mut self, index: usize, input: Input) {
        if self.nodes[index].is_down() {
            return;
        }
        let effects = self.nodes[index].engine_mut().handle(input).expect("no fault");
        self.carry_out(index, effects);
    }

    /// Starts the height that a node waits for.
    pub(crate) fn start(&mut self, index: usize) {
        let effects = self.nodes[index].start();
        self.carry_out(index, effects);
    }

    /// Comes up again with what the disks hold.
    fn restart(&mut self, index: usize) {
        let set = self.set.clone();
        if self.nodes[index].restart(set, &mut self.wire) {
            let height = self.nodes[index].engine().height();
            self.wire.schedule(index, SYNC_MS, Event::OfferCertificate { height });
            self.start(index);
        } else {
            self.on_waiting(index);
        }
    }

    /// The proposer always has something to propose; the others wait to be asked.
    fn on_waiting(&mut self, index: usize) {
        let height = self.nodes[index].engine().height();
        self.wire.schedule(index, self.heartbeat_ms, Event::Heartbeat { height });
        if self.set.proposer(height, 0) == self.keys[index].address() {
            self.wire.schedule(index, 1, Event::Heartbeat { height });
        }
        if self.nodes.iter().any(|node| node.decisions.len() as u64 >= height) {
            self.wire.schedule(index, SYNC_MS, Event::OfferCertificate { height });
        }
    }

    fn carry_out(&mut self, index: usize, effects: Vec<vouchsafe_consensus::Effect>) {
        let count = self.nodes.len();
        let mut requests = self.nodes[index].carry_out(effects, index, count, &mut self.wire);
        for request in requests.drain(..) {
            if self.nodes[index].is_down() {
                return;
            }
            match request {
                node::Request::Propose { height, round, block_id } => {
                    self.input(index, Input::Propose { height, round, block_id });
                }
                node::Request::Start => {
                    if self.nodes[index].engine().phase() == Phase::Waiting {
                        self.start(index);
                    }
                }
                node::Request::Decided(height) => {
                    for other in (0..count).filter(|other| *other != index) {
                        let event = Event::OfferCertificate { height };
                        self.wire.schedule(other, SYNC_MS, event);
                    }
                    let effects = self.nodes[index].store_decision(self.set.clone());
                    self.on_waiting(index);
                    self.carry_out(index, effects);
                }
            }
        }
    }
}

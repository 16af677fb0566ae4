//! A chain that four validators make in memory, with everything they said and wrote on the way:
//! the genuine article that targets alter.

use std::collections::{BTreeMap, VecDeque};

use vouchsafe_consensus::wal::WalEntry;
use vouchsafe_genesis::{Genesis, Parameters};
use vouchsafe_ledger::StoreWrite as _;
use vouchsafe_replica::peer::{PeerMessage, Request, Response};
use vouchsafe_replica::{
    Delivery, Effect, Event, MempoolLimits, Origin, PeerNumber, Timer, WalOperation, serve,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::simulation::founding::{BEGIN_MS, Founding};
use crate::simulation::key::Key;
use crate::simulation::node::Node;
use crate::simulation::plan::Plan;

/// How many validators there are.
pub const VALIDATORS: u8 = 4;
/// How long the chain becomes, in heights.
pub const HEIGHTS: u64 = 3;
/// How many statements are made before each height.
const STATEMENTS: u64 = 5;
/// How many events of a height are waited for before the chain counts as stalled.
const EVENTS_MAX: usize = 100_000;

/// The key of a validator, which signs for real.
#[must_use]
pub fn validator(number: u8) -> Key {
    Key::of_validator(number, false)
}

/// So many honest validators who never change.
#[must_use]
pub fn founding(validators: u8) -> Founding {
    Founding::new(&Plan {
        validators,
        villains: (0..validators).map(|_| None).collect(),
        powers: BTreeMap::new(),
        real_signatures: true,
        careless: None,
        evidence_age_max_blocks: Parameters::EVIDENCE_AGE.default,
    })
}

/// The chain and what was said and written on the way.
pub struct Chain {
    /// What it is founded on.
    pub founding: Founding,
    /// Its genesis document.
    pub genesis: Genesis,
    /// Its nodes, as they are at the end.
    pub nodes: Vec<Node>,
    /// What they told each other.
    pub messages: Vec<PeerMessage>,
    /// What they could ask each other, with the answers.
    pub questions: Vec<(Request, Response)>,
    /// What the first of them wrote into its log.
    pub entries: Vec<WalEntry>,
    /// The statements that were handed in.
    pub statements: Vec<VerifiedTransaction>,
    now_ms: u64,
    queue: VecDeque<(usize, Event)>,
    timers: Vec<(usize, Timer, u64)>,
}

impl Chain {
    /// Founds the chain and lets it grow to [`HEIGHTS`].
    #[must_use]
    pub fn grown() -> Self {
        let mut chain = Self::founded();
        for number in 1..=HEIGHTS {
            chain.hand_in(number);
            chain.grow_to(number);
        }
        chain.ask();
        chain
    }

    fn founded() -> Self {
        let founding = founding(VALIDATORS);
        let mut nodes: Vec<_> =
            (0..VALIDATORS).map(|number| Node::new(validator(number))).collect();
        let mut queue = VecDeque::new();
        for (at, node) in nodes.iter_mut().enumerate() {
            node.boot(&founding, founding.terms.clone(), MempoolLimits::default())
                .expect("an empty disk is no obstacle");
            queue.push_back((at, Event::Started));
        }
        for at in 0..nodes.len() {
            for other in (0..nodes.len()).filter(|other| *other != at) {
                let address = Some(nodes[other].address());
                let peer = PeerNumber(other as u64);
                queue.push_back((at, Event::PeerConnected { peer, address }));
            }
        }
        Self {
            genesis: founding.genesis.clone(),
            founding,
            nodes,
            messages: Vec::new(),
            questions: Vec::new(),
            entries: Vec::new(),
            statements: Vec::new(),
            now_ms: BEGIN_MS + 1_000,
            queue,
            timers: Vec::new(),
        }
    }

    /// Every node gets the statements before a height.
    fn hand_in(&mut self, height: u64) {
        for number in (height - 1) * STATEMENTS..height * STATEMENTS {
            let transaction = self.founding.statement(number, self.now_ms + 600_000);
            self.statements.push(transaction.clone());
            for at in 0..self.nodes.len() {
                let transaction = Box::new(transaction.clone());
                let event = Event::Submitted { ticket: number, transaction, origin: Origin::Peer };
                self.queue.push_back((at, event));
            }
        }
    }

    fn grow_to(&mut self, height: u64) {
        for _ in 0..EVENTS_MAX {
            if self.nodes.iter().all(|node| report(node).height >= height) {
                return;
            }
            match self.queue.pop_front() {
                Some((at, event)) => self.feed(at, event),
                None => self.end_timer(),
            }
        }
        panic!("four honest validators without a fault make blocks");
    }

    /// Nothing is under way: time passes until the next timer ends.
    fn end_timer(&mut self) {
        let next = self.timers.iter().enumerate().min_by_key(|(_, (_, _, due_ms))| *due_ms);
        let (place, _) = next.expect("a chain that waits has a timer");
        let (at, timer, due_ms) = self.timers.remove(place);
        self.now_ms = self.now_ms.max(due_ms);
        self.queue.push_back((at, Event::TimerElapsed(timer)));
    }

    fn feed(&mut self, at: usize, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let running = self.nodes[at].running.as_mut().expect("it was started");
            let effects = running.replica.handle(self.now_ms, event).expect("nobody lies");
            for effect in effects {
                events.extend(self.carry_out(at, effect));
            }
        }
    }

    fn carry_out(&mut self, at: usize, effect: Effect) -> Option<Event> {
        let node = &mut self.nodes[at];
        let running = node.running.as_mut().expect("it was started");
        match effect {
            Effect::Wal(operation) => {
                if let (0, WalOperation::Append(entry)) = (at, &operation) {
                    self.entries.push(entry.clone());
                }
                running.wal(operation);
            }
            Effect::SignRecord(mark) => running.sign_record(mark),
            Effect::StoreBody { block_id, block } => {
                let height = block.header.height;
                node.store.put_body(height, &block_id, &block.to_bytes()).expect("memory");
                return Some(Event::BodyStored { block_id });
            }
            Effect::Commit(batch) => {
                node.store.commit(&batch).expect("memory");
                return Some(Event::Committed { height: batch.height });
            }
            Effect::Broadcast(message) => self.broadcast(at, &message),
            Effect::Ask { peer, number, request } => {
                let peer = usize::try_from(peer.0).expect("a node's number");
                let response = self.answer(peer, &request);
                let event = Event::Answered { request: number, response: Some(Box::new(response)) };
                self.queue.push_back((at, event));
            }
            Effect::SetTimer { timer, delay_ms } => {
                self.timers.retain(|(owner, known, _)| (*owner, *known) != (at, timer));
                self.timers.push((at, timer, self.now_ms + delay_ms));
            }
            Effect::CancelTimer(timer) => {
                self.timers.retain(|(owner, known, _)| (*owner, *known) != (at, timer));
            }
            Effect::CancelConsensusTimers => self
                .timers
                .retain(|(owner, timer, _)| *owner != at || !matches!(timer, Timer::Consensus(_))),
            _ => {}
        }
        None
    }

    fn broadcast(&mut self, at: usize, message: &PeerMessage) {
        for to in (0..self.nodes.len()).filter(|to| *to != at) {
            let delivery = Delivery(self.messages.len() as u64);
            let from = PeerNumber(at as u64);
            let event = Event::Received { from, delivery, message: message.clone() };
            self.queue.push_back((to, event));
        }
        self.messages.push(message.clone());
    }

    fn answer(&mut self, at: usize, request: &Request) -> Response {
        let response = serve::answer(&self.nodes[at].store, request).expect("memory");
        self.questions.push((request.clone(), response.clone()));
        response
    }

    /// One question of each kind that was not asked on the way.
    fn ask(&mut self) {
        let newest = report(&self.nodes[0]).height;
        for request in [Request::Status { height: 1 }, Request::Blocks { from: 1, count: 8 }] {
            self.answer(0, &request);
        }
        let Response::Blocks(blocks) = self.answer(0, &Request::Blocks { from: newest, count: 1 })
        else {
            return;
        };
        if let Some(certified) = blocks.first() {
            self.answer(0, &Request::Block { block_id: certified.certificate.block_id });
        }
    }
}

fn report(node: &Node) -> vouchsafe_replica::Report {
    node.running.as_ref().expect("it was started").replica.report()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_grows_and_leaves_something_of_each_kind() {
        let chain = Chain::grown();
        assert!(chain.messages.len() > 20 && chain.entries.len() > 10);
        assert!(chain.messages.iter().any(|message| matches!(message, PeerMessage::Proposal(_))));
        assert!(chain.questions.len() >= 4);
    }
}

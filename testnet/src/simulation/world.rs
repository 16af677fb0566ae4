//! A run: virtual time, the events in it, and the nodes to which they happen.
//!
//! ```text
//! queue (time, order) ─▶ event ─▶ Replica::handle ─▶ effects ─┬▶ disk, or the power goes
//!        ▲                                                    ├▶ invariants
//!        └──────────── messages, timers, restarts ◀───────────┘
//! ```

mod collusion;
mod effects;
mod evidence;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use vouchsafe_replica::peer::{PeerMessage, ProposedBlock, Request, Response};
use vouchsafe_replica::{
    Delivery, Effect, Event, MempoolLimits, Origin, PeerNumber, RequestNumber, Timer, Verdict,
    serve,
};
use vouchsafe_types::hash::{BlockId, TransactionId};
use vouchsafe_types::transaction::VerifiedTransaction;

use super::founding::{BEGIN_MS, Founding};
use super::invariant::{Invariants, Violation, queues};
use super::key::Anything;
use super::network::Network;
use super::node::Node;
use super::plan::Plan;
use super::random::Random;
use super::trace::Trace;
use super::villain::Villain;

/// How long a request waits for its answer, in milliseconds.
const REQUEST_MS: u64 = 10_000;
/// How often a node's queues are looked at, in milliseconds.
const QUEUES_EVERY_MS: u64 = 20;
/// How long a forged one may: as long as it waits, all of the forger's blocks are invalid by it.
const FORGED_EXPIRY_MS: u64 = 2_000;
/// How long a statement may wait to be included, in milliseconds.
const EXPIRY_MS: u64 = 600_000;

/// What happens at a time.
enum Happening {
    /// Something reaches a node.
    Arrives { from: usize, to: usize, life: u32, what: Arrival },
    /// A timer of a node ends, if it was not set again.
    Ends { node: usize, life: u32, timer: Timer, setting: u64 },
    /// A body that a node wrote is durable.
    Stored { node: usize, life: u32, block_id: BlockId },
    /// Two nodes notice that they can or cannot reach each other.
    Notices { one: usize, other: usize },
    /// A node that crashed starts again.
    Restarts { node: usize },
}

enum Arrival {
    Message(Arc<PeerMessage>),
    Transaction(Arc<VerifiedTransaction>),
    /// Whoever asked is in this life: an answer finds no later one.
    Question {
        number: RequestNumber,
        request: Request,
        asked_in: u32,
    },
    Answer {
        number: RequestNumber,
        response: Option<Box<Response>>,
    },
    Gone,
}

/// Everything that a run is made of.
pub struct World {
    /// The chain, its validators and their keys.
    pub founding: Arc<Founding>,
    /// Milliseconds since 1970.
    pub now_ms: u64,
    /// The nodes, in the order of their numbers.
    pub nodes: Vec<Node>,
    /// Who does not follow the rules.
    pub villains: Vec<Option<Villain>>,
    /// The links.
    pub network: Network,
    /// What must hold.
    pub invariants: Invariants,
    /// What happened.
    pub trace: Trace,
    /// All chance.
    pub random: Random,
    /// Pieces of evidence that honest nodes collected.
    pub evidence_count: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    order: u64,
    delivery: u64,
    tickets: BTreeMap<(usize, u64), TransactionId>,
    statements: u64,
    /// What equivocators tell some of the others instead of a block, by the block.
    second_blocks: BTreeMap<BlockId, ProposedBlock>,
    /// What each forger proposed last.
    newest_proposals: BTreeMap<usize, ProposedBlock>,
    /// Who loses its log at crashes now and then; never its sign record.
    careless: Option<usize>,
    /// The most rounds that an honest node lost in a calm.
    pub rounds_lost_max: u64,
    /// When each node's queues are looked at next.
    queues_due_ms: Vec<u64>,
    /// Transactions that were handed in, by whom they wait for.
    waiting: BTreeMap<TransactionId, (usize, u32)>,
}

impl World {
    /// A world whose nodes are down. The second machine of a twin comes after all members.
    #[must_use]
    pub fn new(plan: &Plan, random: Random, lines: bool) -> Self {
        let founding = Arc::new(Founding::new(plan));
        let mut villains = plan.villains.clone();
        let mut keys: Vec<usize> = (0..villains.len()).collect();
        let twins =
            |(at, villain): (usize, &Option<_>)| (*villain == Some(Villain::Twin)).then_some(at);
        let second: Vec<_> = villains.iter().enumerate().filter_map(twins).collect();
        villains.extend(second.iter().map(|_| Some(Villain::Twin)));
        keys.extend(second);
        let count = villains.len();
        let nodes: Vec<_> =
            keys.into_iter().map(|number| Node::new(founding.keys[number].clone())).collect();
        let honest = nodes.iter().zip(&villains);
        let honest = honest.map(|(node, v)| v.is_none().then(|| node.address())).collect();
        Self {
            now_ms: BEGIN_MS,
            invariants: Invariants::new(&founding, honest),
            network: Network::new(count),
            trace: Trace::new(lines),
            nodes,
            villains,
            random,
            evidence_count: 0,
            founding,
            queue: BTreeMap::new(),
            order: 0,
            delivery: 0,
            tickets: BTreeMap::new(),
            statements: 0,
            second_blocks: BTreeMap::new(),
            newest_proposals: BTreeMap::new(),
            careless: plan.careless,
            rounds_lost_max: 0,
            queues_due_ms: vec![0; count],
            waiting: BTreeMap::new(),
        }
    }

    /// Is this node honest?
    #[must_use]
    pub fn is_honest(&self, node: usize) -> bool {
        self.villains[node].is_none()
    }

    fn at(&mut self, delay_ms: u64, happening: Happening) {
        self.order += 1;
        self.queue.insert((self.now_ms + delay_ms, self.order), happening);
    }

    /// Lets everything happen until a time, in milliseconds since 1970.
    ///
    /// # Errors
    /// The invariant that broke.
    pub fn run_until(&mut self, until_ms: u64) -> Result<(), Violation> {
        while let Some(entry) = self.queue.first_entry() {
            if entry.key().0 > until_ms {
                break;
            }
            let ((at_ms, _), happening) = entry.remove_entry();
            self.now_ms = at_ms;
            self.happen(happening)?;
        }
        self.now_ms = until_ms;
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Violation> {
        match happening {
            Happening::Arrives { from, to, life, what } => self.arrive(from, to, life, what),
            Happening::Ends { node, life, timer, setting } => {
                if self.nodes[node].life != life {
                    return Ok(());
                }
                let Some(running) = self.nodes[node].running.as_mut() else { return Ok(()) };
                if running.timers.get(&timer) != Some(&setting) {
                    return Ok(());
                }
                running.timers.remove(&timer);
                self.feed(node, Event::TimerElapsed(timer))
            }
            Happening::Stored { node, life, block_id } if self.nodes[node].life == life => {
                self.feed(node, Event::BodyStored { block_id })
            }
            Happening::Stored { .. } => Ok(()),
            Happening::Notices { one, other } => self.notice_link(one, other),
            Happening::Restarts { node } => self.start(node),
        }
    }

    /// Starts a node that is down.
    ///
    /// # Errors
    /// It does not start, though it only crashed; or an invariant broke.
    pub fn start(&mut self, node: usize) -> Result<(), Violation> {
        if self.nodes[node].running.is_some() {
            return Ok(());
        }
        let mut terms = self.founding.terms.clone();
        if self.villains[node] == Some(Villain::Forger) {
            terms.signature_rule = Arc::new(Anything);
        }
        let booted = self.nodes[node].boot(&self.founding, terms, MempoolLimits::default());
        booted.map_err(|error| format!("restart: node {node} does not start: {error}"))?;
        let life = u64::from(self.nodes[node].life);
        self.trace.note(self.now_ms - BEGIN_MS, node, &[1, life], format_args!("starts"));
        self.feed(node, Event::Started)?;
        for other in 0..self.nodes.len() {
            let delay_ms = self.random.between(150, 1_500);
            self.at(delay_ms, Happening::Notices { one: node, other });
        }
        Ok(())
    }

    /// The power of a node goes.
    pub fn crash(&mut self, node: usize) {
        if self.nodes[node].running.is_none() {
            return;
        }
        let mut random = self.random.fork();
        self.nodes[node].crash(&mut random);
        if self.villains[node] == Some(Villain::Amnesiac) {
            self.nodes[node].forget_signatures();
        }
        if self.careless == Some(node) && random.chance(500) {
            self.nodes[node].lose_log();
        }
        self.trace.note(self.now_ms - BEGIN_MS, node, &[2], format_args!("crashes"));
        for other in 0..self.nodes.len() {
            if self.network.are_connected(node, other) {
                self.network.set_connected(node, other, false);
                let (delay_ms, life) = (self.random.between(0, 100), self.nodes[other].life);
                let what = Arrival::Gone;
                self.at(delay_ms, Happening::Arrives { from: node, to: other, life, what });
            }
        }
        let delay_ms = self.random.between(100, 10_000);
        self.at(delay_ms, Happening::Restarts { node });
    }

    /// Both ends of every link look whether it stands, some time from now.
    pub fn links_changed(&mut self) {
        for one in 0..self.nodes.len() {
            for other in one + 1..self.nodes.len() {
                let delay_ms = if self.network.links(one, other) {
                    self.random.between(50, 3_000)
                } else {
                    self.random.between(500, 6_000)
                };
                self.at(delay_ms, Happening::Notices { one, other });
            }
        }
    }

    fn notice_link(&mut self, one: usize, other: usize) -> Result<(), Violation> {
        let both_up = self.nodes[one].running.is_some() && self.nodes[other].running.is_some();
        let stands = one != other && both_up && self.network.links(one, other);
        if stands == self.network.are_connected(one, other) {
            return Ok(());
        }
        self.network.set_connected(one, other, stands);
        for (at, peer) in [(one, other), (other, one)] {
            let number = PeerNumber(peer as u64);
            // To a network the two machines of a twin are one member.
            let address = (peer < self.founding.keys.len()).then(|| self.nodes[peer].address());
            let event = if stands {
                Event::PeerConnected { peer: number, address }
            } else {
                Event::PeerDisconnected { peer: number }
            };
            if self.nodes[at].running.is_some() {
                self.feed(at, event)?;
            }
        }
        Ok(())
    }

    fn arrive(
        &mut self,
        from: usize,
        to: usize,
        life: u32,
        what: Arrival,
    ) -> Result<(), Violation> {
        if self.nodes[to].life != life || self.nodes[to].running.is_none() {
            return Ok(());
        }
        let peer = PeerNumber(from as u64);
        match what {
            Arrival::Message(message) => {
                self.delivery += 1;
                let delivery = Delivery(self.delivery);
                let message = PeerMessage::clone(&message);
                self.watch(to, &message);
                let verdict = self.feed_with_verdict(to, from, delivery, message)?;
                self.hold_to_account(to, life)?;
                if verdict == Some(Verdict::Reject) {
                    self.invariants.on_blame(to, from, "a message was rejected")?;
                }
                Ok(())
            }
            Arrival::Transaction(transaction) => {
                let mut transaction = VerifiedTransaction::clone(&transaction);
                if !self.is_honest(from) {
                    // As the node's network does: what does not verify goes no further.
                    let Some(verified) = self.founding.verified(&transaction) else {
                        return Ok(());
                    };
                    transaction = verified;
                }
                let transaction = Box::new(transaction);
                self.order += 1;
                let ticket = self.order;
                self.feed(to, Event::Submitted { ticket, transaction, origin: Origin::Peer })
            }
            Arrival::Question { number, request, asked_in } => {
                let answer = serve::answer(&self.nodes[to].store, &request);
                let answer = answer.map_err(|error| format!("serving: {error}"))?;
                let answer = match self.villains[to] {
                    Some(villain) => {
                        villain.answers(&request, answer, &self.founding, &mut self.random)
                    }
                    None => Some(answer),
                };
                if let Some(response) = answer {
                    let response = Some(Box::new(response));
                    self.send(to, from, asked_in, 0, Arrival::Answer { number, response });
                }
                Ok(())
            }
            Arrival::Answer { number, response } => {
                self.feed(to, Event::Answered { request: number, response })
            }
            Arrival::Gone => self.feed(to, Event::PeerDisconnected { peer }),
        }
    }

    /// Sends something on its way, through the weather.
    fn send(&mut self, from: usize, to: usize, life: u32, late_ms: u64, what: Arrival) {
        let weather = self.network.weather.clone();
        if !self.network.reaches(from, to) || self.random.chance(weather.loss_per_mille) {
            return;
        }
        let delay_ms = late_ms + self.random.between(weather.delay_least_ms, weather.delay_most_ms);
        if self.random.chance(weather.duplicates_per_mille) {
            let again = match &what {
                Arrival::Message(message) => Some(Arrival::Message(Arc::clone(message))),
                Arrival::Transaction(one) => Some(Arrival::Transaction(Arc::clone(one))),
                _ => None,
            };
            if let Some(what) = again {
                let later_ms = delay_ms + self.random.between(0, weather.delay_most_ms);
                self.at(later_ms, Happening::Arrives { from, to, life, what });
            }
        }
        self.at(delay_ms, Happening::Arrives { from, to, life, what });
    }

    /// Somebody hands in a new statement at a node that is up.
    ///
    /// # Errors
    /// The invariant that broke.
    pub fn submit(&mut self, node: usize) -> Result<(), Violation> {
        if self.nodes[node].running.is_none() {
            return Ok(());
        }
        self.statements += 1;
        let expiry_ms = self.now_ms + EXPIRY_MS;
        let transaction = self.founding.statement(self.statements, expiry_ms);
        self.order += 1;
        let ticket = self.order;
        self.tickets.insert((node, ticket), transaction.id());
        self.waiting.insert(transaction.id(), (node, self.nodes[node].life));
        let transaction = Box::new(transaction);
        self.feed(node, Event::Submitted { ticket, transaction, origin: Origin::Client })
    }

    /// A forger hands itself a statement that nobody signed: it would put it into its blocks.
    ///
    /// # Errors
    /// The invariant that broke.
    pub fn forge(&mut self, node: usize) -> Result<(), Violation> {
        if self.nodes[node].running.is_none() {
            return Ok(());
        }
        self.statements += 1;
        let forged =
            self.founding.forged_statement(self.statements, self.now_ms + FORGED_EXPIRY_MS);
        self.order += 1;
        let (ticket, transaction) = (self.order, Box::new(forged));
        self.feed(node, Event::Submitted { ticket, transaction, origin: Origin::Client })
    }

    fn feed_with_verdict(
        &mut self,
        node: usize,
        from: usize,
        delivery: Delivery,
        message: PeerMessage,
    ) -> Result<Option<Verdict>, Violation> {
        let event = Event::Received { from: PeerNumber(from as u64), delivery, message };
        let mut verdict = None;
        self.feed_all(node, event, &mut verdict)?;
        Ok(verdict)
    }

    fn feed(&mut self, node: usize, event: Event) -> Result<(), Violation> {
        self.feed_all(node, event, &mut None)
    }

    /// Feeds an event and what the effects lead to, until the node waits or its power goes.
    fn feed_all(
        &mut self,
        node: usize,
        event: Event,
        verdict: &mut Option<Verdict>,
    ) -> Result<(), Violation> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let now_ms = self.now_ms;
            let Some(running) = self.nodes[node].running.as_mut() else { return Ok(()) };
            let effects = match running.replica.handle(now_ms, event) {
                Ok(effects) => effects,
                Err(_) if !self.is_honest(node) => {
                    self.crash(node);
                    return Ok(());
                }
                Err(error) => return Err(format!("stop: node {node} cannot go on: {error}")),
            };
            if now_ms >= self.queues_due_ms[node] && self.villains[node].is_none() {
                self.queues_due_ms[node] = now_ms + QUEUES_EVERY_MS;
                queues::check(node, &running.replica.queues())?;
            }
            let mut answers = VecDeque::new();
            for effect in effects {
                let goes = self.nodes[node].effects_left == Some(0);
                if goes && self.random.chance(500) {
                    self.nodes[node].hold_syncs();
                } else if goes {
                    self.crash(node);
                    return Ok(());
                }
                if let Some(left) = &mut self.nodes[node].effects_left {
                    *left = left.saturating_sub(1);
                }
                if let Effect::Relay { verdict: given, .. } = &effect {
                    *verdict = Some(*given);
                }
                // What leaves in the moment in which the power goes may have left.
                answers.extend(self.carry_out(node, effect)?);
                if goes {
                    self.crash(node);
                    return Ok(());
                }
            }
            answers.extend(events);
            events = answers;
        }
        Ok(())
    }
}

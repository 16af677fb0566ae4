//! A whole node's judgment, given whatever one of four validators and its peers may send: it
//! neither panics nor stops, signs nothing twice and commits nothing without a certificate.
//!
//! ```text
//! input = part*        part = kind ‖ bytes
//! kind  & 7:  0, 1  a message of consensus       2  an answer to the oldest question
//!             3  the oldest timer ends           4  a peer comes or goes
//!             5  a waiting transaction           others: a message of consensus
//!       & 8:  the villain signs what is in its name
//!       & 16: the block's roots are put right
//! ```
//!
//! The villain proposes first, and its key is known here: what is altered can be signed anew, so
//! that it is judged, and not turned away for its signature.

use std::collections::VecDeque;

use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::signer::Signer as _;
use vouchsafe_genesis::Genesis;
use vouchsafe_ledger::{Offence, StoreWrite as _, evidence_root};
use vouchsafe_replica::peer::{CompactBlock, Gossip, PeerMessage, ResponseEnvelope};
use vouchsafe_replica::{
    Delivery, Effect, Event, MempoolLimits, Origin, PeerNumber, RequestNumber, Timer,
};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CertificateHash, CommitCertificate};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::log::root;
use vouchsafe_types::transaction::Transaction;

use crate::fuzz::chain::{Chain, VALIDATORS, validator};
use crate::fuzz::parts::{join, split};
use crate::fuzz::target::{Answer, Prepared, Target, must};
use crate::simulation::founding::{BEGIN_MS, Founding};
use crate::simulation::key::Key;
use crate::simulation::node::Node;

/// No input is followed further than so many parts.
const PARTS_MAX: usize = 64;

/// The node.
pub(super) const TARGET: Target = Target {
    name: "replica",
    property: "whatever is sent, a node does not stop, signs nothing twice, and commits only what \
               is certified",
    everyday_inputs: 300,
    prepare,
};

fn prepare() -> Prepared {
    let chain = Chain::grown();
    let set = chain.genesis.validator_set().clone();
    let first = set.proposer(1, 0);
    let number_of =
        |wanted| (0..VALIDATORS).find(|number| validator(*number).public_key().address() == wanted);
    let villain = number_of(first).expect("one of them proposes first");
    let honest = (0..VALIDATORS).find(|number| *number != villain).expect("four");
    Prepared {
        seeds: seeds(&chain),
        words: vec![vec![1, 0, 0, 0, 3], vec![1, 0, 0, 0, 4], vec![1, 0, 0, 0, 11]],
        check: Box::new(move |input| {
            let mut trial = Trial::new(&chain.founding, honest, villain);
            for part in split(input).into_iter().take(PARTS_MAX) {
                trial.take(part)?;
            }
            Ok(trial.answer())
        }),
    }
}

/// What was really said, whole, in pieces and as the villain would say it.
fn seeds(chain: &Chain) -> Vec<Vec<u8>> {
    let part = |kind: u8, bytes: &[u8]| [&[kind], bytes].concat();
    let gossip = |kind, message: &PeerMessage| part(kind, &Gossip::new(message.clone()).to_bytes());
    let waiting = chain.statements.iter().map(|each| part(5, each.bytes()));
    let start: Vec<_> = waiting.take(5).collect();
    let said = |kind: u8, count: usize| {
        let messages = chain.messages.iter().take(count).map(|message| gossip(kind, message));
        join(&start.iter().cloned().chain(messages).collect::<Vec<_>>())
    };
    let answers = chain
        .questions
        .iter()
        .map(|(_, response)| part(2, &ResponseEnvelope::new(response.clone()).to_bytes()));
    let late = chain.messages.iter().rev().take(6).map(|message| gossip(0, message));
    let mut seeds = vec![said(0, 10), said(0, 40), said(8, 3), said(24, 3), join(&start)];
    seeds.push(join(&late.chain(answers).collect::<Vec<_>>()));
    let timers = vec![part(3, &[]); 8];
    seeds.push(join(&start.iter().cloned().chain(timers).collect::<Vec<_>>()));
    seeds.extend(chain.messages.iter().take(12).map(|message| join(&[gossip(24, message)])));
    seeds
}

/// One node under trial.
struct Trial {
    genesis: Genesis,
    node: Node,
    villain: Key,
    now_ms: u64,
    number: u64,
    timers: Vec<(Timer, u64)>,
    asked: VecDeque<RequestNumber>,
    /// What it did, in words.
    deeds: String,
}

impl Trial {
    fn new(founding: &Founding, honest: u8, villain: u8) -> Self {
        let mut node = Node::new(validator(honest));
        node.boot(founding, founding.terms.clone(), MempoolLimits::default())
            .expect("an empty disk is no obstacle");
        let mut trial = Self {
            genesis: founding.genesis.clone(),
            node,
            villain: validator(villain),
            now_ms: BEGIN_MS + 1_000,
            number: 0,
            timers: Vec::new(),
            asked: VecDeque::new(),
            deeds: String::new(),
        };
        trial.feed(Event::Started).expect("nobody has sent anything");
        for number in (0..VALIDATORS).filter(|number| *number != honest) {
            trial.feed(connected(number)).expect("nobody has sent anything");
        }
        trial
    }

    fn take(&mut self, part: &[u8]) -> Result<(), String> {
        let Some((kind, bytes)) = part.split_first() else { return Ok(()) };
        self.number += 1;
        self.now_ms += 10;
        let peer = PeerNumber(u64::from(*kind >> 5) % u64::from(VALIDATORS));
        match kind & 7 {
            2 => {
                let Some(request) = self.asked.pop_front() else { return Ok(()) };
                let response = ResponseEnvelope::from_bytes(bytes).ok();
                let response = response.map(|envelope| Box::new(envelope.response));
                self.feed(Event::Answered { request, response })
            }
            3 => self.end_timer(),
            4 if kind & 8 == 0 => self.feed(Event::PeerDisconnected { peer }),
            4 => self.feed(connected(u8::try_from(peer.0).expect("below four"))),
            5 => {
                let chain_id = self.genesis.chain_id();
                let read = Transaction::from_bytes(&chain_id, bytes);
                let Ok(transaction) = read.and_then(|one| one.verify(&chain_id)) else {
                    return Ok(());
                };
                let (ticket, transaction) = (self.number, Box::new(transaction));
                self.feed(Event::Submitted { ticket, transaction, origin: Origin::Peer })
            }
            _ => {
                let Ok(gossip) = Gossip::from_bytes(bytes) else { return Ok(()) };
                let message = self.altered(*kind, gossip.message);
                let delivery = Delivery(self.number);
                self.feed(Event::Received { from: peer, delivery, message })
            }
        }
    }

    /// A message as the villain says it.
    fn altered(&self, kind: u8, message: PeerMessage) -> PeerMessage {
        let (sign, own) = (kind & 8 != 0, self.villain.public_key().address());
        let chain_id = self.genesis.chain_id();
        match message {
            PeerMessage::Consensus(Message::Vote(mut signed)) if sign => {
                signed.vote.address = own;
                signed.signature = self.villain.sign(&signed.vote.preimage(&chain_id));
                PeerMessage::Consensus(Message::Vote(signed))
            }
            PeerMessage::Proposal(mut proposed) => {
                if kind & 16 != 0 {
                    put_roots_right(&mut proposed.block);
                }
                if sign {
                    proposed.block.header.proposer = own;
                    let signed = &mut proposed.proposal;
                    signed.proposal.address = own;
                    signed.proposal.block_id = proposed.block.header.block_id();
                    signed.signature = self.villain.sign(&signed.proposal.preimage(&chain_id));
                }
                PeerMessage::Proposal(proposed)
            }
            other => other,
        }
    }

    fn end_timer(&mut self) -> Result<(), String> {
        let next = self.timers.iter().enumerate().min_by_key(|(_, (_, due_ms))| *due_ms);
        let Some((at, _)) = next else { return Ok(()) };
        let (timer, due_ms) = self.timers.remove(at);
        self.now_ms = self.now_ms.max(due_ms);
        self.feed(Event::TimerElapsed(timer))
    }

    fn feed(&mut self, event: Event) -> Result<(), String> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let running = self.node.running.as_mut().expect("it was started");
            let effects = running.replica.handle(self.now_ms, event);
            for effect in effects.map_err(|error| format!("the node stops: {error}"))? {
                events.extend(self.carry_out(effect)?);
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, effect: Effect) -> Result<Option<Event>, String> {
        let running = self.node.running.as_mut().expect("it was started");
        match effect {
            Effect::Wal(operation) => running.wal(operation),
            // Panics if it would contradict what was signed.
            Effect::SignRecord(mark) => running.sign_record(mark),
            Effect::StoreBody { block_id, block } => {
                let height = block.header.height;
                let stored = self.node.store.put_body(height, &block_id, &block.to_bytes());
                stored.map_err(|error| error.to_string())?;
                return Ok(Some(Event::BodyStored { block_id }));
            }
            Effect::KeepEvidence { offence, evidence } => {
                self.keep(offence, &evidence)?;
            }
            Effect::Commit(batch) => {
                let certificate = CommitCertificate::from_bytes(&batch.certificate);
                let set = self.genesis.validator_set();
                let verified = certificate.map_err(|error| error.to_string()).and_then(|c| {
                    c.verify(&self.genesis.chain_id(), set).map_err(|e| e.to_string())
                });
                must(verified.is_ok(), "a height is committed without a certificate")?;
                self.node.store.commit(&batch).map_err(|error| error.to_string())?;
                return Ok(Some(Event::Committed { height: batch.height }));
            }
            Effect::Ask { number, .. } => self.asked.push_back(number),
            Effect::SetTimer { timer, delay_ms } => {
                self.timers.retain(|(known, _)| *known != timer);
                self.timers.push((timer, self.now_ms + delay_ms));
            }
            Effect::CancelTimer(timer) => self.timers.retain(|(known, _)| *known != timer),
            Effect::CancelConsensusTimers => {
                self.timers.retain(|(timer, _)| !matches!(timer, Timer::Consensus(_)));
            }
            Effect::Notice(notice) => self.note(&format!("{notice:?}")),
            Effect::Blame { fault, .. } => self.note(&fault.to_string()),
            Effect::Broadcast(_) | Effect::Gossip(_) | Effect::Relay { .. } => {}
            Effect::Admitted { .. } | Effect::Settled { .. } => {}
        }
        Ok(None)
    }

    /// Keeps evidence, which may be against nobody but the villain.
    fn keep(&mut self, offence: Offence, evidence: &Evidence) -> Result<(), String> {
        let accused = evidence.address();
        must(accused == self.villain.public_key().address(), "an honest validator is accused")?;
        let key = self.villain.public_key();
        let verified = evidence.verify(&self.genesis.chain_id(), &key);
        must(verified.is_ok(), "evidence is kept that is none")?;
        self.note("keeps evidence");
        let kept = self.node.store.put_evidence(offence, &evidence.to_bytes());
        kept.map_err(|error| error.to_string())
    }

    /// Remembers what was done by its first words.
    fn note(&mut self, deed: &str) {
        let words: String = deed.chars().take(120).collect();
        if self.deeds.len() < 1_024 && !self.deeds.contains(&words) {
            self.deeds.push_str(&words);
        }
    }

    fn answer(&self) -> Answer {
        if self.deeds.is_empty() {
            Answer::Refused(String::new())
        } else {
            Answer::Read(self.deeds.clone())
        }
    }
}

fn connected(number: u8) -> Event {
    let address = Some(validator(number).public_key().address());
    Event::PeerConnected { peer: PeerNumber(number.into()), address }
}

/// Makes a header name what its block holds.
fn put_roots_right(block: &mut CompactBlock) {
    let header = &mut block.header;
    header.transaction_count = u32::try_from(block.leaves.len()).unwrap_or(u32::MAX);
    header.transactions_root = root(&block.leaves);
    header.evidence_root = evidence_root(&block.evidence);
    let carried = block.parent_certificate.as_ref();
    header.parent_certificate = carried.map_or(CertificateHash::ZERO, CommitCertificate::hash);
}

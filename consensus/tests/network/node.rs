//! One node: an engine, its two files, and the blocks it decided.

use std::sync::Arc;

use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::sign_record::SignRecord;
use vouchsafe_consensus::timer::Timeouts;
use vouchsafe_consensus::wal::{Wal, WalEntry, WalEvent};
use vouchsafe_consensus::{Decision, Effect, Engine, EngineParameters, Start, Withheld};
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::signature::Zip215;
use vouchsafe_types::validator_set::ValidatorSet;

use super::{Body, Event, Key, Wire, block, chain_id};

/// What a node has to do once an input's effects are carried out.
pub(crate) enum Request {
    Propose { height: u64, round: u32, block_id: BlockId },
    Start,
    Decided(u64),
}

pub(crate) struct Node {
    key: Key,
    engine: Option<Engine>,
    pub(crate) wal: Wal<MemoryFile>,
    pub(crate) record: SignRecord<MemoryFile>,
    pub(crate) wal_file: MemoryFile,
    pub(crate) record_file: MemoryFile,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) withheld: Vec<(u64, Withheld)>,
    pub(crate) rounds_started: Vec<(u64, u32)>,
    /// Lose power once this many more effects were carried out.
    pub(crate) crash_after: Option<u64>,
    pub(crate) restarts: u64,
    /// Both files are lost at every restart: what the network must detect.
    pub(crate) disks_forget: bool,
    undecided: Option<Decision>,
}

impl Node {
    pub(crate) fn new(key: Key, set: Arc<ValidatorSet>) -> Self {
        let (wal_file, record_file) = (MemoryFile::default(), MemoryFile::default());
        let wal = Wal::open(wal_file.reopen()).expect("new").0;
        let record = SignRecord::load(record_file.reopen()).expect("new");
        let mut node = Self {
            key,
            engine: None,
            wal,
            record,
            wal_file,
            record_file,
            decisions: Vec::new(),
            withheld: Vec::new(),
            rounds_started: Vec::new(),
            crash_after: None,
            restarts: 0,
            disks_forget: false,
            undecided: None,
        };
        node.engine = Some(node.new_engine(set));
        node
    }

    fn new_engine(&self, set: Arc<ValidatorSet>) -> Engine {
        let parameters = EngineParameters {
            chain_id: chain_id(),
            signature_rule: Arc::new(Zip215),
            timeouts: Timeouts::default(),
            signer: Some(Box::new(self.key.clone())),
            signed: self.record.latest(),
        };
        Engine::new(parameters, self.decisions.len() as u64 + 1, set).expect("valid")
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the node is up")
    }

    pub(crate) fn engine_mut(&mut self) -> &mut Engine {
        self.engine.as_mut().expect("the node is up")
    }

    pub(crate) fn is_down(&self) -> bool {
        self.engine.is_none()
    }

    pub(crate) fn start(&mut self) -> Vec<Effect> {
        let height = self.engine().height();
        let replay = self.wal.entries_for(height).expect("readable");
        let start = Start { replay, follow: false };
        self.engine_mut().start_height(&start).expect("it starts")
    }

    /// The power goes and comes back, or only the process does. Says whether the log has entries
    /// to replay.
    pub(crate) fn restart(&mut self, set: Arc<ValidatorSet>, wire: &mut Wire) -> bool {
        if self.disks_forget {
            self.wal_file = MemoryFile::default();
            self.record_file = MemoryFile::default();
        } else {
            match wire.random(3) {
                0 => {}
                1 => self.both_files(|file| tear(file, wire)),
                _ => self.both_files(|file| lose_any_pages(file, wire)),
            }
        }
        self.wal = Wal::open(self.wal_file.reopen()).expect("a sound log").0;
        self.record = SignRecord::load(self.record_file.reopen()).expect("a sound record");
        self.engine = Some(self.new_engine(set));
        self.restarts += 1;
        let height = self.engine().height();
        !self.wal.entries_for(height).expect("readable").is_empty()
    }

    fn both_files(&self, act: impl FnMut(&MemoryFile)) {
        [&self.wal_file, &self.record_file].into_iter().for_each(act);
    }

    /// Stores what was decided, and waits for the next height.
    pub(crate) fn store_decision(&mut self, set: Arc<ValidatorSet>) -> Vec<Effect> {
        let decision = self.undecided.take().expect("a height was decided");
        decision.certificate.verify(&chain_id(), &set).expect("a certificate that verifies");
        let height = decision.certificate.height;
        assert_eq!(height, self.decisions.len() as u64 + 1, "heights follow each other");
        self.decisions.push(decision);
        self.engine_mut().await_height(height + 1, set).expect("the next height")
    }

    /// Carries out effects in order; the power may go between any two.
    pub(crate) fn carry_out(
        &mut self,
        effects: Vec<Effect>,
        index: usize,
        count: usize,
        wire: &mut Wire,
    ) -> Vec<Request> {
        let mut requests = Vec::new();
        for effect in effects {
            if let Some(left) = self.crash_after.as_mut() {
                if *left == 0 {
                    self.crash_after = None;
                    self.engine = None;
                    let after_ms = 50 + wire.random(400);
                    wire.schedule(index, after_ms, Event::Restart);
                    return Vec::new();
                }
                *left -= 1;
            }
            self.carry_out_one(effect, index, count, wire, &mut requests);
        }
        requests
    }

    fn carry_out_one(
        &mut self,
        effect: Effect,
        index: usize,
        count: usize,
        wire: &mut Wire,
        requests: &mut Vec<Request>,
    ) {
        match effect {
            Effect::WalReset { height } => self.wal.reset(height).expect("written"),
            Effect::WalAppend(entry) => self.wal.append(&entry).expect("written"),
            Effect::WalFlush => self.wal.flush().expect("flushed"),
            Effect::SignRecord(mark) => self.record.write(mark).expect("in order"),
            Effect::Publish(message) => {
                self.check_may_leave(&message, wire);
                wire.published += 1;
                for other in (0..count).filter(|other| *other != index) {
                    let delay_ms = 1 + wire.random(20);
                    wire.schedule(other, delay_ms, Event::Deliver(message.clone()));
                }
            }
            Effect::ScheduleTimer { timer, duration_ms } => {
                wire.schedule(index, duration_ms, Event::Timer(timer));
            }
            Effect::GetValue { height, round, .. } => {
                let proposer = self.key.address();
                // A node that lost its disks cannot return the block that it built before.
                let built = if self.disks_forget { self.restarts } else { 0 };
                let block_id = block(&format!("{height} {round} {proposer} {built}"));
                wire.bodies.insert(block_id, Body { height, round, proposer });
                requests.push(Request::Propose { height, round, block_id });
            }
            Effect::HeightDemanded { .. } => requests.push(Request::Start),
            Effect::Decided(decision) => {
                requests.push(Request::Decided(decision.certificate.height));
                self.undecided = Some(decision);
            }
            Effect::VotingWithheld { height, reason } => self.withheld.push((height, reason)),
            Effect::RoundStarted { height, round, .. } => self.rounds_started.push((height, round)),
            Effect::Discarded(error) => assert!(!error.is_misbehaviour(), "{error}"),
            // Timers that fire although they were cancelled must do no harm, so all of them do.
            Effect::CancelTimer(_)
            | Effect::CancelAllTimers
            | Effect::RestreamProposal { .. }
            | Effect::Equivocation(_)
            | Effect::CertifiedBlockWanted { .. } => {}
            Effect::CertifiedBlockInvalid { .. } => panic!("every block is valid"),
        }
    }

    /// The rule that everything else serves: what this validator signed is on both disks before
    /// it leaves, and never twice.
    fn check_may_leave(&self, message: &Message, wire: &mut Wire) {
        let Some(mark) = wire.witness(message) else { return };
        let own = match message {
            Message::Vote(signed) => signed.vote.address,
            Message::Proposal(signed) => signed.proposal.address,
            _ => return,
        };
        if own == self.key.address() {
            assert!(self.has_logged(message), "the log is flushed before {message:?} leaves");
            assert!(self.record_file.is_synced(), "the record is synced");
            let recorded = self.record.latest().expect("something was recorded");
            assert!(recorded.position() >= mark.position(), "the record covers {message:?}");
        }
    }
    /// Does the log hold this message durably? Those of heights that were committed and are sent
    /// again for others need no log.
    fn has_logged(&self, message: &Message) -> bool {
        let event = match message {
            Message::Vote(signed) => WalEvent::Vote(signed.clone()),
            Message::Proposal(signed) => WalEvent::Proposal(signed.clone()),
            _ => return true,
        };
        let mut wal = Wal::open(self.wal_file.copy()).expect("whole").0;
        let entry = WalEntry::new(wal.height(), event);
        let entries = wal.entries_for(wal.height()).expect("readable");
        let is_committed = message.height() < wal.height();
        self.wal_file.is_synced() && (is_committed || entries.contains(&entry))
    }
}

/// The power goes in the middle of writing.
fn tear(file: &MemoryFile, wire: &mut Wire) {
    let length = file.content().len() as u64 + 1;
    let cut = usize::try_from(wire.random(length)).expect("small");
    file.lose_power(cut);
}

/// The power goes, and any of the pages that were not synced are lost.
fn lose_any_pages(file: &MemoryFile, wire: &mut Wire) {
    let lengths = file.possible_lengths();
    let length = usize::try_from(wire.random(lengths.len() as u64)).expect("small");
    let kept = wire.random(1 << 31);
    file.lose_pages(lengths[length], |page| (kept >> (page % 31)) & 1 == 1);
}

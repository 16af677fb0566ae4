//! One real validator: its engine, made anew from what it came up with and what it was told since,
//! and its two files.
//!
//! ```text
//! boot (log, record) ─▶ Engine::new ─▶ event … event ─▶ next event ─▶ effects
//!                       └────── told again ────────┘                  │ one after the other,
//!                                                                     ▼ the power may go at any
//!                                              files ◀── carried out ─┴─▶ letters that left
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use vouchsafe_types::canonical::Canonical;

use super::cast::{CHAIN_ID, Cast, Seals, block_id};
use super::digest::{digest, digest_of};
use super::disk::Disk;
use super::scope::Weakness;
use super::world::Checked;
use crate::Effect;
use crate::engine::{Engine, EngineParameters};
use crate::error::EngineError;
use crate::handler::own_mark;
use crate::input::{Input, Start};
use crate::machine::Phase;
use crate::message::Message;
use crate::sign_record::SignMark;
use crate::timer::{Timeouts, Timer};
use crate::wal::{WalEntry, WalEvent};

/// One thing that happens to a validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Start,
    Letter(usize),
    Judged(usize),
    Timer(Timer),
    Propose { round: u32, block: usize },
    Certificate,
}

/// What a validator came up with.
pub(super) struct Boot {
    replay: Vec<WalEntry>,
    signed: Option<SignMark>,
}

/// Where a validator stands between two events.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) validator: usize,
    pub(super) boot: Arc<Boot>,
    pub(super) events: Vec<Event>,
    pub(super) disk: Disk,
    /// What the log durably holds, and what waits for a flush.
    pub(super) logged: Arc<Vec<WalEntry>>,
    pub(super) pending: Vec<WalEntry>,
    /// The letters that its log or its engine knows. What a power cut took left no trace: whoever
    /// said it may as well have said something else.
    pub(super) heard: u64,
    /// What the record names.
    pub(super) signed: Option<SignMark>,
    pub(super) timers: Vec<Timer>,
    /// The round for which the engine asked for a block.
    pub(super) asked: Option<u32>,
    pub(super) phase: Phase,
    pub(super) round: u32,
    /// A log or a record of it was taken back: it need not vote any more.
    pub(super) lost: bool,
    /// Its engine stopped, or a file did not open.
    pub(super) down: bool,
    pub(super) number: u64,
}

impl Boot {
    pub(super) fn new(replay: Vec<WalEntry>, signed: Option<SignMark>) -> Self {
        Self { replay, signed }
    }

    /// An engine that has not started.
    pub(super) fn engine(&self, cast: &Cast, validator: usize) -> Engine {
        let parameters = EngineParameters {
            chain_id: CHAIN_ID,
            signature_rule: Arc::new(Seals),
            timeouts: Timeouts::default(),
            signer: Some(Box::new(cast.keys[validator].clone())),
            signed: self.signed,
        };
        Engine::new(parameters, cast.height, Arc::clone(&cast.set)).expect("valid")
    }
}

/// Tells an engine.
pub(super) fn tell(
    engine: &mut Engine,
    event: Event,
    boot: &Boot,
    cast: &Cast,
) -> Result<Vec<Effect>, EngineError> {
    let input = match event {
        Event::Start => {
            let start = Start { replay: boot.replay.clone(), follow: false };
            return engine.start_height(&start);
        }
        Event::Letter(letter) => Input::Message(cast.letters[letter].message.clone()),
        Event::Judged(block) => Input::Judged(cast.judged(block)),
        Event::Timer(timer) => Input::TimerElapsed(timer),
        Event::Propose { round, block } => {
            Input::Propose { height: cast.height, round, block_id: block_id(block) }
        }
        Event::Certificate => {
            let others: Vec<_> = (1..cast.keys.len()).collect();
            Input::CommitCertificate(cast.certificate(0, 0, &others))
        }
    };
    engine.handle(input)
}

impl Node {
    /// A validator that comes up with these files.
    ///
    /// # Errors
    /// Why a file does not open.
    pub(super) fn boot(
        validator: usize,
        disk: &Disk,
        lost: bool,
        checked: &Checked,
    ) -> Result<Self, String> {
        let cast = &checked.cast;
        let mut files = disk.open(checked.scope.weakness)?;
        let logged = files.entries_for(cast.height)?;
        let is_own =
            |entry: &WalEntry| own_mark(&entry.event, cast.address(validator), &CHAIN_ID).is_some();
        let boot = match checked.scope.weakness {
            Weakness::Forgets => Boot::new(Vec::new(), None),
            Weakness::ReplaysOwn => {
                Boot::new(logged.iter().filter(|e| is_own(e)).cloned().collect(), files.signed())
            }
            _ => Boot::new(logged.clone(), files.signed()),
        };
        let mut node = Self {
            validator,
            boot: Arc::new(boot),
            events: Vec::new(),
            disk: files.disk(),
            logged: Arc::new(logged),
            pending: Vec::new(),
            heard: 0,
            signed: files.signed(),
            timers: Vec::new(),
            asked: None,
            phase: Phase::Waiting,
            round: 0,
            lost,
            down: false,
            number: 0,
        };
        let engine = node.engine(cast);
        node.renumber(&engine, true, checked);
        Ok(node)
    }

    /// The engine as it is now: everything that it was told is told again.
    pub(super) fn engine(&self, cast: &Cast) -> Engine {
        let mut engine = self.boot.engine(cast, self.validator);
        for event in &self.events {
            tell(&mut engine, *event, &self.boot, cast).expect("it was told so before");
        }
        engine
    }

    /// Notes where the engine stands.
    ///
    /// The order of the log's entries is of no matter but for what a replay makes of them, and so
    /// the number holds the engine that a replay would make, and which entries there are. Where
    /// the power does not go any more, the files do not count.
    pub(super) fn renumber(&mut self, engine: &Engine, may_crash: bool, checked: &Checked) {
        self.phase = engine.phase();
        self.round = engine.round();
        self.timers.sort_unstable();
        self.heard = self.letters(&checked.cast);
        let entries = |entries: &[WalEntry]| {
            entries.iter().map(|entry| digest_of(&entry.to_bytes())).collect::<BTreeSet<_>>()
        };
        let flags = (self.asked, self.lost, self.down, self.validator);
        let live = (digest(engine), &self.timers, flags);
        self.number = if may_crash {
            let replay = checked.memory.replay(self, &[], checked);
            let replay_flushed = checked.memory.replay(self, &self.pending, checked);
            let log = (entries(&self.logged), entries(&self.pending), replay, replay_flushed);
            digest_of(&(live, log, format!("{:?}", self.signed)))
        } else {
            digest_of(&live)
        };
    }

    fn letters(&self, cast: &Cast) -> u64 {
        let told = self.events.iter().filter_map(|event| match event {
            Event::Letter(letter) => Some(*letter),
            _ => None,
        });
        let written =
            self.logged.iter().chain(&self.pending).filter_map(|entry| match &entry.event {
                WalEvent::Vote(vote) => cast.letter_of(&Message::Vote(vote.clone())),
                WalEvent::Proposal(said) => cast.letter_of(&Message::Proposal(said.clone())),
                _ => None,
            });
        told.chain(written).fold(0, |set, letter| set | 1 << letter)
    }

    /// Has the log this message or verdict already? Then it changes nothing again.
    pub(super) fn knows(&self, event: Event, cast: &Cast) -> bool {
        let is_it = |entry: &WalEntry| match (event, &entry.event) {
            (Event::Letter(letter), WalEvent::Vote(vote)) => match &cast.letters[letter].message {
                Message::Vote(said) => said == vote,
                _ => false,
            },
            (Event::Letter(letter), WalEvent::Proposal(proposal)) => {
                match &cast.letters[letter].message {
                    Message::Proposal(said) => said == proposal,
                    _ => false,
                }
            }
            (Event::Judged(block), WalEvent::Judged { block_id: judged, .. }) => {
                *judged == block_id(block)
            }
            (Event::Certificate, WalEvent::CommitCertificate(_)) => true,
            _ => false,
        };
        self.logged.iter().chain(&self.pending).any(is_it)
    }
}

//! One event of one validator, to the end or to a power cut anywhere in it.

use std::sync::Arc;

use super::cast::{BLOCKS, block_id};
use super::disk::{Act, Disk, Files};
use super::node::{Event, Node, tell};
use super::scope::Weakness;
use super::world::Checked;
use crate::effect::{Effect, Withheld};
use crate::engine::Engine;
use crate::message::Message;
use crate::wal::{WalEntry, WalEvent};

pub(super) const NEVER_TWICE: &str = "no two messages for one place";
pub(super) const DURABLE: &str = "log and record remember what left";
pub(super) const LOCKED: &str = "a lock outlives a power cut";
pub(super) const GOES_ON: &str = "a power cut stops no engine";
pub(super) const VOTES_ON: &str = "a power cut withholds no votes";
pub(super) const ONE_BLOCK: &str = "one block is decided";

/// What must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Two different messages for one place left.
    SignedTwice(String),
    /// A message left before log and record would remember it.
    NotDurable(String),
    /// After a precommit for one block, a prevote for another in a later round.
    LockBroken(String),
    /// An engine stopped, or files did not open, though nothing but power was lost.
    Stopped(String),
    /// A validator does not vote, though nothing but power was lost.
    Withheld(String),
    /// Two blocks were decided.
    Forked(String),
}

impl Fault {
    /// The property that it breaks.
    pub(super) fn property(&self) -> &'static str {
        match self {
            Self::SignedTwice(_) => NEVER_TWICE,
            Self::NotDurable(_) => DURABLE,
            Self::LockBroken(_) => LOCKED,
            Self::Stopped(_) => GOES_ON,
            Self::Withheld(_) => VOTES_ON,
            Self::Forked(_) => ONE_BLOCK,
        }
    }
}

/// How one move ended.
pub(super) struct Outcome {
    pub(super) how: String,
    pub(super) node: Arc<Node>,
    /// The letters that left, in order.
    pub(super) left: Vec<usize>,
    pub(super) decided: Option<usize>,
    pub(super) fault: Option<Fault>,
    pub(super) crashed: bool,
    pub(super) lost: bool,
}

/// Carrying out the effects of one move.
struct Hands<'a> {
    checked: &'a Checked,
    node: Node,
    files: Files,
    left: Vec<usize>,
    decided: Option<usize>,
    fault: Option<Fault>,
    crashes: Vec<Outcome>,
    /// What the files held at the last cut, and how many letters had left.
    crashed_at: Option<(u64, usize)>,
    /// May the power go, and may the log go with it?
    may_crash: bool,
    may_lose: bool,
}

/// Every way in which a move can end.
pub(super) fn outcomes(
    node: &Node,
    events: &[Event],
    (may_crash, may_lose): (bool, bool),
    checked: &Checked,
) -> Vec<Outcome> {
    let cast = &checked.cast;
    let mut engine = node.engine(cast);
    let mut files = node.disk.open(checked.scope.weakness).expect("it was open");
    for entry in &node.pending {
        files.act(&Act::Append(entry.clone())).expect("it was appended before");
    }
    let mut hands = Hands {
        checked,
        node: node.clone(),
        files,
        left: Vec::new(),
        decided: None,
        fault: None,
        crashes: Vec::new(),
        crashed_at: None,
        may_crash,
        may_lose,
    };
    for event in events {
        match event {
            Event::Timer(timer) => hands.node.timers.retain(|other| other != timer),
            Event::Propose { .. } => hands.node.asked = None,
            _ => {}
        }
        match tell(&mut engine, *event, &node.boot, cast) {
            Ok(effects) => {
                hands.node.events.push(*event);
                hands.carry_out(effects);
            }
            Err(error) => hands.stop(error.to_string()),
        }
        if hands.fault.is_some() {
            break;
        }
    }
    hands.finish(&engine)
}

impl Hands<'_> {
    fn stop(&mut self, error: String) {
        self.fault = Some(Fault::Stopped(error));
        self.node.down = true;
    }

    /// The move is over, unless the power went.
    fn finish(mut self, engine: &Engine) -> Vec<Outcome> {
        let before = Arc::clone(&self.node.logged);
        self.node.disk = self.files.disk();
        self.node.signed = self.files.signed();
        self.node.pending = self.files.pending().to_vec();
        self.node.logged = match self.files.entries_for(self.checked.cast.height) {
            Ok(entries) if entries != *before => Arc::new(entries),
            _ => before,
        };
        if self.fault.is_none() {
            self.node.renumber(engine, self.may_crash, self.checked);
        }
        let mut outcomes = self.crashes;
        outcomes.push(Outcome {
            how: String::new(),
            node: Arc::new(self.node),
            left: self.left,
            decided: self.decided,
            fault: self.fault,
            crashed: false,
            lost: false,
        });
        outcomes
    }

    fn carry_out(&mut self, mut effects: Vec<Effect>) {
        if self.checked.scope.weakness == Weakness::LeavesFirst {
            effects.sort_by_key(|effect| !matches!(effect, Effect::Publish(_)));
        }
        let count = effects.len();
        for (at, effect) in effects.into_iter().enumerate() {
            self.carry_out_one(at, effect);
            if self.fault.is_some() {
                return;
            }
        }
        self.lose_power(count, None);
    }

    fn carry_out_one(&mut self, at: usize, effect: Effect) {
        match effect {
            Effect::WalReset { height } => self.act(at, &Act::Reset(height)),
            Effect::WalAppend(entry) => self.act(at, &Act::Append(entry)),
            Effect::WalFlush => self.act(at, &Act::Flush),
            Effect::SignRecord(mark) => self.act(at, &Act::Record(mark)),
            Effect::Publish(message) => {
                self.lose_power(at, None);
                self.publish(&message);
            }
            Effect::ScheduleTimer { timer, .. } => {
                self.node.timers.retain(|other| *other != timer);
                self.node.timers.push(timer);
            }
            Effect::CancelTimer(timer) => self.node.timers.retain(|other| *other != timer),
            Effect::CancelAllTimers => self.node.timers.clear(),
            Effect::GetValue { round, .. } => self.node.asked = Some(round),
            Effect::VotingWithheld { reason, .. } => self.withheld(&reason),
            Effect::Decided(decision) => {
                let is_it = |block: &usize| block_id(*block) == decision.certificate.block_id;
                self.decided = (0..BLOCKS).find(is_it);
            }
            Effect::Equivocation(_)
            | Effect::RestreamProposal { .. }
            | Effect::RoundStarted { .. }
            | Effect::HeightDemanded { .. }
            | Effect::CertifiedBlockWanted { .. }
            | Effect::CertifiedBlockInvalid { .. }
            | Effect::Discarded(_) => {}
        }
    }

    fn act(&mut self, at: usize, act: &Act) {
        if !matches!(act, Act::Append(_)) {
            self.lose_power(at, Some(act));
        }
        if let Err(error) = self.files.act(act) {
            self.stop(error);
        }
    }

    fn withheld(&mut self, reason: &Withheld) {
        if !self.node.lost {
            self.fault = Some(Fault::Withheld(reason.to_string()));
        }
    }

    /// A message leaves; by now log and record must remember it.
    fn publish(&mut self, message: &Message) {
        let cast = &self.checked.cast;
        let Some(letter) = cast.letter_of(message) else { return };
        self.left.push(letter);
        if cast.letters[letter].author != self.node.validator {
            return;
        }
        let entry = WalEntry::new(
            cast.height,
            match message {
                Message::Vote(vote) => WalEvent::Vote(vote.clone()),
                Message::Proposal(proposal) => WalEvent::Proposal(proposal.clone()),
                _ => unreachable!("only votes and proposals are letters"),
            },
        );
        let mark = cast.mark(letter);
        let in_log = self.files.entries_for(cast.height).is_ok_and(|e| e.contains(&entry));
        let recorded = self.files.signed().is_some_and(|at| at.position() >= mark.position());
        if !(in_log && recorded) && self.checked.scope.durability {
            let name = cast.letters[letter].name.clone();
            self.fault = Some(Fault::NotDurable(name));
        }
    }

    /// The power goes before an effect, or in the middle of one.
    fn lose_power(&mut self, at: usize, act: Option<&Act>) {
        if !self.may_crash {
            return;
        }
        let disk = self.files.disk();
        let here = (disk.number(), self.left.len());
        if self.crashed_at != Some(here) {
            self.crashed_at = Some(here);
            self.come_up(&format!("; power lost before effect {at}"), disk.clone());
        }
        for torn in act.map(|act| self.files.torn(act)).unwrap_or_default() {
            self.come_up(&format!("; power lost in effect {at}"), torn);
        }
    }

    fn come_up(&mut self, how: &str, disk: Disk) {
        if self.checked.scope.weakness == Weakness::BothLost {
            self.boot(format!("{how}, both files lost"), &Disk::default(), true);
            return;
        }
        if self.may_lose
            && let Ok(files) = disk.open(self.checked.scope.weakness)
        {
            for older in files.disk().older_logs() {
                let bytes = older.log.len();
                self.boot(format!("{how}, {bytes} bytes of the log left"), &older, true);
            }
        }
        self.boot(how.to_owned(), &disk, false);
    }

    fn boot(&mut self, how: String, disk: &Disk, lost: bool) {
        let (validator, lost_ever) = (self.node.validator, lost || self.node.lost);
        let booted = self.checked.memory.boot(validator, disk, lost_ever, self.checked);
        let (node, fault) = match booted {
            Ok(node) => (node, None),
            Err(error) => {
                let node = Node { down: true, ..self.node.clone() };
                (Arc::new(node), Some(Fault::Stopped(error)))
            }
        };
        let is_known = |other: &Outcome| {
            let same = other.node.number == node.number && other.fault == fault;
            same && other.left == self.left && other.lost == lost
        };
        if self.crashes.iter().any(is_known) {
            return;
        }
        self.crashes.push(Outcome {
            how,
            node,
            left: self.left.clone(),
            decided: None,
            fault,
            crashed: true,
            lost,
        });
    }
}

//! All real validators and what everyone has said so far, as stateright's model.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stateright::{Model, Property};

use super::carry_out::{
    DURABLE, Fault, GOES_ON, LOCKED, NEVER_TWICE, ONE_BLOCK, Outcome, VOTES_ON, outcomes,
};
use super::cast::{BLOCKS, Cast, ROUNDS};
use super::digest::digest_of;
use super::disk::Disk;
use super::memory::Memory;
use super::node::{Event, Node};
use super::scope::Scope;
use super::vocabulary::vocabulary;
use crate::machine::Phase;
use crate::sign_record::SignStep;

/// The state of everything.
#[derive(Clone)]
pub(super) struct World {
    pub(super) nodes: Vec<Arc<Node>>,
    /// Letters of real validators that left, as bits.
    pub(super) sent: u64,
    crashes: u8,
    losses: u8,
    /// What each real validator decided, ever.
    pub(super) decided: Vec<Option<usize>>,
    pub(super) fault: Option<Fault>,
}

/// A step, together with where it leads: one rebuilt engine serves for every way it can end.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) name: String,
    next: World,
}

/// What is checked.
pub(super) struct Checked {
    pub(super) scope: Scope,
    pub(super) cast: Cast,
    /// What those who are not real can say at once.
    vocabulary: Vec<Vec<Event>>,
    /// What files were found to hold, and what a replay of a log was found to make.
    pub(super) memory: Memory,
}

impl World {
    fn breaks(&self, property: &str) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.property() == property)
    }

    fn number(&self) -> u64 {
        let nodes: Vec<_> = self.nodes.iter().map(|node| node.number).collect();
        let fault = format!("{:?}", self.fault);
        let left = (self.crashes, self.losses);
        digest_of(&(nodes, self.sent, left, &self.decided, fault))
    }
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.number());
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nodes = self.nodes.iter();
        let nodes: Vec<_> = nodes.map(|n| (n.phase, n.round, &n.events, n.logged.len())).collect();
        write!(formatter, "{nodes:?} sent {:b} {:?}", self.sent, self.fault)
    }
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.next == other.next
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

impl Checked {
    pub(super) fn new(scope: Scope) -> Self {
        let cast = Cast::new(&scope.powers, scope.proposers);
        let vocabulary = vocabulary(&scope, &cast);
        Self { scope, cast, vocabulary, memory: Memory::default() }
    }

    fn is_real(&self, validator: usize) -> bool {
        validator < self.scope.real
    }

    /// May this letter arrive? A real author must have sent it, an honest other must not have
    /// sent another for the same place.
    fn may_arrive(&self, world: &World, heard: u64, letter: usize) -> bool {
        let author = self.cast.letters[letter].author;
        if self.is_real(author) {
            world.sent >> letter & 1 == 1
        } else {
            author == self.scope.faulty || heard & self.cast.letters[letter].rivals == 0
        }
    }

    /// What can happen to a validator now: single events, and words of several.
    fn moves(&self, world: &World, heard: u64, node: &Node) -> Vec<Vec<Event>> {
        if node.down || node.phase == Phase::Decided {
            return Vec::new();
        }
        let mut moves = Vec::new();
        let waits = node.phase == Phase::Waiting;
        if waits {
            moves.push(vec![Event::Start]);
        }
        if !waits || self.scope.early {
            moves.extend(self.vocabulary.iter().cloned());
            let letters = 0..self.cast.letters.len();
            let real = letters.filter(|letter| self.is_real(self.cast.letters[*letter].author));
            moves.extend(real.map(|letter| vec![Event::Letter(letter)]));
            if self.scope.certificate {
                moves.push(vec![Event::Certificate]);
            }
        }
        if let Some(round) = node.asked {
            moves.extend((0..BLOCKS).map(|block| vec![Event::Propose { round, block }]));
        }
        moves.extend(node.timers.iter().map(|timer| vec![Event::Timer(*timer)]));
        for events in &mut moves {
            events.retain(|event| !node.knows(*event, &self.cast));
        }
        moves.retain(|events| !events.is_empty() && self.may_happen(world, heard, events));
        moves
    }

    fn may_happen(&self, world: &World, heard: u64, events: &[Event]) -> bool {
        let may_arrive = |letter| self.may_arrive(world, heard, letter);
        events.iter().all(|event| match event {
            Event::Letter(letter) => may_arrive(*letter),
            Event::Certificate => self.certificate_letters().all(may_arrive),
            _ => true,
        })
    }

    /// Everyone else's precommits for block A in round 0.
    fn certificate_letters(&self) -> impl Iterator<Item = usize> + '_ {
        (1..self.cast.keys.len())
            .filter_map(|author| self.cast.find(author, SignStep::Precommit, 0, Some(0)))
    }

    fn name(&self, at: usize, events: &[Event], how: &str) -> String {
        let one = |event: &Event| match event {
            Event::Letter(letter) => self.cast.letters[*letter].name.clone(),
            Event::Judged(block) => format!("block {} is valid", ["A", "B"][*block]),
            Event::Timer(timer) => format!("timer {:?} of {}", timer.kind, timer.round),
            Event::Propose { round, block } => {
                format!("block {} is built for {round}", ["A", "B"][*block])
            }
            Event::Start => "start".to_owned(),
            Event::Certificate => "a certificate for A".to_owned(),
        };
        let what: Vec<_> = events.iter().map(one).collect();
        format!("[{at}] {}{how}", what.join(", "))
    }

    fn next(&self, world: &World, at: usize, outcome: Outcome) -> World {
        let mut next = world.clone();
        next.fault.clone_from(&outcome.fault);
        for letter in &outcome.left {
            self.witness(&mut next, at, *letter);
        }
        if let Some(block) = outcome.decided {
            next.decided[at] = Some(block);
            if next.decided.iter().flatten().any(|other| *other != block) {
                next.fault = Some(Fault::Forked(format!("{:?}", next.decided)));
            }
        }
        next.crashes -= u8::from(outcome.crashed);
        // A weak driver loses files that nobody allowed it to lose.
        next.losses = next.losses.saturating_sub(u8::from(outcome.lost));
        next.nodes[at] = outcome.node;
        next
    }

    /// A letter left: does it contradict what left before?
    fn witness(&self, world: &mut World, at: usize, letter: usize) {
        let sent = &self.cast.letters[letter];
        if sent.author != at {
            return;
        }
        if world.sent & sent.rivals != 0 {
            world.fault = Some(Fault::SignedTwice(sent.name.clone()));
        }
        let is_broken = |lock: &usize| {
            let lock = &self.cast.letters[*lock];
            let later = lock.round < sent.round && lock.author == at;
            later
                && lock.step == SignStep::Precommit
                && lock.block.is_some_and(|locked| {
                    sent.step == SignStep::Prevote
                        && sent.block.is_some_and(|block| block != locked)
                })
        };
        let before = (0..self.cast.letters.len()).filter(|l| world.sent >> l & 1 == 1);
        if world.fault.is_none() && before.into_iter().any(|lock| is_broken(&lock)) {
            world.fault = Some(Fault::LockBroken(sent.name.clone()));
        }
        world.sent |= 1 << letter;
    }
}

impl Model for Checked {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let boot = |validator| {
            let disk = Disk::default();
            self.memory.boot(validator, &disk, false, self).expect("empty files open")
        };
        vec![World {
            nodes: (0..self.scope.real).map(boot).collect(),
            sent: 0,
            crashes: self.scope.crashes,
            losses: self.scope.losses,
            decided: vec![None; self.scope.real],
            fault: None,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        if world.fault.is_some() {
            return;
        }
        let heard = world.nodes.iter().fold(0, |set, node| set | node.heard);
        let may = (world.crashes > 0, world.losses > 0 && world.crashes > 0);
        for (at, node) in world.nodes.iter().enumerate() {
            for events in self.moves(world, heard, node) {
                for outcome in outcomes(node, &events, may, self) {
                    let name = self.name(at, &events, &outcome.how);
                    let next = self.next(world, at, outcome);
                    if let Some(fault) = &next.fault {
                        self.memory.note(fault, format!("{:?}, then {name}", node.events));
                    }
                    steps.push(Step { name, next });
                }
            }
        }
    }

    fn next_state(&self, _: &World, step: Step) -> Option<World> {
        Some(step.next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(NEVER_TWICE, |_, w: &World| !w.breaks(NEVER_TWICE)),
            Property::always(DURABLE, |_, w: &World| !w.breaks(DURABLE)),
            Property::always(LOCKED, |_, w: &World| !w.breaks(LOCKED)),
            Property::always(GOES_ON, |_, w: &World| !w.breaks(GOES_ON)),
            Property::always(VOTES_ON, |_, w: &World| !w.breaks(VOTES_ON)),
            Property::always(ONE_BLOCK, |_, w: &World| !w.breaks(ONE_BLOCK)),
            Property::sometimes(DECIDES, |_, w: &World| w.decided.iter().any(Option::is_some)),
            Property::sometimes(SECOND_ROUND, |_, w: &World| {
                w.nodes.iter().any(|node| node.round == 1)
            }),
        ]
    }

    fn within_boundary(&self, world: &World) -> bool {
        world.nodes.iter().all(|node| node.round < ROUNDS)
    }
}

pub(super) const DECIDES: &str = "a block is decided";
pub(super) const SECOND_ROUND: &str = "a second round begins";

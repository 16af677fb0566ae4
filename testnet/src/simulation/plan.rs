//! What a run will be: who is in it, who of them are villains, how the validators change, and what
//! goes wrong when.

use std::collections::BTreeMap;

use vouchsafe_genesis::Parameters;

use super::random::Random;
use super::villain::{VILLAINS, Villain};

/// How long a bad time lasts, in milliseconds.
const BAD_MS: (u64, u64) = (1_000, 20_000);
/// How many heights a validator set lasts.
const SET_HEIGHTS: (u64, u64) = (1, 30);
/// The greatest power that a validator is given.
const POWER_MAX: u64 = 4;
/// The most nodes that wait to become validators.
const SPARES_MAX: u64 = 2;
/// In one run of so many, evidence grows too old within a few blocks.
const SHORT_AGE_EVERY: u64 = 4;
/// Within so many.
const SHORT_AGE_BLOCKS: u64 = 8;
/// One run in so many has real signatures.
const REAL_SIGNATURES_EVERY: u64 = 100;

/// Who takes part in a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How many validators the genesis names.
    pub validators: u8,
    /// Every member's villainy, if any: the validators' first, then those who may become one.
    pub villains: Vec<Option<Villain>>,
    /// The members' powers from a height on, 0 for those who do not vote.
    pub powers: BTreeMap<u64, Vec<u64>>,
    /// Signatures are ed25519's.
    pub real_signatures: bool,
    /// Who loses its log at crashes now and then. It abstains from the height then, which is a fault
    /// like a villain's: there are no villains beside it.
    pub careless: Option<usize>,
    /// For how many blocks an offence may be recorded.
    pub evidence_age_max_blocks: u64,
}

impl Plan {
    /// Some plan for a chain of so many heights.
    pub fn draw(seed: u64, validators: u8, heights: u64, random: &mut Random) -> Self {
        let mut plan = Self {
            validators,
            villains: villains(validators, random),
            powers: BTreeMap::new(),
            careless: None,
            real_signatures: seed.is_multiple_of(REAL_SIGNATURES_EVERY),
            evidence_age_max_blocks: if seed.is_multiple_of(SHORT_AGE_EVERY) {
                SHORT_AGE_BLOCKS
            } else {
                Parameters::EVIDENCE_AGE.default
            },
        };
        if plan.villains.iter().all(Option::is_none) && random.chance(300) {
            plan.careless = Some(random.index(usize::from(validators)));
        } else if random.chance(500) {
            let spares = random.below(SPARES_MAX + 1);
            plan.villains.extend((0..spares).map(|_| None));
            let mut from = 1;
            // A run goes some heights beyond what it was told.
            while from < 2 * heights + 50 {
                from += random.between(SET_HEIGHTS.0, SET_HEIGHTS.1);
                let powers = plan.draw_powers(random);
                plan.powers.insert(from, powers);
            }
        }
        plan
    }

    /// So many validators say nothing; nobody else is a villain, and the validators never change.
    pub fn silence(&mut self, count: u8) {
        self.powers.clear();
        self.careless = None;
        for (number, villain) in (0..self.validators).zip(&mut self.villains) {
            *villain = (number < count).then_some(Villain::Silent);
        }
    }

    /// How many members there are.
    #[must_use]
    pub fn members(&self) -> u8 {
        u8::try_from(self.villains.len()).expect("few")
    }

    /// Some set of which villains hold less than a third.
    fn draw_powers(&self, random: &mut Random) -> Vec<u64> {
        let equal = random.chance(300);
        loop {
            let absent = random.between(0, 500);
            let mut draw = || match random.chance(absent) {
                true => 0,
                false if equal => 1,
                false => random.between(1, POWER_MAX),
            };
            let powers: Vec<u64> = self.villains.iter().map(|_| draw()).collect();
            let total: u64 = powers.iter().sum();
            let villains =
                self.villains.iter().zip(&powers).filter(|(villain, _)| villain.is_some());
            let theirs: u64 = villains.map(|(_, power)| power).sum();
            if theirs * 3 < total {
                return powers;
            }
        }
    }
}

/// One bad time.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// How long it lasts, in milliseconds.
    pub lasts_ms: u64,
    /// The links break.
    pub partition: bool,
    /// Messages are lost, late and doubled.
    pub weather: bool,
    /// Nodes crash now and then; about so many in this time.
    pub crashes: u64,
    /// All nodes crash at its beginning.
    pub all_crash: bool,
}

impl Trouble {
    /// Some trouble.
    pub fn draw(random: &mut Random) -> Self {
        Self {
            lasts_ms: random.between(BAD_MS.0, BAD_MS.1),
            partition: random.chance(500),
            weather: random.chance(600),
            crashes: if random.chance(600) { random.between(1, 6) } else { 0 },
            all_crash: random.chance(100),
        }
    }
}

/// Which validators are villains in a run, and which kind: less than a third of them.
fn villains(validators: u8, random: &mut Random) -> Vec<Option<Villain>> {
    let most = (validators - 1) / 3;
    let count = usize::try_from(random.below(u64::from(most) + 1)).expect("few");
    let mut roles: Vec<_> = (0..validators).map(|_| None).collect();
    for role in roles.iter_mut().take(count) {
        *role = Some(VILLAINS[random.index(VILLAINS.len())]);
    }
    random.shuffle(&mut roles);
    roles
}

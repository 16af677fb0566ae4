//! Runs a target: seeds, altered inputs, and what becomes of an input that breaks the property.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::time::{Duration, Instant};

use crate::simulation::random::Random;

use super::mutation::Mutation;
use super::target::{Answer, Prepared, Target, Verdict};

/// The most inputs that are kept to be altered again.
const CORPUS_MAX: usize = 2_000;
/// The longest input, in bytes.
pub const INPUT_BYTES_MAX: usize = 64 << 10;
/// How often an input that breaks the property is tried again to make it smaller.
const REDUCTIONS_MAX: u32 = 3_000;

/// How a target is run.
pub struct Hunt<'a> {
    /// All chance comes from it.
    pub seed: u64,
    /// How many inputs, unless the time ends first.
    pub inputs_max: u64,
    /// When to stop.
    pub until: Option<Instant>,
    /// More to begin with than the target's own seeds.
    pub seeds: Vec<Vec<u8>>,
    /// Hears of every input that is kept.
    pub kept: &'a mut dyn FnMut(&[u8]),
}

/// What a run found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many inputs were given.
    pub inputs: u64,
    /// How many of them were read.
    pub read: u64,
    /// How many kinds of answer there were.
    pub kinds: usize,
    /// The longest that one input took.
    pub slowest: Duration,
    /// The input that broke the property.
    pub broken: Option<Broken>,
}

/// An input that breaks the property.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The input, made smaller.
    pub input: Vec<u8>,
    /// How long it was at first, in bytes.
    pub found_bytes: usize,
    /// What it breaks.
    pub cause: String,
}

struct Corpus {
    inputs: Vec<Vec<u8>>,
    kinds: BTreeSet<String>,
}

/// Checks one input. A panic breaks every property.
pub fn check(prepared: &mut Prepared, input: &[u8]) -> Verdict {
    let checked = panic::catch_unwind(AssertUnwindSafe(|| (prepared.check)(input)));
    checked.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        Err(format!("it panics: {}", text.unwrap_or("without words")))
    })
}

impl Hunt<'_> {
    /// Runs a target until its inputs or its time end, or one input breaks the property.
    pub fn run(&mut self, target: &Target) -> Outcome {
        let mut prepared = (target.prepare)();
        let mut outcome = Outcome::default();
        let mut corpus = Corpus { inputs: Vec::new(), kinds: BTreeSet::new() };
        let mut seeds = prepared.seeds.clone();
        seeds.append(&mut self.seeds);
        for seed in seeds {
            if self.try_one(&mut prepared, &mut corpus, &mut outcome, seed) {
                return outcome;
            }
        }
        let mut random = Random::new(self.seed ^ name_number(target.name));
        let words = prepared.words.clone();
        while outcome.inputs < self.inputs_max && self.until.is_none_or(|end| Instant::now() < end)
        {
            let inputs = &corpus.inputs;
            let (base, other) = (random.index(inputs.len()), random.index(inputs.len()));
            let mut mutation =
                Mutation { random: &mut random, words: &words, bytes_max: INPUT_BYTES_MAX };
            let input = mutation.of(&inputs[base], &inputs[other]);
            if self.try_one(&mut prepared, &mut corpus, &mut outcome, input) {
                break;
            }
        }
        outcome.kinds = corpus.kinds.len();
        outcome
    }

    /// Gives one input. True if it broke the property.
    fn try_one(
        &mut self,
        prepared: &mut Prepared,
        corpus: &mut Corpus,
        outcome: &mut Outcome,
        input: Vec<u8>,
    ) -> bool {
        let began = Instant::now();
        let verdict = check(prepared, &input);
        outcome.slowest = outcome.slowest.max(began.elapsed());
        outcome.inputs += 1;
        match verdict {
            Err(_) => {
                outcome.broken = Some(reduce(prepared, input));
                return true;
            }
            Ok(answer) => {
                outcome.read += u64::from(matches!(answer, Answer::Read(_)));
                let is_new = corpus.kinds.insert(answer.kind());
                // Mutation needs something to begin with, whatever is said of it.
                if (is_new && corpus.inputs.len() < CORPUS_MAX) || corpus.inputs.is_empty() {
                    (self.kept)(&input);
                    corpus.inputs.push(input);
                }
            }
        }
        false
    }
}

thread_local! {
    /// Panics of this thread are not printed: they are provoked again and again.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Lets panics of this thread go unprinted from now on, or not.
fn set_quiet(quiet: bool) {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let printing = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                printing(panic);
            }
        }));
    });
    QUIET.set(quiet);
}

/// Removes what is not needed to break the property.
fn reduce(prepared: &mut Prepared, found: Vec<u8>) -> Broken {
    set_quiet(true);
    let broken = reduce_quietly(prepared, found);
    set_quiet(false);
    broken
}

fn reduce_quietly(prepared: &mut Prepared, found: Vec<u8>) -> Broken {
    let found_bytes = found.len();
    let mut input = found;
    let mut tries = 0;
    let mut piece = input.len().div_ceil(2);
    while piece > 0 && tries < REDUCTIONS_MAX {
        let mut at = 0;
        while at < input.len() && tries < REDUCTIONS_MAX {
            let mut shorter = input.clone();
            shorter.drain(at..(at + piece).min(input.len()));
            tries += 1;
            if check(prepared, &shorter).is_err() {
                input = shorter;
            } else {
                at += piece;
            }
        }
        piece = if piece == 1 { 0 } else { piece.div_ceil(2) };
    }
    let cause = check(prepared, &input).expect_err("only what breaks the property was kept");
    Broken { input, found_bytes, cause }
}

/// A number that differs between targets, so that each has a stream of its own.
fn name_number(name: &str) -> u64 {
    name.bytes().fold(0, |number, byte| number.wrapping_mul(257).wrapping_add(byte.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Breaks on "bug" and panics on "!": what a decoder with two faults does.
    fn faulty() -> Prepared {
        Prepared {
            seeds: vec![b"nothing to see in here".to_vec(), b"other".to_vec()],
            words: vec![b"bug".to_vec(), b"!".to_vec()],
            check: Box::new(|input| {
                assert!(!input.contains(&b'!'), "an exclamation mark");
                if input.windows(3).any(|window| window == b"bug") {
                    return Err("the property".to_owned());
                }
                Ok(Answer::Refused(format!("length of {}", input.len())))
            }),
        }
    }

    const FAULTY: Target =
        Target { name: "faulty", property: "no bug", everyday_inputs: 1, prepare: faulty };

    fn hunt(seed: u64) -> Outcome {
        let mut hunt =
            Hunt { seed, inputs_max: 100_000, until: None, seeds: vec![], kept: &mut |_| {} };
        hunt.run(&FAULTY)
    }

    #[test]
    fn what_breaks_the_property_is_found_and_made_as_small_as_it_gets() {
        let mut found = BTreeSet::new();
        for seed in 0..12 {
            let broken = hunt(seed).broken.expect("both faults are near");
            assert!(broken.found_bytes >= broken.input.len());
            found.insert(broken.input);
        }
        assert_eq!(found, BTreeSet::from([b"!".to_vec(), b"bug".to_vec()]));
    }

    #[test]
    fn a_seed_finds_the_same_again() {
        let (one, other) = (hunt(5), hunt(5));
        assert_eq!((one.inputs, one.broken), (other.inputs, other.broken));
    }
}

//! Four verifiers would be of no use if they were one: those in `verifiers/` were written from
//! docs/PROTOCOL.md alone. Here they are held against this one, on every vector, and on proofs in
//! which bytes were flipped, cut out, doubled and moved.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::Value;
use vouchsafe_genesis::read_proof;

use crate::judge::Judge;
use crate::valid::{self, shown_json, verifier};
use crate::world::{self, World};
use crate::{invalid, invalid_bytes, invalid_json};

/// Mutations in the everyday suite; `VOUCHSAFE_MUTATIONS` asks for another number.
const MUTATIONS: u32 = 2_000;

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// What this verifier says.
fn ours(world: &World, bytes: &[u8]) -> Result<Value, String> {
    let proof = read_proof(bytes).map_err(|error| invalid::name(&error))?;
    let shown = proof.verify(&verifier(world)).map_err(|error| invalid::name(&error))?;
    Ok(shown_json(&shown))
}

fn bytes_of(case: &Value) -> Vec<u8> {
    match case["binary"].as_str() {
        Some(digits) => hex::decode(digits).expect("hexadecimal"),
        None => case["text"].as_str().expect("either form").as_bytes().to_vec(),
    }
}

fn genesis_of(worlds: &[World], case: &Value) -> usize {
    let at = usize::try_from(case["genesis"].as_u64().expect("an index")).expect("small");
    assert!(at < worlds.len());
    at
}

#[test]
fn all_verifiers_agree_on_every_vector() {
    let (worlds, mut judges) = (world::all(), Judge::all());
    let texts: Vec<String> = worlds.iter().map(|world| world.genesis.to_pretty_json()).collect();
    for case in valid::all() {
        let (at, json) = (genesis_of(&worlds, &case), case["json"].to_string());
        for judge in &mut judges {
            for bytes in [bytes_of(&case), json.clone().into_bytes()] {
                let said = judge.judge(&texts[at], &bytes, &Value::Null);
                assert_eq!(said.as_ref(), Ok(&case["shown"]), "{}: {}", judge.name, case["about"]);
            }
        }
    }
    for case in [invalid::all(), invalid_bytes::all(), invalid_json::all()].concat() {
        let at = genesis_of(&worlds, &case);
        let expected = last(case["error"].as_str().expect("a name")).to_owned();
        for judge in &mut judges {
            let said = judge.judge(&texts[at], &bytes_of(&case), &case["asset"]);
            assert_eq!(said, Err(expected.clone()), "{}: {}", judge.name, case["about"]);
        }
    }
}

/// One change to a file.
#[derive(Clone, Debug)]
enum Mutation {
    Flip { at: prop::sample::Index, bit: u8 },
    Set { at: prop::sample::Index, byte: u8 },
    Cut { at: prop::sample::Index, count: usize },
    Double { at: prop::sample::Index, count: usize },
    Move { from: prop::sample::Index, to: prop::sample::Index, count: usize },
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let end = |at: usize, count: usize| (at + count).min(bytes.len());
        match self {
            Self::Flip { at, bit } => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << (bit % 8);
            }
            Self::Set { at, byte } => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Self::Cut { at, count } => {
                let at = at.index(bytes.len());
                drop(bytes.drain(at..end(at, *count)));
            }
            Self::Double { at, count } => {
                let at = at.index(bytes.len());
                let part = bytes[at..end(at, *count)].to_vec();
                drop(bytes.splice(at..at, part));
            }
            Self::Move { from, to, count } => {
                let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                let count = (*count).min(bytes.len() - from.max(to));
                bytes.copy_within(from..from + count, to);
            }
        }
    }
}

fn any_mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<prop::sample::Index>;
    let count = prop_oneof![Just(1usize), Just(4), Just(32), Just(96), 1..400usize];
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, bit)| Mutation::Flip { at, bit }),
        2 => (at(), prop_oneof![0..4u8, any::<u8>()]).prop_map(|(at, byte)| Mutation::Set { at, byte }),
        1 => (at(), count.clone()).prop_map(|(at, count)| Mutation::Cut { at, count }),
        1 => (at(), count.clone()).prop_map(|(at, count)| Mutation::Double { at, count }),
        2 => (at(), at(), count).prop_map(|(from, to, count)| Mutation::Move { from, to, count }),
    ]
}

#[test]
fn all_verifiers_agree_on_random_mutations() {
    let asked = std::env::var("VOUCHSAFE_MUTATIONS").ok();
    let cases = asked.map_or(MUTATIONS, |text| text.parse().expect("a number of mutations"));
    let (worlds, mut judges, vectors) = (world::all(), Judge::all(), valid::all());
    let texts: Vec<String> = worlds.iter().map(|world| world.genesis.to_pretty_json()).collect();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let strategy =
        (any::<prop::sample::Index>(), any::<bool>(), prop::collection::vec(any_mutation(), 1..4));
    let mut held = 0;
    let mut runner = TestRunner::new_with_rng(config, rng);
    for _ in 0..cases {
        let (which, as_json, mutations) =
            strategy.new_tree(&mut runner).expect("no filters").current();
        let case = &vectors[which.index(vectors.len())];
        let mut bytes = if as_json { case["json"].to_string().into() } else { bytes_of(case) };
        mutations.iter().for_each(|mutation| mutation.apply(&mut bytes));
        let at = genesis_of(&worlds, case);
        let expected = ours(&worlds[at], &bytes);
        held += u32::from(expected.is_ok());
        for judge in &mut judges {
            let said = judge.judge(&texts[at], &bytes, &Value::Null);
            let agree = match (&expected, &said) {
                (Ok(ours), Ok(theirs)) => ours == theirs,
                (Err(_), Err(_)) => true,
                _ => false,
            };
            let file = hex::encode(&bytes);
            assert!(agree, "{}: {said:?}, ours: {expected:?}, of {file}", judge.name);
        }
    }
    // A few change nothing that counts, such as white space.
    assert!(held < cases / 4, "{held} of {cases} mutations still hold");
}

#[test]
fn no_bit_of_a_proof_can_be_flipped() {
    let world = &world::all()[0];
    let case = &valid::all()[0];
    assert_eq!(case["genesis"], 0);
    let genuine = bytes_of(case);
    assert!(ours(world, &genuine).is_ok());
    for bit in 0..genuine.len() * 8 {
        let mut bytes = genuine.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(ours(world, &bytes).is_err(), "bit {} of byte {}", bit % 8, bit / 8);
    }
}

//! Every fuzz target, a little: so many inputs each, always the same ones.

use std::sync::Mutex;
use std::thread;

use vouchsafe_testnet::fuzz::{Hunt, Target, all, find};

/// All chance of the everyday suite. Another number is another suite.
const SEED: u64 = 1;

#[test]
fn every_decoder_holds_against_bytes_that_nobody_would_send() {
    let targets = Mutex::new(all().into_iter());
    let next = || targets.lock().expect("taking one does not panic").next();
    let hunts = || {
        while let Some(target) = next() {
            hold(&target);
        }
    };
    thread::scope(|scope| {
        scope.spawn(hunts);
        scope.spawn(hunts);
    });
}

fn hold(target: &Target) {
    let mut hunt = Hunt {
        seed: SEED,
        inputs_max: target.everyday_inputs,
        until: None,
        seeds: Vec::new(),
        kept: &mut |_| {},
    };
    let outcome = hunt.run(target);
    let name = target.name;
    println!("{name}: {} inputs, {} read, {} kinds", outcome.inputs, outcome.read, outcome.kinds);
    assert_eq!(outcome.broken, None, "{name}: {}", target.property);
    assert!(outcome.read > 0, "{name}: nothing was read, so it tries nothing");
    assert!(outcome.kinds > 1, "{name}: its answer is always the same");
}

#[test]
fn targets_are_found_by_their_names_which_differ() {
    let mut names: Vec<_> = all().iter().map(|target| target.name).collect();
    assert!(names.iter().all(|name| find(name).is_some()) && find("none").is_none());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all().len());
}

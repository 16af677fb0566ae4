//! The simulator: a seed is a run, and runs hold.

use vouchsafe_testnet::simulation::campaign::{Campaign, replay_command};
use vouchsafe_testnet::simulation::{Outline, simulate};

#[test]
fn two_runs_of_a_seed_are_equal_to_the_last_message() {
    for seed in [7, 9] {
        let outline = Outline { seed, validators: 4, heights: 20, silent: None, lines: false };
        let hash = || simulate(&outline).expect("holds").trace_hash;
        assert_eq!(hash(), hash(), "seed {seed}");
    }
}

#[test]
fn networks_hold_whatever_happens_to_them() {
    let campaign = Campaign {
        first_seed: 1,
        seeds: 200,
        validators: None,
        heights: 100,
        silent: None,
        threads: 2,
        keep_going: true,
    };
    let summary = campaign.run(&|_| {});
    for (outline, failure) in &summary.failures {
        eprintln!("{}\n  {}", failure.violation, replay_command(outline));
    }
    assert!(summary.failures.is_empty(), "the seeds above break what must hold");
    assert!(summary.with_villains > 10 && summary.evidence > 0, "the villains were at work");
}

/// Seeds that once failed, and why.
#[test]
fn seeds_that_once_failed_hold() {
    for (seed, validators, why) in [
        (113, 4, "an honest peer was blamed for what arrived by itself meanwhile"),
        (137, 4, "a power cut between two flushes looked like a damaged log"),
        (276, 7, "the same, beside a forger and an equivocator"),
    ] {
        let outline = Outline { seed, validators, heights: 60, silent: None, lines: false };
        simulate(&outline).unwrap_or_else(|failure| panic!("{why}: {}", failure.violation));
    }
}

/// What no protocol survives must not seem to hold.
#[test]
fn a_third_and_one_that_say_nothing_stall_the_network_and_a_third_does_not() {
    for (validators, silent, stalls) in [(4, 1, false), (4, 2, true), (7, 2, false), (7, 3, true)] {
        let outline =
            Outline { seed: 5, validators, heights: 10, silent: Some(silent), lines: false };
        match simulate(&outline) {
            Ok(_) => assert!(!stalls, "{silent} of {validators} say nothing"),
            Err(failure) => {
                assert!(
                    stalls && failure.violation.starts_with("progress"),
                    "{}",
                    failure.violation
                );
            }
        }
    }
}

//! Four validators, and one alone, decide blocks: with everyone there, with one silent, and with
//! crashes between any two effects.

mod network;

use network::Network;
use vouchsafe_consensus::Engine;

#[test]
fn four_validators_decide_fifty_heights_in_their_first_rounds() {
    let mut network = Network::new(4, 1);
    network.begin();
    network.run_until(50);
    for node in &network.nodes {
        assert!(node.rounds_started.iter().all(|(_, round)| *round == 0));
    }
    let decided = |index: usize| -> Vec<_> {
        network.nodes[index].decisions[..50].iter().map(|d| d.certificate.block_id).collect()
    };
    assert!((1..4).all(|index| decided(index) == decided(0)));
}

#[test]
fn one_silent_validator_of_four_costs_rounds_and_no_progress() {
    for silent in 0..4 {
        let mut network = Network::new(4, 2);
        network.silent.insert(silent);
        network.begin();
        network.run_until(50);
        let live = (silent + 1) % 4;
        assert!(network.nodes[live].rounds_started.iter().any(|(_, round)| *round > 0));
        for height in 0..50 {
            let blocks: std::collections::BTreeSet<_> = (0..4)
                .filter(|index| *index != silent)
                .map(|index| network.nodes[index].decisions[height].certificate.block_id)
                .collect();
            assert_eq!(blocks.len(), 1, "height {}", height + 1);
        }
    }
}

#[test]
fn one_validator_alone_decides_without_waiting_for_anyone() {
    let mut network = Network::new(1, 3);
    network.begin();
    network.run_until(50);
    assert!(network.nodes[0].rounds_started.iter().all(|(_, round)| *round == 0));
}

#[test]
fn a_lone_validator_survives_a_crash_between_any_two_effects() {
    for crash_after in 0..60 {
        let mut network = Network::new(1, 4);
        network.nodes[0].crash_after = Some(crash_after);
        network.begin();
        network.run_until(5);
        let node = &network.nodes[0];
        assert_eq!(node.restarts, 1);
        // A lone validator that withheld its vote would stand still for ever.
        assert_eq!(node.withheld, [], "crash after {crash_after} effects");
    }
}

#[test]
fn validators_that_crash_between_any_two_effects_sign_nothing_twice() {
    let mut restarts = 0;
    for seed in 0..12 {
        let mut network = Network::new(4, 1_000 + seed);
        network.begin();
        for heights in 1..=30 {
            network.run_until(heights);
            let index = usize::try_from(network.wire.random(4)).expect("small");
            if !network.nodes[index].is_down() {
                let effects = network.wire.random(60);
                network.nodes[index].crash_after = Some(effects);
            }
        }
        for node in &network.nodes {
            restarts += node.restarts;
            assert_eq!(node.withheld, []);
        }
    }
    assert!(restarts > 200, "{restarts}");
}

#[test]
fn all_validators_crashing_at_once_go_on_where_they_were() {
    for seed in 0..10 {
        let mut network = Network::new(4, 2_000 + seed);
        network.begin();
        for heights in [3, 6, 9] {
            network.run_until(heights);
            for index in 0..4 {
                let effects = network.wire.random(40);
                network.nodes[index].crash_after = Some(effects);
            }
        }
        network.run_until(12);
    }
}

#[test]
fn crashes_without_log_and_record_do_sign_twice() {
    let mut double_signs = 0;
    for seed in 0..40 {
        let mut network = Network::new(4, 1_000 + seed);
        network.nodes[0].disks_forget = true;
        network.begin();
        for heights in 1..=20 {
            network.run_until(heights);
            if !network.nodes[0].is_down() {
                let effects = network.wire.random(60);
                network.nodes[0].crash_after = Some(effects);
            }
        }
        double_signs += network.wire.double_signs.len();
    }
    assert!(double_signs > 0, "the network of this test would not notice");
}

#[test]
fn an_engine_may_move_between_threads() {
    fn assert_send<T: Send>() {}
    assert_send::<Engine>();
}

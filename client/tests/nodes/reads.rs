//! Which of several answers counts, and what is said of the other nodes.

use crate::committee::{Answer, Reader, now_ms, standing, stands, trusted, untrusted};
use crate::server::{Node, nobody};

const MINUTE_MS: u64 = 60_000;

#[test]
fn the_newest_proven_header_counts_wherever_it_stands() {
    let old = Answer::now(9, trusted());
    let new = Answer::now(10, untrusted()).on(old.header.block_id());
    let (first, second, third) = (old.node(), new.node(), old.node());
    for nodes in [
        [first.url(), second.url(), third.url()],
        [second.url(), first.url(), third.url()],
        [first.url(), third.url(), second.url()],
    ] {
        let ran = Reader::new().verify(&nodes).ends(11);
        stands(&ran, second.url(), "used");
        stands(&ran, first.url(), "answered");
        assert_eq!(standing(&ran, first.url())["height"], 9);
        assert_eq!(ran.json()["results"][0]["proof"]["height"], 10);
        assert!(ran.stderr.is_empty(), "nothing is wrong: {ran:?}");
    }
}

#[test]
fn a_node_that_is_behind_is_named_and_the_newer_answer_used() {
    let behind = Answer::at(5, now_ms() - 10 * MINUTE_MS, trusted()).node();
    let newest = Answer::now(9, untrusted()).node();
    let reader = Reader::new();
    let ran = reader.verify(&[behind.url(), newest.url()]).ends(11);
    let said = stands(&ran, behind.url(), "behind");
    assert!(said.contains("10 min older than block 9"), "{said}");
    assert!(ran.stderr.contains(&said), "people are told too: {ran:?}");
    // Alone it proves nothing that is of use, and says why.
    let ran = Reader::new().verify(&[behind.url()]).ends(21);
    assert!(stands(&ran, behind.url(), "behind").contains("--max-age"), "{ran:?}");
    // Below what was seen, it is not asked for a minute, but given time to catch up.
    let young = Answer::now(8, trusted()).node();
    let ran = reader.verify(&[young.url()]).ends(21);
    assert!(stands(&ran, young.url(), "behind").contains("was seen before"), "{ran:?}");
}

#[test]
fn dead_and_silent_nodes_do_not_stop_the_others() {
    let (silent, dead) = (Node::silent(), nobody());
    let honest: Vec<_> = (0..3).map(|_| Answer::now(9, trusted()).node()).collect();
    let reader = Reader::new();
    // Nobody waits for a minute, although every node has one.
    let patient = |nodes: &[&str]| {
        reader.asking(nodes).with("VOUCH_TIMEOUT", "60s").json(&["verify", &reader.file])
    };
    let ran = patient(&[silent.url(), &dead, honest[0].url()]).ends(0);
    stands(&ran, honest[0].url(), "used");
    assert!(stands(&ran, silent.url(), "slow").contains("was not waited for"), "{ran:?}");
    assert!(stands(&ran, &dead, "down").contains("cannot be reached"), "{ran:?}");
    for named in [silent.url(), &dead] {
        assert!(ran.stderr.contains(named), "{named}: {ran:?}");
    }
}

#[test]
fn when_no_node_answers_each_ones_cause_is_given() {
    let (silent, dead, other) = (Node::silent(), nobody(), nobody());
    let reader = Reader::new();
    let nodes = [silent.url(), dead.as_str(), other.as_str()];
    let quick = reader.asking(&nodes).with("VOUCH_TIMEOUT", "300ms");
    let ran = quick.json(&["verify", &reader.file]).ends(21);
    let message = ran.json()["error"]["message"].as_str().expect("a message").to_owned();
    let slow = format!("{}: did not answer within 300 ms", silent.url());
    for told in [slow.as_str(), &dead, &other] {
        assert!(message.contains(told), "{told}: {message}");
    }
    assert_eq!(message.matches("cannot be reached").count(), 1, "told once: {message}");
    stands(&ran, silent.url(), "slow");
    stands(&ran, &dead, "down");
    let text = quick.run(&["verify", &reader.file]).ends(21);
    assert!(text.stdout.starts_with("COULD NOT CHECK"), "{text:?}");
    let json = quick.json(&["inspect", &reader.file]).ends(21).json();
    assert_eq!(json["error"]["code"], "could-not-check");
    assert_eq!(json["nodes"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_proof_from_the_future_is_not_fresh() {
    let far = Answer::at(9, now_ms() + 30_000, trusted()).node();
    let reader = Reader::new();
    let ran = reader.verify(&[far.url()]).ends(21);
    assert!(stands(&ran, far.url(), "ahead").contains("set the clock"), "{ran:?}");
    assert!(ran.json()["results"][0]["status"].is_null(), "{ran:?}");
    // Clocks differ by a little; then ages are not what they seem, and that is told.
    let near = Answer::at(9, now_ms() + 9_000, trusted()).node();
    let ran = reader.verify(&[near.url()]).ends(0);
    assert!(ran.stderr.contains("ahead of this machine's clock"), "{ran:?}");
    let proof = &ran.json()["results"][0]["proof"];
    assert_eq!(proof["age_ms"], 0);
    assert!(proof["ahead_ms"].as_u64() > Some(2_000), "{proof}");
    // Nor can a wrong clock tell that a proof is of the last second.
    let reader = Reader::new();
    let strict = reader.asking(&[near.url()]);
    strict.run(&["verify", &reader.file, "--max-age", "1s"]).ends(21);
}

#[test]
fn status_shows_every_node_and_what_is_wrong_with_it() {
    let old = Answer::now(9, trusted());
    let (first, second) = (old.node(), Answer::now(12, trusted()).node());
    let behind = Answer::at(5, now_ms() - 10 * MINUTE_MS, trusted()).node();
    let dead = nobody();
    let nodes = [first.url(), second.url(), behind.url(), &dead];
    let ran = Reader::new().asking(&nodes).json(&["status"]).ends(21);
    let json = ran.json();
    let lags: Vec<_> = (0..4).map(|index| json["results"][index]["lag_blocks"].as_u64()).collect();
    assert_eq!(lags, [Some(3), Some(0), None, None], "{json}");
    for (node, expected) in nodes.iter().zip(["answered", "answered", "behind", "down"]) {
        stands(&ran, node, expected);
    }
}

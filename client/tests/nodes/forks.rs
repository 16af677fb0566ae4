//! Two certified blocks at one height: nothing is answered any more, and both headers are shown.

use vouchsafe_proto::v1::GetBlockResponse;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::header::Header;

use crate::chain_fixture as chain;
use crate::committee::{Answer, Reader, stands, trusted, untrusted};
use crate::harness::Ran;
use crate::server::{Node, Script};

/// The command failed by a fork at a height, and told nothing else.
#[track_caller]
fn forked(ran: &Ran, height: u64) {
    let json = ran.json();
    assert_eq!(ran.code, 20, "{ran:?}");
    assert_eq!(json["error"]["code"], "fork", "{ran:?}");
    assert_eq!(json["error"]["fork"]["height"], height, "{ran:?}");
    assert_eq!(json["results"].as_array().map(Vec::len), Some(0), "{ran:?}");
}

#[test]
fn two_certified_blocks_at_one_height_end_every_command() {
    let (one, two) = (Answer::now(9, trusted()), Answer::now(9, untrusted()));
    let (first, second) = (one.node(), two.node());
    for nodes in [[first.url(), second.url()], [second.url(), first.url()]] {
        let reader = Reader::new();
        for arguments in
            [vec!["verify", &reader.file], vec!["inspect", &reader.file], vec!["status"]]
        {
            let ran = reader.asking(&nodes).json(&arguments);
            forked(&ran, 9);
            let fork = &ran.json()["error"]["fork"];
            let blocks = fork["blocks"].as_array().expect("two").clone();
            let mut shown: Vec<_> = blocks.iter().map(|block| block["block_id"].clone()).collect();
            let mut expected = [&one, &two].map(|answer| answer.header.block_id().to_string());
            shown.sort_by_key(ToString::to_string);
            expected.sort();
            assert_eq!(shown, expected, "{fork}");
            for block in &blocks {
                let header = hex::decode(block["header"].as_str().expect("hex")).expect("hex");
                let header = Header::from_bytes(&header).expect("the header itself");
                assert_eq!(block["block_id"], header.block_id().to_string());
                assert!(block["certificate"].is_string(), "{block}");
            }
            assert_eq!(fork["signed_both"].as_array().map(Vec::len), Some(3), "{fork}");
            nodes.iter().for_each(|node| drop(stands(&ran, node, "forked")));
        }
        let text = reader.asking(&nodes).run(&["verify", &reader.file]).ends(20);
        assert!(text.stdout.is_empty(), "{text:?}");
        assert!(text.stderr.contains("THE CHAIN IS FORKED"), "{text:?}");
        // Neither side became what later answers are held against.
        reader.verify(&[first.url()]).ends(0);
    }
}

#[test]
fn a_fork_is_not_hidden_by_a_newer_answer_or_by_age() {
    let now = crate::committee::now_ms();
    let one = Answer::at(9, now - 600_000, trusted());
    let two = Answer::at(9, now - 600_001, trusted());
    let newest = Answer::now(20, trusted());
    let nodes = [newest.node(), one.node(), two.node()];
    let urls: Vec<_> = nodes.iter().map(Node::url).collect();
    forked(&Reader::new().verify(&urls), 9);
}

#[test]
fn a_block_whose_parent_is_not_the_certified_one_is_a_fork() {
    let parent = Answer::now(9, trusted());
    let stranger = Answer::now(10, trusted());
    let (first, second) = (parent.node(), stranger.node());
    for nodes in [[first.url(), second.url()], [second.url(), first.url()]] {
        forked(&Reader::new().verify(&nodes), 9);
    }
    let child = Answer::now(10, trusted()).on(parent.header.block_id()).node();
    Reader::new().verify(&[first.url(), child.url()]).ends(0);
}

#[test]
fn another_block_than_the_one_seen_before_is_a_fork_whoever_else_agrees() {
    let (one, two) = (Answer::now(9, trusted()), Answer::now(9, untrusted()));
    let (first, second) = (one.node(), two.node());
    let reader = Reader::new();
    reader.verify(&[first.url()]).ends(0);
    for nodes in [vec![second.url()], vec![first.url(), second.url()]] {
        let ran = reader.verify(&nodes);
        forked(&ran, 9);
        stands(&ran, second.url(), "forked");
    }
    reader.verify(&[first.url()]).ends(0);
}

#[test]
fn blocks_certified_in_two_rounds_accuse_the_set_and_nobody_by_name() {
    let (one, two) = (Answer::now(9, trusted()), Answer::now(9, untrusted()));
    let first = one.node();
    let second = Node::answering(two.with(chain::certified_by(&two.header, 1, &[1, 2, 3])));
    let ran = Reader::new().verify(&[first.url(), second.url()]);
    forked(&ran, 9);
    let signed_both = &ran.json()["error"]["fork"]["signed_both"];
    assert_eq!(signed_both.as_array().map(Vec::len), Some(0), "{signed_both}");
}

#[test]
fn whoever_watches_or_keeps_proofs_meets_the_fork_as_well() {
    let (one, two) = (Answer::now(9, trusted()), Answer::now(9, untrusted()));
    let reader = Reader::new();
    let (first, second) = (reader.path("first"), reader.path("second"));
    for (path, answer) in [(&first, &one), (&second, &two)] {
        std::fs::write(path, answer.proof_file()).expect("a temporary folder");
    }
    let offline = |proof: &str| reader.vouch.json(&["verify", "--proof", proof, &reader.file]);
    offline(&first).ends(0);
    offline(&first).ends(0);
    forked(&offline(&second), 9);
    // A watcher that was told of one block is told of another one's child.
    let child = Answer::now(10, trusted()).on(two.header.block_id());
    let block = GetBlockResponse { head: child.certified().head, block: Vec::new() };
    let status = Some(Answer::now(20, trusted()).certified());
    let node = Node::new(Script { followed: vec![block], status, ..Script::default() });
    let (state, place) = (reader.path("state"), format!("10 {}\n", one.header.block_id()));
    std::fs::write(&state, place).expect("a temporary folder");
    let ran = reader.asking(&[node.url()]).json(&["watch", "--state", &state]);
    forked(&ran, 9);
}

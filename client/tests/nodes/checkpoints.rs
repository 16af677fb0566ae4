//! Checkpoints by the signatures of four validators, who may be too few or sign two histories.

use std::fs;
use std::sync::LazyLock;

use vouchsafe_proto::v1::GetCheckpointResponse;
use vouchsafe_types::checkpoint::Checkpoint;
use vouchsafe_types::hash::{Digest, sha256};

use crate::chain_fixture as chain;
use crate::committee::{Answer, Reader, trusted};
use crate::server::{Node, Script};

const SIZE: u64 = 9;

/// All nodes have the same newest block.
static NEWEST: LazyLock<Answer> = LazyLock::new(|| Answer::now(SIZE, trusted()));

/// A note of some history, signed by these validators.
fn note(history: &str, validators: &[u8]) -> String {
    let root: Digest = sha256(&[history.as_bytes()]);
    let text = Checkpoint { chain_id: chain::chain_id(), size: SIZE, root }.text();
    let line = |validator: &u8| {
        let key = chain::consensus_key(*validator);
        Checkpoint::line(&key.public_key(), &key.sign(text.as_bytes()))
    };
    format!("{text}\n{}", validators.iter().map(line).collect::<String>())
}

/// A node of one validator.
fn node(history: &str, validator: u8) -> Node {
    signed(history, &[validator])
}

/// A node that has these validators' signatures.
fn signed(history: &str, validators: &[u8]) -> Node {
    let head = NEWEST.certified().head;
    let note = note(history, validators);
    let answer = GetCheckpointResponse { note, head, changes: Vec::new() };
    Node::new(Script { checkpoint: Some(answer), ..Script::default() })
}

#[test]
fn two_of_four_signatures_make_no_checkpoint() {
    let reader = Reader::new();
    let nodes: Vec<Node> = (0..4).map(|validator| node("one", validator)).collect();
    let urls: Vec<&str> = nodes.iter().map(Node::url).collect();
    let few = reader.asking(&urls[..2]).json(&["checkpoint"]);
    assert_eq!(
        (few.code, &few.json()["error"]["code"]),
        (21, &"too-few-signatures".into()),
        "{few:?}"
    );
    let enough = reader.asking(&urls[1..]).json(&["checkpoint"]).ends(0).json();
    assert_eq!(enough["results"][0]["signers"].as_array().map(Vec::len), Some(3));
    // One node says what another validator signed, twice: it counts once.
    let again = reader.asking(&[urls[0], urls[1], urls[1]]).run(&["checkpoint"]);
    assert_ne!(again.code, 0, "{again:?}");
}

#[test]
fn validators_that_sign_two_histories_are_found_out() {
    let reader = Reader::new();
    let code = |urls: &[&str]| {
        let ran = reader.asking(urls).json(&["checkpoint"]);
        (ran.code, ran.json()["error"]["code"].as_str().map(str::to_owned))
    };
    let (one, other) = (node("one", 0), node("other", 1));
    // Somebody lies, and nobody knows who: that is no fork.
    assert_eq!(code(&[one.url(), other.url()]), (21, Some("too-few-signatures".into())));
    let (ones, others) = (signed("one", &[0, 1, 2]), signed("other", &[1, 2, 3]));
    assert_eq!(code(&[ones.url(), others.url()]), (20, Some("fork".into())));
    // One validator's word, or nobody's, spoils nothing.
    let (nobody, stranger) = (signed("other", &[]), signed("other", &[9]));
    for odd in [&other, &nobody, &stranger] {
        let ran = reader.asking(&[odd.url(), ones.url()]).run(&["checkpoint"]).ends(0);
        assert!(ran.stderr.contains(odd.url()), "{ran:?}");
    }
    assert_eq!(code(&[stranger.url()]).0, 21);
    let (old, new) = (reader.path("old"), reader.path("new"));
    fs::write(&old, note("one", &[0, 1, 2])).expect("a temporary folder");
    fs::write(&new, note("other", &[1, 2, 3])).expect("a temporary folder");
    // Both count by themselves; together they convict. No node is asked.
    for file in [&old, &new] {
        reader.vouch.run(&["checkpoint", "verify", file]).ends(0);
    }
    let forked = reader.vouch.run(&["checkpoint", "verify", &old, &new]).ends(20);
    assert!(forked.stderr.contains("the chain is forked"), "{forked:?}");
    reader.vouch.run(&["checkpoint", "verify", &old, &old]).ends(0);
    fs::write(&new, note("one", &[0, 1])).expect("a temporary folder");
    let weak = reader.vouch.run(&["checkpoint", "verify", &new]).ends(20);
    assert!(weak.stderr.contains("2 of 4 voting power"), "{weak:?}");
}

//! A transaction goes to any node, as the same bytes, until one gives a receipt that is proven.

use tonic::Status;
use vouchsafe_proto::v1::Receipt;

use crate::committee::{Reader, receipt, stands};
use crate::harness::Ran;
use crate::server::{Node, Script, nobody};

const CANNOT_COMMIT: &str = "the network cannot commit now: this node reaches validators with 2 \
    of 4 voting power, and needs 3; the transaction waits at this node until it expires";

struct Signer {
    reader: Reader,
}

impl Signer {
    fn new() -> Self {
        Self { reader: Reader::new() }
    }

    fn sign(&self, nodes: &[&str], more: &[&str]) -> Ran {
        let key = self.reader.path("key");
        let arguments = [&["sign", self.reader.file.as_str(), "--key", &key], more].concat();
        self.reader.asking(nodes).json(&arguments)
    }

    fn pending(&self) -> usize {
        let folders = std::fs::read_dir(self.reader.vouch.home.join("pending"));
        let folders = folders.into_iter().flatten().map(|entry| entry.expect("lists").path());
        folders.map(|folder| std::fs::read_dir(folder).expect("lists").count()).sum()
    }
}

fn honest() -> Node {
    Node::taking(|transaction| Ok(receipt(transaction)))
}

fn cut_off() -> Node {
    Node::taking(|_| Err(Status::unavailable(CANNOT_COMMIT)))
}

#[test]
fn the_next_node_gets_the_same_transaction_when_one_cannot_take_it() {
    let dead = nobody();
    let full = Node::taking(|_| Err(Status::resource_exhausted("the mempool is full")));
    let stopping = Node::taking(|_| Err(Status::unavailable("the node is stopping")));
    let cut_off = cut_off();
    let lying = Node::taking(|transaction| {
        Ok(Receipt { inclusion_proof: Vec::new(), ..receipt(transaction) })
    });
    let honest = honest();
    let never = self::honest();
    let nodes = [
        dead.as_str(),
        full.url(),
        stopping.url(),
        cut_off.url(),
        lying.url(),
        honest.url(),
        never.url(),
    ];
    let signer = Signer::new();
    let ran = signer.sign(&nodes, &[]).ends(0);
    let sent = honest.submitted();
    assert_eq!(sent.len(), 1, "{ran:?}");
    for node in [&full, &stopping, &cut_off, &lying] {
        assert_eq!(node.submitted(), sent, "the same bytes, once");
    }
    assert!(never.submitted().is_empty(), "a receipt was in hand");
    assert_eq!(signer.pending(), 0);
    stands(&ran, &dead, "down");
    stands(&ran, honest.url(), "used");
    stands(&ran, lying.url(), "lied");
    for node in [&full, &stopping, &cut_off] {
        assert!(!stands(&ran, node.url(), "failed").is_empty());
    }
    assert!(ran.stderr.contains("PROOF INVALID"), "{ran:?}");
}

#[test]
fn a_silent_node_is_not_waited_for_alone() {
    let (silent, honest) = (Node::silent(), honest());
    let signer = Signer::new();
    // The silent one would use up the whole wait.
    let ran = signer.sign(&[silent.url(), honest.url()], &["--wait", "60s"]).ends(0);
    assert_eq!(silent.submitted(), honest.submitted(), "both have the same bytes");
    assert!(stands(&ran, silent.url(), "slow").contains("was not waited for"), "{ran:?}");
    assert_eq!(signer.pending(), 0);
}

#[test]
fn a_network_that_cannot_commit_is_told_plainly_and_the_transaction_kept() {
    let (first, second) = (cut_off(), cut_off());
    let nodes = [first.url(), second.url()];
    let signer = Signer::new();
    let ran = signer.sign(&nodes, &[]).ends(21);
    let json = ran.json();
    assert_eq!(json["error"]["code"], "cannot-commit", "{json}");
    let message = json["error"]["message"].as_str().expect("a message");
    for part in [
        "the network cannot commit now: transaction",
        "2 of 4 voting power",
        "run the same command again",
        "until it expires at 20",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(json["results"][0]["status"], serde_json::Value::Null);
    assert_eq!(signer.pending(), 1);
    let text = signer
        .reader
        .asking(&nodes)
        .run(&["sign", &signer.reader.file, "--key", &signer.reader.path("key")])
        .ends(21);
    assert!(text.stdout.starts_with("NO RECEIPT"), "{text:?}");
    assert_eq!(signer.pending(), 1, "the same statement waits, alone");
    // The validators are back: the same bytes get their receipt.
    second.now(Script {
        submission: Some(Box::new(|transaction| Ok(receipt(transaction)))),
        ..Script::default()
    });
    signer.sign(&nodes, &[]).ends(0);
    assert_eq!(signer.pending(), 0);
    let mut sent = [first.submitted(), second.submitted()].concat();
    sent.dedup();
    assert_eq!(sent.len(), 1, "nothing was signed a second time");
}

#[test]
fn one_node_that_reaches_a_quorum_is_enough() {
    let (cut_off, honest) = (cut_off(), honest());
    let signer = Signer::new();
    let ran = signer.sign(&[cut_off.url(), honest.url()], &[]).ends(0);
    assert!(stands(&ran, cut_off.url(), "failed").contains("2 of 4 voting power"), "{ran:?}");
}

#[test]
fn a_full_node_is_asked_again_within_the_wait_and_no_longer() {
    let full = Node::taking(|_| Err(Status::resource_exhausted("the mempool is full")));
    let signer = Signer::new();
    let ran = signer.sign(&[full.url()], &["--wait", "500ms"]).ends(21);
    assert_eq!(ran.json()["error"]["code"], "not-handed-in");
    assert!(full.submitted().len() > 1, "it was asked again");
    assert_eq!(signer.pending(), 1);
}

#[test]
fn a_receipt_of_a_forked_chain_is_no_receipt() {
    let (one, two) = (honest(), crate::committee::Answer::now(9, crate::committee::trusted()));
    let signer = Signer::new();
    // The client has seen block 9, and the receipt is of another block 9.
    signer.reader.verify(&[two.node().url()]).ends(0);
    let ran = signer.sign(&[one.url()], &[]).ends(20);
    assert_eq!(ran.json()["error"]["code"], "fork", "{ran:?}");
    assert_eq!(signer.pending(), 1, "the transaction is kept");
}

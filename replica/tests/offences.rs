//! Evidence: found, kept, told of, judged, and put into one block.

mod driver;

use driver::{
    Key, Node, Sent, connect, connect_one, exchange, genesis, genesis_with, pass_time, solo,
    solo_on,
};
use tempfile::TempDir;
use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_genesis::{Genesis, Parameters};
use vouchsafe_ledger::{Ledger, MemoryStore, Offence, StoreRead, StoreWrite};
use vouchsafe_replica::peer::PeerMessage;
use vouchsafe_replica::{
    Delivery, Event, MempoolLimits, Notice, PeerNumber, Replica, ReplicaError, ReplicaParameters,
    Timer, Verdict,
};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, sha256};
use vouchsafe_types::vote::{SignedVote, Vote, VoteKind};

/// The seed of the validator that contradicts itself.
const VILLAIN: u8 = 4;

fn vote(genesis: &Genesis, seed: u8, kind: VoteKind, height: u64, label: &str) -> SignedVote {
    let key = Key::new(seed);
    let block_id = Some(BlockId(sha256(&[label.as_bytes()])));
    let address = key.public_key().address();
    let vote = Vote { version: Version, kind, height, round: 0, block_id, address };
    let signature = key.sign(&vote.preimage(&genesis.chain_id()));
    SignedVote { vote, signature }
}

fn evidence(genesis: &Genesis, seed: u8, kind: VoteKind, height: u64) -> Evidence {
    let [one, other] = ["a", "b"].map(|label| vote(genesis, seed, kind, height, label));
    Evidence::of_votes(one, other)
}

fn receive(node: &mut Node, message: PeerMessage) -> Verdict {
    let delivery = Delivery(1_000_000 + node.verdicts.len() as u64);
    node.feed(Event::Received { from: PeerNumber(9), delivery, message });
    node.verdicts[&delivery]
}

fn hear(node: &mut Node, evidence: &Evidence) -> Verdict {
    receive(node, PeerMessage::Evidence(Box::new(evidence.clone())))
}

/// A node hears both of two contradicting votes of the villain, of the height that it decides.
fn see_both(genesis: &Genesis, node: &mut Node) -> Evidence {
    let height = node.height() + 1;
    for label in ["a", "b"] {
        let vote = vote(genesis, VILLAIN, VoteKind::Prevote, height, label);
        let message = Message::Vote(vote);
        node.feed(Event::Received {
            from: PeerNumber(9),
            delivery: Delivery(0),
            message: PeerMessage::Consensus(message),
        });
    }
    evidence(genesis, VILLAIN, VoteKind::Prevote, height)
}

fn told(node: &Node) -> Vec<Evidence> {
    let evidence = |sent: &Sent| match sent {
        Sent::Broadcast(PeerMessage::Evidence(evidence)) => Some(Evidence::clone(evidence)),
        _ => None,
    };
    node.outbox.iter().filter_map(evidence).collect()
}

fn network() -> (Vec<TempDir>, Genesis, Vec<Node>) {
    let genesis = genesis(4);
    let folders: Vec<_> = (0..4).map(|_| tempfile::tempdir().expect("a folder")).collect();
    let boot = |(folder, seed): (&TempDir, u8)| {
        Node::boot(&genesis, &Key::new(seed), folder.path(), MemoryStore::default())
    };
    let mut nodes: Vec<_> = folders.iter().zip(1..).map(boot).collect();
    for node in &mut nodes {
        node.feed(Event::Started);
    }
    (folders, genesis, nodes)
}

/// All evidence in a node's blocks.
fn recorded(node: &Node) -> Vec<Evidence> {
    (1..=node.height()).flat_map(|height| node.block(height).evidence.into_inner()).collect()
}

/// Lets blocks be made by heartbeats until this height.
fn grow(node: &mut Node, height: u64) {
    while node.height() < height {
        node.fire_next_timer();
    }
}

#[test]
fn evidence_that_one_node_found_stands_in_one_block_of_all() {
    let (_folders, genesis, mut nodes) = network();
    connect(&mut nodes, &[]);
    exchange(&mut nodes, &[]);
    let found = see_both(&genesis, &mut nodes[0]);
    assert_eq!(nodes[0].replica.report().waiting_evidence, 1);
    exchange(&mut nodes, &[]);
    for node in &nodes {
        let notices = node.notices.iter().filter(|n| matches!(n, Notice::Misbehaviour(_)));
        assert_eq!(notices.count(), 1, "each node says it once");
    }
    for _ in 0..600 {
        pass_time(&mut nodes, &[], 100);
    }
    for node in &nodes {
        assert_eq!(recorded(node), std::slice::from_ref(&found));
        assert_eq!(node.replica.report().waiting_evidence, 0);
        assert!(node.store.waiting_evidence().expect("reads").is_empty());
        let heights = node.store.evidence_heights(0, 9).expect("reads");
        let [height] = heights[..] else { panic!("{heights:?}") };
        assert_eq!(node.block(height).evidence.len(), 1);
    }
}

#[test]
fn others_are_told_of_an_offence_only_after_it_is_kept() {
    let (_folders, genesis, mut nodes) = network();
    let node = &mut nodes[0];
    node.trace.clear();
    let found = see_both(&genesis, node);
    let kept = node.trace.iter().position(|effect| *effect == "keep evidence").expect("kept");
    let sent = node.trace.iter().position(|effect| *effect == "send vote or proposal");
    assert!(sent.is_none_or(|sent| kept < sent), "{:?}", node.trace);
    assert_eq!(told(node), [found]);
}

#[test]
fn evidence_survives_a_crash_and_is_told_of_again() {
    let (folders, genesis, mut nodes) = network();
    nodes[0].trace.clear();
    let found = see_both(&genesis, &mut nodes[0]);
    let store = nodes[0].store.clone();
    assert_eq!(store.waiting_evidence().expect("reads").len(), 1);
    // The process ends without having told anybody.
    drop(nodes.remove(0));
    nodes.insert(0, Node::boot(&genesis, &Key::new(1), folders[0].path(), store));
    let node = &mut nodes[0];
    assert_eq!(node.replica.waiting_evidence().collect::<Vec<_>>(), [&found]);
    node.feed(Event::Started);
    connect_one(&mut nodes, 0, 1);
    assert_eq!(told(&nodes[0]), [], "at the next turn");
    nodes[0].now_ms = nodes[0].timers[&Timer::Regossip];
    nodes[0].feed(Event::TimerElapsed(Timer::Regossip));
    assert_eq!(told(&nodes[0]), [found]);
}

#[test]
fn damaged_evidence_stops_the_node() {
    let (genesis, store) = (genesis(1), MemoryStore::default());
    let ledger = Ledger::open(&genesis, store.clone()).expect("opens");
    let offence = Offence { height: 1, id: evidence(&genesis, 1, VoteKind::Prevote, 1).id() };
    store.put_evidence(offence, b"no evidence").expect("written");
    let mempool = MempoolLimits::default();
    let parameters = ReplicaParameters { mempool, signer: None, signed: None, replay: vec![] };
    let error = Replica::new(parameters, ledger).err();
    assert!(matches!(error, Some(ReplicaError::EvidenceDamaged(_))), "{error:?}");
}

#[test]
fn whoever_hands_on_false_evidence_is_refused() {
    let (_folders, genesis, mut nodes) = network();
    let node = &mut nodes[0];
    let Evidence::Votes(one, mut other) = evidence(&genesis, VILLAIN, VoteKind::Prevote, 1) else {
        unreachable!("of votes")
    };
    other.signature.0[0] ^= 1;
    let forged = Evidence::Votes(one.clone(), other);
    assert_eq!(hear(node, &forged), Verdict::Reject);
    assert_eq!(hear(node, &Evidence::Votes(one.clone(), one)), Verdict::Reject);
    assert_eq!(hear(node, &evidence(&genesis, 77, VoteKind::Prevote, 1)), Verdict::Reject);
    assert_eq!(node.replica.report().waiting_evidence, 0);
    assert!(node.store.waiting_evidence().expect("reads").is_empty());
}

#[test]
fn nobody_is_blamed_for_evidence_that_is_known_or_too_early() {
    let (_folders, genesis, mut nodes) = network();
    let node = &mut nodes[0];
    let found = evidence(&genesis, VILLAIN, VoteKind::Prevote, 1);
    assert_eq!(hear(node, &found), Verdict::Accept);
    assert_eq!(hear(node, &found), Verdict::Ignore);
    let early = evidence(&genesis, VILLAIN, VoteKind::Prevote, 2);
    assert_eq!(hear(node, &early), Verdict::Ignore);
    assert_eq!(node.replica.report().waiting_evidence, 1);
}

#[test]
fn nobody_is_blamed_for_evidence_that_is_recorded_or_too_old_meanwhile() {
    let parameters = Parameters { evidence_age_max_blocks: 2, ..Parameters::default() };
    let (_folder, genesis, mut node) = solo_on(genesis_with(1, parameters));
    grow(&mut node, 1);
    let first = evidence(&genesis, 1, VoteKind::Prevote, 1);
    assert_eq!(hear(&mut node, &first), Verdict::Accept);
    grow(&mut node, 2);
    assert_eq!(recorded(&node), std::slice::from_ref(&first));
    assert_eq!(hear(&mut node, &first), Verdict::Ignore);
    let second = evidence(&genesis, 1, VoteKind::Precommit, 1);
    grow(&mut node, 3);
    assert_eq!(hear(&mut node, &second), Verdict::Ignore, "block 4 may not hold it");
    assert_eq!(node.replica.report().waiting_evidence, 0);
}

#[test]
fn one_validators_offences_have_a_bound_and_nobody_is_blamed_for_more() {
    let (_folder, genesis, mut node) = solo();
    grow(&mut node, 9);
    let kinds = [VoteKind::Prevote, VoteKind::Precommit];
    let all = (1..=9).flat_map(|height| kinds.map(|kind| (kind, height)));
    let verdicts: Vec<_> =
        all.map(|(kind, height)| hear(&mut node, &evidence(&genesis, 1, kind, height))).collect();
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Accept).count(), 16);
    assert_eq!(verdicts[16..], [Verdict::Ignore; 2]);
    grow(&mut node, 10);
    assert_eq!(node.block(10).evidence.len(), 16);
    assert_eq!(node.replica.report().waiting_evidence, 0);
}

//! Two contradicting messages of one validator become evidence that convicts it.

mod network;

use network::solo::Solo;
use network::{block, chain_id, proposer};
use vouchsafe_consensus::message::Message;
use vouchsafe_consensus::{Effect, Input};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::vote::VoteKind;

/// Decides the height, and returns its evidence, checked.
fn evidence(solo: &mut Solo) -> Vec<Evidence> {
    let mut effects = solo.decide(block("a"));
    let Some(Effect::Decided(decision)) = effects.pop() else {
        panic!("not decided: {effects:?}");
    };
    for evidence in &decision.evidence {
        let accused = solo.set.get(&evidence.address()).expect("a member");
        evidence.verify(&chain_id(), &accused.public_key).expect("it convicts");
    }
    decision.evidence
}

#[test]
fn an_honest_height_has_no_evidence() {
    assert_eq!(evidence(&mut Solo::running()), []);
}

#[test]
fn two_votes_for_different_blocks_become_evidence() {
    let mut solo = Solo::running();
    let dishonest = solo.others[1].clone();
    let other = dishonest.vote(VoteKind::Prevote, solo.height(), 0, Some(block("b")));
    solo.vote(other.clone());
    let vote = dishonest.vote(VoteKind::Prevote, solo.height(), 0, Some(block("a")));
    assert_eq!(evidence(&mut solo), [Evidence::of_votes(other, vote)]);
}

#[test]
fn two_proposals_in_one_round_become_evidence() {
    let mut solo = Solo::running();
    let height = solo.height();
    let dishonest = proposer(&solo.keys, height, 0).clone();
    let other = dishonest.proposal(height, 0, None, block("b"));
    solo.handle(Input::Message(Message::Proposal(other.clone())));
    let proposal = dishonest.proposal(height, 0, None, block("a"));
    assert_eq!(evidence(&mut solo), [Evidence::of_proposals(other, proposal)]);
}

#[test]
fn an_equivocation_before_the_start_becomes_evidence_too() {
    let mut solo = Solo::waiting();
    let dishonest = solo.others[1].clone();
    let votes = ["b", "c"]
        .map(|label| dishonest.vote(VoteKind::Precommit, solo.height(), 0, Some(block(label))));
    votes.iter().for_each(|vote| drop(solo.vote(vote.clone())));
    solo.start(vouchsafe_consensus::Start::default());
    // The dishonest validator's third vote, for the block that is decided, adds another pair.
    let found = evidence(&mut solo);
    let [first, second] = votes;
    assert!(found.contains(&Evidence::of_votes(first, second)), "{found:?}");
}

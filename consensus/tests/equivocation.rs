//! Two contradicting messages of one validator become evidence that convicts it, as soon as the
//! second one is heard.

mod network;

use network::solo::{Solo, logged};
use network::{block, chain_id, proposer};
use vouchsafe_consensus::message::{
    Message, PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind,
    RoundSignature,
};
use vouchsafe_consensus::{Effect, Input, Start};
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::vote::{SignedVote, VoteKind};

/// The evidence among effects, checked.
fn evidence(solo: &Solo, effects: Vec<Effect>) -> Vec<Evidence> {
    let evidence = |effect| match effect {
        Effect::Equivocation(evidence) => Some(*evidence),
        _ => None,
    };
    let found: Vec<_> = effects.into_iter().filter_map(evidence).collect();
    for one in &found {
        let accused = solo.set.get(&one.address()).expect("a member");
        one.verify(&chain_id(), &accused.public_key).expect("it convicts");
    }
    found
}

/// A vote of the second of the others at the current height, and what hearing it leads to.
fn vote_of_one(
    solo: &mut Solo,
    kind: VoteKind,
    round: u32,
    label: &str,
) -> (SignedVote, Vec<Evidence>) {
    let vote = solo.others[1].vote(kind, solo.height(), round, Some(block(label)));
    let effects = solo.vote(vote.clone());
    let found = evidence(solo, effects);
    (vote, found)
}

#[test]
fn an_honest_height_has_no_evidence() {
    let mut solo = Solo::running();
    let effects = solo.decide(block("a"));
    assert_eq!(evidence(&solo, effects), []);
}

#[test]
fn two_votes_for_different_blocks_become_evidence_at_once() {
    let mut solo = Solo::running();
    let (first, none) = vote_of_one(&mut solo, VoteKind::Prevote, 0, "b");
    assert_eq!(none, []);
    let (second, found) = vote_of_one(&mut solo, VoteKind::Prevote, 0, "a");
    assert_eq!(found, [Evidence::of_votes(first, second)]);
}

#[test]
fn an_offence_is_told_once_and_another_kind_is_another_offence() {
    let mut solo = Solo::running();
    vote_of_one(&mut solo, VoteKind::Prevote, 0, "a");
    assert_eq!(vote_of_one(&mut solo, VoteKind::Prevote, 0, "b").1.len(), 1);
    assert_eq!(vote_of_one(&mut solo, VoteKind::Prevote, 0, "c").1, []);
    vote_of_one(&mut solo, VoteKind::Prevote, 1, "a");
    assert_eq!(vote_of_one(&mut solo, VoteKind::Prevote, 1, "b").1, []);
    vote_of_one(&mut solo, VoteKind::Precommit, 0, "a");
    assert_eq!(vote_of_one(&mut solo, VoteKind::Precommit, 0, "b").1.len(), 1);
}

#[test]
fn votes_of_different_rounds_or_kinds_contradict_nothing() {
    let mut solo = Solo::running();
    for (kind, round, label) in
        [(VoteKind::Prevote, 0, "a"), (VoteKind::Precommit, 0, "b"), (VoteKind::Prevote, 1, "c")]
    {
        assert_eq!(vote_of_one(&mut solo, kind, round, label).1, []);
    }
}

#[test]
fn two_proposals_in_one_round_become_evidence() {
    let mut solo = Solo::running();
    let height = solo.height();
    let dishonest = proposer(&solo.keys, height, 0).clone();
    let [one, other] = ["a", "b"].map(|label| dishonest.proposal(height, 0, None, block(label)));
    solo.handle(Input::Message(Message::Proposal(one.clone())));
    let effects = solo.handle(Input::Message(Message::Proposal(other.clone())));
    assert_eq!(evidence(&solo, effects), [Evidence::of_proposals(one, other)]);
}

#[test]
fn votes_inside_certificates_count_as_if_they_had_come_alone() {
    let mut solo = Solo::running();
    let height = solo.height();
    let (first, _) = vote_of_one(&mut solo, VoteKind::Prevote, 0, "b");
    let votes =
        solo.others.iter().map(|key| key.vote(VoteKind::Prevote, height, 0, Some(block("a"))));
    let mut votes: Vec<_> = votes.collect();
    votes.sort_by_key(|signed| signed.vote.address);
    let polka = PolkaCertificate {
        height,
        round: 0,
        block_id: block("a"),
        signatures: votes
            .iter()
            .map(|signed| PolkaSignature {
                address: signed.vote.address,
                signature: signed.signature,
            })
            .collect(),
    };
    let effects = solo.handle(Input::Message(Message::PolkaCertificate(polka)));
    let second = votes.iter().find(|signed| signed.vote.address == first.vote.address);
    let second = second.expect("it prevoted").clone();
    assert_eq!(evidence(&solo, effects), [Evidence::of_votes(first, second)]);

    let (first, _) = vote_of_one(&mut solo, VoteKind::Precommit, 0, "b");
    let votes = solo.others.iter().map(|key| key.vote(VoteKind::Precommit, height, 0, None));
    let mut votes: Vec<_> = votes.collect();
    votes.sort_by_key(|signed| signed.vote.address);
    let signatures = votes.iter().map(|signed| RoundSignature {
        kind: VoteKind::Precommit,
        block_id: None,
        address: signed.vote.address,
        signature: signed.signature,
    });
    let kind = RoundCertificateKind::Precommit;
    let certificate = RoundCertificate { height, round: 0, kind, signatures: signatures.collect() };
    let effects = solo.handle(Input::Message(Message::RoundCertificate(certificate)));
    let found = evidence(&solo, effects);
    assert!(found.iter().any(|one| one.address() == first.vote.address), "{found:?}");
}

#[test]
fn a_commit_certificate_may_contradict_a_vote() {
    let mut solo = Solo::running();
    let (first, _) = vote_of_one(&mut solo, VoteKind::Precommit, 0, "b");
    let certificate = solo.certificate(solo.height(), 0, block("a"));
    let effects = solo.handle(Input::CommitCertificate(certificate));
    let found = evidence(&solo, effects);
    assert_eq!(found.iter().map(Evidence::address).collect::<Vec<_>>(), [first.vote.address]);
}

#[test]
fn an_equivocation_before_the_start_becomes_evidence_at_once_and_once() {
    let mut solo = Solo::waiting();
    let (first, _) = vote_of_one(&mut solo, VoteKind::Precommit, 0, "b");
    let (second, found) = vote_of_one(&mut solo, VoteKind::Precommit, 0, "c");
    assert_eq!(found, [Evidence::of_votes(first, second)]);
    let effects = solo.start(Start::default());
    assert_eq!(evidence(&solo, effects), []);
}

#[test]
fn an_equivocation_at_a_later_height_becomes_evidence_when_that_height_is_waited_for() {
    let mut solo = Solo::running();
    let height = solo.height() + 1;
    let votes = ["b", "c"]
        .map(|label| solo.others[1].vote(VoteKind::Prevote, height, 0, Some(block(label))));
    for vote in &votes {
        let effects = solo.vote(vote.clone());
        assert_eq!(evidence(&solo, effects), []);
    }
    solo.decide(block("a"));
    let effects = solo.engine.await_height(height, solo.set.clone()).expect("forward");
    let [first, second] = votes;
    assert_eq!(evidence(&solo, effects), [Evidence::of_votes(first, second)]);
}

#[test]
fn what_the_log_remembers_may_contradict_what_is_heard_after_a_restart() {
    let mut solo = Solo::running();
    let first = solo.others[1].vote(VoteKind::Prevote, solo.height(), 0, Some(block("b")));
    let log = logged(&solo.vote(first.clone()));
    assert!(!log.is_empty(), "the vote is counted");
    let mut solo = Solo::recorded(solo.height(), None);
    solo.replay(log);
    let (second, found) = vote_of_one(&mut solo, VoteKind::Prevote, 0, "a");
    assert_eq!(found, [Evidence::of_votes(first, second)]);
}

//! Evidence: two messages of one validator for one step, in order, both signed by it.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::{Evidence, EvidenceError};
use vouchsafe_types::hash::{BlockId, sha256};
use vouchsafe_types::vote::VoteKind::{Precommit, Prevote};

use crate::sample::{
    address, chain, evidence_of_proposals, evidence_of_votes, other_chain, proposal, public, vote,
};

fn block(number: u8) -> BlockId {
    BlockId(sha256(&[&[number]]))
}

fn verdict(evidence: &Evidence) -> Result<(), EvidenceError> {
    evidence.verify(&chain(), &public(101))
}

#[test]
fn two_votes_for_different_blocks_convict() {
    assert_eq!(verdict(&evidence_of_votes()), Ok(()));
    for kind in [Prevote, Precommit] {
        let nil = vote(101, kind, 4, 0, None);
        let block = vote(101, kind, 4, 0, Some(block(1)));
        assert_eq!(verdict(&Evidence::of_votes(block, nil)), Ok(()));
    }
}

#[test]
fn two_different_proposals_convict() {
    let evidence = evidence_of_proposals();
    assert_eq!(evidence.verify(&chain(), &public(102)), Ok(()));
    let blocks = Evidence::of_proposals(
        proposal(102, 4, 2, None, block(2)),
        proposal(102, 4, 2, None, block(1)),
    );
    assert_eq!(blocks.verify(&chain(), &public(102)), Ok(()));
}

#[test]
fn evidence_names_the_accused_and_the_height() {
    let vote = |number| vote(101, Prevote, 4, 1, Some(block(number)));
    let votes = Evidence::of_votes(vote(1), vote(2));
    assert_eq!((votes.address(), votes.height()), (address(101), 4));
    let proposal = |number| proposal(102, 5, 1, None, block(number));
    let proposals = Evidence::of_proposals(proposal(1), proposal(2));
    assert_eq!((proposals.address(), proposals.height()), (address(102), 5));
}

#[test]
fn votes_of_another_validator_height_round_or_kind_are_unrelated() {
    let one = vote(101, Prevote, 4, 1, Some(block(1)));
    for other in [
        vote(102, Prevote, 4, 1, Some(block(2))),
        vote(101, Prevote, 5, 1, Some(block(2))),
        vote(101, Prevote, 4, 2, Some(block(2))),
        vote(101, Precommit, 4, 1, Some(block(2))),
    ] {
        let evidence = Evidence::of_votes(one.clone(), other);
        assert_eq!(verdict(&evidence), Err(EvidenceError::Unrelated));
    }
}

#[test]
fn proposals_of_another_validator_height_or_round_are_unrelated() {
    let one = proposal(101, 4, 1, None, block(1));
    for other in [
        proposal(102, 4, 1, None, block(2)),
        proposal(101, 5, 1, None, block(2)),
        proposal(101, 4, 2, None, block(2)),
    ] {
        let evidence = Evidence::of_proposals(one.clone(), other);
        assert_eq!(verdict(&evidence), Err(EvidenceError::Unrelated));
    }
}

#[test]
fn evidence_held_against_another_key_is_unrelated() {
    let held = evidence_of_votes().verify(&chain(), &public(103));
    assert_eq!(held, Err(EvidenceError::Unrelated));
}

#[test]
fn equal_messages_accuse_nobody() {
    let one = vote(101, Prevote, 4, 1, Some(block(1)));
    let same = Evidence::Votes(one.clone(), one.clone());
    assert_eq!(verdict(&same), Err(EvidenceError::Order));
    let mut resigned = one.clone();
    resigned.signature.0[0] ^= 1;
    assert_eq!(verdict(&Evidence::of_votes(one, resigned)), Err(EvidenceError::Order));
    let one = proposal(101, 4, 1, None, block(1));
    assert_eq!(verdict(&Evidence::Proposals(one.clone(), one.clone())), Err(EvidenceError::Order));
    let mut resigned = one.clone();
    resigned.signature.0[0] ^= 1;
    assert_eq!(verdict(&Evidence::of_proposals(one, resigned)), Err(EvidenceError::Order));
}

#[test]
fn the_lesser_message_stands_first() {
    let Evidence::Votes(a, b) = evidence_of_votes() else { unreachable!("votes") };
    assert_eq!(Evidence::of_votes(b.clone(), a.clone()), evidence_of_votes());
    assert_eq!(verdict(&Evidence::Votes(b, a)), Err(EvidenceError::Order));
    let Evidence::Proposals(a, b) = evidence_of_proposals() else { unreachable!("proposals") };
    assert_eq!(Evidence::of_proposals(b.clone(), a.clone()), evidence_of_proposals());
    let swapped = Evidence::Proposals(b, a).verify(&chain(), &public(102));
    assert_eq!(swapped, Err(EvidenceError::Order));
}

#[test]
fn either_bad_signature_acquits() {
    for first in [true, false] {
        let Evidence::Votes(mut a, mut b) = evidence_of_votes() else { unreachable!("votes") };
        let message = if first { &mut a } else { &mut b };
        message.signature.0[3] ^= 1;
        let acquitted = Err(EvidenceError::Signature(address(101)));
        assert_eq!(verdict(&Evidence::Votes(a, b)), acquitted);
        let Evidence::Proposals(mut a, mut b) = evidence_of_proposals() else {
            unreachable!("proposals")
        };
        let message = if first { &mut a } else { &mut b };
        message.signature.0[3] ^= 1;
        let verdict = Evidence::Proposals(a, b).verify(&chain(), &public(102));
        assert_eq!(verdict, Err(EvidenceError::Signature(address(102))));
    }
    let foreign = evidence_of_votes().verify(&other_chain(), &public(101));
    assert_eq!(foreign, Err(EvidenceError::Signature(address(101))));
}

#[test]
fn one_offence_has_one_id_whatever_proves_it() {
    let of = |kind, height, round, blocks: [u8; 2]| {
        let [one, other] = blocks.map(|b| vote(101, kind, height, round, Some(block(b))));
        Evidence::of_votes(one, other).id()
    };
    let id = of(Prevote, 1, 1, [1, 2]);
    assert_eq!(id, evidence_of_votes().id());
    assert_eq!(id, of(Prevote, 1, 1, [3, 4]));
    assert_ne!(id, of(Precommit, 1, 1, [1, 2]));
    assert_ne!(id, of(Prevote, 5, 1, [1, 2]));
    assert_eq!(id, of(Prevote, 1, 2, [1, 2]), "rounds are free to an offender");
    let by_another = Evidence::of_votes(
        vote(102, Prevote, 1, 1, Some(block(1))),
        vote(102, Prevote, 1, 1, Some(block(2))),
    );
    assert_ne!(id, by_another.id());
    let proposals = |round| {
        let one = proposal(101, 1, round, None, block(1));
        Evidence::of_proposals(one, proposal(101, 1, round, None, block(2))).id()
    };
    assert_eq!(proposals(1), proposals(2));
    assert!(![id, of(Precommit, 1, 1, [1, 2])].contains(&proposals(1)));
}

#[test]
fn evidence_reads_back_and_an_unknown_kind_does_not() {
    for evidence in [evidence_of_votes(), evidence_of_proposals()] {
        let mut bytes = evidence.to_bytes();
        assert_eq!(Evidence::from_bytes(&bytes), Ok(evidence));
        bytes[0] = 3;
        assert!(Evidence::from_bytes(&bytes).is_err());
    }
}

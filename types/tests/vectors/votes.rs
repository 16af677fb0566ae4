//! Votes, proposals and evidence: fields, preimages, signatures, encodings, ids.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, sha256};
use vouchsafe_types::signature::Zip215;
use vouchsafe_types::vote::{PROPOSAL_TAG, SignedProposal, SignedVote, VOTE_TAG, VoteKind};

use crate::json::{Json, decimal, encoding, hex, object};
use crate::sample::{chain, evidence_of_proposals, evidence_of_votes, proposal, public, vote};

fn vote_json(signed: &SignedVote) -> Json {
    let vote = &signed.vote;
    object! {
        "kind": vote.kind as u32,
        "height": decimal(vote.height),
        "round": vote.round,
        "block_id": vote.block_id.map(|id| id.0),
        "address": vote.address.0,
        "preimage": hex(vote.preimage(&chain())),
        "signature": hex(signed.signature.0),
        "bytes": encoding(signed),
    }
}

fn proposal_json(signed: &SignedProposal) -> Json {
    let proposal = &signed.proposal;
    object! {
        "height": decimal(proposal.height),
        "round": proposal.round,
        "pol_round": proposal.pol_round,
        "block_id": proposal.block_id.0,
        "address": proposal.address.0,
        "preimage": hex(proposal.preimage(&chain())),
        "signature": hex(signed.signature.0),
        "bytes": encoding(signed),
    }
}

fn evidence_json(about: &str, evidence: &Evidence, seed: u8) -> Json {
    assert_eq!(evidence.verify(&chain(), &public(seed)), Ok(()));
    object! {
        "about": about,
        "accused": evidence.address().0,
        "height": decimal(evidence.height()),
        "bytes": encoding(evidence),
        "evidence_id": evidence.id().0,
        "leaf_hash": vouchsafe_types::log::leaf_hash(&evidence.to_bytes()),
    }
}

pub(crate) fn all() -> Json {
    let block = BlockId(sha256(&[b"block"]));
    let votes = [
        vote(101, VoteKind::Prevote, 1, 0, Some(block)),
        vote(101, VoteKind::Precommit, 1, 0, Some(block)),
        vote(102, VoteKind::Prevote, 2, 3, None),
        vote(103, VoteKind::Precommit, u64::MAX, u32::MAX, None),
    ];
    let proposals = [proposal(101, 1, 0, None, block), proposal(102, 9, 4, Some(2), block)];
    for vote in &votes {
        assert!([101, 102, 103].iter().any(|seed| vote.verify(&Zip215, &chain(), &public(*seed))));
    }
    for proposal in &proposals {
        assert!([101, 102].iter().any(|seed| proposal.verify(&Zip215, &chain(), &public(*seed))));
    }
    object! {
        "about": "What validators sign. Keys: Ed25519 seed of 32 equal bytes, 0x65, 0x66, 0x67.",
        "chain_id": chain().0,
        "vote_tag": VOTE_TAG,
        "proposal_tag": PROPOSAL_TAG,
        "votes": votes.iter().map(vote_json).collect::<Vec<_>>(),
        "proposals": proposals.iter().map(proposal_json).collect::<Vec<_>>(),
        "evidence": vec![
            evidence_json("two prevotes of one round for two blocks", &evidence_of_votes(), 101),
            evidence_json("two proposals of one round", &evidence_of_proposals(), 102),
        ],
    }
}

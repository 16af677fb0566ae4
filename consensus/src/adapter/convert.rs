//! Both ways between this project's messages and the engine's.

use arc_malachitebft_core_consensus as core_consensus;
use arc_malachitebft_core_types as core_types;
use core_types::{NilOrVal, Round, TimeoutKind, VoteType};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::certificate::{CommitCertificate, CommitSignature, CommitSignatures};
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::vote::{Proposal, SignedProposal, SignedVote, Vote, VoteKind};

use super::context::{
    CoreAddress, CoreContext, CoreHeight, CoreProposal, CoreValue, CoreValueId, CoreVote,
};
use crate::message::{
    PolkaCertificate, PolkaSignature, RoundCertificate, RoundCertificateKind, RoundSignature,
};
use crate::timer::TimerKind;

pub(crate) type CoreSignedVote = core_types::SignedVote<CoreContext>;
pub(crate) type CoreSignedProposal = core_types::SignedProposal<CoreContext>;
type CorePolka = core_types::PolkaCertificate<CoreContext>;
type CoreRoundCertificate = core_types::RoundCertificate<CoreContext>;
type CoreCommit = core_types::CommitCertificate<CoreContext>;
type CoreExtendedCommit = core_types::ExtendedCommitCertificate<CoreContext>;

/// The number of a round that exists.
pub(crate) fn round_number(round: Round) -> u32 {
    round.as_u32().expect("only rounds that exist are in messages, timers and certificates")
}

fn block_from_core(value: &NilOrVal<CoreValueId>) -> Option<BlockId> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(id) => Some(id.0),
    }
}

fn block_to_core(block_id: Option<BlockId>) -> NilOrVal<CoreValueId> {
    block_id.map_or(NilOrVal::Nil, |id| NilOrVal::Val(CoreValueId(id)))
}

fn kind_from_core(kind: VoteType) -> VoteKind {
    match kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    }
}

fn kind_to_core(kind: VoteKind) -> VoteType {
    match kind {
        VoteKind::Prevote => VoteType::Prevote,
        VoteKind::Precommit => VoteType::Precommit,
    }
}

pub(crate) fn vote_from_core(vote: &CoreVote) -> Vote {
    Vote {
        version: Version,
        kind: kind_from_core(vote.kind),
        height: vote.height.0,
        round: round_number(vote.round),
        block_id: block_from_core(&vote.value),
        address: vote.address.0,
    }
}

pub(crate) fn signed_vote_from_core(signed: &CoreSignedVote) -> SignedVote {
    SignedVote { vote: vote_from_core(&signed.message), signature: signed.signature }
}

pub(crate) fn signed_vote_to_core(signed: &SignedVote) -> CoreSignedVote {
    let vote = CoreVote {
        kind: kind_to_core(signed.vote.kind),
        height: CoreHeight(signed.vote.height),
        round: Round::new(signed.vote.round),
        value: block_to_core(signed.vote.block_id),
        address: CoreAddress(signed.vote.address),
    };
    CoreSignedVote::new(vote, signed.signature)
}

pub(crate) fn proposal_from_core(proposal: &CoreProposal) -> Proposal {
    Proposal {
        version: Version,
        height: proposal.height.0,
        round: round_number(proposal.round),
        pol_round: proposal.pol_round.as_u32(),
        block_id: proposal.value.0,
        address: proposal.address.0,
    }
}

pub(crate) fn signed_proposal_from_core(signed: &CoreSignedProposal) -> SignedProposal {
    SignedProposal { proposal: proposal_from_core(&signed.message), signature: signed.signature }
}

pub(crate) fn signed_proposal_to_core(signed: &SignedProposal) -> CoreSignedProposal {
    let proposal = CoreProposal {
        height: CoreHeight(signed.proposal.height),
        round: Round::new(signed.proposal.round),
        value: CoreValue(signed.proposal.block_id),
        pol_round: Round::from(signed.proposal.pol_round),
        address: CoreAddress(signed.proposal.address),
    };
    CoreSignedProposal::new(proposal, signed.signature)
}

pub(crate) fn polka_from_core(polka: &CorePolka) -> PolkaCertificate {
    let mut signatures: Vec<_> = polka
        .polka_signatures
        .iter()
        .map(|entry| PolkaSignature { address: entry.address.0, signature: entry.signature })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    PolkaCertificate {
        height: polka.height.0,
        round: round_number(polka.round),
        block_id: polka.value_id.0,
        signatures,
    }
}

pub(crate) fn polka_to_core(polka: &PolkaCertificate) -> CorePolka {
    CorePolka {
        height: CoreHeight(polka.height),
        round: Round::new(polka.round),
        value_id: CoreValueId(polka.block_id),
        polka_signatures: polka
            .signatures
            .iter()
            .map(|entry| {
                core_types::PolkaSignature::new(CoreAddress(entry.address), entry.signature)
            })
            .collect(),
    }
}

pub(crate) fn round_certificate_from_core(certificate: &CoreRoundCertificate) -> RoundCertificate {
    let mut signatures: Vec<_> = certificate
        .round_signatures
        .iter()
        .map(|entry| RoundSignature {
            kind: kind_from_core(entry.vote_type),
            block_id: block_from_core(&entry.value_id),
            address: entry.address.0,
            signature: entry.signature,
        })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    RoundCertificate {
        height: certificate.height.0,
        round: round_number(certificate.round),
        kind: match certificate.cert_type {
            core_types::RoundCertificateType::Skip => RoundCertificateKind::Skip,
            core_types::RoundCertificateType::Precommit => RoundCertificateKind::Precommit,
        },
        signatures,
    }
}

pub(crate) fn round_certificate_to_core(certificate: &RoundCertificate) -> CoreRoundCertificate {
    CoreRoundCertificate {
        height: CoreHeight(certificate.height),
        round: Round::new(certificate.round),
        cert_type: match certificate.kind {
            RoundCertificateKind::Skip => core_types::RoundCertificateType::Skip,
            RoundCertificateKind::Precommit => core_types::RoundCertificateType::Precommit,
        },
        round_signatures: certificate
            .signatures
            .iter()
            .map(|entry| {
                core_types::RoundSignature::new(
                    kind_to_core(entry.kind),
                    block_to_core(entry.block_id),
                    CoreAddress(entry.address),
                    entry.signature,
                )
            })
            .collect(),
    }
}

pub(crate) fn commit_from_core(certificate: &CoreCommit) -> CommitCertificate {
    let mut signatures: Vec<_> = certificate
        .commit_signatures
        .iter()
        .map(|entry| CommitSignature { address: entry.address.0, signature: entry.signature })
        .collect();
    signatures.sort_by_key(|entry| entry.address);
    let signatures = CommitSignatures::new(signatures)
        .expect("a certificate has signatures, and none without a validator");
    CommitCertificate {
        version: Version,
        height: certificate.height.0,
        round: round_number(certificate.round),
        block_id: certificate.value_id.0,
        signatures,
    }
}

/// The engine is given a synchronized block by its certificate alone: the body goes elsewhere.
pub(crate) fn commit_to_core(
    certificate: &CommitCertificate,
) -> core_types::ValueResponse<CoreContext> {
    let commit_signatures = certificate
        .signatures
        .iter()
        .map(|entry| {
            let address = CoreAddress(entry.address);
            core_types::ExtendedCommitSignature::new(address, entry.signature, None)
        })
        .collect();
    let certificate = CoreExtendedCommit {
        height: CoreHeight(certificate.height),
        round: Round::new(certificate.round),
        value_id: CoreValueId(certificate.block_id),
        commit_signatures,
    };
    core_types::ValueResponse::new(no_peer(), Vec::new().into(), certificate)
}

/// Peers are not the engine's business; it wants one named. This is the identity multihash of
/// nothing, which no peer has.
fn no_peer() -> core_consensus::PeerId {
    core_consensus::PeerId::from_bytes(&[0, 0]).expect("an identity multihash of no bytes")
}

pub(crate) fn timer_kind_from_core(kind: TimeoutKind) -> TimerKind {
    match kind {
        TimeoutKind::Propose => TimerKind::Propose,
        TimeoutKind::Prevote => TimerKind::Prevote,
        TimeoutKind::Precommit => TimerKind::Precommit,
        TimeoutKind::Rebroadcast => TimerKind::Rebroadcast,
        TimeoutKind::FinalizeHeight(_) => {
            unreachable!("heights have no target time, so none waits to be finalized")
        }
    }
}

pub(crate) fn timeout_to_core(kind: TimerKind, round: u32) -> core_types::Timeout {
    let kind = match kind {
        TimerKind::Propose => TimeoutKind::Propose,
        TimerKind::Prevote => TimeoutKind::Prevote,
        TimerKind::Precommit => TimeoutKind::Precommit,
        TimerKind::Rebroadcast => TimeoutKind::Rebroadcast,
    };
    core_types::Timeout::new(Round::new(round), kind)
}

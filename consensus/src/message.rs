//! What validators send each other about a height: votes, proposals, and two kinds of certificate
//! that help others to the same round.
//!
//! Block bodies are not among them: they travel by other means, and the engine is told a verdict.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::canonical::{Canonical, Version, read_list};
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::{Address, Signature};
use vouchsafe_types::validator_set::VALIDATORS_MAX;
use vouchsafe_types::vote::{SignedProposal, SignedVote, Vote, VoteKind};

/// One validator's signature in a [`PolkaCertificate`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PolkaSignature {
    /// Who prevoted.
    pub address: Address,
    /// The signature over the prevote.
    pub signature: Signature,
}

/// Prevotes of more than two thirds of the power for one block in one round: a *polka*
/// (Buchman, Kwon and Milosevic, "The latest gossip on BFT consensus", 2018).
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct PolkaCertificate {
    /// The prevotes' height.
    pub height: u64,
    /// The prevotes' round.
    pub round: u32,
    /// The block prevoted for.
    pub block_id: BlockId,
    /// Sorted by address, each address once.
    pub signatures: Vec<PolkaSignature>,
}

/// What a [`RoundCertificate`] proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum RoundCertificateKind {
    /// More than a third of the power voted in this round: others may skip to it.
    Skip,
    /// More than two thirds of the power precommitted in this round, for whatever: others may go
    /// on to the next one.
    Precommit,
}

/// One validator's vote in a [`RoundCertificate`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RoundSignature {
    /// Which vote.
    pub kind: VoteKind,
    /// What it was for; `None` is nil.
    pub block_id: Option<BlockId>,
    /// Who voted.
    pub address: Address,
    /// The signature over the vote.
    pub signature: Signature,
}

/// Votes that justify entering a round.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub struct RoundCertificate {
    /// The votes' height.
    pub height: u64,
    /// The votes' round.
    pub round: u32,
    /// What the votes prove.
    pub kind: RoundCertificateKind,
    /// Sorted by address, each address once.
    pub signatures: Vec<RoundSignature>,
}

/// A message between validators.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Message {
    /// A vote.
    Vote(SignedVote),
    /// A proposal: it names a block, it does not carry it.
    Proposal(SignedProposal),
    /// A polka, sent with a block that is proposed again.
    PolkaCertificate(PolkaCertificate),
    /// Votes that let others follow into a round.
    RoundCertificate(RoundCertificate),
}

/// A message as it is sent: its version, then the message.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Envelope {
    version: Version<1>,
    /// The message.
    pub message: Message,
}

impl Canonical for Envelope {
    // The largest message is a round certificate with a vote of every validator, each of at most
    // 1 + 33 + 32 + 64 bytes, after less than 64 bytes of its own.
    const LIMIT_BYTES: usize = 64 + 130 * VALIDATORS_MAX;
}

impl Message {
    /// The height the message speaks of.
    #[must_use]
    pub fn height(&self) -> u64 {
        match self {
            Self::Vote(signed) => signed.vote.height,
            Self::Proposal(signed) => signed.proposal.height,
            Self::PolkaCertificate(certificate) => certificate.height,
            Self::RoundCertificate(certificate) => certificate.height,
        }
    }

    /// The round the message speaks of.
    #[must_use]
    pub fn round(&self) -> u32 {
        match self {
            Self::Vote(signed) => signed.vote.round,
            Self::Proposal(signed) => signed.proposal.round,
            Self::PolkaCertificate(certificate) => certificate.round,
            Self::RoundCertificate(certificate) => certificate.round,
        }
    }

    /// Do both say the same, whatever their signatures?
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Vote(one), Self::Vote(other)) => one.vote == other.vote,
            (Self::Proposal(one), Self::Proposal(other)) => one.proposal == other.proposal,
            _ => self == other,
        }
    }

    /// The message in its envelope, ready to be encoded.
    #[must_use]
    pub fn into_envelope(self) -> Envelope {
        Envelope { version: Version, message: self }
    }
}

impl PolkaCertificate {
    /// The votes that the certificate stands for.
    pub(crate) fn votes(&self) -> impl Iterator<Item = SignedVote> + '_ {
        self.signatures.iter().map(|entry| SignedVote {
            vote: Vote {
                version: Version,
                kind: VoteKind::Prevote,
                height: self.height,
                round: self.round,
                block_id: Some(self.block_id),
                address: entry.address,
            },
            signature: entry.signature,
        })
    }
}

impl RoundCertificate {
    /// The votes that the certificate stands for.
    pub(crate) fn votes(&self) -> impl Iterator<Item = SignedVote> + '_ {
        self.signatures.iter().map(|entry| SignedVote {
            vote: Vote {
                version: Version,
                kind: entry.kind,
                height: self.height,
                round: self.round,
                block_id: entry.block_id,
                address: entry.address,
            },
            signature: entry.signature,
        })
    }
}

impl BorshDeserialize for PolkaCertificate {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let height = u64::deserialize_reader(reader)?;
        let round = u32::deserialize_reader(reader)?;
        let block_id = BlockId::deserialize_reader(reader)?;
        let what = "signatures of a polka certificate";
        let signatures = read_list(reader, what, 1, VALIDATORS_MAX)?;
        Ok(Self { height, round, block_id, signatures })
    }
}

impl BorshDeserialize for RoundCertificate {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let height = u64::deserialize_reader(reader)?;
        let round = u32::deserialize_reader(reader)?;
        let kind = RoundCertificateKind::deserialize_reader(reader)?;
        let what = "signatures of a round certificate";
        let signatures = read_list(reader, what, 1, VALIDATORS_MAX)?;
        Ok(Self { height, round, kind, signatures })
    }
}

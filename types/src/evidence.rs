//! Proof that a validator signed two things of which an honest one signs one.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version};
use crate::hash::{ChainId, Domain, digest_newtype, tagged};
use crate::identity::{Address, PublicKey};
use crate::signature::{SignatureRule, Zip215};
use crate::vote::{SignedProposal, SignedVote, VoteKind};

digest_newtype!(
    /// The tagged hash of an offence: what was done, when, by whom.
    EvidenceId
);

/// Two messages of one validator that contradict each other. The lesser one stands first, so that
/// one pair has one encoding.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Evidence {
    /// Two votes of one kind, height and round for different blocks.
    Votes(SignedVote, SignedVote) = 1,
    /// Two proposals of one height and round that differ.
    Proposals(SignedProposal, SignedProposal) = 2,
}

/// What a validator said twice, and differently.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum OffenceKind {
    /// Prevotes.
    Prevotes = 1,
    /// Precommits.
    Precommits = 2,
    /// Proposals.
    Proposals = 3,
}

impl OffenceKind {
    /// Its name, as people and programs are shown it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Prevotes => "prevotes",
            Self::Precommits => "precommits",
            Self::Proposals => "proposals",
        }
    }
}

/// The offence that evidence proves. The round and the messages are left out: an offender can sign
/// any number of contradictions in any number of rounds, and those of one kind at one height are
/// one offence, recorded once.
#[derive(BorshSerialize)]
struct Offence {
    version: Version<1>,
    /// An [`OffenceKind`]'s number.
    kind: u8,
    height: u64,
    address: Address,
}

/// Why two messages accuse nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The messages are of different validators, heights, rounds or kinds.
    #[error("the two messages are not of one validator, height, round and kind")]
    Unrelated,
    /// The messages are the same, or not in order.
    #[error("the two messages are equal, or the lesser one is not first")]
    Order,
    /// A signature does not verify.
    #[error("a signature in the evidence against {0} is not valid")]
    Signature(Address),
}

impl Evidence {
    /// Puts two messages in order.
    #[must_use]
    pub fn of_votes(one: SignedVote, other: SignedVote) -> Self {
        if one <= other { Self::Votes(one, other) } else { Self::Votes(other, one) }
    }

    /// Puts two messages in order.
    #[must_use]
    pub fn of_proposals(one: SignedProposal, other: SignedProposal) -> Self {
        if one <= other { Self::Proposals(one, other) } else { Self::Proposals(other, one) }
    }

    /// Who is accused.
    #[must_use]
    pub fn address(&self) -> Address {
        match self {
            Self::Votes(one, _) => one.vote.address,
            Self::Proposals(one, _) => one.proposal.address,
        }
    }

    /// The height of the offence.
    #[must_use]
    pub fn height(&self) -> u64 {
        match self {
            Self::Votes(one, _) => one.vote.height,
            Self::Proposals(one, _) => one.proposal.height,
        }
    }

    /// The round of the two messages.
    #[must_use]
    pub fn round(&self) -> u32 {
        match self {
            Self::Votes(one, _) => one.vote.round,
            Self::Proposals(one, _) => one.proposal.round,
        }
    }

    /// What was said twice.
    #[must_use]
    pub fn kind(&self) -> OffenceKind {
        match self {
            Self::Votes(one, _) => match one.vote.kind {
                VoteKind::Prevote => OffenceKind::Prevotes,
                VoteKind::Precommit => OffenceKind::Precommits,
            },
            Self::Proposals(..) => OffenceKind::Proposals,
        }
    }

    /// The offence's identity: evidence of the same offence is a repetition, whatever its bytes.
    #[must_use]
    pub fn id(&self) -> EvidenceId {
        let kind = self.kind() as u8;
        let (height, address) = (self.height(), self.address());
        let offence = Offence { version: Version, kind, height, address };
        let bytes = borsh::to_vec(&offence).expect("writing to memory cannot fail");
        EvidenceId(tagged(Domain::Evidence, &bytes))
    }

    /// Does this convict the holder of `key`?
    ///
    /// # Errors
    /// One [`EvidenceError`] for each rule.
    pub fn verify(&self, chain_id: &ChainId, key: &PublicKey) -> Result<(), EvidenceError> {
        self.verify_under(&Zip215, chain_id, key)
    }

    /// [`Evidence::verify`] under any rule of signatures.
    ///
    /// # Errors
    /// One [`EvidenceError`] for each rule.
    pub fn verify_under(
        &self,
        rule: &dyn SignatureRule,
        chain_id: &ChainId,
        key: &PublicKey,
    ) -> Result<(), EvidenceError> {
        let (related, ordered, signed) = match self {
            Self::Votes(a, b) => (
                (a.vote.address, a.vote.height, a.vote.round, a.vote.kind)
                    == (b.vote.address, b.vote.height, b.vote.round, b.vote.kind),
                // All else being equal, the block decides which vote is the lesser one.
                a.vote.block_id < b.vote.block_id,
                a.verify(rule, chain_id, key) && b.verify(rule, chain_id, key),
            ),
            Self::Proposals(a, b) => (
                (a.proposal.address, a.proposal.height, a.proposal.round)
                    == (b.proposal.address, b.proposal.height, b.proposal.round),
                a.proposal < b.proposal,
                a.verify(rule, chain_id, key) && b.verify(rule, chain_id, key),
            ),
        };
        if !related || self.address() != key.address() {
            return Err(EvidenceError::Unrelated);
        }
        if !ordered {
            return Err(EvidenceError::Order);
        }
        if !signed {
            return Err(EvidenceError::Signature(self.address()));
        }
        Ok(())
    }
}

impl Canonical for Evidence {
    const LIMIT_BYTES: usize = 512;
}

//! What validators sign: votes and proposals.
//!
//! ```text
//! preimage = 0x00 ‖ u8 length of tag ‖ tag ‖ chain id ‖ borsh(fields)
//! ```
//!
//! The zero byte keeps these apart from everything else a key may sign: SSHSIG begins with `S`,
//! a signed note with text. Certificates are checked by rebuilding the precommit's preimage from
//! (height, round, block id, address), so nothing else may be signed in it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version};
use crate::hash::{BlockId, ChainId};
use crate::identity::{Address, PublicKey, Signature};
use crate::signature::SignatureRule;

/// The tag of votes.
pub const VOTE_TAG: &str = "vouchsafe-vote-v1";
/// The tag of proposals.
pub const PROPOSAL_TAG: &str = "vouchsafe-proposal-v1";

/// The two voting steps of Tendermint (arXiv 1807.04938, algorithm 1).
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum VoteKind {
    /// The first step.
    Prevote = 1,
    /// The second step; more than two thirds of these decide.
    Precommit = 2,
}

/// A vote for a block, or for none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
pub struct Vote {
    /// The vote's version.
    pub version: Version<1>,
    /// Prevote or precommit.
    pub kind: VoteKind,
    /// The height voted on.
    pub height: u64,
    /// The round voted in.
    pub round: u32,
    /// The block voted for, or none (nil).
    pub block_id: Option<BlockId>,
    /// Who votes.
    pub address: Address,
}

/// A proposer's offer of a block.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
pub struct Proposal {
    /// The proposal's version.
    pub version: Version<1>,
    /// The height proposed for.
    pub height: u64,
    /// The round proposed in.
    pub round: u32,
    /// The earlier round in which the block had two thirds of the prevotes, if any.
    pub pol_round: Option<u32>,
    /// The block proposed.
    pub block_id: BlockId,
    /// Who proposes.
    pub address: Address,
}

fn preimage(tag: &str, chain_id: &ChainId, fields: &impl BorshSerialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(160);
    bytes.push(0);
    bytes.push(u8::try_from(tag.len()).expect("tags are shorter than 256 bytes"));
    bytes.extend_from_slice(tag.as_bytes());
    bytes.extend_from_slice(chain_id.as_bytes());
    fields.serialize(&mut bytes).expect("writing to memory cannot fail");
    bytes
}

impl Vote {
    /// The bytes that are signed.
    #[must_use]
    pub fn preimage(&self, chain_id: &ChainId) -> Vec<u8> {
        preimage(VOTE_TAG, chain_id, self)
    }
}

impl Proposal {
    /// The bytes that are signed.
    #[must_use]
    pub fn preimage(&self, chain_id: &ChainId) -> Vec<u8> {
        preimage(PROPOSAL_TAG, chain_id, self)
    }
}

/// A vote and its signature.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
pub struct SignedVote {
    /// The vote.
    pub vote: Vote,
    /// Its voter's signature over the preimage.
    pub signature: Signature,
}

/// A proposal and its signature.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize, BorshDeserialize)]
pub struct SignedProposal {
    /// The proposal.
    pub proposal: Proposal,
    /// Its proposer's signature over the preimage.
    pub signature: Signature,
}

impl SignedVote {
    /// Did the holder of `key` sign this vote on this chain?
    #[must_use]
    pub fn verify(&self, rule: &dyn SignatureRule, chain_id: &ChainId, key: &PublicKey) -> bool {
        rule.holds(key, &self.vote.preimage(chain_id), &self.signature)
    }
}

impl SignedProposal {
    /// Did the holder of `key` sign this proposal on this chain?
    #[must_use]
    pub fn verify(&self, rule: &dyn SignatureRule, chain_id: &ChainId, key: &PublicKey) -> bool {
        rule.holds(key, &self.proposal.preimage(chain_id), &self.signature)
    }
}

impl Canonical for SignedVote {
    const LIMIT_BYTES: usize = 256;
}

impl Canonical for SignedProposal {
    const LIMIT_BYTES: usize = 256;
}

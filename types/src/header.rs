//! A block's header: what validators decide, and all that a proof hangs from.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version};
use crate::certificate::{CertificateHash, CommitCertificate};
use crate::evidence::Evidence;
use crate::hash::{BlockId, ChainId, Digest, Domain, tagged};
use crate::identity::Address;
use crate::transaction::SignedTransaction;
use crate::validator_set::ValidatorSetHash;

/// The most bytes a block may have, whatever a chain's parameters say.
pub const BLOCK_BYTES_MAX: usize = 16 << 20;
/// The most transactions a block may have.
pub const BLOCK_TRANSACTIONS_MAX: usize = 65_536;
/// The most pieces of evidence a block may have.
pub const BLOCK_EVIDENCE_MAX: usize = 64;

/// The parent of block 1, which has none.
pub const GENESIS_PARENT: BlockId = BlockId(Digest::ZERO);

/// The header of a block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Header {
    /// The header's version.
    pub version: Version<1>,
    /// The chain.
    pub chain_id: ChainId,
    /// The height, from 1.
    pub height: u64,
    /// The round in which the block was built.
    pub round: u32,
    /// Milliseconds since 1970: max(proposer's clock, parent's time + 1).
    pub time_ms: u64,
    /// The block before this one; zero at height 1.
    pub parent: BlockId,
    /// RFC 9162 root over the ids of all earlier blocks, from height 1.
    pub history_root: Digest,
    /// RFC 9162 root over the whole signed transactions.
    pub transactions_root: Digest,
    /// How many transactions the block has.
    pub transaction_count: u32,
    /// The state tree's root after this block.
    pub state_root: Digest,
    /// The validators of this height.
    pub validators: ValidatorSetHash,
    /// The validators of the next height.
    pub next_validators: ValidatorSetHash,
    /// Who built the block.
    pub proposer: Address,
    /// The hash of the parent's certificate that travels in this block; zero at height 1.
    pub parent_certificate: CertificateHash,
    /// RFC 9162 root over the block's evidence.
    pub evidence_root: Digest,
}

impl Canonical for Header {
    const LIMIT_BYTES: usize = 1 + 8 + 4 + 8 + 4 + 32 * 10;
}

impl Header {
    /// The block's id.
    #[must_use]
    pub fn block_id(&self) -> BlockId {
        BlockId(tagged(Domain::BlockId, &self.to_bytes()))
    }
}

crate::canonical::bounded!(
    /// The transactions of a block, in the order they are applied.
    list BlockTransactions: SignedTransaction, "transactions in a block", 0, BLOCK_TRANSACTIONS_MAX
);
crate::canonical::bounded!(
    /// The evidence in a block.
    list BlockEvidence: Evidence, "pieces of evidence in a block", 0, BLOCK_EVIDENCE_MAX
);

/// A whole block.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Block {
    /// The block's version.
    pub version: Version<1>,
    /// The header.
    pub header: Header,
    /// A certificate of the parent; none at height 1.
    pub parent_certificate: Option<CommitCertificate>,
    /// The transactions.
    pub transactions: BlockTransactions,
    /// The evidence.
    pub evidence: BlockEvidence,
}

impl Canonical for Block {
    const LIMIT_BYTES: usize = BLOCK_BYTES_MAX;
}

//! A block as it is proposed: everything but the transactions, of which it names the leaf hashes.
//! Whoever has them in its pool needs nothing more.

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_ledger::evidence_root;
use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::certificate::{CertificateHash, CommitCertificate};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::{
    BLOCK_TRANSACTIONS_MAX, Block, BlockEvidence, BlockTransactions, Header,
};
use vouchsafe_types::log::{leaf_hash, root};
use vouchsafe_types::transaction::SignedTransaction;

vouchsafe_types::bounded!(
    /// The leaf hashes of a block's transactions, in their order.
    list BlockLeaves: Digest, "leaf hashes of a block", 0, BLOCK_TRANSACTIONS_MAX
);

/// A block without its transactions' bytes.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct CompactBlock {
    /// The header.
    pub header: Header,
    /// A certificate of the parent; none at height 1.
    pub parent_certificate: Option<CommitCertificate>,
    /// The evidence.
    pub evidence: BlockEvidence,
    /// The transactions' leaf hashes.
    pub leaves: BlockLeaves,
}

impl CompactBlock {
    /// A block without its transactions' bytes.
    #[must_use]
    pub fn of(block: &Block) -> Self {
        let leaves = block.transactions.iter().map(|signed| leaf_hash(&signed.to_bytes()));
        Self::with_leaves(block, leaves.collect())
    }

    /// The same, of a block whose leaf hashes are known.
    #[must_use]
    pub(crate) fn with_leaves(block: &Block, leaves: Vec<Digest>) -> Self {
        Self {
            header: block.header.clone(),
            parent_certificate: block.parent_certificate.clone(),
            evidence: block.evidence.clone(),
            leaves: BlockLeaves::new(leaves).expect("a block has as many transactions"),
        }
    }

    /// Is all of this what the header commits to?
    #[must_use]
    pub fn matches_header(&self) -> bool {
        let carried = self.parent_certificate.as_ref();
        self.header.transaction_count as usize == self.leaves.len()
            && self.header.transactions_root == root(&self.leaves)
            && self.header.evidence_root == evidence_root(&self.evidence)
            && self.header.parent_certificate
                == carried.map_or(CertificateHash::ZERO, CommitCertificate::hash)
    }

    /// The whole block. `transactions` are those that the leaves name, in their order.
    #[must_use]
    pub fn into_block(self, transactions: Vec<SignedTransaction>) -> Block {
        let transactions =
            BlockTransactions::new(transactions).expect("there are as many as leaves");
        Block {
            version: Version,
            header: self.header,
            parent_certificate: self.parent_certificate,
            transactions,
            evidence: self.evidence,
        }
    }
}

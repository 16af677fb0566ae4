//! A block that was executed and found valid, and what it becomes once it is certified.

use std::sync::Arc;

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::{BlockId, Digest, TransactionId};
use vouchsafe_types::header::Header;
use vouchsafe_types::log::leaf_hash;

use crate::execution::Effects;
use crate::head::Head;
use crate::store::CommitBatch;
use crate::tree::StateTree;

/// A valid block's header and effects, not yet decided.
#[derive(Clone)]
pub struct Executed {
    header: Header,
    header_bytes: Vec<u8>,
    block_id: BlockId,
    parent: Head,
    effects: Effects,
}

/// A committed block, ready to become the ledger's head.
#[derive(Clone)]
pub struct NextHead {
    pub(crate) head: Head,
    pub(crate) tree: StateTree,
    pub(crate) header: Arc<[u8]>,
    pub(crate) certificate: Arc<[u8]>,
}

impl Executed {
    pub(crate) fn new(header: Header, parent: Head, effects: Effects) -> Self {
        let header_bytes = header.to_bytes();
        let block_id = header.block_id();
        Self { header, header_bytes, block_id, parent, effects }
    }

    /// The block's id.
    #[must_use]
    pub fn block_id(&self) -> BlockId {
        self.block_id
    }

    /// The block's height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.header.height
    }

    /// The block's header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The transactions' ids, in the block's order.
    pub fn transaction_ids(&self) -> impl ExactSizeIterator<Item = TransactionId> {
        self.effects.transactions.iter().map(|transaction| transaction.id)
    }

    /// The transactions' leaf hashes, in the block's order: what inclusion proofs are made from.
    pub fn leaves(&self) -> impl ExactSizeIterator<Item = Digest> {
        self.effects.transactions.iter().map(|transaction| transaction.leaf)
    }

    /// What to write once the block is decided, and what the ledger becomes after that.
    ///
    /// # Panics
    /// When the certificate is another block's. Its signatures are the caller's to check.
    #[must_use]
    pub fn certify(self, certificate: CommitCertificate) -> (CommitBatch, NextHead) {
        let Self { header, header_bytes, block_id, parent, effects } = self;
        assert!(
            certificate.block_id == block_id && certificate.height == header.height,
            "a block is committed with its own certificate"
        );
        let certificate_bytes = certificate.to_bytes();
        let mut history = parent.history;
        history.append(leaf_hash(block_id.as_bytes()));
        let validators = effects.next_validators.as_ref().unwrap_or(&parent.validators);
        let next = NextHead {
            header: header_bytes.as_slice().into(),
            certificate: certificate_bytes.as_slice().into(),
            tree: effects.tree,
            head: Head {
                height: header.height,
                block_id,
                time_ms: header.time_ms,
                state_root: header.state_root,
                certificate: Some(certificate),
                validators: Arc::clone(validators),
                certifiers: parent.validators,
                history: history.clone(),
                header: Some(header),
            },
        };
        let batch = CommitBatch {
            height: next.head.height,
            block_id,
            body: None,
            header: header_bytes,
            certificate: certificate_bytes,
            next_validators: effects.next_validators.map(|set| set.to_bytes()),
            records: effects.records,
            transactions: effects.transactions,
            acts: effects.acts,
            offences: effects.offences,
            evidence_from: effects.evidence_from,
            history,
        };
        (batch, next)
    }
}

//! What makes a transaction, a piece of evidence or a block invalid: one variant for each rule.
//! A failure of the store is none of them, and is kept apart wherever both can come.

use vouchsafe_types::certificate::{CertificateError, CertificateHash};
use vouchsafe_types::evidence::{EvidenceError, EvidenceId};
use vouchsafe_types::hash::{BlockId, ChainId, Digest};
use vouchsafe_types::identity::{Address, OrganizationId};
use vouchsafe_types::transaction::TransactionError;
use vouchsafe_types::validator_set::ValidatorSetHash;

use crate::store::StoreError;

/// Why a transaction may not be in the next block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// Its form, its key or its signature is bad, whatever the state.
    #[error(transparent)]
    Form(#[from] TransactionError),
    /// It is in the chain already.
    #[error(
        "the transaction is in block {height} already, at index {index}: nothing is left to do"
    )]
    AlreadyCommitted {
        /// The block's height.
        height: u64,
        /// The transaction's index in it.
        index: u32,
    },
    /// It stands in the same block already.
    #[error("the transaction stands in this block twice")]
    RepeatedInBlock,
    /// Its expiry has passed.
    #[error(
        "the transaction expired: its expiry {expiry_ms} ms is not after the block's time \
         {time_ms} ms; sign it again"
    )]
    Expired {
        /// The transaction's expiry.
        expiry_ms: u64,
        /// The block's time.
        time_ms: u64,
    },
    /// Its expiry is too far ahead.
    #[error(
        "the transaction's expiry {expiry_ms} ms is after {latest_ms} ms, the latest that this \
         chain takes now: sign it with a nearer one, and check the clock"
    )]
    ExpiryTooFar {
        /// The transaction's expiry.
        expiry_ms: u64,
        /// The block's time and the chain's window.
        latest_ms: u64,
    },
    /// Its key is no signer's.
    #[error("{signer} is not a signer of this chain: an organization must admit the key first")]
    UnknownSigner {
        /// The key's fingerprint.
        signer: String,
    },
    /// Its signer's time is over.
    #[error(
        "the signer {signer} ended: its last time is {not_after_ms} ms and the block's {time_ms} \
         ms; sign with another key"
    )]
    SignerEnded {
        /// The key's fingerprint.
        signer: String,
        /// The signer's last valid time.
        not_after_ms: u64,
        /// The block's time.
        time_ms: u64,
    },
    /// It would trust what its organization called compromised.
    #[error(
        "{organization} revoked {asset} as compromised: only an admin of {organization} can \
         notarize it again"
    )]
    TrustNeedsAdmin {
        /// The asset's digest.
        asset: Digest,
        /// The signer's organization.
        organization: OrganizationId,
    },
    /// It would revoke what its organization called compromised.
    #[error(
        "{organization} revoked {asset} as compromised already: an admin of {organization} must \
         notarize it before it can be revoked again"
    )]
    AlreadyUntrusted {
        /// The asset's digest.
        asset: Digest,
        /// The signer's organization.
        organization: OrganizationId,
    },
}

/// Why a transaction is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    /// It breaks a rule.
    #[error(transparent)]
    Rule(#[from] Rule),
    /// The store failed: nothing is said about the transaction.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a piece of evidence may not be in the next block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceRule {
    /// It convicts nobody.
    #[error(transparent)]
    Invalid(#[from] EvidenceError),
    /// It accuses somebody who was no validator.
    #[error("{0} is not a validator of the height of the offence")]
    NotAValidator(Address),
    /// The offence is at a height after the block's.
    #[error("the offence is at height {height}, after the block's own height {block_height}")]
    Future {
        /// The offence's height.
        height: u64,
        /// The block's height.
        block_height: u64,
    },
    /// The offence is too far back.
    #[error(
        "the offence is {age_blocks} blocks back, more than the {age_max_blocks} that this chain \
         looks back"
    )]
    TooOld {
        /// How far back.
        age_blocks: u64,
        /// The chain's parameter.
        age_max_blocks: u64,
    },
    /// It is in the chain already.
    #[error("the evidence {id} is in block {height} already")]
    AlreadyRecorded {
        /// The evidence.
        id: EvidenceId,
        /// The height of the block that holds it.
        height: u64,
    },
    /// It stands in the same block already.
    #[error("the evidence {0} stands in this block twice")]
    Repeated(EvidenceId),
}

/// Why a block is invalid. A validator that proposes such a block is broken or lies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBlock {
    /// The header is of another chain.
    #[error("the block is of chain {actual}, not of {expected}")]
    ChainId {
        /// This chain.
        expected: ChainId,
        /// The header's.
        actual: ChainId,
    },
    /// The header's height does not follow the head's.
    #[error("the block is of height {actual}, the next one is {expected}")]
    Height {
        /// The next height.
        expected: u64,
        /// The header's.
        actual: u64,
    },
    /// The header names another parent.
    #[error("the block's parent is {actual}, the last block is {expected}")]
    Parent {
        /// The head.
        expected: BlockId,
        /// The header's parent.
        actual: BlockId,
    },
    /// The root over all earlier block ids is wrong.
    #[error("the block's history root is {actual}, the chain's is {expected}")]
    HistoryRoot {
        /// The chain's.
        expected: Digest,
        /// The header's.
        actual: Digest,
    },
    /// The time is not after the parent's.
    #[error("the block's time {time_ms} ms is not after its parent's {parent_time_ms} ms")]
    Time {
        /// The header's time.
        time_ms: u64,
        /// The parent's time.
        parent_time_ms: u64,
    },
    /// The time is no date.
    #[error("the block's time {time_ms} ms is after the year 9999 ({latest_ms} ms)")]
    TimeRange {
        /// The header's time.
        time_ms: u64,
        /// The latest valid time.
        latest_ms: u64,
    },
    /// The proposer was not to propose in the header's round.
    #[error("the block's proposer is {actual}; {expected} proposes in its round")]
    Proposer {
        /// Who proposes.
        expected: Address,
        /// The header's proposer.
        actual: Address,
    },
    /// The validator set's hash is wrong.
    #[error("the block's validator set is {actual}, the state's is {expected}")]
    Validators {
        /// The state's.
        expected: ValidatorSetHash,
        /// The header's.
        actual: ValidatorSetHash,
    },
    /// The next validator set's hash is wrong.
    #[error("the block's next validator set is {actual}, the state's is {expected}")]
    NextValidators {
        /// The state's.
        expected: ValidatorSetHash,
        /// The header's.
        actual: ValidatorSetHash,
    },
    /// Block 1 carries a certificate, though it has no parent.
    #[error("block 1 carries a certificate of a parent; it has none")]
    ParentCertificatePresent,
    /// A later block carries none.
    #[error("the block carries no certificate of its parent")]
    ParentCertificateMissing,
    /// The header's hash is not that of the certificate carried.
    #[error("the block's header names certificate {actual}, the one it carries is {expected}")]
    ParentCertificateHash {
        /// The hash of the certificate carried; zero at height 1.
        expected: CertificateHash,
        /// The header's.
        actual: CertificateHash,
    },
    /// The certificate is another block's.
    #[error("the certificate carried is for block {certified} at height {height}, not the parent")]
    ParentCertificateBlock {
        /// The block certified.
        certified: BlockId,
        /// The height certified.
        height: u64,
    },
    /// The certificate is bad.
    #[error("the parent's certificate: {0}")]
    ParentCertificate(CertificateError),
    /// The block is too large.
    #[error("the block has {actual_bytes} bytes, more than the {limit_bytes} of this chain")]
    TooLarge {
        /// The chain's parameter.
        limit_bytes: u64,
        /// The block's size.
        actual_bytes: u64,
    },
    /// The header counts other transactions than the block has.
    #[error("the block's header counts {actual} transactions, the block has {expected}")]
    TransactionCount {
        /// The number in the block.
        expected: usize,
        /// The header's.
        actual: u32,
    },
    /// The root over the transactions is wrong.
    #[error("the block's transactions root is {actual}, that of its transactions is {expected}")]
    TransactionsRoot {
        /// The root of the transactions carried.
        expected: Digest,
        /// The header's.
        actual: Digest,
    },
    /// The root over the evidence is wrong.
    #[error("the block's evidence root is {actual}, that of its evidence is {expected}")]
    EvidenceRoot {
        /// The root of the evidence carried.
        expected: Digest,
        /// The header's.
        actual: Digest,
    },
    /// A piece of evidence may not be in it.
    #[error("the block's evidence {index}: {rule}")]
    Evidence {
        /// Its index in the block.
        index: usize,
        /// Why.
        rule: EvidenceRule,
    },
    /// A transaction may not be in it.
    #[error("the block's transaction {index}: {rule}")]
    Transaction {
        /// Its index in the block.
        index: usize,
        /// Why.
        rule: Rule,
    },
    /// The root of the state after the block is wrong.
    #[error("the block's state root is {actual}, executing it gives {expected}")]
    StateRoot {
        /// What executing gives.
        expected: Digest,
        /// The header's.
        actual: Digest,
    },
}

/// Why a block is not judged valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValidateError {
    /// It is invalid.
    #[error(transparent)]
    Invalid(#[from] InvalidBlock),
    /// The store failed: nothing is said about the block.
    #[error(transparent)]
    Store(#[from] StoreError),
}

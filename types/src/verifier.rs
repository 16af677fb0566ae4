//! The verifier: from a pinned chain id and validator set to facts, through bytes that nobody
//! needs to be trusted for.
//!
//! ```text
//! chain id, validator set (genesis)
//!        │ certificate: > 2/3 of the power signed the block id
//!        ▼
//! ProvenHeader ── state root ──▶ records, present or absent
//!        ├─ transactions root ──▶ a transaction at an index
//!        ├─ evidence root ──────▶ all evidence of the block
//!        └─ (record's log head) ─▶ a complete list of events
//! ```

use crate::canonical::{Canonical, DecodeError};
use crate::certificate::{CertificateError, CommitCertificate};
use crate::evidence::{Evidence, EvidenceError};
use crate::hash::{BlockId, ChainId, Digest};
use crate::header::{Block, Header};
use crate::identity::Address;
use crate::log::{self, InclusionProof, LogProofError};
use crate::record::{LogHead, StateName, value_hash};
use crate::state_tree::{StateProof, StateProofError};
use crate::transaction::{SignedTransaction, Transaction, TransactionError, VerifiedTransaction};
use crate::validator_set::ValidatorSet;

/// Why an answer is not believed. Each is a lie or a fault of whoever gave the answer, or a
/// mistake in what it is held against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A part does not decode.
    #[error("the {part} does not decode: {error}")]
    Decode {
        /// Which part.
        part: &'static str,
        /// Why.
        error: DecodeError,
    },
    /// The header is of another chain.
    #[error("the header is of chain {actual}, not of the pinned chain {expected}")]
    Chain {
        /// The chain pinned.
        expected: ChainId,
        /// The header's chain.
        actual: ChainId,
    },
    /// The header names other validators than those trusted.
    #[error(
        "the header at height {height} names a validator set that the genesis does not lead to"
    )]
    Validators {
        /// The header's height.
        height: u64,
    },
    /// The header is not above the height from which the trusted set decides.
    #[error(
        "the header at height {height} is not above height {above}, after which the set that it \
         is held against decides"
    )]
    Stale {
        /// The header's height.
        height: u64,
        /// The height of the last change.
        above: u64,
    },
    /// A change brings another set than its header names.
    #[error("the validator set given is not the one that the header at height {height} names next")]
    NextValidators {
        /// The header's height.
        height: u64,
    },
    /// A change changes nothing.
    #[error("the header at height {height} leads to no other validator set")]
    NoChange {
        /// The header's height.
        height: u64,
    },
    /// An older header's proof is for another place.
    #[error("the proof of the older header is not for height {height} among those before {newest}")]
    OlderPlace {
        /// The older header's height.
        height: u64,
        /// The newer one's.
        newest: u64,
    },
    /// The newer header does not commit to the older.
    #[error("the older header is not among the blocks before the newer one: {0}")]
    Older(LogProofError),
    /// The certificate certifies another block.
    #[error("the certificate is for block {certified} at height {height}, not for this header")]
    OtherBlock {
        /// The block certified.
        certified: BlockId,
        /// The height certified.
        height: u64,
    },
    /// The certificate itself is bad.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The number of records differs from the number of names asked for.
    #[error("{actual} records were given for {expected} names")]
    RecordCount {
        /// The number of names.
        expected: usize,
        /// The number of records.
        actual: usize,
    },
    /// The state proof is bad.
    #[error(transparent)]
    State(#[from] StateProofError),
    /// The transaction is bad.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The transaction's place is not proven.
    #[error("the transaction's place in its block: {0}")]
    Inclusion(LogProofError),
    /// The proof is for a log of another size than the header's transaction count.
    #[error("the inclusion proof is for {actual} transactions, the header has {expected}")]
    TransactionCount {
        /// The header's count.
        expected: u32,
        /// The proof's count.
        actual: u64,
    },
    /// A list of log entries is not all of the log, or not the log.
    #[error("the {actual} entries given are not the complete log of {expected} entries")]
    IncompleteLog {
        /// The log's size.
        expected: u64,
        /// The number given.
        actual: u64,
    },
    /// The evidence given has another root than the header's.
    #[error("the {actual} pieces of evidence given are not those of block {height}")]
    OtherEvidence {
        /// The block's height.
        height: u64,
        /// The number given.
        actual: usize,
    },
    /// A piece of evidence in a certified block accuses nobody who could be.
    #[error("evidence in block {height} accuses {address}, who is no validator")]
    Accused {
        /// The block's height.
        height: u64,
        /// The accused.
        address: Address,
    },
    /// A piece of evidence in a certified block convicts nobody.
    #[error("evidence in block {height}: {error}")]
    Evidence {
        /// The block's height.
        height: u64,
        /// Why.
        error: EvidenceError,
    },
    /// The proof is of another asset than the one asked about.
    #[error("the proof is not about the asset {digest}, nor that digest under this scheme")]
    OtherAsset {
        /// The digest of the asset asked about.
        digest: Digest,
    },
    /// A block's body is not the header's.
    #[error("the transactions given are not those of block {height}")]
    OtherBody {
        /// The block's height.
        height: u64,
    },
    /// The entries have another root.
    #[error("the entries given are not those of the record's log")]
    OtherLog,
}

/// What a verifier pins: made from the genesis document.
#[derive(Clone, Debug)]
pub struct Verifier {
    chain_id: ChainId,
    validators: ValidatorSet,
    /// The set decides the heights above this one.
    above: u64,
}

/// A header that more than two thirds of the voting power have signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvenHeader {
    header: Header,
    block_id: BlockId,
    certificate: CommitCertificate,
}

/// Reads one part of an answer.
///
/// # Errors
/// [`ProofError::Decode`], naming the part.
pub fn decode<T: Canonical>(part: &'static str, bytes: &[u8]) -> Result<T, ProofError> {
    T::from_bytes(bytes).map_err(|error| ProofError::Decode { part, error })
}

impl Verifier {
    /// Pins a chain and its validators.
    #[must_use]
    pub fn new(chain_id: ChainId, validators: ValidatorSet) -> Self {
        Self::above(chain_id, validators, 0)
    }

    /// Pins a set for the heights above one, as a checkpoint or a header gave it that is trusted by
    /// other means than the genesis document: no key of earlier validators counts any more, and no
    /// header at that height or below.
    #[must_use]
    pub fn above(chain_id: ChainId, validators: ValidatorSet, height: u64) -> Self {
        Self { chain_id, validators, above: height }
    }

    /// The pinned chain.
    #[must_use]
    pub fn chain_id(&self) -> &ChainId {
        &self.chain_id
    }

    /// The pinned validators.
    #[must_use]
    pub fn validators(&self) -> &ValidatorSet {
        &self.validators
    }

    /// The height above which the pinned validators decide.
    #[must_use]
    pub fn decides_above(&self) -> u64 {
        self.above
    }

    /// Checks a header and its certificate.
    ///
    /// # Errors
    /// One [`ProofError`] for each rule.
    pub fn header(&self, header: &[u8], certificate: &[u8]) -> Result<ProvenHeader, ProofError> {
        self.proven(decode("header", header)?, decode("certificate", certificate)?)
    }

    /// [`header`](Self::header), of what is decoded already.
    ///
    /// # Errors
    /// One [`ProofError`] for each rule.
    pub fn proven(
        &self,
        header: Header,
        certificate: CommitCertificate,
    ) -> Result<ProvenHeader, ProofError> {
        if header.chain_id != self.chain_id {
            return Err(ProofError::Chain { expected: self.chain_id, actual: header.chain_id });
        }
        if header.height <= self.above {
            return Err(ProofError::Stale { height: header.height, above: self.above });
        }
        if header.validators != self.validators.hash() {
            return Err(ProofError::Validators { height: header.height });
        }
        let block_id = header.block_id();
        if certificate.block_id != block_id || certificate.height != header.height {
            let (certified, height) = (certificate.block_id, certificate.height);
            return Err(ProofError::OtherBlock { certified, height });
        }
        certificate.verify(&self.chain_id, &self.validators)?;
        Ok(ProvenHeader { header, block_id, certificate })
    }

    /// Checks that pieces of evidence are all that a block holds, and that each convicts a
    /// validator.
    ///
    /// # Errors
    /// [`ProofError`] names what does not hold.
    pub fn evidence(
        &self,
        head: &ProvenHeader,
        pieces: &[Vec<u8>],
    ) -> Result<Vec<Evidence>, ProofError> {
        let (height, actual) = (head.header.height, pieces.len());
        let leaves: Vec<Digest> = pieces.iter().map(|piece| log::leaf_hash(piece)).collect();
        if log::root(&leaves) != head.header.evidence_root {
            return Err(ProofError::OtherEvidence { height, actual });
        }
        let convicting = |piece: &Vec<u8>| {
            let evidence: Evidence = decode("evidence", piece)?;
            let address = evidence.address();
            let validator = self.validators.get(&address);
            let validator = validator.ok_or(ProofError::Accused { height, address })?;
            let verdict = evidence.verify(&self.chain_id, &validator.public_key);
            verdict.map_err(|error| ProofError::Evidence { height, error })?;
            Ok(evidence)
        };
        pieces.iter().map(convicting).collect()
    }
}

impl ProvenHeader {
    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The block's id.
    #[must_use]
    pub fn block_id(&self) -> BlockId {
        self.block_id
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &CommitCertificate {
        &self.certificate
    }

    /// Checks what the state after this block holds under some names: a record's bytes, or none.
    ///
    /// # Errors
    /// [`ProofError`] when the proof does not show exactly that.
    pub fn state(
        &self,
        names: &[StateName],
        records: &[Option<Vec<u8>>],
        proof: &[u8],
    ) -> Result<(), ProofError> {
        if names.len() != records.len() {
            return Err(ProofError::RecordCount { expected: names.len(), actual: records.len() });
        }
        let proof: StateProof = decode("state proof", proof)?;
        let claims: Vec<_> = names
            .iter()
            .zip(records)
            .map(|(name, record)| (name.key(), record.as_deref().map(value_hash)))
            .collect();
        Ok(proof.verify(&self.header.state_root, &claims)?)
    }

    /// Reads a whole block and checks that its transactions are all of this header's, in its order.
    /// That they are valid is what the certificate says.
    ///
    /// # Errors
    /// [`ProofError::Decode`] or [`ProofError::OtherBody`].
    pub fn transactions(&self, block: &[u8]) -> Result<Vec<SignedTransaction>, ProofError> {
        let block: Block = decode("block", block)?;
        let transactions = block.transactions.into_inner();
        let leaves: Vec<Digest> =
            transactions.iter().map(|signed| log::leaf_hash(&signed.to_bytes())).collect();
        let counted = leaves.len() as u64 == u64::from(self.header.transaction_count);
        if counted && log::root(&leaves) == self.header.transactions_root {
            return Ok(transactions);
        }
        Err(ProofError::OtherBody { height: self.header.height })
    }

    /// Checks that a transaction stands in this block, and that it is one.
    ///
    /// # Errors
    /// [`ProofError`] names the part that is wrong.
    pub fn transaction(
        &self,
        transaction: &[u8],
        proof: &[u8],
    ) -> Result<(VerifiedTransaction, u64), ProofError> {
        let transaction = Transaction::from_bytes(&self.header.chain_id, transaction)?;
        included(&self.header, transaction, &decode("inclusion proof", proof)?)
    }
}

/// Checks that a transaction is signed, and stands in the block of a header that is proven.
pub(crate) fn included(
    header: &Header,
    transaction: Transaction,
    proof: &InclusionProof,
) -> Result<(VerifiedTransaction, u64), ProofError> {
    let transaction = transaction.verify(&header.chain_id)?;
    if proof.size != u64::from(header.transaction_count) {
        let (expected, actual) = (header.transaction_count, proof.size);
        return Err(ProofError::TransactionCount { expected, actual });
    }
    proof.verify(&transaction.leaf(), &header.transactions_root).map_err(ProofError::Inclusion)?;
    Ok((transaction, proof.index))
}

/// Checks that entries are all of a log, from the first to the last, and reads them.
///
/// # Errors
/// [`ProofError::IncompleteLog`], [`ProofError::OtherLog`], or [`ProofError::Decode`].
pub fn complete_log<T: Canonical>(
    head: &LogHead,
    part: &'static str,
    entries: &[Vec<u8>],
) -> Result<Vec<T>, ProofError> {
    let leaves: Vec<Digest> = entries.iter().map(|entry| log::leaf_hash(entry)).collect();
    all_leaves(head, &leaves)?;
    entries.iter().map(|entry| decode(part, entry)).collect()
}

/// Checks that leaf hashes are all of a log's, from the first to the last.
pub(crate) fn all_leaves(head: &LogHead, leaves: &[Digest]) -> Result<(), ProofError> {
    let actual = leaves.len() as u64;
    if actual != head.count {
        return Err(ProofError::IncompleteLog { expected: head.count, actual });
    }
    if log::root(leaves) == head.root { Ok(()) } else { Err(ProofError::OtherLog) }
}

//! Judging a block: everything that makes it valid, the cheapest first, and nothing that depends
//! on who judges. Timeliness is not among it: a late block is as valid as it was.

use std::sync::Arc;

use vouchsafe_genesis::TIME_MS_MAX;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::CertificateHash;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::log::{leaf_hash, root};
use vouchsafe_types::transaction::{Transaction, TransactionError, VerifiedTransaction};

use crate::executed::Executed;
use crate::execution::Execution;
use crate::ledger::Ledger;
use crate::roots::{encoded_bytes, evidence_root};
use crate::rule::{AdmitError, InvalidBlock, ValidateError};
use crate::store::StoreRead;

/// Looks up a transaction that was checked before, by its leaf hash. The leaf covers all of its
/// bytes, signature included, so that neither form nor signature is checked again.
pub type KnownTransactions<'a> = &'a dyn Fn(&Digest) -> Option<Arc<VerifiedTransaction>>;

impl<S: StoreRead> Ledger<S> {
    /// Judges a block upon the head, and executes it.
    ///
    /// # Errors
    /// [`ValidateError::Invalid`] names the rule that it breaks; [`ValidateError::Store`] says
    /// nothing about it.
    pub fn validate(
        &self,
        block: &Block,
        known: KnownTransactions<'_>,
    ) -> Result<Executed, ValidateError> {
        self.check_header(&block.header)?;
        self.check_parent_certificate(block)?;
        let (limit_bytes, actual_bytes) = (self.parameters.block_bytes_max, encoded_bytes(block));
        if actual_bytes > limit_bytes {
            return Err(InvalidBlock::TooLarge { limit_bytes, actual_bytes }.into());
        }
        let leaves = check_contents(block)?;
        let moment = self.moment(block.header.time_ms);
        let mut execution = self.execution(moment);
        self.apply_evidence(&mut execution, block)?;
        let transactions = self.check_transactions(block, &leaves, known)?;
        for (index, transaction) in transactions.iter().enumerate() {
            execution.apply(transaction).map_err(|error| match error {
                AdmitError::Rule(rule) => InvalidBlock::Transaction { index, rule }.into(),
                AdmitError::Store(error) => ValidateError::Store(error),
            })?;
        }
        let effects = execution.finish();
        let (expected, actual) = (effects.tree.root(), block.header.state_root);
        if expected != actual {
            return Err(InvalidBlock::StateRoot { expected, actual }.into());
        }
        Ok(Executed::new(block.header.clone(), self.head.clone(), effects))
    }

    fn check_header(&self, header: &Header) -> Result<(), InvalidBlock> {
        let (head, height) = (&self.head, self.head.height + 1);
        if header.chain_id != self.chain_id {
            let (expected, actual) = (self.chain_id, header.chain_id);
            return Err(InvalidBlock::ChainId { expected, actual });
        }
        if header.height != height {
            return Err(InvalidBlock::Height { expected: height, actual: header.height });
        }
        if header.parent != head.block_id {
            let (expected, actual) = (head.block_id, header.parent);
            return Err(InvalidBlock::Parent { expected, actual });
        }
        let (expected, actual) = (head.history.root(), header.history_root);
        if expected != actual {
            return Err(InvalidBlock::HistoryRoot { expected, actual });
        }
        let (time_ms, parent_time_ms) = (header.time_ms, head.time_ms);
        if time_ms <= parent_time_ms {
            return Err(InvalidBlock::Time { time_ms, parent_time_ms });
        }
        if time_ms > TIME_MS_MAX {
            return Err(InvalidBlock::TimeRange { time_ms, latest_ms: TIME_MS_MAX });
        }
        let (expected, actual) = (head.validators.proposer(height, header.round), header.proposer);
        if expected != actual {
            return Err(InvalidBlock::Proposer { expected, actual });
        }
        let expected = head.validators.hash();
        if header.validators != expected {
            return Err(InvalidBlock::Validators { expected, actual: header.validators });
        }
        let expected = self.next_validators().hash();
        if header.next_validators != expected {
            return Err(InvalidBlock::NextValidators { expected, actual: header.next_validators });
        }
        Ok(())
    }

    fn check_parent_certificate(&self, block: &Block) -> Result<(), InvalidBlock> {
        let head = &self.head;
        let carried = block.parent_certificate.as_ref();
        let expected = carried.map_or(CertificateHash::ZERO, |certificate| certificate.hash());
        match (head.height, carried) {
            (0, Some(_)) => return Err(InvalidBlock::ParentCertificatePresent),
            (1.., None) => return Err(InvalidBlock::ParentCertificateMissing),
            _ => {}
        }
        let actual = block.header.parent_certificate;
        if expected != actual {
            return Err(InvalidBlock::ParentCertificateHash { expected, actual });
        }
        let Some(certificate) = carried else { return Ok(()) };
        if certificate.height != head.height || certificate.block_id != head.block_id {
            let (certified, height) = (certificate.block_id, certificate.height);
            return Err(InvalidBlock::ParentCertificateBlock { certified, height });
        }
        certificate
            .verify_under(&*self.terms.signature_rule, &self.chain_id, &head.certifiers)
            .map_err(InvalidBlock::ParentCertificate)
    }

    fn apply_evidence(
        &self,
        execution: &mut Execution<'_>,
        block: &Block,
    ) -> Result<(), ValidateError> {
        for (index, piece) in block.evidence.iter().enumerate() {
            self.record_evidence(execution, piece)?
                .map_err(|rule| InvalidBlock::Evidence { index, rule })?;
        }
        Ok(())
    }

    /// Forms and signatures: of known transactions they were checked, the others are checked now,
    /// in one batch.
    fn check_transactions(
        &self,
        block: &Block,
        leaves: &[Digest],
        known: KnownTransactions<'_>,
    ) -> Result<Vec<Arc<VerifiedTransaction>>, InvalidBlock> {
        let invalid = |index: usize, error: TransactionError| InvalidBlock::Transaction {
            index,
            rule: error.into(),
        };
        let mut transactions: Vec<Option<Arc<VerifiedTransaction>>> =
            leaves.iter().map(known).collect();
        let (mut unknown, mut indexes) = (Vec::new(), Vec::new());
        for (index, signed) in block.transactions.iter().enumerate() {
            if transactions[index].is_none() {
                let transaction = Transaction::from_signed(&self.chain_id, signed.clone())
                    .map_err(|error| invalid(index, error))?;
                unknown.push(transaction);
                indexes.push(index);
            }
        }
        let rule = &*self.terms.signature_rule;
        let verdicts = Transaction::verify_batch_under(rule, unknown, &self.chain_id);
        for (index, verdict) in indexes.into_iter().zip(verdicts) {
            let transaction = verdict.map_err(|error| invalid(index, error))?;
            transactions[index] = Some(Arc::new(transaction));
        }
        Ok(transactions.into_iter().flatten().collect())
    }
}

/// Is this the body that the header commits to? A block's id covers its header alone, so anybody
/// can pair a true header with a false body: that says nothing about the block of this id.
#[must_use]
pub fn body_matches_header(block: &Block) -> bool {
    let carried = block.parent_certificate.as_ref();
    let certificate = carried.map_or(CertificateHash::ZERO, |certificate| certificate.hash());
    certificate == block.header.parent_certificate && check_contents(block).is_ok()
}

/// Counts and roots of what the block carries; gives the transactions' leaf hashes.
fn check_contents(block: &Block) -> Result<Vec<Digest>, InvalidBlock> {
    let (header, expected) = (&block.header, block.transactions.len());
    if header.transaction_count as usize != expected {
        let actual = header.transaction_count;
        return Err(InvalidBlock::TransactionCount { expected, actual });
    }
    let leaves: Vec<Digest> =
        block.transactions.iter().map(|signed| leaf_hash(&signed.to_bytes())).collect();
    let (expected, actual) = (root(&leaves), header.transactions_root);
    if expected != actual {
        return Err(InvalidBlock::TransactionsRoot { expected, actual });
    }
    let (expected, actual) = (evidence_root(&block.evidence), header.evidence_root);
    if expected != actual {
        return Err(InvalidBlock::EvidenceRoot { expected, actual });
    }
    Ok(leaves)
}

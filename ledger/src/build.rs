//! Building a block: evidence, then candidates in order while there is room; what breaks a rule is
//! left out and named.

use vouchsafe_genesis::TIME_MS_MAX;
use vouchsafe_types::canonical::Version;
use vouchsafe_types::certificate::CertificateHash;
use vouchsafe_types::evidence::{Evidence, EvidenceId};
use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::header::{
    BLOCK_EVIDENCE_MAX, BLOCK_TRANSACTIONS_MAX, Block, BlockEvidence, BlockTransactions, Header,
};
use vouchsafe_types::identity::Address;
use vouchsafe_types::log::root;
use vouchsafe_types::transaction::{SignedTransaction, VerifiedTransaction};

use crate::executed::Executed;
use crate::execution::Execution;
use crate::ledger::Ledger;
use crate::roots::{encoded_bytes, evidence_root};
use crate::rule::{AdmitError, EvidenceRule, Rule};
use crate::store::{StoreError, StoreRead};

/// What a proposer decides about its block.
#[derive(Clone, Debug)]
pub struct BuildInput {
    /// The round in which it is built.
    pub round: u32,
    /// The proposer's clock, in milliseconds since 1970. The block's time is this, or one more
    /// than its parent's if that is later.
    pub now_ms: u64,
    /// Who proposes.
    pub proposer: Address,
    /// Offences seen and not yet recorded.
    pub evidence: Vec<Evidence>,
}

/// A block, what it does, and what was not taken into it.
#[derive(Clone)]
pub struct Built {
    /// The block.
    pub block: Block,
    /// What it does.
    pub executed: Executed,
    /// The candidates that break a rule. Those for which there was no room are not among them.
    pub refused: Vec<(TransactionId, Rule)>,
    /// The evidence that breaks a rule.
    pub refused_evidence: Vec<(EvidenceId, EvidenceRule)>,
}

/// Why no block is built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// It is another's turn.
    #[error("{actual} cannot build the block: {expected} proposes in this round")]
    Proposer {
        /// Who proposes in the round.
        expected: Address,
        /// Who was to build.
        actual: Address,
    },
    /// The clock shows no date.
    #[error("the clock shows {time_ms} ms, after the year 9999: correct it")]
    Clock {
        /// The block's time.
        time_ms: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A block in the making.
struct Assembly<'a> {
    execution: Execution<'a>,
    room_bytes: u64,
    transactions: Vec<SignedTransaction>,
    leaves: Vec<Digest>,
    evidence: Vec<Evidence>,
    refused: Vec<(TransactionId, Rule)>,
    refused_evidence: Vec<(EvidenceId, EvidenceRule)>,
}

impl<S: StoreRead> Ledger<S> {
    /// Builds the next block and executes it. Candidates are tried in order until one does not
    /// fit; evidence above [`BLOCK_EVIDENCE_MAX`] pieces waits for a later block.
    ///
    /// # Errors
    /// One [`BuildError`] for each cause; a bad candidate is none.
    pub fn build<'a>(
        &self,
        input: BuildInput,
        candidates: impl IntoIterator<Item = &'a VerifiedTransaction>,
    ) -> Result<Built, BuildError> {
        let BuildInput { round, now_ms, proposer, evidence } = input;
        let time_ms = self.time_at(now_ms);
        if time_ms > TIME_MS_MAX {
            return Err(BuildError::Clock { time_ms });
        }
        let mut block = Block {
            version: Version,
            header: self.unsealed_header(round, time_ms, proposer)?,
            parent_certificate: self.head.certificate.clone(),
            transactions: BlockTransactions::new(Vec::new()).expect("a block may be empty"),
            evidence: BlockEvidence::new(Vec::new()).expect("a block may be empty"),
        };
        let mut assembly = Assembly {
            execution: self.execution(self.moment(time_ms)),
            room_bytes: self.parameters.block_bytes_max.saturating_sub(encoded_bytes(&block)),
            transactions: Vec::new(),
            leaves: Vec::new(),
            evidence: Vec::new(),
            refused: Vec::new(),
            refused_evidence: Vec::new(),
        };
        self.take_evidence(&mut assembly, evidence)?;
        assembly.take_transactions(candidates)?;
        let Assembly {
            execution, transactions, leaves, evidence, refused, refused_evidence, ..
        } = assembly;
        let effects = execution.finish();
        let header = &mut block.header;
        header.parent_certificate =
            block.parent_certificate.as_ref().map_or(CertificateHash::ZERO, |c| c.hash());
        header.transactions_root = root(&leaves);
        header.transaction_count =
            u32::try_from(transactions.len()).expect("a block has few transactions");
        header.evidence_root = evidence_root(&evidence);
        header.state_root = effects.tree.root();
        block.transactions =
            BlockTransactions::new(transactions).expect("counted while they were taken");
        block.evidence = BlockEvidence::new(evidence).expect("counted while it was taken");
        let executed = Executed::new(block.header.clone(), self.head.clone(), effects);
        Ok(Built { block, executed, refused, refused_evidence })
    }

    /// The header without what the block's contents decide.
    fn unsealed_header(
        &self,
        round: u32,
        time_ms: u64,
        proposer: Address,
    ) -> Result<Header, BuildError> {
        let (head, height) = (&self.head, self.head.height + 1);
        let expected = head.validators.proposer(height, round);
        if proposer != expected {
            return Err(BuildError::Proposer { expected, actual: proposer });
        }
        let validators = head.validators.hash();
        Ok(Header {
            version: Version,
            chain_id: self.chain_id,
            height,
            round,
            time_ms,
            parent: head.block_id,
            history_root: head.history.root(),
            transactions_root: Digest::ZERO,
            transaction_count: 0,
            state_root: Digest::ZERO,
            validators,
            next_validators: self.next_validators().hash(),
            proposer,
            parent_certificate: CertificateHash::ZERO,
            evidence_root: Digest::ZERO,
        })
    }

    fn take_evidence(
        &self,
        assembly: &mut Assembly<'_>,
        evidence: Vec<Evidence>,
    ) -> Result<(), StoreError> {
        for piece in evidence {
            if assembly.evidence.len() == BLOCK_EVIDENCE_MAX {
                break;
            }
            let bytes = encoded_bytes(&piece);
            let verdict = self.record_evidence(&mut assembly.execution, &piece)?;
            match verdict {
                Ok(()) => {
                    assembly.room_bytes = assembly
                        .room_bytes
                        .checked_sub(bytes)
                        .expect("the least block_bytes_max has room for all evidence");
                    assembly.evidence.push(piece);
                }
                Err(rule) => assembly.refused_evidence.push((piece.id(), rule)),
            }
        }
        Ok(())
    }
}

impl Assembly<'_> {
    fn take_transactions<'a>(
        &mut self,
        candidates: impl IntoIterator<Item = &'a VerifiedTransaction>,
    ) -> Result<(), StoreError> {
        for candidate in candidates {
            let bytes = candidate.bytes().len() as u64;
            if self.transactions.len() == BLOCK_TRANSACTIONS_MAX || bytes > self.room_bytes {
                break;
            }
            match self.execution.apply(candidate) {
                Ok(()) => {
                    self.room_bytes -= bytes;
                    self.leaves.push(candidate.leaf());
                    self.transactions.push(candidate.signed().clone());
                }
                Err(AdmitError::Rule(rule)) => self.refused.push((candidate.id(), rule)),
                Err(AdmitError::Store(error)) => return Err(error),
            }
        }
        Ok(())
    }
}

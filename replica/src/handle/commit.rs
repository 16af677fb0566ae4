//! A height is decided, made durable, and left behind.

use vouchsafe_consensus::Decision;
use vouchsafe_ledger::{AdmitError, Executed, StoreRead, ValidateError};
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::Block;

use crate::blocks::Stage;
use crate::effect::{Effect, Notice, Outcome};
use crate::error::ReplicaError;
use crate::replica::{Committing, Replica};

/// How many waiting transactions are held against the rules again at each commit, in a rolling
/// walk: others' blocks may have made them invalid.
const CHECKED_AT_COMMIT: usize = 32;

impl<S: StoreRead> Replica<S> {
    /// Writes a decided block, its certificate and the state after it, in one write.
    pub(crate) fn commit(&mut self, decision: Decision) -> Result<(), ReplicaError> {
        let executed = self.executed(decision.certificate.block_id)?;
        self.write_height(executed, decision.certificate, None);
        Ok(())
    }

    /// Orders the one write by which a block becomes the head, with its body unless that is stored.
    pub(crate) fn write_height(
        &mut self,
        executed: Executed,
        certificate: CommitCertificate,
        body: Option<Vec<u8>>,
    ) {
        let transactions = executed.transaction_ids().collect();
        let (mut batch, next) = executed.certify(certificate.clone());
        batch.body = body;
        let (offences, evidence_from) = (batch.offences.clone(), batch.evidence_from);
        self.committing =
            Some(Committing { certificate, next, transactions, offences, evidence_from });
        self.effects.push(Effect::Commit(Box::new(batch)));
    }

    /// What committing a block writes. After a restart the block is only on disk, and is executed
    /// again.
    fn executed(&mut self, block_id: BlockId) -> Result<Executed, ReplicaError> {
        if let Some(candidate) = self.candidates.remove(&block_id)
            && let Stage::Ready { executed } | Stage::Storing { executed, .. } = candidate.stage
        {
            return Ok(*executed);
        }
        self.execute_decided(&self.stored_body(block_id)?)
    }

    /// Executes a block that others decided; an invalid one cannot be.
    pub(crate) fn execute_decided(&self, block: &Block) -> Result<Executed, ReplicaError> {
        let mempool = &self.mempool;
        self.ledger.validate(block, &|leaf| mempool.by_leaf(leaf)).map_err(|error| match error {
            ValidateError::Store(error) => error.into(),
            ValidateError::Invalid(_) => {
                let (height, block_id) = (block.header.height, block.header.block_id());
                ReplicaError::DecidedInvalid { height, block_id }
            }
        })
    }

    pub(crate) fn on_committed(&mut self, height: u64) -> Result<(), ReplicaError> {
        let committing = self.committing.take().expect("the driver commits what it was told to");
        let Committing { certificate, next, transactions, offences, evidence_from } = committing;
        assert_eq!(height, certificate.height, "heights are committed one after the other");
        self.ledger.committed(next);
        offences.iter().for_each(|offence| self.offences.remove(offence));
        self.offences.forget_before(evidence_from);
        let head = self.ledger.head();
        let time_ms = head.time_ms;
        self.effects.push(Effect::Notice(Notice::HeightCommitted {
            height,
            round: certificate.round,
            block_id: certificate.block_id,
            time_ms,
            transactions: u32::try_from(transactions.len()).expect("a block's count is bounded"),
        }));
        let count = transactions.len();
        for (index, transaction_id) in transactions.into_iter().enumerate() {
            self.mempool.remove(&transaction_id);
            let index = u32::try_from(index).expect("a block's count is bounded");
            let outcome = Outcome::Committed { height, index };
            self.effects.push(Effect::Settled { transaction_id, outcome });
        }
        self.pace.decided(certificate.round, count, self.mempool.len());
        self.settle_refused()?;
        self.candidates.clear();
        // While this node catches up the next block is here, and the engine is not troubled.
        self.catch_up()?;
        self.await_next_height()?;
        self.start_if_due()
    }

    /// Lets go of pooled transactions that no later block may hold, and says why.
    pub(crate) fn settle_refused(&mut self) -> Result<(), ReplicaError> {
        let time_ms = self.block_time_ms();
        let mut doubtful = self.mempool.expired_at(time_ms);
        doubtful.append(&mut self.left_out);
        doubtful.append(&mut self.mempool.next_to_check(CHECKED_AT_COMMIT, self.now_ms));
        for transaction_id in doubtful {
            let Some(transaction) = self.mempool.get(&transaction_id) else { continue };
            let rule = match self.ledger.admit(transaction, time_ms) {
                Ok(_) => continue,
                Err(AdmitError::Store(error)) => return Err(error.into()),
                Err(AdmitError::Rule(rule)) => rule,
            };
            self.mempool.remove(&transaction_id);
            let outcome = Outcome::Refused(rule);
            self.effects.push(Effect::Settled { transaction_id, outcome });
        }
        Ok(())
    }
}

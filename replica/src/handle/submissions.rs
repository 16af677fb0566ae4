//! Transactions come in: from the API with a ticket, from peers without.

use std::sync::Arc;

use vouchsafe_ledger::{AdmitError, Rule, StoreRead};
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::effect::{Admission, AdmissionError, Effect, PeerMessage};
use crate::error::ReplicaError;
use crate::mempool::RETRY_AFTER_MS;
use crate::replica::Replica;

impl<S: StoreRead> Replica<S> {
    pub(crate) fn on_submitted(
        &mut self,
        ticket: u64,
        transaction: VerifiedTransaction,
    ) -> Result<(), ReplicaError> {
        let result = self.admit(transaction)?;
        self.effects.push(Effect::Admitted { ticket, result });
        self.start_if_due()
    }

    /// Pools a transaction that breaks no rule now, and tells peers of it.
    pub(crate) fn admit(
        &mut self,
        transaction: VerifiedTransaction,
    ) -> Result<Result<Admission, AdmissionError>, ReplicaError> {
        let id = transaction.id();
        if self.mempool.contains(&id) {
            return Ok(Ok(Admission::AlreadyPooled(id)));
        }
        match self.ledger.admit(&transaction, self.now_ms) {
            Ok(()) => {}
            Err(AdmitError::Rule(Rule::AlreadyCommitted { .. })) => {
                return Ok(Ok(Admission::Committed(id)));
            }
            Err(AdmitError::Rule(rule)) => return Ok(Err(AdmissionError::Rule(rule))),
            Err(AdmitError::Store(error)) => return Err(error.into()),
        }
        if !self.mempool.has_room(transaction.bytes().len()) {
            return Ok(Err(AdmissionError::Full { retry_after_ms: RETRY_AFTER_MS }));
        }
        let transaction = Arc::new(transaction);
        self.mempool.insert(transaction.clone());
        self.effects.push(Effect::Broadcast(PeerMessage::Transaction(transaction)));
        Ok(Ok(Admission::Pooled(id)))
    }

    /// The time that a block built now would have, in milliseconds since 1970.
    pub(crate) fn block_time_ms(&self) -> u64 {
        self.now_ms.max(self.ledger.head().time_ms + 1)
    }
}

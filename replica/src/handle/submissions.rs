//! Transactions come in, from clients and from peers.

use std::sync::Arc;

use vouchsafe_ledger::{AdmitError, Rule, StoreRead};
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::effect::{Admission, AdmissionError, Effect, Timer};
use crate::error::ReplicaError;
use crate::event::Origin;
use crate::mempool::{REGOSSIP_MS, RETRY_AFTER_MS};
use crate::replica::Replica;

impl<S: StoreRead> Replica<S> {
    pub(crate) fn on_submitted(
        &mut self,
        ticket: u64,
        transaction: VerifiedTransaction,
        origin: Origin,
    ) -> Result<(), ReplicaError> {
        let result = self.admit(transaction, origin)?;
        self.effects.push(Effect::Admitted { ticket, result });
        self.start_if_due()
    }

    /// Pools a transaction that breaks no rule now, and tells peers of it unless it came from one.
    fn admit(
        &mut self,
        transaction: VerifiedTransaction,
        origin: Origin,
    ) -> Result<Result<Admission, AdmissionError>, ReplicaError> {
        let id = transaction.id();
        if self.mempool.contains(&id) {
            return Ok(Ok(Admission::AlreadyPooled(id)));
        }
        let admitted = match origin {
            Origin::Client => self.ledger.admit(&transaction, self.now_ms),
            Origin::Peer => self.ledger.admit_heard(&transaction, self.now_ms),
        };
        let organization = match admitted {
            Ok(organization) => organization,
            Err(AdmitError::Rule(Rule::AlreadyCommitted { .. })) => {
                return Ok(Ok(Admission::Committed(id)));
            }
            Err(AdmitError::Rule(rule)) => return Ok(Err(AdmissionError::Rule(rule))),
            Err(AdmitError::Store(error)) => return Err(error.into()),
        };
        if !self.mempool.has_room(&organization, transaction.bytes().len()) {
            let retry_after_ms = RETRY_AFTER_MS;
            return Ok(Err(AdmissionError::Full { organization, retry_after_ms }));
        }
        let transaction = Arc::new(transaction);
        self.mempool.insert(transaction.clone(), organization, origin, self.now_ms);
        if origin == Origin::Client {
            self.effects.push(Effect::Gossip(transaction));
        }
        Ok(Ok(Admission::Pooled(id)))
    }

    /// Tells peers again of what still waits, transactions and evidence: they may have come or
    /// restarted since.
    pub(crate) fn gossip_again(&mut self) {
        if self.peers.is_empty() {
            return; // the next one that connects sets the timer again
        }
        self.effects.push(Effect::SetTimer { timer: Timer::Regossip, delay_ms: REGOSSIP_MS });
        let due = self.mempool.due_for_gossip(self.now_ms);
        self.effects.extend(due.into_iter().map(Effect::Gossip));
        self.tell_of_offences();
    }

    /// The time that a block built now would have, in milliseconds since 1970.
    pub(crate) fn block_time_ms(&self) -> u64 {
        self.now_ms.max(self.ledger.head().time_ms + 1)
    }
}

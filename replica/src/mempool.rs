//! Transactions that wait: verified once, in order of arrival, bounded in number and bytes.
//!
//! Only verified transactions get in, so nothing is ever remembered under an id that its signer
//! did not sign.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::transaction::VerifiedTransaction;

/// How long a submitter is told to wait when the pool is full, in milliseconds.
pub(crate) const RETRY_AFTER_MS: u64 = 1_000;

/// The pool's bounds.
#[derive(Clone, Copy, Debug)]
pub struct MempoolLimits {
    /// The most bytes of transactions.
    pub bytes_max: usize,
    /// The most transactions.
    pub transactions_max: usize,
}

impl Default for MempoolLimits {
    fn default() -> Self {
        Self { bytes_max: 64 << 20, transactions_max: 100_000 }
    }
}

struct Pooled {
    transaction: Arc<VerifiedTransaction>,
    arrival: u64,
}

/// The waiting transactions.
pub(crate) struct Mempool {
    limits: MempoolLimits,
    by_id: BTreeMap<TransactionId, Pooled>,
    by_arrival: BTreeMap<u64, TransactionId>,
    by_expiry: BTreeSet<(u64, TransactionId)>,
    /// Leaf hashes of what is pooled: a block that holds one need not verify its signature again.
    leaves: BTreeMap<Digest, TransactionId>,
    next_arrival: u64,
    bytes: usize,
}

impl Mempool {
    pub(crate) fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            by_id: BTreeMap::new(),
            by_arrival: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            leaves: BTreeMap::new(),
            next_arrival: 0,
            bytes: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn contains(&self, id: &TransactionId) -> bool {
        self.by_id.contains_key(id)
    }

    pub(crate) fn get(&self, id: &TransactionId) -> Option<&Arc<VerifiedTransaction>> {
        self.by_id.get(id).map(|pooled| &pooled.transaction)
    }

    /// The transaction with this leaf hash: this very signature was verified here.
    pub(crate) fn by_leaf(&self, leaf: &Digest) -> Option<Arc<VerifiedTransaction>> {
        self.leaves.get(leaf).and_then(|id| self.get(id)).cloned()
    }

    /// Would a transaction of this size still fit?
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        self.by_id.len() < self.limits.transactions_max
            && self.bytes + bytes <= self.limits.bytes_max
    }

    /// Adds a transaction that is not yet there and for which there is room.
    pub(crate) fn insert(&mut self, transaction: Arc<VerifiedTransaction>) {
        let id = transaction.id();
        assert!(!self.contains(&id), "a pooled transaction is not pooled again");
        let arrival = self.next_arrival;
        self.next_arrival += 1;
        self.bytes += transaction.bytes().len();
        self.by_arrival.insert(arrival, id);
        self.by_expiry.insert((transaction.body().expiry_ms, id));
        self.leaves.insert(transaction.leaf(), id);
        self.by_id.insert(id, Pooled { transaction, arrival });
    }

    /// Takes a transaction out, if it is there.
    pub(crate) fn remove(&mut self, id: &TransactionId) -> Option<Arc<VerifiedTransaction>> {
        let Pooled { transaction, arrival } = self.by_id.remove(id)?;
        self.by_arrival.remove(&arrival);
        self.by_expiry.remove(&(transaction.body().expiry_ms, *id));
        self.leaves.remove(&transaction.leaf());
        self.bytes -= transaction.bytes().len();
        Some(transaction)
    }

    /// All transactions in order of arrival.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &VerifiedTransaction> {
        self.by_arrival.values().map(|id| &*self.by_id[id].transaction)
    }

    /// Those that no block at or after this time, in milliseconds since 1970, may hold.
    pub(crate) fn expired_at(&self, time_ms: u64) -> Vec<TransactionId> {
        self.by_expiry
            .iter()
            .take_while(|(expiry_ms, _)| *expiry_ms <= time_ms)
            .map(|(_, id)| *id)
            .collect()
    }
}

//! Transactions that wait: verified once, in order of arrival within each organization, bounded in
//! number and bytes.
//!
//! Only verified transactions get in, so nothing is ever remembered under an id that its signer
//! did not sign. No organization can fill the pool: each may hold as much as is still free (the
//! dynamic threshold of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6(2), 1998, with
//! factor 1). Alone it gets half of the pool; of n that push, each gets one part of n + 1, and the
//! last part stays free for whoever comes. Blocks take from the organizations in turn.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use vouchsafe_types::hash::{Digest, TransactionId};
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::event::Origin;

/// How long a submitter is told to wait when the pool is full, in milliseconds.
pub(crate) const RETRY_AFTER_MS: u64 = 1_000;
/// How long a transaction waits until the node that took it tells its peers of it again, in
/// milliseconds.
pub(crate) const REGOSSIP_MS: u64 = 2_000;
/// How long a transaction that was handed in here is left to blocks only if there is no other, in
/// milliseconds: those who lack it would each have to ask for it.
const FRESH_MS: u64 = 15;
/// How long a transaction waits until it is held against the rules again, in milliseconds: blocks
/// refuse by themselves what has become invalid meanwhile.
const CHECK_AGAIN_MS: u64 = 1_000;
/// Transactions that together name so many assets are enough to hold against the rules again at one
/// time.
const CHECKED_ASSETS_MAX: usize = 256;
/// The most bytes of transactions that are told again at one time.
const REGOSSIP_BYTES_MAX: usize = 256 << 10;

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
    organization: OrganizationId,
    arrival: u64,
    /// When it was pooled, in milliseconds since 1970.
    pooled_ms: u64,
    /// When this node last told its peers, in milliseconds since 1970; none if others do.
    gossiped_ms: Option<u64>,
}

impl Pooled {
    /// Was it handed in here so lately that the others may not have heard of it?
    fn is_fresh(&self, now_ms: u64) -> bool {
        self.gossiped_ms.is_some() && now_ms < self.pooled_ms.saturating_add(FRESH_MS)
    }
}

/// What one organization holds of the pool.
#[derive(Default)]
struct Share {
    by_arrival: BTreeMap<u64, TransactionId>,
    bytes: usize,
}

/// The waiting transactions.
pub(crate) struct Mempool {
    limits: MempoolLimits,
    by_id: BTreeMap<TransactionId, Pooled>,
    by_arrival: BTreeMap<u64, TransactionId>,
    by_expiry: BTreeSet<(u64, TransactionId)>,
    by_gossip: BTreeSet<(u64, TransactionId)>,
    /// Leaf hashes of what is pooled: a block that holds one need not verify its signature again.
    leaves: BTreeMap<Digest, TransactionId>,
    shares: BTreeMap<OrganizationId, Share>,
    next_arrival: u64,
    /// Where the rolling check stands.
    next_check: u64,
    bytes: usize,
}

impl Mempool {
    pub(crate) fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            by_id: BTreeMap::new(),
            by_arrival: BTreeMap::new(),
            by_expiry: BTreeSet::new(),
            by_gossip: BTreeSet::new(),
            leaves: BTreeMap::new(),
            shares: BTreeMap::new(),
            next_arrival: 0,
            next_check: 0,
            bytes: 0,
        }
    }

    pub(crate) fn limits(&self) -> MempoolLimits {
        self.limits
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

    /// Would a transaction of this size still be within the organization's share?
    pub(crate) fn has_room(&self, organization: &OrganizationId, bytes: usize) -> bool {
        let (held, held_bytes) = self
            .shares
            .get(organization)
            .map_or((0, 0), |share| (share.by_arrival.len(), share.bytes));
        let free = self.limits.transactions_max.saturating_sub(self.by_id.len());
        let free_bytes = self.limits.bytes_max.saturating_sub(self.bytes);
        // The first always fits where anything does: a share is not smaller than a transaction.
        let within_share =
            held == 0 || (held < free && held_bytes.saturating_add(bytes) <= free_bytes);
        within_share && free > 0 && bytes <= free_bytes
    }

    /// Adds a transaction that is not yet there and for which there is room.
    pub(crate) fn insert(
        &mut self,
        transaction: Arc<VerifiedTransaction>,
        organization: OrganizationId,
        origin: Origin,
        now_ms: u64,
    ) {
        let id = transaction.id();
        assert!(!self.contains(&id), "a pooled transaction is not pooled again");
        let (arrival, bytes) = (self.next_arrival, transaction.bytes().len());
        self.next_arrival += 1;
        self.bytes += bytes;
        self.by_arrival.insert(arrival, id);
        self.by_expiry.insert((transaction.body().expiry_ms, id));
        self.leaves.insert(transaction.leaf(), id);
        let share = self.shares.entry(organization.clone()).or_default();
        share.by_arrival.insert(arrival, id);
        share.bytes += bytes;
        let gossiped_ms = match origin {
            Origin::Client => Some(now_ms),
            Origin::Peer => None,
        };
        self.by_gossip.extend(gossiped_ms.map(|at_ms| (at_ms, id)));
        let pooled = Pooled { transaction, organization, arrival, pooled_ms: now_ms, gossiped_ms };
        self.by_id.insert(id, pooled);
    }

    /// Takes a transaction out, if it is there.
    pub(crate) fn remove(&mut self, id: &TransactionId) -> Option<Arc<VerifiedTransaction>> {
        let Pooled { transaction, organization, arrival, gossiped_ms, .. } =
            self.by_id.remove(id)?;
        let bytes = transaction.bytes().len();
        self.by_arrival.remove(&arrival);
        self.by_expiry.remove(&(transaction.body().expiry_ms, *id));
        self.leaves.remove(&transaction.leaf());
        if let Some(at_ms) = gossiped_ms {
            self.by_gossip.remove(&(at_ms, *id));
        }
        self.bytes -= bytes;
        let share = self.shares.get_mut(&organization).expect("it was inserted with the share");
        share.by_arrival.remove(&arrival);
        share.bytes -= bytes;
        if share.by_arrival.is_empty() {
            self.shares.remove(&organization);
        }
        Some(transaction)
    }

    /// All transactions that the others may have: the organizations in turn, and each one's in
    /// order of arrival. If all are too fresh for that, all.
    pub(crate) fn in_turn(&self, now_ms: u64) -> impl Iterator<Item = &VerifiedTransaction> {
        let all_fresh = self.by_id.values().all(|pooled| pooled.is_fresh(now_ms));
        let mut queues: VecDeque<_> =
            self.shares.values().map(|share| share.by_arrival.values()).collect();
        std::iter::from_fn(move || {
            while let Some(mut queue) = queues.pop_front() {
                let mut left = queue.by_ref().map(|id| &self.by_id[id]);
                if let Some(next) = left.find(|pooled| all_fresh || !pooled.is_fresh(now_ms)) {
                    queues.push_back(queue);
                    return Some(&*next.transaction);
                }
            }
            None
        })
    }

    /// Those that no block at or after this time, in milliseconds since 1970, may hold.
    pub(crate) fn expired_at(&self, time_ms: u64) -> Vec<TransactionId> {
        self.by_expiry
            .iter()
            .take_while(|(expiry_ms, _)| *expiry_ms <= time_ms)
            .map(|(_, id)| *id)
            .collect()
    }

    /// The next few in a rolling walk over all that have waited for a while.
    pub(crate) fn next_to_check(&mut self, count: usize, now_ms: u64) -> Vec<TransactionId> {
        let (mut ids, mut assets) = (Vec::new(), 0);
        let from = std::mem::take(&mut self.next_check);
        for (arrival, id) in self.by_arrival.range(from..) {
            let pooled = &self.by_id[id];
            if pooled.pooled_ms.saturating_add(CHECK_AGAIN_MS) > now_ms {
                break; // nor has any later one: the end of the walk is its beginning
            }
            if ids.len() == count || assets >= CHECKED_ASSETS_MAX {
                self.next_check = *arrival;
                break;
            }
            assets += pooled.transaction.asset_count();
            ids.push(*id);
        }
        ids
    }

    /// Those of this node's own that its peers heard of too long ago; from now on they heard of
    /// them now.
    pub(crate) fn due_for_gossip(&mut self, now_ms: u64) -> Vec<Arc<VerifiedTransaction>> {
        let (mut due, mut bytes) = (Vec::new(), 0);
        for (at_ms, id) in &self.by_gossip {
            if at_ms.saturating_add(REGOSSIP_MS) > now_ms || bytes >= REGOSSIP_BYTES_MAX {
                break;
            }
            bytes += self.by_id[id].transaction.bytes().len();
            due.push((*at_ms, *id));
        }
        due.into_iter()
            .map(|(at_ms, id)| {
                self.by_gossip.remove(&(at_ms, id));
                self.by_gossip.insert((now_ms, id));
                let pooled = self.by_id.get_mut(&id).expect("what is gossiped is pooled");
                pooled.gossiped_ms = Some(now_ms);
                pooled.transaction.clone()
            })
            .collect()
    }
}

//! A block is put together: transactions from the pool, what is missing from peers.
//!
//! ```text
//! compact block ─▶ pool has all? ── yes ──────────────────────────────▶ judged
//!                       └ no ─▶ ask the sender ─▶ others, one by one ─▶ ┘
//! ```
//!
//! Whoever was asked and had nothing is not asked again before all others were; then it begins
//! anew with the next survey, until the height is over.

use std::sync::Arc;

use vouchsafe_ledger::{StoreRead, body_matches_header};
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::Block;
use vouchsafe_types::transaction::SignedTransaction;

use crate::effect::{Effect, Fault, Notice};
use crate::error::ReplicaError;
use crate::event::PeerNumber;
use crate::gathering::Gathering;
use crate::peer::{CompactBlock, Request, WantedLeaves};
use crate::replica::Replica;
use crate::requests::Purpose;

impl<S: StoreRead> Replica<S> {
    /// Puts a block together that a verified message names.
    pub(crate) fn gather(
        &mut self,
        from: PeerNumber,
        block_id: BlockId,
        compact: CompactBlock,
    ) -> Result<(), ReplicaError> {
        let known = self.candidates.gathering.get(&block_id);
        let more_is_known = known.is_some_and(|gathering| gathering.compact.is_some());
        if self.candidates.contains(&block_id) || more_is_known {
            return Ok(());
        }
        if known.is_none() && self.candidates.is_full() {
            return Ok(());
        }
        let gathering = Gathering { compact: Some(compact), ..Gathering::default() };
        self.candidates.gathering.insert(block_id, gathering);
        if !self.put_together(block_id)? {
            self.seek_from(block_id, Some(from));
        }
        Ok(())
    }

    /// Fetches a block of which only the id is known, unless it is here.
    pub(crate) fn want(
        &mut self,
        block_id: BlockId,
        from: Option<PeerNumber>,
    ) -> Result<(), ReplicaError> {
        if self.candidates.contains(&block_id)
            || self.candidates.gathering.contains_key(&block_id)
            || (self.candidates.is_full() && !self.candidates.is_vouched_for(&block_id))
        {
            return Ok(());
        }
        // After a restart it may be on disk.
        if let Some(block) = self.body_on_disk(block_id)? {
            self.candidates.complete(block_id, &Arc::new(block));
            return self.judge_in_time(block_id);
        }
        let height = self.engine.height();
        self.effects.push(Effect::Notice(Notice::BlockWanted { height, block_id }));
        self.candidates.gathering.insert(block_id, Gathering::default());
        self.seek_from(block_id, from);
        Ok(())
    }

    /// Makes the whole block of what is pooled and fetched. False: something is missing.
    fn put_together(&mut self, block_id: BlockId) -> Result<bool, ReplicaError> {
        let Some(gathering) = self.candidates.gathering.get_mut(&block_id) else {
            return Ok(true);
        };
        let Some(compact) = &gathering.compact else { return Ok(false) };
        let (mempool, fetched) = (&self.mempool, &gathering.fetched);
        let is_missing =
            |leaf: &&Digest| mempool.by_leaf(leaf).is_none() && !fetched.contains_key(*leaf);
        gathering.missing = compact.leaves.iter().filter(is_missing).copied().collect();
        if !gathering.missing.is_empty() {
            return Ok(false);
        }
        let signed = |leaf: &Digest| {
            let pooled = mempool.by_leaf(leaf).map(|pooled| pooled.signed().clone());
            pooled.or_else(|| fetched.get(leaf).cloned())
        };
        let transactions = compact.leaves.iter().filter_map(signed).collect();
        let block = Arc::new(compact.clone().into_block(transactions));
        self.candidates.complete(block_id, &block);
        self.judge_in_time(block_id)?;
        Ok(true)
    }

    /// Asks the next peer for what is missing of a block, unless one is being asked.
    pub(crate) fn seek_body(&mut self, block_id: BlockId) {
        self.seek_from(block_id, None);
    }

    fn seek_from(&mut self, block_id: BlockId, first: Option<PeerNumber>) {
        let Some(gathering) = self.candidates.gathering.get(&block_id) else { return };
        let (request, purpose) = match &gathering.compact {
            Some(_) if gathering.missing.is_empty() => return,
            Some(_) => {
                let leaves = gathering.missing.iter().copied().collect();
                let leaves = WantedLeaves::new(leaves).expect("some, and no more than a block has");
                (Request::Transactions { block_id, leaves }, Purpose::Transactions(block_id))
            }
            None => (Request::Block { block_id }, Purpose::Block(block_id)),
        };
        if self.requests.is_open(purpose) {
            return;
        }
        let fresh = |number: &PeerNumber| !gathering.asked.contains(number);
        let first = first.filter(|number| self.peers.get(*number).is_some());
        let Some(peer) = first.or_else(|| self.trusted_peers().into_iter().find(fresh)) else {
            return; // all were asked; the next survey begins anew
        };
        let gathering = self.candidates.gathering.get_mut(&block_id).expect("it is there");
        gathering.asked.insert(peer);
        self.ask(peer, purpose, request);
    }

    /// At each survey: what nobody is being asked for is asked for again.
    pub(crate) fn seek_bodies(&mut self) -> Result<(), ReplicaError> {
        let ids: Vec<BlockId> = self.candidates.gathering.keys().copied().collect();
        for block_id in ids {
            // Transactions may have come into the pool by themselves.
            if self.put_together(block_id)? {
                continue;
            }
            let trusted = self.trusted_peers();
            if let Some(gathering) = self.candidates.gathering.get_mut(&block_id)
                && trusted.iter().all(|number| gathering.asked.contains(number))
            {
                gathering.asked.clear();
            }
            self.seek_body(block_id);
        }
        Ok(())
    }

    pub(crate) fn on_wanted_transactions(
        &mut self,
        peer: PeerNumber,
        block_id: BlockId,
        transactions: Vec<SignedTransaction>,
    ) -> Result<(), ReplicaError> {
        let Some(gathering) = self.candidates.gathering.get_mut(&block_id) else { return Ok(()) };
        if !gathering.take(transactions) {
            self.mistrust(peer, Fault::FalseAnswer);
        }
        if !self.put_together(block_id)? {
            self.seek_body(block_id);
        }
        Ok(())
    }

    pub(crate) fn on_wanted_block(
        &mut self,
        peer: PeerNumber,
        block_id: BlockId,
        block: Option<Box<Block>>,
    ) -> Result<(), ReplicaError> {
        if !self.candidates.gathering.contains_key(&block_id) {
            return Ok(());
        }
        let Some(block) = block else {
            self.seek_body(block_id);
            return Ok(());
        };
        if block.header.block_id() != block_id || !body_matches_header(&block) {
            self.mistrust(peer, Fault::FalseAnswer);
            self.seek_body(block_id);
            return Ok(());
        }
        if !self.decides_now(block.header.height) {
            self.candidates.gathering.remove(&block_id);
            return Ok(());
        }
        self.candidates.complete(block_id, &Arc::from(block));
        self.judge_in_time(block_id)
    }
}

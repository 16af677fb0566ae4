//! Writes: each is one batch, synced before it returns.

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use rocksdb::{Direction, IteratorMode, WriteBatch, WriteOptions};
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::log::Frontier;

use super::encode::{
    digest_number_key, encode, encode_entries, encode_record, evidence_in_key,
    evidence_waiting_key, number_digest_key, number_key, validators_key,
};
use super::place::Place;
use super::{Family, RocksStore, fact, prefix_of, store_error};
use crate::acts::{Act, LogKind, act_of, first_record};
use crate::store::{
    CommitBatch, GenesisBatch, Growth, Offence, RecordChange, StoreError, StoreRead, StoreWrite,
};

/// Tells the records that follow from an asset's first act. An act makes the same record of each of
/// its assets: it is made once.
struct FirstRecords<'a> {
    acts: &'a [Act],
    made: BTreeMap<u32, (Vec<u8>, Frontier)>,
}

impl FirstRecords<'_> {
    /// If the record and its log are what an asset's first act makes of it: the asset's number.
    fn follows(&mut self, change: &RecordChange, growth: &Growth) -> Option<u32> {
        let ([asset], 0, LogKind::Events) = (&growth.assets[..], growth.from, growth.kind) else {
            return None;
        };
        let act = act_of(self.acts, *asset)?;
        let made = self.made.entry(act.first_asset);
        let (record, log) = made.or_insert_with(|| first_record(&act.event));
        let stored = &change.stored;
        (stored.record == *record && stored.log.as_ref() == Some(log)).then_some(*asset)
    }
}

impl RocksStore {
    fn lock(&self) -> MutexGuard<'_, ()> {
        // What the lock guards is on disk, and whole whatever happened to another writer.
        self.inner.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_synced(&self, batch: WriteBatch) -> Result<(), StoreError> {
        let mut synced = WriteOptions::default();
        synced.set_sync(true);
        self.inner.database.write_opt(batch, &synced).map_err(store_error)
    }

    fn put_body_in(&self, writes: &mut WriteBatch, height: u64, id: &BlockId, block: &[u8]) {
        let key = number_digest_key(height, id.as_bytes());
        writes.put_cf(self.family(Family::Bodies), key, block);
        writes.put_cf(self.family(Family::Heights), id.as_bytes(), encode(&height));
    }

    fn holds_body(&self, height: u64, block_id: &BlockId) -> Result<bool, StoreError> {
        let key = number_digest_key(height, block_id.as_bytes());
        let found = self.inner.database.get_pinned_cf(self.family(Family::Bodies), key);
        Ok(found.map_err(store_error)?.is_some())
    }

    fn put_record(&self, writes: &mut WriteBatch, change: &RecordChange) {
        let family = self.family(Family::Records);
        writes.put_cf(family, change.key.as_bytes(), encode_record(change));
    }

    /// Stores what became of records and logs. An asset with its first act needs neither: both
    /// follow from the act.
    fn put_changes(&self, writes: &mut WriteBatch, batch: &CommitBatch) -> Result<(), StoreError> {
        let height = batch.height;
        let mut firsts = FirstRecords { acts: &batch.acts, made: BTreeMap::new() };
        for change in &batch.records {
            let Some(growth) = &change.growth else {
                self.put_record(writes, change);
                continue;
            };
            if let Some(asset) = firsts.follows(change, growth) {
                self.put_first(writes, &change.key, Place { height, asset });
                continue;
            }
            self.put_record(writes, change);
            let logs = self.family(Family::Logs);
            let key = |index| digest_number_key(change.key.as_bytes(), index);
            if growth.from == 1
                && growth.kind == LogKind::Events
                && let Some(first) = self.take_first(writes, &change.key)?
            {
                let entry = encode_entries(LogKind::Events, first.height, &[first.asset]);
                writes.put_cf(logs, key(0), entry);
            }
            let entries = encode_entries(growth.kind, height, &growth.assets);
            writes.put_cf(logs, key(growth.from), entries);
        }
        Ok(())
    }

    fn put_transactions(&self, writes: &mut WriteBatch, batch: &CommitBatch) {
        let family = self.family(Family::Transactions);
        let mut acts = batch.acts.iter();
        for (index, transaction) in (0u32..).zip(&batch.transactions) {
            let first = acts.find(|act| act.transaction == index);
            let asset = first.expect("a transaction has at least one act").first_asset;
            let mut place = Vec::new();
            Place { height: batch.height, asset }.put(&mut place);
            writes.merge_cf(family, prefix_of(&transaction.id.0), place);
        }
    }

    /// Forgets the bodies that lost at this height.
    fn forget_losers(
        &self,
        writes: &mut WriteBatch,
        height: u64,
        decided: &BlockId,
    ) -> Result<(), StoreError> {
        let prefix = number_key(height);
        let bodies = self.family(Family::Bodies);
        let mode = IteratorMode::From(&prefix, Direction::Forward);
        for entry in self.inner.database.iterator_cf(bodies, mode) {
            let (key, _) = entry.map_err(store_error)?;
            let Some(id) = key.strip_prefix(&prefix) else { break };
            if id != decided.as_bytes() {
                writes.delete_cf(bodies, &key);
                writes.delete_cf(self.family(Family::Heights), id);
            }
        }
        Ok(())
    }
}

impl RocksStore {
    /// Notes that a block holds evidence, and forgets what waits no more: what it holds, and what
    /// no later one may hold.
    fn settle_evidence(
        &self,
        writes: &mut WriteBatch,
        batch: &CommitBatch,
    ) -> Result<(), StoreError> {
        if !batch.offences.is_empty() {
            writes.put(evidence_in_key(batch.height), []);
        }
        for offence in &batch.offences {
            writes.delete(evidence_waiting_key(*offence));
        }
        let mode = IteratorMode::From(fact::EVIDENCE_WAITING, Direction::Forward);
        for entry in self.inner.database.iterator(mode) {
            let (key, _) = entry.map_err(store_error)?;
            let Some(place) = key.strip_prefix(fact::EVIDENCE_WAITING) else { break };
            if place.get(..8).is_none_or(|height| *height >= number_key(batch.evidence_from)[..]) {
                break;
            }
            writes.delete(&key);
        }
        Ok(())
    }
}

impl StoreWrite for RocksStore {
    fn initialize(&self, genesis: &GenesisBatch) -> Result<(), StoreError> {
        let _writing = self.lock();
        if let Some(actual) = self.chain_id()? {
            return Err(StoreError::OtherChain { expected: genesis.chain_id, actual });
        }
        let mut writes = WriteBatch::default();
        writes.put(fact::CHAIN, encode(&genesis.chain_id));
        genesis.records.iter().for_each(|change| self.put_record(&mut writes, change));
        self.write_synced(writes)
    }

    fn put_body(&self, height: u64, block_id: &BlockId, block: &[u8]) -> Result<(), StoreError> {
        let _writing = self.lock();
        let head = self.head_height()?;
        if height <= head {
            return Err(StoreError::NotNext { height, head });
        }
        let mut writes = WriteBatch::default();
        self.put_body_in(&mut writes, height, block_id, block);
        self.write_synced(writes)
    }

    fn put_evidence(&self, offence: Offence, evidence: &[u8]) -> Result<(), StoreError> {
        let _writing = self.lock();
        let mut writes = WriteBatch::default();
        writes.put(evidence_waiting_key(offence), evidence);
        self.write_synced(writes)
    }

    fn commit(&self, batch: &CommitBatch) -> Result<(), StoreError> {
        let _writing = self.lock();
        let CommitBatch { height, block_id, .. } = batch;
        let (height, head) = (*height, self.head_height()?);
        if height != head + 1 {
            return Err(StoreError::NotNext { height, head });
        }
        let mut writes = WriteBatch::default();
        match &batch.body {
            Some(body) => self.put_body_in(&mut writes, height, block_id, body),
            None if self.holds_body(height, block_id)? => {}
            None => return Err(StoreError::MissingBody(*block_id)),
        }
        writes.put(fact::HEAD, encode(&height));
        writes.put(fact::HISTORY, encode(&batch.history));
        let header = [block_id.as_bytes(), batch.header.as_slice()].concat();
        writes.put_cf(self.family(Family::Headers), number_key(height), header);
        let certificates = self.family(Family::Certificates);
        writes.put_cf(certificates, number_key(height), &batch.certificate);
        if let Some(set) = &batch.next_validators {
            writes.put(validators_key(height + 1), set);
        }
        self.put_acts(&mut writes, height, &batch.acts);
        self.put_changes(&mut writes, batch)?;
        self.put_transactions(&mut writes, batch);
        self.forget_losers(&mut writes, height, block_id)?;
        self.settle_evidence(&mut writes, batch)?;
        self.write_synced(writes)
    }
}

//! Writes: each is one batch, synced before it returns.

use std::sync::{MutexGuard, PoisonError};

use rocksdb::{Direction, IteratorMode, WriteBatch, WriteOptions};
use vouchsafe_types::hash::BlockId;

use super::encode::{
    digest_number_key, encode, encode_location, encode_record, evidence_in_key,
    evidence_waiting_key, number_digest_key, number_key, validators_key,
};
use super::{Family, RocksStore, fact, store_error};
use crate::store::{
    CommitBatch, GenesisBatch, Location, Offence, RecordChange, StoreError, StoreRead, StoreWrite,
};

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

    fn put_records(&self, batch: &mut WriteBatch, records: &[RecordChange]) {
        let family = self.family(Family::Records);
        for change in records {
            batch.put_cf(family, change.key.as_bytes(), encode_record(change));
        }
    }

    fn put_transactions(&self, writes: &mut WriteBatch, batch: &CommitBatch) {
        for (index, transaction) in (0u32..).zip(&batch.transactions) {
            let place = encode_location(Location { height: batch.height, index });
            let (id, leaf) = (transaction.id.as_bytes(), transaction.leaf.as_bytes());
            writes.put_cf(self.family(Family::Transactions), id, &place);
            writes.put_cf(self.family(Family::TransactionLeaves), leaf, &place);
            if transaction.expiry_ms > batch.time_ms {
                let key = number_digest_key(transaction.expiry_ms, id);
                writes.put_cf(self.family(Family::Replay), key, &place);
            }
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

    /// Forgets ids whose expiry this block's time has reached.
    fn forget_expired(
        &self,
        writes: &mut WriteBatch,
        batch: &CommitBatch,
    ) -> Result<(), StoreError> {
        let replay = self.family(Family::Replay);
        // Those before are gone already, and their traces need not be walked over again.
        let first = number_key(batch.parent_time_ms);
        let mode = IteratorMode::From(&first, Direction::Forward);
        for entry in self.inner.database.iterator_cf(replay, mode) {
            let (key, _) = entry.map_err(store_error)?;
            if key.get(..8).is_none_or(|expiry| *expiry > number_key(batch.time_ms)[..]) {
                break;
            }
            writes.delete_cf(replay, &key);
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
        self.put_records(&mut writes, &genesis.records);
        self.write_synced(writes)
    }

    fn put_body(&self, height: u64, block_id: &BlockId, block: &[u8]) -> Result<(), StoreError> {
        let _writing = self.lock();
        let head = self.head_height()?;
        if height <= head {
            return Err(StoreError::NotNext { height, head });
        }
        let mut writes = WriteBatch::default();
        let key = number_digest_key(height, block_id.as_bytes());
        writes.put_cf(self.family(Family::Bodies), key, block);
        writes.put_cf(self.family(Family::Heights), block_id.as_bytes(), encode(&height));
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
        let body = number_digest_key(height, block_id.as_bytes());
        let bodies = self.family(Family::Bodies);
        if self.inner.database.get_pinned_cf(bodies, body).map_err(store_error)?.is_none() {
            return Err(StoreError::MissingBody(*block_id));
        }
        let mut writes = WriteBatch::default();
        writes.put(fact::HEAD, encode(&height));
        writes.put(fact::HISTORY, encode(&batch.history));
        let header = [block_id.as_bytes(), batch.header.as_slice()].concat();
        writes.put_cf(self.family(Family::Headers), number_key(height), header);
        let certificates = self.family(Family::Certificates);
        writes.put_cf(certificates, number_key(height), &batch.certificate);
        if let Some(set) = &batch.next_validators {
            writes.put(validators_key(height + 1), set);
        }
        self.put_records(&mut writes, &batch.records);
        for entry in &batch.log_entries {
            let key = digest_number_key(entry.key.as_bytes(), entry.index);
            writes.put_cf(self.family(Family::Logs), key, &entry.bytes);
        }
        self.forget_expired(&mut writes, batch)?;
        self.put_transactions(&mut writes, batch);
        self.forget_losers(&mut writes, height, block_id)?;
        self.settle_evidence(&mut writes, batch)?;
        self.write_synced(writes)
    }
}

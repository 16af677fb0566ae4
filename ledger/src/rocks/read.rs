//! Reads.

use rocksdb::{Direction, ErrorKind, IteratorMode, ReadOptions, ReadTier};
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::state_tree::StateLeaf;

use super::encode::{
    decode, decode_location, decode_record, digest_at_front, digest_number_key, evidence_in_key,
    number_digest_key, number_key, validators_key,
};
use super::{Family, RocksStore, fact, store_error};
use crate::at_hand::{AtHand, ReadAtHand};
use crate::store::{Leaves, Location, StoreError, StoreRead, StoredRecord};

impl RocksStore {
    pub(super) fn block_id_at(&self, height: u64) -> Result<Option<BlockId>, StoreError> {
        let Some(bytes) = self.get(Family::Headers, &number_key(height))? else { return Ok(None) };
        Ok(Some(BlockId(digest_at_front("a header", &bytes)?.0)))
    }

    fn stored_height_of(&self, block_id: &BlockId) -> Result<Option<u64>, StoreError> {
        let bytes = self.get(Family::Heights, block_id.as_bytes())?;
        bytes.map(|bytes| decode("a block's height", &bytes)).transpose()
    }

    fn location(&self, family: Family, key: &[u8]) -> Result<Option<Location>, StoreError> {
        self.get(family, key)?.map(|bytes| decode_location(&bytes)).transpose()
    }
}

impl StoreRead for RocksStore {
    fn chain_id(&self) -> Result<Option<ChainId>, StoreError> {
        self.fact(fact::CHAIN)?.map(|bytes| decode("the chain id", &bytes)).transpose()
    }

    fn head_height(&self) -> Result<u64, StoreError> {
        let height = self.fact(fact::HEAD)?.map(|bytes| decode("the head's height", &bytes));
        Ok(height.transpose()?.unwrap_or(0))
    }

    fn header(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(bytes) = self.get(Family::Headers, &number_key(height))? else { return Ok(None) };
        Ok(Some(digest_at_front("a header", &bytes)?.1))
    }

    fn certificate(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(Family::Certificates, &number_key(height))
    }

    fn block(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(block_id) = self.block_id_at(height)? else { return Ok(None) };
        self.get(Family::Bodies, &number_digest_key(height, block_id.as_bytes()))
    }

    fn height_of(&self, block_id: &BlockId) -> Result<Option<u64>, StoreError> {
        let Some(height) = self.stored_height_of(block_id)? else { return Ok(None) };
        let committed = self.block_id_at(height)? == Some(*block_id);
        Ok(committed.then_some(height))
    }

    fn validators(&self, height: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let place = validators_key(height);
        let mode = IteratorMode::From(&place, Direction::Reverse);
        let Some(newest) = self.inner.database.iterator(mode).next() else { return Ok(None) };
        let (key, set) = newest.map_err(store_error)?;
        let from = key.strip_prefix(fact::VALIDATORS).and_then(|from| from.try_into().ok());
        Ok(from.map(|from| (u64::from_be_bytes(from), set.into_vec())))
    }

    fn body(&self, block_id: &BlockId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(height) = self.stored_height_of(block_id)? else { return Ok(None) };
        self.get(Family::Bodies, &number_digest_key(height, block_id.as_bytes()))
    }

    fn locate(&self, id: &TransactionId) -> Result<Option<Location>, StoreError> {
        self.location(Family::Transactions, id.as_bytes())
    }

    fn locate_leaf(&self, leaf: &Digest) -> Result<Option<Location>, StoreError> {
        self.location(Family::TransactionLeaves, leaf.as_bytes())
    }

    fn record(&self, key: &Digest) -> Result<Option<StoredRecord>, StoreError> {
        let bytes = self.get(Family::Records, key.as_bytes())?;
        bytes.map(|bytes| decode_record(&bytes)).transpose()
    }

    fn log_entries(
        &self,
        key: &Digest,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let first = digest_number_key(key.as_bytes(), from);
        let mode = IteratorMode::From(&first, Direction::Forward);
        let entries = self.inner.database.iterator_cf(self.family(Family::Logs), mode);
        let mut found = Vec::new();
        for entry in entries.take(limit) {
            let (place, bytes) = entry.map_err(store_error)?;
            if !place.starts_with(key.as_bytes()) {
                break;
            }
            found.push(bytes.into_vec());
        }
        Ok(found)
    }

    fn replay(&self, expiry_ms: u64, id: &TransactionId) -> Result<Option<Location>, StoreError> {
        self.location(Family::Replay, &number_digest_key(expiry_ms, id.as_bytes()))
    }

    fn replay_count(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        let family = self.family(Family::Replay);
        for entry in self.inner.database.iterator_cf(family, IteratorMode::Start) {
            entry.map_err(store_error)?;
            count += 1;
        }
        Ok(count)
    }

    fn history(&self) -> Result<Frontier, StoreError> {
        let frontier = self.fact(fact::HISTORY)?.map(|bytes| decode("the history", &bytes));
        Ok(frontier.transpose()?.unwrap_or_default())
    }

    fn waiting_evidence(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mode = IteratorMode::From(fact::EVIDENCE_WAITING, Direction::Forward);
        let mut found = Vec::new();
        for entry in self.inner.database.iterator(mode) {
            let (key, evidence) = entry.map_err(store_error)?;
            if !key.starts_with(fact::EVIDENCE_WAITING) {
                break;
            }
            found.push(evidence.into_vec());
        }
        Ok(found)
    }

    fn evidence_heights(&self, from: u64, limit: usize) -> Result<Vec<u64>, StoreError> {
        let first = evidence_in_key(from);
        let mode = IteratorMode::From(&first, Direction::Forward);
        let mut found = Vec::new();
        for entry in self.inner.database.iterator(mode).take(limit) {
            let (key, _) = entry.map_err(store_error)?;
            let height = key.strip_prefix(fact::EVIDENCE_IN).and_then(|h| h.try_into().ok());
            let Some(height) = height else { break };
            found.push(u64::from_be_bytes(height));
        }
        Ok(found)
    }

    fn leaves(&self) -> Result<Leaves<'_>, StoreError> {
        let mut reading = ReadOptions::default();
        // All of it is read once: what others read often must not leave the cache for it.
        reading.fill_cache(false);
        let family = self.family(Family::Records);
        let records = self.inner.database.iterator_cf_opt(family, reading, IteratorMode::Start);
        Ok(Box::new(records.map(|record| {
            let (key, value) = record.map_err(store_error)?;
            let (key, _) = digest_at_front("a record's key", &key)?;
            let hash = value.first_chunk::<32>().ok_or_else(|| {
                StoreError::Corrupt(format!("the record {key}: {} bytes", value.len()))
            })?;
            Ok(StateLeaf { key, value_hash: Digest(*hash) })
        })))
    }
}

impl ReadAtHand for RocksStore {
    fn record_at_hand(&self, key: &Digest) -> Result<AtHand, StoreError> {
        let mut reading = ReadOptions::default();
        // Writes that are no file yet, and the cache of blocks.
        reading.set_read_tier(ReadTier::BlockCache);
        let (database, family) = (&self.inner.database, self.family(Family::Records));
        match database.get_pinned_cf_opt(family, key.as_bytes(), &reading) {
            Ok(None) => Ok(AtHand::Known(None)),
            Ok(Some(bytes)) => Ok(AtHand::Known(Some(decode_record(&bytes)?.record))),
            Err(error) if error.kind() == ErrorKind::Incomplete => Ok(AtHand::OnDisk),
            Err(error) => Err(store_error(error)),
        }
    }
}

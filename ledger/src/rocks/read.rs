//! Reads.

use std::iter::Peekable;

use rocksdb::{Direction, IteratorMode, ReadOptions, ReadTier};
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::state_tree::StateLeaf;

use super::encode::{
    decode, decode_entries, decode_places, decode_record, digest_at_front, digest_number_key,
    evidence_in_key, number_digest_key, number_key, validators_key,
};
use super::place::Place;
use super::{Family, RocksStore, fact, prefix_of, reading, store_error};
use crate::acts::LogKind;
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

    /// The places of the transactions whose ids begin as this one does.
    fn places_of(&self, id: &TransactionId) -> Result<Vec<Place>, StoreError> {
        let bytes = self.get(Family::Transactions, &prefix_of(&id.0))?;
        bytes.map_or(Ok(Vec::new()), |bytes| decode_places(&bytes))
    }

    /// The entries of a log that is stored as such, from an index on.
    fn stored_entries(
        &self,
        key: &Digest,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut found = Vec::new();
        let first = self.first_index(key, from)?;
        let start = digest_number_key(key.as_bytes(), first);
        let mode = IteratorMode::From(&start, Direction::Forward);
        let (mut acts, mut skipped) = (self.acts(ReadTier::All), from - first);
        for entry in self.inner.database.iterator_cf(self.family(Family::Logs), mode) {
            let (at, bytes) = entry.map_err(store_error)?;
            if found.len() == limit || !at.starts_with(key.as_bytes()) {
                break;
            }
            let (kind, places) = decode_entries(&bytes)?;
            for place in places {
                if skipped > 0 {
                    skipped -= 1;
                } else if found.len() < limit {
                    found.push(acts.act(place)?.entry(kind));
                }
            }
        }
        Ok(found)
    }

    /// The index of the first entry of those that are stored together with the entry of an index;
    /// the index itself if there is no such entry.
    fn first_index(&self, key: &Digest, index: u64) -> Result<u64, StoreError> {
        let place = digest_number_key(key.as_bytes(), index);
        let mode = IteratorMode::From(&place, Direction::Reverse);
        let mut entries = self.inner.database.iterator_cf(self.family(Family::Logs), mode);
        let Some(entry) = entries.next() else { return Ok(index) };
        let (at, _) = entry.map_err(store_error)?;
        let first = at.strip_prefix(key.as_bytes()).and_then(|first| first.try_into().ok());
        Ok(first.map_or(index, u64::from_be_bytes))
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
        let mut acts = self.acts(ReadTier::All);
        for place in self.places_of(id)? {
            let act = acts.act(place)?;
            if act.event.transaction_id == *id {
                let (height, index) = (place.height, act.transaction);
                return Ok(Some(Location { height, index }));
            }
        }
        Ok(None)
    }

    fn record(&self, leaf: &StateLeaf) -> Result<Option<StoredRecord>, StoreError> {
        self.record_in(leaf, ReadTier::All)
    }

    fn log_entries(
        &self,
        leaf: &StateLeaf,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        // An asset may get its second act while this reads. It is looked for where it was before.
        if let Some((act, _)) = self.first_act(leaf, ReadTier::All)? {
            let alone = from == 0 && limit > 0;
            return Ok(alone.then(|| act.entry(LogKind::Events)).into_iter().collect());
        }
        self.stored_entries(&leaf.key, from, limit)
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
        let records = records.map(|record| {
            let (key, value) = record.map_err(store_error)?;
            let (key, _) = digest_at_front("a record's key", &key)?;
            let hash = value.first_chunk::<32>().ok_or_else(|| {
                StoreError::Corrupt(format!("the record {key}: {} bytes", value.len()))
            })?;
            Ok(StateLeaf { key, value_hash: Digest(*hash) })
        });
        let firsts = self.first_leaves()?.into_iter().peekable();
        Ok(Box::new(Merged { records: records.peekable(), firsts, last: None }))
    }
}

/// Leaves of two sources, each ascending, in one order.
struct Merged<R: Iterator, F: Iterator> {
    records: Peekable<R>,
    firsts: Peekable<F>,
    last: Option<Digest>,
}

impl<R, F> Iterator for Merged<R, F>
where
    R: Iterator<Item = Result<StateLeaf, StoreError>>,
    F: Iterator<Item = StateLeaf>,
{
    type Item = Result<StateLeaf, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let takes_first = match (self.firsts.peek(), self.records.peek()) {
            (Some(first), Some(Ok(record))) => first.key < record.key,
            (Some(_), None) => true,
            (_, Some(_)) | (None, None) => false,
        };
        let next = if takes_first { self.firsts.next().map(Ok) } else { self.records.next() };
        let leaf = match next? {
            Ok(leaf) => leaf,
            failed => return Some(failed),
        };
        if self.last.is_some_and(|last| last >= leaf.key) {
            let text = format!("the record {} is stored twice", leaf.key);
            return Some(Err(StoreError::Corrupt(text)));
        }
        self.last = Some(leaf.key);
        Some(Ok(leaf))
    }
}

impl RocksStore {
    /// A record, as far as a tier of reading goes. An asset that gets its second act between the two
    /// reads is found by neither: the head is newer then, by which readers know it.
    fn record_in(
        &self,
        leaf: &StateLeaf,
        tier: ReadTier,
    ) -> Result<Option<StoredRecord>, StoreError> {
        // What changes with every block, such as an organization's record, is here.
        let (database, family) = (&self.inner.database, self.family(Family::Records));
        let bytes = database.get_pinned_cf_opt(family, leaf.key.as_bytes(), &reading(tier));
        if let Some(bytes) = bytes.map_err(store_error)? {
            return decode_record(&bytes).map(Some);
        }
        Ok(self.first_act(leaf, tier)?.map(|(_, record)| record))
    }
}

impl ReadAtHand for RocksStore {
    fn record_at_hand(&self, leaf: &StateLeaf) -> Result<AtHand, StoreError> {
        // Writes that are no file yet, and the cache of blocks.
        match self.record_in(leaf, ReadTier::BlockCache) {
            Ok(stored) => Ok(AtHand::Known(stored.map(|stored| stored.record))),
            Err(StoreError::NotAtHand) => Ok(AtHand::OnDisk),
            Err(error) => Err(error),
        }
    }
}

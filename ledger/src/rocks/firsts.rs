//! Assets of which nobody spoke twice: nearly all. Of such a one only its place is stored, behind a
//! part of its key in the state tree. Record, log and value hash follow from the act at the place,
//! the whole key from the block's body.
//!
//! ```text
//! 8 bytes of key ‖ place                        one act is known of the asset
//!                   └─ a second act ─▶ records: the record;  logs: both entries;  here: nothing
//! ```
//!
//! Two keys may begin alike: a signer can look for such assets. Which is meant is decided by the
//! value hash where the tree says it, and by the body where not.

use std::collections::BTreeMap;

use borsh::BorshDeserialize as _;
use rocksdb::{Direction, IteratorMode, ReadOptions, ReadTier, WriteBatch};
use vouchsafe_types::asset::AssetKey;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::header::Block;
use vouchsafe_types::record::{StateName, value_hash};
use vouchsafe_types::state_tree::StateLeaf;
use vouchsafe_types::transaction::{Body, Operation};

use super::encode::{decode, digest_number_key};
use super::place::Place;
use super::{Family, PREFIX_BYTES, RocksStore, prefix_of, reading, store_error};
use crate::acts::{Act, first_record};
use crate::store::{StoreError, StoreRead as _, StoredRecord};

fn first_place(key: &[u8]) -> Result<Place, StoreError> {
    let damaged = || StoreError::Corrupt(format!("a first act's key: {} bytes", key.len()));
    let (_, mut place) = key.split_at_checked(PREFIX_BYTES).ok_or_else(damaged)?;
    let found = Place::take(&mut place)?;
    if place.is_empty() { Ok(found) } else { Err(damaged()) }
}

impl RocksStore {
    /// The places of all assets with one act whose keys begin as this one does.
    pub(super) fn places_like(
        &self,
        key: &Digest,
        tier: ReadTier,
    ) -> Result<Vec<Place>, StoreError> {
        let prefix = prefix_of(key);
        let mut reading = reading(tier);
        reading.set_prefix_same_as_start(true);
        let mode = IteratorMode::From(&prefix, Direction::Forward);
        let family = self.family(Family::Firsts);
        let firsts = self.inner.database.iterator_cf_opt(family, reading, mode);
        let place = |first: Result<(Box<[u8]>, _), _>| first_place(&first.map_err(store_error)?.0);
        firsts.map(place).collect()
    }

    /// The one act of the asset that a leaf names, if there is one act and the leaf is right.
    pub(super) fn first_act(
        &self,
        leaf: &StateLeaf,
        tier: ReadTier,
    ) -> Result<Option<(Act, StoredRecord)>, StoreError> {
        let mut acts = self.acts(tier);
        for place in self.places_like(&leaf.key, tier)? {
            let act = acts.act(place)?;
            let (record, log) = first_record(&act.event);
            // Of two keys that begin alike both records may be this one: then either is right.
            if value_hash(&record) == leaf.value_hash {
                return Ok(Some((act.clone(), StoredRecord { record, log: Some(log) })));
            }
        }
        Ok(None)
    }

    /// Stores that an asset has one act.
    pub(super) fn put_first(&self, writes: &mut WriteBatch, key: &Digest, place: Place) {
        writes.put_cf(self.family(Family::Firsts), place.key_after(&prefix_of(key)), []);
    }

    /// Forgets that an asset has one act, since it gets a second; gives the first one's place, if
    /// its log does not hold it already.
    pub(super) fn take_first(
        &self,
        writes: &mut WriteBatch,
        key: &Digest,
    ) -> Result<Option<Place>, StoreError> {
        if self.get(Family::Logs, &digest_number_key(key.as_bytes(), 0))?.is_some() {
            return Ok(None);
        }
        let mut places = self.places_like(key, ReadTier::All)?;
        if places.len() > 1 {
            let mut own = Vec::new();
            for place in places {
                let numbers: Vec<u32> = vec![place.asset];
                let found = self.keys_at(place.height, &numbers)?;
                own.extend(found.contains(key).then_some(place));
            }
            places = own;
        }
        if let Some(place) = places.first() {
            writes.delete_cf(self.family(Family::Firsts), place.key_after(&prefix_of(key)));
        }
        Ok(places.first().copied())
    }

    /// The state keys of the assets of ascending numbers in a committed block.
    fn keys_at(&self, height: u64, numbers: &[u32]) -> Result<Vec<Digest>, StoreError> {
        let damaged =
            |what: &str| StoreError::Corrupt(format!("the block at height {height}: {what}"));
        let body = self.block(height)?.ok_or_else(|| damaged("it is missing"))?;
        let block: Block = decode("a block", &body)?;
        let mut keys = Vec::with_capacity(numbers.len());
        let (mut wanted, mut number) = (numbers.iter().peekable(), 0u32);
        for signed in block.transactions.iter() {
            let body = Body::try_from_slice(&signed.body).map_err(|e| damaged(&e.to_string()))?;
            for asset in body.operations.iter().flat_map(Operation::assets) {
                if wanted.next_if(|wanted| **wanted == number).is_some() {
                    keys.push(state_key(asset.key()));
                }
                number += 1;
            }
        }
        if wanted.next().is_some() {
            return Err(damaged("it names fewer assets than are known of it"));
        }
        Ok(keys)
    }

    /// The leaves of all assets with one act, ascending by key. It reads every body once, in order,
    /// and takes 80 bytes of memory for each asset.
    pub(super) fn first_leaves(&self) -> Result<Vec<StateLeaf>, StoreError> {
        let mut reading = ReadOptions::default();
        reading.fill_cache(false);
        reading.set_total_order_seek(true);
        let family = self.family(Family::Firsts);
        let firsts = self.inner.database.iterator_cf_opt(family, reading, IteratorMode::Start);
        let place = |first: Result<(Box<[u8]>, _), _>| first_place(&first.map_err(store_error)?.0);
        let mut places = firsts.map(place).collect::<Result<Vec<_>, _>>()?;
        places.sort_unstable();
        let mut leaves = Vec::with_capacity(places.len());
        let mut acts = self.acts(ReadTier::All);
        for block in places.chunk_by(|one, next| one.height == next.height) {
            let numbers: Vec<u32> = block.iter().map(|place| place.asset).collect();
            let keys = self.keys_at(block[0].height, &numbers)?;
            // Every asset of an act has the same record: it is hashed once.
            let mut hashes: BTreeMap<u32, Digest> = BTreeMap::new();
            for (place, key) in block.iter().zip(keys) {
                let act = acts.act(*place)?;
                let hash = hashes.entry(act.first_asset);
                let value_hash = *hash.or_insert_with(|| value_hash(&first_record(&act.event).0));
                leaves.push(StateLeaf { key, value_hash });
            }
        }
        drop(places);
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        Ok(leaves)
    }
}

fn state_key(asset: AssetKey) -> Digest {
    StateName::Asset(asset).key()
}

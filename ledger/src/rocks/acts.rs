//! Acts as they are stored, some together, and how one is found by any asset that it names.

use rocksdb::{Direction, IteratorMode, ReadTier, WriteBatch};

use super::encode::{decode, encode};
use super::place::Place;
use super::{Family, RocksStore, reading, store_error};
use crate::acts::{Act, act_of};
use crate::store::StoreError;

/// Acts that are stored as one value: enough that keys cost little, few enough to be read for one
/// of them.
const GROUP_ACTS: usize = 32;

/// Height, then the number of the first asset: numbers that sort.
fn group_key(place: Place) -> [u8; 12] {
    let mut key = [0; 12];
    key[..8].copy_from_slice(&place.height.to_be_bytes());
    key[8..].copy_from_slice(&place.asset.to_be_bytes());
    key
}

/// Finds acts by places. It keeps the group that it read last: places often follow each other.
pub(super) struct ActReader<'a> {
    store: &'a RocksStore,
    tier: ReadTier,
    height: u64,
    group: Vec<Act>,
}

impl ActReader<'_> {
    /// The act that names the asset at a place.
    pub(super) fn act(&mut self, place: Place) -> Result<&Act, StoreError> {
        if self.height != place.height || act_of(&self.group, place.asset).is_none() {
            self.group = self.store.group(place, self.tier)?;
            self.height = place.height;
        }
        act_of(&self.group, place.asset).ok_or_else(|| {
            let Place { height, asset } = place;
            StoreError::Corrupt(format!("no act names asset {asset} of height {height}"))
        })
    }
}

impl RocksStore {
    pub(super) fn acts(&self, tier: ReadTier) -> ActReader<'_> {
        ActReader { store: self, tier, height: 0, group: Vec::new() }
    }

    /// The acts among which is the one at a place, if there is one.
    fn group(&self, place: Place, tier: ReadTier) -> Result<Vec<Act>, StoreError> {
        let key = group_key(place);
        let mode = IteratorMode::From(&key, Direction::Reverse);
        let family = self.family(Family::Acts);
        let mut groups = self.inner.database.iterator_cf_opt(family, reading(tier), mode);
        let Some(group) = groups.next() else { return Ok(Vec::new()) };
        let (key, acts) = group.map_err(store_error)?;
        if key.starts_with(&place.height.to_be_bytes()) {
            decode("acts", &acts)
        } else {
            Ok(Vec::new())
        }
    }

    pub(super) fn put_acts(&self, writes: &mut WriteBatch, height: u64, acts: &[Act]) {
        for group in acts.chunks(GROUP_ACTS) {
            let key = group_key(Place { height, asset: group[0].first_asset });
            writes.put_cf(self.family(Family::Acts), key, encode(&group));
        }
    }
}

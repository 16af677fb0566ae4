//! What the database says of itself, for whoever keeps the node running: sizes, and whether it
//! keeps up with its writes.

use rocksdb::properties;

use super::{Family, RocksStore, store_error};
use crate::store::StoreError;

/// Numbers about a database, over all its families. Estimates are RocksDB's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StoreStatistics {
    /// Keys, about.
    pub estimated_keys: u64,
    /// Live data in table files, about.
    pub live_data_bytes: u64,
    /// All table files on disk.
    pub files_bytes: u64,
    /// Writes in memory that are not yet in a table file; the database's own log has them.
    pub memtables_bytes: u64,
    /// The cache of blocks, which the families share.
    pub block_cache_bytes: u64,
    /// What compaction has yet to rewrite, about.
    pub pending_compaction_bytes: u64,
    /// Do writes wait until compaction has caught up?
    pub writes_stopped: bool,
    /// Bytes a second that writes are slowed down to; 0 for no limit.
    pub delayed_write_rate_bytes: u64,
    /// Errors of flushes and compactions since the database was opened.
    pub background_errors: u64,
}

impl RocksStore {
    /// Asks the database for its statistics. It takes microseconds, and its lock for a part of
    /// them.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] or [`StoreError::Io`].
    pub fn statistics(&self) -> Result<StoreStatistics, StoreError> {
        let mut sum = StoreStatistics {
            // These are the database's or shared, so one family's are all.
            block_cache_bytes: self.property(Family::Records, properties::BLOCK_CACHE_USAGE)?,
            writes_stopped: self.property(Family::Records, properties::IS_WRITE_STOPPED)? != 0,
            delayed_write_rate_bytes: self
                .property(Family::Records, properties::ACTUAL_DELAYED_WRITE_RATE)?,
            background_errors: self.property(Family::Records, properties::BACKGROUND_ERRORS)?,
            ..StoreStatistics::default()
        };
        for family in Family::ALL {
            let of = |name| self.property(family, name);
            sum.estimated_keys += of(properties::ESTIMATE_NUM_KEYS)?;
            sum.live_data_bytes += of(properties::ESTIMATE_LIVE_DATA_SIZE)?;
            sum.files_bytes += of(properties::TOTAL_SST_FILES_SIZE)?;
            sum.memtables_bytes += of(properties::CUR_SIZE_ALL_MEM_TABLES)?;
            sum.pending_compaction_bytes += of(properties::ESTIMATE_PENDING_COMPACTION_BYTES)?;
        }
        Ok(sum)
    }

    /// One number; 0 where this version of RocksDB has none.
    fn property(&self, family: Family, name: &properties::PropName) -> Result<u64, StoreError> {
        let value = self.inner.database.property_int_value_cf(self.family(family), name);
        Ok(value.map_err(store_error)?.unwrap_or(0))
    }
}

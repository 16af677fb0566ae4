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
    /// Entries written since the database was made: each is one insert into memory.
    pub entries_written: u64,
}

impl RocksStore {
    /// Asks the database for its statistics. It takes microseconds, and its lock for a part of
    /// them.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] or [`StoreError::Io`].
    pub fn statistics(&self) -> Result<StoreStatistics, StoreError> {
        let total = |name| -> Result<u64, StoreError> {
            Family::ALL.iter().map(|family| self.property(*family, name)).sum()
        };
        // Some numbers are the database's or shared, so one family's are all.
        let shared = |name| self.property(Family::Records, name);
        Ok(StoreStatistics {
            estimated_keys: total(properties::ESTIMATE_NUM_KEYS)?,
            live_data_bytes: total(properties::ESTIMATE_LIVE_DATA_SIZE)?,
            files_bytes: total(properties::TOTAL_SST_FILES_SIZE)?,
            memtables_bytes: total(properties::CUR_SIZE_ALL_MEM_TABLES)?,
            block_cache_bytes: shared(properties::BLOCK_CACHE_USAGE)?,
            pending_compaction_bytes: total(properties::ESTIMATE_PENDING_COMPACTION_BYTES)?,
            writes_stopped: shared(properties::IS_WRITE_STOPPED)? != 0,
            delayed_write_rate_bytes: shared(properties::ACTUAL_DELAYED_WRITE_RATE)?,
            background_errors: shared(properties::BACKGROUND_ERRORS)?,
            entries_written: self.inner.database.latest_sequence_number(),
        })
    }

    /// The bytes of each family's table files. What is in memory and in the database's own log is
    /// not among them.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] or [`StoreError::Io`].
    pub fn family_bytes(&self) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let bytes = |family: &Family| {
            let bytes = self.property(*family, properties::TOTAL_SST_FILES_SIZE)?;
            Ok((family.name(), bytes))
        };
        Family::ALL.iter().map(bytes).collect()
    }

    /// One number; 0 where this version of RocksDB has none.
    fn property(&self, family: Family, name: &properties::PropName) -> Result<u64, StoreError> {
        let value = self.inner.database.property_int_value_cf(self.family(family), name);
        Ok(value.map_err(store_error)?.unwrap_or(0))
    }
}

//! Rewriting all that is stored into as few bytes as it takes. A node does it by and by; this does
//! it now, for whoever moves or backs up a folder, and for measuring.

use rocksdb::{BottommostLevelCompaction, CompactOptions, FlushOptions};

use super::{Family, RocksStore, store_error};
use crate::store::StoreError;

impl RocksStore {
    /// Moves what is in memory and in the database's log into table files, and rewrites every table
    /// file. It takes time and, meanwhile, up to as much room again as the database has.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] or [`StoreError::Io`]; nothing stored is lost then.
    pub fn compact(&self) -> Result<(), StoreError> {
        let mut families: Vec<_> = Family::ALL.iter().map(|family| self.family(*family)).collect();
        let default = self.inner.database.cf_handle(rocksdb::DEFAULT_COLUMN_FAMILY_NAME);
        families.push(default.expect("every database has its default family"));
        let mut flushing = FlushOptions::default();
        flushing.set_wait(true);
        let failures_before = self.statistics()?.background_errors;
        self.inner.database.flush_cfs_opt(&families, &flushing).map_err(store_error)?;
        let mut options = CompactOptions::default();
        options.set_bottommost_level_compaction(BottommostLevelCompaction::ForceOptimized);
        for family in families {
            self.inner.database.compact_range_cf_opt(
                family,
                None::<&[u8]>,
                None::<&[u8]>,
                &options,
            );
        }
        // The call above gives no result: a failure is counted, and its cause is in the log.
        if self.statistics()?.background_errors > failures_before {
            let log = self.path().join("LOG");
            return Err(StoreError::Io(format!("a compaction failed; {} has why", log.display())));
        }
        Ok(())
    }
}

//! Opening a database: it must be ours, unlocked, undamaged and of this program's schema.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rocksdb::{
    BlockBasedIndexType, BlockBasedOptions, Cache, ColumnFamilyDescriptor, DB, DBCompressionType,
    DBRecoveryMode, ErrorKind, LogLevel, MergeOperands, Options, SliceTransform, WriteOptions,
};

use super::encode::{decode, encode};
use super::{Family, Inner, PREFIX_BYTES, RocksStore, fact, store_error};
use crate::store::{SCHEMA_VERSION, StoreError};

/// Uncompressed blocks, indexes and filters kept in memory, over all families, in bytes: 128 MiB.
const CACHE_BYTES: usize = 134_217_728;
/// Writes kept in memory before they become a file, for each family, in bytes: 16 MiB.
const WRITE_BUFFER_BYTES: usize = 16_777_216;
/// The same over all families, in bytes: 96 MiB.
const WRITE_BUFFERS_BYTES: usize = 100_663_296;
/// The log of writes, in bytes: 192 MiB. A family that is seldom written to holds back what is in
/// the log since, for all of them: over this, it is written to a file.
const LOG_BYTES_MAX: u64 = 2 * WRITE_BUFFERS_BYTES as u64;
/// Files kept open at a time.
const OPEN_FILES_MAX: i32 = 512;
/// The part of the writes in memory that tells which transactions' ids are not among them.
const MEMORY_BLOOM_RATIO: f64 = 0.05;
/// One key in a hundred that is absent is looked for on disk.
const BLOOM_BITS_PER_KEY: f64 = 10.0;

/// A part of an index or a filter, in bytes.
const METADATA_BLOCK_BYTES: usize = 4096;

fn options() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_write_buffer_size(WRITE_BUFFER_BYTES);
    options.set_db_write_buffer_size(WRITE_BUFFERS_BYTES);
    options.set_max_total_wal_size(LOG_BYTES_MAX);
    options.set_max_open_files(OPEN_FILES_MAX);
    options.set_paranoid_checks(true);
    options.set_keep_log_file_num(4);
    options.set_log_level(LogLevel::Warn);
    // Every write is synced, so only the last one can be torn; damage before it is not passed over.
    options.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    options
}

fn family_options(family: Family, cache: &Cache) -> Options {
    let mut options = options();
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    blocks.set_bloom_filter(BLOOM_BITS_PER_KEY, false);
    // In parts, of which a look-up needs one. Whole, the filter of a large file is longer than what
    // one shard of the cache holds: it would be read and checked again for every single look-up.
    blocks.set_index_type(BlockBasedIndexType::TwoLevelIndexSearch);
    blocks.set_partition_filters(true);
    blocks.set_metadata_block_size(METADATA_BLOCK_BYTES);
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_top_level_index_and_filter(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    match family {
        Family::Transactions => {
            options.set_merge_operator_associative("places", append_places);
            // Nearly every id that is asked for is new: most are told so without a search.
            options.set_memtable_prefix_bloom_ratio(MEMORY_BLOOM_RATIO);
            options.set_memtable_whole_key_filtering(true);
        }
        Family::Firsts => {
            options.set_prefix_extractor(SliceTransform::create_fixed_prefix(PREFIX_BYTES));
            blocks.set_whole_key_filtering(false);
        }
        _ => {}
    }
    options.set_block_based_table_factory(&blocks);
    options
}

/// A family as this program opens it; one of another program's as it is.
fn descriptor(name: &str, cache: &Cache) -> ColumnFamilyDescriptor {
    let family = Family::ALL.iter().find(|family| family.name() == name);
    let options = family.map_or_else(options, |family| family_options(*family, cache));
    ColumnFamilyDescriptor::new(name, options)
}

/// Ids that begin alike share a key: it leads to all of their places.
fn append_places(_: &[u8], stored: Option<&[u8]>, more: &MergeOperands) -> Option<Vec<u8>> {
    Some(stored.into_iter().chain(more).flatten().copied().collect())
}

/// RocksDB names a held lock only in its words: the first are another process's, the second ours.
const LOCK_WORDS: [&str; 2] = ["While lock file", "lock hold by current process"];

fn open_error(path: &Path, error: rocksdb::Error) -> StoreError {
    let text = error.to_string();
    if error.kind() == ErrorKind::IOError && LOCK_WORDS.iter().any(|words| text.contains(words)) {
        return StoreError::Locked { path: path.to_owned() };
    }
    store_error(error)
}

impl RocksStore {
    /// Opens the database in a folder, or makes it.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::NewerSchema`], [`StoreError::OlderSchema`],
    /// [`StoreError::NotALedger`], [`StoreError::Corrupt`] or [`StoreError::Io`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let is_new = !path.join("CURRENT").exists();
        if !is_new {
            refuse_foreign(path)?;
        }
        let cache = Cache::new_lru_cache(CACHE_BYTES);
        let families = Family::ALL.iter().map(|family| descriptor(family.name(), &cache));
        let database = DB::open_cf_descriptors(&options(), path, families)
            .map_err(|error| open_error(path, error))?;
        let inner = Inner { database, path: path.to_owned(), writing: Mutex::new(()) };
        let store = Self { inner: Arc::new(inner) };
        if store.fact(fact::SCHEMA)?.is_none() {
            let mut synced = WriteOptions::default();
            synced.set_sync(true);
            let schema = encode(&SCHEMA_VERSION);
            store.inner.database.put_opt(fact::SCHEMA, schema, &synced).map_err(store_error)?;
        }
        Ok(store)
    }
}

/// Refuses a database that this program does not know how to read, before its families are opened
/// by name: a newer one may have others.
fn refuse_foreign(path: &Path) -> Result<(), StoreError> {
    let existing =
        DB::list_cf(&Options::default(), path).map_err(|error| open_error(path, error))?;
    // What is in the log alone is read as it will be: an operation that the options do not know
    // would pass for damage.
    let cache = Cache::new_lru_cache(CACHE_BYTES);
    let families = existing.iter().map(|name| descriptor(name, &cache));
    let database = DB::open_cf_descriptors_read_only(&options(), path, families, false)
        .map_err(|error| open_error(path, error))?;
    let schema = database.get(fact::SCHEMA).map_err(store_error)?;
    let Some(schema) = schema else {
        // A crash can come between making a database and writing its schema: it is empty then.
        let ours = |name: &String| {
            name == "default" || Family::ALL.iter().any(|family| family.name() == name)
        };
        return if existing.iter().all(ours) && database.latest_sequence_number() == 0 {
            Ok(())
        } else {
            Err(StoreError::NotALedger { path: path.to_owned() })
        };
    };
    let (path, found, known) = (path.to_owned(), decode("the schema", &schema)?, SCHEMA_VERSION);
    match found {
        SCHEMA_VERSION => Ok(()),
        ..SCHEMA_VERSION => Err(StoreError::OlderSchema { path, found, known }),
        _ => Err(StoreError::NewerSchema { path, found, known }),
    }
}

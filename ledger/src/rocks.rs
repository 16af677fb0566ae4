//! The durable store: RocksDB, one synced write a block.
//!
//! ```text
//! default             schema, chain, head, history      small facts, by name
//!                     validators ‖ height               the set that decides from a height on
//!                     evidence-in ‖ height              nothing: that block holds evidence
//!                     evidence-waiting ‖ height ‖ id    evidence that no block holds yet
//! headers             height            → block id ‖ header
//! certificates        height            → certificate
//! bodies              height ‖ block id → block          written in order of height
//! heights             block id          → height
//! acts                height ‖ number of an asset → acts, up to 32 (acts.rs)
//! transactions        8 bytes of transaction id   → places (place.rs): one, unless ids begin alike
//! firsts              8 bytes of state key ‖ place → nothing (firsts.rs): assets with one act
//! records             state key         → value hash ‖ frontier ‖ record: all others
//! logs                state key ‖ index → kind ‖ places of the acts of one block: their logs
//! ```
//!
//! What an index leads to is compared with what was looked for, so that a part of a hash is enough.
//! //! Numbers in keys are big-endian, so that they sort; numbers in values are Borsh's.

mod acts;
mod compact;
mod encode;
mod firsts;
mod open;
mod place;
mod read;
mod statistics;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rocksdb::{ColumnFamily, DB};
use vouchsafe_types::hash::Digest;

use crate::store::StoreError;
pub use statistics::StoreStatistics;

/// The column families beside `default`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Family {
    Headers,
    Certificates,
    Bodies,
    Heights,
    Acts,
    Transactions,
    Firsts,
    Records,
    Logs,
}

impl Family {
    const ALL: [Self; 9] = [
        Self::Headers,
        Self::Certificates,
        Self::Bodies,
        Self::Heights,
        Self::Acts,
        Self::Transactions,
        Self::Firsts,
        Self::Records,
        Self::Logs,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Headers => "headers",
            Self::Certificates => "certificates",
            Self::Bodies => "bodies",
            Self::Heights => "heights",
            Self::Acts => "acts",
            Self::Transactions => "transactions",
            Self::Firsts => "firsts",
            Self::Records => "records",
            Self::Logs => "logs",
        }
    }
}

/// How much of a hash an index keeps, in bytes. Who looks for two that begin alike finds them after
/// 2³² tries: that is seen and costs a comparison, it is no damage.
const PREFIX_BYTES: usize = 8;

/// The part of a hash that an index keeps.
fn prefix_of(hash: &Digest) -> [u8; PREFIX_BYTES] {
    *hash.0.first_chunk().expect("a hash has 32 bytes")
}

/// The names of the facts in the default family.
mod fact {
    pub(super) const SCHEMA: &[u8] = b"schema";
    pub(super) const CHAIN: &[u8] = b"chain";
    pub(super) const HEAD: &[u8] = b"head";
    pub(super) const HISTORY: &[u8] = b"history";
    /// Followed by a height.
    pub(super) const VALIDATORS: &[u8] = b"validators";
    /// Followed by the height of a block that holds evidence.
    pub(super) const EVIDENCE_IN: &[u8] = b"evidence-in";
    /// Followed by an offence's height and id.
    pub(super) const EVIDENCE_WAITING: &[u8] = b"evidence-waiting";
}

struct Inner {
    database: DB,
    path: PathBuf,
    /// Writes read the head before they move it: one at a time.
    writing: Mutex<()>,
}

/// A RocksDB database in a folder. A clone is another handle to it; the folder is unlocked when the
/// last one goes.
#[derive(Clone)]
pub struct RocksStore {
    inner: Arc<Inner>,
}

impl RocksStore {
    /// The database's folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    fn family(&self, family: Family) -> &ColumnFamily {
        self.inner
            .database
            .cf_handle(family.name())
            .expect("every family is opened with the database")
    }

    fn get(&self, family: Family, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.database.get_cf(self.family(family), key).map_err(store_error)
    }

    fn fact(&self, name: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.database.get(name).map_err(store_error)
    }
}

/// How to read as far as a tier goes.
fn reading(tier: rocksdb::ReadTier) -> rocksdb::ReadOptions {
    let mut reading = rocksdb::ReadOptions::default();
    reading.set_read_tier(tier);
    reading
}

/// Damage is told apart from a disk that does not answer: the remedies differ.
fn store_error(error: rocksdb::Error) -> StoreError {
    match error.kind() {
        rocksdb::ErrorKind::Corruption => StoreError::Corrupt(error.into_string()),
        rocksdb::ErrorKind::Incomplete => StoreError::NotAtHand,
        _ => StoreError::Io(error.into_string()),
    }
}

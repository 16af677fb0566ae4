//! What the ledger needs from a store: reads that name their failure, one atomic durable write a
//! block, and block bodies that are durable before consensus hears of them.
//!
//! ```text
//! put_body(h, id, block) ──durable──▶ consensus decides ──▶ commit(batch of h) ──durable──▶ h is the head
//!                                                            └─ forgets the bodies that lost
//! ```

use std::path::PathBuf;
use std::sync::Arc;

use vouchsafe_types::evidence::EvidenceId;
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId};
use vouchsafe_types::log::Frontier;
use vouchsafe_types::state_tree::StateLeaf;

use crate::acts::{Act, LogKind};

/// The schema that this program reads and writes.
pub const SCHEMA_VERSION: u32 = 2;

/// Why a store cannot answer. None of these says anything about a block or a transaction: whoever
/// meets one stops.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Only the disk knows, and it was not to be asked: [`ReadAtHand`](crate::ReadAtHand) alone
    /// reads so.
    #[error("this is not in memory, and the disk was not to be asked")]
    NotAtHand,
    /// Another process has the database open.
    #[error(
        "the database {path} is in use by another process: stop that node, or use another data \
         directory"
    )]
    Locked {
        /// The database's folder.
        path: PathBuf,
    },
    /// The database's schema is newer than this program.
    #[error(
        "the database {path} was written by a newer version (schema {found}, this program knows \
         {known}): upgrade the program"
    )]
    NewerSchema {
        /// The database's folder.
        path: PathBuf,
        /// The schema found.
        found: u32,
        /// The schema known here.
        known: u32,
    },
    /// The database's schema is older than this program reads.
    #[error(
        "the database {path} was written by an older version (schema {found}, this program reads \
         {known}): run that version, or move the database away and let the node fetch the chain \
         again"
    )]
    OlderSchema {
        /// The database's folder.
        path: PathBuf,
        /// The schema found.
        found: u32,
        /// The schema read here.
        known: u32,
    },
    /// The folder holds something else than a ledger's database.
    #[error("{path} holds a database that is not a ledger's: use another data directory")]
    NotALedger {
        /// The database's folder.
        path: PathBuf,
    },
    /// The database holds another chain.
    #[error(
        "the database belongs to chain {actual}, not to chain {expected} of this genesis: use the \
         genesis it was made with, or another data directory"
    )]
    OtherChain {
        /// The chain of the genesis given.
        expected: ChainId,
        /// The chain in the database.
        actual: ChainId,
    },
    /// What is stored contradicts itself.
    #[error(
        "the database is corrupt: {0}; restore the data directory from a copy, or remove its \
         database and let the node fetch the chain again"
    )]
    Corrupt(String),
    /// The disk or its file system failed.
    #[error(
        "the database cannot be read or written: {0}; check the disk, its space and its rights"
    )]
    Io(String),
    /// A block is committed whose body was never stored.
    #[error("block {0} cannot be committed: its body is not in the database")]
    MissingBody(BlockId),
    /// A commit, or a body, that does not follow the head.
    #[error("height {height} does not follow the database's head at height {head}")]
    NotNext {
        /// The height given.
        height: u64,
        /// The head's height.
        head: u64,
    },
    /// The stored state has another root than the head's header (at height 0: than the genesis).
    #[error(
        "the database is corrupt: the state at height {height} has root {actual}, its header says \
         {expected}; restore the data directory from a copy, or remove its database and let the \
         node fetch the chain again"
    )]
    StateRoot {
        /// The head's height.
        height: u64,
        /// The root in the header.
        expected: Digest,
        /// The root of the stored state.
        actual: Digest,
    },
}

/// Where a committed transaction stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Location {
    /// The block's height.
    pub height: u64,
    /// The transaction's index in the block, from 0.
    pub index: u32,
}

/// A record, and the means to append to the log that it commits to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredRecord {
    /// The record's canonical bytes.
    pub record: Vec<u8>,
    /// The frontier of the record's log, where it has one.
    pub log: Option<Frontier>,
}

/// A record as a block leaves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordChange {
    /// The record's key in the state tree.
    pub key: Digest,
    /// The hash of the record, as the tree's leaf holds it.
    pub value_hash: Digest,
    /// The record. All assets that one act names first share it.
    pub stored: Arc<StoredRecord>,
    /// What the block appends to the record's log.
    pub growth: Option<Growth>,
}

/// What a block appends to the log of a record: an entry for each of these acts of the block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Growth {
    /// What the log tells of each act.
    pub kind: LogKind,
    /// The index of the first entry, from 0: how many there were before.
    pub from: u64,
    /// Numbers of assets in the block, strictly ascending: each is one that its act names, and in
    /// the log of an asset it is that asset's own.
    pub assets: Vec<u32>,
}

/// What is remembered of a transaction beside its acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CommittedTransaction {
    /// Its id.
    pub id: TransactionId,
    /// The leaf hash of the whole signed transaction.
    pub leaf: Digest,
}

/// What evidence is about: the offence's height, and its id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Offence {
    /// The height at which it was done.
    pub height: u64,
    /// Its id.
    pub id: EvidenceId,
}

/// The state before block 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GenesisBatch {
    /// The chain.
    pub chain_id: ChainId,
    /// The records, ascending by key.
    pub records: Vec<RecordChange>,
}

/// All that one decided block changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommitBatch {
    /// The block's height.
    pub height: u64,
    /// The block's id.
    pub block_id: BlockId,
    /// The block's canonical bytes, unless its body was put before. A block that others decided
    /// needs no write of its own: nobody votes on it here.
    pub body: Option<Vec<u8>>,
    /// The header's canonical bytes.
    pub header: Vec<u8>,
    /// The certificate's canonical bytes.
    pub certificate: Vec<u8>,
    /// The canonical bytes of the set that decides from the next height on, if it is another than
    /// decided this one.
    pub next_validators: Option<Vec<u8>>,
    /// The records changed, ascending by key.
    pub records: Vec<RecordChange>,
    /// The transactions, in the block's order.
    pub transactions: Vec<CommittedTransaction>,
    /// Their acts, in the block's order: at least one each.
    pub acts: Vec<Act>,
    /// The offences of which the block holds evidence: what was kept about them waits no more.
    pub offences: Vec<Offence>,
    /// Evidence of offences below this height may stand in no later block: it waits no more.
    pub evidence_from: u64,
    /// The frontier of all block ids up to this one.
    pub history: Frontier,
}

/// An iterator over the state tree's leaves.
pub type Leaves<'a> = Box<dyn Iterator<Item = Result<StateLeaf, StoreError>> + 'a>;

/// Reads. Absence is an answer; every failure is a [`StoreError`].
#[allow(clippy::missing_errors_doc, reason = "each fails with StoreError, and only then")]
pub trait StoreRead: Send + Sync {
    /// The chain that the store belongs to; none while it is empty.
    fn chain_id(&self) -> Result<Option<ChainId>, StoreError>;

    /// The height of the last block committed; 0 before the first.
    fn head_height(&self) -> Result<u64, StoreError>;

    /// The header's canonical bytes at a committed height.
    fn header(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// The certificate's canonical bytes at a committed height.
    fn certificate(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// The block's canonical bytes at a committed height.
    fn block(&self, height: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// The height of a committed block.
    fn height_of(&self, block_id: &BlockId) -> Result<Option<u64>, StoreError>;

    /// The canonical bytes of the validator set that decides a height, and the first height that it
    /// decides; none as long as it is the genesis's.
    fn validators(&self, height: u64) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// The canonical bytes of a block, committed or still undecided.
    fn body(&self, block_id: &BlockId) -> Result<Option<Vec<u8>>, StoreError>;

    /// Where the transaction with an id was committed.
    fn locate(&self, id: &TransactionId) -> Result<Option<Location>, StoreError>;

    /// The record that a leaf of the state tree names. If the record at its key has another hash
    /// by now, that one or none.
    fn record(&self, leaf: &StateLeaf) -> Result<Option<StoredRecord>, StoreError>;

    /// Up to `limit` entries of the log of the record that a leaf names, from an index on. The log
    /// may have grown since the leaf was the tree's.
    fn log_entries(
        &self,
        leaf: &StateLeaf,
        from: u64,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError>;

    /// The frontier of the ids of all committed blocks.
    fn history(&self) -> Result<Frontier, StoreError>;

    /// The canonical bytes of the evidence that waits to be put into a block, ascending by offence.
    fn waiting_evidence(&self) -> Result<Vec<Vec<u8>>, StoreError>;

    /// The heights of up to `limit` committed blocks that hold evidence, from a height on.
    fn evidence_heights(&self, from: u64, limit: usize) -> Result<Vec<u64>, StoreError>;

    /// The state tree's leaves, ascending by key.
    fn leaves(&self) -> Result<Leaves<'_>, StoreError>;
}

/// Writes. Each is durable and whole when it returns, or did not happen.
pub trait StoreWrite: StoreRead {
    /// Writes the state before block 1 into an empty store.
    ///
    /// # Errors
    /// [`StoreError::OtherChain`] when it is not empty, or the disk's error.
    fn initialize(&self, genesis: &GenesisBatch) -> Result<(), StoreError>;

    /// Keeps an undecided block. The same block may be put again.
    ///
    /// # Errors
    /// [`StoreError::NotNext`] when its height is decided already, or the disk's error.
    fn put_body(&self, height: u64, block_id: &BlockId, block: &[u8]) -> Result<(), StoreError>;

    /// Keeps evidence until a block holds it, or may hold it no more. Evidence of the same offence
    /// may be put again.
    ///
    /// # Errors
    /// The disk's error.
    fn put_evidence(&self, offence: Offence, evidence: &[u8]) -> Result<(), StoreError>;

    /// Makes a block the head, with the body that the batch brings or that was put before, and
    /// forgets the other bodies of its height and the evidence that waits no more.
    ///
    /// # Errors
    /// [`StoreError::NotNext`], [`StoreError::MissingBody`], or the disk's error.
    fn commit(&self, batch: &CommitBatch) -> Result<(), StoreError>;
}

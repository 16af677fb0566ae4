//! Executing a stored chain again from its genesis, and holding all that is stored against it.

use vouchsafe_genesis::Genesis;
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CertificateError, CommitCertificate};
use vouchsafe_types::hash::{BlockId, ChainId, Digest};
use vouchsafe_types::log::{Frontier, leaf_hash};
use vouchsafe_types::record::value_hash;
use vouchsafe_types::state_tree::StateLeaf;

use crate::executed::Executed;
use crate::ledger::Ledger;
use crate::memory::MemoryStore;
use crate::read::block_at;
use crate::rule::{InvalidBlock, ValidateError};
use crate::store::{Location, StoreError, StoreRead, StoreWrite};

/// Log entries read at a time.
const LOG_PAGE_ENTRIES: usize = 1024;

/// What an audit went through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditReport {
    /// The last block's height.
    pub height: u64,
    /// The transactions in all blocks.
    pub transactions: u64,
    /// The records in the state.
    pub records: u64,
    /// The state's root.
    pub state_root: Digest,
}

/// What an audit found wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// The store is empty.
    #[error("the database holds no chain yet: start the node first")]
    Empty,
    /// The store is another chain's.
    #[error("the database belongs to chain {actual}, not to chain {expected} of this genesis")]
    OtherChain {
        /// The genesis's chain.
        expected: ChainId,
        /// The store's chain.
        actual: ChainId,
    },
    /// A part of a block is not stored.
    #[error("the {part} of height {height} is missing")]
    Missing {
        /// Which part.
        part: &'static str,
        /// The height.
        height: u64,
    },
    /// A part that is stored apart from its block is not the block's.
    #[error("the {part} stored for height {height} is not that of its block")]
    Part {
        /// Which part.
        part: &'static str,
        /// The height.
        height: u64,
    },
    /// A stored block is not valid.
    #[error("the block at height {height} is invalid: {error}")]
    Block {
        /// The height.
        height: u64,
        /// The rule broken.
        error: InvalidBlock,
    },
    /// A stored certificate does not verify.
    #[error("the certificate of height {height}: {error}")]
    Certificate {
        /// The height.
        height: u64,
        /// The rule broken.
        error: CertificateError,
    },
    /// The index leads elsewhere, or nowhere.
    #[error("the index does not lead to transaction {index} of height {height}")]
    Index {
        /// The height.
        height: u64,
        /// The transaction's index.
        index: u32,
    },
    /// A record is not what executing the blocks gives.
    #[error("the record {0} is not what executing the blocks gives")]
    Record(Digest),
    /// A record's log is not what executing the blocks gives.
    #[error("the log of the record {0} is not what executing the blocks gives")]
    Log(Digest),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Executes every stored block again from genesis, and compares headers, certificates, indexes,
/// records and logs. `progress` is told each height that passed.
///
/// # Errors
/// The first [`AuditError`].
pub fn verify_chain(
    genesis: &Genesis,
    store: &dyn StoreRead,
    progress: &mut dyn FnMut(u64),
) -> Result<AuditReport, AuditError> {
    let expected = genesis.chain_id();
    let actual = store.chain_id()?.ok_or(AuditError::Empty)?;
    if actual != expected {
        return Err(AuditError::OtherChain { expected, actual });
    }
    let memory = MemoryStore::new();
    let mut ledger = Ledger::open(genesis, memory.clone())?;
    let mut transactions = 0;
    for height in 1..=store.head_height()? {
        let (executed, certificate) = check_height(&ledger, store, height)?;
        transactions += executed.transaction_ids().len() as u64;
        // The body is in the audited store: an execution does not read it again.
        memory.put_body(height, &executed.block_id(), &[])?;
        ledger.commit(executed, certificate)?;
        memory.forget_past();
        progress(height);
    }
    let records = compare_records(store, &memory)?;
    if store.history()? != ledger.head().history {
        return Err(AuditError::Part { part: "history", height: ledger.head().height });
    }
    let (height, state_root) = (ledger.head().height, ledger.head().state_root);
    Ok(AuditReport { height, transactions, records, state_root })
}

fn check_height(
    ledger: &Ledger<MemoryStore>,
    store: &dyn StoreRead,
    height: u64,
) -> Result<(Executed, CommitCertificate), AuditError> {
    let block = block_at(store, height)?.ok_or(AuditError::Missing { part: "block", height })?;
    let executed = ledger.validate(&block, &|_| None).map_err(|error| match error {
        ValidateError::Invalid(error) => AuditError::Block { height, error },
        ValidateError::Store(error) => AuditError::Store(error),
    })?;
    let header = store.header(height)?.ok_or(AuditError::Missing { part: "header", height })?;
    if header != block.header.to_bytes() {
        return Err(AuditError::Part { part: "header", height });
    }
    if store.height_of(&executed.block_id())? != Some(height) {
        return Err(AuditError::Part { part: "block id", height });
    }
    let certificate = check_certificate(ledger, store, height, executed.block_id())?;
    for (index, id) in (0u32..).zip(executed.transaction_ids()) {
        let place = Some(Location { height, index });
        if store.locate(&id)? != place {
            return Err(AuditError::Index { height, index });
        }
    }
    Ok((executed, certificate))
}

fn check_certificate(
    ledger: &Ledger<MemoryStore>,
    store: &dyn StoreRead,
    height: u64,
    block_id: BlockId,
) -> Result<CommitCertificate, AuditError> {
    let bytes =
        store.certificate(height)?.ok_or(AuditError::Missing { part: "certificate", height })?;
    let certificate = CommitCertificate::from_bytes(&bytes)
        .ok()
        .filter(|certificate| certificate.block_id == block_id && certificate.height == height)
        .ok_or(AuditError::Part { part: "certificate", height })?;
    certificate
        .verify(ledger.chain_id(), &ledger.head().validators)
        .map_err(|error| AuditError::Certificate { height, error })?;
    Ok(certificate)
}

/// Compares all records with those of the execution; gives their number.
fn compare_records(store: &dyn StoreRead, memory: &MemoryStore) -> Result<u64, AuditError> {
    let mut count = 0;
    let (mut stored, mut executed) = (store.leaves()?, memory.leaves()?);
    loop {
        let (stored, executed) = (stored.next().transpose()?, executed.next().transpose()?);
        let (leaf, expected) = match (stored, executed) {
            (None, None) => return Ok(count),
            (Some(leaf), Some(expected)) if leaf == expected => (leaf, memory.record(&leaf)?),
            // The lesser key is the one that the other side lacks.
            (Some(one), Some(other)) => return Err(AuditError::Record(one.key.min(other.key))),
            (Some(leaf), None) | (None, Some(leaf)) => return Err(AuditError::Record(leaf.key)),
        };
        let record = store.record(&leaf)?;
        let matches = record.as_ref().is_some_and(|r| value_hash(&r.record) == leaf.value_hash);
        if !matches || record != expected {
            return Err(AuditError::Record(leaf.key));
        }
        if let Some(frontier) = expected.and_then(|expected| expected.log) {
            compare_log(store, &leaf, &frontier)?;
        }
        count += 1;
    }
}

/// Appends all stored entries of a log anew.
fn compare_log(
    store: &dyn StoreRead,
    leaf: &StateLeaf,
    expected: &Frontier,
) -> Result<(), AuditError> {
    let mut frontier = Frontier::default();
    loop {
        let entries = store.log_entries(leaf, frontier.size(), LOG_PAGE_ENTRIES)?;
        if entries.is_empty() {
            break;
        }
        entries.iter().for_each(|entry| frontier.append(leaf_hash(entry)));
    }
    if frontier == *expected { Ok(()) } else { Err(AuditError::Log(leaf.key)) }
}

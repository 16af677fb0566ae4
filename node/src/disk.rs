//! Everything durable that the replica writes while it runs: log, sign record, database.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use vouchsafe_consensus::record_file::RecordFile;
use vouchsafe_consensus::sign_record::{SignMark, SignRecord, SignRecordError};
use vouchsafe_consensus::wal::{Wal, WalError, WalFile};
use vouchsafe_ledger::{CommitBatch, Offence, RocksStore, StoreError, StoreWrite};
use vouchsafe_replica::WalOperation;
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::BlockId;
use vouchsafe_types::header::Block;

use crate::metrics::Metrics;

/// A write that failed. What it was to make durable may not have left this node, so it stops.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StorageError {
    /// The write-ahead log.
    #[error("data/wal: {0}")]
    Wal(#[from] WalError),
    /// The sign record.
    #[error("data/sign-record: {0}")]
    SignRecord(#[from] SignRecordError),
    /// The database.
    #[error("data/db: {0}")]
    Store(#[from] StoreError),
}

/// The three, open.
pub(crate) struct Disk {
    pub(crate) wal: Wal<WalFile>,
    pub(crate) sign_record: SignRecord<RecordFile>,
    pub(crate) store: RocksStore,
    pub(crate) metrics: Arc<Metrics>,
    /// The lengths in bytes of the bodies stored since the newest height was committed.
    pub(crate) body_lengths: BTreeMap<BlockId, usize>,
}

impl Disk {
    pub(crate) fn wal(&mut self, operation: WalOperation) -> Result<(), StorageError> {
        match operation {
            WalOperation::Reset { height } => self.wal.reset(height)?,
            WalOperation::Append(entry) => {
                self.metrics.wal_entries.inc();
                self.wal.append(&entry)?;
            }
            WalOperation::Flush => {
                self.metrics.wal_flushes.inc();
                self.wal.flush()?;
            }
        }
        Ok(())
    }

    pub(crate) fn sign_record(&mut self, mark: SignMark) -> Result<(), StorageError> {
        self.metrics.sign_record_writes.inc();
        Ok(self.sign_record.write(mark)?)
    }

    pub(crate) fn store_body(&mut self, id: &BlockId, block: &Block) -> Result<(), StorageError> {
        let bytes = block.to_bytes();
        self.body_lengths.insert(*id, bytes.len());
        Ok(self.store.put_body(block.header.height, id, &bytes)?)
    }

    pub(crate) fn keep_evidence(
        &mut self,
        offence: Offence,
        evidence: &Evidence,
    ) -> Result<(), StorageError> {
        Ok(self.store.put_evidence(offence, &evidence.to_bytes())?)
    }

    /// Writes a decided height, and returns it.
    pub(crate) fn commit(&mut self, batch: &CommitBatch) -> Result<u64, StorageError> {
        let began = Instant::now();
        self.store.commit(batch)?;
        self.metrics.recorded_evidence.inc_by(batch.offences.len() as u64);
        self.metrics.commit_write_seconds.observe(began.elapsed().as_secs_f64());
        self.metrics.validators.observe(batch);
        // After a restart the body lies on disk already, and its length is not looked up.
        let brought = batch.body.as_ref().map(Vec::len);
        if let Some(length_bytes) = brought.or_else(|| self.body_lengths.remove(&batch.block_id)) {
            self.metrics.blocks.bytes.observe(length_bytes as f64);
        }
        self.body_lengths.clear();
        Ok(batch.height)
    }

    pub(crate) fn flush(&mut self) -> Result<(), StorageError> {
        Ok(self.wal.flush()?)
    }
}

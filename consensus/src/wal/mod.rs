//! The write-ahead log: what restores a validator in the middle of a height, so that it casts the
//! votes that it cast before and no others.
//!
//! ```text
//! open:    bytes ──▶ scan ──▶ cut at the first bad batch ──▶ log crate ──▶ entries_for(height)
//! run:     append … append │ flush │ publish        (the engine's effects say when)
//!          └── in memory ──┘   one batch, one checksum, one sync
//! decided: one synced write elsewhere, then reset(next height)
//! ```
//!
//! At any instant at most one batch is not durable, and it is the last: a power cut in the middle
//! of it leaves nothing good behind it, whichever of its pages it takes. Entries that were not
//! flushed vanish at a crash, and nothing that depends on them has left.
//!
//! The framing is `arc-malachitebft-wal`'s. Its `open` skips checksums, takes thirteen zero bytes
//! for an entry, refuses a torn header and cuts silently; all of that is decided here before it
//! sees the file.

mod batch;
mod entry;
mod error;
mod scan;
mod storage;

use std::io::{self, SeekFrom};

use arc_malachitebft_wal::log::Log;
use vouchsafe_types::canonical::Canonical;

pub use batch::{BATCH_BYTES_MAX, BATCH_ENTRIES_MAX};
pub use entry::{WalEntry, WalEvent};
pub use error::{LogEnd, WalError};
pub use storage::{WalFile, WalStorage};

use batch::{Pending, read_entries};
use scan::{FRAME_HEADER_BYTES, Scan, holds_nothing, scan};
use storage::Opened;

/// The largest log that is read or written, in bytes: one height's messages, many rounds over.
/// Entries that wait for a flush count.
pub const WAL_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What opening had to do, for the operator to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalRecovery {
    /// The header was torn when the file was made. It can have held no batch, and was written
    /// anew.
    pub header_rebuilt: bool,
    /// Why the log ended before its file did, when it did.
    pub end: Option<LogEnd>,
    /// Bytes that were cut off behind the end. Whatever they held was not flushed, or the sign
    /// record names what is missing.
    pub dropped_bytes: u64,
}

/// The log of one height.
pub struct Wal<S> {
    log: Log<Opened<S>>,
    pending: Pending,
    /// Set when writing failed: what the medium holds is not known from then on.
    failed: bool,
}

impl<S: WalStorage> Wal<S> {
    /// Opens the log on a medium, real or simulated.
    ///
    /// # Errors
    /// [`WalError::NotALog`] and [`WalError::TooLarge`] for what cannot be a log,
    /// [`WalError::DamagedInside`] for a bad batch followed by a good one, and
    /// [`WalError::Storage`] when the medium fails.
    pub fn open(mut medium: S) -> Result<(Self, WalRecovery), WalError> {
        let recovery = recover(&mut medium)?;
        medium.seek(SeekFrom::Start(0))?;
        // The log crate syncs whatever it opens, so what was read here is durable from now on.
        let log = Log::open_with("", medium)?;
        Ok((Self { log, pending: Pending::default(), failed: false }, recovery))
    }

    /// The height that the log was last reset to; 0 for a new log.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.log.sequence()
    }

    /// The flushed entries of this height, oldest first; those that wait for a flush are not among
    /// them. Entries of other heights are what a crash during a reset left behind, and do not
    /// count.
    ///
    /// # Errors
    /// [`WalError::ChangedAfterCheck`] when a batch can no longer be read.
    pub fn entries_for(&mut self, height: u64) -> Result<Vec<WalEntry>, WalError> {
        let mut entries = Vec::new();
        for data in self.log.iter()? {
            let data = data.map_err(|_| WalError::ChangedAfterCheck)?;
            let batch = read_entries(&data).map_err(|_| WalError::ChangedAfterCheck)?;
            entries.extend(batch.into_iter().filter(|entry| entry.height == height));
        }
        Ok(entries)
    }

    /// Appends an entry, in memory. It is durable after the next [`flush`](Self::flush), which is
    /// here and now for those before it when a batch is full.
    ///
    /// # Errors
    /// [`WalError::WrongHeight`], [`WalError::EntryTooLarge`] and [`WalError::TooLarge`] for what
    /// the log does not take, [`WalError::Storage`] when the medium fails, and
    /// [`WalError::FailedBefore`] when it did.
    pub fn append(&mut self, entry: &WalEntry) -> Result<(), WalError> {
        self.refuse_after_failure()?;
        if entry.height != self.height() {
            return Err(WalError::WrongHeight {
                log_height: self.height(),
                entry_height: entry.height,
            });
        }
        let entry_bytes = entry.to_bytes().len();
        if entry_bytes > WalEntry::LIMIT_BYTES {
            return Err(WalError::EntryTooLarge {
                limit_bytes: WalEntry::LIMIT_BYTES,
                actual_bytes: entry_bytes,
            });
        }
        if !self.pending.has_room_for(entry_bytes) {
            self.flush()?;
        }
        let frame_bytes = FRAME_HEADER_BYTES + self.pending.bytes_with(entry_bytes);
        check_size(self.log.size_bytes()? + frame_bytes as u64)?;
        self.pending.push(entry.clone(), entry_bytes);
        Ok(())
    }

    /// Returns when every appended entry is durable. Writes and syncs nothing when none waits:
    /// opening and resetting end with a sync of their own.
    ///
    /// # Errors
    /// [`WalError::Storage`] when the medium fails, and [`WalError::FailedBefore`] when it did.
    pub fn flush(&mut self) -> Result<(), WalError> {
        self.refuse_after_failure()?;
        let Some(batch) = self.pending.take() else { return Ok(()) };
        self.write(|log| {
            log.append(batch.to_bytes())?;
            log.flush()
        })
    }

    /// Forgets every entry, flushed or not, and begins the log of this height. Only after
    /// everything before it was committed durably.
    ///
    /// # Errors
    /// [`WalError::Storage`] when the medium fails, and [`WalError::FailedBefore`] when it did.
    pub fn reset(&mut self, height: u64) -> Result<(), WalError> {
        self.refuse_after_failure()?;
        self.pending = Pending::default();
        self.write(|log| log.reset(height))
    }

    /// Does what ends with a sync. Where that fails, nothing more is written: a batch behind one
    /// that is not durable could outlive it.
    fn write(
        &mut self,
        act: impl FnOnce(&mut Log<Opened<S>>) -> io::Result<()>,
    ) -> Result<(), WalError> {
        self.failed = true;
        act(&mut self.log)?;
        self.failed = false;
        Ok(())
    }

    fn refuse_after_failure(&self) -> Result<(), WalError> {
        if self.failed { Err(WalError::FailedBefore) } else { Ok(()) }
    }
}

fn check_size(actual_bytes: u64) -> Result<(), WalError> {
    if actual_bytes > WAL_BYTES_MAX {
        return Err(WalError::TooLarge { limit_bytes: WAL_BYTES_MAX, actual_bytes });
    }
    Ok(())
}

/// Brings the medium into a state that the log crate reads correctly.
fn recover<S: WalStorage>(medium: &mut S) -> Result<WalRecovery, WalError> {
    check_size(medium.size_bytes()?)?;
    let mut bytes = Vec::new();
    medium.seek(SeekFrom::Start(0))?;
    medium.read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Ok(WalRecovery::default());
    }
    if holds_nothing(&bytes) {
        medium.truncate_to(0)?;
        medium.sync_all()?;
        return Ok(WalRecovery { header_rebuilt: true, ..WalRecovery::default() });
    }
    let Scan { good_bytes, end } = scan(&bytes)?;
    let dropped_bytes = (bytes.len() - good_bytes) as u64;
    if dropped_bytes > 0 {
        medium.truncate_to(good_bytes as u64)?;
        medium.sync_all()?;
    }
    Ok(WalRecovery { header_rebuilt: false, end, dropped_bytes })
}

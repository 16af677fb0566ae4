//! The write-ahead log: what restores a validator in the middle of a height, so that it casts the
//! votes that it cast before and no others.
//!
//! ```text
//! open:    bytes ──▶ scan ──▶ cut at the first bad entry ──▶ log crate ──▶ entries_for(height)
//! run:     append … append flush │ publish          (the engine's effects say when)
//! decided: one synced write elsewhere, then reset(next height)
//! ```
//!
//! The framing is `arc-malachitebft-wal`'s. Its `open` skips checksums, takes thirteen zero bytes
//! for an entry, refuses a torn header and cuts silently; all of that is decided here before it
//! sees the file.

mod entry;
mod error;
mod scan;
mod storage;

use std::io::SeekFrom;

use arc_malachitebft_wal::log::Log;
use vouchsafe_types::canonical::Canonical;

pub use entry::{WalEntry, WalEvent};
pub use error::{LogEnd, WalError};
pub use storage::{WalFile, WalStorage};

use scan::{Scan, holds_nothing, scan};
use storage::Opened;

/// The largest log that is read or written, in bytes: one height's messages, many rounds over.
pub const WAL_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// What opening had to do, for the operator to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WalRecovery {
    /// The header was torn when the file was made. It can have held no entry, and was written
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
}

impl<S: WalStorage> Wal<S> {
    /// Opens the log on a medium, real or simulated.
    ///
    /// # Errors
    /// [`WalError::NotALog`] and [`WalError::TooLarge`] for what cannot be a log,
    /// [`WalError::DamagedInside`] for a bad entry followed by good ones, and
    /// [`WalError::Storage`] when the medium fails.
    pub fn open(mut medium: S) -> Result<(Self, WalRecovery), WalError> {
        let recovery = recover(&mut medium)?;
        medium.seek(SeekFrom::Start(0))?;
        let log = Log::open_with("", medium)?;
        Ok((Self { log }, recovery))
    }

    /// The height that the log was last reset to; 0 for a new log.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.log.sequence()
    }

    /// The entries of this height, oldest first. Entries of other heights are what a crash during
    /// a reset left behind, and do not count.
    ///
    /// # Errors
    /// [`WalError::ChangedAfterCheck`] when an entry can no longer be read.
    pub fn entries_for(&mut self, height: u64) -> Result<Vec<WalEntry>, WalError> {
        let mut entries = Vec::new();
        for data in self.log.iter()? {
            let data = data.map_err(|_| WalError::ChangedAfterCheck)?;
            let entry = WalEntry::from_bytes(&data).map_err(|_| WalError::ChangedAfterCheck)?;
            if entry.height == height {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// Appends an entry. It is durable after the next [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`WalError::WrongHeight`], [`WalError::EntryTooLarge`] and [`WalError::TooLarge`] for what
    /// the log does not take, [`WalError::Storage`] when the medium fails.
    pub fn append(&mut self, entry: &WalEntry) -> Result<(), WalError> {
        if entry.height != self.height() {
            return Err(WalError::WrongHeight {
                log_height: self.height(),
                entry_height: entry.height,
            });
        }
        let data = entry.to_bytes();
        if data.len() > WalEntry::LIMIT_BYTES {
            return Err(WalError::EntryTooLarge {
                limit_bytes: WalEntry::LIMIT_BYTES,
                actual_bytes: data.len(),
            });
        }
        check_size(self.log.size_bytes()? + data.len() as u64)?;
        Ok(self.log.append(data)?)
    }

    /// Returns when every appended entry is durable.
    ///
    /// # Errors
    /// [`WalError::Storage`] when the medium fails.
    pub fn flush(&mut self) -> Result<(), WalError> {
        Ok(self.log.flush()?)
    }

    /// Forgets every entry and begins the log of this height. Only after everything before it was
    /// committed durably.
    ///
    /// # Errors
    /// [`WalError::Storage`] when the medium fails.
    pub fn reset(&mut self, height: u64) -> Result<(), WalError> {
        Ok(self.log.reset(height)?)
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

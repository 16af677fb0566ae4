//! What can be wrong with the log; one variant for each rule.

use std::io;

/// Why a log ends before its file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogEnd {
    /// A batch without data, such as a file system leaves where it extended a file with zeros.
    Empty,
    /// A batch that is whole but is not one of this program's.
    Foreign,
    /// A batch whose end is missing or whose checksum does not match: the last one, when the power
    /// went before it was synced.
    Torn,
}

impl std::fmt::Display for LogEnd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "empty",
            Self::Foreign => "foreign",
            Self::Torn => "torn",
        })
    }
}

/// Why the log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// The medium failed.
    #[error("the write-ahead log cannot be read or written: {0}; free space or replace the disk")]
    Storage(#[from] io::Error),
    /// The file begins like something else.
    #[error(
        "the file is not a write-ahead log of this program; name another file, or move it away"
    )]
    NotALog,
    /// A good batch follows a bad one. It was written only after the bad one was synced, so no
    /// crash leaves this.
    #[error(
        "the write-ahead log is damaged inside: a {end} batch at byte {bad_offset_bytes} is \
         followed by a whole one at byte {good_offset_bytes}; restore the file, or move it away: \
         the node then follows without voting until the height in its sign record is committed"
    )]
    DamagedInside {
        /// What is wrong with the bad batch.
        end: LogEnd,
        /// Where the bad batch begins, in bytes from the file's start.
        bad_offset_bytes: usize,
        /// Where the first good batch behind it begins.
        good_offset_bytes: usize,
    },
    /// The file is larger than any log.
    #[error(
        "the write-ahead log has {actual_bytes} bytes and may have {limit_bytes}; this height \
         went through far too many rounds: look at the network, then move the file away"
    )]
    TooLarge {
        /// The bound, in bytes.
        limit_bytes: u64,
        /// The size found or asked for, in bytes.
        actual_bytes: u64,
    },
    /// An entry is larger than any valid one.
    #[error("an entry for the write-ahead log has {actual_bytes} bytes and may have {limit_bytes}")]
    EntryTooLarge {
        /// The bound, in bytes.
        limit_bytes: usize,
        /// The entry's size, in bytes.
        actual_bytes: usize,
    },
    /// An entry of another height than the one the log was reset to.
    #[error(
        "an entry of height {entry_height} does not belong in the write-ahead log of height \
         {log_height}: this is a fault of the program, report it"
    )]
    WrongHeight {
        /// The height the log is at.
        log_height: u64,
        /// The entry's height.
        entry_height: u64,
    },
    /// Writing or syncing failed before. What the file holds is not known, and a sync that is
    /// tried again may report success for pages that were dropped.
    #[error(
        "the write-ahead log failed before and takes nothing more; restart the node, which reads \
         it again"
    )]
    FailedBefore,
    /// A batch that was whole when the log was opened no longer is.
    #[error("a batch of the write-ahead log changed after it was checked; replace the disk")]
    ChangedAfterCheck,
}

//! A validator's two files, and what a power cut leaves of them.

use std::sync::Arc;

use super::digest::digest_of;
use super::scope::Weakness;
use crate::memory_file::{MemoryFile, PAGE_BYTES};
use crate::sign_record::{SignMark, SignRecord};
use crate::wal::{Wal, WalEntry};

/// Bytes before a log's first batch, and bytes of a batch before its length and after it.
const LOG_HEADER_BYTES: usize = 12;
const FRAME_HEADER_BYTES: usize = 13;

/// What both files durably hold.
#[derive(Clone, Default)]
pub(super) struct Disk {
    pub(super) log: Arc<Vec<u8>>,
    pub(super) record: Arc<Vec<u8>>,
}

/// Both files, opened.
pub(super) struct Files {
    log_file: MemoryFile,
    record_file: MemoryFile,
    wal: Wal<MemoryFile>,
    record: SignRecord<MemoryFile>,
    /// Appended, and not flushed.
    pending: Vec<WalEntry>,
    weakness: Weakness,
}

/// One act that changes a file.
#[derive(Clone)]
pub(super) enum Act {
    Append(WalEntry),
    Reset(u64),
    Flush,
    Record(SignMark),
}

impl Disk {
    /// Opens both files as a start does.
    ///
    /// # Errors
    /// What the log or the record says.
    pub(super) fn open(&self, weakness: Weakness) -> Result<Files, String> {
        let log_file = MemoryFile::of(self.log.to_vec());
        let record_file = MemoryFile::of(self.record.to_vec());
        let wal = Wal::open(log_file.reopen()).map_err(|error| error.to_string())?.0;
        let record = SignRecord::load(record_file.reopen()).map_err(|error| error.to_string())?;
        Ok(Files { log_file, record_file, wal, record, pending: Vec::new(), weakness })
    }

    /// The log without its last batches: every older copy of it, and none at all.
    pub(super) fn older_logs(&self) -> Vec<Self> {
        let mut ends = vec![0];
        let mut end = LOG_HEADER_BYTES;
        while end < self.log.len() {
            ends.push(end);
            let length = self.log[end + 1..end + 9].try_into().expect("eight bytes");
            let length = usize::try_from(u64::from_be_bytes(length)).expect("short");
            end += FRAME_HEADER_BYTES + length;
        }
        let cut = |end: usize| Self {
            log: Arc::new(self.log[..end.min(self.log.len())].to_vec()),
            record: Arc::clone(&self.record),
        };
        ends.into_iter().map(cut).collect()
    }

    pub(super) fn number(&self) -> u64 {
        digest_of(&(&self.log, &self.record))
    }
}

impl Files {
    pub(super) fn entries_for(&mut self, height: u64) -> Result<Vec<WalEntry>, String> {
        self.wal.entries_for(height).map_err(|error| error.to_string())
    }

    /// What waits for a flush.
    pub(super) fn pending(&self) -> &[WalEntry] {
        &self.pending
    }

    pub(super) fn signed(&self) -> Option<SignMark> {
        self.record.latest()
    }

    /// What a power cut between two acts leaves.
    pub(super) fn disk(&self) -> Disk {
        Disk {
            log: Arc::new(self.log_file.copy().lose_power(0).content()),
            record: Arc::new(self.record_file.copy().lose_power(0).content()),
        }
    }

    /// Carries out one act.
    ///
    /// # Errors
    /// What the log or the record says.
    pub(super) fn act(&mut self, act: &Act) -> Result<(), String> {
        match (act, self.weakness) {
            (Act::Flush, Weakness::FlushLies) | (Act::Record(_), Weakness::RecordSkipped) => Ok(()),
            (Act::Append(entry), _) => {
                self.pending.push(entry.clone());
                self.wal.append(entry).map_err(|e| e.to_string())
            }
            (Act::Reset(height), _) => {
                self.pending.clear();
                self.wal.reset(*height).map_err(|e| e.to_string())
            }
            (Act::Flush, _) => {
                self.pending.clear();
                self.wal.flush().map_err(|e| e.to_string())
            }
            (Act::Record(mark), _) => self.record.write(*mark).map_err(|e| e.to_string()),
        }
    }

    /// What a power cut in the middle of an act may leave: all of what it wrote, a part up to any
    /// page, or any one page without the others. Whatever was there stays as it is here.
    pub(super) fn torn(&mut self, act: &Act) -> Vec<Disk> {
        let before = self.disk();
        let Ok(mut files) = before.open(self.weakness) else { return Vec::new() };
        for entry in &self.pending {
            files.wal.append(entry).expect("it was appended before");
        }
        files.log_file.hold_syncs();
        files.record_file.hold_syncs();
        if files.act(act).is_err() {
            return Vec::new();
        }
        let mut left = Vec::new();
        for (is_log, file) in [(true, &files.log_file), (false, &files.record_file)] {
            let mut outcomes = Vec::new();
            let pages = file.unsynced_pages();
            for length in file.possible_lengths() {
                for kept in 0..=pages.len() {
                    let first = |page| pages[..kept].contains(&page);
                    outcomes.push(file.copy().lose_pages(length, first));
                    let last = |page| pages[kept..].contains(&page);
                    outcomes.push(file.copy().lose_pages(length, last));
                }
            }
            if let Some(first) = pages.first() {
                outcomes.push(file.copy().lose_power(first * PAGE_BYTES + PAGE_BYTES / 3));
            }
            for outcome in outcomes {
                let content = Arc::new(outcome.content());
                let disk = if is_log {
                    Disk { log: content, record: Arc::clone(&before.record) }
                } else {
                    Disk { log: Arc::clone(&before.log), record: content }
                };
                left.push(disk);
            }
        }
        left
    }
}

//! What one flush writes: every entry appended since the flush before, under one checksum.
//!
//! ```text
//! data  = batch, or a single entry as versions before batches wrote it
//! batch = 2 ‖ mark ‖ count u32 ‖ entry*                        (canonical Borsh)
//! ```
//!
//! A power cut may take any page that was not synced and leave any other. Entries written one by
//! one could so be left as a lost one followed by whole ones, which reads like damage; of a batch
//! there is never a whole part.
//!
//! The mark tells a batch from bytes that only look like one. Others choose block ids, and 32
//! bytes are enough for a whole entry with a right checksum; but nobody chooses 64 bytes in
//! sequence within an entry, because addresses are hashes and signatures verify.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::canonical::{Canonical, DecodeError, Version, read_list};

use super::entry::WalEntry;

/// The largest batch, in bytes; an entry that finds no room makes the log flush first.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// The most entries of a batch. All votes of eight rounds of the largest validator set.
pub const BATCH_ENTRIES_MAX: usize = 4096;

/// The version byte that begins every batch; single entries begin with 1.
const BATCH_VERSION: u8 = 2;
/// What follows the version byte.
const MARK: &[u8; 64] = b"vouchsafe write-ahead log: a batch of entries, whole or nothing.";
/// Bytes of a batch before its entries: version, mark and count.
const BATCH_HEADER_BYTES: usize = 1 + MARK.len() + 4;

/// [`MARK`]; nothing else decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark;

impl BorshSerialize for Mark {
    fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(MARK)
    }
}

impl BorshDeserialize for Mark {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        if <[u8; MARK.len()]>::deserialize_reader(reader)? == *MARK {
            Ok(Self)
        } else {
            Err(DecodeError::Malformed("no mark of a batch".to_owned()).into())
        }
    }
}

/// One batch: at least one entry, at most [`BATCH_ENTRIES_MAX`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize)]
pub(super) struct Batch {
    version: Version<BATCH_VERSION>,
    mark: Mark,
    entries: Vec<WalEntry>,
}

impl BorshDeserialize for Batch {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        Ok(Self {
            version: Version::deserialize_reader(reader)?,
            mark: Mark::deserialize_reader(reader)?,
            entries: read_list(reader, "entries of a batch", 1, BATCH_ENTRIES_MAX)?,
        })
    }
}

impl Canonical for Batch {
    const LIMIT_BYTES: usize = BATCH_BYTES_MAX;
}

impl Batch {
    /// Do these bytes begin like a batch? No bytes inside one do.
    pub(super) fn could_begin_with(bytes: &[u8]) -> bool {
        bytes.split_first().is_some_and(|(version, rest)| {
            *version == BATCH_VERSION && rest.starts_with(MARK.as_slice())
        })
    }
}

/// Reads the entries that one entry of the log crate holds.
///
/// # Errors
/// A [`DecodeError`] for what this program did not write.
pub(super) fn read_entries(data: &[u8]) -> Result<Vec<WalEntry>, DecodeError> {
    if data.first().is_some_and(|byte| WalEntry::could_begin_with(*byte)) {
        Ok(vec![WalEntry::from_bytes(data)?])
    } else {
        Ok(Batch::from_bytes(data)?.entries)
    }
}

/// The entries that wait for the next flush; always a valid batch, or none.
#[derive(Debug, Default)]
pub(super) struct Pending {
    entries: Vec<WalEntry>,
    entries_bytes: usize,
}

impl Pending {
    /// Does an entry of this many bytes fit into the batch?
    pub(super) fn has_room_for(&self, entry_bytes: usize) -> bool {
        self.entries.len() < BATCH_ENTRIES_MAX && self.bytes_with(entry_bytes) <= BATCH_BYTES_MAX
    }

    /// The batch's size with another entry of this many bytes.
    pub(super) fn bytes_with(&self, entry_bytes: usize) -> usize {
        BATCH_HEADER_BYTES + self.entries_bytes + entry_bytes
    }

    /// Adds an entry that has this many bytes and room.
    pub(super) fn push(&mut self, entry: WalEntry, entry_bytes: usize) {
        assert!(self.has_room_for(entry_bytes), "the caller flushed when there was no room");
        self.entries.push(entry);
        self.entries_bytes += entry_bytes;
    }

    /// Takes everything, as a batch.
    pub(super) fn take(&mut self) -> Option<Batch> {
        let Self { entries, .. } = std::mem::take(self);
        (!entries.is_empty()).then_some(Batch { version: Version, mark: Mark, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry::WalEvent;
    use super::*;
    use crate::timer::TimerKind;

    fn entry(round: u32) -> WalEntry {
        WalEntry::new(9, WalEvent::TimerElapsed { kind: TimerKind::Prevote, round })
    }

    fn batch(count: usize) -> Batch {
        Batch { version: Version, mark: Mark, entries: vec![entry(0); count] }
    }

    #[test]
    fn a_batch_has_at_least_one_entry_and_at_most_4096() {
        for count in [1, BATCH_ENTRIES_MAX] {
            assert_eq!(Batch::from_bytes(&batch(count).to_bytes()), Ok(batch(count)));
        }
        let refused = |count| Batch::from_bytes(&batch(count).to_bytes());
        assert!(matches!(refused(0), Err(DecodeError::TooFew { .. })));
        assert!(matches!(refused(BATCH_ENTRIES_MAX + 1), Err(DecodeError::TooMany { .. })));
    }

    #[test]
    fn a_batch_without_its_mark_is_none() {
        let mut bytes = batch(1).to_bytes();
        assert!(Batch::could_begin_with(&bytes));
        for at in 0..=MARK.len() {
            bytes[at] ^= 1;
            assert!(!Batch::could_begin_with(&bytes) && read_entries(&bytes).is_err());
            bytes[at] ^= 1;
        }
    }

    #[test]
    fn a_single_entry_of_the_layout_before_is_read() {
        assert_eq!(read_entries(&entry(3).to_bytes()), Ok(vec![entry(3)]));
    }

    #[test]
    fn what_waits_knows_the_size_of_its_batch() {
        let mut pending = Pending::default();
        assert_eq!(pending.take(), None);
        let mut expected_bytes = 0;
        for round in 0..3 {
            let entry_bytes = entry(round).to_bytes().len();
            expected_bytes = pending.bytes_with(entry_bytes);
            pending.push(entry(round), entry_bytes);
        }
        let taken = pending.take().expect("three entries");
        assert_eq!(taken.to_bytes().len(), expected_bytes);
        assert_eq!(taken.entries, [entry(0), entry(1), entry(2)]);
        assert_eq!(pending.bytes_with(0), BATCH_HEADER_BYTES);
    }

    #[test]
    fn what_waits_never_outgrows_a_batch() {
        let mut pending = Pending::default();
        let room = BATCH_BYTES_MAX - BATCH_HEADER_BYTES;
        assert!(pending.has_room_for(room) && !pending.has_room_for(room + 1));
        let entry_bytes = entry(0).to_bytes().len();
        for _ in 0..BATCH_ENTRIES_MAX {
            pending.push(entry(0), entry_bytes);
        }
        assert!(!pending.has_room_for(entry_bytes));
    }
}

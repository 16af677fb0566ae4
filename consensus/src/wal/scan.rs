//! Where a log ends: read before the log crate opens the file, which would skip checksums, take
//! thirteen zero bytes for an entry, and silently cut whatever follows an implausible length.
//!
//! ```text
//! file  = version u32 ‖ sequence u64 ‖ entry*                      (big-endian)
//! entry = flag u8 ‖ length u64 ‖ CRC-32 of data ‖ data
//! ```
//!
//! The first entry that is empty, foreign or torn ends the log: it was never flushed, so nothing
//! that depends on it has left. A *good* entry behind it says otherwise: then the file was damaged
//! after it was flushed, and the node must not guess.

use vouchsafe_types::canonical::Canonical;

use super::entry::WalEntry;
use super::error::{LogEnd, WalError};

/// Bytes before the first entry.
pub(super) const HEADER_BYTES: usize = 12;
/// Bytes of an entry before its data.
const ENTRY_HEADER_BYTES: usize = 13;
/// The file format's version, as the log crate writes it.
const FILE_VERSION: u32 = 1;

/// What a scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Bytes of the header and the good entries.
    pub(super) good_bytes: usize,
    /// Why the rest does not count, when there is a rest.
    pub(super) end: Option<LogEnd>,
}

/// Can this file hold no entry at all? True for a header that was torn when the file was made.
pub(super) fn holds_nothing(bytes: &[u8]) -> bool {
    bytes.len() < HEADER_BYTES || bytes.iter().all(|byte| *byte == 0)
}

/// Finds the end of the log in a file's bytes.
///
/// # Errors
/// [`WalError::NotALog`] for another file's header, [`WalError::DamagedInside`] for a bad entry
/// followed by a good one.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, WalError> {
    let version = bytes.first_chunk().map(|first| u32::from_be_bytes(*first));
    if version != Some(FILE_VERSION) || bytes.len() < HEADER_BYTES {
        return Err(WalError::NotALog);
    }
    let mut position = HEADER_BYTES;
    while position < bytes.len() {
        match read_entry(&bytes[position..]) {
            Ok(entry_bytes) => position += entry_bytes,
            Err(end) => {
                refuse_good_entry_after(bytes, position, end)?;
                return Ok(Scan { good_bytes: position, end: Some(end) });
            }
        }
    }
    Ok(Scan { good_bytes: position, end: None })
}

/// A damaged length hides where the next entry begins, so every later byte is tried.
fn refuse_good_entry_after(bytes: &[u8], bad: usize, end: LogEnd) -> Result<(), WalError> {
    match (bad + 1..bytes.len()).find(|at| read_entry(&bytes[*at..]).is_ok()) {
        None => Ok(()),
        Some(good) => {
            Err(WalError::DamagedInside { end, bad_offset_bytes: bad, good_offset_bytes: good })
        }
    }
}

/// The size of the good entry at the beginning of `bytes`.
fn read_entry(bytes: &[u8]) -> Result<usize, LogEnd> {
    let Some((header, rest)) = bytes.split_first_chunk::<ENTRY_HEADER_BYTES>() else {
        return Err(LogEnd::Torn);
    };
    let [flag, l0, l1, l2, l3, l4, l5, l6, l7, c0, c1, c2, c3] = *header;
    let length = u64::from_be_bytes([l0, l1, l2, l3, l4, l5, l6, l7]);
    let checksum = u32::from_be_bytes([c0, c1, c2, c3]);
    if length == 0 {
        return Err(LogEnd::Empty);
    }
    let data = match usize::try_from(length) {
        Ok(length) if length <= WalEntry::LIMIT_BYTES => rest.get(..length).ok_or(LogEnd::Torn)?,
        _ => return Err(LogEnd::Torn),
    };
    // Checksums cost most, so bytes that cannot be ours are turned away first: at most one byte
    // value in 256 begins an entry.
    if flag != 0 || !WalEntry::could_begin_with(data[0]) {
        return Err(if crc32(data) == checksum { LogEnd::Foreign } else { LogEnd::Torn });
    }
    if crc32(data) != checksum {
        return Err(LogEnd::Torn);
    }
    WalEntry::from_bytes(data).map_err(|_| LogEnd::Foreign)?;
    Ok(ENTRY_HEADER_BYTES + data.len())
}

/// CRC-32 (IEEE 802.3), as the log crate computes it.
fn crc32(data: &[u8]) -> u32 {
    let mut remainder = u32::MAX;
    for byte in data {
        remainder ^= u32::from(*byte);
        for _ in 0..8 {
            let divisor = if remainder & 1 == 1 { 0xedb8_8320 } else { 0 };
            remainder = (remainder >> 1) ^ divisor;
        }
    }
    !remainder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc32_of_ieee_802_3() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_header_that_was_never_whole_holds_nothing() {
        assert!(holds_nothing(&[]));
        assert!(holds_nothing(&[0, 0, 0, 1, 0, 0, 0]));
        assert!(holds_nothing(&[0; 64]));
        assert!(!holds_nothing(&[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    }
}

//! Where a log ends: read before the log crate opens the file, which would skip checksums, take
//! thirteen zero bytes for an entry, and silently cut whatever follows an implausible length.
//!
//! ```text
//! file  = version u32 ‖ sequence u64 ‖ frame*                      (big-endian)
//! frame = flag u8 ‖ length u64 ‖ CRC-32 of data ‖ data             (data: a batch)
//!
//! flushed   flushed   not flushed
//! ├─ good ──┼─ good ──┼─ torn, empty or foreign ─ end      cut there
//! ├─ good ──┼─ bad ───┼─ good ── …                         damaged inside
//! ```
//!
//! The first batch that is empty, foreign or torn ends the log: it was never flushed, so nothing
//! that depends on it has left. A *good* batch behind it says otherwise, because a batch is
//! written only after the one before it was synced: then the file was damaged after it was
//! flushed, and the node must not guess. Single entries, as versions before batches wrote them,
//! are read in their place, but prove no damage: those were not synced one by one.

use vouchsafe_types::canonical::Canonical;

use super::batch::{Batch, read_entries};
use super::error::{LogEnd, WalError};

/// Bytes before the first frame.
pub(super) const HEADER_BYTES: usize = 12;
/// Bytes of a frame before its data.
pub(super) const FRAME_HEADER_BYTES: usize = 13;
/// The file format's version, as the log crate writes it.
const FILE_VERSION: u32 = 1;

/// What a scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// Bytes of the header and the good batches.
    pub(super) good_bytes: usize,
    /// Why the rest does not count, when there is a rest.
    pub(super) end: Option<LogEnd>,
}

/// Can this file hold no batch at all? True for a header that was torn when the file was made.
pub(super) fn holds_nothing(bytes: &[u8]) -> bool {
    bytes.len() < HEADER_BYTES || bytes.iter().all(|byte| *byte == 0)
}

/// Finds the end of the log in a file's bytes.
///
/// # Errors
/// [`WalError::NotALog`] for another file's header, [`WalError::DamagedInside`] for a bad batch
/// followed by a good one.
pub(super) fn scan(bytes: &[u8]) -> Result<Scan, WalError> {
    let version = bytes.first_chunk().map(|first| u32::from_be_bytes(*first));
    if version != Some(FILE_VERSION) || bytes.len() < HEADER_BYTES {
        return Err(WalError::NotALog);
    }
    let mut position = HEADER_BYTES;
    while position < bytes.len() {
        match read_frame(&bytes[position..]) {
            Ok(frame_bytes) => position += frame_bytes,
            Err(end) => {
                refuse_good_batch_after(bytes, position, end)?;
                return Ok(Scan { good_bytes: position, end: Some(end) });
            }
        }
    }
    Ok(Scan { good_bytes: position, end: None })
}

/// A damaged length hides where the next batch begins, so every later byte is tried. Checksums
/// cost most: they are computed only where a batch's mark stands.
fn refuse_good_batch_after(bytes: &[u8], bad: usize, end: LogEnd) -> Result<(), WalError> {
    let is_good_batch = |at: &usize| {
        let rest = &bytes[*at..];
        let is_marked = rest.get(FRAME_HEADER_BYTES..).is_some_and(Batch::could_begin_with);
        is_marked && read_frame(rest).is_ok()
    };
    match (bad + 1..bytes.len()).find(is_good_batch) {
        None => Ok(()),
        Some(good) => {
            Err(WalError::DamagedInside { end, bad_offset_bytes: bad, good_offset_bytes: good })
        }
    }
}

/// The size of the good frame at the beginning of `bytes`.
fn read_frame(bytes: &[u8]) -> Result<usize, LogEnd> {
    let Some((header, rest)) = bytes.split_first_chunk::<FRAME_HEADER_BYTES>() else {
        return Err(LogEnd::Torn);
    };
    let [flag, l0, l1, l2, l3, l4, l5, l6, l7, c0, c1, c2, c3] = *header;
    let length = u64::from_be_bytes([l0, l1, l2, l3, l4, l5, l6, l7]);
    let checksum = u32::from_be_bytes([c0, c1, c2, c3]);
    if length == 0 {
        return Err(LogEnd::Empty);
    }
    let data = match usize::try_from(length) {
        Ok(length) if length <= Batch::LIMIT_BYTES => rest.get(..length).ok_or(LogEnd::Torn)?,
        _ => return Err(LogEnd::Torn),
    };
    if crc32(data) != checksum {
        return Err(LogEnd::Torn);
    }
    if flag != 0 || read_entries(data).is_err() {
        return Err(LogEnd::Foreign);
    }
    Ok(FRAME_HEADER_BYTES + data.len())
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

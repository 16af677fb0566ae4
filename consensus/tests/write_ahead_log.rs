//! The log's rules, on bytes: where it ends, and what stops the node.

mod network;

use network::faulty::FaultyDisk;
use network::raw::{HEADER_BYTES, framed};
use network::{Key, block};
use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::message::{PolkaCertificate, PolkaSignature};
use vouchsafe_consensus::sign_record::RecordStorage;
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::timer::TimerKind;
use vouchsafe_consensus::wal::{
    LogEnd, WAL_BYTES_MAX, Wal, WalEntry, WalError, WalEvent, WalFile, WalRecovery,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::vote::VoteKind;

const HEIGHT: u64 = 9;

fn entry(height: u64, round: u32) -> WalEntry {
    let vote = Key::new(1).vote(VoteKind::Prevote, height, round, Some(block("a")));
    WalEntry::new(height, WalEvent::Vote(vote))
}

/// A log of `HEIGHT` with three batches of an entry each.
fn three_batches() -> Vec<u8> {
    let file = MemoryFile::default();
    let mut wal = Wal::open(file.reopen()).expect("new").0;
    wal.reset(HEIGHT).expect("reset");
    for round in 0..3 {
        wal.append(&entry(HEIGHT, round)).expect("appended");
        wal.flush().expect("flushed");
    }
    file.content()
}

/// The log that these bytes are: its entries of `HEIGHT`, and what opening did.
fn open(bytes: &[u8]) -> Result<(Vec<WalEntry>, WalRecovery), WalError> {
    let (mut wal, recovery) = Wal::open(MemoryFile::of(bytes.to_vec()))?;
    Ok((wal.entries_for(HEIGHT)?, recovery))
}

/// How many of three entries these bytes hold, and why the log ended.
fn opened(bytes: &[u8]) -> (usize, Option<LogEnd>) {
    let (entries, recovery) = open(bytes).expect("a log");
    let expected: Vec<_> = (0..3).map(|round| entry(HEIGHT, round)).collect();
    assert_eq!(entries, expected[..entries.len()]);
    (entries.len(), recovery.end)
}

/// Where each of the three batches begins, and the end.
fn offsets(bytes: &[u8]) -> [usize; 4] {
    let frame_bytes = (bytes.len() - HEADER_BYTES) / 3;
    [0, 1, 2, 3].map(|index| HEADER_BYTES + index * frame_bytes)
}

#[test]
fn what_was_flushed_is_read_back_in_order() {
    let (entries, recovery) = open(&three_batches()).expect("whole");
    assert_eq!(entries.len(), 3);
    assert_eq!(recovery, WalRecovery::default());
}

#[test]
fn every_kind_of_entry_reads_back() {
    let key = Key::new(1);
    let events = [
        WalEvent::Vote(key.vote(VoteKind::Precommit, HEIGHT, 0, None)),
        WalEvent::Proposal(key.proposal(HEIGHT, 3, Some(1), block("a"))),
        WalEvent::TimerElapsed { kind: TimerKind::Prevote, round: 4 },
        WalEvent::Judged { round: 0, proposer: key.address(), block_id: block("a"), valid: true },
    ];
    for event in events {
        let entry = WalEntry::new(HEIGHT, event);
        assert_eq!(WalEntry::from_bytes(&entry.to_bytes()), Ok(entry));
    }
}

#[test]
fn a_torn_batch_ends_the_log_wherever_it_is_cut() {
    let bytes = three_batches();
    let [_, second, third, end] = offsets(&bytes);
    for cut in second + 1..end {
        let whole = if cut < third { 1 } else { 2 };
        let expected = if cut == third { None } else { Some(LogEnd::Torn) };
        assert_eq!(opened(&bytes[..cut]), (whole, expected), "cut at {cut}");
    }
}

#[test]
fn an_empty_batch_ends_the_log() {
    let mut bytes = three_batches();
    // What a file system leaves that extended the file, but wrote nothing: the log crate would
    // count an entry for every thirteen of these bytes.
    for zeros in [13, 26, 4096] {
        bytes.truncate(offsets(&three_batches())[3]);
        bytes.resize(bytes.len() + zeros, 0);
        assert_eq!(opened(&bytes), (3, Some(LogEnd::Empty)));
    }
}

#[test]
fn a_foreign_batch_ends_the_log() {
    let mut unknown_version = entry(HEIGHT, 3).to_bytes();
    unknown_version[0] = 3;
    for data in [b"hello".to_vec(), vec![1, 2, 3], vec![2, 2, 3], unknown_version] {
        let mut bytes = three_batches();
        bytes.extend(framed(&data));
        assert_eq!(opened(&bytes), (3, Some(LogEnd::Foreign)));
    }
}

#[test]
fn a_flipped_bit_in_the_last_batch_ends_the_log_before_it() {
    let bytes = three_batches();
    let [_, _, third, end] = offsets(&bytes);
    for at in third..end {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert_eq!(opened(&flipped).0, 2, "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_bad_batch_followed_by_a_good_one_stops_the_node_by_name() {
    let bytes = three_batches();
    let [_, second, third, _] = offsets(&bytes);
    for at in second..third {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        let error = open(&flipped).expect_err("damaged inside");
        let WalError::DamagedInside { bad_offset_bytes, good_offset_bytes, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((bad_offset_bytes, good_offset_bytes), (second, third));
    }
    // An empty and a foreign batch are bad ones too.
    for bad in [framed(b""), framed(b"hello")] {
        let mut inserted = bytes[..second].to_vec();
        inserted.extend(bad);
        inserted.extend_from_slice(&bytes[second..]);
        assert!(matches!(open(&inserted), Err(WalError::DamagedInside { .. })));
    }
}

#[test]
fn the_log_goes_on_after_its_end_was_cut() {
    let bytes = three_batches();
    let file = MemoryFile::of(bytes[..bytes.len() - 5].to_vec());
    let (mut wal, recovery) = Wal::open(file.reopen()).expect("cut");
    assert!(recovery.dropped_bytes > 0);
    assert!(file.is_synced());
    wal.append(&entry(HEIGHT, 2)).expect("appended");
    wal.flush().expect("flushed");
    assert_eq!(opened(&file.content()), (3, None));
}

#[test]
fn a_torn_header_is_a_new_log_and_is_said() {
    let bytes = three_batches();
    for cut in 1..HEADER_BYTES {
        let (entries, recovery) = open(&bytes[..cut]).expect("a new log");
        assert_eq!(entries, []);
        assert!(recovery.header_rebuilt);
    }
    assert!(open(&[0; 300]).expect("a new log").1.header_rebuilt);
}

#[test]
fn another_file_is_refused() {
    for bytes in [&b"#!/bin/sh\necho hello\n"[..], &[0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 9]] {
        assert!(matches!(open(bytes), Err(WalError::NotALog)));
    }
}

#[test]
fn entries_that_a_crash_during_a_reset_left_belong_to_no_other_height() {
    let before = three_batches();
    let file = MemoryFile::of(before.clone());
    let mut wal = Wal::open(file.reopen()).expect("whole").0;
    wal.reset(HEIGHT + 1).expect("reset");
    let after = file.content();
    // The sequence is written, the entries are not yet cut.
    let mut torn = before;
    torn[..HEADER_BYTES].copy_from_slice(&after);
    let (mut wal, recovery) = Wal::open(MemoryFile::of(torn)).expect("whole");
    assert_eq!((wal.height(), recovery), (HEIGHT + 1, WalRecovery::default()));
    assert_eq!(wal.entries_for(HEIGHT + 1).expect("readable"), []);
}

#[test]
fn a_reset_forgets_every_entry() {
    let file = MemoryFile::of(three_batches());
    let mut wal = Wal::open(file.reopen()).expect("whole").0;
    wal.reset(HEIGHT + 1).expect("reset");
    assert!(file.is_synced());
    assert_eq!(opened(&file.content()), (0, None));
}

#[test]
fn a_reset_forgets_what_was_not_flushed() {
    let file = MemoryFile::of(three_batches());
    let mut wal = Wal::open(file.reopen()).expect("whole").0;
    wal.append(&entry(HEIGHT, 3)).expect("appended");
    wal.reset(HEIGHT + 1).expect("reset");
    wal.flush().expect("nothing to flush");
    assert_eq!(file.content().len(), HEADER_BYTES);
}

#[test]
fn an_entry_of_another_height_is_not_appended() {
    let mut wal = Wal::open(MemoryFile::of(three_batches())).expect("whole").0;
    assert!(matches!(
        wal.append(&entry(HEIGHT + 1, 0)),
        Err(WalError::WrongHeight { log_height: HEIGHT, entry_height: 10 })
    ));
}

#[test]
fn an_entry_larger_than_any_valid_one_is_not_appended() {
    let key = Key::new(1);
    let signature = PolkaSignature { address: key.address(), signature: key.sign(b"") };
    let signatures = vec![signature; 300];
    let (height, round, block_id) = (HEIGHT, 0, block("a"));
    let polka = PolkaCertificate { height, round, block_id, signatures };
    let entry = WalEntry::new(HEIGHT, WalEvent::PolkaCertificate(polka));
    let mut wal = Wal::open(MemoryFile::of(three_batches())).expect("whole").0;
    assert!(matches!(wal.append(&entry), Err(WalError::EntryTooLarge { .. })));
}

#[test]
fn a_file_larger_than_any_log_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wal");
    let file = std::fs::File::create(&path).expect("created");
    file.set_len(WAL_BYTES_MAX + 1).expect("sparse");
    drop(file);
    let opened = Wal::open(WalFile::open(&path).expect("opened"));
    assert!(matches!(opened.err(), Some(WalError::TooLarge { .. })));
}

#[test]
fn a_batch_that_changes_after_it_was_checked_is_refused() {
    let mut file = MemoryFile::of(three_batches());
    let mut wal = Wal::open(file.reopen()).expect("whole").0;
    let last = file.content().len() - 1;
    file.write_at(last as u64, &[0xff]).expect("written");
    assert!(matches!(wal.entries_for(HEIGHT), Err(WalError::ChangedAfterCheck)));
}

#[test]
fn a_medium_that_fails_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(WalFile::open(folder.path()).is_err(), "a folder is no file");
    assert!(matches!(fails_at_the_sync().1, WalError::Storage(_)));
}

/// A log of one entry whose disk took a batch and failed to sync it, and the error.
fn fails_at_the_sync() -> (Wal<FaultyDisk>, WalError) {
    let (disk, plan) = FaultyDisk::of(&MemoryFile::of(three_batches()));
    let mut wal = Wal::open(disk).expect("whole").0;
    wal.append(&entry(HEIGHT, 3)).expect("appended");
    // Flag, length, checksum and data are written; the fifth act is the sync.
    plan.acts_left.set(Some(4));
    let error = wal.flush().expect_err("the sync failed");
    plan.acts_left.set(None);
    (wal, error)
}

#[test]
fn a_log_that_failed_to_write_takes_nothing_more() {
    let (mut wal, _) = fails_at_the_sync();
    assert!(matches!(wal.append(&entry(HEIGHT, 4)), Err(WalError::FailedBefore)));
    assert!(matches!(wal.flush(), Err(WalError::FailedBefore)));
    assert!(matches!(wal.reset(HEIGHT + 1), Err(WalError::FailedBefore)));
}

#[test]
fn a_log_on_a_real_disk_is_the_owners_alone_and_locked() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wal");
    let mut wal = Wal::open(WalFile::open(&path).expect("created")).expect("new").0;
    wal.reset(HEIGHT).expect("reset");
    wal.append(&entry(HEIGHT, 0)).expect("appended");
    wal.flush().expect("flushed");
    assert!(WalFile::open(&path).is_err(), "a second process is turned away");
    drop(wal);
    let mode = std::fs::metadata(&path).expect("it exists").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut wal = Wal::open(WalFile::open(&path).expect("unlocked")).expect("whole").0;
    assert_eq!(wal.entries_for(HEIGHT).expect("readable"), [entry(HEIGHT, 0)]);
}

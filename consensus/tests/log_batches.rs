//! Batches: what a flush writes as one, their bounds, and the layout that they replaced.

mod network;

use network::faulty::FaultyDisk;
use network::raw::{HEADER_BYTES, framed};
use network::{Key, block};
use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::message::{PolkaCertificate, PolkaSignature};
use vouchsafe_consensus::signer::Signer;
use vouchsafe_consensus::timer::TimerKind;
use vouchsafe_consensus::wal::{
    BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, LogEnd, WAL_BYTES_MAX, Wal, WalEntry, WalError, WalEvent,
};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::vote::VoteKind;

const HEIGHT: u64 = 9;

fn vote(round: u32, block_id: BlockId) -> WalEntry {
    let vote = Key::new(1).vote(VoteKind::Prevote, HEIGHT, round, Some(block_id));
    WalEntry::new(HEIGHT, WalEvent::Vote(vote))
}

fn votes(rounds: std::ops::Range<u32>) -> Vec<WalEntry> {
    rounds.map(|round| vote(round, block("a"))).collect()
}

fn timer(round: u32) -> WalEntry {
    WalEntry::new(HEIGHT, WalEvent::TimerElapsed { kind: TimerKind::Prevote, round })
}

/// A log with these batches, and where each begins.
fn log_of(batches: &[Vec<WalEntry>]) -> (MemoryFile, Vec<usize>) {
    let file = MemoryFile::default();
    let mut wal = Wal::open(file.reopen()).expect("new").0;
    wal.reset(HEIGHT).expect("reset");
    let mut offsets = Vec::new();
    for batch in batches {
        offsets.push(file.content().len());
        batch.iter().for_each(|entry| wal.append(entry).expect("appended"));
        wal.flush().expect("flushed");
    }
    (file, offsets)
}

/// The entries that these bytes hold, and why the log ended.
fn open(bytes: Vec<u8>) -> Result<(Vec<WalEntry>, Option<LogEnd>), WalError> {
    let (mut wal, recovery) = Wal::open(MemoryFile::of(bytes))?;
    Ok((wal.entries_for(HEIGHT)?, recovery.end))
}

/// A log of single entries, as versions before batches wrote them.
fn log_of_the_layout_before(entries: &[WalEntry]) -> Vec<u8> {
    let mut bytes = log_of(&[]).0.content();
    entries.iter().for_each(|entry| bytes.extend(framed(&entry.to_bytes())));
    bytes
}

#[test]
fn there_is_never_a_part_of_a_batch() {
    let bytes = log_of(&[votes(0..3)]).0.content();
    for cut in HEADER_BYTES + 1..bytes.len() {
        let (entries, end) = open(bytes[..cut].to_vec()).expect("torn");
        assert_eq!((entries, end), (vec![], Some(LogEnd::Torn)), "cut at {cut}");
    }
    assert_eq!(open(bytes).expect("whole"), (votes(0..3), None));
}

#[test]
fn damage_in_a_flushed_batch_before_another_is_refused_by_name() {
    let (file, offsets) = log_of(&[votes(0..1), votes(1..4), votes(4..6)]);
    for at in offsets[1]..offsets[2] {
        let mut bytes = file.content();
        bytes[at] ^= 0x10;
        let error = open(bytes).expect_err("damaged inside");
        let WalError::DamagedInside { bad_offset_bytes, good_offset_bytes, .. } = error else {
            panic!("{error}");
        };
        assert_eq!((bad_offset_bytes, good_offset_bytes), (offsets[1], offsets[2]));
    }
}

#[test]
fn a_block_id_that_reads_like_a_whole_entry_is_no_damage() {
    // Whoever votes chooses 32 bytes; an entry of the layout before batches fits into them.
    let mut chosen = framed(&timer(0).to_bytes());
    assert!(chosen.len() <= 32);
    chosen.resize(32, 0);
    let chosen = BlockId(Digest(chosen.try_into().expect("32 bytes")));
    let batch = vec![vote(0, chosen), vote(1, chosen)];
    let (file, offsets) = log_of(&[votes(0..2), batch]);
    let bytes = file.content();
    for cut in offsets[1] + 1..bytes.len() {
        assert_eq!(open(bytes[..cut].to_vec()).expect("torn"), (votes(0..2), Some(LogEnd::Torn)));
    }
    let mut zeros = bytes;
    zeros[offsets[1]..offsets[1] + 20].fill(0);
    assert_eq!(open(zeros).expect("empty"), (votes(0..2), Some(LogEnd::Empty)));
}

#[test]
fn a_flush_without_new_entries_neither_writes_nor_syncs() {
    let (disk, plan) = FaultyDisk::of(&log_of(&[votes(0..3)]).0);
    let mut wal = Wal::open(disk).expect("whole").0;
    let flush_without_acts = |wal: &mut Wal<FaultyDisk>| {
        let before = plan.acts.get();
        wal.flush().expect("nothing to do");
        assert_eq!(plan.acts.get(), before);
    };
    flush_without_acts(&mut wal);
    wal.append(&timer(0)).expect("appended");
    wal.flush().expect("flushed");
    flush_without_acts(&mut wal);
    wal.reset(HEIGHT + 1).expect("reset");
    flush_without_acts(&mut wal);
}

#[test]
fn a_batch_that_is_full_by_count_is_flushed_by_the_next_append() {
    let file = log_of(&[]).0;
    let mut wal = Wal::open(file.reopen()).expect("whole").0;
    let count = u32::try_from(BATCH_ENTRIES_MAX).expect("small");
    for round in 0..count {
        wal.append(&timer(round)).expect("appended");
    }
    assert_eq!(file.content().len(), HEADER_BYTES);
    wal.append(&timer(count)).expect("appended");
    assert!(file.is_synced());
    let expected: Vec<_> = (0..=count).map(timer).collect();
    assert_eq!(wal.entries_for(HEIGHT).expect("readable"), expected[..BATCH_ENTRIES_MAX]);
    wal.flush().expect("flushed");
    assert_eq!(open(file.content()).expect("whole"), (expected, None));
}

#[test]
fn a_batch_that_is_full_by_bytes_is_flushed_by_the_next_append() {
    let key = Key::new(1);
    let signature = PolkaSignature { address: key.address(), signature: key.sign(b"") };
    let signatures = vec![signature; 250];
    let polka = PolkaCertificate { height: HEIGHT, round: 0, block_id: block("a"), signatures };
    let large = WalEntry::new(HEIGHT, WalEvent::PolkaCertificate(polka));
    let fit = BATCH_BYTES_MAX / large.to_bytes().len();
    let file = log_of(&[]).0;
    let mut wal = Wal::open(file.reopen()).expect("whole").0;
    for _ in 0..fit {
        wal.append(&large).expect("appended");
    }
    assert_eq!(file.content().len(), HEADER_BYTES);
    wal.append(&large).expect("appended");
    assert!(file.is_synced() && file.content().len() > BATCH_BYTES_MAX / 2);
    wal.flush().expect("flushed");
    assert_eq!(open(file.content()).expect("whole"), (vec![large; fit + 1], None));
}

#[test]
fn entries_that_wait_count_towards_the_largest_log() {
    let file = log_of(&[]).0;
    let (disk, plan) = FaultyDisk::of(&file);
    let mut wal = Wal::open(disk).expect("whole").0;
    let two = log_of(&[votes(0..2)]).0.content().len() as u64;
    plan.claimed_bytes.set(WAL_BYTES_MAX - two);
    for entry in votes(0..2) {
        wal.append(&entry).expect("they fit exactly");
    }
    assert!(matches!(wal.append(&timer(0)), Err(WalError::TooLarge { .. })));
    wal.flush().expect("what was taken is flushed");
    assert_eq!(file.content().len() as u64, two);
}

#[test]
fn a_log_of_the_layout_before_batches_is_read_and_goes_on() {
    let file = MemoryFile::of(log_of_the_layout_before(&votes(0..3)));
    let (mut wal, recovery) = Wal::open(file.reopen()).expect("read");
    assert_eq!(recovery.end, None);
    assert_eq!(wal.entries_for(HEIGHT).expect("readable"), votes(0..3));
    votes(3..5).iter().for_each(|entry| wal.append(entry).expect("appended"));
    wal.flush().expect("flushed");
    let bytes = file.content();
    assert_eq!(open(bytes.clone()).expect("whole"), (votes(0..5), None));
    // Opening synced the old entries, so damage among them is known by the batch behind.
    let mut damaged = bytes;
    damaged[HEADER_BYTES + 30] ^= 1;
    assert!(matches!(open(damaged), Err(WalError::DamagedInside { .. })));
}

#[test]
fn a_bad_single_entry_of_the_layout_before_ends_the_log() {
    // A power cut could leave whole ones behind it: they are no sign of damage, and are dropped.
    // If a vote that left was among them, the sign record says so.
    let mut bytes = log_of_the_layout_before(&votes(0..3));
    let entry_bytes = (bytes.len() - HEADER_BYTES) / 3;
    bytes[HEADER_BYTES + entry_bytes + 20] ^= 1;
    assert_eq!(open(bytes).expect("cut"), (votes(0..1), Some(LogEnd::Torn)));
}

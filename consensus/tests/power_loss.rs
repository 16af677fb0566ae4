//! The log on a disk that may lose any of the pages that were not synced, at any moment.

mod network;

use network::faulty::FaultyDisk;
use network::{Key, block};
use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::wal::{Wal, WalEntry, WalEvent};
use vouchsafe_types::vote::VoteKind;

const HEIGHT: u64 = 9;

fn entry(height: u64, round: u32) -> WalEntry {
    let vote = Key::new(1).vote(VoteKind::Prevote, height, round, Some(block("a")));
    WalEntry::new(height, WalEvent::Vote(vote))
}

/// What the log must hold, and may hold, when the power goes.
#[derive(Default)]
struct Expected {
    height: u64,
    flushed: Vec<WalEntry>,
    appended: Vec<WalEntry>,
}

/// Resets the log and appends to it, in flushes of a few and of many entries. Returns whether the
/// disk lived to the end.
fn write_a_log(disk: FaultyDisk, expected: &mut Expected) -> bool {
    let Ok((mut wal, _)) = Wal::open(disk) else { return false };
    for height in [HEIGHT, HEIGHT + 1] {
        // From here on, everything before is committed elsewhere.
        *expected = Expected { height, ..Expected::default() };
        if wal.reset(height).is_err() {
            return false;
        }
        let mut rounds = 0..;
        for count in [3, 1, 12, 7] {
            for round in rounds.by_ref().take(count) {
                let entry = entry(height, round);
                expected.appended.push(entry.clone());
                if wal.append(&entry).is_err() {
                    return false;
                }
            }
            if wal.flush().is_err() {
                return false;
            }
            expected.flushed.clone_from(&expected.appended);
        }
    }
    true
}

/// Opens what a power cut left, and checks it; then that the log goes on from there.
fn check(left: &MemoryFile, expected: &Expected) {
    let (mut wal, _) = Wal::open(left.reopen()).expect("a crash is no damage");
    let height = expected.height;
    let entries = wal.entries_for(height).expect("readable");
    assert!(entries.starts_with(&expected.flushed), "every flushed entry is there");
    assert!(expected.appended.starts_with(&entries), "nothing else is, and in order");
    assert!(left.is_synced(), "what was read is durable");

    let height = wal.height();
    let mut entries = wal.entries_for(height).expect("readable");
    entries.push(entry(height, 99));
    wal.append(&entry(height, 99)).expect("appended");
    wal.flush().expect("flushed");
    let mut wal = Wal::open(left.reopen()).expect("whole").0;
    assert_eq!(wal.entries_for(height).expect("readable"), entries);
}

/// Every content that a power cut could leave: any subset of the pages written since the last
/// sync, and the length from before, from after, or up to any page that stayed.
fn every_outcome(file: &MemoryFile) -> Vec<MemoryFile> {
    let pages = file.unsynced_pages();
    assert!(pages.len() <= 10, "few enough pages for every subset");
    let mut outcomes = Vec::new();
    for kept in 0..1_u32 << pages.len() {
        let is_kept =
            |page| pages.iter().position(|p| *p == page).is_some_and(|i| kept >> i & 1 == 1);
        for length in file.possible_lengths() {
            outcomes.push(file.copy().lose_pages(length, is_kept));
        }
    }
    outcomes
}

#[test]
fn whatever_unsynced_pages_a_power_cut_takes_is_no_damage_and_every_flushed_entry_stays() {
    let (mut acts, mut outcomes) = (0, 0);
    loop {
        let file = MemoryFile::default();
        let (disk, plan) = FaultyDisk::of(&file);
        plan.acts_left.set(Some(acts));
        let mut expected = Expected::default();
        let lived = write_a_log(disk, &mut expected);
        for left in every_outcome(&file) {
            check(&left, &expected);
            outcomes += 1;
        }
        if lived {
            break;
        }
        acts += 1;
    }
    assert!(acts > 40 && outcomes > 1_000, "{acts} moments, {outcomes} outcomes");
}

#[test]
fn entries_that_were_not_flushed_are_not_on_the_disk() {
    let file = MemoryFile::default();
    let mut wal = Wal::open(file.reopen()).expect("new").0;
    wal.reset(HEIGHT).expect("reset");
    let before = file.content();
    for round in 0..50 {
        wal.append(&entry(HEIGHT, round)).expect("appended");
        assert!(file.content() == before && file.is_synced(), "so no page of it can be lost");
    }
    assert_eq!(wal.entries_for(HEIGHT).expect("readable"), []);
    wal.flush().expect("flushed");
    assert_eq!(wal.entries_for(HEIGHT).expect("readable").len(), 50);
}

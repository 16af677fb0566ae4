//! The node's own files as a crash, a failing disk or somebody's editor leaves them: the
//! write-ahead log and the sign record.

use vouchsafe_consensus::memory_file::MemoryFile;
use vouchsafe_consensus::sign_record::{
    SLOT_SPACING_BYTES, SignMark, SignRecord, SignRecordError, SignStep,
};
use vouchsafe_consensus::wal::{Wal, WalEntry};
use vouchsafe_types::canonical::Canonical as _;

use crate::fuzz::chain::Chain;
use crate::fuzz::target::{Answer, Prepared, Target, Verdict, must};

/// The file's header, and a frame's, in bytes (`consensus/src/wal/scan.rs`).
const HEADER_BYTES: usize = 12;
const FRAME_HEADER_BYTES: usize = 13;

/// The files.
pub(super) const TARGETS: [Target; 3] = [
    Target {
        name: "log-file",
        property: "a log that opens is cut, never changed, opens again with nothing to do, and \
                   takes more",
        everyday_inputs: 3_000,
        prepare: log_file,
    },
    Target {
        name: "log-tail",
        property: "whatever stands behind what was flushed: all of that is there, and nothing \
                   that was not appended",
        everyday_inputs: 3_000,
        prepare: log_tail,
    },
    Target {
        name: "sign-record",
        property: "the record names a mark that was written, or none if none was, or says that \
                   it is damaged; what is written next is read back",
        everyday_inputs: 3_000,
        prepare: sign_record,
    },
];

/// Entries of one height, as a node wrote them.
fn entries() -> Vec<WalEntry> {
    let all = Chain::grown().entries;
    let height = all.last().expect("a validator writes").height;
    all.into_iter().filter(|entry| entry.height == height).collect()
}

/// A log of some entries, flushed after each so many.
fn log_of(entries: &[WalEntry], flushed_every: usize) -> Vec<u8> {
    let medium = MemoryFile::default();
    let (mut wal, _) = Wal::open(medium.reopen()).expect("new");
    wal.reset(entries[0].height).expect("memory");
    for batch in entries.chunks(flushed_every) {
        batch.iter().for_each(|entry| wal.append(entry).expect("of this height"));
        wal.flush().expect("memory");
    }
    medium.content()
}

/// The log without batches, as versions before them wrote it.
fn log_of_singles(entries: &[WalEntry]) -> Vec<u8> {
    let mut bytes = log_of(&entries[..1], 1)[..HEADER_BYTES].to_vec();
    for entry in entries {
        let data = entry.to_bytes();
        bytes.push(0);
        bytes.extend_from_slice(&(data.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&crc32(&data).to_be_bytes());
        bytes.extend_from_slice(&data);
    }
    bytes
}

fn log_file() -> Prepared {
    let entries = entries();
    let seeds = vec![
        log_of(&entries, 1),
        log_of(&entries, 4),
        log_of(&entries, usize::MAX),
        log_of_singles(&entries),
    ];
    let next = entries[0].clone();
    Prepared {
        seeds,
        words: vec![vec![0; FRAME_HEADER_BYTES], vec![0; 512]],
        check: Box::new(move |input| {
            let answer = opened(input, &next)?;
            // What the checksums hide is looked at as well.
            opened(&with_right_checksums(input), &next)?;
            Ok(answer)
        }),
    }
}

fn opened(input: &[u8], next: &WalEntry) -> Verdict {
    let medium = MemoryFile::of(input.to_vec());
    let (mut wal, recovery) = match Wal::open(medium.reopen()) {
        Ok(opened) => opened,
        Err(error) => return Ok(Answer::Refused(error.to_string())),
    };
    let height = wal.height();
    let before = wal.entries_for(height).map_err(|error| error.to_string())?;
    let content = medium.content();
    if !recovery.header_rebuilt && !input.is_empty() {
        must(input.starts_with(&content), "opening changed what was not cut")?;
        let dropped = (input.len() - content.len()) as u64;
        must(dropped == recovery.dropped_bytes, "more or less was cut than is said")?;
    }
    drop(wal);
    let (mut wal, again) = Wal::open(medium.reopen()).map_err(|error| error.to_string())?;
    must(again.dropped_bytes == 0 && again.end.is_none(), "the second opening cuts again")?;
    let height_again = wal.height();
    must(height_again == height, "the second opening finds another height")?;
    let same = wal.entries_for(height).map_err(|error| error.to_string())?;
    must(same == before, "the second opening finds other entries")?;
    let entry = WalEntry::new(height, next.event.clone());
    wal.append(&entry).and_then(|()| wal.flush()).map_err(|error| error.to_string())?;
    drop(wal);
    let (mut wal, _) = Wal::open(medium.reopen()).map_err(|error| error.to_string())?;
    let after = wal.entries_for(height).map_err(|error| error.to_string())?;
    must(after.len() == before.len() + 1 && after.last() == Some(&entry), "an entry is lost")?;
    Ok(Answer::Read(format!("{recovery:?} {}", before.len())))
}

/// The same file, each frame's checksum put right.
fn with_right_checksums(input: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let mut at = HEADER_BYTES;
    while let Some(frame) = bytes.get(at..).filter(|rest| rest.len() > FRAME_HEADER_BYTES) {
        let length: [u8; 8] = frame[1..9].try_into().expect("eight bytes");
        let Ok(length) = usize::try_from(u64::from_be_bytes(length)) else { break };
        let Some(data) = frame[FRAME_HEADER_BYTES..].get(..length) else { break };
        let checksum = crc32(data).to_be_bytes();
        bytes[at + 9..at + FRAME_HEADER_BYTES].copy_from_slice(&checksum);
        at += FRAME_HEADER_BYTES + length;
    }
    bytes
}

/// CRC-32 (IEEE 802.3).
fn crc32(data: &[u8]) -> u32 {
    let step =
        |remainder: u32, _| (remainder >> 1) ^ if remainder & 1 == 1 { 0xedb8_8320 } else { 0 };
    !data.iter().fold(u32::MAX, |remainder, byte| (0..8).fold(remainder ^ u32::from(*byte), step))
}

/// The flushed part of a genuine log stays as it is; the input is what stands behind it.
fn log_tail() -> Prepared {
    let entries = entries();
    let flushed = entries.len() / 2;
    let all = log_of(&entries[..flushed], 3);
    let (height, whole) = (entries[0].height, log_of(&entries, flushed));
    // What a next flush of the other half would have written.
    let tail = &whole[log_of(&entries[..flushed], flushed).len()..];
    let page = |at: usize| [&vec![0; at.min(tail.len())], &tail[at.min(tail.len())..]].concat();
    let seeds = vec![
        tail.to_vec(),
        tail[..tail.len() / 2].to_vec(),
        page(512),
        page(FRAME_HEADER_BYTES),
        vec![0; 512],
        Vec::new(),
    ];
    Prepared {
        seeds,
        words: vec![vec![0; FRAME_HEADER_BYTES], vec![0; 512]],
        check: Box::new(move |input| {
            let bytes = [all.as_slice(), input].concat();
            let (mut wal, recovery) = match Wal::open(MemoryFile::of(bytes)) {
                Ok(opened) => opened,
                // The one refusal there may be: the tail holds a whole batch behind a bad one.
                Err(error) => return Ok(Answer::Refused(error.to_string())),
            };
            let found = wal.entries_for(height).map_err(|error| error.to_string())?;
            must(found.len() >= flushed, "an entry that was flushed is lost")?;
            must(found[..flushed] == entries[..flushed], "what was flushed has changed")?;
            let known = found.iter().all(|entry| entries.contains(entry));
            must(known, "an entry is found that nobody appended")?;
            Ok(Answer::Read(format!("{recovery:?} {}", found.len() > flushed)))
        }),
    }
}

fn marks() -> Vec<SignMark> {
    let steps = [SignStep::Propose, SignStep::Prevote, SignStep::Precommit];
    let mark = |number: u32| {
        let step = steps[number as usize % steps.len()];
        SignMark::of(5, number / 3, step, &number.to_le_bytes())
    };
    (0..6).map(mark).collect()
}

fn record_of(marks: &[SignMark]) -> Vec<u8> {
    let medium = MemoryFile::default();
    let mut record = SignRecord::load(medium.reopen()).expect("new");
    marks.iter().for_each(|mark| record.write(*mark).expect("in order"));
    medium.content()
}

fn sign_record() -> Prepared {
    let marks = marks();
    let new = record_of(&[]);
    let slot = usize::try_from(SLOT_SPACING_BYTES).expect("a page");
    Prepared {
        seeds: (0..=marks.len()).map(|count| record_of(&marks[..count])).collect(),
        words: vec![vec![0; 512], vec![0; slot]],
        check: Box::new(move |input| {
            let medium = MemoryFile::of(input.to_vec());
            let mut record = match SignRecord::load(medium.reopen()) {
                Ok(record) => record,
                Err(error @ SignRecordError::Damaged) => {
                    return Ok(Answer::Refused(error.to_string()));
                }
                Err(error) => return Err(error.to_string()),
            };
            let found = record.latest();
            if let Some(mark) = found {
                must(marks.contains(&mark), "a mark is found that was never written")?;
            } else {
                let zeros = input.iter().all(|byte| *byte == 0);
                let begun = [&new[..128], &new[slot..]];
                let holds = |slot: &[u8]| input.windows(128).any(|window| window == slot);
                must(zeros || begun.iter().any(|slot| holds(slot)), "what was signed is lost")?;
            }
            let next = SignMark::of(9, 0, SignStep::Propose, b"next");
            record.write(next).map_err(|error| error.to_string())?;
            let again = SignRecord::load(medium.reopen()).map_err(|error| error.to_string())?;
            must(again.latest() == Some(next), "what was written is not read back")?;
            let words = found.map_or("nothing".to_owned(), |mark| mark.step.to_string());
            Ok(Answer::Read(words))
        }),
    }
}

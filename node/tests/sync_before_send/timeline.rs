//! When which signed message was on which disk: read from the traces of all nodes' writes to
//! their logs and sign records.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use borsh::BorshDeserialize as _;
use vouchsafe_consensus::sign_record::{SignMark, SignStep};
use vouchsafe_consensus::wal::{Wal, WalEvent, WalFile};
use vouchsafe_types::identity::Address;
use vouchsafe_types::vote::VoteKind;

/// Bytes of the sign record's slot before its mark: version and sequence.
const SLOT_HEADER_BYTES: usize = 9;
/// What a batch of the log begins with (`consensus/src/wal/batch.rs`): version, then the mark.
const BATCH_BEGINNING: &[u8] =
    b"\x02vouchsafe write-ahead log: a batch of entries, whole or nothing.";

/// A signed message: who signed it, for which height, round and step, and its bytes.
type Signed = (Address, (u64, u32, SignStep), Vec<u8>);

/// One node's disk. Times are seconds since 1970, of the one clock that all traces have.
pub(crate) struct Timeline {
    address: Address,
    /// When the log's write began that held a message for the first time.
    logged: BTreeMap<Signed, f64>,
    /// When the sync of that write had ended.
    synced: BTreeMap<Signed, f64>,
    /// Marks of the sign record, with the time at which their sync had ended.
    recorded: Vec<((u64, u32, SignStep), f64)>,
}

/// What the comparison showed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Pairs of a message and a node that received it.
    pub(crate) compared: usize,
    /// Those of the first node's messages.
    pub(crate) compared_of_first: usize,
    /// The shortest time between the sync and the receiver's write, in milliseconds.
    pub(crate) shortest_ms: f64,
    /// What a receiver wrote before its signer's syncs had ended.
    pub(crate) early: Vec<String>,
}

/// One call of the trace.
struct Call<'a> {
    began: f64,
    ended: f64,
    name: &'a str,
    is_log: bool,
    data: Vec<u8>,
}

impl Timeline {
    /// Reads a node's trace; `folder` is for temporary files.
    pub(crate) fn read(trace: &Path, address: Address, folder: &Path) -> Self {
        let text = fs::read_to_string(trace).expect("the trace");
        let mut timeline = Self {
            address,
            logged: BTreeMap::new(),
            synced: BTreeMap::new(),
            recorded: Vec::new(),
        };
        let (mut written, mut marks) = (Vec::new(), Vec::new());
        for call in calls(&text) {
            match (call.is_log, call.name) {
                (true, "write" | "pwrite64") if call.data.starts_with(BATCH_BEGINNING) => {
                    for signed in batch(&call.data, folder) {
                        timeline.logged.entry(signed.clone()).or_insert(call.began);
                        written.push(signed);
                    }
                }
                (true, "fsync" | "fdatasync") => {
                    for signed in written.drain(..) {
                        timeline.synced.entry(signed).or_insert(call.ended);
                    }
                }
                (false, "write" | "pwrite64") => marks.extend(mark(&call.data)),
                (false, "fsync" | "fdatasync") => {
                    let ended = marks.drain(..).map(|mark: SignMark| (mark.position(), call.ended));
                    timeline.recorded.extend(ended);
                }
                _ => {}
            }
        }
        timeline
    }

    /// When a message of this node was safe: in the synced log, and in or before the synced mark.
    fn safe_at(&self, signed: &Signed) -> Option<f64> {
        let synced = *self.synced.get(signed)?;
        let mark = self.recorded.iter().find(|(position, _)| *position >= signed.1);
        mark.map(|(_, recorded)| recorded.max(synced))
    }
}

/// Holds every message that a node has against the syncs of whoever signed it.
pub(crate) fn violations(timelines: &[Timeline]) -> Report {
    let mut report = Report { shortest_ms: f64::INFINITY, ..Report::default() };
    for (at, signer) in timelines.iter().enumerate() {
        for (number, receiver) in timelines.iter().enumerate().filter(|(other, _)| *other != at) {
            for (signed, logged) in &receiver.logged {
                if signed.0 != signer.address {
                    continue;
                }
                report.compared += 1;
                report.compared_of_first += usize::from(at == 0);
                let place = format!("{:?} of node {at} at node {number}", signed.1);
                match signer.safe_at(signed) {
                    None => report.early.push(format!("{place}: never synced")),
                    Some(safe) => {
                        let gap_ms = (logged - safe) * 1000.0;
                        report.shortest_ms = report.shortest_ms.min(gap_ms);
                        if gap_ms < 0.0 {
                            report.early.push(format!("{place}: {gap_ms} ms"));
                        }
                    }
                }
            }
        }
    }
    report
}

/// The messages in one batch of the log.
fn batch(data: &[u8], folder: &Path) -> Vec<Signed> {
    // Behind version, mark and count, each entry begins with its version and its height.
    let height_at = BATCH_BEGINNING.len() + 4 + 1;
    let height = data[height_at..height_at + 8].try_into().expect("eight bytes");
    let height = u64::from_le_bytes(height);
    let mut file = [&1u32.to_be_bytes()[..], &height.to_be_bytes(), &[0]].concat();
    file.extend_from_slice(&(data.len() as u64).to_be_bytes());
    file.extend_from_slice(&crc32(data).to_be_bytes());
    file.extend_from_slice(data);
    let path = folder.join("batch");
    fs::write(&path, file).expect("our own file");
    let (mut wal, recovery) = Wal::open(WalFile::open(&path).expect("a file")).expect("a log");
    assert_eq!(recovery.dropped_bytes, 0, "a batch that a node wrote is whole");
    let entries = wal.entries_for(height).expect("readable");
    entries.into_iter().filter_map(|entry| signed(entry.event)).collect()
}

fn signed(event: WalEvent) -> Option<Signed> {
    match event {
        WalEvent::Vote(signed) => {
            let step = match signed.vote.kind {
                VoteKind::Prevote => SignStep::Prevote,
                VoteKind::Precommit => SignStep::Precommit,
            };
            let bytes = borsh::to_vec(&signed).expect("memory");
            let vote = signed.vote;
            Some((vote.address, (vote.height, vote.round, step), bytes))
        }
        WalEvent::Proposal(signed) => {
            let bytes = borsh::to_vec(&signed).expect("memory");
            let proposal = signed.proposal;
            let place = (proposal.height, proposal.round, SignStep::Propose);
            Some((proposal.address, place, bytes))
        }
        _ => None,
    }
}

fn mark(slot: &[u8]) -> Option<SignMark> {
    let mut rest = slot.get(SLOT_HEADER_BYTES..)?;
    Option::<SignMark>::deserialize(&mut rest).expect("a slot that a node wrote")
}

/// The calls of a trace, in the order in which they ended.
fn calls(text: &str) -> Vec<Call<'_>> {
    let mut begun: BTreeMap<&str, Call<'_>> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        // A thread's number is filled up with spaces to five places.
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let Some((time, rest)) = rest.trim_start().split_once(' ') else { continue };
        let rest = rest.trim();
        let Ok(time) = time.parse::<f64>() else { continue };
        if rest.starts_with("<... ") {
            let mut call = begun.remove(thread).expect("what is resumed began");
            // The time of this line is that of its end.
            call.ended = time;
            calls.push(call);
            continue;
        }
        let Some((name, arguments)) = rest.split_once('(') else { continue };
        let Some((_, file)) = arguments.split_once('<') else { continue };
        let file = unescaped(file.split_once('>').expect("a file's name ends").0);
        let is_log = file.ends_with(b"data/wal");
        let data = arguments.split('"').nth(1).map(unescaped).unwrap_or_default();
        let took = rest.rsplit_once('<').and_then(|(_, took)| took.strip_suffix('>'));
        let took: Option<f64> = took.and_then(|took| took.parse().ok());
        let call = Call { began: time, ended: time + took.unwrap_or(0.0), name, is_log, data };
        if rest.ends_with("<unfinished ...>") {
            begun.insert(thread, call);
        } else {
            calls.push(call);
        }
    }
    calls
}

/// Text in which bytes may stand as `\x2f`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte = match rest {
            [b'\\', b'x', high, low, ..] => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("digits");
                rest = &rest[4..];
                u8::from_str_radix(digits, 16).expect("digits")
            }
            _ => {
                rest = after;
                *first
            }
        };
        bytes.push(byte);
    }
    bytes
}

/// CRC-32 (IEEE 802.3), as the log's frames have it.
fn crc32(data: &[u8]) -> u32 {
    let step =
        |remainder: u32, _| (remainder >> 1) ^ if remainder & 1 == 1 { 0xedb8_8320 } else { 0 };
    !data.iter().fold(u32::MAX, |remainder, byte| (0..8).fold(remainder ^ u32::from(*byte), step))
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::hash::Digest;

    use super::*;

    const TRACE: &str = "7     100.5 write(5</h/data/wal>, \"\\x02\\x76\", 2) = 2 <0.000010>\n\
        7 100.6 fsync(5</h/data/wal> <unfinished ...>\n\
        8 100.7 write(6</h/data/sign-record>, \"\\x01\", 1) = 1 <0.000010>\n\
        7 100.9 <... fsync resumed>) = 0 (DELAYED) <0.300000>\n";

    #[test]
    fn a_call_ends_when_it_is_said_to_have_ended() {
        let calls = calls(TRACE);
        let read: Vec<_> = calls.iter().map(|call| (call.name, call.is_log)).collect();
        assert_eq!(read, [("write", true), ("write", false), ("fsync", true)]);
        assert_eq!(calls[0].data, [2, 0x76]);
        assert!(calls[2].began < 100.7 && calls[2].ended > 100.8);
    }

    fn timeline(number: u8) -> Timeline {
        let address = Address(Digest([number; 32]));
        let recorded = Vec::new();
        Timeline { address, logged: BTreeMap::new(), synced: BTreeMap::new(), recorded }
    }

    #[test]
    fn what_another_has_before_it_is_synced_is_early() {
        let (mut signer, mut receiver) = (timeline(1), timeline(2));
        let place = (3, 0, SignStep::Prevote);
        let signed = (signer.address, place, vec![7]);
        receiver.logged.insert(signed.clone(), 10.0);
        let early = |signer: Timeline, receiver: Timeline| {
            let report = violations(&[signer, receiver]);
            (report.compared, report.early.len())
        };
        let copy = |one: &Timeline| Timeline {
            address: one.address,
            logged: one.logged.clone(),
            synced: one.synced.clone(),
            recorded: one.recorded.clone(),
        };
        assert_eq!(early(copy(&signer), copy(&receiver)), (1, 1), "never synced");
        signer.synced.insert(signed, 9.0);
        assert_eq!(early(copy(&signer), copy(&receiver)), (1, 1), "not in the record");
        signer.recorded.push((place, 9.5));
        assert_eq!(early(copy(&signer), copy(&receiver)), (1, 0), "synced before");
        signer.recorded[0].1 = 10.5;
        assert_eq!(early(copy(&signer), copy(&receiver)), (1, 1), "recorded after");
    }
}

//! The last thing this validator signed, in a file of its own.
//!
//! A write-ahead log can be lost, cut short or restored from an old copy; whoever then votes again
//! may contradict a vote that others hold. The record survives apart from the log and names the
//! newest message that was signed. It is synced before any signature leaves, and after the log: a
//! crash between the two leaves the log ahead, never the record.
//!
//! ```text
//! offset 0     ┌ slot 0: payload (96 bytes, zero-padded) ‖ SHA-256 of tag and payload ┐
//! offset 4096  └ slot 1: the same; written in turn, the higher sequence wins          ┘
//! ```
//!
//! Only the older slot is ever overwritten and the two share no disk sector, so that a torn write
//! leaves the newer one whole. A torn write was never synced: what it named has not left.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::hash::{Digest, sha256};
use vouchsafe_types::vote::{Proposal, Vote, VoteKind};

/// Bytes between the beginnings of the two slots: a page, so that they share no disk sector.
pub const SLOT_SPACING_BYTES: u64 = 4096;
/// Bytes in a slot's payload.
const PAYLOAD_BYTES: usize = 96;
/// Bytes in a slot: payload and checksum.
const SLOT_BYTES: usize = PAYLOAD_BYTES + 32;
/// Separates the checksum from every other use of SHA-256.
const CHECKSUM_TAG: &[u8] = b"vouchsafe-sign-record-v1";

/// The step of a round in which a message is signed, in the order a correct validator signs them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum SignStep {
    /// A proposal.
    Propose,
    /// A prevote.
    Prevote,
    /// A precommit.
    Precommit,
}

impl std::fmt::Display for SignStep {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Propose => "proposal",
            Self::Prevote => "prevote",
            Self::Precommit => "precommit",
        })
    }
}

/// What was signed: where, and the SHA-256 of the signed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignMark {
    /// The message's height.
    pub height: u64,
    /// The message's round.
    pub round: u32,
    /// The message's step.
    pub step: SignStep,
    /// SHA-256 of the message's preimage.
    pub message_hash: Digest,
}

/// Why a message must not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignRefusal {
    /// Another message was signed for the same height, round and step.
    #[error(
        "refusing to sign a second, different {step} at height {height}, round {round}: it would \
         be a double-sign; stop any other node that uses this consensus key, then report this"
    )]
    Conflict {
        /// The height of both messages.
        height: u64,
        /// The round of both messages.
        round: u32,
        /// The step of both messages.
        step: SignStep,
    },
    /// A message for a later step was signed already.
    #[error(
        "refusing to sign a {step} at height {height}, round {round}: the {signed_step} at height \
         {signed_height}, round {signed_round} was signed before; restore the newest data folder \
         of this validator"
    )]
    Regression {
        /// The height asked for.
        height: u64,
        /// The round asked for.
        round: u32,
        /// The step asked for.
        step: SignStep,
        /// The height already signed.
        signed_height: u64,
        /// The round already signed.
        signed_round: u32,
        /// The step already signed.
        signed_step: SignStep,
    },
}

impl SignMark {
    /// The mark of a message with this preimage.
    #[must_use]
    pub fn of(height: u64, round: u32, step: SignStep, preimage: &[u8]) -> Self {
        Self { height, round, step, message_hash: sha256(&[preimage]) }
    }

    /// The mark of a vote; `preimage` is what its signature covers.
    #[must_use]
    pub fn of_vote(vote: &Vote, preimage: &[u8]) -> Self {
        let step = match vote.kind {
            VoteKind::Prevote => SignStep::Prevote,
            VoteKind::Precommit => SignStep::Precommit,
        };
        Self::of(vote.height, vote.round, step, preimage)
    }

    /// The mark of a proposal; `preimage` is what its signature covers.
    #[must_use]
    pub fn of_proposal(proposal: &Proposal, preimage: &[u8]) -> Self {
        Self::of(proposal.height, proposal.round, SignStep::Propose, preimage)
    }

    /// The order in which marks may follow each other.
    #[must_use]
    pub fn position(&self) -> (u64, u32, SignStep) {
        (self.height, self.round, self.step)
    }

    /// May `next` be signed after this?
    ///
    /// # Errors
    /// [`SignRefusal::Conflict`] for another message in the same place, and
    /// [`SignRefusal::Regression`] for an earlier place.
    pub fn check_next(&self, next: &Self) -> Result<(), SignRefusal> {
        if next.position() > self.position() {
            return Ok(());
        }
        let (height, round, step) = next.position();
        if next.position() < self.position() {
            let (signed_height, signed_round, signed_step) = self.position();
            return Err(SignRefusal::Regression {
                height,
                round,
                step,
                signed_height,
                signed_round,
                signed_step,
            });
        }
        if next.message_hash == self.message_hash {
            Ok(())
        } else {
            Err(SignRefusal::Conflict { height, round, step })
        }
    }
}

/// What the record is kept on; real files are [`RecordFile`](crate::record_file::RecordFile).
pub trait RecordStorage {
    /// Everything that is stored; empty when nothing was written yet.
    ///
    /// # Errors
    /// Whatever the medium reports.
    fn read_all(&mut self) -> io::Result<Vec<u8>>;

    /// Writes `bytes` at `offset_bytes`, extending the medium when it is shorter.
    ///
    /// # Errors
    /// Whatever the medium reports.
    fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything written is durable.
    ///
    /// # Errors
    /// Whatever the medium reports.
    fn sync(&mut self) -> io::Result<()>;
}

/// Why the record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SignRecordError {
    /// The medium failed.
    #[error("the sign record cannot be read or written: {0}; free space or replace the disk")]
    Storage(#[from] io::Error),
    /// Neither slot holds a record.
    #[error(
        "the sign record is damaged in both of its slots: what this validator signed last is \
         unknown; restore the file, or wait until the network has passed the height this \
         validator last voted at, and only then remove it"
    )]
    Damaged,
    /// The record would go back or contradict itself.
    #[error(transparent)]
    Refused(#[from] SignRefusal),
}

/// One slot's payload.
#[derive(BorshSerialize, BorshDeserialize)]
struct Slot {
    version: Version<1>,
    sequence: u64,
    mark: Option<SignMark>,
}

impl Slot {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = borsh::to_vec(self).expect("writing to memory cannot fail");
        assert!(bytes.len() <= PAYLOAD_BYTES, "a slot's payload has a fixed, smaller size");
        bytes.resize(PAYLOAD_BYTES, 0);
        let checksum = sha256(&[CHECKSUM_TAG, &bytes]);
        bytes.extend_from_slice(checksum.as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (payload, checksum) = bytes.get(..SLOT_BYTES)?.split_at(PAYLOAD_BYTES);
        if sha256(&[CHECKSUM_TAG, payload]).as_bytes() != checksum {
            return None;
        }
        let mut rest = payload;
        let slot = Self::deserialize(&mut rest).ok()?;
        rest.iter().all(|byte| *byte == 0).then_some(slot)
    }
}

/// The record, with the slot that is written next.
pub struct SignRecord<S> {
    storage: S,
    latest: Option<SignMark>,
    sequence: u64,
    next_slot: u64,
}

impl<S: RecordStorage> SignRecord<S> {
    /// Reads the record, or begins one on an empty medium.
    ///
    /// # Errors
    /// [`SignRecordError::Damaged`] when bytes are there but no slot is whole, and
    /// [`SignRecordError::Storage`] when the medium fails.
    pub fn load(mut storage: S) -> Result<Self, SignRecordError> {
        let bytes = storage.read_all()?;
        // Nothing but zeros: created, but a crash came before the first slots were synced.
        if bytes.iter().all(|byte| *byte == 0) {
            return Self::begin(storage);
        }
        let slots = [0, 1].map(|slot: u64| {
            let offset = usize::try_from(slot * SLOT_SPACING_BYTES).expect("two pages fit");
            bytes.get(offset..).and_then(Slot::from_bytes)
        });
        let [first, second] = slots;
        let (slot, next_slot) = match (first, second) {
            (Some(first), Some(second)) if first.sequence > second.sequence => (first, 1),
            (_, Some(second)) => (second, 0),
            (Some(first), None) => (first, 1),
            (None, None) => return Err(SignRecordError::Damaged),
        };
        Ok(Self { storage, latest: slot.mark, sequence: slot.sequence, next_slot })
    }

    /// Writes both slots, so that from here on two damaged slots are damage and not novelty.
    fn begin(storage: S) -> Result<Self, SignRecordError> {
        let mut record = Self { storage, latest: None, sequence: 0, next_slot: 0 };
        record.write_slot(None)?;
        record.write_slot(None)?;
        Ok(record)
    }

    fn write_slot(&mut self, mark: Option<SignMark>) -> Result<(), SignRecordError> {
        let slot = Slot { version: Version, sequence: self.sequence + 1, mark };
        self.storage.write_at(self.next_slot * SLOT_SPACING_BYTES, &slot.to_bytes())?;
        self.storage.sync()?;
        self.latest = mark;
        self.sequence += 1;
        self.next_slot = 1 - self.next_slot;
        Ok(())
    }

    /// The newest mark, if this validator ever signed.
    #[must_use]
    pub fn latest(&self) -> Option<SignMark> {
        self.latest
    }

    /// Makes `mark` durable; the signature it stands for may leave once this returns.
    ///
    /// # Errors
    /// [`SignRecordError::Refused`] when the mark contradicts or precedes the newest one, and
    /// [`SignRecordError::Storage`] when the medium fails.
    pub fn write(&mut self, mark: SignMark) -> Result<(), SignRecordError> {
        if let Some(latest) = self.latest {
            latest.check_next(&mark)?;
            if latest == mark {
                return Ok(());
            }
        }
        self.write_slot(Some(mark))
    }

    /// Gives the medium back.
    #[must_use]
    pub fn into_storage(self) -> S {
        self.storage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Memory(Vec<u8>);

    impl RecordStorage for Memory {
        fn read_all(&mut self) -> io::Result<Vec<u8>> {
            Ok(self.0.clone())
        }
        fn write_at(&mut self, offset_bytes: u64, bytes: &[u8]) -> io::Result<()> {
            let offset = usize::try_from(offset_bytes).expect("small");
            if self.0.len() < offset + bytes.len() {
                self.0.resize(offset + bytes.len(), 0);
            }
            self.0[offset..offset + bytes.len()].copy_from_slice(bytes);
            Ok(())
        }
        fn sync(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn mark(height: u64, round: u32, step: SignStep, content: u8) -> SignMark {
        SignMark::of(height, round, step, &[content])
    }

    fn written(marks: &[SignMark]) -> Vec<u8> {
        let mut record = SignRecord::load(Memory::default()).expect("new");
        for mark in marks {
            record.write(*mark).expect("in order");
        }
        record.into_storage().0
    }

    #[test]
    fn a_new_record_is_empty_and_a_written_one_returns_its_newest_mark() {
        let record = SignRecord::load(Memory::default()).expect("new");
        assert_eq!(record.latest(), None);
        let marks = [
            mark(1, 0, SignStep::Propose, 1),
            mark(1, 0, SignStep::Prevote, 2),
            mark(1, 0, SignStep::Precommit, 3),
            mark(1, 1, SignStep::Propose, 4),
            mark(2, 0, SignStep::Prevote, 5),
        ];
        for count in 0..=marks.len() {
            let bytes = written(&marks[..count]);
            let record = SignRecord::load(Memory(bytes)).expect("whole");
            assert_eq!(record.latest(), count.checked_sub(1).map(|last| marks[last]));
        }
    }

    #[test]
    fn a_torn_write_leaves_the_mark_before_it() {
        let first = mark(7, 0, SignStep::Prevote, 1);
        let second = mark(7, 0, SignStep::Precommit, 2);
        let before = written(&[first]);
        let after = written(&[first, second]);
        for cut in 1..SLOT_BYTES {
            let mut torn = before.clone();
            let offset = (0..2)
                .map(|slot| slot * usize::try_from(SLOT_SPACING_BYTES).expect("small"))
                .find(|at| before[*at..at + SLOT_BYTES] != after[*at..at + SLOT_BYTES])
                .expect("one slot changed");
            torn[offset..offset + cut].copy_from_slice(&after[offset..offset + cut]);
            let latest = SignRecord::load(Memory(torn)).expect("one slot is whole").latest();
            assert!(latest == Some(first) || latest == Some(second), "cut {cut}");
        }
    }

    #[test]
    fn two_damaged_slots_are_refused() {
        let mut bytes = written(&[mark(7, 0, SignStep::Prevote, 1)]);
        bytes[20] ^= 1;
        assert!(SignRecord::load(Memory(bytes.clone())).is_ok());
        bytes[usize::try_from(SLOT_SPACING_BYTES).expect("small") + 20] ^= 1;
        assert!(matches!(SignRecord::load(Memory(bytes)), Err(SignRecordError::Damaged)));
    }

    #[test]
    fn a_file_of_zeros_or_of_no_bytes_is_a_new_record() {
        for length in [0, 5, 4096, 8192] {
            let record = SignRecord::load(Memory(vec![0; length])).expect("new");
            assert_eq!(record.latest(), None);
        }
    }

    #[test]
    fn a_medium_that_fails_is_named_and_the_mark_does_not_count_as_written() {
        struct Full(Memory);
        impl RecordStorage for Full {
            fn read_all(&mut self) -> io::Result<Vec<u8>> {
                self.0.read_all()
            }
            fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn sync(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut record = SignRecord::load(Full(Memory(written(&[])))).expect("whole");
        let refused = record.write(mark(1, 0, SignStep::Prevote, 1));
        assert!(matches!(refused, Err(SignRecordError::Storage(_))));
        assert_eq!(record.latest(), None);
    }

    #[test]
    fn a_second_message_for_the_same_step_is_refused() {
        let mut record = SignRecord::load(Memory::default()).expect("new");
        let signed = mark(3, 1, SignStep::Prevote, 1);
        record.write(signed).expect("first");
        record.write(signed).expect("the same again");
        let other = mark(3, 1, SignStep::Prevote, 2);
        assert!(matches!(
            record.write(other),
            Err(SignRecordError::Refused(SignRefusal::Conflict { height: 3, round: 1, .. }))
        ));
        assert_eq!(record.latest(), Some(signed));
    }

    #[test]
    fn an_earlier_step_round_or_height_is_refused() {
        let signed = mark(3, 1, SignStep::Prevote, 1);
        for earlier in [
            mark(3, 1, SignStep::Propose, 1),
            mark(3, 0, SignStep::Precommit, 1),
            mark(2, 9, SignStep::Precommit, 1),
        ] {
            assert!(matches!(signed.check_next(&earlier), Err(SignRefusal::Regression { .. })));
        }
    }
}

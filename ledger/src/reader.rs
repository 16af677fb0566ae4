//! The read path: answers with their proofs, from any thread, while blocks are committed.
//!
//! ```text
//! view of height h ── tree: what hash stands at a key ──┐
//!                                                       ├─ equal: the answer is of height h
//! store, perhaps at h + 1 already ── record at the key ─┘  else: take the view of h + 1, again
//! ```

use std::sync::Arc;
use std::time::Duration;

use vouchsafe_types::hash::Digest;
use vouchsafe_types::proof::{PROOF_BYTES_MAX, PROOF_EVENTS_MAX};
use vouchsafe_types::record::{
    AssetRecord, LogHead, OrganizationRecord, SignerRecord, StateName, value_hash,
};
use vouchsafe_types::set_change::SET_CHANGES_MAX;
use vouchsafe_types::state_tree::{StateLeaf, StateProof, StateProofError};

use crate::at_hand::{AtHand, ReadAtHand};
use crate::store::{StoreError, StoreRead};
use crate::view::{Published, View};

/// How often an answer is begun, again each time that a block was committed meanwhile.
const ATTEMPTS_MAX: u32 = 10;
/// How long an attempt waits for the view of a block that the store holds already.
const VIEW_WAIT: Duration = Duration::from_secs(1);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing is certified yet.
    #[error("no block is committed yet, so nothing can be proven: ask again shortly")]
    NoBlockYet,
    /// Too few, too many or repeated names were asked for.
    #[error(transparent)]
    Names(#[from] StateProofError),
    /// A kind of record without a log was asked for its log.
    #[error("only assets, signers and organizations have a history")]
    NoLog,
    /// An asset has more events than a proof file holds.
    #[error(
        "the asset has {count} events, more than the {PROOF_EVENTS_MAX} of a proof file: ask for \
         its proof without them, and for its log in pages"
    )]
    TooManyEvents {
        /// How many it has.
        count: u64,
    },
    /// The validator set changed more often than a proof file can tell.
    #[error(
        "the validator set changed more than {SET_CHANGES_MAX} times: a proof file holds no more"
    )]
    TooManyChanges,
    /// A proof file would be too long.
    #[error("the proof has {length_bytes} bytes, more than the {PROOF_BYTES_MAX} of a proof file")]
    LongProof {
        /// How long it is, in bytes.
        length_bytes: u64,
    },
    /// The store is ahead of the newest view.
    #[error(
        "the database is ahead of height {height}, the newest that this node shows: the node is \
         overloaded or stops; ask again or ask another node"
    )]
    Stalled {
        /// The newest view's height.
        height: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What stands under some names, and the proof of it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The height at which this is so.
    pub height: u64,
    /// The header's canonical bytes.
    pub header: Arc<[u8]>,
    /// The certificate's canonical bytes.
    pub certificate: Arc<[u8]>,
    /// The records' canonical bytes, in the order of the names; none where there is none.
    pub records: Vec<Option<Vec<u8>>>,
    /// The proof of all of them.
    pub proof: StateProof,
}

/// A part of a record's log.
#[derive(Clone, Debug)]
pub struct History {
    /// The record, proven.
    pub answer: Answer,
    /// How many entries the log has at the answer's height.
    pub count: u64,
    /// The entries from the index asked for.
    pub entries: Vec<Vec<u8>>,
}

/// Reads what is committed. A clone shares everything; its calls block on the disk.
pub struct Reader<S> {
    store: S,
    published: Arc<Published>,
}

impl<S: Clone> Clone for Reader<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), published: Arc::clone(&self.published) }
    }
}

impl<S: StoreRead> Reader<S> {
    pub(crate) fn new(store: S, published: Arc<Published>) -> Self {
        Self { store, published }
    }

    /// The newest committed block.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        self.published.newest()
    }

    /// The store, which may be one block ahead of [`Reader::view`].
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// What stands under 1 to 1,024 distinct names, with one proof.
    ///
    /// # Errors
    /// One [`ReadError`] for each cause.
    pub fn status(&self, names: &[StateName]) -> Result<Answer, ReadError> {
        let keys: Vec<Digest> = names.iter().map(StateName::key).collect();
        let read = |leaf: &StateLeaf| {
            let stored = self.store.record(leaf)?;
            Ok(AtHand::Known(stored.map(|stored| stored.record)))
        };
        let mut view = self.view();
        for _ in 0..ATTEMPTS_MAX {
            let differing = match attempt(&view, &keys, read)? {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Stopped(key) => key,
            };
            let height = view.height;
            if self.store.head_height()? <= height {
                let text = format!("the record {differing} is not the one in the state tree");
                return Err(StoreError::Corrupt(text).into());
            }
            let newer = self.published.await_after(height, VIEW_WAIT);
            view = newer.ok_or(ReadError::Stalled { height })?;
        }
        Err(ReadError::Stalled { height: view.height })
    }

    /// The same from memory alone: it never waits, neither for a disk nor for a view. None when the
    /// disk must be asked, or the store is ahead of the view: [`Reader::status`] knows what to do.
    ///
    /// # Errors
    /// One [`ReadError`] for each cause.
    pub fn status_at_hand(&self, names: &[StateName]) -> Result<Option<Answer>, ReadError>
    where
        S: ReadAtHand,
    {
        let keys: Vec<Digest> = names.iter().map(StateName::key).collect();
        match attempt(&self.view(), &keys, |leaf| self.store.record_at_hand(leaf))? {
            Attempt::Answered(answer) => Ok(Some(answer)),
            Attempt::Stopped(_) => Ok(None),
        }
    }

    /// Up to `limit` entries of the log of an asset, a signer or an organization, from an index on.
    /// Without a record there are none.
    ///
    /// # Errors
    /// One [`ReadError`] for each cause.
    pub fn history(&self, name: &StateName, from: u64, limit: usize) -> Result<History, ReadError> {
        if matches!(name, StateName::Validators | StateName::Evidence(_)) {
            return Err(ReadError::NoLog);
        }
        let answer = self.status(std::slice::from_ref(name))?;
        let Some(record) = &answer.records[0] else {
            return Ok(History { answer, count: 0, entries: Vec::new() });
        };
        let leaf = StateLeaf { key: name.key(), value_hash: value_hash(record) };
        let count = log_head(name, record)?.count;
        // The log may have grown since: what follows the proven count is not part of the answer.
        let remaining = count.saturating_sub(from).min(limit as u64);
        let remaining = usize::try_from(remaining).expect("at most the limit, which is a usize");
        let entries = self.store.log_entries(&leaf, from, remaining)?;
        if entries.len() != remaining {
            return Err(StoreError::Corrupt(format!("the log of {name:?} has gaps")).into());
        }
        Ok(History { answer, count, entries })
    }
}

/// What became of a question to one view.
enum Attempt {
    /// The store holds what the view's tree says.
    Answered(Answer),
    /// It holds something else at this key, or must ask its disk.
    Stopped(Digest),
}

/// Asks one view: its tree proves, and the records come from the store.
fn attempt(
    view: &View,
    keys: &[Digest],
    read: impl Fn(&StateLeaf) -> Result<AtHand, StoreError>,
) -> Result<Attempt, ReadError> {
    let (Some(header), Some(certificate)) = (&view.header, &view.certificate) else {
        return Err(ReadError::NoBlockYet);
    };
    let proof = view.tree.prove(keys)?;
    let mut records = Vec::with_capacity(keys.len());
    for key in keys {
        let Some(expected) = view.tree.get(key) else {
            records.push(None);
            continue;
        };
        match read(&StateLeaf { key: *key, value_hash: expected })? {
            AtHand::Known(Some(record)) if value_hash(&record) == expected => {
                records.push(Some(record));
            }
            _ => return Ok(Attempt::Stopped(*key)),
        }
    }
    Ok(Attempt::Answered(Answer {
        height: view.height,
        header: Arc::clone(header),
        certificate: Arc::clone(certificate),
        records,
        proof,
    }))
}

/// The log that a record commits to.
fn log_head(name: &StateName, record: &[u8]) -> Result<LogHead, StoreError> {
    use borsh::BorshDeserialize as _;
    let head = match name {
        StateName::Asset(_) => AssetRecord::try_from_slice(record).map(|record| record.events),
        StateName::Signer(_) => SignerRecord::try_from_slice(record).map(|record| record.activity),
        _ => OrganizationRecord::try_from_slice(record).map(|record| record.activity),
    };
    head.map_err(|error| StoreError::Corrupt(format!("the record of {name:?}: {error}")))
}

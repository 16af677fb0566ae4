//! A whole log, page by page, in constant memory, and proof that it is whole.
//!
//! ```text
//! record (proven) ── count, root ──────────────┐
//! node ── page ── page ── page ─▶ leaf hashes ─┴▶ RFC 9162 root equal? ─▶ the entries are facts
//! ```
//!
//! The entries go into a collector while they arrive; the collector comes back only if the root
//! is right, so nothing unproven can be looked at.

use vouchsafe_proto::v1::PAGE_ENTRIES_MAX;
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::log::{Frontier, leaf_hash};
use vouchsafe_types::record::{LogHead, StateName};
use vouchsafe_types::verifier::{ProofError, decode};

use crate::answer::{AnswerError, CouldNotCheck, Lie};
use crate::node_client::NodeClient;
use crate::progress::Progress;

/// What becomes of a log's entries.
pub trait Collect<T> {
    /// Takes the entry at an index, in order.
    fn take(&mut self, index: u64, entry: T);
}

/// The last entries of a log.
#[derive(Clone, Debug)]
pub struct Last<T> {
    most: usize,
    entries: std::collections::VecDeque<(u64, T)>,
}

impl<T> Last<T> {
    /// Keeps so many at most.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, entries: std::collections::VecDeque::new() }
    }

    /// The last entries and their indices, in order.
    pub fn into_entries(self) -> impl Iterator<Item = (u64, T)> {
        self.entries.into_iter()
    }
}

impl<T> Collect<T> for Last<T> {
    fn take(&mut self, index: u64, entry: T) {
        self.entries.push_back((index, entry));
        if self.entries.len() > self.most {
            self.entries.pop_front();
        }
    }
}

/// A log that is being read against the head that a proven record holds.
#[derive(Clone, Debug)]
pub struct LogReader<C> {
    head: LogHead,
    part: &'static str,
    frontier: Frontier,
    collector: C,
}

impl<C> LogReader<C> {
    /// Expects the log with this head; `part` names its entries in errors.
    #[must_use]
    pub fn new(head: LogHead, part: &'static str, collector: C) -> Self {
        Self { head, part, frontier: Frontier::default(), collector }
    }

    /// How many entries are still to come.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.head.count - self.frontier.size()
    }

    /// Takes the next page, which must be as long as it was asked to be.
    ///
    /// # Errors
    /// [`Lie`].
    pub fn page<T: Canonical>(&mut self, asked: u32, entries: &[Vec<u8>]) -> Result<(), Lie>
    where
        C: Collect<T>,
    {
        let expected = u64::from(asked).min(self.missing());
        if entries.len() as u64 != expected {
            return Err(Lie::Page { expected, actual: entries.len() });
        }
        for entry in entries {
            let index = self.frontier.size();
            self.collector.take(index, decode(self.part, entry)?);
            self.frontier.append(leaf_hash(entry));
        }
        Ok(())
    }

    /// What was collected, if it was the whole log.
    ///
    /// # Errors
    /// [`ProofError::IncompleteLog`] or [`ProofError::OtherLog`].
    pub fn finish(self) -> Result<C, ProofError> {
        let (expected, actual) = (self.head.count, self.frontier.size());
        if actual != expected {
            return Err(ProofError::IncompleteLog { expected, actual });
        }
        if self.frontier.root() != self.head.root {
            return Err(ProofError::OtherLog);
        }
        Ok(self.collector)
    }
}

/// Reads a whole log from a node. It may have grown since the record was proven: only the entries
/// that the record counts are taken.
///
/// # Errors
/// [`AnswerError`].
pub async fn read_log<T: Canonical, C: Collect<T>>(
    node: &NodeClient,
    name: &StateName,
    mut reader: LogReader<C>,
    progress: &Progress,
) -> Result<C, AnswerError> {
    while reader.missing() > 0 {
        let from = reader.frontier.size();
        let left = u32::try_from(reader.missing()).unwrap_or(u32::MAX);
        let asked = PAGE_ENTRIES_MAX.min(left);
        let answer = node.log(name, from, asked).await.map_err(CouldNotCheck::from)?;
        if answer.total < reader.head.count {
            let (total, count) = (answer.total, reader.head.count);
            return Err(CouldNotCheck::Behind { total, count }.into());
        }
        reader.page(asked, &answer.entries)?;
        progress.advance(u64::from(asked));
    }
    Ok(reader.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::canonical::Version;
    use vouchsafe_types::hash::{Digest, TransactionId};
    use vouchsafe_types::identity::PublicKey;
    use vouchsafe_types::log;
    use vouchsafe_types::record::Activity;
    use vouchsafe_types::verifier::complete_log;

    fn entries(count: u64) -> Vec<Vec<u8>> {
        (0..count)
            .map(|height| {
                Activity {
                    version: Version,
                    transaction_id: TransactionId(Digest([1; 32])),
                    operation_index: 0,
                    signer: PublicKey([2; 32]),
                    height,
                    time_ms: height,
                }
                .to_bytes()
            })
            .collect()
    }

    fn head(entries: &[Vec<u8>]) -> LogHead {
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        LogHead { count: entries.len() as u64, root: log::root(&leaves) }
    }

    fn read(head: LogHead, pages: &[&[Vec<u8>]], asked: u32) -> Result<Vec<u64>, Lie> {
        let mut reader = LogReader::new(head, "activity", Last::<Activity>::new(3));
        for page in pages {
            reader.page(asked, page)?;
        }
        let last = reader.finish()?;
        Ok(last.into_entries().map(|(index, entry)| index * 1000 + entry.height).collect())
    }

    #[test]
    fn a_whole_log_is_accepted_as_the_verifier_accepts_it() {
        let all = entries(10);
        assert!(complete_log::<Activity>(&head(&all), "activity", &all).is_ok());
        let read = read(head(&all), &[&all[..4], &all[4..8], &all[8..]], 4);
        assert_eq!(read, Ok(vec![7007, 8008, 9009]));
    }

    #[test]
    fn an_empty_log_needs_no_page() {
        assert_eq!(read(LogHead::empty(), &[], 4), Ok(vec![]));
    }

    #[test]
    fn a_log_with_an_entry_missing_swapped_or_altered_is_a_lie() {
        let all = entries(8);
        let short = read(head(&all), &[&all[..4], &all[4..7]], 4);
        assert_eq!(short, Err(Lie::Page { expected: 4, actual: 3 }));
        let incomplete = read(head(&all), &[&all[..4]], 4);
        let expected = ProofError::IncompleteLog { expected: 8, actual: 4 };
        assert_eq!(incomplete, Err(Lie::Proof(expected)));
        let mut swapped = all.clone();
        swapped.swap(1, 2);
        assert_eq!(read(head(&all), &[&swapped], 8), Err(Lie::Proof(ProofError::OtherLog)));
        let mut altered = all.clone();
        altered[3] = altered[4].clone();
        assert_eq!(read(head(&all), &[&altered], 8), Err(Lie::Proof(ProofError::OtherLog)));
    }

    #[test]
    fn more_than_was_asked_for_is_a_lie() {
        let all = entries(8);
        let long = read(head(&all), &[&all[..5]], 4);
        assert_eq!(long, Err(Lie::Page { expected: 4, actual: 5 }));
    }
}

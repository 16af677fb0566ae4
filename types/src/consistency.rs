//! That an append-only log of one size is the beginning of one of another (RFC 9162 §2.1.4).

use std::convert::Infallible;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version, bounded};
use crate::hash::Digest;
use crate::log::{PATH_HASHES_MAX, node_hash, root, split};

bounded!(
    /// Hashes of a consistency proof: one more than a path has.
    list ConsistencyHashes: Digest, "hashes in a consistency proof", 0, PATH_HASHES_MAX + 1
);

/// Proof that the first entries of a log are all of an earlier one.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct ConsistencyProof {
    /// The proof's version.
    pub version: Version<1>,
    /// The earlier log's size, at least 1.
    pub first: u64,
    /// The later log's size.
    pub second: u64,
    /// The hashes, in the order of RFC 9162 §2.1.4.1.
    pub path: ConsistencyHashes,
}

impl Canonical for ConsistencyProof {
    const LIMIT_BYTES: usize = 1 + 8 + 8 + 4 + (PATH_HASHES_MAX + 1) * 32;
}

/// Why a log is not shown to continue another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConsistencyError {
    /// The first size is 0 or above the second.
    #[error("a log of {second} entries does not begin with {first}")]
    Sizes {
        /// The earlier size.
        first: u64,
        /// The later size.
        second: u64,
    },
    /// Too few or too many hashes for the sizes.
    #[error("the consistency proof has the wrong number of hashes for its sizes")]
    PathLength,
    /// The proof leads to another root of the earlier log.
    #[error("the consistency proof leads to another root of the earlier log")]
    FirstRoot,
    /// The proof leads to another root of the later log.
    #[error("the consistency proof leads to another root of the later log")]
    SecondRoot,
}

impl ConsistencyProof {
    /// Makes the proof from all leaf hashes of the later log.
    ///
    /// # Panics
    /// When `first` is 0 or above the number of leaves.
    #[must_use]
    pub fn of(leaves: &[Digest], first: u64) -> Self {
        let place = |index: u64| usize::try_from(index).expect("the leaves are in memory");
        let subtree = |from: u64, size: u64| {
            Ok::<_, Infallible>(root(&leaves[place(from)..place(from + size)]))
        };
        Self::from_subtrees(first, leaves.len() as u64, &subtree).expect("infallible")
    }

    /// Makes the proof from a log's subtrees: the root over so many leaves from an index on.
    ///
    /// # Errors
    /// Whatever keeps a subtree's root away.
    ///
    /// # Panics
    /// When `first` is 0 or above `second`.
    pub fn from_subtrees<E>(
        first: u64,
        second: u64,
        subtree: &impl Fn(u64, u64) -> Result<Digest, E>,
    ) -> Result<Self, E> {
        assert!(first >= 1 && first <= second, "a log begins with a part of itself");
        let mut path = Vec::new();
        descend(first, 0, second, true, subtree, &mut path)?;
        let path = ConsistencyHashes::new(path).expect("two for each level at most");
        Ok(Self { version: Version, first, second, path })
    }

    /// Checks that the log with the second root begins with the log that has the first.
    ///
    /// # Errors
    /// One [`ConsistencyError`] for each rule.
    pub fn verify(
        &self,
        first_root: &Digest,
        second_root: &Digest,
    ) -> Result<(), ConsistencyError> {
        let (first, second) = (self.first, self.second);
        if first == 0 || first > second {
            return Err(ConsistencyError::Sizes { first, second });
        }
        let (from_first, from_second) = if first == second {
            if !self.path.is_empty() {
                return Err(ConsistencyError::PathLength);
            }
            (*first_root, *first_root)
        } else {
            self.climb(first_root)?
        };
        if from_first != *first_root {
            return Err(ConsistencyError::FirstRoot);
        }
        if from_second != *second_root {
            return Err(ConsistencyError::SecondRoot);
        }
        Ok(())
    }

    /// Both roots as the path gives them (RFC 9162 §2.1.4.2).
    fn climb(&self, first_root: &Digest) -> Result<(Digest, Digest), ConsistencyError> {
        let (mut node, mut last) = (self.first - 1, self.second - 1);
        while node & 1 == 1 {
            (node, last) = (node >> 1, last >> 1);
        }
        // An earlier log that is one whole subtree is its own first hash.
        let whole = self.first.is_power_of_two().then_some(*first_root);
        let mut path = whole.into_iter().chain(self.path.iter().copied());
        let begin = path.next().ok_or(ConsistencyError::PathLength)?;
        let (mut from_first, mut from_second) = (begin, begin);
        for hash in path {
            if last == 0 {
                return Err(ConsistencyError::PathLength);
            }
            if node & 1 == 1 || node == last {
                from_first = node_hash(&hash, &from_first);
                from_second = node_hash(&hash, &from_second);
                while node & 1 == 0 && node != 0 {
                    (node, last) = (node >> 1, last >> 1);
                }
            } else {
                from_second = node_hash(&from_second, &hash);
            }
            (node, last) = (node >> 1, last >> 1);
        }
        if last == 0 { Ok((from_first, from_second)) } else { Err(ConsistencyError::PathLength) }
    }
}

/// SUBPROOF of RFC 9162 §2.1.4.1 over `size` leaves from an index on, of which the earlier log has
/// `first`. `is_known` as long as the subtree is one of the earlier log itself.
fn descend<E>(
    first: u64,
    from: u64,
    size: u64,
    is_known: bool,
    subtree: &impl Fn(u64, u64) -> Result<Digest, E>,
    path: &mut Vec<Digest>,
) -> Result<(), E> {
    if first == size {
        if !is_known {
            path.push(subtree(from, size)?);
        }
        return Ok(());
    }
    let left = split(size);
    if first <= left {
        descend(first, from, left, is_known, subtree, path)?;
        path.push(subtree(from + left, size - left)?);
    } else {
        descend(first - left, from + left, size - left, false, subtree, path)?;
        path.push(subtree(from, left)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::leaf_hash;

    fn leaves(count: u64) -> Vec<Digest> {
        (0..count).map(|n| leaf_hash(&n.to_le_bytes())).collect()
    }

    fn root_of(count: u64) -> Digest {
        root(&leaves(count))
    }

    #[test]
    fn every_small_log_continues_every_smaller_one_and_no_other() {
        for second in 1..=40 {
            let all = leaves(second);
            for first in 1..=second {
                let proof = ConsistencyProof::of(&all, first);
                let verify = |first, second| proof.verify(&root_of(first), &root_of(second));
                assert_eq!(verify(first, second), Ok(()), "{first} of {second}");
                assert!(verify(first + 1, second).is_err(), "{first} of {second}");
                assert!(verify(first, second + 1).is_err(), "{first} of {second}");
                let bytes = proof.to_bytes();
                assert_eq!(ConsistencyProof::from_bytes(&bytes).as_ref(), Ok(&proof));
            }
        }
    }

    #[test]
    fn a_rewritten_history_is_not_continued() {
        let mut rewritten = leaves(20);
        rewritten[3] = leaf_hash(b"another");
        for first in 5..20 {
            // Whoever holds the old root is not led to the new one, whichever proof is given.
            let honest = ConsistencyProof::of(&leaves(20), first);
            let forged = ConsistencyProof::of(&rewritten, first);
            let new = root(&rewritten);
            assert!(honest.verify(&root_of(first), &new).is_err(), "{first}");
            assert!(forged.verify(&root_of(first), &new).is_err(), "{first}");
        }
    }

    #[test]
    fn sizes_lengths_and_roots_are_refused_by_name() {
        let good = ConsistencyProof::of(&leaves(11), 6);
        let (old, new) = (root_of(6), root_of(11));
        let refusal = |change: &dyn Fn(&mut ConsistencyProof)| {
            let mut proof = good.clone();
            change(&mut proof);
            proof.verify(&old, &new)
        };
        let sizes = |first, second| Err(ConsistencyError::Sizes { first, second });
        assert_eq!(refusal(&|proof| proof.first = 0), sizes(0, 11));
        assert_eq!(refusal(&|proof| proof.second = 5), sizes(6, 5));
        let path = |change: fn(&mut Vec<Digest>)| {
            refusal(&|proof| {
                let mut hashes = proof.path.clone().into_inner();
                change(&mut hashes);
                proof.path = ConsistencyHashes::new(hashes).expect("few");
            })
        };
        let length = Err(ConsistencyError::PathLength);
        assert_eq!(path(Vec::clear), length);
        assert_eq!(path(|hashes| hashes.truncate(hashes.len() - 1)), length);
        assert_eq!(path(|hashes| hashes.push(Digest::ZERO)), length);
        assert_eq!(path(|hashes| hashes[0] = Digest::ZERO), Err(ConsistencyError::FirstRoot));
        let last = |hashes: &mut Vec<Digest>| *hashes.last_mut().expect("some") = Digest::ZERO;
        assert!(path(last).is_err());
        assert_eq!(good.verify(&old, &old), Err(ConsistencyError::SecondRoot));
        let same = ConsistencyProof { second: 6, ..good };
        assert_eq!(same.verify(&old, &old), length);
    }
}

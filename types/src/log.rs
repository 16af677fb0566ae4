//! Append-only Merkle logs (RFC 9162 §2.1): roots and inclusion.
//!
//! ```text
//! leaf hash = SHA-256(0x00 ‖ entry)      node = SHA-256(0x01 ‖ left ‖ right)      empty = SHA-256("")
//! ```
//!
//! A log of any size is appended to through its [`Frontier`]: the roots of the perfect subtrees
//! that its size's binary digits name.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version, bounded};
use crate::hash::{Digest, sha256};

/// A log of 2⁶⁴ entries has paths no longer than this.
pub const PATH_HASHES_MAX: usize = 64;

/// The hash of one entry.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    sha256(&[&[0], entry])
}

/// The hash of two subtrees.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[1], &left.0, &right.0])
}

/// The root of a log without entries.
#[must_use]
pub fn empty_root() -> Digest {
    sha256(&[])
}

/// The root over leaf hashes.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

bounded!(
    /// Hashes of a path or frontier.
    list PathHashes: Digest, "hashes in a log path", 0, PATH_HASHES_MAX
);

/// A log's size and the roots of its perfect subtrees, largest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, BorshSerialize)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl BorshDeserialize for Frontier {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let size = u64::deserialize_reader(reader)?;
        let peaks = PathHashes::deserialize_reader(reader)?.into_inner();
        if peaks.len() != size.count_ones() as usize {
            let text = format!("a frontier of {size} entries with {} peaks", peaks.len());
            return Err(crate::canonical::DecodeError::Malformed(text).into());
        }
        Ok(Self { size, peaks })
    }
}

impl Canonical for Frontier {
    const LIMIT_BYTES: usize = 8 + 4 + PATH_HASHES_MAX * 32;
}

impl Frontier {
    /// How many entries the log has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of one entry.
    pub fn append(&mut self, leaf: Digest) {
        let mut carry = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one peak for each binary digit that is 1");
            carry = node_hash(&left, &carry);
        }
        self.peaks.push(carry);
        self.size += 1;
    }

    /// The root over all entries.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return empty_root() };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// Proof that an entry stands at an index of a log (RFC 9162 §2.1.3).
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct InclusionProof {
    /// The proof's version.
    pub version: Version<1>,
    /// The entry's index, from 0.
    pub index: u64,
    /// The log's size.
    pub size: u64,
    /// The siblings, from the leaf up.
    pub path: PathHashes,
}

impl Canonical for InclusionProof {
    const LIMIT_BYTES: usize = 1 + 8 + 8 + 4 + PATH_HASHES_MAX * 32;
}

/// Why a path proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// The index is not below the size.
    #[error("the log proof's index {index} is not below its size {size}")]
    Index {
        /// The index claimed.
        index: u64,
        /// The size claimed.
        size: u64,
    },
    /// The path has too few or too many hashes for its index and size.
    #[error("the log proof has the wrong number of hashes for its index and size")]
    PathLength,
    /// The path leads to another root.
    #[error("the log proof leads to another root")]
    Root,
}

impl InclusionProof {
    /// Makes the proof for one of the leaf hashes.
    ///
    /// # Panics
    /// When `index` is not below the number of leaves.
    #[must_use]
    pub fn of(leaves: &[Digest], index: usize) -> Self {
        assert!(index < leaves.len(), "an entry of the log is proven");
        let mut path = Vec::new();
        path_of(leaves, index, &mut path);
        Self {
            version: Version,
            index: index as u64,
            size: leaves.len() as u64,
            path: PathHashes::new(path).expect("a log in memory has short paths"),
        }
    }

    /// Checks that `leaf` stands at the index in the log with this root.
    ///
    /// # Errors
    /// One [`LogProofError`] for each rule.
    pub fn verify(&self, leaf: &Digest, root: &Digest) -> Result<(), LogProofError> {
        if self.index >= self.size {
            return Err(LogProofError::Index { index: self.index, size: self.size });
        }
        // RFC 9162 §2.1.3.2.
        let (mut node, mut last) = (self.index, self.size - 1);
        let mut hash = *leaf;
        for sibling in self.path.iter() {
            if last == 0 {
                return Err(LogProofError::PathLength);
            }
            if node & 1 == 1 || node == last {
                hash = node_hash(sibling, &hash);
                while node & 1 == 0 && node != 0 {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node_hash(&hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        if last != 0 {
            return Err(LogProofError::PathLength);
        }
        if hash == *root { Ok(()) } else { Err(LogProofError::Root) }
    }
}

/// The largest power of two below `size`, where RFC 9162 splits a tree.
#[must_use]
pub fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

fn path_of(leaves: &[Digest], index: usize, path: &mut Vec<Digest>) {
    if leaves.len() <= 1 {
        return;
    }
    let left = usize::try_from(split(leaves.len() as u64)).expect("below a length");
    let (left, right) = leaves.split_at(left);
    if index < left.len() {
        path_of(left, index, path);
        path.push(root(right));
    } else {
        path_of(right, index - left.len(), path);
        path.push(root(left));
    }
}

//! The state tree's hashes and its proofs: a binary compact sparse Merkle tree over 256-bit keys.
//!
//! ```text
//! leaf  = SHA-256(0x00 ‖ tag ‖ key ‖ value hash)      at its shortest unique prefix
//! node  = SHA-256(0x01 ‖ tag ‖ left ‖ right)          bit 0 of the path: the key's highest bit
//! empty = 32 zero bytes
//! ```
//!
//! One proof shows what stands at any number of keys. It is the tree, cut down to their paths, in
//! pre-order: where no queried key leads, one bit says *empty* (0) or *a hash follows* (1); where
//! one does, two bits say *empty* (0), *leaf* (1) or *branch* (2). An absent key ends at an empty
//! place or at another key's leaf. A proof has exactly one valid form.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version, bounded};
use crate::hash::{Digest, sha256};

/// The tag in every leaf and node.
pub const STATE_TREE_TAG: &[u8] = b"vouchsafe-state-tree-v1";
/// The hash of an empty subtree, and of an empty tree.
pub const EMPTY: Digest = Digest::ZERO;
/// The most keys in one proof.
pub const PROOF_KEYS_MAX: usize = 1024;
/// Keys have this many bits; no path is longer.
pub const DEPTH_MAX: usize = 256;
/// The most hashes and leaves in one proof; far above what 1,024 keys in a tree of 2⁴⁰ need.
const PROOF_HASHES_MAX: usize = 65_536;

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(leaf: &StateLeaf) -> Digest {
    sha256(&[&[0], STATE_TREE_TAG, &leaf.key.0, &leaf.value_hash.0])
}

/// The hash of a branch.
#[must_use]
pub fn branch_hash(left: &Digest, right: &Digest) -> Digest {
    sha256(&[&[1], STATE_TREE_TAG, &left.0, &right.0])
}

/// The bit of a key that decides at a depth: true leads right.
#[must_use]
pub fn path_bit(key: &Digest, depth: usize) -> bool {
    key.0[depth / 8] >> (7 - depth % 8) & 1 == 1
}

/// A key and the hash of what stands there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct StateLeaf {
    /// The record's key.
    pub key: Digest,
    /// The hash of the record's bytes.
    pub value_hash: Digest,
}

bounded!(
    /// The proof's shape: bits in pre-order, the first in each byte's highest bit.
    bytes ShapeBytes, "bytes of a state proof's shape", 1, PROOF_HASHES_MAX
);
bounded!(
    /// The leaves met, in pre-order.
    list ProofLeaves: StateLeaf, "leaves in a state proof", 0, PROOF_KEYS_MAX
);
bounded!(
    /// The hashes met, in pre-order.
    list ProofHashes: Digest, "hashes in a state proof", 0, PROOF_HASHES_MAX
);

/// What stands at some keys under one root.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct StateProof {
    /// The proof's version.
    pub version: Version<1>,
    /// The shape.
    pub shape: ShapeBytes,
    /// The leaves.
    pub leaves: ProofLeaves,
    /// The hashes.
    pub hashes: ProofHashes,
}

impl Canonical for StateProof {
    const LIMIT_BYTES: usize = 4 << 20;
}

/// Why a state proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateProofError {
    /// No key, or more than [`PROOF_KEYS_MAX`], was asked for.
    #[error("a state proof is for 1 to {PROOF_KEYS_MAX} distinct keys, not {0}")]
    KeyCount(usize),
    /// The shape, the leaves or the hashes end too early, or bits mean nothing.
    #[error("the state proof ends too early or its shape means nothing")]
    Shape,
    /// Bits, leaves or hashes are left over.
    #[error("the state proof has parts that nothing needs")]
    LeftOver,
    /// A branch holds less than two leaves, or an empty place is given as a hash.
    #[error("the state proof is not in its one valid form")]
    NotCanonical,
    /// A leaf stands where its key does not lead.
    #[error("the state proof has a leaf away from its key's path")]
    Misplaced,
    /// The proof shows a key absent that was claimed present.
    #[error("the state proof shows {0} absent, but a record was given for it")]
    Absent(Digest),
    /// The proof shows a key present that was claimed absent.
    #[error("the state proof shows {0} present, but it was called absent")]
    Present(Digest),
    /// The record given is not the one in the tree.
    #[error("the state proof holds another record for {0}")]
    Value(Digest),
    /// The proof leads to another root.
    #[error("the state proof leads to another root than the header's")]
    Root,
}

/// A claim about one key: the hash of its record, or none if it is said to be absent.
pub type Claim = (Digest, Option<Digest>);

impl StateProof {
    /// Checks claims about distinct keys, in any order, under a root.
    ///
    /// # Errors
    /// One [`StateProofError`] for each rule.
    pub fn verify(&self, root: &Digest, claims: &[Claim]) -> Result<(), StateProofError> {
        let mut sorted = claims.to_vec();
        sorted.sort_unstable();
        let distinct = sorted.windows(2).all(|pair| pair[0].0 != pair[1].0);
        if claims.is_empty() || claims.len() > PROOF_KEYS_MAX || !distinct {
            return Err(StateProofError::KeyCount(claims.len()));
        }
        let mut walk = Walk { proof: self, bit: 0, leaf: 0, hash: 0 };
        let (actual, _) = walk.subtree(0, &sorted)?;
        walk.finish()?;
        if actual == *root { Ok(()) } else { Err(StateProofError::Root) }
    }
}

/// What a subtree turned out to be, for the rule that branches hold at least two leaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Leaf,
    Branch,
    Hash,
}

struct Walk<'a> {
    proof: &'a StateProof,
    bit: usize,
    leaf: usize,
    hash: usize,
}

impl Walk<'_> {
    fn take_bit(&mut self) -> Result<bool, StateProofError> {
        let byte = self.proof.shape.get(self.bit / 8).ok_or(StateProofError::Shape)?;
        let bit = byte >> (7 - self.bit % 8) & 1 == 1;
        self.bit += 1;
        Ok(bit)
    }

    /// Hashes the subtree at a depth; `claims` are the sorted claims that lead into it.
    fn subtree(
        &mut self,
        depth: usize,
        claims: &[Claim],
    ) -> Result<(Digest, Kind), StateProofError> {
        if claims.is_empty() {
            return self.sibling();
        }
        match (self.take_bit()?, self.take_bit()?) {
            (false, false) => match claims.iter().find(|(_, value)| value.is_some()) {
                Some((key, _)) => Err(StateProofError::Absent(*key)),
                None => Ok((EMPTY, Kind::Empty)),
            },
            (false, true) => self.leaf(depth, claims),
            (true, false) => self.branch(depth, claims),
            (true, true) => Err(StateProofError::Shape),
        }
    }

    fn sibling(&mut self) -> Result<(Digest, Kind), StateProofError> {
        if !self.take_bit()? {
            return Ok((EMPTY, Kind::Empty));
        }
        let hash = *self.proof.hashes.get(self.hash).ok_or(StateProofError::Shape)?;
        self.hash += 1;
        if hash == EMPTY { Err(StateProofError::NotCanonical) } else { Ok((hash, Kind::Hash)) }
    }

    fn leaf(&mut self, depth: usize, claims: &[Claim]) -> Result<(Digest, Kind), StateProofError> {
        let leaf = *self.proof.leaves.get(self.leaf).ok_or(StateProofError::Shape)?;
        self.leaf += 1;
        if (0..depth).any(|d| path_bit(&leaf.key, d) != path_bit(&claims[0].0, d)) {
            return Err(StateProofError::Misplaced);
        }
        for (key, value) in claims {
            match value {
                Some(_) if *key != leaf.key => return Err(StateProofError::Absent(*key)),
                Some(value) if *value != leaf.value_hash => {
                    return Err(StateProofError::Value(*key));
                }
                None if *key == leaf.key => return Err(StateProofError::Present(*key)),
                _ => {}
            }
        }
        Ok((leaf_hash(&leaf), Kind::Leaf))
    }

    fn branch(
        &mut self,
        depth: usize,
        claims: &[Claim],
    ) -> Result<(Digest, Kind), StateProofError> {
        if depth >= DEPTH_MAX {
            return Err(StateProofError::Shape);
        }
        let middle = claims.partition_point(|(key, _)| !path_bit(key, depth));
        let (left, left_kind) = self.subtree(depth + 1, &claims[..middle])?;
        let (right, right_kind) = self.subtree(depth + 1, &claims[middle..])?;
        match (left_kind, right_kind) {
            (Kind::Empty, Kind::Empty | Kind::Leaf) | (Kind::Leaf, Kind::Empty) => {
                Err(StateProofError::NotCanonical)
            }
            _ => Ok((branch_hash(&left, &right), Kind::Branch)),
        }
    }

    fn finish(&self) -> Result<(), StateProofError> {
        let proof = self.proof;
        if self.leaf != proof.leaves.len()
            || self.hash != proof.hashes.len()
            || self.bit.div_ceil(8) != proof.shape.len()
        {
            return Err(StateProofError::LeftOver);
        }
        let unused = proof.shape.len() * 8 - self.bit;
        let last = proof.shape.last().copied().unwrap_or(0);
        if u32::from(last) & ((1u32 << unused) - 1) != 0 {
            return Err(StateProofError::LeftOver);
        }
        Ok(())
    }
}

/// Writes a proof in pre-order; whoever holds the tree walks it and says what stands where.
#[derive(Default)]
pub struct StateProofBuilder {
    shape: Vec<u8>,
    bits: usize,
    leaves: Vec<StateLeaf>,
    hashes: Vec<Digest>,
}

impl StateProofBuilder {
    /// A builder that has met nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn put_bit(&mut self, bit: bool) {
        if self.bits.is_multiple_of(8) {
            self.shape.push(0);
        }
        if bit {
            let last = self.shape.last_mut().expect("a byte was just pushed");
            *last |= 1 << (7 - self.bits % 8);
        }
        self.bits += 1;
    }

    /// No queried key leads here: a subtree's hash, or [`EMPTY`].
    pub fn sibling(&mut self, hash: &Digest) {
        self.put_bit(*hash != EMPTY);
        if *hash != EMPTY {
            self.hashes.push(*hash);
        }
    }

    /// A queried key leads to an empty place.
    pub fn empty(&mut self) {
        self.put_bit(false);
        self.put_bit(false);
    }

    /// A queried key leads to a leaf, its own or another's.
    pub fn leaf(&mut self, leaf: StateLeaf) {
        self.put_bit(false);
        self.put_bit(true);
        self.leaves.push(leaf);
    }

    /// Queried keys lead to a branch; its left subtree is described next, then its right one.
    pub fn branch(&mut self) {
        self.put_bit(true);
        self.put_bit(false);
    }

    /// The proof.
    ///
    /// # Errors
    /// [`StateProofError::KeyCount`] when more was described than a proof may hold.
    pub fn finish(self) -> Result<StateProof, StateProofError> {
        let count = self.leaves.len();
        let too_large = |_| StateProofError::KeyCount(count);
        Ok(StateProof {
            version: Version,
            shape: ShapeBytes::new(self.shape).map_err(too_large)?,
            leaves: ProofLeaves::new(self.leaves).map_err(too_large)?,
            hashes: ProofHashes::new(self.hashes).map_err(too_large)?,
        })
    }
}

//! The nodes. The bottom levels are folded: a subtree of few records is one sorted array of them,
//! hashed anew when it changes, since its inner hashes take more memory than they save time. Each
//! branch keeps the hashes of its two children beside the pointers to them, so that a walk which
//! needs a sibling's hash does not touch the sibling.
//!
//! ```text
//!   ● branch: left hash, right hash, left, right          112 bytes, one for 5 to 6 records
//!  / \
//! ●   [k v | k v | k v | …]  bucket: 0 to 8 leaves        64 bytes a record
//! ```
//!
//! About 95 bytes of memory for each record, everything in. The fold is not seen from outside:
//! roots and proofs are those of the unfolded tree.

use std::sync::Arc;

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{EMPTY, StateLeaf, branch_hash, leaf_hash, path_bit};

/// The most leaves in a bucket. More take less memory and fewer cache misses, and more hashing for
/// each change: 2 × this many at most.
pub(super) const BUCKET_LEAVES_MAX: usize = 8;

/// A subtree. Its shape follows from its leaves alone: a bucket if they are at most
/// [`BUCKET_LEAVES_MAX`], else a branch.
#[derive(Clone)]
pub(super) enum Node {
    /// Few leaves, ascending by key; none is the empty subtree.
    Bucket(Arc<[StateLeaf]>),
    /// Too many leaves for a bucket.
    Branch(Arc<Branch>),
}

/// A subtree of more leaves than a bucket holds.
pub(super) struct Branch {
    pub(super) left: Hashed,
    pub(super) right: Hashed,
}

/// A subtree with its hash.
#[derive(Clone)]
pub(super) struct Hashed {
    pub(super) hash: Digest,
    pub(super) node: Node,
}

impl Hashed {
    /// The empty subtree.
    pub(super) fn empty() -> Self {
        Self { hash: EMPTY, node: Node::Bucket(Arc::default()) }
    }

    /// A subtree of sorted leaves that share their first `depth` bits.
    pub(super) fn of(depth: usize, leaves: &[StateLeaf]) -> Self {
        if leaves.len() <= BUCKET_LEAVES_MAX {
            return Self { hash: hash_of(depth, leaves), node: Node::Bucket(leaves.into()) };
        }
        let (left, right) = parted(depth, leaves);
        Self::branch(Self::of(depth + 1, left), Self::of(depth + 1, right))
    }

    /// Two subtrees under a node at a depth, folded into a bucket if they fit one.
    pub(super) fn join(depth: usize, left: Self, right: Self) -> Self {
        if let (Node::Bucket(before), Node::Bucket(after)) = (&left.node, &right.node)
            && before.len() + after.len() <= BUCKET_LEAVES_MAX
        {
            return Self::of(depth, &[&before[..], &after[..]].concat());
        }
        Self::branch(left, right)
    }

    /// Two subtrees that together are more than a bucket holds.
    pub(super) fn branch(left: Self, right: Self) -> Self {
        let hash = branch_hash(&left.hash, &right.hash);
        Self { hash, node: Node::Branch(Arc::new(Branch { left, right })) }
    }

    /// Are these one node in memory?
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (&self.node, &other.node) {
            (Node::Bucket(one), Node::Bucket(other)) => Arc::ptr_eq(one, other),
            (Node::Branch(one), Node::Branch(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

/// The hash of the subtree of sorted leaves that share their first `depth` bits: a lone leaf
/// stands at its shortest unique prefix.
pub(super) fn hash_of(depth: usize, leaves: &[StateLeaf]) -> Digest {
    match leaves {
        [] => EMPTY,
        [leaf] => leaf_hash(leaf),
        _ => {
            let (left, right) = parted(depth, leaves);
            branch_hash(&hash_of(depth + 1, left), &hash_of(depth + 1, right))
        }
    }
}

/// Sorted leaves, parted by the bit that decides at a depth.
pub(super) fn parted(depth: usize, leaves: &[StateLeaf]) -> (&[StateLeaf], &[StateLeaf]) {
    leaves.split_at(leaves.partition_point(|leaf| !path_bit(&leaf.key, depth)))
}

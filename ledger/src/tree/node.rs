//! The nodes. A leaf and a branch take 80 bytes each with their counters: about 200 bytes of
//! memory for each record. A leaf's hash is not kept: a change needs at most one of them beside
//! the hashes of its path.

use std::sync::Arc;

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{EMPTY, StateLeaf, branch_hash, leaf_hash};

/// A subtree.
#[derive(Clone)]
pub(super) enum Node {
    /// Nothing.
    Empty,
    /// One record, at the shortest prefix that it shares with no other.
    Leaf(Arc<StateLeaf>),
    /// Two records or more.
    Branch(Arc<Branch>),
}

/// A subtree of two records or more.
pub(super) struct Branch {
    pub(super) hash: Digest,
    pub(super) left: Node,
    pub(super) right: Node,
}

impl Node {
    pub(super) fn leaf(key: Digest, value_hash: Digest) -> Self {
        Self::Leaf(Arc::new(StateLeaf { key, value_hash }))
    }

    pub(super) fn hash(&self) -> Digest {
        match self {
            Self::Empty => EMPTY,
            Self::Leaf(leaf) => leaf_hash(leaf),
            Self::Branch(branch) => branch.hash,
        }
    }

    /// Two subtrees under one node; a lone leaf rises, so that it stands at its shortest unique
    /// prefix.
    pub(super) fn join(left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Empty, leaf @ Self::Leaf(_)) | (leaf @ Self::Leaf(_), Self::Empty) => leaf,
            (left, right) => {
                let hash = branch_hash(&left.hash(), &right.hash());
                Self::Branch(Arc::new(Branch { hash, left, right }))
            }
        }
    }

    /// Are these one node in memory?
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Empty, Self::Empty) => true,
            (Self::Leaf(one), Self::Leaf(other)) => Arc::ptr_eq(one, other),
            (Self::Branch(one), Self::Branch(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

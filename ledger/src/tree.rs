//! The state tree in memory: persistent, so that every block that is only proposed has a tree of
//! its own at the price of the paths it changes.
//!
//! ```text
//!   tree of height 7      tree of a proposal for height 8
//!        ●                      ●'
//!       / \                    / \
//!      ●   ●◀────────────────┘   ●'        unchanged subtrees are shared (Arc),
//!     / \                       / \        the old tree is never touched
//!    L   L                     L'  L
//! ```
//!
//! Hashes and proofs are those of [`vouchsafe_types::state_tree`]; this module only holds nodes.

mod build;
mod node;
mod prove;
mod update;

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{StateLeaf, StateProof, StateProofError, path_bit};

use node::{Hashed, Node};

/// A change to one key: the hash of its new record, or none to remove it.
pub type Change = (Digest, Option<Digest>);

/// A binary compact sparse Merkle tree over 256-bit keys. A clone costs nothing and shares
/// everything.
#[derive(Clone)]
pub struct StateTree {
    root: Hashed,
}

impl Default for StateTree {
    fn default() -> Self {
        Self { root: Hashed::empty() }
    }
}

impl StateTree {
    /// Builds a tree in one pass over leaves that ascend strictly by key: a million in about a
    /// second, without a copy of the leaves beside the tree.
    ///
    /// # Errors
    /// The first error that the iterator gives.
    ///
    /// # Panics
    /// When the keys do not ascend strictly: whoever sorts them is broken.
    pub fn from_sorted_leaves<E>(
        leaves: impl IntoIterator<Item = Result<StateLeaf, E>>,
    ) -> Result<Self, E> {
        Ok(Self { root: build::from_sorted(leaves.into_iter())? })
    }

    /// The tree's root hash.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.root.hash
    }

    /// The hash of the record at a key, if there is one.
    #[must_use]
    pub fn get(&self, key: &Digest) -> Option<Digest> {
        let mut node = &self.root.node;
        let mut depth = 0;
        loop {
            match node {
                Node::Bucket(leaves) => {
                    let leaf = leaves.iter().find(|leaf| leaf.key == *key);
                    return leaf.map(|leaf| leaf.value_hash);
                }
                Node::Branch(branch) => {
                    let way = if path_bit(key, depth) { &branch.right } else { &branch.left };
                    (node, depth) = (&way.node, depth + 1);
                }
            }
        }
    }

    /// The tree with changes applied, which ascend strictly by key; this tree stays as it is. A
    /// removal of a key that is absent changes nothing.
    ///
    /// # Panics
    /// When the keys do not ascend strictly: whoever sorts them is broken.
    #[must_use]
    pub fn update(&self, changes: &[Change]) -> Self {
        assert!(
            changes.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "changes to the state tree are sorted and name each key once"
        );
        Self { root: update::apply(&self.root, 0, changes) }
    }

    /// Proves what stands at 1 to [`PROOF_KEYS_MAX`](vouchsafe_types::state_tree::PROOF_KEYS_MAX)
    /// distinct keys, in any order.
    ///
    /// # Errors
    /// [`StateProofError::KeyCount`] when there are none, too many, or one twice.
    pub fn prove(&self, keys: &[Digest]) -> Result<StateProof, StateProofError> {
        prove::prove(&self.root, keys)
    }
}

impl std::fmt::Debug for StateTree {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "StateTree({})", self.root())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(first: u8, last: u8) -> Digest {
        let mut bytes = [0; 32];
        (bytes[0], bytes[31]) = (first, last);
        Digest(bytes)
    }

    /// Leaves under one prefix of seven bits, then two far away.
    fn crowd(count: u8) -> Vec<Digest> {
        let under_prefix = (0..count).map(|last| key(last & 1, last));
        let mut keys: Vec<Digest> = under_prefix.chain([key(0x40, 0), key(0x41, 0)]).collect();
        keys.sort_unstable();
        keys
    }

    fn tree_of(keys: &[Digest]) -> StateTree {
        let present: Vec<Change> = keys.iter().map(|key| (*key, Some(Digest([9; 32])))).collect();
        StateTree::default().update(&present)
    }

    /// The most leaves in any bucket, and the fewest under any branch.
    fn extremes(node: &Node) -> (usize, usize) {
        fn count(node: &Node) -> usize {
            match node {
                Node::Bucket(leaves) => leaves.len(),
                Node::Branch(branch) => count(&branch.left.node) + count(&branch.right.node),
            }
        }
        match node {
            Node::Bucket(leaves) => (leaves.len(), usize::MAX),
            Node::Branch(branch) => {
                let (left, right) = (extremes(&branch.left.node), extremes(&branch.right.node));
                (left.0.max(right.0), count(node).min(left.1).min(right.1))
            }
        }
    }

    #[test]
    fn a_change_that_changes_nothing_shares_the_whole_tree() {
        // As one bucket, and with branches; the right half is empty.
        for count in [2, 40] {
            let keys = crowd(count);
            let tree = tree_of(&keys);
            let shared = |changes: &[Change]| tree.update(changes).root.is_same(&tree.root);
            let as_they_are: Vec<Change> = keys.iter().map(|k| (*k, tree.get(k))).collect();
            assert!(shared(&[]));
            assert!(shared(&[(key(0x80, 0), None)]), "absent, in the empty half");
            assert!(shared(&[(key(0x40, 1), None)]), "absent, where another leaf stands");
            assert!(shared(&[(key(0, 0x77), None)]), "absent, under the crowd's prefix");
            assert!(shared(&as_they_are), "as they are");
            assert!(!shared(&[(keys[1], Some(key(0, 0)))]), "another value");
            assert!(!shared(&[(key(0x40, 0), None)]), "removed");
        }
        let empty = StateTree::default();
        assert!(empty.update(&[(key(0, 0), None)]).root.is_same(&empty.root));
        assert!(!tree_of(&crowd(2)).root.is_same(&empty.root));
    }

    #[test]
    fn the_shape_follows_from_the_leaves_alone() {
        let fits = node::BUCKET_LEAVES_MAX;
        for count in 0..40u8 {
            let keys = crowd(count);
            let (most, fewest) = extremes(&tree_of(&keys).root.node);
            assert!(most <= fits && fewest > fits, "{count} leaves: {most}, {fewest}");
            // Grown by one and shrunk by one, it is the same.
            let (one, others) = keys.split_first().expect("two at least");
            let shrunk = tree_of(&keys).update(&[(*one, None)]);
            assert_eq!(extremes(&shrunk.root.node), extremes(&tree_of(others).root.node));
            assert_eq!(shrunk.root(), tree_of(others).root());
        }
    }

    #[test]
    fn a_tree_shows_itself_by_its_root() {
        let tree = StateTree::default();
        assert_eq!(format!("{tree:?}"), format!("StateTree({})", tree.root()));
    }
}

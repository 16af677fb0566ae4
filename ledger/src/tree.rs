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

use node::Node;

/// A change to one key: the hash of its new record, or none to remove it.
pub type Change = (Digest, Option<Digest>);

/// A binary compact sparse Merkle tree over 256-bit keys. A clone costs nothing and shares
/// everything.
#[derive(Clone)]
pub struct StateTree {
    root: Node,
}

impl Default for StateTree {
    fn default() -> Self {
        Self { root: Node::Empty }
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
        self.root.hash()
    }

    /// The hash of the record at a key, if there is one.
    #[must_use]
    pub fn get(&self, key: &Digest) -> Option<Digest> {
        let mut node = &self.root;
        for depth in 0.. {
            match node {
                Node::Empty => return None,
                Node::Leaf(leaf) => return (leaf.key == *key).then_some(leaf.value_hash),
                Node::Branch(branch) => {
                    node = if path_bit(key, depth) { &branch.right } else { &branch.left };
                }
            }
        }
        None
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

    #[test]
    fn a_change_that_changes_nothing_shares_the_whole_tree() {
        let value = Digest([9; 32]);
        // The right half is empty; on the left stand a pair under a long prefix, and a lone leaf.
        let records = [key(0, 1), key(0, 2), key(0x40, 0)];
        let tree = StateTree::default().update(&records.map(|key| (key, Some(value))));
        let shared = |changes: &[Change]| tree.update(changes).root.is_same(&tree.root);
        assert!(shared(&[]));
        assert!(shared(&[(key(0x80, 0), None)]), "absent, in the empty half");
        assert!(shared(&[(key(0x40, 1), None)]), "absent, where another leaf stands");
        assert!(shared(&[(key(0, 3), None)]), "absent, under the pair's prefix");
        assert!(shared(&records.map(|key| (key, Some(value)))), "as they are");
        let empty = StateTree::default();
        assert!(empty.update(&[(key(0, 0), None)]).root.is_same(&empty.root));
        assert!(!shared(&[(key(0, 1), Some(key(0, 0)))]), "another value");
        assert!(!shared(&[(key(0x40, 0), None)]), "removed");
        assert!(!tree.root.is_same(&empty.root));
    }

    #[test]
    fn a_tree_shows_itself_by_its_root() {
        let tree = StateTree::default();
        assert_eq!(format!("{tree:?}"), format!("StateTree({})", tree.root()));
    }
}

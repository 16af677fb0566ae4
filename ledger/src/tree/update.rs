//! Many changes in one descent: each node on a changed path is hashed once, whatever the number
//! of changes below it.

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{StateLeaf, path_bit};

use super::Change;
use super::node::{Hashed, Node};

/// The subtree at a depth after sorted changes that all lead into it; itself if they change
/// nothing.
pub(super) fn apply(subtree: &Hashed, depth: usize, changes: &[Change]) -> Hashed {
    if changes.is_empty() {
        return subtree.clone();
    }
    match &subtree.node {
        Node::Bucket(leaves) => {
            let after = merge(leaves, changes);
            if after == **leaves { subtree.clone() } else { Hashed::of(depth, &after) }
        }
        Node::Branch(branch) => {
            let middle = changes.partition_point(|(key, _)| !path_bit(key, depth));
            let left = apply(&branch.left, depth + 1, &changes[..middle]);
            let right = apply(&branch.right, depth + 1, &changes[middle..]);
            if left.is_same(&branch.left) && right.is_same(&branch.right) {
                return subtree.clone();
            }
            Hashed::join(depth, left, right)
        }
    }
}

/// Sorted leaves after sorted changes.
fn merge(leaves: &[StateLeaf], changes: &[Change]) -> Vec<StateLeaf> {
    let mut after = Vec::with_capacity(leaves.len() + changes.len());
    let mut rest = leaves;
    for (key, value) in changes {
        let before = rest.partition_point(|leaf| leaf.key < *key);
        after.extend_from_slice(&rest[..before]);
        let named = rest.get(before).is_some_and(|leaf| leaf.key == *key);
        rest = &rest[before + usize::from(named)..];
        after.extend(value.map(|value_hash: Digest| StateLeaf { key: *key, value_hash }));
    }
    after.extend_from_slice(rest);
    after
}

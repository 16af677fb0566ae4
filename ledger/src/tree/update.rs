//! Many changes in one descent: each node on a changed path is hashed once, whatever the number
//! of changes below it.

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{StateLeaf, path_bit};

use super::Change;
use super::node::Node;

/// The subtree at a depth after sorted changes that all lead into it.
pub(super) fn apply(node: &Node, depth: usize, changes: &[Change]) -> Node {
    if changes.is_empty() {
        return node.clone();
    }
    match node {
        Node::Empty => grow(depth, &present(changes)),
        Node::Leaf(leaf) => match changes {
            [(key, value)] if *key == leaf.key => replace(node, leaf, *value),
            [(_, None)] => node.clone(),
            _ => grow(depth, &merge(leaf, changes)),
        },
        Node::Branch(branch) => {
            let middle = changes.partition_point(|(key, _)| !path_bit(key, depth));
            let left = apply(&branch.left, depth + 1, &changes[..middle]);
            let right = apply(&branch.right, depth + 1, &changes[middle..]);
            if left.is_same(&branch.left) && right.is_same(&branch.right) {
                return node.clone();
            }
            Node::join(left, right)
        }
    }
}

fn replace(node: &Node, leaf: &StateLeaf, value: Option<Digest>) -> Node {
    match value {
        None => Node::Empty,
        Some(value_hash) if value_hash == leaf.value_hash => node.clone(),
        Some(value_hash) => Node::leaf(leaf.key, value_hash),
    }
}

fn present(changes: &[Change]) -> Vec<StateLeaf> {
    changes
        .iter()
        .filter_map(|(key, value)| value.map(|value_hash| StateLeaf { key: *key, value_hash }))
        .collect()
}

/// The leaves that changes leave, and this one unless they name it.
fn merge(leaf: &StateLeaf, changes: &[Change]) -> Vec<StateLeaf> {
    let mut all = changes.to_vec();
    if let Err(place) = all.binary_search_by_key(&leaf.key, |(key, _)| *key) {
        all.insert(place, (leaf.key, Some(leaf.value_hash)));
    }
    present(&all)
}

/// A new subtree of sorted leaves.
fn grow(depth: usize, leaves: &[StateLeaf]) -> Node {
    match leaves {
        [] => Node::Empty,
        [leaf] => Node::leaf(leaf.key, leaf.value_hash),
        _ => {
            let middle = leaves.partition_point(|leaf| !path_bit(&leaf.key, depth));
            Node::join(grow(depth + 1, &leaves[..middle]), grow(depth + 1, &leaves[middle..]))
        }
    }
}

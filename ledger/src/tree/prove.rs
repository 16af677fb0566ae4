//! A walk along the paths of queried keys, which tells the proof's builder what stands where.

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{
    PROOF_KEYS_MAX, StateLeaf, StateProof, StateProofBuilder, StateProofError, path_bit,
};

use super::node::{Hashed, Node, hash_of, parted};

pub(super) fn prove(root: &Hashed, keys: &[Digest]) -> Result<StateProof, StateProofError> {
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    let distinct = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    if keys.is_empty() || keys.len() > PROOF_KEYS_MAX || !distinct {
        return Err(StateProofError::KeyCount(keys.len()));
    }
    let mut builder = StateProofBuilder::new();
    walk(root, 0, &sorted, &mut builder);
    builder.finish()
}

fn walk(subtree: &Hashed, depth: usize, keys: &[Digest], builder: &mut StateProofBuilder) {
    if keys.is_empty() {
        return builder.sibling(&subtree.hash);
    }
    match &subtree.node {
        Node::Bucket(leaves) => unfold(leaves, depth, keys, builder),
        Node::Branch(branch) => {
            builder.branch();
            let (left, right) = ways(keys, depth);
            walk(&branch.left, depth + 1, left, builder);
            walk(&branch.right, depth + 1, right, builder);
        }
    }
}

/// The walk through the levels that a bucket folds.
fn unfold(leaves: &[StateLeaf], depth: usize, keys: &[Digest], builder: &mut StateProofBuilder) {
    if keys.is_empty() {
        return builder.sibling(&hash_of(depth, leaves));
    }
    match leaves {
        [] => builder.empty(),
        [leaf] => builder.leaf(*leaf),
        _ => {
            builder.branch();
            let (before, after) = parted(depth, leaves);
            let (left, right) = ways(keys, depth);
            unfold(before, depth + 1, left, builder);
            unfold(after, depth + 1, right, builder);
        }
    }
}

/// Sorted keys, parted by the way they go at a depth.
fn ways(keys: &[Digest], depth: usize) -> (&[Digest], &[Digest]) {
    keys.split_at(keys.partition_point(|key| !path_bit(key, depth)))
}

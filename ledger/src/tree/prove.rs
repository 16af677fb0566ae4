//! A walk along the paths of queried keys, which tells the proof's builder what stands where.

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{
    PROOF_KEYS_MAX, StateProof, StateProofBuilder, StateProofError, path_bit,
};

use super::node::Node;

pub(super) fn prove(root: &Node, keys: &[Digest]) -> Result<StateProof, StateProofError> {
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

fn walk(node: &Node, depth: usize, keys: &[Digest], builder: &mut StateProofBuilder) {
    if keys.is_empty() {
        return builder.sibling(&node.hash());
    }
    match node {
        Node::Empty => builder.empty(),
        Node::Leaf(leaf) => builder.leaf(**leaf),
        Node::Branch(branch) => {
            builder.branch();
            let middle = keys.partition_point(|key| !path_bit(key, depth));
            walk(&branch.left, depth + 1, &keys[..middle], builder);
            walk(&branch.right, depth + 1, &keys[middle..], builder);
        }
    }
}

//! The state tree in its simplest form: hashed from scratch out of a sorted list. It is the
//! oracle of the proofs here and of the fast tree in the ledger.

use std::collections::BTreeMap;

use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{
    Claim, EMPTY, StateLeaf, StateProof, StateProofBuilder, branch_hash, leaf_hash, path_bit,
};

/// Keys and value hashes.
#[derive(Clone, Default)]
pub(crate) struct NaiveTree(pub(crate) BTreeMap<Digest, Digest>);

impl NaiveTree {
    pub(crate) fn root(&self) -> Digest {
        subtree(&self.leaves(), 0)
    }

    fn leaves(&self) -> Vec<StateLeaf> {
        self.0.iter().map(|(key, value)| StateLeaf { key: *key, value_hash: *value }).collect()
    }

    pub(crate) fn prove(&self, keys: &[Digest]) -> StateProof {
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        let mut builder = StateProofBuilder::new();
        describe(&self.leaves(), 0, &sorted, &mut builder);
        builder.finish().expect("a small tree's proof is small")
    }

    /// What is true of some keys.
    pub(crate) fn claims(&self, keys: &[Digest]) -> Vec<Claim> {
        keys.iter().map(|key| (*key, self.0.get(key).copied())).collect()
    }
}

fn subtree(leaves: &[StateLeaf], depth: usize) -> Digest {
    match leaves {
        [] => EMPTY,
        [leaf] => leaf_hash(leaf),
        _ => {
            let middle = leaves.partition_point(|leaf| !path_bit(&leaf.key, depth));
            let (left, right) = leaves.split_at(middle);
            branch_hash(&subtree(left, depth + 1), &subtree(right, depth + 1))
        }
    }
}

fn describe(leaves: &[StateLeaf], depth: usize, keys: &[Digest], out: &mut StateProofBuilder) {
    match leaves {
        _ if keys.is_empty() => out.sibling(&subtree(leaves, depth)),
        [] => out.empty(),
        [leaf] => out.leaf(*leaf),
        _ => {
            let (left, right) =
                leaves.split_at(leaves.partition_point(|leaf| !path_bit(&leaf.key, depth)));
            let (left_keys, right_keys) =
                keys.split_at(keys.partition_point(|key| !path_bit(key, depth)));
            out.branch();
            describe(left, depth + 1, left_keys, out);
            describe(right, depth + 1, right_keys, out);
        }
    }
}

/// A key that begins with the given byte and is zero after it, but for its last byte.
pub(crate) fn key(first: u8, last: u8) -> Digest {
    let mut bytes = [0; 32];
    bytes[0] = first;
    bytes[31] = last;
    Digest(bytes)
}

/// Five leaves: 0x00…, 0x20…, two that share 255 bits, and 0xc0….
pub(crate) fn sample() -> NaiveTree {
    let keys = [key(0, 1), key(0x20, 0), key(0x80, 0), key(0x80, 1), key(0xc0, 0)];
    NaiveTree(
        keys.iter().enumerate().map(|(n, key)| (*key, crate::sample::digest(n as u64))).collect(),
    )
}

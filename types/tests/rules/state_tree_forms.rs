//! A state proof has one valid form: each other form that would lead to the same root, or that
//! means nothing, is refused by name.

use vouchsafe_types::canonical::Version;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{
    Claim, EMPTY, ProofHashes, ProofLeaves, ShapeBytes, StateLeaf, StateProof, StateProofBuilder,
    StateProofError, branch_hash, leaf_hash,
};

use crate::sample::digest;
use crate::sample::naive_tree::{NaiveTree, key, sample};

const KEY: Digest = Digest([0; 32]);

fn leaf(key: Digest) -> StateLeaf {
    StateLeaf { key, value_hash: digest(5) }
}

fn forged(shape: &[u8], leaves: &[StateLeaf], hashes: &[Digest]) -> StateProof {
    StateProof {
        version: Version,
        shape: ShapeBytes::new(shape.to_vec()).expect("short"),
        leaves: ProofLeaves::new(leaves.to_vec()).expect("few"),
        hashes: ProofHashes::new(hashes.to_vec()).expect("few"),
    }
}

fn built(describe: impl FnOnce(&mut StateProofBuilder)) -> StateProof {
    let mut builder = StateProofBuilder::new();
    describe(&mut builder);
    builder.finish().expect("small")
}

fn absent(key: Digest) -> [Claim; 1] {
    [(key, None)]
}

#[test]
fn a_lone_leaf_below_a_branch_is_refused_although_its_root_is_right() {
    let root = branch_hash(&leaf_hash(&leaf(KEY)), &EMPTY);
    let present = [(KEY, Some(digest(5)))];
    let left = built(|b| {
        b.branch();
        b.leaf(leaf(KEY));
        b.sibling(&EMPTY);
    });
    assert_eq!(left.verify(&root, &present), Err(StateProofError::NotCanonical));
    let right_key = key(0x80, 0);
    let root = branch_hash(&EMPTY, &leaf_hash(&leaf(right_key)));
    let right = built(|b| {
        b.branch();
        b.sibling(&EMPTY);
        b.leaf(leaf(right_key));
    });
    let present = [(right_key, Some(digest(5)))];
    assert_eq!(right.verify(&root, &present), Err(StateProofError::NotCanonical));
}

#[test]
fn a_branch_of_nothing_is_refused_although_its_root_is_right() {
    let proof = built(|b| {
        b.branch();
        b.empty();
        b.sibling(&EMPTY);
    });
    let root = branch_hash(&EMPTY, &EMPTY);
    assert_eq!(proof.verify(&root, &absent(KEY)), Err(StateProofError::NotCanonical));
}

#[test]
fn an_empty_place_given_as_a_hash_is_refused() {
    // Branch (10), leaf (01), "a hash follows" (1): the hash of nothing.
    let proof = forged(&[0b1001_1000], &[leaf(KEY)], &[EMPTY]);
    let root = branch_hash(&leaf_hash(&leaf(KEY)), &EMPTY);
    let present = [(KEY, Some(digest(5)))];
    assert_eq!(proof.verify(&root, &present), Err(StateProofError::NotCanonical));
}

#[test]
fn an_empty_place_beside_a_hash_or_a_branch_is_fine() {
    let tree = NaiveTree([key(0x80, 0), key(0xc0, 0)].map(|key| (key, digest(5))).into());
    let beside_a_hash = tree.prove(&[KEY]);
    assert_eq!(beside_a_hash.verify(&tree.root(), &absent(KEY)), Ok(()));
    let keys = [KEY, key(0x80, 0)];
    let beside_a_branch = tree.prove(&keys);
    assert_eq!(beside_a_branch.verify(&tree.root(), &tree.claims(&keys)), Ok(()));
    let present = [key(0x80, 0)];
    assert_eq!(tree.prove(&present).verify(&tree.root(), &tree.claims(&present)), Ok(()));
}

#[test]
fn a_leaf_away_from_its_path_is_refused() {
    let stray = leaf(key(0x80, 0));
    let sibling = digest(6);
    let proof = built(|b| {
        b.branch();
        b.leaf(stray);
        b.sibling(&sibling);
    });
    let root = branch_hash(&leaf_hash(&stray), &sibling);
    assert_eq!(proof.verify(&root, &absent(KEY)), Err(StateProofError::Misplaced));
}

#[test]
fn a_leaf_of_the_last_path_bit_decides_too() {
    // The stray leaf leaves the path at its second bit, where the proof's branch is.
    let stray = leaf(key(0x40, 0));
    let proof = built(|b| {
        b.branch();
        b.branch();
        b.leaf(stray);
        b.sibling(&digest(6));
        b.sibling(&digest(7));
    });
    let inner = branch_hash(&leaf_hash(&stray), &digest(6));
    let root = branch_hash(&inner, &digest(7));
    assert_eq!(proof.verify(&root, &absent(KEY)), Err(StateProofError::Misplaced));
}

#[test]
fn parts_that_nothing_needs_are_refused() {
    let tree = sample();
    let claims = tree.claims(&[key(0x20, 0)]);
    let good = tree.prove(&[key(0x20, 0)]);
    let refused = |proof: StateProof| {
        assert_eq!(proof.verify(&tree.root(), &claims), Err(StateProofError::LeftOver));
    };
    let mut shape = good.shape.to_vec();
    shape.push(0);
    refused(StateProof { shape: ShapeBytes::new(shape).expect("short"), ..good.clone() });
    let mut shape = good.shape.to_vec();
    *shape.last_mut().expect("not empty") |= 1;
    refused(StateProof { shape: ShapeBytes::new(shape).expect("short"), ..good.clone() });
    let leaves = ProofLeaves::new([&good.leaves[..], &[leaf(KEY)]].concat()).expect("few");
    refused(StateProof { leaves, ..good.clone() });
    let hashes = ProofHashes::new([&good.hashes[..], &[digest(1)]].concat()).expect("few");
    refused(StateProof { hashes, ..good });
}

#[test]
fn each_unused_bit_of_the_shape_is_zero() {
    let proof = NaiveTree::default().prove(&[KEY]);
    for bit in 0..6 {
        let padded = forged(&[proof.shape[0] | 1 << bit], &[], &[]);
        assert_eq!(padded.verify(&EMPTY, &absent(KEY)), Err(StateProofError::LeftOver));
    }
}

#[test]
fn a_shape_that_fills_its_last_byte_is_fine() {
    // Three branches and their siblings on the way to an empty place: 3·2 + 3·1 bits and 2; with
    // two more siblings' bits it would not fit. Here: two branches, leaf, two siblings = 8 bits.
    let keys = [KEY, key(0x40, 0), key(0x80, 0)];
    let tree = NaiveTree(keys.map(|key| (key, digest(5))).into());
    let proof = tree.prove(&[KEY]);
    assert_eq!(proof.shape.len(), 1);
    assert_eq!(proof.verify(&tree.root(), &tree.claims(&[KEY])), Ok(()));
    let longer = forged(&[proof.shape[0], 0], &proof.leaves, &proof.hashes);
    let verdict = longer.verify(&tree.root(), &tree.claims(&[KEY]));
    assert_eq!(verdict, Err(StateProofError::LeftOver));
}

#[test]
fn a_proof_that_ends_too_early_is_refused() {
    let tree = sample();
    let claims = tree.claims(&[key(0x80, 1)]);
    let good = tree.prove(&[key(0x80, 1)]);
    assert!(good.shape.len() > 1 && good.hashes.len() > 1);
    let refused = |proof: StateProof| {
        assert_eq!(proof.verify(&tree.root(), &claims), Err(StateProofError::Shape));
    };
    let shape = ShapeBytes::new(good.shape[..good.shape.len() - 1].to_vec()).expect("not empty");
    refused(StateProof { shape, ..good.clone() });
    refused(StateProof { leaves: ProofLeaves::new(vec![]).expect("none"), ..good.clone() });
    let hashes = ProofHashes::new(good.hashes[1..].to_vec()).expect("few");
    refused(StateProof { hashes, ..good });
}

#[test]
fn the_bits_11_mean_nothing() {
    let proof = forged(&[0b1100_0000], &[], &[]);
    assert_eq!(proof.verify(&EMPTY, &absent(KEY)), Err(StateProofError::Shape));
}

#[test]
fn no_path_is_longer_than_256_bits() {
    // Nothing but branches: "10" over and over.
    let endless = forged(&[0b1010_1010; 1000], &[], &[]);
    assert_eq!(endless.verify(&EMPTY, &absent(KEY)), Err(StateProofError::Shape));
    // With leaves that differ in their last bit, the path has all its 256 bits and no more.
    let tree = NaiveTree([key(0, 0), key(0, 1)].map(|key| (key, digest(5))).into());
    let keys = [key(0, 0), key(0, 1)];
    assert_eq!(tree.prove(&keys).verify(&tree.root(), &tree.claims(&keys)), Ok(()));
    let deeper = built(|b| {
        (0..=256).for_each(|_| b.branch());
        b.leaf(leaf(KEY));
        (0..=256).for_each(|_| b.sibling(&EMPTY));
    });
    assert_eq!(deeper.verify(&EMPTY, &absent(KEY)), Err(StateProofError::Shape));
}

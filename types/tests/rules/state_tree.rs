//! What a state proof shows: presence, absence, many keys at once, and nothing after any change.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{
    Claim, EMPTY, PROOF_KEYS_MAX, StateLeaf, StateProof, StateProofBuilder, StateProofError,
    branch_hash, leaf_hash, path_bit,
};

use crate::sample::digest;
use crate::sample::naive_tree::{NaiveTree, key, sample};

fn tree(count: u64) -> NaiveTree {
    NaiveTree((0..count).map(|n| (digest(n), digest(n + 1_000_000))).collect())
}

fn proven(tree: &NaiveTree, keys: &[Digest]) -> Result<(), StateProofError> {
    tree.prove(keys).verify(&tree.root(), &tree.claims(keys))
}

#[test]
fn present_keys_are_proven_in_trees_of_every_small_size() {
    for size in 1..=40 {
        let tree = tree(size);
        for n in 0..size {
            assert_eq!(proven(&tree, &[digest(n)]), Ok(()), "{n} of {size}");
        }
    }
}

#[test]
fn absent_keys_are_proven_in_trees_of_every_small_size() {
    for size in 0..=40 {
        for n in 0..20 {
            assert_eq!(proven(&tree(size), &[digest(10_000 + n)]), Ok(()), "{n} of {size}");
        }
    }
}

#[test]
fn an_empty_tree_proves_absence_by_an_empty_place() {
    let proof = NaiveTree::default().prove(&[digest(1)]);
    assert_eq!((&proof.shape[..], proof.leaves.len(), proof.hashes.len()), (&[0u8][..], 0, 0));
    assert_eq!(proof.verify(&EMPTY, &[(digest(1), None)]), Ok(()));
    let present = proof.verify(&EMPTY, &[(digest(1), Some(digest(2)))]);
    assert_eq!(present, Err(StateProofError::Absent(digest(1))));
}

#[test]
fn absence_is_an_empty_place_or_another_leaf() {
    let tree = sample();
    let by_other_leaf = tree.prove(&[key(0xff, 0)]);
    assert_eq!(by_other_leaf.leaves[0].key, key(0xc0, 0));
    assert_eq!(proven(&tree, &[key(0xff, 0)]), Ok(()));
    let by_empty = tree.prove(&[key(0x40, 0)]);
    assert!(by_empty.leaves.is_empty());
    assert_eq!(proven(&tree, &[key(0x40, 0)]), Ok(()));
}

#[test]
fn keys_that_share_255_bits_are_told_apart() {
    let tree = sample();
    let (one, other) = (key(0x80, 0), key(0x80, 1));
    for keys in [&[one][..], &[other], &[one, other], &[one, key(0x80, 2)]] {
        assert_eq!(proven(&tree, keys), Ok(()));
    }
    let swapped = [(one, tree.0.get(&other).copied()), (other, tree.0.get(&one).copied())];
    let refused = tree.prove(&[one, other]).verify(&tree.root(), &swapped);
    assert_eq!(refused, Err(StateProofError::Value(one)));
}

#[test]
fn many_keys_present_and_absent_are_proven_at_once_in_any_order() {
    let tree = tree(200);
    let mut keys: Vec<_> = (150..250).map(digest).collect();
    assert_eq!(proven(&tree, &keys), Ok(()));
    let proof = tree.prove(&keys);
    keys.reverse();
    assert_eq!(proof.verify(&tree.root(), &tree.claims(&keys)), Ok(()));
}

#[test]
fn one_to_1024_distinct_keys_are_proven() {
    let tree = tree(3);
    let proof = tree.prove(&[digest(0)]);
    let claim = (digest(0), tree.0.get(&digest(0)).copied());
    let refused = |claims: &[Claim]| proof.verify(&tree.root(), claims);
    assert_eq!(refused(&[]), Err(StateProofError::KeyCount(0)));
    assert_eq!(refused(&[claim, claim]), Err(StateProofError::KeyCount(2)));
    let contradictory = [claim, (digest(0), None)];
    assert_eq!(refused(&contradictory), Err(StateProofError::KeyCount(2)));
    let most = (0..PROOF_KEYS_MAX as u64).map(digest).collect::<Vec<_>>();
    assert_eq!(proven(&tree, &most), Ok(()));
    let above: Vec<_> = (0..=PROOF_KEYS_MAX as u64).map(|n| (digest(n), None)).collect();
    assert_eq!(refused(&above), Err(StateProofError::KeyCount(PROOF_KEYS_MAX + 1)));
}

#[test]
fn a_false_claim_about_a_key_is_refused_by_name() {
    let tree = sample();
    let present = key(0x20, 0);
    let proof = tree.prove(&[present]);
    let verdict = |claim| proof.verify(&tree.root(), &[(present, claim)]);
    assert_eq!(verdict(None), Err(StateProofError::Present(present)));
    assert_eq!(verdict(Some(digest(77))), Err(StateProofError::Value(present)));
    let absent = key(0xff, 0);
    let claimed = tree.prove(&[absent]).verify(&tree.root(), &[(absent, Some(digest(4)))]);
    assert_eq!(claimed, Err(StateProofError::Absent(absent)));
    let empty = key(0x40, 0);
    let claimed = tree.prove(&[empty]).verify(&tree.root(), &[(empty, Some(digest(4)))]);
    assert_eq!(claimed, Err(StateProofError::Absent(empty)));
}

#[test]
fn a_proof_of_another_key_or_under_another_root_is_refused() {
    let tree = tree(64);
    let proof = tree.prove(&[digest(1)]);
    let others = (2..30).map(digest).chain([digest(500)]);
    for other in others {
        assert!(proof.verify(&tree.root(), &tree.claims(&[other])).is_err());
    }
    let claims = tree.claims(&[digest(1)]);
    assert_eq!(proof.verify(&digest(9), &claims), Err(StateProofError::Root));
    assert_eq!(proof.verify(&EMPTY, &claims), Err(StateProofError::Root));
}

#[test]
fn every_altered_bit_of_a_proof_is_refused() {
    let tree = sample();
    let cases: [&[Digest]; 5] = [
        &[key(0x20, 0)],
        &[key(0x40, 0)],
        &[key(0xff, 0)],
        &[key(0x80, 1), key(0x80, 2), key(0x21, 0)],
        &[key(0, 1), key(0x20, 0), key(0x80, 0), key(0x80, 1), key(0xc0, 0)],
    ];
    for keys in cases {
        let bytes = tree.prove(keys).to_bytes();
        let claims = tree.claims(keys);
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            let accepted = StateProof::from_bytes(&altered)
                .is_ok_and(|proof| proof.verify(&tree.root(), &claims).is_ok());
            assert!(!accepted, "bit {bit}");
        }
    }
}

#[test]
fn leaf_branch_and_empty_never_hash_alike() {
    let leaf = StateLeaf { key: digest(1), value_hash: digest(2) };
    assert_ne!(leaf_hash(&leaf), branch_hash(&leaf.key, &leaf.value_hash));
    assert_ne!(branch_hash(&digest(1), &digest(2)), branch_hash(&digest(2), &digest(1)));
    assert_ne!(branch_hash(&EMPTY, &EMPTY), EMPTY);
    assert_eq!(tree(1).root(), leaf_hash(&tree(1).prove(&[digest(0)]).leaves[0]));
}

#[test]
fn path_bits_run_from_the_highest_bit_of_the_first_byte() {
    let mut bytes = [0; 32];
    (bytes[0], bytes[1], bytes[31]) = (0b1000_0001, 0b0100_0000, 1);
    let set: Vec<_> = (0..256).filter(|depth| path_bit(&Digest(bytes), *depth)).collect();
    assert_eq!(set, [0, 7, 9, 255]);
}

#[test]
fn a_builder_refuses_more_than_a_proof_holds() {
    assert_eq!(StateProofBuilder::new().finish(), Err(StateProofError::KeyCount(0)));
    let mut builder = StateProofBuilder::default();
    let leaf = StateLeaf { key: digest(1), value_hash: digest(2) };
    (0..=PROOF_KEYS_MAX).for_each(|_| builder.leaf(leaf));
    assert_eq!(builder.finish(), Err(StateProofError::KeyCount(PROOF_KEYS_MAX + 1)));
}

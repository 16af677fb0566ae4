//! The state tree against a naive oracle: roots after random batches, proofs of what is present
//! and absent, and lies about both.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vouchsafe_ledger::{Change, StateTree};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::state_tree::{
    EMPTY, PROOF_KEYS_MAX, StateLeaf, StateProof, StateProofError, branch_hash, leaf_hash, path_bit,
};

type Map = BTreeMap<Digest, Digest>;

/// The oracle: the root of a sorted list of records, straight from the definition.
fn oracle(leaves: &[(Digest, Digest)], depth: usize) -> Digest {
    match leaves {
        [] => EMPTY,
        [(key, value_hash)] => leaf_hash(&StateLeaf { key: *key, value_hash: *value_hash }),
        _ => {
            let (left, right): (Vec<_>, Vec<_>) =
                leaves.iter().partition(|(key, _)| !path_bit(key, depth));
            branch_hash(&oracle(&left, depth + 1), &oracle(&right, depth + 1))
        }
    }
}

fn oracle_root(map: &Map) -> Digest {
    oracle(&map.iter().map(|(key, value)| (*key, *value)).collect::<Vec<_>>(), 0)
}

fn bulk(map: &Map) -> StateTree {
    let leaves =
        map.iter().map(|(key, value_hash)| StateLeaf { key: *key, value_hash: *value_hash });
    StateTree::from_sorted_leaves(leaves.map(Ok::<_, std::convert::Infallible>))
        .expect("infallible")
}

/// Keys that crowd: few distinct first bytes, or a shared prefix of 200 bits with a varied tail.
fn any_key() -> impl Strategy<Value = Digest> {
    prop_oneof![
        any::<[u8; 32]>().prop_map(Digest),
        (0..8u8, 0..4u8).prop_map(|(first, last)| {
            let mut bytes = [0; 32];
            (bytes[0], bytes[31]) = (first, last);
            Digest(bytes)
        }),
        any::<[u8; 7]>().prop_map(|tail| {
            let mut bytes = [0xa5; 32];
            bytes[25..].copy_from_slice(&tail);
            Digest(bytes)
        }),
    ]
}

fn any_change() -> impl Strategy<Value = Change> {
    (any_key(), proptest::option::weighted(0.7, any::<u8>().prop_map(|b| Digest([b; 32]))))
}

fn any_batches() -> impl Strategy<Value = Vec<Vec<Change>>> {
    prop::collection::vec(prop::collection::vec(any_change(), 0..40), 1..6)
}

/// Applies batches to tree and map; half of the changes name a key that is already there.
fn grow(batches: &[Vec<Change>]) -> (StateTree, Map) {
    let (mut tree, mut map) = (StateTree::default(), Map::new());
    for batch in batches {
        let mut changes = BTreeMap::new();
        for (index, (key, value)) in batch.iter().enumerate() {
            let known = map.keys().nth(index * 7 % (map.len().max(1) * 2)).copied();
            changes.insert(known.unwrap_or(*key), *value);
        }
        let sorted: Vec<Change> = changes.into_iter().collect();
        let (before, old_root) = (tree.clone(), tree.root());
        tree = tree.update(&sorted);
        assert_eq!(before.root(), old_root, "the old tree is untouched");
        for (key, value) in sorted {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
    }
    (tree, map)
}

fn claims(map: &Map, keys: &[Digest]) -> Vec<(Digest, Option<Digest>)> {
    keys.iter().map(|key| (*key, map.get(key).copied())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_batches_give_the_oracles_root_and_values(batches in any_batches()) {
        let (tree, map) = grow(&batches);
        prop_assert_eq!(tree.root(), oracle_root(&map));
        prop_assert_eq!(bulk(&map).root(), tree.root());
        for (key, value) in batches.iter().flatten() {
            prop_assert_eq!(tree.get(key), map.get(key).copied());
            prop_assert!(value.is_some() || map.contains_key(key) == tree.get(key).is_some());
        }
        let removals: Vec<Change> = map.keys().map(|key| (*key, None)).collect();
        prop_assert_eq!(tree.update(&removals).root(), EMPTY);
    }

    #[test]
    fn proofs_of_present_and_absent_keys_verify_and_lies_do_not(
        batches in any_batches(),
        absent in prop::collection::btree_set(any_key(), 1..8),
        pick in any::<prop::sample::Index>(),
    ) {
        let (tree, map) = grow(&batches);
        let mut keys: Vec<Digest> = absent.into_iter().collect();
        keys.extend(map.keys().step_by(3).copied());
        keys.sort_unstable();
        keys.dedup();
        let proof = tree.prove(&keys).expect("distinct keys");
        let truth = claims(&map, &keys);
        prop_assert_eq!(proof.verify(&tree.root(), &truth), Ok(()));
        // A lie about one key.
        let mut lie = truth.clone();
        let chosen = pick.index(lie.len());
        lie[chosen].1 = match lie[chosen].1 {
            Some(_) if chosen % 2 == 0 => None,
            Some(value) => Some(Digest([value.0[0] ^ 1; 32])),
            None => Some(Digest([7; 32])),
        };
        prop_assert!(proof.verify(&tree.root(), &lie).is_err());
        // Another tree's root.
        prop_assert_eq!(proof.verify(&Digest([9; 32]), &truth), Err(StateProofError::Root));
    }

    #[test]
    fn a_proof_with_any_bit_changed_does_not_verify(
        batches in any_batches(),
        extra in any_key(),
        byte in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        use vouchsafe_types::canonical::Canonical as _;
        let (tree, map) = grow(&batches);
        let mut keys: Vec<Digest> = map.keys().take(5).copied().collect();
        keys.push(extra);
        keys.sort_unstable();
        keys.dedup();
        let mut bytes = tree.prove(&keys).expect("distinct keys").to_bytes();
        let place = byte.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let verdict = StateProof::from_bytes(&bytes)
            .map(|proof| proof.verify(&tree.root(), &claims(&map, &keys)));
        prop_assert!(!matches!(verdict, Ok(Ok(()))));
    }
}

#[test]
fn keys_that_share_all_but_their_last_bit_stand_at_depth_256_and_collapse() {
    let mut twin = Digest([0xa5; 32]);
    let one = twin;
    twin.0[31] ^= 1;
    let lone = StateTree::default().update(&[(one, Some(Digest([1; 32])))]);
    let mut sorted = vec![(one, Some(Digest([1; 32]))), (twin, Some(Digest([2; 32])))];
    sorted.sort_unstable();
    let both = StateTree::default().update(&sorted);
    let map: Map = sorted.iter().map(|(key, value)| (*key, value.expect("inserted"))).collect();
    assert_eq!(both.root(), oracle_root(&map));
    assert_eq!(bulk(&map).root(), both.root());
    let proof = both.prove(&[one, twin]).expect("two keys");
    assert_eq!(proof.verify(&both.root(), &sorted), Ok(()));
    assert_eq!(both.update(&[(twin, None)]).root(), lone.root());
}

#[test]
fn a_change_that_changes_nothing_keeps_the_root() {
    let (key, other) = (Digest([1; 32]), Digest([2; 32]));
    let tree = StateTree::default().update(&[(key, Some(Digest([3; 32])))]);
    assert_eq!(tree.update(&[(other, None)]).root(), tree.root());
    assert_eq!(tree.update(&[(key, Some(Digest([3; 32])))]).root(), tree.root());
    assert_eq!(tree.update(&[]).root(), tree.root());
    assert_eq!(StateTree::default().root(), EMPTY);
}

#[test]
fn an_empty_tree_proves_absence() {
    let key = Digest([1; 32]);
    let proof = StateTree::default().prove(&[key]).expect("one key");
    assert_eq!(proof.verify(&EMPTY, &[(key, None)]), Ok(()));
    assert!(proof.verify(&EMPTY, &[(key, Some(key))]).is_err());
}

#[test]
fn a_proof_is_for_1_to_1024_distinct_keys() {
    let tree = StateTree::default();
    assert_eq!(tree.prove(&[]).err(), Some(StateProofError::KeyCount(0)));
    let twice = [Digest::ZERO; 2];
    assert_eq!(tree.prove(&twice).err(), Some(StateProofError::KeyCount(2)));
    let key = |index: usize| Digest([index.to_be_bytes(); 4].concat().try_into().expect("32"));
    let many: Vec<Digest> = (0..=PROOF_KEYS_MAX).map(key).collect();
    assert_eq!(tree.prove(&many).err(), Some(StateProofError::KeyCount(PROOF_KEYS_MAX + 1)));
    let leaves = many.iter().map(|key| (*key, Some(*key))).collect::<Vec<_>>();
    let full = tree.update(&leaves);
    let most = &many[..PROOF_KEYS_MAX];
    let proof = full.prove(most).expect("as many as allowed");
    assert_eq!(proof.verify(&full.root(), &leaves[..PROOF_KEYS_MAX]), Ok(()));
}

#[test]
#[should_panic(expected = "sorted")]
fn unsorted_changes_are_a_bug() {
    let change = |byte| (Digest([byte; 32]), None);
    let _ = StateTree::default().update(&[change(2), change(1)]);
}

#[test]
#[should_panic(expected = "ascend")]
fn unsorted_leaves_are_a_bug() {
    let leaf = |byte| {
        Ok::<_, std::convert::Infallible>(StateLeaf {
            key: Digest([byte; 32]),
            value_hash: Digest([byte; 32]),
        })
    };
    let _ = StateTree::from_sorted_leaves([leaf(1), leaf(2), leaf(2)]);
}

#[test]
fn an_iterators_error_ends_the_build() {
    let result = StateTree::from_sorted_leaves([Err::<StateLeaf, _>("broken")]);
    assert_eq!(result.err(), Some("broken"));
}

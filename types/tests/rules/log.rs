//! RFC 9162 logs, against the known roots of RFC 6962's reference tree and against ct-merkle.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2_for_ct_merkle::Sha256;
use vouchsafe_types::canonical::{Canonical as _, DecodeError, Version};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::{
    Frontier, InclusionProof, LogProofError, PATH_HASHES_MAX, PathHashes, empty_root, leaf_hash,
    node_hash, root,
};

use crate::sample::digest;

/// The entries of the reference tree in RFC 6962's implementation (certificate-transparency,
/// `merkle_tree_test`), and its roots for sizes 1 to 8.
const ENTRIES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex_digest(text: &str) -> Digest {
    Digest::from_hex(text).expect("the constants are digests")
}

fn leaves(count: usize) -> Vec<Digest> {
    (0..count as u64).map(|n| leaf_hash(&n.to_le_bytes())).collect()
}

#[test]
fn roots_are_those_of_the_reference_tree() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty_root(), hex_digest(empty));
    assert_eq!(root(&[]), empty_root());
    let leaves: Vec<_> = ENTRIES
        .iter()
        .map(|entry| leaf_hash(&hex::decode(entry).expect("the constants are hexadecimal")))
        .collect();
    for (index, known) in ROOTS.iter().enumerate() {
        assert_eq!(root(&leaves[..=index]), hex_digest(known), "size {}", index + 1);
    }
}

#[test]
fn roots_and_paths_agree_with_ct_merkle_up_to_64_entries() {
    let mut oracle = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    for size in 1..=64usize {
        oracle.push((size as u64 - 1).to_le_bytes().to_vec());
        let leaves = leaves(size);
        assert_eq!(root(&leaves).0[..], oracle.root().as_bytes()[..], "size {size}");
        for index in 0..size {
            let path: Vec<u8> =
                InclusionProof::of(&leaves, index).path.iter().flat_map(|h| h.0).collect();
            assert_eq!(path, oracle.prove_inclusion(index).as_bytes(), "{index} of {size}");
        }
    }
}

#[test]
fn every_entry_of_every_small_log_is_proven_and_no_other() {
    for size in 1..=64usize {
        let leaves = leaves(size);
        let root = root(&leaves);
        for index in 0..size {
            let proof = InclusionProof::of(&leaves, index);
            assert_eq!(proof.verify(&leaves[index], &root), Ok(()), "{index} of {size}");
            assert_eq!(proof.verify(&digest(999), &root), Err(LogProofError::Root));
            assert_eq!(proof.verify(&leaves[index], &digest(999)), Err(LogProofError::Root));
        }
    }
}

#[test]
fn an_entry_is_not_proven_at_another_index() {
    for size in 2..=40usize {
        let leaves = leaves(size);
        let root = root(&leaves);
        for index in 0..size {
            let proof = InclusionProof::of(&leaves, index);
            for wrong in (0..size as u64 + 2).filter(|wrong| *wrong != index as u64) {
                let moved = InclusionProof { index: wrong, ..proof.clone() };
                assert!(moved.verify(&leaves[index], &root).is_err(), "{index}→{wrong} of {size}");
            }
        }
    }
}

#[test]
fn an_index_beyond_the_size_is_refused_by_name() {
    let leaves = leaves(5);
    let proof = InclusionProof::of(&leaves, 4);
    for (index, size) in [(5, 5), (u64::MAX, 5), (0, 0), (4, 4)] {
        let wrong = InclusionProof { index, size, ..proof.clone() };
        let refused = Err(LogProofError::Index { index, size });
        assert_eq!(wrong.verify(&leaves[4], &root(&leaves)), refused);
    }
}

#[test]
fn a_path_has_exactly_the_hashes_that_its_place_needs() {
    for size in 1..=40usize {
        let leaves = leaves(size);
        let root = root(&leaves);
        for index in 0..size {
            let proof = InclusionProof::of(&leaves, index);
            let mut path = proof.path.to_vec();
            path.push(digest(1));
            let longer = PathHashes::new(path.clone()).expect("short");
            let longer = InclusionProof { path: longer, ..proof.clone() };
            let refused = Err(LogProofError::PathLength);
            assert_eq!(longer.verify(&leaves[index], &root), refused);
            path.truncate(proof.path.len().saturating_sub(1));
            if size > 1 {
                let path = PathHashes::new(path).expect("short");
                let shorter = InclusionProof { path, ..proof };
                assert_eq!(shorter.verify(&leaves[index], &root), refused);
            }
        }
    }
}

#[test]
fn a_node_is_not_an_entry() {
    let leaves = leaves(4);
    let inner = node_hash(&leaves[0], &leaves[1]);
    let path = PathHashes::new(vec![node_hash(&leaves[2], &leaves[3])]).expect("short");
    let forged = InclusionProof { version: Version, index: 0, size: 2, path };
    // The path is right for a log of two whose first entry hashes to the inner node …
    assert_eq!(forged.verify(&inner, &root(&leaves)), Ok(()));
    // … which no entry's bytes do: what a verifier hashes is the entry, under the leaf prefix.
    let bytes = [&[1], &leaves[0].0[..], &leaves[1].0[..]].concat();
    assert_ne!(leaf_hash(&bytes), inner);
    assert_eq!(forged.verify(&leaf_hash(&bytes), &root(&leaves)), Err(LogProofError::Root));
}

#[test]
fn a_frontier_grows_into_the_root_of_all_entries_and_reads_back() {
    let mut frontier = Frontier::default();
    let leaves = leaves(130);
    for (count, leaf) in leaves.iter().enumerate() {
        assert_eq!(frontier.size(), count as u64);
        assert_eq!(frontier.root(), root(&leaves[..count]));
        assert_eq!(Frontier::from_bytes(&frontier.to_bytes()), Ok(frontier.clone()));
        frontier.append(*leaf);
    }
    assert_eq!(frontier.root(), root(&leaves));
}

#[test]
fn a_frontier_has_one_peak_for_each_binary_digit() {
    let mut frontier = Frontier::default();
    leaves(6).into_iter().for_each(|leaf| frontier.append(leaf));
    let mut bytes = frontier.to_bytes();
    bytes[0] = 7;
    assert!(matches!(Frontier::from_bytes(&bytes), Err(DecodeError::Malformed(_))));
    let mut many = u64::MAX.to_le_bytes().to_vec();
    many.extend_from_slice(&65u32.to_le_bytes());
    assert!(matches!(
        Frontier::from_bytes(&many),
        Err(DecodeError::TooMany { limit: PATH_HASHES_MAX, actual: 65, .. })
    ));
}

#[test]
#[should_panic(expected = "an entry of the log is proven")]
fn a_proof_is_made_for_an_entry_that_is_there() {
    let _ = InclusionProof::of(&leaves(3), 3);
}

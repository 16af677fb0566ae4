//! Domain tags, RFC 9162 logs, and the state tree with its proofs.

use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::hash::{Digest, Domain, tagged};
use vouchsafe_types::log::{self, InclusionProof};
use vouchsafe_types::state_tree::{EMPTY, STATE_TREE_TAG, StateLeaf, StateProof, leaf_hash};

use crate::json::{Json, decimal, encoding, hex, object};
use crate::sample::naive_tree::{NaiveTree, key, sample};

pub(crate) fn tags() -> Json {
    let domains: Vec<_> = Domain::ALL
        .iter()
        .map(|domain| {
            object! {
                "domain": format!("{domain:?}"),
                "tag": domain.tag(),
                "of_nothing": tagged(*domain, b""),
                "of_abc": tagged(*domain, b"abc"),
            }
        })
        .collect();
    object! {
        "about": "SHA-256(u8 length of tag, tag, data) for no data and for the bytes 'abc'.",
        "domains": domains,
        "state_tree_tag": std::str::from_utf8(STATE_TREE_TAG).expect("ASCII"),
        "empty_state_tree": EMPTY,
        "empty_log": log::empty_root(),
    }
}

pub(crate) fn logs() -> Json {
    let entries: Vec<Vec<u8>> = (0..13u8).map(|n| vec![n; usize::from(n)]).collect();
    let leaves: Vec<_> = entries.iter().map(|entry| log::leaf_hash(entry)).collect();
    let roots: Vec<_> = (0..=13usize)
        .map(|size| object! {"size": size, "root": log::root(&leaves[..size])})
        .collect();
    let proofs: Vec<_> =
        [(0, 1), (0, 2), (1, 2), (2, 3), (0, 7), (3, 7), (6, 7), (8, 13), (12, 13)]
            .iter()
            .map(|(index, size)| {
                let proof = InclusionProof::of(&leaves[..*size], *index);
                let root = log::root(&leaves[..*size]);
                assert_eq!(proof.verify(&leaves[*index], &root), Ok(()));
                object! {
                    "index": *index,
                    "size": *size,
                    "leaf_hash": leaves[*index],
                    "path": proof.path.to_vec(),
                    "root": root,
                    "bytes": encoding(&proof),
                }
            })
            .collect();
    object! {
        "about": "RFC 9162 logs. Entry n is the byte n, n times.",
        "entries": entries.iter().map(hex).collect::<Vec<_>>(),
        "leaf_hashes": leaves,
        "roots": roots,
        "inclusion_proofs": proofs,
    }
}

/// The bits of a proof's shape, as a text of 0 and 1.
fn bits(proof: &StateProof) -> String {
    proof.shape.iter().map(|byte| format!("{byte:08b}")).collect::<Vec<_>>().join(" ")
}

fn leaf_json(leaf: &StateLeaf) -> Json {
    object! {"key": leaf.key, "value_hash": leaf.value_hash, "leaf_hash": leaf_hash(leaf)}
}

fn proof_json(about: &str, tree: &NaiveTree, keys: &[Digest]) -> Json {
    let proof = tree.prove(keys);
    let claims = tree.claims(keys);
    assert_eq!(proof.verify(&tree.root(), &claims), Ok(()));
    let claims: Vec<_> = claims
        .into_iter()
        .map(|(key, value_hash)| object! {"key": key, "value_hash": value_hash})
        .collect();
    object! {
        "about": about,
        "claims": claims,
        "shape_bits": bits(&proof),
        "leaves": proof.leaves.iter().map(leaf_json).collect::<Vec<_>>(),
        "hashes": proof.hashes.to_vec(),
        "bytes": encoding(&proof),
        "bytes_length": decimal(proof.to_bytes().len() as u64),
    }
}

fn tree_json(about: &str, tree: &NaiveTree, proofs: Vec<Json>) -> Json {
    let leaves: Vec<_> = tree
        .0
        .iter()
        .map(|(key, value)| leaf_json(&StateLeaf { key: *key, value_hash: *value }))
        .collect();
    object! {"about": about, "leaves": leaves, "root": tree.root(), "proofs": proofs}
}

fn five_leaves() -> Json {
    let tree = sample();
    let [a, b, c, d, e] = [key(0, 1), key(0x20, 0), key(0x80, 0), key(0x80, 1), key(0xc0, 0)];
    let proofs = vec![
        proof_json("one key, present", &tree, &[b]),
        proof_json("one key, absent: an empty place", &tree, &[key(0x40, 0)]),
        proof_json("one key, absent: another key's leaf", &tree, &[key(0xff, 0)]),
        proof_json("a path of 256 bits", &tree, &[d]),
        proof_json("two keys that end at one leaf, one of them absent", &tree, &[e, key(0xff, 0)]),
        proof_json("all keys: no hashes are needed", &tree, &[a, b, c, d, e]),
        proof_json("present and absent keys together", &tree, &[e, key(0x40, 0), a, key(0x21, 0)]),
    ];
    tree_json("five leaves, two of which share 255 bits", &tree, proofs)
}

pub(crate) fn state_trees() -> Json {
    let empty = NaiveTree::default();
    let one = NaiveTree([(key(0x80, 0), crate::sample::digest(0))].into());
    let two =
        NaiveTree([key(0x40, 0), key(0xc0, 0)].map(|key| (key, crate::sample::digest(1))).into());
    object! {
        "about": "State trees with proofs. Shape bits are in pre-order, padded with zeros.",
        "trees": vec![
            tree_json("empty", &empty, vec![proof_json("absent", &empty, &[key(1, 1)])]),
            tree_json("one leaf, which is the root", &one, vec![
                proof_json("present", &one, &[key(0x80, 0)]),
                proof_json("absent: the only leaf is another's", &one, &[key(0, 0)]),
            ]),
            tree_json("two leaves", &two, vec![
                proof_json("present, its neighbour as a hash", &two, &[key(0x40, 0)]),
                proof_json("absent: another key's leaf", &two, &[key(0, 0)]),
                proof_json("both", &two, &[key(0x40, 0), key(0xc0, 0)]),
            ]),
            five_leaves(),
        ],
    }
}

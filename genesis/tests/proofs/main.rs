//! The frozen proof files in `vectors/`: what must be shown, what must be refused and by which
//! rule; and the verifiers in `verifiers/`, which share no code with this one, held against it on
//! random mutations. `VOUCHSAFE_BLESS=1` rewrites the vectors, which is right only for new ones.

mod invalid;
mod invalid_bytes;
mod invalid_json;
mod judge;
mod mutations;
mod pins;
mod valid;
mod world;

#[allow(dead_code, reason = "only its signer with torsion is used here")]
#[path = "../../../types/tests/sample/crafted.rs"]
mod crafted;
#[allow(dead_code, reason = "only the tree is used here")]
#[path = "../../../types/tests/sample/naive_tree.rs"]
mod naive_tree;

mod sample {
    //! What the tree of the `types` crate's tests looks for here.
    use vouchsafe_types::hash::{Digest, sha256};

    pub(crate) fn digest(number: u64) -> Digest {
        sha256(&[&number.to_le_bytes()])
    }
}

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

/// Compares one file with what is made today, or rewrites it.
fn frozen(name: &str, made: &Value) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(made).expect("it is JSON"));
    if std::env::var_os("VOUCHSAFE_BLESS").is_some() {
        fs::write(&path, &text).expect("the vector file can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differing = committed.lines().zip(text.lines()).find(|(old, new)| old != new);
    assert!(committed == text, "vectors/{name} differs from what is made today: {differing:?}");
}

#[test]
fn proofs_are_frozen() {
    let worlds: Vec<Value> = world::all().iter().map(world::World::to_json).collect();
    let about = "Proof files in both forms, each of the genesis document at its index, and what \
                 each shows: see docs/PROTOCOL.md, sections 15 and 19.";
    frozen("proofs.json", &json!({"about": about, "genesis": worlds, "cases": valid::all()}));
}

#[test]
fn invalid_proofs_are_frozen() {
    let cases: Vec<Value> = [invalid::all(), invalid_bytes::all(), invalid_json::all()].concat();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let about = "Proof files that must be refused, and the rule that each breaks: the variants of \
                 the error, from the outermost in. The genesis documents are those of proofs.json.";
    frozen("invalid_proofs.json", &json!({"about": about, "cases": cases}));
}

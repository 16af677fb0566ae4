//! The frozen vectors in `vectors/`: every encoding, hash, signature and refusal that another
//! implementation needs to compare itself with. They are compared byte for byte with what this
//! crate makes today; a difference is a broken format. `VOUCHSAFE_BLESS=1` rewrites the files,
//! which is right only before a format is published or for a new vector.

mod blocks;
mod checkpoints;
mod invalid;
mod invalid_bytes;
mod json;
mod prose;
mod records;
#[path = "../sample/mod.rs"]
mod sample;
mod signatures;
mod transactions;
mod trees;
mod votes;

use std::fs;
use std::path::PathBuf;

use json::Json;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// Compares one file with what is made today, or rewrites it.
fn frozen(name: &str, made: &Json) {
    let path = folder().join(name);
    let text = made.to_text();
    if std::env::var_os("VOUCHSAFE_BLESS").is_some() {
        fs::write(&path, &text).expect("the vector file can be written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differing = committed.lines().zip(text.lines()).find(|(old, new)| old != new);
    assert!(committed == text, "vectors/{name} differs from what is made today: {differing:?}");
}

#[test]
fn tags_are_frozen() {
    frozen("tags.json", &trees::tags());
}

#[test]
fn transactions_are_frozen() {
    frozen("transactions.json", &transactions::all());
}

#[test]
fn votes_proposals_and_evidence_are_frozen() {
    frozen("votes.json", &votes::all());
}

#[test]
fn validator_sets_headers_certificates_and_blocks_are_frozen() {
    frozen("blocks.json", &blocks::all());
}

#[test]
fn records_and_their_names_are_frozen() {
    frozen("records.json", &records::all());
}

#[test]
fn checkpoints_are_frozen() {
    frozen("checkpoints.json", &checkpoints::all());
}

#[test]
fn logs_are_frozen() {
    frozen("logs.json", &trees::logs());
}

#[test]
fn state_trees_are_frozen() {
    frozen("state_trees.json", &trees::state_trees());
}

#[test]
fn signatures_on_which_verifiers_differ_are_frozen() {
    frozen("signatures.json", &signatures::all());
}

#[test]
fn refusals_are_frozen() {
    frozen("invalid.json", &invalid::all());
}

//! The examples in `docs/PROTOCOL.md` come from the vectors.

use std::fs;

use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::log::InclusionProof;
use vouchsafe_types::openssh::{ARMOR_BYTES_MAX, PUBLIC_KEY_LINE_BYTES_MAX};
use vouchsafe_types::record::{
    Activity, AssetRecord, Event, EvidenceRecord, OrganizationRecord, SignerRecord,
};
use vouchsafe_types::state_tree::StateProof;
use vouchsafe_types::transaction::{Body, SignedTransaction};
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use crate::folder;

fn prose() -> String {
    fs::read_to_string(folder().join("../docs/PROTOCOL.md")).expect("the protocol")
}

fn limit<T: Canonical>() -> usize {
    T::LIMIT_BYTES
}

/// A number with a comma before every third digit from the end.
fn with_commas(number: usize) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", with_commas(number / 1000), number % 1000),
    }
}

#[test]
fn the_protocol_states_the_limits_that_hold() {
    assert_eq!(limit::<SignedVote>(), limit::<SignedProposal>());
    let prose = prose();
    for (name, bytes) in [
        ("SignedTransaction", limit::<SignedTransaction>()),
        ("Body", limit::<Body>()),
        ("Block", limit::<Block>()),
        ("Header", limit::<Header>()),
        ("CommitCertificate", limit::<CommitCertificate>()),
        ("ValidatorSet", limit::<ValidatorSet>()),
        ("SignedVote, SignedProposal", limit::<SignedVote>()),
        ("Evidence", limit::<Evidence>()),
        ("OpenSSH public-key line", PUBLIC_KEY_LINE_BYTES_MAX),
        ("AssetRecord", limit::<AssetRecord>()),
        ("Event", limit::<Event>()),
        ("Activity", limit::<Activity>()),
        ("SignerRecord", limit::<SignerRecord>()),
        ("OrganizationRecord", limit::<OrganizationRecord>()),
        ("EvidenceRecord", limit::<EvidenceRecord>()),
        ("StateProof", limit::<StateProof>()),
        ("InclusionProof", limit::<InclusionProof>()),
        ("armored signature", ARMOR_BYTES_MAX),
    ] {
        let row = format!("| {name} | {} |", with_commas(bytes));
        assert!(prose.contains(&row), "docs/PROTOCOL.md lacks {row}");
    }
}

#[test]
fn every_long_hexadecimal_number_in_the_protocol_stands_in_a_vector() {
    let prose = prose();
    let mut vectors = String::new();
    for entry in fs::read_dir(folder()).expect("the vectors") {
        let path = entry.expect("readable").path();
        vectors.push_str(&fs::read_to_string(path).expect("text"));
    }
    let digits = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let examples: Vec<_> =
        prose.split(|c: char| !digits(c)).filter(|word| word.len() >= 24).collect();
    assert!(examples.len() >= 20, "the protocol shows {} examples", examples.len());
    for example in examples {
        assert!(vectors.contains(example), "{example} stands in no vector");
    }
}

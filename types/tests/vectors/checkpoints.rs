//! Checkpoints as signed notes, and proofs that one history continues another.

use vouchsafe_types::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use vouchsafe_types::consistency::{ConsistencyError, ConsistencyHashes, ConsistencyProof};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::log::{leaf_hash, root};

use crate::json::{Json, decimal, encoding, object};
use crate::sample::{chain, digest, public, sign, validators};

/// The longest log of which proofs are shown.
const ENTRIES: u64 = 11;

fn leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|number| leaf_hash(digest(number).as_bytes())).collect()
}

fn note(seeds: &[u8]) -> String {
    let text = Checkpoint { chain_id: chain(), size: ENTRIES, root: root(&leaves(ENTRIES)) }.text();
    let line = |seed: &u8| Checkpoint::line(&public(*seed), &sign(*seed, text.as_bytes()));
    format!("{text}\n{}", seeds.iter().map(line).collect::<String>())
}

/// The rule of an error, as PROTOCOL.md names it.
fn rule(error: &CheckpointError) -> &'static str {
    match error {
        CheckpointError::TooLong => "TooLong",
        CheckpointError::Form(_) => "Form",
        CheckpointError::Chain { .. } => "Chain",
        CheckpointError::Repeated(_) => "Repeated",
        CheckpointError::Signature(_) => "Signature",
        CheckpointError::Power { .. } => "Power",
    }
}

fn note_json(about: &str, note: &str, refused: Option<&str>) -> Json {
    let verdict = SignedCheckpoint::parse(note.as_bytes())
        .and_then(|signed| signed.verify(&chain(), &validators()));
    assert_eq!(verdict.as_ref().err().map(rule), refused, "{about}: {verdict:?}");
    object! {"about": about, "note": note, "counts": refused.is_none(), "rule": refused}
}

/// A line of a note under the text: that of a key.
fn line_of(seed: u8) -> String {
    note(&[seed]).lines().last().expect("a signature").to_owned()
}

fn notes_that_count() -> Vec<Json> {
    let three = note(&[101, 102, 103]);
    let end = |more: &str| format!("{three}{more}\n");
    let capitals = public(104).address().to_string().to_uppercase();
    let upper = format!("\u{2014} {capitals} {}", "A".repeat(92));
    let witness = format!("\u{2014} witness.example/w1 {}", "A".repeat(100));
    vec![
        note_json("signed by all four", &note(&[101, 102, 103, 104]), None),
        note_json("signed by three of four", &three, None),
        note_json("a witness beside them", &end(&witness), None),
        note_json(
            "a witness whose line is not read beyond its name",
            &end("\u{2014} w AAAA"),
            None,
        ),
        note_json("a stranger's signature beside them", &end(&line_of(99)), None),
        note_json("a validator's address in capitals is a stranger's name", &end(&upper), None),
    ]
}

fn notes_that_do_not() -> Vec<Json> {
    let three = note(&[101, 102, 103]);
    let end = |more: &str| format!("{three}{more}\n");
    let address = public(104).address().to_string();
    let size = |text: &str| three.replacen("\n11\n", &format!("\n{text}\n"), 1);
    let root_line = three.lines().nth(2).expect("three lines").to_owned();
    let swapped = line_of(101).replacen(&public(101).address().to_string(), &address, 1);
    let zeros = format!("\u{2014} {address} {}=", "A".repeat(91));
    let text = three.lines().take(3).collect::<Vec<_>>().join("\n");
    vec![
        note_json("signed by two of four", &note(&[101, 102]), Some("Power")),
        note_json("two and a stranger", &note(&[101, 102, 99]), Some("Power")),
        note_json("one of them twice", &end(&line_of(101)), Some("Repeated")),
        note_json(
            "three that hold, and one with another's signature",
            &end(&swapped),
            Some("Signature"),
        ),
        note_json("three that hold, and one of zeros", &end(&zeros), Some("Signature")),
        note_json(
            "a validator's line of 3 bytes",
            &end(&format!("\u{2014} {address} AAAA")),
            Some("Form"),
        ),
        note_json("another size", &size("12"), Some("Signature")),
        note_json("a size with a zero before it", &size("011"), Some("Form")),
        note_json("a size with a sign", &size("+11"), Some("Form")),
        note_json("of no block", &size("0"), Some("Form")),
        note_json("a size of 65 bits", &size("18446744073709551616"), Some("Form")),
        note_json("another chain", &three.replacen("vouchsafe/b", "vouchsafe/c", 1), Some("Chain")),
        note_json("another origin", &three.replacen("vouchsafe/", "another/", 1), Some("Form")),
        note_json(
            "a chain id in capitals",
            &three.replacen("vouchsafe/b", "vouchsafe/B", 1),
            Some("Form"),
        ),
        note_json(
            "a fourth line of text",
            &three.replacen(&root_line, &format!("{root_line}\nmore"), 1),
            Some("Form"),
        ),
        note_json("a root without padding", &three.replacen('=', "", 1), Some("Form")),
        note_json("no empty line", &three.replacen("\n\n", "\n", 1), Some("Form")),
        note_json("no signature at all", &format!("{text}\n\n"), Some("Form")),
        note_json("a hyphen for the dash", &three.replacen('\u{2014}', "-", 1), Some("Form")),
        note_json("a line of another form", &end("signed by me"), Some("Form")),
        note_json("no newline at its end", three.trim_end(), Some("Form")),
        note_json("a line ended by two bytes", &three.replace('\n', "\r\n"), Some("Form")),
    ]
}

fn consistency_rule(error: ConsistencyError) -> &'static str {
    match error {
        ConsistencyError::Sizes { .. } => "Sizes",
        ConsistencyError::PathLength => "PathLength",
        ConsistencyError::FirstRoot => "FirstRoot",
        ConsistencyError::SecondRoot => "SecondRoot",
    }
}

/// Proofs that the log of 7 does not begin so.
fn inconsistency() -> Vec<Json> {
    let all = leaves(7);
    let (old, new) = (root(&all[..3]), root(&all));
    let good = ConsistencyProof::of(&all, 3);
    let with = |change: &dyn Fn(&mut Vec<Digest>)| {
        let mut path = good.path.to_vec();
        change(&mut path);
        ConsistencyProof { path: ConsistencyHashes::new(path).expect("few"), ..good }
    };
    let refused = |about: &str, proof: ConsistencyProof, roots: (Digest, Digest), rule: &str| {
        let error = proof.verify(&roots.0, &roots.1).expect_err(about);
        assert_eq!(consistency_rule(error), rule, "{about}");
        object! {
            "about": about,
            "bytes": encoding(&proof),
            "first_root": roots.0,
            "second_root": roots.1,
            "rule": rule,
        }
    };
    let of = |first, second| ConsistencyProof { first, second, ..good.clone() };
    let whole = ConsistencyProof::of(&all, 7);
    let long = ConsistencyProof { path: good.path.clone(), ..whole.clone() };
    vec![
        refused("from a log of nothing", of(0, 7), (old, new), "Sizes"),
        refused("from a longer log", of(8, 7), (old, new), "Sizes"),
        refused(
            "one hash too few",
            with(&|path| path.truncate(path.len() - 1)),
            (old, new),
            "PathLength",
        ),
        refused("one hash too many", with(&|path| path.push(digest(1))), (old, new), "PathLength"),
        refused("hashes for one size", long, (new, new), "PathLength"),
        refused("no hashes", with(&|path| path.clear()), (old, new), "PathLength"),
        refused("a rewritten beginning", good.clone(), (root(&leaves(2)), new), "FirstRoot"),
        refused("a rewritten end", good.clone(), (old, root(&leaves(6))), "SecondRoot"),
        refused(
            "another hash on the left",
            with(&|path| path[2] = digest(9)),
            (old, new),
            "FirstRoot",
        ),
        refused(
            "another hash on the right",
            with(&|path| path[1] = digest(9)),
            (old, new),
            "SecondRoot",
        ),
        refused("two roots of one size", whole, (new, old), "SecondRoot"),
    ]
}

fn consistency() -> Vec<Json> {
    let all = leaves(ENTRIES);
    let sizes = (1..=ENTRIES).flat_map(|second| (1..=second).map(move |first| (first, second)));
    let proof = |(first, second): (u64, u64)| {
        let whole = usize::try_from(second).expect("small");
        let proof = ConsistencyProof::of(&all[..whole], first);
        let (old, new) = (root(&leaves(first)), root(&leaves(second)));
        assert_eq!(proof.verify(&old, &new), Ok(()));
        object! {
            "first": decimal(first),
            "second": decimal(second),
            "path": proof.path.to_vec(),
            "bytes": encoding(&proof),
        }
    };
    sizes.map(proof).collect()
}

pub(crate) fn all() -> Json {
    let roots: Vec<Json> = (1..=ENTRIES).map(|size| Json::from(root(&leaves(size)))).collect();
    object! {
        "about": "Checkpoints over the ids of so many blocks, under the four validators of \
                  blocks.json, each with whether it counts, or the rule that refuses it; the roots \
                  of 1, 2, 3… of those ids, the proofs that each size continues each smaller one, \
                  and proofs that do not hold.",
        "chain_id": chain().to_string(),
        "validators": encoding(&validators()),
        "notes": [notes_that_count(), notes_that_do_not()].concat(),
        "roots": roots,
        "consistency_proofs": consistency(),
        "refused_consistency_proofs": inconsistency(),
    }
}

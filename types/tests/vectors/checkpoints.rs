//! Checkpoints as signed notes, and proofs that one history continues another.

use vouchsafe_types::checkpoint::{Checkpoint, SignedCheckpoint};
use vouchsafe_types::consistency::ConsistencyProof;
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

fn note_json(about: &str, note: &str, counts: bool) -> Json {
    let verdict = SignedCheckpoint::parse(note.as_bytes())
        .and_then(|signed| signed.verify(&chain(), &validators()));
    assert_eq!(verdict.is_ok(), counts, "{about}: {verdict:?}");
    object! {"about": about, "note": note, "counts": counts}
}

fn notes() -> Vec<Json> {
    let three = note(&[101, 102, 103]);
    let witness = "\u{2014} witness.example/w1 AAAA\n";
    let twice = format!("{three}{}", note(&[101]).lines().last().expect("a signature"));
    vec![
        note_json("signed by all four", &note(&[101, 102, 103, 104]), true),
        note_json("signed by three of four", &three, true),
        note_json("a witness beside them", &format!("{three}{witness}"), true),
        note_json("signed by two of four", &note(&[101, 102]), false),
        note_json("two and a stranger", &note(&[101, 102, 99]), false),
        note_json("one of them twice", &format!("{twice}\n"), false),
        note_json("another size", &three.replacen("\n11\n", "\n12\n", 1), false),
        note_json("a size with a zero before it", &three.replacen("\n11\n", "\n011\n", 1), false),
        note_json("another chain", &three.replacen("vouchsafe/b", "vouchsafe/c", 1), false),
        note_json("no empty line", &three.replacen("\n\n", "\n", 1), false),
        note_json("a hyphen for the dash", &three.replacen('\u{2014}', "-", 1), false),
        note_json("no newline at its end", three.trim_end(), false),
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
                  blocks.json, each with whether it counts; the roots of 1, 2, 3… of those ids, \
                  and the proofs that each size continues each smaller one.",
        "validators": encoding(&validators()),
        "notes": notes(),
        "roots": roots,
        "consistency_proofs": consistency(),
    }
}

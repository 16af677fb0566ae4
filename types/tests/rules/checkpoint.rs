//! Checkpoints: each rule, with its error.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vouchsafe_types::checkpoint::{
    Checkpoint, CheckpointError, NOTE_BYTES_MAX, NoteSignature, SignedCheckpoint,
};
use vouchsafe_types::hash::ChainId;

use crate::sample::{chain, digest, other_chain, public, set, sign, validators};

fn checkpoint() -> Checkpoint {
    Checkpoint { chain_id: chain(), size: 71, root: digest(7) }
}

fn note(seeds: &[u8]) -> String {
    let text = checkpoint().text();
    let line = |seed: &u8| Checkpoint::line(&public(*seed), &sign(*seed, text.as_bytes()));
    format!("{text}\n{}", seeds.iter().map(line).collect::<String>())
}

fn parsed(note: &str) -> SignedCheckpoint {
    SignedCheckpoint::parse(note.as_bytes()).expect("a checkpoint")
}

fn verdict(note: &str) -> Result<(), CheckpointError> {
    parsed(note).verify(&chain(), &validators())
}

fn form(note: &str) -> CheckpointError {
    let error = SignedCheckpoint::parse(note.as_bytes()).expect_err("no checkpoint");
    assert!(matches!(error, CheckpointError::Form(_)), "{error}");
    error
}

#[test]
fn a_checkpoint_counts_with_more_than_two_thirds_of_the_power() {
    assert_eq!(verdict(&note(&[101, 102, 103])), Ok(()));
    assert_eq!(verdict(&note(&[101, 102, 103, 104])), Ok(()));
    let power = Err(CheckpointError::Power { power: 2, total_power: 4 });
    assert_eq!(verdict(&note(&[104, 101])), power);
    // Strangers and witnesses prove nothing and spoil nothing.
    assert_eq!(verdict(&note(&[101, 102, 99, 98, 97])), power);
    let witness = "\u{2014} witness.example/w1 AAAA\n";
    assert_eq!(verdict(&format!("{}{witness}", note(&[101, 102, 103]))), Ok(()));
    let address = |number: usize| format!("{:064x}", 0xa000 + number);
    let line = |number| format!("\u{2014} {} {}\n", address(number), STANDARD.encode([0; 68]));
    let strangers: String = (0..300).map(line).collect();
    assert_eq!(verdict(&format!("{}{strangers}", note(&[101, 102, 103]))), Ok(()));
    let weighted = set(&[(101, 10), (102, 1), (103, 1), (104, 1)]);
    assert_eq!(parsed(&note(&[101])).verify(&chain(), &weighted), Ok(()));
}

#[test]
fn a_note_is_read_and_written_alike() {
    let note = note(&[101, 102, 103]);
    let signed = parsed(&note);
    assert_eq!(signed.checkpoint, checkpoint());
    assert_eq!(signed.to_note(&validators()), note);
    assert!(note.starts_with("vouchsafe/"), "no vote and no SSHSIG begins so: {note}");
}

#[test]
fn another_chains_a_repeated_and_an_altered_signature_are_refused() {
    let signed = parsed(&note(&[101, 102, 103]));
    let other: ChainId = other_chain();
    let error = signed.verify(&other, &validators());
    assert_eq!(error, Err(CheckpointError::Chain { expected: other, actual: chain() }));
    let first = public(101).address();
    assert_eq!(verdict(&note(&[101, 101, 102, 103])), Err(CheckpointError::Repeated(first)));
    let altered = |change: &dyn Fn(&mut NoteSignature)| {
        let mut signed = signed.clone();
        let place = signed.signatures.iter().position(|one| one.address == first).expect("signed");
        change(&mut signed.signatures[place]);
        signed.verify(&chain(), &validators())
    };
    let invalid = Err(CheckpointError::Signature(first));
    assert_eq!(altered(&|one| one.signature.0[0] ^= 1), invalid);
    assert_eq!(altered(&|one| one.key_id[0] ^= 1), invalid);
    let mut larger = signed.clone();
    larger.checkpoint.size += 1;
    assert!(matches!(larger.verify(&chain(), &validators()), Err(CheckpointError::Signature(_))));
}

#[test]
fn a_note_of_another_form_is_refused() {
    let good = note(&[101]);
    let lines: Vec<&str> = good.lines().collect();
    for broken in [
        String::new(),
        good.trim_end().to_owned(),
        good.replacen("\n\n", "\n", 1),
        good.replacen("vouchsafe/", "another/", 1),
        good.replacen("\n71\n", "\n071\n", 1),
        good.replacen("\n71\n", "\n+71\n", 1),
        good.replacen("\n71\n", "\n0\n", 1),
        good.replacen("\n71\n", "\nmany\n", 1),
        good.replacen(lines[2], "AAAA", 1),
        good.replacen(lines[2], &format!("{}\nmore", lines[2]), 1),
        good.replacen("\u{2014} ", "- ", 1),
        format!("{good}\u{2014}  AAAA\n"),
        format!("{}A\n", good.trim_end()),
    ] {
        form(&broken);
    }
    // A note of the most bytes is read, and one byte more is not.
    let witness = "\u{2014} w ";
    let filled = |bytes: usize| {
        let room = bytes - good.len() - witness.len() - 1;
        format!("{good}{witness}{}\n", "A".repeat(room))
    };
    assert!(SignedCheckpoint::parse(filled(NOTE_BYTES_MAX).as_bytes()).is_ok());
    let longer = SignedCheckpoint::parse(filled(NOTE_BYTES_MAX + 1).as_bytes());
    assert_eq!(longer, Err(CheckpointError::TooLong));
    let long = "x".repeat(NOTE_BYTES_MAX + 1);
    let error = SignedCheckpoint::parse(long.as_bytes());
    assert_eq!(error, Err(CheckpointError::TooLong));
}

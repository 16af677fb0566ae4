//! Bytes from strangers: whatever they are, they are refused or read, and what is read encodes to
//! the same bytes. Nothing panics.

use proptest::collection::vec;
use proptest::prelude::*;
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::certificate::CommitCertificate;
use vouchsafe_types::evidence::Evidence;
use vouchsafe_types::hash::{BlockId, Digest};
use vouchsafe_types::header::{Block, Header};
use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::log::{Frontier, InclusionProof};
use vouchsafe_types::openssh::{
    TRANSACTION_NAMESPACE, armor, parse_armor, parse_public_key_blob, parse_public_key_line,
    public_key_line,
};
use vouchsafe_types::record::{
    Activity, AssetRecord, Event, EvidenceRecord, OrganizationRecord, SignerRecord,
};
use vouchsafe_types::state_tree::StateProof;
use vouchsafe_types::transaction::{Body, SignedTransaction, Transaction};
use vouchsafe_types::validator_set::ValidatorSet;
use vouchsafe_types::vote::{SignedProposal, SignedVote};

use crate::sample::{
    VALIDATOR_SEEDS, certificate, chain, digest, evidence_of_proposals, evidence_of_votes,
    first_block, naive_tree, public, second_block, sign, transactions, validators,
};

fn read<T: Canonical>(bytes: &[u8]) -> Option<T> {
    let value = T::from_bytes(bytes).ok()?;
    assert_eq!(value.to_bytes(), bytes, "what was read encodes otherwise");
    Some(value)
}

/// Reads the bytes as everything that decodes, and checks what decodes as a verifier would.
fn read_as_everything(bytes: &[u8]) {
    let _ = read::<Header>(bytes);
    let _ = read::<Block>(bytes);
    let _ = read::<Body>(bytes);
    let _ = read::<SignedTransaction>(bytes);
    let _ = read::<ValidatorSet>(bytes);
    let _ = read::<SignedVote>(bytes);
    let _ = read::<SignedProposal>(bytes);
    let _ = read::<AssetRecord>(bytes);
    let _ = read::<Event>(bytes);
    let _ = read::<Activity>(bytes);
    let _ = read::<SignerRecord>(bytes);
    let _ = read::<OrganizationRecord>(bytes);
    let _ = read::<EvidenceRecord>(bytes);
    if let Ok(transaction) = Transaction::from_bytes(&chain(), bytes) {
        let _ = transaction.verify(&chain());
    }
    if let Some(certificate) = read::<CommitCertificate>(bytes) {
        let _ = certificate.verify(&chain(), &validators());
    }
    if let Some(evidence) = read::<Evidence>(bytes) {
        let _ = (evidence.id(), evidence.verify(&chain(), &public(101)));
    }
    if let Some(frontier) = read::<Frontier>(bytes) {
        let _ = (frontier.size(), frontier.root());
    }
    if let Some(proof) = read::<InclusionProof>(bytes) {
        assert!(proof.verify(&digest(1), &digest(2)).is_err());
    }
    if let Some(proof) = read::<StateProof>(bytes) {
        let claims = [(digest(1), None), (digest(2), Some(digest(3))), (Digest::ZERO, None)];
        let _ = proof.verify(&digest(4), &claims);
        assert!(proof.verify(&digest(4), &claims[1..2]).is_err());
    }
    let _ = parse_public_key_blob(bytes);
    let text = String::from_utf8_lossy(bytes);
    let _ = parse_public_key_line(&text);
    let _ = parse_armor(&text, TRANSACTION_NAMESPACE);
    let _ = OrganizationId::new(&text);
    let _ = Digest::from_hex(&text);
}

/// One valid encoding of each structure.
fn encodings() -> Vec<Vec<u8>> {
    let tree = naive_tree::sample();
    let mut frontier = Frontier::default();
    (0..11).for_each(|n| frontier.append(digest(n)));
    let leaves: Vec<_> = (0..11).map(digest).collect();
    vec![
        first_block().to_bytes(),
        second_block().to_bytes(),
        first_block().header.to_bytes(),
        transactions()[1].to_bytes(),
        transactions()[2].body.to_vec(),
        validators().to_bytes(),
        certificate(1, 0, BlockId(digest(1)), &VALIDATOR_SEEDS).to_bytes(),
        evidence_of_votes().to_bytes(),
        evidence_of_proposals().to_bytes(),
        frontier.to_bytes(),
        InclusionProof::of(&leaves, 7).to_bytes(),
        tree.prove(&[digest(1), digest(2), Digest::ZERO]).to_bytes(),
        public_key_line(&public(1)).into_bytes(),
        armor(&public(1), TRANSACTION_NAMESPACE, &sign(1, b"")).into_bytes(),
    ]
}

#[test]
fn no_prefix_of_an_encoding_decodes() {
    let block = second_block().to_bytes();
    for length in 0..block.len() {
        assert!(Block::from_bytes(&block[..length]).is_err(), "{length}");
    }
    let transaction = transactions()[2].to_bytes();
    for length in 0..transaction.len() {
        assert!(Transaction::from_bytes(&chain(), &transaction[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_length_that_the_input_does_not_pay_for_is_refused() {
    // Four 0xff bytes at every place: each length and count there becomes enormous.
    for encoding in encodings() {
        for at in 0..encoding.len().saturating_sub(4) {
            let mut greedy = encoding.clone();
            greedy[at..at + 4].fill(0xff);
            read_as_everything(&greedy);
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_are_refused_or_read_exactly(bytes in vec(any::<u8>(), 0..600)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn random_bytes_after_a_version_are_refused_or_read_exactly(
        bytes in vec(prop_oneof![Just(0u8), Just(1), Just(2), any::<u8>()], 0..300),
    ) {
        read_as_everything(&[&[1], &bytes[..]].concat());
    }

    #[test]
    fn altered_encodings_are_refused_or_read_exactly(
        which in 0..14usize,
        edits in vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..6),
    ) {
        let mut bytes = encodings().swap_remove(which);
        for (place, byte, kind) in edits {
            let at = place.index(bytes.len().max(1));
            match kind {
                0 => bytes.truncate(at),
                1 => bytes.insert(at.min(bytes.len()), byte),
                2 if at < bytes.len() => { bytes.remove(at); }
                _ if at < bytes.len() => bytes[at] = byte,
                _ => bytes.push(byte),
            }
        }
        read_as_everything(&bytes);
    }

    #[test]
    fn any_32_bytes_are_judged_as_a_key_without_panic(bytes in any::<[u8; 32]>()) {
        let _ = PublicKey(bytes).check();
    }
}

//! ZIP-215, single and in batches, on the signatures on which verifiers differ.

use vouchsafe_types::identity::{PublicKey, PublicKeyError, Signature};
use vouchsafe_types::signature::{Batch, verify};

use crate::sample::crafted::{
    Crafter, cofactorless, signature, small_order_encodings, torsion, unreduced,
};
use crate::sample::{public, sign};

type Case = (PublicKey, Vec<u8>, Signature);

/// Checks that each case has the wanted verdict alone, in a batch of its like, and in a batch of
/// honest signatures.
fn agree(cases: &[Case], wanted: bool) {
    let mut together = Batch::new();
    for (key, message, signature) in cases {
        assert_eq!(verify(key, message, signature), wanted, "{key:?} {signature:?}");
        together.push(key, message, signature);
        let mut among = Batch::new();
        for honest in 1..=5 {
            among.push(&public(honest), b"honest", &sign(honest, b"honest"));
        }
        among.push(key, message, signature);
        assert_eq!(among.verify_each(), [true, true, true, true, true, wanted]);
    }
    assert_eq!(together.verify_each(), vec![wanted; cases.len()]);
}

/// 14 keys × 14 Rs of small order with s = 0, canonical or not (Henry de Valence, "It's 255:19AM.
/// Do you know what your validation criteria are?").
fn small_order_matrix() -> Vec<Case> {
    let encodings = small_order_encodings();
    assert_eq!(encodings.len(), 14);
    let mut cases = Vec::new();
    for key in &encodings {
        for r in &encodings {
            cases.push((PublicKey(*key), b"Zcash".to_vec(), signature(r, &[0; 32])));
        }
    }
    cases
}

#[test]
fn all_of_the_small_order_matrix_is_valid_under_zip_215_single_and_batch() {
    agree(&small_order_matrix(), true);
}

#[test]
fn cofactorless_verifiers_refuse_most_of_the_small_order_matrix() {
    let matrix = small_order_matrix();
    let accepted = matrix.iter().filter(|(k, m, s)| cofactorless(k, m, s)).count();
    assert!(0 < accepted && accepted < matrix.len() / 2, "{accepted} of {}", matrix.len());
}

#[test]
fn keys_of_small_order_are_refused_at_admission_in_every_encoding() {
    for encoding in small_order_encodings() {
        assert_eq!(PublicKey(encoding).check(), Err(PublicKeyError::SmallOrder));
    }
}

#[test]
fn signatures_with_torsion_in_r_are_valid_single_and_batch_although_cofactorless_ones_are_not() {
    let cases: Vec<Case> = (0..100u8)
        .map(|n| {
            let crafter = Crafter::new(n, 0);
            let message = vec![n; usize::from(n)];
            let signature = crafter.sign(&message, usize::from(n % 7) + 1);
            (crafter.public_key(), message, signature)
        })
        .collect();
    agree(&cases, true);
    assert!(cases.iter().all(|(key, message, signature)| !cofactorless(key, message, signature)));
}

#[test]
fn keys_with_torsion_sign_validly_single_and_batch() {
    let cases: Vec<Case> = (1..8usize)
        .map(|index| {
            let crafter = Crafter::new(9, index);
            (crafter.public_key(), b"mixed".to_vec(), crafter.sign(b"mixed", 0))
        })
        .collect();
    assert!(cases.iter().all(|(key, ..)| key.check().is_ok()));
    agree(&cases, true);
}

#[test]
fn without_torsion_the_crafter_signs_as_everybody_does() {
    let crafter = Crafter::new(5, 0);
    assert_eq!(crafter.public_key(), public(5));
    assert_eq!(crafter.sign(b"message", 0), sign(5, b"message"));
    assert!(cofactorless(&public(5), b"message", &sign(5, b"message")));
    assert_eq!(torsion(0).compress().0[0], 1);
}

#[test]
fn an_s_of_l_or_more_is_refused_single_and_batch() {
    let cases: Vec<Case> =
        (1..=8).map(|n| (public(n), b"s".to_vec(), unreduced(&sign(n, b"s")))).collect();
    agree(&cases, false);
}

#[test]
fn an_r_or_key_off_the_curve_is_refused_single_and_batch() {
    let mut off = [0; 32];
    off[0] = 2;
    let good = sign(1, b"m");
    let s: [u8; 32] = good.0[32..].try_into().expect("32 bytes");
    let r: [u8; 32] = good.0[..32].try_into().expect("32 bytes");
    let cases = [
        (public(1), b"m".to_vec(), signature(&off, &s)),
        (PublicKey(off), b"m".to_vec(), signature(&r, &s)),
    ];
    agree(&cases, false);
}

#[test]
fn every_altered_bit_of_a_signature_is_refused() {
    let good = sign(1, b"message");
    let mut cases = Vec::new();
    for bit in 0..512usize {
        let mut bad = good;
        bad.0[bit / 8] ^= 1 << (bit % 8);
        cases.push((public(1), b"message".to_vec(), bad));
    }
    let mut batch = Batch::new();
    for (key, message, signature) in &cases {
        assert!(!verify(key, message, signature));
        batch.push(key, message, signature);
    }
    assert!(!batch.verify_each().contains(&true));
}

#[test]
fn verdicts_come_in_the_order_of_pushing_for_every_size() {
    for size in 0..24u8 {
        for forged in 0..size {
            let mut batch = Batch::new();
            for index in 0..size {
                let message = [index, forged];
                let mut signature = sign(index % 3, &message);
                signature.0[33] ^= u8::from(index == forged);
                batch.push(&public(index % 3), &message, &signature);
            }
            let wanted: Vec<bool> = (0..size).map(|index| index != forged).collect();
            assert_eq!(batch.verify_each(), wanted);
        }
    }
}

#[test]
fn two_forgeries_that_cancel_each_other_are_both_refused() {
    // s₁ + d and s₂ − d: their plain sum is right, so equal coefficients would accept them.
    let one = sign(1, b"m");
    let two = sign(1, b"m");
    let shift = |signature: &Signature, up: bool| {
        let mut bytes = signature.0;
        bytes[33] = if up { bytes[33].wrapping_add(1) } else { bytes[33].wrapping_sub(1) };
        Signature(bytes)
    };
    let mut batch = Batch::new();
    for signature in [shift(&one, true), shift(&two, false), one, two] {
        batch.push(&public(1), b"m", &signature);
    }
    assert_eq!(batch.verify_each(), [false, false, true, true]);
}

//! Signatures that were found valid are not checked again. A validator meets each precommit twice:
//! as a vote, and in the certificate that the next block carries.
//!
//! ```text
//! key ‖ signature ‖ message ─ SHA-256 ─▶ known? ─ yes ─▶ valid
//!                                          └ no ─▶ the rule ─ valid ─▶ known from now on
//! ```
//!
//! Only what the rule itself said of the very same bytes is repeated, so that no verdict differs.
//! What is invalid is not remembered: it costs its sender more than us.

use std::sync::{Mutex, PoisonError};

use crate::hash::{Digest, sha256};
use crate::identity::{PublicKey, Signature};
use crate::recent::Recent;
use crate::signature::{SignatureRule, SignedMessage};

/// Signatures that are remembered unless another number is asked for. The votes of eight rounds of the
/// largest validator set, in 132 KiB.
const REMEMBERED_MAX: usize = 4096;

/// A rule, and what it lately found valid.
#[derive(Debug)]
pub struct Remembering<R> {
    rule: R,
    valid: Mutex<Recent>,
}

impl<R: SignatureRule> Remembering<R> {
    /// The rule, with nothing remembered.
    #[must_use]
    pub fn new(rule: R) -> Self {
        Self::with_places(rule, REMEMBERED_MAX)
    }

    /// The rule, with room for so many signatures of 33 bytes: a power of two.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn with_places(rule: R, places: usize) -> Self {
        assert!(places.is_power_of_two(), "{places} places are not a power of two");
        Self { rule, valid: Mutex::new(Recent::new(places)) }
    }

    fn is_known(&self, digest: &Digest) -> bool {
        self.valid.lock().unwrap_or_else(PoisonError::into_inner).holds(&digest.0)
    }

    fn remember(&self, digest: Digest) {
        self.valid.lock().unwrap_or_else(PoisonError::into_inner).keep(digest.0);
    }
}

impl<R: SignatureRule> SignatureRule for Remembering<R> {
    fn holds(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let digest = digest(key, message, signature);
        if self.is_known(&digest) {
            return true;
        }
        let holds = self.rule.holds(key, message, signature);
        if holds {
            self.remember(digest);
        }
        holds
    }

    fn each_holds(&self, signed: &[SignedMessage]) -> Vec<bool> {
        let digests: Vec<_> =
            signed.iter().map(|s| digest(&s.key, &s.message, &s.signature)).collect();
        let known: Vec<_> = digests.iter().map(|digest| self.is_known(digest)).collect();
        let unknown: Vec<_> = signed.iter().zip(&known).filter(|(_, known)| !**known).collect();
        let unknown: Vec<_> = unknown.into_iter().map(|(signed, _)| signed.clone()).collect();
        let mut judged = self.rule.each_holds(&unknown).into_iter();
        let verdict = |(digest, known): (Digest, bool)| {
            known || {
                let holds = judged.next().expect("the rule judges each");
                if holds {
                    self.remember(digest);
                }
                holds
            }
        };
        digests.into_iter().zip(known).map(verdict).collect()
    }
}

/// Names a signature with all that it depends on. Key and signature have fixed lengths.
fn digest(key: &PublicKey, message: &[u8], signature: &Signature) -> Digest {
    sha256(&[&key.0, &signature.0, message])
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Says yes to messages that begin with 1, and counts how many it was asked about.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl SignatureRule for Counting {
        fn holds(&self, _: &PublicKey, message: &[u8], _: &Signature) -> bool {
            self.0.fetch_add(1, Ordering::Relaxed);
            message.first() == Some(&1)
        }
    }

    fn signed(first: u8, last: u8) -> SignedMessage {
        let (key, signature) = (PublicKey([last; 32]), Signature([3; 64]));
        SignedMessage { key, message: vec![first, last], signature }
    }

    #[test]
    fn what_is_valid_is_asked_once_and_what_is_not_each_time() {
        let rule = Remembering::new(Counting::default());
        let asked = || rule.rule.0.load(Ordering::Relaxed);
        let holds = |s: &SignedMessage| rule.holds(&s.key, &s.message, &s.signature);
        assert!(holds(&signed(1, 0)) && holds(&signed(1, 0)));
        assert_eq!(asked(), 1);
        assert!(!holds(&signed(0, 0)) && !holds(&signed(0, 0)));
        assert_eq!(asked(), 3);
        let many = [signed(1, 0), signed(0, 1), signed(1, 2), signed(1, 0)];
        assert_eq!(rule.each_holds(&many), [true, false, true, true]);
        assert_eq!(asked(), 5);
        assert_eq!(rule.each_holds(&many), [true, false, true, true]);
        assert_eq!(asked(), 6);
    }

    #[test]
    fn another_key_message_or_signature_is_another_question() {
        let rule = Remembering::new(Counting::default());
        let SignedMessage { key, message, signature } = signed(1, 0);
        assert!(rule.holds(&key, &message, &signature));
        assert!(!rule.holds(&key, &[0, 1], &signature));
        assert!(rule.holds(&PublicKey([9; 32]), &message, &signature));
        assert!(rule.holds(&key, &message, &Signature([4; 64])));
        assert_eq!(rule.rule.0.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn a_newer_one_takes_the_place_of_an_older() {
        let rule = Remembering::new(Counting::default());
        for last in 0..=u8::MAX {
            for again in 0..64 {
                let message = [1, last, again];
                assert!(rule.holds(&PublicKey([0; 32]), &message, &Signature([3; 64])));
            }
        }
        assert_eq!(rule.rule.0.load(Ordering::Relaxed), 256 * 64);
        assert_eq!(rule.valid.lock().expect("no panic").places.len(), REMEMBERED_MAX);
    }
}

//! The one signature rule: ZIP-215, single and in batches.
//!
//! Cofactorless checks let a signer craft signatures that pass alone and fail in a batch, or the
//! reverse; validators that batch differently would then disagree about a block. ZIP-215
//! (<https://zips.z.cash/zip-0215>) multiplies by the cofactor in both, so that every validator
//! reaches one verdict.
//!
//! A batch needs random coefficients that its signers cannot foresee. They are drawn from SHA-512
//! over the whole batch: whoever changes a signature changes every coefficient, so no source of
//! randomness is needed. Which coefficient falls to which key may differ between processes (the
//! library keeps keys in a hash map); the verdict does not, but with probability 2⁻¹²⁸.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Debug;

use ed25519_zebra::{VerificationKey, VerificationKeyBytes, batch};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha512};

use crate::identity::{PublicKey, Signature};

/// Below this many signatures, bisecting a failed batch stops and each is checked alone.
const BISECT_LEAST: usize = 4;
/// Keys whose points each thread keeps, each in the place of its first byte.
const POINTS_KEPT: usize = 256;

thread_local! {
    static POINTS: RefCell<Vec<Option<VerificationKey>>> = RefCell::new(vec![None; POINTS_KEPT]);
}

/// A message, who is said to have signed it, and the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedMessage {
    /// Who is said to have signed.
    pub key: PublicKey,
    /// What is signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Signature,
}

/// Who says whether signatures are valid. Every node and every verifier asks [`Zip215`]; only a
/// simulation of many nodes, which makes the keys itself, may ask something cheaper.
pub trait SignatureRule: Debug + Send + Sync {
    /// Is this a valid signature?
    fn holds(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;

    /// The verdict on each of many, in order: what [`holds`](Self::holds) says of it alone.
    fn each_holds(&self, signed: &[SignedMessage]) -> Vec<bool> {
        let verdicts = signed.iter().map(|s| self.holds(&s.key, &s.message, &s.signature));
        verdicts.collect()
    }
}

/// The rule of ZIP-215.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zip215;

impl SignatureRule for Zip215 {
    fn holds(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        verify(key, message, signature)
    }

    fn each_holds(&self, signed: &[SignedMessage]) -> Vec<bool> {
        if signed.len() < BISECT_LEAST {
            return signed.iter().map(|s| verify(&s.key, &s.message, &s.signature)).collect();
        }
        let mut batch = Batch::new();
        for SignedMessage { key, message, signature } in signed {
            batch.push(key, message, signature);
        }
        batch.verify_each()
    }
}

/// Is this a valid signature under ZIP-215?
#[must_use]
pub fn verify(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_zebra::Signature::from(signature.0);
    decompressed(key).is_some_and(|key| key.verify(&signature, message).is_ok())
}

/// The key as a point, if it is one. Validators sign at every height, and finding their points
/// again is a ninth of checking what they signed.
fn decompressed(key: &PublicKey) -> Option<VerificationKey> {
    let place = usize::from(key.0[0]) % POINTS_KEPT;
    POINTS.with_borrow_mut(|points| match points[place] {
        Some(point) if point.as_ref() == key.0 => Some(point),
        _ => {
            let point = VerificationKey::try_from(key.0).ok()?;
            points[place] = Some(point);
            Some(point)
        }
    })
}

/// Signatures gathered to be checked together.
#[derive(Default)]
pub struct Batch {
    items: Vec<batch::Item>,
    /// Binds every coefficient to every key, signature and message in the batch.
    transcript: Vec<[u8; 64]>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one signature.
    pub fn push(&mut self, key: &PublicKey, message: &[u8], signature: &Signature) {
        let zebra_key = VerificationKeyBytes::from(key.0);
        let zebra_signature = ed25519_zebra::Signature::from(signature.0);
        self.items.push(batch::Item::from((zebra_key, zebra_signature, message)));
        let mut hasher = Sha512::new();
        hasher.update(key.0);
        hasher.update(signature.0);
        hasher.update(message);
        self.transcript.push(hasher.finalize().into());
    }

    /// The verdict on each signature, in the order they were added. Each is what [`verify`]
    /// says of it alone; a forged one costs a bisection, not a different answer.
    #[must_use]
    pub fn verify_each(&self) -> Vec<bool> {
        let mut verdicts = vec![true; self.items.len()];
        self.bisect(0, self.items.len(), &mut verdicts);
        verdicts
    }

    fn bisect(&self, from: usize, to: usize, verdicts: &mut [bool]) {
        if to - from < BISECT_LEAST {
            for (verdict, item) in verdicts[from..to].iter_mut().zip(&self.items[from..to]) {
                *verdict = item.clone().verify_single().is_ok();
            }
            return;
        }
        let mut verifier = batch::Verifier::new();
        let mut seed = Sha512::new();
        seed.update(b"vouchsafe-batch-v1");
        for index in from..to {
            verifier.queue(self.items[index].clone());
            seed.update(self.transcript[index]);
        }
        let coefficients = TranscriptRng { seed: seed.finalize().into(), counter: 0 };
        if verifier.verify(coefficients).is_ok() {
            return;
        }
        let middle = from + (to - from) / 2;
        self.bisect(from, middle, verdicts);
        self.bisect(middle, to, verdicts);
    }
}

/// SHA-512(seed ‖ counter), block after block.
struct TranscriptRng {
    seed: [u8; 64],
    counter: u64,
}

impl TryRng for TranscriptRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        for chunk in destination.chunks_mut(64) {
            let mut hasher = Sha512::new();
            hasher.update(self.seed);
            hasher.update(self.counter.to_le_bytes());
            self.counter += 1;
            let block: [u8; 64] = hasher.finalize().into();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for TranscriptRng {}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(seed: u8, message: &[u8]) -> (PublicKey, Signature) {
        let key = ed25519_zebra::SigningKey::from([seed; 32]);
        let public = VerificationKeyBytes::from(&key);
        (PublicKey(public.into()), Signature(key.sign(message).into()))
    }

    #[test]
    fn a_batch_names_exactly_the_forged_signatures() {
        let mut batch = Batch::new();
        for index in 0..40u8 {
            let message = [index; 9];
            let (key, mut signature) = signed(index % 5, &message);
            if index == 7 || index == 31 {
                signature.0[40] ^= 1;
            }
            batch.push(&key, &message, &signature);
        }
        let verdicts = batch.verify_each();
        let forged: Vec<_> = (0..40).filter(|i| !verdicts[*i]).collect();
        assert_eq!(forged, [7, 31]);
    }

    #[test]
    fn a_signature_of_another_message_or_key_is_refused() {
        let (key, signature) = signed(1, b"message");
        assert!(verify(&key, b"message", &signature));
        assert!(!verify(&key, b"massage", &signature));
        assert!(!verify(&signed(2, b"message").0, b"message", &signature));
    }

    #[test]
    fn coefficients_come_from_the_whole_transcript_and_never_repeat() {
        let stream = |seed: u8, count: usize| {
            let mut bytes = vec![0; count];
            let Ok(()) = TranscriptRng { seed: [seed; 64], counter: 0 }.try_fill_bytes(&mut bytes);
            bytes
        };
        let bytes = stream(1, 200);
        let blocks: std::collections::BTreeSet<_> = bytes.chunks(16).collect();
        assert_eq!(blocks.len(), 13);
        assert_ne!(bytes, stream(2, 200));
        let first: [u8; 8] = stream(1, 8).try_into().expect("8 bytes");
        let mut rng = TranscriptRng { seed: [1; 64], counter: 0 };
        let Ok(wide) = rng.try_next_u64();
        assert_eq!(wide.to_le_bytes(), first);
        let Ok(next) = rng.try_next_u32();
        assert_eq!(next.to_le_bytes(), bytes[64..68]);
    }

    #[test]
    fn an_empty_batch_has_no_verdicts() {
        assert!(Batch::new().verify_each().is_empty());
    }
}

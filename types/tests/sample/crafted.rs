//! Signatures that no honest signer makes, on which verifiers differ: with torsion in R or in the
//! key, with small-order keys, with encodings that are not canonical.
//!
//! ```text
//! ZIP-215:       8·(sB − R − hA) = 0, any encoding of R and A, s < L
//! cofactorless:     encode(sB − hA) = R, byte for byte
//! ```

use curve25519_dalek::constants::{ED25519_BASEPOINT_TABLE, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use sha2::{Digest as _, Sha512};
use vouchsafe_types::identity::{PublicKey, Signature};

/// The order L of the base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A signer who signs by hand (RFC 8032 §5.1.6), with torsion where the test wants it.
pub(crate) struct Crafter {
    secret: Scalar,
    prefix: [u8; 32],
    key_torsion: EdwardsPoint,
}

/// A point of the eight whose order divides eight.
pub(crate) fn torsion(index: usize) -> EdwardsPoint {
    EIGHT_TORSION[index % 8]
}

impl Crafter {
    /// The signer of a seed, whose key has a torsion point added.
    pub(crate) fn new(seed: u8, key_torsion: usize) -> Self {
        let digest: [u8; 64] = Sha512::digest([seed; 32]).into();
        let (low, high) = digest.split_at(32);
        let secret = clamp_integer(low.try_into().expect("32 bytes"));
        Self {
            secret: Scalar::from_bytes_mod_order(secret),
            prefix: high.try_into().expect("32 bytes"),
            key_torsion: torsion(key_torsion),
        }
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        let point = ED25519_BASEPOINT_TABLE * &self.secret + self.key_torsion;
        PublicKey(point.compress().0)
    }

    /// A signature whose R has a torsion point added, with s to match.
    pub(crate) fn sign(&self, message: &[u8], r_torsion: usize) -> Signature {
        let r = Scalar::from_bytes_mod_order_wide(&sha512(&[&self.prefix, message]));
        let point = ED25519_BASEPOINT_TABLE * &r + torsion(r_torsion);
        let encoded = point.compress().0;
        let h = challenge(&encoded, &self.public_key(), message);
        signature(&encoded, &(r + h * self.secret).to_bytes())
    }

    /// A signature whose R is a given encoding of a point of small order, with s to match.
    pub(crate) fn sign_with_small_r(&self, message: &[u8], r: &[u8; 32]) -> Signature {
        let h = challenge(r, &self.public_key(), message);
        signature(r, &(h * self.secret).to_bytes())
    }
}

fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hasher = Sha512::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn challenge(r: &[u8; 32], key: &PublicKey, message: &[u8]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&sha512(&[r, &key.0, message]))
}

/// R ‖ s.
pub(crate) fn signature(r: &[u8; 32], s: &[u8; 32]) -> Signature {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(r);
    bytes[32..].copy_from_slice(s);
    Signature(bytes)
}

/// The same signature with s + L in place of s: another encoding of the same scalar.
pub(crate) fn unreduced(signature: &Signature) -> Signature {
    let mut bytes = signature.0;
    let mut carry = 0u16;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    assert_eq!(carry, 0, "s + L fits in 32 bytes");
    Signature(bytes)
}

/// All 14 encodings of the eight points of small order: eight canonical ones, and those with
/// y ≥ p or with the sign bit of x = 0.
pub(crate) fn small_order_encodings() -> Vec<[u8; 32]> {
    let mut encodings: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|p| p.compress().0).collect();
    for (low, middle, high) in [(1, 0, 0x80), (0xed, 0xff, 0x7f), (0xed, 0xff, 0xff)] {
        encodings.push(encoding(low, middle, high));
    }
    for (low, high) in [(0xee, 0x7f), (0xee, 0xff), (0xec, 0xff)] {
        encodings.push(encoding(low, 0xff, high));
    }
    encodings.sort_unstable();
    encodings.dedup();
    encodings
}

fn encoding(low: u8, middle: u8, high: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = low;
    bytes[31] = high;
    bytes
}

/// Does cofactorless verification accept: does sB − hA encode to R byte for byte?
pub(crate) fn cofactorless(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let (r, s) = signature.0.split_at(32);
    let r: &[u8; 32] = r.try_into().expect("32 bytes");
    let s = Scalar::from_bytes_mod_order(s.try_into().expect("32 bytes"));
    let Some(point) = CompressedEdwardsY(key.0).decompress() else { return false };
    let h = challenge(r, key, message);
    (ED25519_BASEPOINT_TABLE * &s - point * h).compress().0 == *r
}

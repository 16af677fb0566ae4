//! Who speaks: public keys, validator addresses and organization ids.

use std::cell::RefCell;
use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use curve25519_dalek::edwards::CompressedEdwardsY;

use crate::canonical::DecodeError;
use crate::hash::{Domain, digest_newtype, tagged};
use crate::recent::Recent;

/// Bytes in an Ed25519 public key.
pub const PUBLIC_KEY_BYTES: usize = 32;
/// Bytes in an Ed25519 signature.
pub const SIGNATURE_BYTES: usize = 64;
/// The longest organization id, in bytes.
pub const ORGANIZATION_ID_BYTES_MAX: usize = 32;

/// Keys remembered by each thread as checked; a power of two.
const CHECKED_KEYS_MAX: usize = 1024;

thread_local! {
    /// Keys that passed [`PublicKey::check`] lately. Signers repeat, and a check costs about as
    /// much as a signature's share of a batch.
    static CHECKED: RefCell<Recent> = RefCell::new(Recent::new(CHECKED_KEYS_MAX));
}

/// An Ed25519 public key as 32 bytes (RFC 8032 §5.1.5). Bytes from outside are not yet a usable
/// key: see [`PublicKey::check`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct PublicKey(pub [u8; PUBLIC_KEY_BYTES]);

/// Why 32 bytes may not be used as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The bytes do not decode to a point of the curve.
    #[error("the public key is not a point of the curve: it was damaged or is not Ed25519")]
    NotAPoint,
    /// The bytes decode, but encode differently: two identities would be one key.
    #[error("the public key is not in its canonical encoding; use the key as its tool wrote it")]
    NonCanonical,
    /// The point has small order: a signature under it proves nothing.
    #[error("the public key is a point of small order: signatures under it prove nothing")]
    SmallOrder,
}

impl PublicKey {
    /// Refuses keys that may not be admitted: off the curve, non-canonical, or of small order.
    ///
    /// # Errors
    /// One [`PublicKeyError`] for each of the three.
    pub fn check(&self) -> Result<(), PublicKeyError> {
        if CHECKED.with_borrow(|checked| checked.holds(&self.0)) {
            return Ok(());
        }
        self.check_point()?;
        CHECKED.with_borrow_mut(|checked| checked.keep(self.0));
        Ok(())
    }

    fn check_point(&self) -> Result<(), PublicKeyError> {
        let point = CompressedEdwardsY(self.0).decompress().ok_or(PublicKeyError::NotAPoint)?;
        if point.is_small_order() {
            return Err(PublicKeyError::SmallOrder);
        }
        if point.compress().0 != self.0 {
            return Err(PublicKeyError::NonCanonical);
        }
        Ok(())
    }

    /// The validator address of this key.
    #[must_use]
    pub fn address(&self) -> Address {
        Address(tagged(Domain::Address, &self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// An Ed25519 signature as 64 bytes (RFC 8032 §5.1.6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Signature(pub [u8; SIGNATURE_BYTES]);

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

digest_newtype!(
    /// The tagged hash of a validator's public key; validator sets and certificates are sorted
    /// by it.
    Address
);

/// An organization's id: 1 to 32 of `a-z`, `0-9` and `-`, beginning with a letter or digit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, BorshSerialize)]
pub struct OrganizationId(String);

/// Why a text is not an organization id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an organization id: use 1 to 32 of a-z, 0-9 and '-', beginning with a letter \
     or a digit"
)]
pub struct OrganizationIdError(pub String);

impl OrganizationId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`OrganizationIdError`] when the text breaks the rule above.
    pub fn new(text: &str) -> Result<Self, OrganizationIdError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let valid = (1..=ORGANIZATION_ID_BYTES_MAX).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with('-');
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(OrganizationIdError(text.chars().take(64).collect()))
        }
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrganizationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::str::FromStr for OrganizationId {
    type Err = OrganizationIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl BorshDeserialize for OrganizationId {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let text = crate::canonical::read_text(
            reader,
            "bytes of an organization id",
            1,
            ORGANIZATION_ID_BYTES_MAX,
        )?;
        Self::new(&text).map_err(|error| DecodeError::Malformed(error.to_string()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_order_keys_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey(identity).check(), Err(PublicKeyError::SmallOrder));
        assert_eq!(PublicKey([0; 32]).check(), Err(PublicKeyError::SmallOrder));
    }

    #[test]
    fn non_canonical_keys_are_refused() {
        // y = p + 3: decodes as y = 3, which is on the curve and of large order.
        let mut bytes = [0xff; 32];
        bytes[0] = 0xed + 3;
        bytes[31] = 0x7f;
        assert_eq!(PublicKey(bytes).check(), Err(PublicKeyError::NonCanonical));
    }

    #[test]
    fn bytes_off_the_curve_are_refused() {
        let mut bytes = [0; 32];
        bytes[0] = 2;
        assert_eq!(PublicKey(bytes).check(), Err(PublicKeyError::NotAPoint));
    }

    #[test]
    fn a_checked_key_is_told_from_its_neighbours() {
        let point = curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;
        let mut neighbour = point.0;
        // It takes the same place, and is off the curve.
        while PublicKey(neighbour).check_point() != Err(PublicKeyError::NotAPoint) {
            neighbour[5] += 1;
        }
        for _ in 0..2 {
            assert_eq!(PublicKey(point.0).check(), Ok(()));
            assert_eq!(PublicKey(neighbour).check(), Err(PublicKeyError::NotAPoint));
        }
    }

    #[test]
    fn organization_ids_keep_to_their_alphabet() {
        for good in ["a", "acme", "0-day", "acme-labs-2"] {
            assert!(OrganizationId::new(good).is_ok(), "{good}");
        }
        let long = "a".repeat(33);
        for bad in ["", "-a", "Acme", "a b", "é", long.as_str()] {
            assert!(OrganizationId::new(bad).is_err(), "{bad}");
        }
    }
}

//! A private Ed25519 key in memory.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use libp2p_identity::{Keypair, PeerId};
use zeroize::Zeroizing;

use vouchsafe_types::identity::{PublicKey, PublicKeyError, Signature};

use crate::error::KeyError;

/// A private Ed25519 key. It is wiped when dropped, cannot be copied, and shows only its public
/// half.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Makes a key from the operating system's random numbers.
    ///
    /// # Errors
    /// [`KeyError::Randomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|error| KeyError::Randomness(error.to_string()))?;
        Ok(Self::from_seed(&seed))
    }

    /// The key of a seed (RFC 8032 §5.1.5): whoever knows the seed has the key.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// The Ed25519 signature over exactly these bytes (RFC 8032 §5.1.6); it is deterministic.
    #[must_use]
    pub fn sign(&self, data: &[u8]) -> Signature {
        Signature(self.0.sign(data).to_bytes())
    }

    /// The key as libp2p's transport takes it.
    #[must_use]
    pub fn to_libp2p(&self) -> Keypair {
        let mut seed = Zeroizing::new(*self.seed());
        Keypair::ed25519_from_bytes(&mut *seed).expect("every 32 bytes are a seed")
    }

    /// The node's identity on the network.
    #[must_use]
    pub fn peer_id(&self) -> PeerId {
        peer_id(&self.public_key()).expect("a key made from a seed is admissible")
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey(of {:?})", self.public_key())
    }
}

/// The peer id of a public key (libp2p peer-ids specification): `12D3KooW…`.
///
/// # Errors
/// [`PublicKeyError`] for bytes that are no admissible key.
pub fn peer_id(key: &PublicKey) -> Result<PeerId, PublicKeyError> {
    key.check()?;
    let key = libp2p_identity::ed25519::PublicKey::try_from_bytes(&key.0)
        .map_err(|_| PublicKeyError::NotAPoint)?;
    Ok(libp2p_identity::PublicKey::from(key).to_peer_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_as_rfc_8032_says() {
        // RFC 8032 §7.1, test 1.
        let seed = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec,
            0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03,
            0x1c, 0xae, 0x7f, 0x60,
        ];
        let key = SecretKey::from_seed(&seed);
        assert_eq!(
            format!("{:?}", key.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
        assert_eq!(
            format!("{:?}", key.sign(b"")),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3\
             9701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
    }

    #[test]
    fn a_secret_key_shows_only_its_public_half() {
        let key = SecretKey::from_seed(&[7; 32]);
        let shown = format!("{key:?}");
        assert!(!shown.contains("0707"), "{shown}");
        assert!(shown.contains(&format!("{:?}", key.public_key())));
    }

    #[test]
    fn two_generated_keys_differ() {
        let first = SecretKey::generate().expect("random bytes");
        let second = SecretKey::generate().expect("random bytes");
        assert_ne!(first.public_key(), second.public_key());
    }

    #[test]
    fn a_peer_id_is_that_of_libp2p() {
        let key = SecretKey::from_seed(&[9; 32]);
        assert_eq!(key.to_libp2p().public().to_peer_id(), key.peer_id());
        assert!(key.peer_id().to_base58().starts_with("12D3KooW"));
        assert_eq!(peer_id(&PublicKey([0; 32])), Err(PublicKeyError::SmallOrder));
    }
}

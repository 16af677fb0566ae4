//! Keys that follow from numbers, and what they sign with. Three quarters of a run with real
//! signatures are spent on elliptic curves; most runs have seals instead, which only those forge
//! whom the simulation lets.

use vouchsafe_consensus::signer::Signer;
use vouchsafe_types::hash::{Digest, sha256};
use vouchsafe_types::identity::{PublicKey, Signature};
use vouchsafe_types::signature::SignatureRule;

/// A key made from a number. Its public key is a real one in any case.
#[derive(Clone)]
pub struct Key {
    signing: ed25519_zebra::SigningKey,
    public: PublicKey,
    /// It signs with seals.
    seals: bool,
}

impl Key {
    /// The consensus key of a validator.
    #[must_use]
    pub fn of_validator(number: u8, seals: bool) -> Self {
        Self::new(number + 1, seals)
    }

    /// The key of an organization's signer.
    #[must_use]
    pub fn of_signer(number: u8, seals: bool) -> Self {
        Self::new(number + 200, seals)
    }

    /// The key of a node in the peer network.
    #[must_use]
    pub fn of_peer(number: u8) -> Self {
        Self::new(number + 100, false)
    }

    fn new(seed: u8, seals: bool) -> Self {
        let signing = ed25519_zebra::SigningKey::from([seed; 32]);
        let public = PublicKey(ed25519_zebra::VerificationKeyBytes::from(&signing).into());
        Self { signing, public, seals }
    }
}

impl Signer for Key {
    fn public_key(&self) -> PublicKey {
        self.public
    }
    fn sign(&self, message: &[u8]) -> Signature {
        if self.seals {
            return seal(&self.public, message);
        }
        Signature(self.signing.sign(message).into())
    }
}

/// SHA-256 of the public key and the message, twice.
fn seal(key: &PublicKey, message: &[u8]) -> Signature {
    let Digest(half) = sha256(&[b"seal", &key.0, message]);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&half);
    signature[32..].copy_from_slice(&half);
    Signature(signature)
}

/// The rule by which seals are judged: as strict as the real one on whatever differs by a bit.
#[derive(Clone, Copy, Debug)]
pub struct Seals;

impl SignatureRule for Seals {
    fn holds(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        *signature == seal(key, message)
    }
}

/// A rule under which everything holds: a forger's.
#[derive(Clone, Copy, Debug)]
pub struct Anything;

impl SignatureRule for Anything {
    fn holds(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        true
    }
}

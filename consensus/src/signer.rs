//! The consensus key, as the engine sees it.

use vouchsafe_types::identity::{PublicKey, Signature};

/// Signs with a validator's consensus key.
///
/// Only the engine calls it, and never for two different messages of one height, round and step
/// (see [`sign_record`](crate::sign_record)).
pub trait Signer: Send {
    /// The key that verifies what [`sign`](Self::sign) makes.
    fn public_key(&self) -> PublicKey;

    /// The Ed25519 signature over exactly these bytes (RFC 8032 §5.1.6). It is deterministic: the
    /// same bytes give the same signature.
    fn sign(&self, message: &[u8]) -> Signature;
}

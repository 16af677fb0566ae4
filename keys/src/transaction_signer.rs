//! Signing a transaction with any key, wherever its private half is.

use vouchsafe_types::canonical::{Canonical as _, Version};
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::identity::{PublicKey, Signature};
use vouchsafe_types::transaction::{Body, BodyBytes, SignedTransaction, signing_data};

use crate::agent::AgentKey;
use crate::error::KeyError;
use crate::secret_key::SecretKey;

/// A key that can sign transactions.
pub trait TransactionSigner {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// The Ed25519 signature over exactly these bytes.
    ///
    /// # Errors
    /// A [`KeyError`] about the ssh-agent, if one holds the key.
    fn sign(&self, data: &[u8]) -> Result<Signature, KeyError>;

    /// Signs a transaction's body for a chain, as SSHSIG in the namespace of transactions.
    ///
    /// # Errors
    /// [`KeyError::Body`] for a body that no transaction may have, and those of
    /// [`sign`](Self::sign).
    fn sign_transaction(
        &self,
        chain_id: &ChainId,
        body: &Body,
    ) -> Result<SignedTransaction, KeyError> {
        let body = BodyBytes::new(body.to_bytes()).map_err(KeyError::Body)?;
        let signature = self.sign(&signing_data(chain_id, &body))?;
        Ok(SignedTransaction { version: Version, body, public_key: self.public_key(), signature })
    }
}

impl TransactionSigner for SecretKey {
    fn public_key(&self) -> PublicKey {
        SecretKey::public_key(self)
    }

    fn sign(&self, data: &[u8]) -> Result<Signature, KeyError> {
        Ok(SecretKey::sign(self, data))
    }
}

impl TransactionSigner for AgentKey {
    fn public_key(&self) -> PublicKey {
        AgentKey::public_key(self)
    }

    fn sign(&self, data: &[u8]) -> Result<Signature, KeyError> {
        AgentKey::sign(self, data)
    }
}

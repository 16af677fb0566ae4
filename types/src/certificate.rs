//! A commit certificate: precommits of more than two thirds of the power, for one block.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{Canonical, Version, bounded};
use crate::hash::{BlockId, ChainId, Digest, Domain, digest_newtype, tagged};
use crate::identity::{Address, Signature};
use crate::signature::{SignatureRule, SignedMessage, Zip215};
use crate::validator_set::{VALIDATORS_MAX, ValidatorSet};
use crate::vote::{Vote, VoteKind};

digest_newtype!(
    /// The tagged hash of a certificate's bytes.
    CertificateHash
);

impl CertificateHash {
    /// What block 1 holds: it has no parent to be certified.
    pub const ZERO: Self = Self(Digest::ZERO);
}

/// One validator's precommit in a certificate.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct CommitSignature {
    /// Who precommitted.
    pub address: Address,
    /// The signature over the precommit's preimage.
    pub signature: Signature,
}

bounded!(
    /// The signatures of a certificate.
    list CommitSignatures: CommitSignature, "signatures in a certificate", 1, VALIDATORS_MAX
);

/// Proof that a block was decided.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct CommitCertificate {
    /// The certificate's version.
    pub version: Version<1>,
    /// The height decided.
    pub height: u64,
    /// The round of the precommits.
    pub round: u32,
    /// The block decided.
    pub block_id: BlockId,
    /// The precommits, strictly ascending by address.
    pub signatures: CommitSignatures,
}

impl Canonical for CommitCertificate {
    const LIMIT_BYTES: usize = 1 + 8 + 4 + 32 + 4 + VALIDATORS_MAX * 96;
}

/// Why a certificate proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The signatures are out of order, or one validator's stands twice.
    #[error("the certificate's signatures are not strictly ascending by address")]
    Order,
    /// A signer is not in the validator set.
    #[error("the certificate is signed by {0}, who is not a validator of this height")]
    UnknownValidator(Address),
    /// A signature does not verify.
    #[error("the certificate's signature of validator {0} is not valid")]
    Signature(Address),
    /// The signers' power is two thirds or less.
    #[error("the certificate has {power} of {total_power} voting power, not more than two thirds")]
    Power {
        /// The signers' power.
        power: u64,
        /// The set's power.
        total_power: u64,
    },
}

impl CommitCertificate {
    /// The tagged hash of the certificate's bytes.
    #[must_use]
    pub fn hash(&self) -> CertificateHash {
        CertificateHash(tagged(Domain::Certificate, &self.to_bytes()))
    }

    /// The precommit that `address` must have signed.
    #[must_use]
    pub fn precommit(&self, address: Address) -> Vote {
        Vote {
            version: Version,
            kind: VoteKind::Precommit,
            height: self.height,
            round: self.round,
            block_id: Some(self.block_id),
            address,
        }
    }

    /// Checks the certificate against the validators of its height. Every signature must be
    /// valid, not only enough of them: a certificate has no room for rubbish.
    ///
    /// # Errors
    /// One [`CertificateError`] for each rule.
    pub fn verify(
        &self,
        chain_id: &ChainId,
        validators: &ValidatorSet,
    ) -> Result<(), CertificateError> {
        self.verify_under(&Zip215, chain_id, validators)
    }

    /// [`CommitCertificate::verify`] under any rule of signatures.
    ///
    /// # Errors
    /// One [`CertificateError`] for each rule.
    pub fn verify_under(
        &self,
        rule: &dyn SignatureRule,
        chain_id: &ChainId,
        validators: &ValidatorSet,
    ) -> Result<(), CertificateError> {
        if !self.signatures.windows(2).all(|pair| pair[0].address < pair[1].address) {
            return Err(CertificateError::Order);
        }
        let mut power = 0u64;
        let mut signed = Vec::with_capacity(self.signatures.len());
        for entry in self.signatures.iter() {
            let validator = validators
                .get(&entry.address)
                .ok_or(CertificateError::UnknownValidator(entry.address))?;
            power += validator.power;
            signed.push(SignedMessage {
                key: validator.public_key,
                message: self.precommit(entry.address).preimage(chain_id),
                signature: entry.signature,
            });
        }
        if !validators.is_quorum(power) {
            let total_power = validators.total_power();
            return Err(CertificateError::Power { power, total_power });
        }
        match rule.each_holds(&signed).iter().position(|valid| !valid) {
            Some(index) => Err(CertificateError::Signature(self.signatures[index].address)),
            None => Ok(()),
        }
    }
}

//! An organization: who may sign in its name, and who may change that.

use std::collections::BTreeSet;

use vouchsafe_types::identity::{OrganizationId, OrganizationIdError, PublicKey};
use vouchsafe_types::openssh::{fingerprint, public_key_line};

use crate::document::{OrganizationDocument, RoleDocument, SignerDocument};
use crate::key_line::{KeyLineError, check_key, read_key};

/// The longest name of an organization, in bytes of UTF-8.
pub const ORGANIZATION_NAME_BYTES_MAX: usize = 128;
/// The most admin keys of an organization.
pub const ADMIN_KEYS_MAX: usize = 64;
/// The most signers of an organization.
pub const SIGNERS_MAX: usize = 1024;

/// What a signer may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Role {
    /// Notarize and revoke.
    Signer,
    /// That, and trust again what was revoked as compromised.
    Admin,
}

impl Role {
    /// The role's name in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signer => "signer",
            Self::Admin => "admin",
        }
    }
}

/// One key that signs transactions in an organization's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signer {
    /// The key.
    pub public_key: PublicKey,
    /// What it may do.
    pub role: Role,
    /// Its last valid block time, in milliseconds since 1970; without end if absent.
    pub not_after_ms: Option<u64>,
}

/// One member of the consortium.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    /// Its id on this chain.
    pub id: OrganizationId,
    /// Its name for people: 1 to [`ORGANIZATION_NAME_BYTES_MAX`] bytes without control characters.
    pub name: String,
    /// The keys that together change the organization: 1 to [`ADMIN_KEYS_MAX`], in its order.
    pub admin_keys: Vec<PublicKey>,
    /// How many admin keys must sign a change.
    pub admin_threshold: u32,
    /// Its signers: up to [`SIGNERS_MAX`], in its order.
    pub signers: Vec<Signer>,
}

/// Why an organization's entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationError {
    /// The id breaks its alphabet or length.
    #[error(transparent)]
    Id(#[from] OrganizationIdError),
    /// No name, or only blanks.
    #[error("the organization has no name; write the one that people know it by")]
    NameEmpty,
    /// The name is too long.
    #[error(
        "the organization's name has {0} bytes, more than {ORGANIZATION_NAME_BYTES_MAX}; \
         shorten it"
    )]
    NameTooLong(usize),
    /// The name holds a control character.
    #[error("the organization's name {0:?} holds a control character; remove it")]
    NameControl(String),
    /// One of its keys is refused.
    #[error(transparent)]
    Key(#[from] KeyLineError),
    /// Nobody could ever change the organization.
    #[error("the organization has no admin key; name at least one")]
    NoAdminKeys,
    /// Too many admin keys.
    #[error("{0} admin keys are more than the {ADMIN_KEYS_MAX} allowed")]
    TooManyAdminKeys(usize),
    /// One admin key stands twice.
    #[error("the admin key {0} stands twice: it would count twice; remove one")]
    DuplicateAdminKey(String),
    /// Changes without any signature.
    #[error("the admin threshold is 0: anyone could change the organization; use at least 1")]
    AdminThresholdZero,
    /// Changes that no set of admins can make.
    #[error(
        "the admin threshold is {threshold}, more than the {keys} admin keys: it could never be \
         met; lower it or add keys"
    )]
    AdminThresholdAboveKeys {
        /// The threshold.
        threshold: u32,
        /// How many admin keys there are.
        keys: usize,
    },
    /// Too many signers.
    #[error("{0} signers are more than the {SIGNERS_MAX} allowed")]
    TooManySigners(usize),
    /// One signer stands twice.
    #[error("the signer {0} stands twice; remove one of the two")]
    DuplicateSigner(String),
}

impl Organization {
    /// Checks every rule that concerns one organization alone.
    ///
    /// # Errors
    /// One [`OrganizationError`] for each rule.
    pub fn check(&self) -> Result<(), OrganizationError> {
        check_name(&self.name)?;
        if self.admin_keys.is_empty() {
            return Err(OrganizationError::NoAdminKeys);
        }
        if self.admin_keys.len() > ADMIN_KEYS_MAX {
            return Err(OrganizationError::TooManyAdminKeys(self.admin_keys.len()));
        }
        if self.signers.len() > SIGNERS_MAX {
            return Err(OrganizationError::TooManySigners(self.signers.len()));
        }
        if self.admin_threshold == 0 {
            return Err(OrganizationError::AdminThresholdZero);
        }
        if self.admin_threshold as usize > self.admin_keys.len() {
            return Err(OrganizationError::AdminThresholdAboveKeys {
                threshold: self.admin_threshold,
                keys: self.admin_keys.len(),
            });
        }
        let mut seen = BTreeSet::new();
        for key in &self.admin_keys {
            check_key(key)?;
            if !seen.insert(key) {
                return Err(OrganizationError::DuplicateAdminKey(fingerprint(key)));
            }
        }
        seen.clear();
        for signer in &self.signers {
            check_key(&signer.public_key)?;
            if !seen.insert(&signer.public_key) {
                return Err(OrganizationError::DuplicateSigner(fingerprint(&signer.public_key)));
            }
        }
        Ok(())
    }

    /// The signer of a key.
    #[must_use]
    pub fn signer(&self, key: &PublicKey) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.public_key == *key)
    }

    pub(crate) fn from_document(
        document: &OrganizationDocument,
    ) -> Result<Self, OrganizationError> {
        let signer = |signer: &SignerDocument| {
            Ok(Signer {
                public_key: read_key(&signer.public_key)?,
                role: match signer.role {
                    RoleDocument::Signer => Role::Signer,
                    RoleDocument::Admin => Role::Admin,
                },
                not_after_ms: signer.not_after_ms,
            })
        };
        Ok(Self {
            id: OrganizationId::new(&document.id)?,
            name: document.name.clone(),
            admin_keys: document
                .admin_keys
                .iter()
                .map(|line| read_key(line))
                .collect::<Result<_, _>>()?,
            admin_threshold: document.admin_threshold,
            signers: document
                .signers
                .iter()
                .map(signer)
                .collect::<Result<_, OrganizationError>>()?,
        })
    }

    pub(crate) fn to_document(&self) -> OrganizationDocument {
        let signer = |signer: &Signer| SignerDocument {
            public_key: public_key_line(&signer.public_key),
            role: match signer.role {
                Role::Signer => RoleDocument::Signer,
                Role::Admin => RoleDocument::Admin,
            },
            not_after_ms: signer.not_after_ms,
        };
        OrganizationDocument {
            id: self.id.to_string(),
            name: self.name.clone(),
            admin_keys: self.admin_keys.iter().map(public_key_line).collect(),
            admin_threshold: self.admin_threshold,
            signers: self.signers.iter().map(signer).collect(),
        }
    }
}

fn check_name(name: &str) -> Result<(), OrganizationError> {
    if name.trim().is_empty() {
        return Err(OrganizationError::NameEmpty);
    }
    if name.len() > ORGANIZATION_NAME_BYTES_MAX {
        return Err(OrganizationError::NameTooLong(name.len()));
    }
    if name.chars().any(char::is_control) {
        return Err(OrganizationError::NameControl(name.to_owned()));
    }
    Ok(())
}

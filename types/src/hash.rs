//! SHA-256 under a domain tag: the only way this project turns bytes into an identity.
//!
//! ```text
//! tagged(domain, data) = SHA-256( u8 length of tag ‖ tag ‖ data )
//! ```
//!
//! Every tag is at least 16 bytes, so that the first byte of a tagged preimage can be neither
//! 0x00 nor 0x01, with which RFC 9162 trees and the state tree begin theirs. Those two families
//! stay apart because the state tree's tag follows: entries of RFC 9162 logs begin with a version
//! or number below 0x20, or have exactly 32 bytes, and nodes have exactly 65.

use std::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use sha2::{Digest as _, Sha256};

/// Bytes in a SHA-256 digest.
pub const DIGEST_BYTES: usize = 32;

/// A SHA-256 digest. Its text form is 64 lowercase hexadecimal digits.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Digest(pub [u8; DIGEST_BYTES]);

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 digest: {0:?} is not 64 hexadecimal digits")]
pub struct DigestTextError(pub String);

impl Digest {
    /// 32 zero bytes: what the fields of block 1 hold that have nothing to point at.
    pub const ZERO: Self = Self([0; DIGEST_BYTES]);

    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }

    /// Reads 64 hexadecimal digits, of either case.
    ///
    /// # Errors
    /// [`DigestTextError`] when the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, DigestTextError> {
        let mut bytes = [0; DIGEST_BYTES];
        match hex::decode_to_slice(text, &mut bytes) {
            Ok(()) => Ok(Self(bytes)),
            Err(_) => Err(DigestTextError(text.chars().take(80).collect())),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl std::str::FromStr for Digest {
    type Err = DigestTextError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::from_hex(text)
    }
}

/// Everything that is hashed under a tag; one variant for each kind of preimage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// The RFC 8785 form of a genesis document: the chain id.
    Genesis,
    /// A validator's public key: its address.
    Address,
    /// Chain id, public key and body of a transaction: its id.
    TransactionId,
    /// A header's bytes: the block id.
    BlockId,
    /// A validator set's bytes.
    ValidatorSet,
    /// A commit certificate's bytes.
    Certificate,
    /// An offence that evidence proves: its id.
    Evidence,
    /// The name of a state record: its 256-bit key.
    StateKey,
    /// The bytes of a state record: its value hash.
    StateValue,
}

impl Domain {
    /// Every domain, for the vectors and for the test that no two share a tag.
    pub const ALL: [Self; 9] = [
        Self::Genesis,
        Self::Address,
        Self::TransactionId,
        Self::BlockId,
        Self::ValidatorSet,
        Self::Certificate,
        Self::Evidence,
        Self::StateKey,
        Self::StateValue,
    ];

    /// The tag's text.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Genesis => "vouchsafe-genesis-v1",
            Self::Address => "vouchsafe-address-v1",
            Self::TransactionId => "vouchsafe-transaction-id-v1",
            Self::BlockId => "vouchsafe-block-id-v1",
            Self::ValidatorSet => "vouchsafe-validator-set-v1",
            Self::Certificate => "vouchsafe-certificate-v1",
            Self::Evidence => "vouchsafe-evidence-v1",
            Self::StateKey => "vouchsafe-state-key-v1",
            Self::StateValue => "vouchsafe-state-value-v1",
        }
    }
}

/// SHA-256 of `data` under the domain's tag.
#[must_use]
pub fn tagged(domain: Domain, data: &[u8]) -> Digest {
    let tag = domain.tag().as_bytes();
    let length = u8::try_from(tag.len()).expect("every tag is shorter than 256 bytes");
    let mut hasher = Sha256::new();
    hasher.update([length]);
    hasher.update(tag);
    hasher.update(data);
    Digest(hasher.finalize().into())
}

/// SHA-256 of several slices in a row, without a tag: for RFC 9162 and the state tree, whose
/// first byte separates them, and for the content of assets.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}

/// Makes a newtype over [`Digest`], so that one kind of identity is never taken for another.
macro_rules! digest_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug,
            borsh::BorshSerialize, borsh::BorshDeserialize,
        )]
        pub struct $name(pub $crate::hash::Digest);

        impl $name {
            /// The identity's 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $crate::hash::DIGEST_BYTES] {
                self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::hash::DigestTextError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::hash::Digest::from_hex(text).map(Self)
            }
        }
    };
}
pub(crate) use digest_newtype;

digest_newtype!(
    /// The chain's identity: the tagged hash of its genesis document's RFC 8785 form. It is in
    /// everything that is signed.
    ChainId
);
digest_newtype!(
    /// The tagged hash of a header's bytes.
    BlockId
);
digest_newtype!(
    /// The tagged hash of chain id, public key and body: what a transaction may be applied once
    /// under, whatever its signature's bytes.
    TransactionId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_domains_share_a_tag_and_none_can_meet_a_tree_prefix() {
        let tags: std::collections::BTreeSet<_> = Domain::ALL.iter().map(|d| d.tag()).collect();
        assert_eq!(tags.len(), Domain::ALL.len());
        assert!(tags.iter().all(|tag| tag.len() >= 16 && tag.len() < 256));
    }

    #[test]
    fn a_digest_reads_back_its_own_text_and_refuses_others() {
        let digest = sha256(&[b"abc"]);
        assert_eq!(
            digest.to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(Digest::from_hex(&digest.to_string()), Ok(digest));
        assert!(Digest::from_hex("ba78").is_err());
        assert!(Digest::from_hex(&"g".repeat(64)).is_err());
    }
}

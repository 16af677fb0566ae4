//! What is vouched for: an asset is a scheme and a SHA-256 digest; its name, size and attributes
//! are what a signer says about it.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::canonical::{DecodeError, bounded};
use crate::hash::Digest;

/// The most attributes an asset may carry.
pub const ATTRIBUTES_MAX: usize = 16;
/// The longest display name, in bytes of UTF-8.
pub const NAME_BYTES_MAX: usize = 255;

bounded!(
    /// A display name: UTF-8, up to 255 bytes. It may hold anything that a file name can, control
    /// characters included: whoever prints it must neutralize them.
    text DisplayName, "bytes of a display name", 0, NAME_BYTES_MAX
);
bounded!(
    /// An attribute's key: 1 to 64 bytes of UTF-8.
    text AttributeKey, "bytes of an attribute's key", 1, 64
);
bounded!(
    /// An attribute's value: up to 1,024 bytes of UTF-8.
    text AttributeValue, "bytes of an attribute's value", 0, 1024
);

/// How an asset's digest was made. It is part of the asset's key: a file that holds a manifest's
/// bytes is not the directory which the manifest describes.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Scheme {
    /// SHA-256 of the bytes of a file or stream.
    Bytes = 1,
    /// SHA-256 of a directory's manifest.
    Directory = 2,
    /// SHA-256 of a git commit's manifest.
    Git = 3,
    /// An OCI image: the digest of its manifest.
    Image = 4,
    /// A Docker image id: the digest of its configuration.
    ImageConfiguration = 5,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 5] =
        [Self::Bytes, Self::Directory, Self::Git, Self::Image, Self::ImageConfiguration];

    /// The scheme's name in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Directory => "directory",
            Self::Git => "git",
            Self::Image => "image",
            Self::ImageConfiguration => "image-configuration",
        }
    }

    /// The scheme of a number, as protobuf carries it.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| *scheme as u32 == number)
    }
}

/// What identifies an asset, wherever it lies and whatever it is called.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
pub struct AssetKey {
    /// How the digest was made.
    pub scheme: Scheme,
    /// The content's SHA-256 digest.
    pub digest: Digest,
}

/// One named fact that a signer states about an asset.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Attribute {
    /// The fact's name.
    pub key: AttributeKey,
    /// The fact.
    pub value: AttributeValue,
}

/// At most 16 attributes, strictly ascending by key.
#[derive(Clone, PartialEq, Eq, Debug, Default, BorshSerialize)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// Wraps attributes that are already in order.
    ///
    /// # Errors
    /// [`DecodeError::TooMany`], or [`DecodeError::Malformed`] when the keys do not ascend.
    pub fn new(attributes: Vec<Attribute>) -> Result<Self, DecodeError> {
        crate::canonical::check_count("attributes", 0, ATTRIBUTES_MAX, attributes.len())?;
        if attributes.windows(2).all(|pair| pair[0].key < pair[1].key) {
            Ok(Self(attributes))
        } else {
            Err(DecodeError::Malformed("attributes are not strictly ascending by key".into()))
        }
    }

    /// The attributes, ascending by key.
    #[must_use]
    pub fn as_slice(&self) -> &[Attribute] {
        &self.0
    }
}

impl BorshDeserialize for Attributes {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let list = crate::canonical::read_list(reader, "attributes", 0, ATTRIBUTES_MAX)?;
        Self::new(list).map_err(Into::into)
    }
}

/// An asset as an operation names it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Asset {
    /// How the digest was made.
    pub scheme: Scheme,
    /// The content's SHA-256 digest.
    pub digest: Digest,
    /// The content's size in bytes, as its signer states it.
    pub size_bytes: u64,
    /// What its signer calls it.
    pub name: DisplayName,
    /// What else its signer states about it.
    pub attributes: Attributes,
}

impl Asset {
    /// The asset's key.
    #[must_use]
    pub fn key(&self) -> AssetKey {
        AssetKey { scheme: self.scheme, digest: self.digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(key: &str) -> Attribute {
        Attribute {
            key: AttributeKey::new(key.into()).expect("short"),
            value: AttributeValue::new(String::new()).expect("short"),
        }
    }

    #[test]
    fn attributes_ascend_strictly_and_are_few() {
        assert!(Attributes::new(vec![attribute("a"), attribute("b")]).is_ok());
        assert!(Attributes::new(vec![attribute("b"), attribute("a")]).is_err());
        assert!(Attributes::new(vec![attribute("a"), attribute("a")]).is_err());
        let many = (0..17).map(|i| attribute(&format!("{i:02}"))).collect();
        assert!(matches!(Attributes::new(many), Err(DecodeError::TooMany { .. })));
    }

    #[test]
    fn an_unknown_scheme_does_not_decode() {
        assert!(Scheme::try_from_slice(&[0]).is_err());
        assert!(Scheme::try_from_slice(&[6]).is_err());
        assert_eq!(Scheme::from_number(2), Some(Scheme::Directory));
        assert_eq!(Scheme::from_number(258), None);
    }
}

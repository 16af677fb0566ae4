//! Public keys in a document: OpenSSH lines of two words, so that one key has one text.

use vouchsafe_types::identity::{PublicKey, PublicKeyError};
use vouchsafe_types::openssh::{OpensshError, fingerprint, parse_public_key_line, public_key_line};

/// Why a key in a document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyLineError {
    /// Not an OpenSSH Ed25519 key.
    #[error("the key {text:?}: {error}")]
    Text {
        /// The beginning of the text.
        text: String,
        /// The rule it breaks.
        error: OpensshError,
    },
    /// The key's bytes may not be admitted.
    #[error("the key {fingerprint}: {error}")]
    Bytes {
        /// The key's fingerprint.
        fingerprint: String,
        /// The rule it breaks.
        error: PublicKeyError,
    },
    /// A comment, or other blanks than the one between the two words.
    #[error(
        "the key {0:?} has a comment or other blanks; write only the two words \
         'ssh-ed25519 AAAA…'"
    )]
    NotNormal(String),
}

/// Reads a key line in its one form.
pub(crate) fn read_key(line: &str) -> Result<PublicKey, KeyLineError> {
    let beginning = || line.chars().take(96).collect::<String>();
    let key = parse_public_key_line(line)
        .map_err(|error| KeyLineError::Text { text: beginning(), error })?;
    if public_key_line(&key) != line {
        return Err(KeyLineError::NotNormal(beginning()));
    }
    Ok(key)
}

/// Checks a key that did not come from a line.
pub(crate) fn check_key(key: &PublicKey) -> Result<(), KeyLineError> {
    key.check().map_err(|error| KeyLineError::Bytes { fingerprint: fingerprint(key), error })
}

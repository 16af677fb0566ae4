//! The public half's file: `ssh-ed25519 AAAA… comment`.

use std::path::{Path, PathBuf};

use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::openssh::{OpensshError, parse_public_key_line, public_key_line};

use crate::error::KeyError;
use crate::private_file::{create, read_public};

/// Where a private key's public half lies: the same path with `.pub` after it.
#[must_use]
pub fn public_key_path(private: &Path) -> PathBuf {
    let mut path = private.as_os_str().to_owned();
    path.push(".pub");
    path.into()
}

/// Reads a public key and its comment, as `ssh-keygen` writes them.
///
/// # Errors
/// A [`KeyError`] about files, or [`KeyError::PublicKey`] with the rule that the line breaks.
pub fn read_public_key(path: &Path) -> Result<(PublicKey, String), KeyError> {
    let refused = |source| KeyError::PublicKey { path: path.to_owned(), source };
    let bytes = read_public(path)?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| refused(OpensshError::NotAPublicKey))?.trim();
    let key = parse_public_key_line(text).map_err(refused)?;
    if text.contains('\n') {
        return Err(refused(OpensshError::NotAPublicKey));
    }
    let comment = text.splitn(3, ' ').nth(2).unwrap_or_default();
    Ok((key, comment.to_owned()))
}

/// Writes the public half beside a private key.
pub(crate) fn write_public_key(
    private: &Path,
    key: &PublicKey,
    comment: &str,
) -> Result<(), KeyError> {
    let line = format!("{} {comment}", public_key_line(key));
    create(&public_key_path(private), 0o644, format!("{}\n", line.trim_end()).as_bytes())
}

//! Telling OpenSSH's private-key format from all that lies about in its place, so that each gets
//! the error that helps.
//!
//! ```text
//! "openssh-key-v1\0" ‖ string cipher ‖ string kdf ‖ string kdf options ‖ u32 1
//!                    ‖ string public key (string type ‖ …) ‖ string private part
//! ```

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ssh_key::PrivateKey;
use vouchsafe_types::openssh::KEY_TYPE;
use zeroize::Zeroizing;

use crate::error::KeyError;

const LABEL: &str = "OPENSSH PRIVATE KEY";
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Reads a file's content; it is not decrypted.
pub(crate) fn parse(path: &Path, bytes: &[u8]) -> Result<PrivateKey, KeyError> {
    let not_a_key = || KeyError::NotAPrivateKey(path.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| not_a_key())?.trim();
    if ["ssh-", "ecdsa-", "sk-"].iter().any(|prefix| text.starts_with(prefix)) {
        return Err(KeyError::PublicKeyInstead(path.to_owned()));
    }
    let (label, rest) = text
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.split_once("-----"))
        .ok_or_else(not_a_key)?;
    if label != LABEL {
        return Err(if label.ends_with("PRIVATE KEY") {
            KeyError::OtherFormat { path: path.to_owned(), label: label.chars().take(64).collect() }
        } else {
            not_a_key()
        });
    }
    if let Some(key_type) = key_type(rest)
        && key_type != KEY_TYPE
    {
        return Err(KeyError::KeyType { path: path.to_owned(), key_type });
    }
    PrivateKey::from_openssh(text).map_err(|error| from_ssh_key(path, &error))
}

/// The key's type: it stands in the clear, also for types that are not decoded further.
fn key_type(text: &str) -> Option<String> {
    let (body, _) = text.split_once("-----END")?;
    let body: Zeroizing<Vec<u8>> =
        Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    let blob = Zeroizing::new(STANDARD.decode(&*body).ok()?);
    let mut rest = blob.strip_prefix(MAGIC)?;
    for _cipher_and_derivation in 0..3 {
        take_string(&mut rest)?;
    }
    rest = rest.strip_prefix(&1u32.to_be_bytes())?;
    let mut public = take_string(&mut rest)?;
    let key_type = std::str::from_utf8(take_string(&mut public)?).ok()?;
    Some(key_type.chars().take(64).collect())
}

/// Takes an RFC 4251 `string` off the front.
fn take_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let (string, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    *rest = after;
    Some(string)
}

/// What the decoder found wrong.
pub(crate) fn from_ssh_key(path: &Path, error: &ssh_key::Error) -> KeyError {
    let path = path.to_owned();
    match error {
        ssh_key::Error::PublicKey => KeyError::HalvesDiffer(path),
        other => KeyError::Damaged { path, cause: other.to_string() },
    }
}

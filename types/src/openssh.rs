//! OpenSSH's formats, as far as a verifier needs them: the public-key line, the fingerprint, and
//! the SSHSIG framing (openssh-portable `PROTOCOL.sshsig`, RFC 4251 §5 for `string`, RFC 8709 for
//! `ssh-ed25519`).
//!
//! ```text
//! what is signed:  "SSHSIG" ‖ string namespace ‖ string "" ‖ string "sha512" ‖ string SHA-512(message)
//! what is armored: "SSHSIG" ‖ u32 1 ‖ string key ‖ string namespace ‖ string "" ‖ string "sha512"
//!                  ‖ string (string "ssh-ed25519" ‖ string signature)
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha512};

use crate::hash::sha256;
use crate::identity::{PUBLIC_KEY_BYTES, PublicKey, PublicKeyError, SIGNATURE_BYTES, Signature};

/// The SSHSIG namespace of transactions: a signature made for another purpose is not one.
pub const TRANSACTION_NAMESPACE: &str = "vouchsafe-tx-v1";
/// The only key type that is an identity.
pub const KEY_TYPE: &str = "ssh-ed25519";
/// The longest public-key line that is read, in bytes.
pub const PUBLIC_KEY_LINE_BYTES_MAX: usize = 8192;
/// The longest armored signature that is read, in bytes.
pub const ARMOR_BYTES_MAX: usize = 16_384;

const MAGIC: &[u8; 6] = b"SSHSIG";
const HASH_ALGORITHM: &str = "sha512";
const ARMOR_BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const ARMOR_END: &str = "-----END SSH SIGNATURE-----";
/// `ssh-keygen` breaks armored base64 after 70 characters.
const ARMOR_LINE_CHARACTERS: usize = 70;

/// Why OpenSSH's text was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpensshError {
    /// The input is longer than anything valid.
    #[error("{what} of {actual_bytes} bytes is longer than the {limit_bytes} that are read")]
    TooLong {
        /// What was read.
        what: &'static str,
        /// The bound, in bytes.
        limit_bytes: usize,
        /// The input's length, in bytes.
        actual_bytes: usize,
    },
    /// The line is not `type base64 [comment]`.
    #[error("not an OpenSSH public key: expected a line 'ssh-ed25519 AAAA… [comment]'")]
    NotAPublicKey,
    /// There is more than one line.
    #[error("more than one line: give one OpenSSH public key at a time")]
    OneKey,
    /// The key is of another type.
    #[error(
        "keys of type {0:?} cannot sign here, only ssh-ed25519: make one with \
         'ssh-keygen -t ed25519'"
    )]
    KeyType(String),
    /// The 32 bytes are not an admissible key.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
    /// The armor's first or last line is missing.
    #[error("not an armored SSH signature: expected '-----BEGIN SSH SIGNATURE-----'")]
    Armor,
    /// The base64 is damaged.
    #[error("the base64 is damaged")]
    Base64,
    /// The framing inside is damaged.
    #[error("the SSHSIG framing is damaged at its {0}")]
    Framing(&'static str),
    /// The signature was made for another purpose.
    #[error("the signature's namespace is {0:?}, not the one expected")]
    Namespace(String),
    /// The message was hashed otherwise.
    #[error(
        "the signature hashes with {0:?}, not sha512: sign with 'ssh-keygen -O hashalg=sha512'"
    )]
    HashAlgorithm(String),
}

/// Appends an RFC 4251 `string`.
fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("strings here are shorter than 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Takes an RFC 4251 `string` off the front.
fn take_string<'a>(rest: &mut &'a [u8], what: &'static str) -> Result<&'a [u8], OpensshError> {
    let (length, after) = rest.split_first_chunk::<4>().ok_or(OpensshError::Framing(what))?;
    let length = u32::from_be_bytes(*length) as usize;
    let (string, after) = after.split_at_checked(length).ok_or(OpensshError::Framing(what))?;
    *rest = after;
    Ok(string)
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(64).collect()
}

/// The bytes that an SSHSIG signature signs.
#[must_use]
pub fn signed_data(namespace: &str, message: &[u8]) -> Vec<u8> {
    let digest: [u8; 64] = Sha512::digest(message).into();
    let mut data = Vec::with_capacity(128);
    data.extend_from_slice(MAGIC);
    put_string(&mut data, namespace.as_bytes());
    put_string(&mut data, b"");
    put_string(&mut data, HASH_ALGORITHM.as_bytes());
    put_string(&mut data, &digest);
    data
}

/// The key as OpenSSH's binary blob.
#[must_use]
pub fn public_key_blob(key: &PublicKey) -> Vec<u8> {
    let mut blob = Vec::with_capacity(51);
    put_string(&mut blob, KEY_TYPE.as_bytes());
    put_string(&mut blob, &key.0);
    blob
}

/// The fingerprint that `ssh-keygen -l` prints: `SHA256:` and unpadded base64.
#[must_use]
pub fn fingerprint(key: &PublicKey) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(sha256(&[&public_key_blob(key)]).0))
}

/// The key as a line of an `authorized_keys` or `.pub` file, without a comment.
#[must_use]
pub fn public_key_line(key: &PublicKey) -> String {
    format!("{KEY_TYPE} {}", STANDARD.encode(public_key_blob(key)))
}

/// Reads `ssh-ed25519 AAAA… [comment]`.
///
/// # Errors
/// [`OpensshError`]: other key types are refused by name, and so are inadmissible keys.
pub fn parse_public_key_line(line: &str) -> Result<PublicKey, OpensshError> {
    if line.len() > PUBLIC_KEY_LINE_BYTES_MAX {
        return Err(OpensshError::TooLong {
            what: "a public key",
            limit_bytes: PUBLIC_KEY_LINE_BYTES_MAX,
            actual_bytes: line.len(),
        });
    }
    // A second line would be a second key that nobody noticed.
    if line.trim().contains(['\n', '\r']) {
        return Err(OpensshError::OneKey);
    }
    let mut words = line.split_ascii_whitespace();
    let (Some(key_type), Some(encoded)) = (words.next(), words.next()) else {
        return Err(OpensshError::NotAPublicKey);
    };
    if key_type != KEY_TYPE {
        let known = ["ssh-", "ecdsa-", "sk-"].iter().any(|p| key_type.starts_with(p));
        return Err(if known {
            OpensshError::KeyType(key_type.chars().take(64).collect())
        } else {
            OpensshError::NotAPublicKey
        });
    }
    let blob = STANDARD.decode(encoded).map_err(|_| OpensshError::Base64)?;
    parse_public_key_blob(&blob)
}

/// Reads OpenSSH's binary form of a key.
///
/// # Errors
/// [`OpensshError`]: other key types are refused by name, and so are inadmissible keys.
pub fn parse_public_key_blob(blob: &[u8]) -> Result<PublicKey, OpensshError> {
    let mut rest = blob;
    let inner_type = take_string(&mut rest, "key type")?;
    if inner_type != KEY_TYPE.as_bytes() {
        return Err(OpensshError::KeyType(lossy(inner_type)));
    }
    let bytes = take_string(&mut rest, "key")?;
    if !rest.is_empty() {
        return Err(OpensshError::Framing("end of the key"));
    }
    let bytes: [u8; PUBLIC_KEY_BYTES] =
        bytes.try_into().map_err(|_| OpensshError::Framing("key length"))?;
    let key = PublicKey(bytes);
    key.check()?;
    Ok(key)
}

/// Writes a signature in the armored form that `ssh-keygen -Y verify` reads.
#[must_use]
pub fn armor(key: &PublicKey, namespace: &str, signature: &Signature) -> String {
    let mut inner = Vec::with_capacity(83);
    put_string(&mut inner, KEY_TYPE.as_bytes());
    put_string(&mut inner, &signature.0);
    let mut blob = Vec::with_capacity(256);
    blob.extend_from_slice(MAGIC);
    blob.extend_from_slice(&1u32.to_be_bytes());
    put_string(&mut blob, &public_key_blob(key));
    put_string(&mut blob, namespace.as_bytes());
    put_string(&mut blob, b"");
    put_string(&mut blob, HASH_ALGORITHM.as_bytes());
    put_string(&mut blob, &inner);
    let encoded = STANDARD.encode(blob);
    let mut text = String::with_capacity(encoded.len() + 80);
    text.push_str(ARMOR_BEGIN);
    text.push('\n');
    for line in encoded.as_bytes().chunks(ARMOR_LINE_CHARACTERS) {
        text.push_str(std::str::from_utf8(line).expect("base64 is ASCII"));
        text.push('\n');
    }
    text.push_str(ARMOR_END);
    text.push('\n');
    text
}

/// Reads an armored signature, as `ssh-keygen -Y sign` writes it, made for `namespace`.
/// It is not verified: see [`crate::signature::verify`] over [`signed_data`].
///
/// # Errors
/// [`OpensshError`] names the part that is wrong.
pub fn parse_armor(text: &str, namespace: &str) -> Result<(PublicKey, Signature), OpensshError> {
    if text.len() > ARMOR_BYTES_MAX {
        return Err(OpensshError::TooLong {
            what: "an armored signature",
            limit_bytes: ARMOR_BYTES_MAX,
            actual_bytes: text.len(),
        });
    }
    let encoded: String = text
        .trim()
        .strip_prefix(ARMOR_BEGIN)
        .and_then(|rest| rest.strip_suffix(ARMOR_END))
        .ok_or(OpensshError::Armor)?
        .split_ascii_whitespace()
        .collect();
    let blob = STANDARD.decode(encoded).map_err(|_| OpensshError::Base64)?;
    parse_signature_blob(&blob, namespace)
}

fn parse_signature_blob(
    blob: &[u8],
    namespace: &str,
) -> Result<(PublicKey, Signature), OpensshError> {
    let mut rest = blob.strip_prefix(MAGIC).ok_or(OpensshError::Framing("magic"))?;
    rest = rest.strip_prefix(&1u32.to_be_bytes()).ok_or(OpensshError::Framing("version"))?;
    let key = parse_public_key_blob(take_string(&mut rest, "key")?)?;
    let actual = take_string(&mut rest, "namespace")?;
    if actual != namespace.as_bytes() {
        return Err(OpensshError::Namespace(lossy(actual)));
    }
    take_string(&mut rest, "reserved field")?;
    let hash_algorithm = take_string(&mut rest, "hash algorithm")?;
    if hash_algorithm != HASH_ALGORITHM.as_bytes() {
        return Err(OpensshError::HashAlgorithm(lossy(hash_algorithm)));
    }
    let mut inner = take_string(&mut rest, "signature")?;
    let signature_type = take_string(&mut inner, "signature type")?;
    if signature_type != KEY_TYPE.as_bytes() {
        return Err(OpensshError::KeyType(lossy(signature_type)));
    }
    let bytes: [u8; SIGNATURE_BYTES] = take_string(&mut inner, "signature bytes")?
        .try_into()
        .map_err(|_| OpensshError::Framing("signature length"))?;
    if !inner.is_empty() || !rest.is_empty() {
        return Err(OpensshError::Framing("end"));
    }
    Ok((key, Signature(bytes)))
}

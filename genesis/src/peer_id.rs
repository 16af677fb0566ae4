//! Peer ids: a node's Ed25519 key as libp2p writes it.

use libp2p_identity::PeerId;

use vouchsafe_types::identity::{PUBLIC_KEY_BYTES, PublicKey};

use crate::key_line::{KeyLineError, check_key};

/// The longest peer id, in bytes of its text. Base58 takes time that grows with the square of the
/// length, so this is checked first.
pub const PEER_ID_BYTES_MAX: usize = 64;

/// Why a peer id is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerIdError {
    /// The peer id's text is too long.
    #[error("the peer id has {0} bytes, more than the {PEER_ID_BYTES_MAX} that one may have")]
    TooLong(usize),
    /// The peer id does not decode.
    #[error(
        "{0:?} is not a peer id: expected one like '12D3KooW…', as 'vouchsafed init' prints it"
    )]
    NotAPeerId(String),
    /// The peer id is not of an Ed25519 key.
    #[error("the peer id {0} is not of an Ed25519 key; it must begin with '12D3KooW'")]
    KeyType(String),
    /// The peer id's key may not be admitted.
    #[error("the peer id's key is refused: {0}")]
    Key(KeyLineError),
}

/// The peer id of a node's key.
#[must_use]
pub fn peer_id_of(key: &PublicKey) -> Option<PeerId> {
    let key = libp2p_identity::ed25519::PublicKey::try_from_bytes(&key.0).ok()?;
    Some(libp2p_identity::PublicKey::from(key).to_peer_id())
}

/// The key of an Ed25519 peer id: such an id holds its key (libp2p peer-ids specification).
///
/// # Errors
/// [`PeerIdError::KeyType`] for ids of other keys, [`PeerIdError::Key`] for inadmissible
/// ones.
pub fn public_key_of(peer_id: &PeerId) -> Result<PublicKey, PeerIdError> {
    /// The multihash code of data that is not hashed.
    const IDENTITY_CODE: u64 = 0;
    let other = || PeerIdError::KeyType(peer_id.to_base58());
    let multihash = peer_id.as_ref();
    if multihash.code() != IDENTITY_CODE {
        return Err(other());
    }
    // Protobuf of libp2p's PublicKey: field 1 = 1 (Ed25519), field 2 = 32 bytes.
    let bytes = multihash.digest().strip_prefix(&[8, 1, 18, 32]).ok_or_else(other)?;
    let key = PublicKey(<[u8; PUBLIC_KEY_BYTES]>::try_from(bytes).map_err(|_| other())?);
    check_key(&key).map_err(PeerIdError::Key)?;
    Ok(key)
}

/// Reads an Ed25519 peer id in its base58 form.
///
/// # Errors
/// A [`PeerIdError`] names the rule that is broken.
pub fn parse_peer_id(text: &str) -> Result<PeerId, PeerIdError> {
    if text.len() > PEER_ID_BYTES_MAX {
        return Err(PeerIdError::TooLong(text.len()));
    }
    let peer_id: PeerId = text.parse().map_err(|_| PeerIdError::NotAPeerId(text.to_owned()))?;
    if peer_id.to_base58() != text {
        return Err(PeerIdError::NotAPeerId(text.to_owned()));
    }
    public_key_of(&peer_id)?;
    Ok(peer_id)
}

//! The nodes that take part: validators and observers, as the network knows them.

use libp2p_identity::PeerId;
use multiaddr::{Multiaddr, Protocol};

use vouchsafe_types::identity::{
    Address, OrganizationId, OrganizationIdError, PUBLIC_KEY_BYTES, PublicKey,
};
use vouchsafe_types::openssh::public_key_line;
use vouchsafe_types::validator_set::Validator;

use crate::document::{ObserverDocument, ValidatorDocument};
use crate::key_line::{KeyLineError, check_key, read_key};

/// The most addresses of a validator.
pub const ADDRESSES_MAX: usize = 8;
/// The longest address, in bytes of its text.
pub const ADDRESS_BYTES_MAX: usize = 160;
/// The longest peer id, in bytes of its text. Base58 takes time that grows with the square of the
/// length, so this is checked first.
pub const PEER_ID_BYTES_MAX: usize = 64;

/// A validator at the chain's start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValidatorEntry {
    /// The organization that runs it.
    pub organization: OrganizationId,
    /// The key that signs its votes; used for nothing else.
    pub consensus_key: PublicKey,
    /// Its identity on the network: an Ed25519 peer id of another key.
    pub peer_id: PeerId,
    /// Its voting power, at least 1.
    pub power: u64,
    /// Where it can be dialed, in its order of preference: up to [`ADDRESSES_MAX`], and none for
    /// a node that only dials others.
    pub addresses: Vec<Multiaddr>,
}

/// A node that follows the chain and answers questions, without a vote.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Observer {
    /// The organization that runs it.
    pub organization: OrganizationId,
    /// Its identity on the network.
    pub peer_id: PeerId,
}

/// Why a validator's or observer's entry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The organization's id is not one.
    #[error(transparent)]
    Organization(#[from] OrganizationIdError),
    /// The consensus key is refused.
    #[error("the consensus key is refused: {0}")]
    ConsensusKey(#[from] KeyLineError),
    /// The peer id's text is too long.
    #[error("the peer id has {0} bytes, more than the {PEER_ID_BYTES_MAX} that one may have")]
    PeerIdTooLong(usize),
    /// The peer id does not decode.
    #[error(
        "{0:?} is not a peer id: expected one like '12D3KooW…', as 'vouchsafed init' prints it"
    )]
    PeerId(String),
    /// The peer id is not of an Ed25519 key.
    #[error("the peer id {0} is not of an Ed25519 key; it must begin with '12D3KooW'")]
    PeerIdKeyType(String),
    /// The peer id's key may not be admitted.
    #[error("the peer id's key is refused: {0}")]
    PeerIdKey(KeyLineError),
    /// One key would sign votes and handshakes.
    #[error(
        "the peer id {0} is of the consensus key; make the node a key of its own, so that one \
         key serves one purpose"
    )]
    PeerIdOfConsensusKey(PeerId),
    /// A validator without power.
    #[error("the validator has no voting power; make it an observer instead")]
    NoPower,
    /// Too many addresses.
    #[error("{0} addresses are more than the {ADDRESSES_MAX} allowed")]
    TooManyAddresses(usize),
    /// An address is too long.
    #[error("an address has {0} bytes, more than the {ADDRESS_BYTES_MAX} that one may have")]
    AddressTooLong(usize),
    /// The address is not a multiaddr.
    #[error("{0:?} is not an address: expected one like '/ip4/192.0.2.1/tcp/26656'")]
    Address(String),
    /// The address is not in its one form.
    #[error("the address {written:?} is not in its normal form; write {normal}")]
    AddressNotNormal {
        /// The address as written.
        written: String,
        /// The form to write.
        normal: Multiaddr,
    },
    /// The address uses another protocol, such as a name to be resolved.
    #[error(
        "the address {0} is not of the form '/ip4/…/tcp/…' or '/ip6/…/tcp/…', optionally with \
         '/p2p/…' at its end; names and other transports are not supported"
    )]
    AddressUnsupported(Multiaddr),
    /// Nobody can dial the address.
    #[error(
        "nobody can dial the address {0}: it is unspecified or multicast, or its port is 0; \
         write the one that others reach"
    )]
    AddressNotDialable(Multiaddr),
    /// The address ends in another node's peer id.
    #[error("the address {address} names another peer than {peer_id}, whose entry it stands in")]
    AddressOfAnotherPeer {
        /// The address.
        address: Multiaddr,
        /// The entry's peer id.
        peer_id: PeerId,
    },
}

impl ValidatorEntry {
    /// The validator's address.
    #[must_use]
    pub fn address(&self) -> Address {
        self.consensus_key.address()
    }

    /// The validator as consensus knows it.
    #[must_use]
    pub fn to_validator(&self) -> Validator {
        Validator {
            public_key: self.consensus_key,
            power: self.power,
            organization: self.organization.clone(),
        }
    }

    /// Checks every rule that concerns one validator alone.
    ///
    /// # Errors
    /// One [`PeerError`] for each rule.
    pub fn check(&self) -> Result<(), PeerError> {
        check_key(&self.consensus_key)?;
        if public_key_of(&self.peer_id)? == self.consensus_key {
            return Err(PeerError::PeerIdOfConsensusKey(self.peer_id));
        }
        if self.power == 0 {
            return Err(PeerError::NoPower);
        }
        if self.addresses.len() > ADDRESSES_MAX {
            return Err(PeerError::TooManyAddresses(self.addresses.len()));
        }
        self.addresses.iter().try_for_each(|address| check_address(address, &self.peer_id))
    }

    pub(crate) fn from_document(document: &ValidatorDocument) -> Result<Self, PeerError> {
        Ok(Self {
            organization: OrganizationId::new(&document.organization)?,
            consensus_key: read_key(&document.consensus_key)?,
            peer_id: parse_peer_id(&document.peer_id)?,
            power: document.power,
            addresses: document
                .addresses
                .iter()
                .map(|text| parse_address(text))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(crate) fn to_document(&self) -> ValidatorDocument {
        ValidatorDocument {
            organization: self.organization.to_string(),
            consensus_key: public_key_line(&self.consensus_key),
            peer_id: self.peer_id.to_base58(),
            power: self.power,
            addresses: self.addresses.iter().map(Multiaddr::to_string).collect(),
        }
    }
}

impl Observer {
    /// Checks every rule that concerns one observer alone.
    ///
    /// # Errors
    /// One [`PeerError`] for each rule.
    pub fn check(&self) -> Result<(), PeerError> {
        public_key_of(&self.peer_id).map(|_| ())
    }

    pub(crate) fn from_document(document: &ObserverDocument) -> Result<Self, PeerError> {
        Ok(Self {
            organization: OrganizationId::new(&document.organization)?,
            peer_id: parse_peer_id(&document.peer_id)?,
        })
    }

    pub(crate) fn to_document(&self) -> ObserverDocument {
        ObserverDocument {
            organization: self.organization.to_string(),
            peer_id: self.peer_id.to_base58(),
        }
    }
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
/// [`PeerError::PeerIdKeyType`] for ids of other keys, [`PeerError::PeerIdKey`] for inadmissible
/// ones.
pub fn public_key_of(peer_id: &PeerId) -> Result<PublicKey, PeerError> {
    /// The multihash code of data that is not hashed.
    const IDENTITY_CODE: u64 = 0;
    let other = || PeerError::PeerIdKeyType(peer_id.to_base58());
    let multihash = peer_id.as_ref();
    if multihash.code() != IDENTITY_CODE {
        return Err(other());
    }
    // Protobuf of libp2p's PublicKey: field 1 = 1 (Ed25519), field 2 = 32 bytes.
    let bytes = multihash.digest().strip_prefix(&[8, 1, 18, 32]).ok_or_else(other)?;
    let key = PublicKey(<[u8; PUBLIC_KEY_BYTES]>::try_from(bytes).map_err(|_| other())?);
    check_key(&key).map_err(PeerError::PeerIdKey)?;
    Ok(key)
}

/// Reads an Ed25519 peer id in its base58 form.
///
/// # Errors
/// A [`PeerError`] about peer ids.
pub fn parse_peer_id(text: &str) -> Result<PeerId, PeerError> {
    if text.len() > PEER_ID_BYTES_MAX {
        return Err(PeerError::PeerIdTooLong(text.len()));
    }
    let peer_id: PeerId = text.parse().map_err(|_| PeerError::PeerId(text.to_owned()))?;
    if peer_id.to_base58() != text {
        return Err(PeerError::PeerId(text.to_owned()));
    }
    public_key_of(&peer_id)?;
    Ok(peer_id)
}

/// Reads an address in its normal form. Whether it may stand in an entry is checked there.
///
/// # Errors
/// A [`PeerError`] about addresses.
pub fn parse_address(text: &str) -> Result<Multiaddr, PeerError> {
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(PeerError::AddressTooLong(text.len()));
    }
    let address: Multiaddr = text.parse().map_err(|_| PeerError::Address(text.to_owned()))?;
    if address.to_string() != text {
        return Err(PeerError::AddressNotNormal { written: text.to_owned(), normal: address });
    }
    Ok(address)
}

fn check_address(address: &Multiaddr, peer_id: &PeerId) -> Result<(), PeerError> {
    let unsupported = || PeerError::AddressUnsupported(address.clone());
    let mut parts = address.iter();
    let dialable = match parts.next() {
        Some(Protocol::Ip4(ip)) => !ip.is_unspecified() && !ip.is_multicast() && !ip.is_broadcast(),
        Some(Protocol::Ip6(ip)) => !ip.is_unspecified() && !ip.is_multicast(),
        _ => return Err(unsupported()),
    };
    let Some(Protocol::Tcp(port)) = parts.next() else { return Err(unsupported()) };
    if !dialable || port == 0 {
        return Err(PeerError::AddressNotDialable(address.clone()));
    }
    match (parts.next(), parts.next()) {
        (None, None) => Ok(()),
        (Some(Protocol::P2p(named)), None) if named == *peer_id => Ok(()),
        (Some(Protocol::P2p(_)), None) => {
            Err(PeerError::AddressOfAnotherPeer { address: address.clone(), peer_id: *peer_id })
        }
        _ => Err(unsupported()),
    }
}

//! The nodes that take part: validators and observers, as the network knows them.

use libp2p_identity::PeerId;
use multiaddr::Multiaddr;

use vouchsafe_types::identity::{Address, OrganizationId, OrganizationIdError, PublicKey};
use vouchsafe_types::openssh::public_key_line;
use vouchsafe_types::validator_set::Validator;

use crate::address::{AddressError, check_address, parse_address};
use crate::document::{ObserverDocument, ValidatorDocument};
use crate::key_line::{KeyLineError, check_key, read_key};
use crate::peer_id::{PeerIdError, parse_peer_id, public_key_of};

/// The most addresses of a validator.
pub const ADDRESSES_MAX: usize = 8;

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
    /// The peer id is refused.
    #[error(transparent)]
    PeerId(#[from] PeerIdError),
    /// One key would sign votes and handshakes.
    #[error(
        "the peer id {0} is of the consensus key; make the node a key of its own, so that one \
         key serves one purpose"
    )]
    PeerIdOfConsensusKey(String),
    /// A validator without power.
    #[error("the validator has no voting power; make it an observer instead")]
    NoPower,
    /// Too many addresses.
    #[error("{0} addresses are more than the {ADDRESSES_MAX} allowed")]
    TooManyAddresses(usize),
    /// An address is refused.
    #[error(transparent)]
    Address(#[from] AddressError),
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
            return Err(PeerError::PeerIdOfConsensusKey(self.peer_id.to_base58()));
        }
        if self.power == 0 {
            return Err(PeerError::NoPower);
        }
        if self.addresses.len() > ADDRESSES_MAX {
            return Err(PeerError::TooManyAddresses(self.addresses.len()));
        }
        self.addresses.iter().try_for_each(|address| check_address(address, &self.peer_id))?;
        Ok(())
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
        public_key_of(&self.peer_id)?;
        Ok(())
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

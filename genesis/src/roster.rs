//! The rules between organizations, validators and observers, the same for one member and for a
//! whole chain.

use std::collections::{BTreeMap, BTreeSet};

use multiaddr::{Multiaddr, Protocol};

use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::validator_set::VALIDATORS_MAX;

use crate::document::{ObserverDocument, OrganizationDocument, ValidatorDocument};
use crate::organization::{Organization, OrganizationError};
use crate::peer::{Observer, PeerError, ValidatorEntry};
use crate::peer_id::public_key_of;

/// The most organizations of a chain.
pub const ORGANIZATIONS_MAX: usize = 256;
/// The most observers of a chain.
pub const OBSERVERS_MAX: usize = 256;

/// Why organizations, validators and observers do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// Nobody takes part.
    #[error("there is no organization; a chain needs at least one member")]
    NoOrganizations,
    /// Too many organizations.
    #[error("{0} organizations are more than the {ORGANIZATIONS_MAX} allowed")]
    TooManyOrganizations(usize),
    /// An organization's own entry breaks a rule.
    #[error("organization {id:?}: {error}")]
    Organization {
        /// The organization, as the document names it.
        id: String,
        /// The rule.
        error: OrganizationError,
    },
    /// Two organizations share an id.
    #[error("two organizations have the id {0}; one must choose another")]
    DuplicateOrganization(OrganizationId),
    /// A key speaks for two organizations.
    #[error(
        "the key {fingerprint} belongs to both {first} and {second}: nobody could tell for whom \
         it speaks; make another key for one of them"
    )]
    KeyOfTwoOrganizations {
        /// The key's fingerprint.
        fingerprint: String,
        /// The one organization.
        first: OrganizationId,
        /// The other.
        second: OrganizationId,
    },
    /// Too many validators.
    #[error("{0} validators are more than the {VALIDATORS_MAX} allowed")]
    TooManyValidators(usize),
    /// A validator's own entry breaks a rule.
    #[error("validator {number} (of {organization:?}): {error}")]
    Validator {
        /// Its place in the list, from 1.
        number: usize,
        /// The organization it names.
        organization: String,
        /// The rule.
        error: PeerError,
    },
    /// A validator of an organization that is not listed.
    #[error(
        "the validator {fingerprint} names the organization {organization}, which is not listed"
    )]
    ValidatorOrganization {
        /// The consensus key's fingerprint.
        fingerprint: String,
        /// The organization it names.
        organization: OrganizationId,
    },
    /// Two validators share a consensus key.
    #[error("two validators have the consensus key {0}; each needs its own")]
    DuplicateConsensusKey(String),
    /// A key that lies open on a server would also sign for people.
    #[error(
        "the key {0} is a consensus key and also a signer's or admin's; make the validator a key \
         of its own"
    )]
    ConsensusKeyOfPerson(String),
    /// A node's network key would also vote or sign for people.
    #[error(
        "the peer id {0} is of a key that is also a consensus, signer's or admin's key; make the \
         node a key of its own"
    )]
    NodeKeyReused(String),
    /// Two nodes share a peer id.
    #[error("two nodes have the peer id {0}; each needs its own")]
    DuplicatePeerId(String),
    /// Two entries share an address.
    #[error("the address {0} is listed twice; it can lead to one node only")]
    DuplicateAddress(Multiaddr),
    /// Too many observers.
    #[error("{0} observers are more than the {OBSERVERS_MAX} allowed")]
    TooManyObservers(usize),
    /// An observer's own entry breaks a rule.
    #[error("observer {number} (of {organization:?}): {error}")]
    Observer {
        /// Its place in the list, from 1.
        number: usize,
        /// The organization it names.
        organization: String,
        /// The rule.
        error: PeerError,
    },
    /// An observer of an organization that is not listed.
    #[error("the observer {peer_id} names the organization {organization}, which is not listed")]
    ObserverOrganization {
        /// The observer.
        peer_id: String,
        /// The organization it names.
        organization: OrganizationId,
    },
    /// An observer's peer id is a validator's.
    #[error("the peer id {0} is a validator's and an observer's; list the node once")]
    ObserverIsValidator(String),
    /// The lists are not in the one order that makes one document one hash.
    #[error(
        "the {0} are not in order (organizations by id, validators by the hash of their key, \
         observers by peer id); let 'vouchsafed genesis new' write the document"
    )]
    Unsorted(&'static str),
}

/// Everyone who takes part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Roster {
    pub(crate) organizations: Vec<Organization>,
    pub(crate) validators: Vec<ValidatorEntry>,
    pub(crate) observers: Vec<Observer>,
}

impl Roster {
    /// Reads the entries; they are not yet checked against each other.
    pub(crate) fn from_documents(
        organizations: &[OrganizationDocument],
        validators: &[ValidatorDocument],
        observers: &[ObserverDocument],
    ) -> Result<Self, RosterError> {
        check_counts(organizations.len(), validators.len(), observers.len())?;
        let organization = |document: &OrganizationDocument| {
            Organization::from_document(document)
                .map_err(|error| RosterError::Organization { id: shortened(&document.id), error })
        };
        let validator = |(index, document): (usize, &ValidatorDocument)| {
            let organization = shortened(&document.organization);
            ValidatorEntry::from_document(document).map_err(|error| RosterError::Validator {
                number: index + 1,
                organization,
                error,
            })
        };
        let observer = |(index, document): (usize, &ObserverDocument)| {
            let organization = shortened(&document.organization);
            Observer::from_document(document).map_err(|error| RosterError::Observer {
                number: index + 1,
                organization,
                error,
            })
        };
        Ok(Self {
            organizations: organizations.iter().map(organization).collect::<Result<_, _>>()?,
            validators: validators.iter().enumerate().map(validator).collect::<Result<_, _>>()?,
            observers: observers.iter().enumerate().map(observer).collect::<Result<_, _>>()?,
        })
    }

    /// Puts the lists in their one order.
    pub(crate) fn sort(&mut self) {
        self.organizations.sort_by(|a, b| a.id.cmp(&b.id));
        self.validators.sort_by_cached_key(ValidatorEntry::address);
        self.observers.sort_by_cached_key(|observer| observer.peer_id.to_base58());
    }

    /// Checks every rule.
    pub(crate) fn check(&self) -> Result<(), RosterError> {
        check_counts(self.organizations.len(), self.validators.len(), self.observers.len())?;
        let ids = self.check_organizations()?;
        let keys = self.check_people()?;
        let consensus_keys = self.check_validators(&ids, &keys)?;
        self.check_nodes(&ids, &keys, &consensus_keys)?;
        self.check_addresses()?;
        self.check_order()
    }

    fn check_organizations(&self) -> Result<BTreeSet<&OrganizationId>, RosterError> {
        let mut ids = BTreeSet::new();
        for organization in &self.organizations {
            organization.check().map_err(|error| RosterError::Organization {
                id: organization.id.to_string(),
                error,
            })?;
            if !ids.insert(&organization.id) {
                return Err(RosterError::DuplicateOrganization(organization.id.clone()));
            }
        }
        Ok(ids)
    }

    /// The keys that people hold, each with its one organization.
    fn check_people(&self) -> Result<BTreeMap<PublicKey, &OrganizationId>, RosterError> {
        let mut keys = BTreeMap::new();
        for organization in &self.organizations {
            let signers = organization.signers.iter().map(|signer| signer.public_key);
            for key in signers.chain(organization.admin_keys.iter().copied()) {
                let first = *keys.entry(key).or_insert(&organization.id);
                if first != &organization.id {
                    return Err(RosterError::KeyOfTwoOrganizations {
                        fingerprint: fingerprint(&key),
                        first: first.clone(),
                        second: organization.id.clone(),
                    });
                }
            }
        }
        Ok(keys)
    }

    fn check_validators(
        &self,
        ids: &BTreeSet<&OrganizationId>,
        people: &BTreeMap<PublicKey, &OrganizationId>,
    ) -> Result<BTreeSet<PublicKey>, RosterError> {
        let mut keys = BTreeSet::new();
        for (index, validator) in self.validators.iter().enumerate() {
            let key = validator.consensus_key;
            validator.check().map_err(|error| RosterError::Validator {
                number: index + 1,
                organization: validator.organization.to_string(),
                error,
            })?;
            if !ids.contains(&validator.organization) {
                return Err(RosterError::ValidatorOrganization {
                    fingerprint: fingerprint(&key),
                    organization: validator.organization.clone(),
                });
            }
            if !keys.insert(key) {
                return Err(RosterError::DuplicateConsensusKey(fingerprint(&key)));
            }
            if people.contains_key(&key) {
                return Err(RosterError::ConsensusKeyOfPerson(fingerprint(&key)));
            }
        }
        Ok(keys)
    }

    fn check_nodes(
        &self,
        ids: &BTreeSet<&OrganizationId>,
        people: &BTreeMap<PublicKey, &OrganizationId>,
        consensus_keys: &BTreeSet<PublicKey>,
    ) -> Result<(), RosterError> {
        let mut peer_ids = BTreeSet::new();
        for validator in &self.validators {
            if !peer_ids.insert(validator.peer_id) {
                return Err(RosterError::DuplicatePeerId(validator.peer_id.to_base58()));
            }
        }
        for (index, observer) in self.observers.iter().enumerate() {
            observer.check().map_err(|error| RosterError::Observer {
                number: index + 1,
                organization: observer.organization.to_string(),
                error,
            })?;
            if !ids.contains(&observer.organization) {
                return Err(RosterError::ObserverOrganization {
                    peer_id: observer.peer_id.to_base58(),
                    organization: observer.organization.clone(),
                });
            }
            if self.validators.iter().any(|validator| validator.peer_id == observer.peer_id) {
                return Err(RosterError::ObserverIsValidator(observer.peer_id.to_base58()));
            }
            if !peer_ids.insert(observer.peer_id) {
                return Err(RosterError::DuplicatePeerId(observer.peer_id.to_base58()));
            }
        }
        for peer_id in &peer_ids {
            let key = public_key_of(peer_id).expect("every entry's peer id was checked above");
            if people.contains_key(&key) || consensus_keys.contains(&key) {
                return Err(RosterError::NodeKeyReused(peer_id.to_base58()));
            }
        }
        Ok(())
    }

    fn check_addresses(&self) -> Result<(), RosterError> {
        let mut seen = BTreeSet::new();
        for address in self.validators.iter().flat_map(|validator| &validator.addresses) {
            let place: Multiaddr =
                address.iter().filter(|part| !matches!(part, Protocol::P2p(_))).collect();
            if !seen.insert(place) {
                return Err(RosterError::DuplicateAddress(address.clone()));
            }
        }
        Ok(())
    }

    fn check_order(&self) -> Result<(), RosterError> {
        if !self.organizations.is_sorted_by(|a, b| a.id < b.id) {
            return Err(RosterError::Unsorted("organizations"));
        }
        if !self.validators.is_sorted_by_key(ValidatorEntry::address) {
            return Err(RosterError::Unsorted("validators"));
        }
        if !self.observers.is_sorted_by_key(|observer| observer.peer_id.to_base58()) {
            return Err(RosterError::Unsorted("observers"));
        }
        Ok(())
    }
}

fn check_counts(
    organizations: usize,
    validators: usize,
    observers: usize,
) -> Result<(), RosterError> {
    if organizations == 0 {
        return Err(RosterError::NoOrganizations);
    }
    if organizations > ORGANIZATIONS_MAX {
        return Err(RosterError::TooManyOrganizations(organizations));
    }
    if validators > VALIDATORS_MAX {
        return Err(RosterError::TooManyValidators(validators));
    }
    if observers > OBSERVERS_MAX {
        return Err(RosterError::TooManyObservers(observers));
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

//! The genesis document: everything that is in a chain before its first block.

use std::collections::BTreeMap;

use libp2p_identity::PeerId;
use multiaddr::Multiaddr;

use vouchsafe_types::hash::{ChainId, Domain, tagged};
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::validator_set::{ValidatorSet, ValidatorSetError};

use crate::document::{DOCUMENT_VERSION, GenesisDocument};
use crate::member::Member;
use crate::organization::{Organization, Signer};
use crate::parameters::{ParameterError, Parameters};
use crate::peer::{Observer, ValidatorEntry};
use crate::reader::{DOCUMENT_BYTES_MAX, DocumentError, canonical, pretty, read};
use crate::roster::{Roster, RosterError};

/// The longest chain name, in bytes.
pub const CHAIN_NAME_BYTES_MAX: usize = 64;
/// The last millisecond of the year 9999: later times are mistakes, and every sum of a time and a
/// duration stays far from overflow.
pub const TIME_MS_MAX: u64 = 253_402_300_799_999;

/// Why a genesis document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// Not a genesis document in its form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The chain's name breaks its rule.
    #[error(
        "{0:?} is not a chain name: use 1 to {CHAIN_NAME_BYTES_MAX} of A-Z, a-z, 0-9, space, \
         '.', '_' and '-'"
    )]
    ChainName(String),
    /// The genesis time is no date.
    #[error(
        "the genesis time {0} ms is after the year 9999; write milliseconds since 1970, not \
         micro- or nanoseconds"
    )]
    GenesisTime(u64),
    /// A parameter breaks its rule.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The entries, alone or together, break a rule.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// Nobody decides.
    #[error("there is no validator; at least one member must bring one")]
    NoValidators,
    /// The validators together have too much power, or do not make a set.
    #[error(transparent)]
    ValidatorSet(#[from] ValidatorSetError),
    /// A signer's end is not after the chain's beginning.
    #[error(
        "the signer {fingerprint} of {organization} ends at {not_after_ms} ms, which is not \
         between the genesis time and the year 9999; correct not_after_ms or leave the signer out"
    )]
    SignerEnd {
        /// The signer's fingerprint.
        fingerprint: String,
        /// Its organization.
        organization: OrganizationId,
        /// Its end, in milliseconds since 1970.
        not_after_ms: u64,
    },
}

/// A valid genesis document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Genesis {
    chain_name: String,
    genesis_time_ms: u64,
    parameters: Parameters,
    roster: Roster,
    validator_set: ValidatorSet,
    /// Places of organization and signer, by the signer's key.
    signers: BTreeMap<PublicKey, (usize, usize)>,
    chain_id: ChainId,
}

impl Genesis {
    /// Reads a genesis document.
    ///
    /// # Errors
    /// A [`GenesisError`] names the rule that is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, GenesisError> {
        let document: GenesisDocument = read(bytes)?;
        let roster = Roster::from_documents(
            &document.organizations,
            &document.validators,
            &document.observers,
        )?;
        Self::checked(document.chain_name, document.genesis_time_ms, document.parameters, roster)
    }

    /// Founds a chain: the members' order does not matter.
    ///
    /// # Errors
    /// A [`GenesisError`] names the rule that is broken, such as two members with one id.
    pub fn assemble(
        chain_name: &str,
        genesis_time_ms: u64,
        parameters: Parameters,
        members: Vec<Member>,
    ) -> Result<Self, GenesisError> {
        let mut roster =
            Roster { organizations: Vec::new(), validators: Vec::new(), observers: Vec::new() };
        for member in members {
            roster.organizations.extend(member.roster.organizations);
            roster.validators.extend(member.roster.validators);
            roster.observers.extend(member.roster.observers);
        }
        roster.sort();
        Self::checked(chain_name.to_owned(), genesis_time_ms, parameters, roster)
    }

    fn checked(
        chain_name: String,
        genesis_time_ms: u64,
        parameters: Parameters,
        roster: Roster,
    ) -> Result<Self, GenesisError> {
        check_chain_name(&chain_name)?;
        if genesis_time_ms >= TIME_MS_MAX {
            return Err(GenesisError::GenesisTime(genesis_time_ms));
        }
        parameters.check()?;
        roster.check()?;
        check_signer_ends(&roster, genesis_time_ms)?;
        if roster.validators.is_empty() {
            return Err(GenesisError::NoValidators);
        }
        let validator_set = ValidatorSet::new(
            roster.validators.iter().map(ValidatorEntry::to_validator).collect(),
        )?;
        let mut genesis = Self {
            chain_name,
            genesis_time_ms,
            parameters,
            signers: index_signers(&roster),
            roster,
            validator_set,
            chain_id: ChainId::default(),
        };
        let length = genesis.to_pretty_json().len();
        if length > DOCUMENT_BYTES_MAX {
            return Err(DocumentError::TooLong(length).into());
        }
        genesis.chain_id = ChainId(tagged(Domain::Genesis, &genesis.canonical_json()));
        Ok(genesis)
    }

    fn document(&self) -> GenesisDocument {
        GenesisDocument {
            version: DOCUMENT_VERSION,
            chain_name: self.chain_name.clone(),
            genesis_time_ms: self.genesis_time_ms,
            parameters: self.parameters,
            organizations: self.organizations().iter().map(Organization::to_document).collect(),
            validators: self.validators().iter().map(ValidatorEntry::to_document).collect(),
            observers: self.observers().iter().map(Observer::to_document).collect(),
        }
    }

    /// The document as people read it, with a last newline.
    #[must_use]
    pub fn to_pretty_json(&self) -> String {
        pretty(&self.document())
    }

    /// The document's RFC 8785 form: the bytes that are hashed.
    #[must_use]
    pub fn canonical_json(&self) -> Vec<u8> {
        canonical(&self.document())
    }

    /// The chain's identity: the tagged hash of [`Genesis::canonical_json`].
    #[must_use]
    pub fn chain_id(&self) -> ChainId {
        self.chain_id
    }

    /// The chain's name for people; it identifies nothing.
    #[must_use]
    pub fn chain_name(&self) -> &str {
        &self.chain_name
    }

    /// The chain's beginning, in milliseconds since 1970: block 1's time is later.
    #[must_use]
    pub fn genesis_time_ms(&self) -> u64 {
        self.genesis_time_ms
    }

    /// The parameters.
    #[must_use]
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The organizations, ascending by id.
    #[must_use]
    pub fn organizations(&self) -> &[Organization] {
        &self.roster.organizations
    }

    /// The validators, ascending by address.
    #[must_use]
    pub fn validators(&self) -> &[ValidatorEntry] {
        &self.roster.validators
    }

    /// The observers, ascending by peer id.
    #[must_use]
    pub fn observers(&self) -> &[Observer] {
        &self.roster.observers
    }

    /// The validators of height 1.
    #[must_use]
    pub fn validator_set(&self) -> &ValidatorSet {
        &self.validator_set
    }

    /// The organization of an id.
    #[must_use]
    pub fn organization(&self, id: &OrganizationId) -> Option<&Organization> {
        let organizations = self.organizations();
        let index = organizations.binary_search_by(|known| known.id.cmp(id)).ok()?;
        Some(&organizations[index])
    }

    /// The signer of a key, with its organization.
    #[must_use]
    pub fn signer(&self, key: &PublicKey) -> Option<(&Organization, &Signer)> {
        let (organization, signer) = self.signers.get(key)?;
        let organization = &self.roster.organizations[*organization];
        Some((organization, &organization.signers[*signer]))
    }

    /// The validator of an address.
    #[must_use]
    pub fn validator(&self, address: &Address) -> Option<&ValidatorEntry> {
        self.validators().iter().find(|validator| validator.address() == *address)
    }

    /// The validator of a peer id.
    #[must_use]
    pub fn validator_of_peer(&self, peer_id: &PeerId) -> Option<&ValidatorEntry> {
        self.validators().iter().find(|validator| validator.peer_id == *peer_id)
    }

    /// Every node that may connect: peer id, organization and known addresses.
    pub fn peers(&self) -> impl Iterator<Item = (&PeerId, &OrganizationId, &[Multiaddr])> {
        let validators = self.validators().iter();
        let observers = self.observers().iter();
        validators
            .map(|node| (&node.peer_id, &node.organization, node.addresses.as_slice()))
            .chain(observers.map(|node| (&node.peer_id, &node.organization, [].as_slice())))
    }
}

fn check_chain_name(name: &str) -> Result<(), GenesisError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-".contains(&byte);
    if (1..=CHAIN_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(GenesisError::ChainName(name.chars().take(CHAIN_NAME_BYTES_MAX + 1).collect()))
    }
}

fn check_signer_ends(roster: &Roster, genesis_time_ms: u64) -> Result<(), GenesisError> {
    for organization in &roster.organizations {
        for signer in &organization.signers {
            let Some(not_after_ms) = signer.not_after_ms else { continue };
            if not_after_ms <= genesis_time_ms || not_after_ms > TIME_MS_MAX {
                return Err(GenesisError::SignerEnd {
                    fingerprint: fingerprint(&signer.public_key),
                    organization: organization.id.clone(),
                    not_after_ms,
                });
            }
        }
    }
    Ok(())
}

fn index_signers(roster: &Roster) -> BTreeMap<PublicKey, (usize, usize)> {
    let mut index = BTreeMap::new();
    for (place, organization) in roster.organizations.iter().enumerate() {
        for (signer_place, signer) in organization.signers.iter().enumerate() {
            index.insert(signer.public_key, (place, signer_place));
        }
    }
    index
}

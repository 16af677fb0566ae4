//! What one organization hands over to found a chain: public keys and places, no secret.

use crate::document::{DOCUMENT_VERSION, MemberDocument};
use crate::organization::Organization;
use crate::peer::{Observer, ValidatorEntry};
use crate::reader::{DOCUMENT_BYTES_MAX, DocumentError, pretty, read};
use crate::roster::{Roster, RosterError};

/// One organization with the nodes it brings. It obeys every rule that can be checked without
/// the other members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    pub(crate) roster: Roster,
}

/// Why a member file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// Not a member file in its form.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// One of its entries, or two together, break a rule.
    #[error(transparent)]
    Roster(#[from] RosterError),
}

impl Member {
    /// Makes a member of an organization and its nodes, in any order.
    ///
    /// # Errors
    /// A [`MemberError`] names the rule that is broken.
    pub fn new(
        organization: Organization,
        validators: Vec<ValidatorEntry>,
        observers: Vec<Observer>,
    ) -> Result<Self, MemberError> {
        let mut roster = Roster { organizations: vec![organization], validators, observers };
        roster.sort();
        Self::checked(roster)
    }

    /// Reads a member file.
    ///
    /// # Errors
    /// A [`MemberError`] names the rule that is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, MemberError> {
        let document: MemberDocument = read(bytes)?;
        Self::checked(Roster::from_documents(
            std::slice::from_ref(&document.organization),
            &document.validators,
            &document.observers,
        )?)
    }

    fn checked(roster: Roster) -> Result<Self, MemberError> {
        roster.check()?;
        let member = Self { roster };
        let length = member.to_pretty_json().len();
        if length > DOCUMENT_BYTES_MAX {
            return Err(DocumentError::TooLong(length).into());
        }
        Ok(member)
    }

    /// The member file's text.
    #[must_use]
    pub fn to_pretty_json(&self) -> String {
        pretty(&MemberDocument {
            version: DOCUMENT_VERSION,
            organization: self.organization().to_document(),
            validators: self.validators().iter().map(ValidatorEntry::to_document).collect(),
            observers: self.observers().iter().map(Observer::to_document).collect(),
        })
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> &Organization {
        &self.roster.organizations[0]
    }

    /// The validators it brings, ascending by address.
    #[must_use]
    pub fn validators(&self) -> &[ValidatorEntry] {
        &self.roster.validators
    }

    /// The observers it brings, ascending by peer id.
    #[must_use]
    pub fn observers(&self) -> &[Observer] {
        &self.roster.observers
    }
}

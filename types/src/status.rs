//! From events to one word: the status of an asset, for one organization, overall, or under a
//! policy of whom to rely on.
//!
//! ```text
//!            Notarize                    Revoke DEPRECATED
//!   ─────────────────────▶ TRUSTED ◀────────────────────────▶ UNSUPPORTED
//!                              │ Revoke COMPROMISED                │
//!                              ▼                                   │
//!   an admin's Notarize ◀─ UNTRUSTED ◀─────────────────────────────┘
//! ```

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};

use crate::identity::OrganizationId;
use crate::transaction::{Operation, RevocationReason};

/// vcn's statuses, with vcn's numbers.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize,
)]
#[borsh(use_discriminant = true)]
#[repr(u8)]
pub enum Status {
    /// An organization vouches for it.
    Trusted = 0,
    /// It is known to do harm.
    Untrusted = 1,
    /// Nobody has spoken of it.
    Unknown = 2,
    /// It was vouched for and is no longer supported.
    Unsupported = 3,
}

impl Status {
    /// The status in capitals, as text and JSON show it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trusted => "TRUSTED",
            Self::Untrusted => "UNTRUSTED",
            Self::Unknown => "UNKNOWN",
            Self::Unsupported => "UNSUPPORTED",
        }
    }

    /// All, by their numbers.
    pub const ALL: [Self; 4] = [Self::Trusted, Self::Untrusted, Self::Unknown, Self::Unsupported];

    /// The status that has a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The status that a revocation for this reason states.
    #[must_use]
    pub const fn of_revocation(reason: RevocationReason) -> Self {
        match reason {
            RevocationReason::Compromised => Self::Untrusted,
            RevocationReason::Deprecated => Self::Unsupported,
        }
    }

    /// May an organization that says `self` come to say `next`? A repeated statement is allowed,
    /// and logged; from UNTRUSTED only an admin's trust leads away, and nothing may be repeated.
    #[must_use]
    pub fn allows(self, next: Self, by_admin: bool) -> bool {
        match (self, next) {
            (_, Self::Unknown) => false,
            (Self::Untrusted, Self::Trusted) => by_admin,
            (Self::Untrusted, _) => false,
            _ => true,
        }
    }
}

/// The status that an operation states of its assets, and its reason where trust is withdrawn.
#[must_use]
pub fn stated(operation: &Operation) -> (Status, Option<RevocationReason>) {
    match operation {
        Operation::Notarize { .. } => (Status::Trusted, None),
        Operation::Revoke { reason, .. } => (Status::of_revocation(*reason), Some(*reason)),
    }
}

/// The overall status of what several organizations say: UNTRUSTED if any says so, else TRUSTED
/// if any does, else UNSUPPORTED if any does, else UNKNOWN.
pub fn overall(statements: impl IntoIterator<Item = Status>) -> Status {
    let said: BTreeSet<Status> = statements.into_iter().collect();
    [Status::Untrusted, Status::Trusted, Status::Unsupported]
        .into_iter()
        .find(|status| said.contains(status))
        .unwrap_or(Status::Unknown)
}

/// Whom a verifier relies on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Only these organizations count; all when empty.
    pub organizations: BTreeSet<OrganizationId>,
    /// At least this many distinct organizations must say TRUSTED.
    pub required: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self { organizations: BTreeSet::new(), required: 1 }
    }
}

/// A status under a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The overall status of those who count.
    pub status: Status,
    /// Whether enough distinct organizations say TRUSTED (meaningful when the status is TRUSTED).
    pub enough: bool,
    /// Those who count and whose word made the status.
    pub relied_on: BTreeSet<OrganizationId>,
    /// Those who do not count and say UNTRUSTED: shown, without a veto.
    pub distrusted_by_others: BTreeSet<OrganizationId>,
}

impl Policy {
    /// The verdict on what organizations say.
    #[must_use]
    pub fn judge(&self, statements: &BTreeMap<OrganizationId, Status>) -> Verdict {
        let counts = |organization: &OrganizationId| {
            self.organizations.is_empty() || self.organizations.contains(organization)
        };
        let status = overall(statements.iter().filter(|(o, _)| counts(o)).map(|(_, s)| *s));
        let those = |wanted: Status, counted: bool| -> BTreeSet<OrganizationId> {
            statements
                .iter()
                .filter(|(o, s)| **s == wanted && counts(o) == counted)
                .map(|(o, _)| o.clone())
                .collect()
        };
        let relied_on = those(status, true);
        let enough = status == Status::Trusted && relied_on.len() >= self.required;
        Verdict { status, enough, relied_on, distrusted_by_others: those(Status::Untrusted, false) }
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{Trusted, Unknown, Unsupported, Untrusted};
    use super::*;

    fn organization(name: &str) -> OrganizationId {
        OrganizationId::new(name).expect("valid")
    }

    #[test]
    fn only_an_admin_leads_away_from_untrusted() {
        for next in [Untrusted, Unsupported] {
            assert!(!Untrusted.allows(next, true));
        }
        assert!(!Untrusted.allows(Trusted, false));
        assert!(Untrusted.allows(Trusted, true));
        for (from, to) in [
            (Trusted, Unsupported),
            (Unsupported, Trusted),
            (Trusted, Untrusted),
            (Unsupported, Untrusted),
            (Trusted, Trusted),
            (Unsupported, Unsupported),
            (Unknown, Untrusted),
            (Unknown, Unsupported),
            (Unknown, Trusted),
        ] {
            assert!(from.allows(to, false), "{from:?} {to:?}");
        }
        assert!(!Trusted.allows(Unknown, true));
    }

    #[test]
    fn statuses_keep_vcns_names_and_numbers() {
        assert_eq!(Status::ALL.map(|status| status as u8), [0, 1, 2, 3]);
        let names = ["TRUSTED", "UNTRUSTED", "UNKNOWN", "UNSUPPORTED"];
        assert_eq!(Status::ALL.map(Status::name), names);
        assert_eq!(names.map(Status::named), Status::ALL.map(Some));
        assert_eq!(Status::named("trusted"), None);
        assert_eq!(Status::of_revocation(RevocationReason::Compromised), Untrusted);
        assert_eq!(Status::of_revocation(RevocationReason::Deprecated), Unsupported);
    }

    #[test]
    fn distrust_outweighs_trust_outweighs_deprecation() {
        assert_eq!(overall([]), Unknown);
        assert_eq!(overall([Unsupported]), Unsupported);
        assert_eq!(overall([Unsupported, Trusted]), Trusted);
        assert_eq!(overall([Unsupported, Trusted, Untrusted]), Untrusted);
    }

    #[test]
    fn a_policy_narrows_who_counts_and_shows_others_distrust() {
        let said = BTreeMap::from([
            (organization("acme"), Trusted),
            (organization("bolt"), Untrusted),
            (organization("core"), Trusted),
        ]);
        assert_eq!(Policy::default().judge(&said).status, Untrusted);
        let narrowed = Policy { organizations: [organization("acme")].into(), required: 1 };
        let verdict = narrowed.judge(&said);
        assert_eq!(verdict.status, Trusted);
        assert!(verdict.enough);
        assert_eq!(verdict.relied_on, [organization("acme")].into());
        assert_eq!(verdict.distrusted_by_others, [organization("bolt")].into());
        let two = Policy { organizations: [organization("acme")].into(), required: 2 };
        assert!(!two.judge(&said).enough);
    }
}

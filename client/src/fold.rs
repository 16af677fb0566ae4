//! Statuses from events, as the ledger folds them: all of them, or only certain signers'.
//!
//! A verifier that relies on certain signers cannot read their word off the record, which holds
//! each organization's *last* word, whoever said it. So the asset's whole log is proven complete
//! and folded again over those signers' events alone. A transition that would not have been
//! allowed among them is passed over: from UNTRUSTED, only an admin among them leads away.

use std::collections::{BTreeMap, BTreeSet};

use vouchsafe_types::identity::{OrganizationId, PublicKey};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::record::{AssetRecord, Event, OrganizationStatus, SignerRole};
use vouchsafe_types::status::Status;

/// Whose events count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Signers(BTreeSet<String>);

impl Signers {
    /// Everybody's.
    #[must_use]
    pub fn everyone() -> Self {
        Self::default()
    }

    /// Only those with these OpenSSH fingerprints; everybody's if there are none.
    #[must_use]
    pub fn of(fingerprints: BTreeSet<String>) -> Self {
        Self(fingerprints)
    }

    /// Are some left out?
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        !self.0.is_empty()
    }

    /// Does this signer count?
    #[must_use]
    pub fn count(&self, signer: &PublicKey) -> bool {
        self.0.is_empty() || self.0.contains(&fingerprint(signer))
    }
}

/// What each organization says after some events.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    signers: Signers,
    organizations: BTreeMap<OrganizationId, OrganizationStatus>,
}

impl Fold {
    /// Before the first event.
    #[must_use]
    pub fn new(signers: Signers) -> Self {
        Self { signers, organizations: BTreeMap::new() }
    }

    /// Takes the next event of the log.
    pub fn apply(&mut self, index: u64, event: &Event) {
        if !self.signers.count(&event.signer) {
            return;
        }
        let said = self.organizations.get(&event.organization).map(|entry| entry.status);
        let before = said.unwrap_or(Status::Unknown);
        let by_admin = event.role == SignerRole::Admin;
        // A repeated statement moves nothing: the record keeps who said it first, and when.
        if said == Some(event.status) || !before.allows(event.status, by_admin) {
            return;
        }
        let entry = OrganizationStatus {
            organization: event.organization.clone(),
            status: event.status,
            reason: event.reason,
            since_height: event.height,
            since_time_ms: event.time_ms,
            event_index: index,
            transaction_id: event.transaction_id,
            operation_index: event.operation_index,
            signer: event.signer,
        };
        self.organizations.insert(event.organization.clone(), entry);
    }

    /// What each organization says.
    #[must_use]
    pub fn organizations(&self) -> Vec<OrganizationStatus> {
        self.organizations.values().cloned().collect()
    }

    /// Is this what the record says, too?
    #[must_use]
    pub fn agrees_with(&self, record: &AssetRecord) -> bool {
        self.organizations.values().eq(record.organizations.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::Status::{Trusted, Unsupported, Untrusted};
    use super::*;
    use vouchsafe_types::canonical::Version;
    use vouchsafe_types::hash::{Digest, TransactionId};
    use vouchsafe_types::transaction::RevocationReason;

    fn event(
        height: u64,
        organization: &str,
        signer: u8,
        role: SignerRole,
        status: Status,
    ) -> Event {
        let reason = match status {
            Untrusted => Some(RevocationReason::Compromised),
            Unsupported => Some(RevocationReason::Deprecated),
            _ => None,
        };
        Event {
            version: Version,
            transaction_id: TransactionId(Digest([u8::try_from(height).expect("small"); 32])),
            operation_index: 0,
            organization: OrganizationId::new(organization).expect("valid"),
            signer: PublicKey([signer; 32]),
            role,
            status,
            reason,
            height,
            time_ms: height * 1000,
        }
    }

    fn signer(height: u64, who: u8, status: Status) -> Event {
        event(height, "acme", who, SignerRole::Signer, status)
    }

    fn folded(who: &[u8], events: &[Event]) -> Vec<(String, Status, u64)> {
        let prints = who.iter().map(|who| fingerprint(&PublicKey([*who; 32]))).collect();
        let mut fold = Fold::new(Signers::of(prints));
        for (index, event) in events.iter().enumerate() {
            fold.apply(index as u64, event);
        }
        let entry = |e: OrganizationStatus| (e.organization.to_string(), e.status, e.since_height);
        fold.organizations().into_iter().map(entry).collect()
    }

    #[test]
    fn everyones_events_give_the_last_word_and_repetition_does_not_move_since() {
        let events = [
            signer(1, 1, Trusted),
            signer(2, 2, Trusted),
            event(3, "bolt", 3, SignerRole::Signer, Untrusted),
            signer(4, 1, Unsupported),
        ];
        assert_eq!(folded(&[], &events[..3])[0], ("acme".into(), Trusted, 1));
        let all = folded(&[], &events);
        assert_eq!(all, [("acme".into(), Unsupported, 4), ("bolt".into(), Untrusted, 3)]);
    }

    #[test]
    fn only_the_named_signers_events_count() {
        let events = [signer(1, 1, Trusted), signer(2, 2, Untrusted)];
        assert_eq!(folded(&[1], &events), [("acme".into(), Trusted, 1)]);
        assert_eq!(folded(&[2], &events), [("acme".into(), Untrusted, 2)]);
        assert_eq!(folded(&[9], &events), []);
        assert_eq!(folded(&[1, 2], &events), [("acme".into(), Untrusted, 2)]);
    }

    #[test]
    fn a_named_signers_distrust_is_not_undone_by_an_admin_who_does_not_count() {
        let events = [
            signer(1, 1, Untrusted),
            event(2, "acme", 9, SignerRole::Admin, Trusted),
            signer(3, 1, Trusted),
        ];
        assert_eq!(folded(&[], &events), [("acme".into(), Trusted, 2)]);
        assert_eq!(folded(&[1], &events), [("acme".into(), Untrusted, 1)]);
        assert_eq!(folded(&[1, 9], &events), [("acme".into(), Trusted, 2)]);
    }

    #[test]
    fn events_that_lead_elsewhere_than_the_record_do_not_agree_with_it() {
        let events = [signer(1, 1, Trusted), signer(2, 2, Unsupported)];
        let mut fold = Fold::new(Signers::everyone());
        let mut agrees = Vec::new();
        let record = {
            let mut whole = Fold::new(Signers::everyone());
            (0..).zip(&events).for_each(|(index, event)| whole.apply(index, event));
            AssetRecord {
                version: Version,
                events: vouchsafe_types::record::LogHead::empty(),
                organizations: vouchsafe_types::record::OrganizationStatuses::new(
                    whole.organizations(),
                )
                .expect("one organization"),
            }
        };
        for (index, event) in (0..).zip(&events) {
            agrees.push(fold.agrees_with(&record));
            fold.apply(index, event);
        }
        assert_eq!(agrees, [false, false]);
        assert!(fold.agrees_with(&record));
    }
}

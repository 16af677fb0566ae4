//! Records: their names' keys, their hashes, and the order that they keep.

use std::collections::BTreeSet;

use borsh::BorshDeserialize as _;
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::{Canonical as _, DecodeError, Version};
use vouchsafe_types::hash::{Domain, TransactionId, tagged};
use vouchsafe_types::record::{
    AssetRecord, LogHead, OrganizationStatus, OrganizationStatuses, SignerRole, StateName,
    value_hash,
};
use vouchsafe_types::status::Status;

use crate::sample::{asset, digest, evidence_of_votes, organization, public};

fn says(id: &str) -> OrganizationStatus {
    OrganizationStatus {
        organization: organization(id),
        status: Status::Trusted,
        reason: None,
        since_height: 1,
        since_time_ms: 2,
        event_index: 0,
        transaction_id: TransactionId(digest(1)),
        operation_index: 0,
        signer: public(1),
    }
}

fn record(organizations: Vec<OrganizationStatus>) -> AssetRecord {
    let organizations = OrganizationStatuses::new(organizations).expect("few");
    AssetRecord { version: Version, events: LogHead { count: 1, root: digest(2) }, organizations }
}

#[test]
fn every_name_has_a_key_of_its_own() {
    let key = asset("a").key();
    let names = [
        StateName::Asset(key),
        StateName::Asset(AssetKey { scheme: Scheme::Directory, ..key }),
        StateName::Organization(organization("acme")),
        StateName::Organization(organization("acm")),
        StateName::Signer(public(1)),
        StateName::Validators,
        StateName::Evidence(evidence_of_votes().id()),
    ];
    let keys: BTreeSet<_> = names.iter().map(StateName::key).collect();
    assert_eq!(keys.len(), names.len());
    assert_eq!(StateName::Validators.key(), tagged(Domain::StateKey, &[4]));
}

#[test]
fn a_reserved_or_unknown_kind_of_name_does_not_decode() {
    assert_eq!(StateName::try_from_slice(&[4]).expect("known"), StateName::Validators);
    for kind in [0, 5, 7, 255] {
        assert!(StateName::try_from_slice(&[kind]).is_err(), "{kind}");
    }
}

#[test]
fn a_record_is_hashed_under_its_own_tag() {
    assert_eq!(value_hash(b"bytes"), tagged(Domain::StateValue, b"bytes"));
    assert_ne!(value_hash(b"bytes"), value_hash(b"byte"));
}

#[test]
fn organizations_in_a_record_ascend_strictly() {
    let good = record(vec![says("acme"), says("bolt")]);
    assert_eq!(AssetRecord::from_bytes(&good.to_bytes()), Ok(good));
    for bad in [vec![says("bolt"), says("acme")], vec![says("acme"), says("acme")]] {
        let refused = AssetRecord::from_bytes(&record(bad).to_bytes());
        assert!(
            matches!(&refused, Err(DecodeError::Malformed(text)) if text.contains("ascending"))
        );
    }
}

#[test]
fn a_record_names_at_least_one_organization() {
    assert!(matches!(OrganizationStatuses::new(vec![]), Err(DecodeError::TooFew { .. })));
}

#[test]
fn the_head_of_an_empty_log_is_the_empty_root() {
    let empty = LogHead { count: 0, root: vouchsafe_types::log::empty_root() };
    assert_eq!(LogHead::empty(), empty);
}

#[test]
fn roles_have_names() {
    assert_eq!((SignerRole::Signer.name(), SignerRole::Admin.name()), ("signer", "admin"));
}

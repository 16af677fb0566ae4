//! Statuses as folds over events: sequences, organizations side by side, logs that prove them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vouchsafe_ledger::{MemoryStore, StoreRead as _};
use vouchsafe_types::identity::OrganizationId;
use vouchsafe_types::record::{
    Activity, AssetRecord, Event, OrganizationRecord, SignerRecord, SignerRole, StateName,
};
use vouchsafe_types::status::Status::{self, Trusted, Unknown, Unsupported, Untrusted};
use vouchsafe_types::transaction::{Operation, RevocationReason};
use vouchsafe_types::verifier::complete_log;

use crate::chain::*;

fn record<T: vouchsafe_types::canonical::Canonical>(
    chain: &Chain<MemoryStore>,
    name: &StateName,
) -> Option<T> {
    let stored = chain.store.record(&chain.leaf(name)?).expect("reads");
    stored.map(|stored| T::from_bytes(&stored.record).expect("canonical"))
}

fn asset_record(chain: &Chain<MemoryStore>, label: &str) -> AssetRecord {
    record(chain, &asset_name(label)).expect("present")
}

fn status(chain: &Chain<MemoryStore>, label: &str, who: &str) -> Status {
    let record: Option<AssetRecord> = record(chain, &asset_name(label));
    let who = organization(who);
    let statuses = record.map(|record| record.organizations.into_inner()).unwrap_or_default();
    statuses.into_iter().find(|s| s.organization == who).map_or(Unknown, |s| s.status)
}

/// All events of an asset, checked against its record.
fn events(chain: &Chain<MemoryStore>, label: &str) -> Vec<Event> {
    let leaf = chain.leaf(&asset_name(label)).expect("present");
    let entries = chain.store.log_entries(&leaf, 0, 1000).expect("reads");
    complete_log(&asset_record(chain, label).events, "event", &entries).expect("complete")
}

#[test]
fn trust_is_given_withdrawn_and_given_back() {
    let mut chain = Chain::new();
    for (signer, operation, expected) in [
        (ALICE, notarize(&["a"]), Trusted),
        (ALICE, deprecate(&["a"]), Unsupported),
        (ADA, notarize(&["a"]), Trusted),
        (ALICE, compromise(&["a"]), Untrusted),
        (ADA, notarize(&["a"]), Trusted),
        (ALICE, deprecate(&["a"]), Unsupported),
        (ALICE, compromise(&["a"]), Untrusted),
    ] {
        chain.append(&[chain.sign(signer, vec![operation])]);
        assert_eq!(status(&chain, "a", "acme"), expected);
    }
    assert_eq!(events(&chain, "a").len(), 7);
}

#[test]
fn an_organization_may_distrust_what_it_never_notarized() {
    let mut chain = Chain::new();
    chain.append(&[chain.sign(BOB, vec![compromise(&["a"]), deprecate(&["b"])])]);
    assert_eq!(status(&chain, "a", "bolt"), Untrusted);
    assert_eq!(status(&chain, "b", "bolt"), Unsupported);
    assert_eq!(status(&chain, "a", "acme"), Unknown);
}

#[test]
fn a_repeated_status_is_logged_and_does_not_move_since() {
    let mut chain = Chain::new();
    let first = chain.sign(ALICE, vec![notarize(&["a"])]);
    let height = chain.append(std::slice::from_ref(&first));
    let time_ms = chain.ledger.head().time_ms;
    chain.append(&[chain.sign(ADA, vec![notarize(&["a"])])]);
    let record = asset_record(&chain, "a");
    assert_eq!(record.events.count, 2);
    let said = &record.organizations[0];
    assert_eq!((said.since_height, said.since_time_ms, said.event_index), (height, time_ms, 0));
    assert_eq!((said.transaction_id, said.signer), (first.id(), public(ALICE)));
    assert_eq!(said.reason, None);
}

#[test]
fn a_new_status_names_its_deciding_event() {
    let mut chain = Chain::new();
    chain.append(&[chain.sign(ALICE, vec![notarize(&["a"])])]);
    let revocation = chain.sign(ADA, vec![notarize(&["b"]), deprecate(&["c", "a"])]);
    let height = chain.append(std::slice::from_ref(&revocation));
    let said = &asset_record(&chain, "a").organizations[0];
    assert_eq!(said.status, Unsupported);
    assert_eq!(said.reason, Some(RevocationReason::Deprecated));
    assert_eq!((said.since_height, said.event_index, said.operation_index), (height, 1, 1));
    assert_eq!(said.since_time_ms, chain.ledger.head().time_ms);
    assert_eq!((said.transaction_id, said.signer), (revocation.id(), public(ADA)));
    let event = &events(&chain, "a")[1];
    assert_eq!((event.role, event.status, event.height), (SignerRole::Admin, Unsupported, height));
    assert_eq!(event.organization, organization("acme"));
    assert_eq!(event.time_ms, said.since_time_ms);
}

#[test]
fn organizations_stand_side_by_side_in_order() {
    let mut chain = Chain::new();
    chain.append(&[
        chain.sign(BOB, vec![compromise(&["a"])]),
        chain.sign(ALICE, vec![notarize(&["a"])]),
    ]);
    let record = asset_record(&chain, "a");
    let said: Vec<_> =
        record.organizations.iter().map(|s| (s.organization.as_str(), s.status)).collect();
    assert_eq!(said, [("acme", Trusted), ("bolt", Untrusted)]);
    assert_eq!(record.organizations[0].event_index, 1);
    assert_eq!(record.events.count, 2);
}

#[test]
fn equal_digests_of_other_schemes_are_other_assets() {
    let mut chain = Chain::new();
    chain.append(&[chain.sign(ALICE, vec![notarize(&["a"])])]);
    let mut key = asset_key("a");
    key.scheme = vouchsafe_types::asset::Scheme::Directory;
    let other: Option<AssetRecord> = record(&chain, &StateName::Asset(key));
    assert_eq!(other, None);
}

#[test]
fn each_operation_is_one_activity_of_its_signer_and_organization() {
    let mut chain = Chain::new();
    let two = chain.sign(ALICE, vec![notarize(&["a", "b"]), deprecate(&["c"])]);
    let one = chain.sign(ADA, vec![notarize(&["d"])]);
    let height = chain.append(&[two.clone(), one.clone()]);
    let entries = |name: &StateName| {
        let leaf = chain.leaf(name).expect("present");
        chain.store.log_entries(&leaf, 0, 100).expect("reads")
    };
    let alice = StateName::Signer(public(ALICE));
    let signer: SignerRecord = record(&chain, &alice).expect("present");
    let acts: Vec<Activity> =
        complete_log(&signer.activity, "activity", &entries(&alice)).expect("complete");
    let operations: Vec<_> = acts.iter().map(|a| (a.transaction_id, a.operation_index)).collect();
    assert_eq!(operations, [(two.id(), 0), (two.id(), 1)]);
    assert!(acts.iter().all(|a| a.height == height && a.signer == public(ALICE)));
    let acme = StateName::Organization(organization("acme"));
    let record: OrganizationRecord = record(&chain, &acme).expect("present");
    let acts: Vec<Activity> =
        complete_log(&record.activity, "activity", &entries(&acme)).expect("complete");
    let operations: Vec<_> = acts.iter().map(|a| (a.transaction_id, a.operation_index)).collect();
    assert_eq!(operations, [(two.id(), 0), (two.id(), 1), (one.id(), 0)]);
}

/// What is expected, from the definition alone: a status for each asset and organization, moved by
/// each act that the transition rule allows.
#[derive(Default)]
struct Model {
    statuses: BTreeMap<(usize, OrganizationId), Status>,
    events: BTreeMap<usize, u64>,
}

const LABELS: [&str; 3] = ["a", "b", "c"];

fn any_act() -> impl Strategy<Value = (u8, u8, usize)> {
    (prop::sample::select(vec![ALICE, ADA, BOB]), 0..3u8, 0..LABELS.len())
}

fn operation(kind: u8, asset: usize) -> (Operation, Status) {
    match kind {
        0 => (notarize(&[LABELS[asset]]), Trusted),
        1 => (deprecate(&[LABELS[asset]]), Unsupported),
        _ => (compromise(&[LABELS[asset]]), Untrusted),
    }
}

impl Model {
    fn act(&mut self, signer: u8, asset: usize, next: Status) -> bool {
        let who = organization(if signer == BOB { "bolt" } else { "acme" });
        let status = self.statuses.entry((asset, who)).or_insert(Unknown);
        let allowed = status.allows(next, signer == ADA);
        if allowed {
            *status = next;
            *self.events.entry(asset).or_default() += 1;
        }
        allowed
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn any_sequence_of_acts_gives_what_the_rules_say(
        blocks in prop::collection::vec(prop::collection::vec(any_act(), 0..6), 1..6)
    ) {
        let (mut chain, mut model) = (Chain::new(), Model::default());
        for acts in blocks {
            let candidates: Vec<_> = acts
                .iter()
                .map(|(signer, kind, asset)| chain.sign(*signer, vec![operation(*kind, *asset).0]))
                .collect();
            let expected: Vec<_> = acts
                .iter()
                .zip(&candidates)
                .filter(|((signer, kind, asset), _)| {
                    model.act(*signer, *asset, operation(*kind, *asset).1)
                })
                .map(|(_, candidate)| candidate.id())
                .collect();
            let built = chain.build(&candidates);
            prop_assert_eq!(built.executed.transaction_ids().collect::<Vec<_>>(), expected);
            prop_assert_eq!(chain.validate(&built.block).map(|e| e.block_id()), Ok(built.executed.block_id()));
            chain.commit(built);
        }
        for ((asset, who), expected) in &model.statuses {
            prop_assert_eq!(status(&chain, LABELS[*asset], who.as_str()), *expected);
        }
        for (asset, count) in &model.events {
            prop_assert_eq!(events(&chain, LABELS[*asset]).len() as u64, *count);
        }
    }
}

//! Names of records and their keys; each kind of record, event and activity.

use vouchsafe_types::canonical::{Canonical, Version};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::log;
use vouchsafe_types::record::{
    Activity, AdminKeys, AssetRecord, Event, EvidenceRecord, LogHead, OrganizationName,
    OrganizationRecord, OrganizationStatus, OrganizationStatuses, SignerRecord, SignerRole,
    StateName, value_hash,
};
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::RevocationReason;

use crate::json::{Json, decimal, encoding, hex, object};
use crate::sample::{TIME_MS, asset, digest, evidence_of_votes, organization, public, validators};

fn name_json(kind: &str, about: &str, name: &StateName) -> Json {
    object! {
        "kind": kind,
        "of": about,
        "bytes": hex(borsh::to_vec(name).expect("memory")),
        "key": name.key(),
    }
}

fn record_json<T: Canonical + PartialEq + std::fmt::Debug>(
    kind: &str,
    fields: Json,
    record: &T,
) -> Json {
    object! {
        "kind": kind,
        "fields": fields,
        "bytes": encoding(record),
        "value_hash": value_hash(&record.to_bytes()),
    }
}

fn head_json(head: LogHead) -> Json {
    object! {"count": decimal(head.count), "root": head.root}
}

/// The acts on one asset: notarized by acme, deprecated by acme, distrusted by bolt.
fn events() -> Vec<Event> {
    let event = |n: u64, id: &str, seed, status, reason| Event {
        version: Version,
        transaction_id: TransactionId(digest(n)),
        operation_index: u16::try_from(n).expect("small"),
        organization: organization(id),
        signer: public(seed),
        role: if seed == 3 { SignerRole::Admin } else { SignerRole::Signer },
        status,
        reason,
        height: 10 + n,
        time_ms: TIME_MS + n,
    };
    vec![
        event(0, "acme", 1, Status::Trusted, None),
        event(1, "acme", 2, Status::Unsupported, Some(RevocationReason::Deprecated)),
        event(2, "bolt", 3, Status::Untrusted, Some(RevocationReason::Compromised)),
    ]
}

fn event_json(event: &Event) -> Json {
    object! {
        "transaction_id": event.transaction_id.0,
        "operation_index": u32::from(event.operation_index),
        "organization": event.organization.as_str(),
        "signer": hex(event.signer.0),
        "role": event.role.name(),
        "status": event.status.name(),
        "reason": event.reason.map(RevocationReason::name),
        "height": decimal(event.height),
        "time_ms": decimal(event.time_ms),
        "bytes": encoding(event),
        "leaf_hash": log::leaf_hash(&event.to_bytes()),
    }
}

fn says(event: &Event, index: u64) -> OrganizationStatus {
    OrganizationStatus {
        organization: event.organization.clone(),
        status: event.status,
        reason: event.reason,
        since_height: event.height,
        since_time_ms: event.time_ms,
        event_index: index,
        transaction_id: event.transaction_id,
        operation_index: event.operation_index,
        signer: event.signer,
    }
}

fn says_json(says: &OrganizationStatus) -> Json {
    object! {
        "organization": says.organization.as_str(),
        "status": says.status.name(),
        "reason": says.reason.map(RevocationReason::name),
        "since_height": decimal(says.since_height),
        "since_time_ms": decimal(says.since_time_ms),
        "event_index": decimal(says.event_index),
        "transaction_id": says.transaction_id.0,
        "operation_index": u32::from(says.operation_index),
        "signer": hex(says.signer.0),
    }
}

fn activity() -> Activity {
    Activity {
        version: Version,
        transaction_id: TransactionId(digest(0)),
        operation_index: 0,
        signer: public(1),
        height: 10,
        time_ms: TIME_MS,
    }
}

fn asset_record_json() -> Json {
    let events = events();
    let leaves: Vec<_> = events.iter().map(|event| log::leaf_hash(&event.to_bytes())).collect();
    let head = LogHead { count: 3, root: log::root(&leaves) };
    let says = vec![says(&events[1], 1), says(&events[2], 2)];
    let fields = object! {
        "events": head_json(head),
        "organizations": says.iter().map(says_json).collect::<Vec<_>>(),
    };
    let organizations = OrganizationStatuses::new(says).expect("two");
    record_json(
        "AssetRecord",
        fields,
        &AssetRecord { version: Version, events: head, organizations },
    )
}

fn signer_record_json(not_after_ms: Option<u64>, activity: LogHead) -> Json {
    let record = SignerRecord {
        version: Version,
        organization: organization("acme"),
        role: SignerRole::Signer,
        not_after_ms,
        activity,
    };
    let fields = object! {
        "organization": "acme",
        "role": record.role.name(),
        "not_after_ms": not_after_ms.map(decimal),
        "activity": head_json(activity),
    };
    record_json("SignerRecord", fields, &record)
}

fn organization_record_json() -> Json {
    let record = OrganizationRecord {
        version: Version,
        name: OrganizationName::new("Acme Großhandel".into()).expect("short"),
        admin_keys: AdminKeys::new(vec![public(3), public(4)]).expect("two"),
        admin_threshold: 2,
        activity: LogHead::empty(),
    };
    let fields = object! {
        "name": record.name.as_str(),
        "admin_keys": record.admin_keys.iter().map(|key| hex(key.0)).collect::<Vec<_>>(),
        "admin_threshold": u32::from(record.admin_threshold),
        "activity": head_json(record.activity),
    };
    record_json("OrganizationRecord", fields, &record)
}

pub(crate) fn all() -> Json {
    let activity = activity();
    let one = LogHead { count: 1, root: log::root(&[log::leaf_hash(&activity.to_bytes())]) };
    let evidence = EvidenceRecord { version: Version, height: 12 };
    object! {
        "about": "Names of records with their state keys; records with their value hashes; the \
                  entries of the logs that records commit to.",
        "names": vec![
            name_json("Asset", "scheme bytes, SHA-256 of 'hello'", &StateName::Asset(asset("hello").key())),
            name_json("Organization", "acme", &StateName::Organization(organization("acme"))),
            name_json("Signer", "the key of seed 01…01", &StateName::Signer(public(1))),
            name_json("Validators", "the validator set of the next height", &StateName::Validators),
            name_json("Evidence", "the two prevotes of votes.json", &StateName::Evidence(evidence_of_votes().id())),
        ],
        "events": events().iter().map(event_json).collect::<Vec<_>>(),
        "activity": vec![object! {
            "transaction_id": activity.transaction_id.0,
            "operation_index": u32::from(activity.operation_index),
            "signer": hex(activity.signer.0),
            "height": decimal(activity.height),
            "time_ms": decimal(activity.time_ms),
            "bytes": encoding(&activity),
            "leaf_hash": log::leaf_hash(&activity.to_bytes()),
        }],
        "records": vec![
            asset_record_json(),
            signer_record_json(None, one),
            signer_record_json(Some(TIME_MS + 86_400_000), LogHead::empty()),
            organization_record_json(),
            record_json("ValidatorSet", object! {"see": "blocks.json"}, &validators()),
            record_json("EvidenceRecord", object! {"height": decimal(12)}, &evidence),
        ],
    }
}

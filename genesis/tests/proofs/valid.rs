//! Proofs that hold, and what they show.

use serde_json::{Value, json};
use vouchsafe_genesis::{proof_json, read_proof};
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::certificate::{CommitSignature, CommitSignatures};
use vouchsafe_types::identity::{OrganizationId, PublicKey, Signature};
use vouchsafe_types::openssh::fingerprint;
use vouchsafe_types::proof::{Proof, Shown, ShownSubject};
use vouchsafe_types::record::{AssetRecord, Event, OrganizationStatus};
use vouchsafe_types::set_change::{SetChange, SetChanges};
use vouchsafe_types::status::{overall, stated};
use vouchsafe_types::transaction::{Operation, RevocationReason, VerifiedTransaction};
use vouchsafe_types::validator_set::{Validator, ValidatorSet};
use vouchsafe_types::verifier::Verifier;

use crate::crafted::Crafter;
use crate::world::{self, FULL_BLOCK, NEWEST, World, absent, asset, precommit};

pub(crate) fn verifier(world: &World) -> Verifier {
    Verifier::new(world.genesis.chain_id(), world.genesis.validator_set().clone())
}

fn asset_key(asset: AssetKey) -> Value {
    json!({"scheme": asset.scheme.name(), "digest": asset.digest.to_string()})
}

fn reason(reason: Option<RevocationReason>) -> Value {
    json!(reason.map(RevocationReason::name))
}

fn organization(said: &OrganizationStatus) -> Value {
    json!({
        "organization": said.organization.as_str(),
        "status": said.status.name(),
        "reason": reason(said.reason),
        "since_height": said.since_height.to_string(),
        "since_time_ms": said.since_time_ms.to_string(),
        "signer": fingerprint(&said.signer),
    })
}

fn event(event: &Event) -> Value {
    json!({
        "organization": event.organization.as_str(),
        "status": event.status.name(),
        "reason": reason(event.reason),
        "height": event.height.to_string(),
        "time_ms": event.time_ms.to_string(),
        "signer": fingerprint(&event.signer),
        "role": event.role.name(),
        "transaction_id": event.transaction_id.to_string(),
        "operation_index": event.operation_index,
    })
}

fn asset_shown(key: AssetKey, record: Option<&AssetRecord>, events: Option<&[Event]>) -> Value {
    let said: Vec<&OrganizationStatus> =
        record.map_or(Vec::new(), |record| record.organizations.iter().collect());
    json!({
        "scheme": key.scheme.name(),
        "digest": key.digest.to_string(),
        "status": overall(said.iter().map(|said| said.status)).name(),
        "event_count": record.map_or(0, |record| record.events.count).to_string(),
        "organizations": said.into_iter().map(organization).collect::<Vec<_>>(),
        "events": events.map(|events| events.iter().map(event).collect::<Vec<_>>()),
    })
}

fn receipt_shown(transaction: &VerifiedTransaction, index: u64) -> Value {
    let operation = |operation: &Operation| {
        let (status, why) = stated(operation);
        let assets: Vec<Value> =
            operation.assets().iter().map(|asset| asset_key(asset.key())).collect();
        json!({"status": status.name(), "reason": reason(why), "assets": assets})
    };
    json!({
        "transaction_id": transaction.id().to_string(),
        "index": index.to_string(),
        "signer": fingerprint(&transaction.signed().public_key),
        "operations": transaction.body().operations.iter().map(operation).collect::<Vec<_>>(),
    })
}

/// What a proof shows, as every verifier says it.
pub(crate) fn shown_json(shown: &Shown) -> Value {
    let (asset, receipt) = match &shown.subject {
        ShownSubject::Asset { key, record, events } => {
            (asset_shown(*key, record.as_ref(), events.as_deref()), Value::Null)
        }
        ShownSubject::Receipt { transaction, index } => {
            (Value::Null, receipt_shown(transaction, *index))
        }
    };
    json!({
        "chain_id": shown.header.chain_id.to_string(),
        "height": shown.header.height.to_string(),
        "time_ms": shown.header.time_ms.to_string(),
        "block_id": shown.block_id.to_string(),
        "asset": asset,
        "receipt": receipt,
    })
}

fn case(worlds: &[World], at: usize, about: &str, proof: Proof) -> Value {
    let (binary, text) = (proof.to_bytes(), proof_json(&proof));
    assert_eq!(read_proof(&binary).as_ref(), Ok(&proof), "{about}");
    assert_eq!(read_proof(text.as_bytes()).as_ref(), Ok(&proof), "{about}");
    let shown = proof.verify(&verifier(&worlds[at])).expect(about);
    let document: Value = serde_json::from_str(&text).expect("it is JSON");
    json!({
        "about": about,
        "genesis": at,
        "binary": hex::encode(binary),
        "json": document,
        "shown": shown_json(&shown),
    })
}

/// A certificate in which one signature has torsion in its R: valid under ZIP-215, and under few
/// other rules.
fn with_torsion(world: &World) -> Proof {
    let mut proof = world.asset_proof(2, asset("hello", Scheme::Bytes).key(), false);
    let mut signatures = proof.certificate.signatures.clone().into_inner();
    let (seed, block_id) = (world.powers(2)[0].0, proof.certificate.block_id);
    let vote = precommit(2, block_id, seed);
    let signer = Crafter::new(seed, 0);
    let place = signatures.iter().position(|entry| entry.address == vote.address).expect("signed");
    signatures[place].signature = signer.sign(&vote.preimage(&proof.chain_id), 3);
    proof.certificate.signatures = CommitSignatures::new(signatures).expect("few");
    proof
}

/// A change to a set with a key of small order, which no genesis admits: certificates are judged by
/// ZIP-215 alone, under which its empty signature holds.
fn with_small_order_key(world: &World) -> Proof {
    let mut identity = [0; 32];
    identity[0] = 1;
    let nobody = Validator {
        public_key: PublicKey(identity),
        power: 1,
        organization: OrganizationId::new("acme").expect("valid"),
    };
    let mut members: Vec<Validator> =
        world::set(world.powers(5)).iter().map(|(_, member)| member.clone()).collect();
    members.push(nobody.clone());
    let validators = ValidatorSet::new(members).expect("a set");
    let mut proof = world.asset_proof(5, asset("hello", Scheme::Bytes).key(), false);
    let mut last = world.header(4);
    last.next_validators = validators.hash();
    proof.header.validators = validators.hash();
    let seeds = |height| world.powers(height).iter().map(|(seed, _)| *seed).collect::<Vec<_>>();
    let certificate = world.certificate_of(&last, &seeds(4));
    let change = SetChange { header: last, certificate, validators };
    proof.changes = SetChanges::new(vec![change]).expect("one");
    proof.certificate = world.certificate_of(&proof.header, &seeds(5));
    let mut signatures = proof.certificate.signatures.clone().into_inner();
    let mut empty = [0; 64];
    empty[0] = 1;
    signatures.push(CommitSignature { address: nobody.address(), signature: Signature(empty) });
    signatures.sort_by_key(|entry| entry.address);
    proof.certificate.signatures = CommitSignatures::new(signatures).expect("few");
    proof
}

fn statuses(worlds: &[World]) -> Vec<Value> {
    let world = &worlds[0];
    let asked = [
        ("trusted", "hello", Scheme::Bytes),
        ("a directory, trusted, stated twice", "tree", Scheme::Directory),
        ("compromised", "evil", Scheme::Bytes),
        ("deprecated", "old", Scheme::Git),
        ("trusted again by an admin", "mixed", Scheme::Image),
        ("trusted by one, compromised by another", "split", Scheme::Bytes),
        ("trusted by one, deprecated by another", "fading", Scheme::Bytes),
        ("a directory's digest as that of a file: nobody spoke of it", "tree", Scheme::Bytes),
    ];
    let prove = |with_events| {
        move |(about, content, scheme): (&str, &str, Scheme)| {
            let words = if with_events { ", with all events" } else { "" };
            let proof = world.asset_proof(3, asset(content, scheme).key(), with_events);
            case(worlds, 0, &format!("{about}{words}"), proof)
        }
    };
    asked.map(prove(false)).into_iter().chain(asked.map(prove(true))).collect()
}

fn others(worlds: &[World]) -> Vec<Value> {
    let key = asset("hello", Scheme::Bytes).key();
    let mut cases = vec![
        case(worlds, 0, "torsion in a signature's R", with_torsion(&worlds[0])),
        case(worlds, 0, "a key of small order in a later set", with_small_order_key(&worlds[0])),
    ];
    for (at, world) in worlds.iter().enumerate() {
        let about = world.about;
        for number in 100..104 {
            let proof = world.asset_proof(2, absent(number), false);
            cases.push(case(worlds, at, &format!("absent {number}, {about}"), proof));
        }
        for height in [4, 5, 9, 10, NEWEST] {
            let proof = world.asset_proof(height, key, false);
            cases.push(case(worlds, at, &format!("at height {height}, {about}"), proof));
        }
        let older = world.made_older(world.asset_proof(2, key, true), NEWEST);
        cases.push(case(worlds, at, &format!("under an older header, {about}"), older));
        for index in 0..3 {
            let words = format!("receipt {index}, {about}");
            cases.push(case(worlds, at, &words, world.receipt(index)));
        }
        for newest in [FULL_BLOCK + 1, NEWEST] {
            let words = format!("an old receipt under height {newest}, {about}");
            cases.push(case(worlds, at, &words, world.made_older(world.receipt(2), newest)));
        }
    }
    cases
}

/// Every case.
pub(crate) fn all() -> Vec<Value> {
    let worlds = world::all();
    [statuses(&worlds), others(&worlds)].concat()
}

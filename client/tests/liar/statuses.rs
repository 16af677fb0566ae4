//! Lies about an asset's status: every field of every part, each by itself.

use vouchsafe_proto::v1::{GetStatusResponse, Record};
use vouchsafe_types::asset::{AssetKey, Scheme};
use vouchsafe_types::certificate::{CertificateHash, CommitSignatures};
use vouchsafe_types::hash::{BlockId, ChainId, Digest, TransactionId, sha256};
use vouchsafe_types::header::Header;
use vouchsafe_types::identity::{Address, OrganizationId, PublicKey};
use vouchsafe_types::record::StateName;
use vouchsafe_types::status::Status;
use vouchsafe_types::transaction::RevocationReason;
use vouchsafe_types::validator_set::ValidatorSetHash;

use crate::answers::{
    Alteration, LyingScene, certificate, change, head, header, overheard, record, replay,
    statement, status,
};
use crate::harness::Scene;
use crate::proxy::Lies;

const OTHER: Digest = Digest([0x5a; 32]);

fn signed_scene() -> (LyingScene, String) {
    let scene = LyingScene::new();
    let file = scene.scene.file("f", b"f");
    scene.scene.vouch.run(&["sign", &file]).ends(0);
    (scene, file)
}

#[test]
fn no_field_of_the_record_can_be_altered() {
    let (scene, file) = signed_scene();
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 0);
    let untrusted = |entry: &mut vouchsafe_types::record::OrganizationStatus| {
        entry.status = Status::Untrusted;
        entry.reason = Some(RevocationReason::Compromised);
    };
    scene.caught("UNTRUSTED", 20, statement(untrusted), &verify);
    scene.caught("status alone", 20, statement(|e| e.status = Status::Unsupported), &verify);
    scene.caught("UNKNOWN", 20, statement(|e| e.status = Status::Unknown), &verify);
    let other_organization = OrganizationId::new("bolt").expect("valid");
    scene.caught(
        "organization",
        20,
        statement(move |e| e.organization = other_organization.clone()),
        &verify,
    );
    scene.caught("since height", 20, statement(|e| e.since_height -= 1), &verify);
    scene.caught("since time", 20, statement(|e| e.since_time_ms -= 1), &verify);
    scene.caught("event", 20, statement(|e| e.event_index += 1), &verify);
    scene.caught(
        "transaction",
        20,
        statement(|e| e.transaction_id = TransactionId(OTHER)),
        &verify,
    );
    scene.caught("operation", 20, statement(|e| e.operation_index += 1), &verify);
    scene.caught("signer", 20, statement(|e| e.signer = PublicKey([9; 32])), &verify);
    scene.caught("event count", 20, record(|r| r.events.count += 1), &verify);
    scene.caught("event root", 20, record(|r| r.events.root = OTHER), &verify);
    scene.caught("no record", 20, status(|a| a.records[0].record = None), &verify);
    scene.caught("empty record", 20, status(|a| a.records[0].record = Some(vec![])), &verify);
    let more = status(|a| a.records[0].record.as_mut().expect("one").push(0));
    scene.caught("trailing byte", 20, more, &verify);
    scene.caught("no records", 20, status(|a| a.records.clear()), &verify);
    let twice = status(|a: &mut GetStatusResponse| a.records.push(a.records[0].clone()));
    scene.caught("a record too many", 20, twice, &verify);
    scene.control(&verify, 0);
}

#[test]
fn distrust_cannot_be_hidden_and_the_unknown_not_called_trusted() {
    let (scene, file) = signed_scene();
    let unknown = scene.scene.file("u", b"u");
    let trusted = overheard(&scene, &["verify", &file]);
    scene.scene.vouch.run(&["untrust", &file]).ends(0);
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 11);
    let whitewash = statement(|entry| {
        entry.status = Status::Trusted;
        entry.reason = None;
    });
    scene.caught("TRUSTED after all", 20, whitewash, &verify);
    scene.caught("never heard of it", 20, status(|a| a.records[0].record = None), &verify);
    let old_record = trusted.records[0].clone();
    let old = status(move |a| a.records[0] = old_record.clone());
    scene.caught("its old record", 20, old, &verify);
    scene.caught("the old answer, genuine when it was given", 21, replay(trusted.clone()), &verify);
    let record = trusted.records[0].clone();
    let borrowed = status(move |a| a.records[0] = record.clone());
    scene.control(&["verify", &unknown], 10);
    scene.caught("another's record", 20, borrowed, &["verify", &unknown]);
    let invented = status(|a| a.records[0] = Record { record: Some(vec![1, 2, 3]) });
    scene.caught("a record of nothing", 20, invented, &["verify", &unknown]);
}

#[test]
fn no_field_of_the_header_can_be_altered() {
    let (scene, file) = signed_scene();
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 0);
    let fields: [Alteration<Header>; 16] = [
        ("chain id", |h| h.chain_id = ChainId(OTHER)),
        ("height", |h| h.height += 1),
        ("lower height", |h| h.height -= 1),
        ("round", |h| h.round += 1),
        ("later time", |h| h.time_ms += 1),
        ("earlier time", |h| h.time_ms -= 1),
        ("parent", |h| h.parent = BlockId(OTHER)),
        ("history root", |h| h.history_root = OTHER),
        ("transactions root", |h| h.transactions_root = OTHER),
        ("transaction count", |h| h.transaction_count += 1),
        ("state root", |h| h.state_root = OTHER),
        ("validators", |h| h.validators = ValidatorSetHash(OTHER)),
        ("next validators", |h| h.next_validators = ValidatorSetHash(OTHER)),
        ("proposer", |h| h.proposer = Address(OTHER)),
        ("parent certificate", |h| h.parent_certificate = CertificateHash(OTHER)),
        ("evidence root", |h| h.evidence_root = OTHER),
    ];
    for (what, alter) in fields {
        scene.caught(what, 20, header(alter), &verify);
        let block = Lies {
            block: Some(Box::new(move |answer| {
                change(&mut answer.head.as_mut().expect("a head").header, alter);
            })),
            ..Lies::default()
        };
        scene.caught(what, 20, block, &["status"]);
    }
    scene.caught("no head", 20, status(|a| a.head = None), &verify);
    scene.caught("trailing byte", 20, status(|a| head(a).header.push(0)), &verify);
    scene.caught("empty header", 20, status(|a| head(a).header.clear()), &verify);
    let truncated = status(|a| {
        head(a).header.pop();
    });
    scene.caught("truncated header", 20, truncated, &verify);
    let version = status(|a| head(a).header[0] = 2);
    scene.caught("unknown version", 20, version, &verify);
    scene.control(&verify, 0);
}

#[test]
fn no_field_of_the_certificate_can_be_altered() {
    let (scene, file) = signed_scene();
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 0);
    scene.caught("height", 20, certificate(|c| c.height += 1), &verify);
    scene.caught("round", 20, certificate(|c| c.round += 1), &verify);
    scene.caught("block", 20, certificate(|c| c.block_id = BlockId(OTHER)), &verify);
    let signed_otherwise = certificate(|c| {
        let mut signatures = c.signatures.clone().into_inner();
        signatures[0].signature.0[7] ^= 1;
        c.signatures = CommitSignatures::new(signatures).expect("one");
    });
    scene.caught("signature", 20, signed_otherwise, &verify);
    let by_another = certificate(|c| {
        let mut signatures = c.signatures.clone().into_inner();
        signatures[0].address = Address(OTHER);
        c.signatures = CommitSignatures::new(signatures).expect("one");
    });
    scene.caught("signer", 20, by_another, &verify);
    let counted_twice = certificate(|c| {
        let signatures = c.signatures.clone().into_inner();
        c.signatures =
            CommitSignatures::new([signatures.clone(), signatures].concat()).expect("two");
    });
    scene.caught("one validator twice", 20, counted_twice, &verify);
    let none = status(|a| {
        let certificate = &mut head(a).certificate;
        let signatures_at = certificate.len() - 100;
        certificate.truncate(signatures_at);
        certificate.extend([0; 4]);
    });
    scene.caught("nobody signed", 20, none, &verify);
    scene.caught("no certificate", 20, status(|a| head(a).certificate.clear()), &verify);
    scene.caught("trailing byte", 20, status(|a| head(a).certificate.push(0)), &verify);
    scene.control(&verify, 0);
}

#[test]
fn no_byte_of_header_certificate_record_or_proof_can_be_altered() {
    let (scene, file) = signed_scene();
    // More leaves, so that the proof has siblings.
    for name in ["a", "b", "c", "d", "e"] {
        let other = scene.scene.file(name, name.as_bytes());
        scene.scene.vouch.run(&["sign", &other]).ends(0);
    }
    let verify = ["verify", file.as_str()];
    let genuine = overheard(&scene, &verify);
    let mut parts = genuine.clone();
    let lengths = [0, 1, 2, 3].map(|index| part(&mut parts, index).len());
    for (index, length) in lengths.into_iter().enumerate() {
        for at in (0..length).step_by(3) {
            let mut altered = genuine.clone();
            part(&mut altered, index)[at] ^= 1 << (at % 8);
            let what = format!("part {index}, byte {at} of {length}");
            let ran = scene.run(replay(altered), &verify);
            assert!(matches!(ran.code, 20 | 21), "{what}: {ran:?}");
            assert!(ran.json()["results"][0]["status"].is_null(), "{what}: {ran:?}");
        }
    }
}

fn part(answer: &mut GetStatusResponse, index: usize) -> &mut Vec<u8> {
    match index {
        0 => &mut head(answer).header,
        1 => &mut head(answer).certificate,
        2 => answer.records[0].record.as_mut().expect("the asset has a record"),
        _ => &mut answer.proof,
    }
}

#[test]
fn another_proof_is_no_proof() {
    let (scene, file) = signed_scene();
    let other = scene.scene.file("other", b"other");
    scene.scene.vouch.run(&["sign", &other]).ends(0);
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 0);
    let name = StateName::Asset(AssetKey { scheme: Scheme::Bytes, digest: sha256(&[b"other"]) });
    let names = vec![borsh::to_vec(&name).expect("memory")];
    let about_another = Lies { other_names: Some(names), ..Lies::default() };
    scene.caught("another asset's whole answer", 20, about_another, &verify);
    let others = overheard(&scene, &["verify", &other]);
    let others_proof = others.proof.clone();
    let proof = status(move |a| a.proof = others_proof.clone());
    scene.caught("another asset's proof", 20, proof, &verify);
    scene.caught("no proof", 20, status(|a| a.proof.clear()), &verify);
    scene.caught("trailing byte", 20, status(|a| a.proof.push(0)), &verify);
    // The directory whose manifest has these bytes is not the file.
    let name = StateName::Asset(AssetKey { scheme: Scheme::Directory, digest: sha256(&[b"f"]) });
    let names = vec![borsh::to_vec(&name).expect("memory")];
    let other_scheme = Lies { other_names: Some(names), ..Lies::default() };
    scene.caught("another scheme's absence", 20, other_scheme, &verify);
}

#[test]
fn another_chains_answer_is_no_answer() {
    let (scene, file) = signed_scene();
    let verify = ["verify", file.as_str()];
    scene.control(&verify, 0);
    let elsewhere = Scene::new();
    let same = elsewhere.file("f", b"f");
    elsewhere.vouch.run(&["sign", &same]).ends(0);
    scene.proxy.forward_to(elsewhere.node.url());
    scene.caught("another chain's whole answer", 20, Lies::default(), &verify);
    scene.caught("another chain's head", 20, Lies::default(), &["status"]);
    scene.caught("another chain's list", 20, Lies::default(), &["list"]);
    scene.proxy.forward_to(scene.scene.node.url());
    scene.control(&verify, 0);
}

#[test]
fn an_old_but_valid_head_is_not_used() {
    let (scene, file) = signed_scene();
    let verify = ["verify", file.as_str()];
    let old = overheard(&scene, &verify);
    let other = scene.scene.file("other", b"other");
    scene.scene.vouch.run(&["sign", &other]).ends(0);
    let ran = scene.caught("older than seen", 21, replay(old.clone()), &verify);
    assert!(ran.stdout.contains("was seen before"), "{ran:?}");
    // Whoever has seen nothing newer is protected by the age alone.
    let mut fresh = scene.scene.vouch.clone();
    fresh.home = scene.scene.folder.path().join("fresh");
    let genesis = scene.scene.node.genesis().display().to_string();
    let fresh = fresh.with("VOUCH_GENESIS", &genesis).asking(scene.proxy.url());
    scene.proxy.tell(replay(old));
    fresh.run(&["verify", &file, "--max-age", "1h"]).ends(0);
    let stale = fresh.json(&["verify", &file, "--max-age", "1ms"]).ends(21);
    assert!(stale.stdout.contains("older than"), "{stale:?}");
}

//! Transactions: fields, body, envelope, id, leaf, what is signed, and the armored signature.

use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::Canonical as _;
use vouchsafe_types::log::leaf_hash;
use vouchsafe_types::openssh::{
    TRANSACTION_NAMESPACE, armor, fingerprint, public_key_blob, public_key_line,
};
use vouchsafe_types::transaction::{
    Body, Operation, RevocationReason, SignedTransaction, Transaction, message,
};

use crate::json::{Json, decimal, encoding, hex, object};
use crate::sample::{asset, attribute, body, chain, digest, notarize, public, revoke, signed};

fn asset_json(asset: &Asset) -> Json {
    let attributes: Vec<_> = asset
        .attributes
        .as_slice()
        .iter()
        .map(|a| object! {"key": a.key.as_str(), "value": a.value.as_str()})
        .collect();
    object! {
        "scheme": asset.scheme.name(),
        "scheme_number": asset.scheme as u32,
        "digest": asset.digest,
        "size_bytes": decimal(asset.size_bytes),
        "name": asset.name.as_str(),
        "attributes": attributes,
    }
}

fn operation_json(operation: &Operation) -> Json {
    let assets: Vec<_> = operation.assets().iter().map(asset_json).collect();
    match operation {
        Operation::Notarize { .. } => object! {"operation": "Notarize", "assets": assets},
        Operation::Revoke { reason, .. } => object! {
            "operation": "Revoke", "assets": assets, "reason": reason.name(),
        },
    }
}

fn transaction_json(about: &str, signed: &SignedTransaction) -> Json {
    let body = Body::from_bytes(&signed.body).expect("valid");
    let transaction = Transaction::from_signed(&chain(), signed.clone()).expect("valid");
    assert!(transaction.clone().verify(&chain()).is_ok());
    let bytes = signed.to_bytes();
    object! {
        "about": about,
        "body": object! {
            "version": 1u32,
            "operations": body.operations.iter().map(operation_json).collect::<Vec<_>>(),
            "nonce": hex(body.nonce),
            "expiry_ms": decimal(body.expiry_ms),
        },
        "body_bytes": encoding(&body),
        "public_key": hex(signed.public_key.0),
        "signed_message": hex(message(&chain(), &signed.body)),
        "sshsig_signed_data": hex(signed.signing_data(&chain())),
        "signature": hex(signed.signature.0),
        "armored_signature": armor(&signed.public_key, TRANSACTION_NAMESPACE, &signed.signature),
        "transaction_bytes": encoding(signed),
        "transaction_id": transaction.id().0,
        "leaf_hash": leaf_hash(&bytes),
    }
}

fn key_json(seed: u8) -> Json {
    let key = public(seed);
    object! {
        "seed": hex([seed; 32]),
        "public_key": hex(key.0),
        "openssh_blob": hex(public_key_blob(&key)),
        "openssh_line": public_key_line(&key),
        "fingerprint": fingerprint(&key),
        "address": key.address().0,
    }
}

fn every_field() -> Asset {
    Asset {
        scheme: Scheme::ImageConfiguration,
        digest: digest(7),
        size_bytes: u64::MAX,
        name: DisplayName::new("Grüße \"\u{1b}[31m\" 東京.txt".into()).expect("short"),
        attributes: Attributes::new(vec![attribute("a", ""), attribute("b", "two\nlines")])
            .expect("they ascend"),
    }
}

pub(crate) fn all() -> Json {
    let schemes: Vec<_> = Scheme::ALL
        .iter()
        .map(|scheme| object! {"name": scheme.name(), "number": *scheme as u32})
        .collect();
    let plain_directory = Asset { scheme: Scheme::Directory, ..asset("hello") };
    object! {
        "about": "Transactions of fixed keys (Ed25519 seed: 32 equal bytes) on one chain.",
        "chain_id": chain().0,
        "namespace": TRANSACTION_NAMESPACE,
        "schemes": schemes,
        "keys": vec![key_json(1), key_json(2), key_json(3)],
        "transactions": vec![
            transaction_json(
                "one file",
                &signed(1, &body(vec![notarize(vec![asset("hello")])])),
            ),
            transaction_json(
                "one digest under two schemes, and every field of an asset in use",
                &signed(2, &body(vec![notarize(vec![asset("hello"), plain_directory, every_field()])])),
            ),
            transaction_json(
                "three operations; a name and attributes that are empty",
                &signed(3, &body(vec![
                    revoke(vec![asset("hello")], RevocationReason::Compromised),
                    revoke(vec![asset("world")], RevocationReason::Deprecated),
                    notarize(vec![Asset {
                        name: DisplayName::new(String::new()).expect("empty"),
                        ..asset("")
                    }]),
                ])),
            ),
        ],
    }
}

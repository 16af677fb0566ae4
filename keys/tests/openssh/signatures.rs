//! Signatures in both directions: what we sign verifies with `ssh-keygen`, and the reverse.

use std::path::Path;
use std::process::{Command, Stdio};

use vouchsafe_keys::{KeyError, SecretKey, TransactionSigner};
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::{Canonical as _, DecodeError, Version};
use vouchsafe_types::hash::{ChainId, sha256};
use vouchsafe_types::identity::PublicKey;
use vouchsafe_types::openssh::{
    TRANSACTION_NAMESPACE, armor, parse_armor, public_key_line, signed_data,
};
use vouchsafe_types::signature::verify;
use vouchsafe_types::transaction::{
    Assets, Body, Operation, Operations, SignedTransaction, Transaction, message,
};

use crate::programs::{askpass, folder, run, text, with_askpass, write};

pub(crate) fn chain() -> ChainId {
    ChainId(sha256(&[b"a chain"]))
}

pub(crate) fn body() -> Body {
    let asset = Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[b"content"]),
        size_bytes: 7,
        name: DisplayName::new("content.txt".into()).expect("short"),
        attributes: Attributes::default(),
    };
    let assets = Assets::new(vec![asset]).expect("one");
    Body {
        version: Version,
        operations: Operations::new(vec![Operation::Notarize { assets }]).expect("one"),
        nonce: [5; 16],
        expiry_ms: 1_000,
    }
}

/// Does `ssh-keygen -Y verify` accept this transaction's signature?
pub(crate) fn ssh_keygen_verifies(folder: &Path, signed: &SignedTransaction) -> bool {
    let key = signed.public_key;
    let allowed = folder.join("allowed");
    let line =
        format!("someone namespaces=\"{TRANSACTION_NAMESPACE}\" {}\n", public_key_line(&key));
    std::fs::write(&allowed, line).expect("writable");
    let signature = folder.join("signature");
    std::fs::write(&signature, armor(&key, TRANSACTION_NAMESPACE, &signed.signature))
        .expect("writable");
    let data = folder.join("message");
    std::fs::write(&data, message(&chain(), &signed.body)).expect("writable");
    Command::new("ssh-keygen")
        .args(["-Y", "verify", "-I", "someone", "-n", TRANSACTION_NAMESPACE])
        .args(["-f", text(&allowed), "-s", text(&signature)])
        .stdin(std::fs::File::open(&data).expect("written"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("OpenSSH is installed")
        .success()
}

/// Checks a transaction as the ledger does.
pub(crate) fn check(signed: &SignedTransaction, key: &PublicKey) {
    let transaction = Transaction::from_signed(&chain(), signed.clone()).expect("well formed");
    assert_eq!(transaction.body(), &body());
    assert!(transaction.verify(&chain()).is_ok());
    assert_eq!(&signed.public_key, key);
}

#[test]
fn ssh_keygen_verifies_what_we_sign() {
    let folder = folder();
    let key = SecretKey::generate().expect("random bytes");
    let mut signed = key.sign_transaction(&chain(), &body()).expect("short");
    check(&signed, &key.public_key());
    assert!(ssh_keygen_verifies(folder.path(), &signed));
    signed.signature.0[3] ^= 1;
    assert!(!ssh_keygen_verifies(folder.path(), &signed));
}

#[test]
fn we_verify_what_ssh_keygen_signs_with_our_key_files() {
    let folder = folder();
    let askpass = askpass(folder.path());
    for (name, encrypted) in [("plain", false), ("encrypted", true)] {
        let (key, path) = write(folder.path(), name, encrypted);
        let data = folder.path().join(format!("{name}.message"));
        let body = body().to_bytes();
        std::fs::write(&data, message(&chain(), &body)).expect("writable");
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", "sign", "-n", TRANSACTION_NAMESPACE, "-f", text(&path), text(&data)]);
        run(with_askpass(&mut command, &askpass));
        let armored = std::fs::read_to_string(format!("{}.sig", text(&data))).expect("signed");
        let (signer, signature) = parse_armor(&armored, TRANSACTION_NAMESPACE).expect("armored");
        assert_eq!(signer, key.public_key());
        let signed_bytes = signed_data(TRANSACTION_NAMESPACE, &message(&chain(), &body));
        assert!(verify(&signer, &signed_bytes, &signature));
        // Ed25519 is deterministic, so it is the very signature that we would make.
        assert_eq!(signature, key.sign(&signed_bytes));
    }
}

#[test]
fn a_body_that_no_transaction_may_have_is_not_signed() {
    let assets = (0..4096u32)
        .map(|index| Asset {
            scheme: Scheme::Bytes,
            digest: sha256(&[&index.to_be_bytes()]),
            size_bytes: 0,
            name: DisplayName::new("n".repeat(255)).expect("short enough"),
            attributes: Attributes::default(),
        })
        .collect();
    let assets = Assets::new(assets).expect("few enough");
    let operations = Operations::new(vec![Operation::Notarize { assets }]).expect("one");
    let long = Body { operations, ..body() };
    let key = SecretKey::generate().expect("random bytes");
    let verdict = key.sign_transaction(&chain(), &long);
    assert!(matches!(verdict, Err(KeyError::Body(DecodeError::TooMany { .. }))), "{verdict:?}");
}

//! Transactions: each way to be refused, by name, and what a batch says.

use vouchsafe_types::asset::{Asset, Scheme};
use vouchsafe_types::canonical::{Canonical as _, DecodeError};
use vouchsafe_types::identity::{PublicKey, PublicKeyError};
use vouchsafe_types::log::leaf_hash;
use vouchsafe_types::openssh::signed_data;
use vouchsafe_types::transaction::{
    Operation, RevocationReason, SignedTransaction, TRANSACTION_ASSETS_MAX, TRANSACTION_BYTES_MAX,
    Transaction, TransactionError, message, signing_data,
};

use crate::sample::{
    asset, body, chain, digest, notarize, other_chain, revoke, sign, signed, signed_bytes,
    transactions,
};

fn many(from: usize, count: usize) -> Vec<Asset> {
    (from..from + count).map(|n| Asset { digest: digest(n as u64), ..asset("many") }).collect()
}

fn refusal(signed: &SignedTransaction) -> TransactionError {
    let read = Transaction::from_bytes(&chain(), &signed.to_bytes());
    read.and_then(|transaction| transaction.verify(&chain())).expect_err("it is refused")
}

#[test]
fn a_good_transaction_is_read_whole_and_verifies() {
    for signed in transactions() {
        let bytes = signed.to_bytes();
        let read = Transaction::from_bytes(&chain(), &bytes).expect("valid");
        assert_eq!(read.bytes(), bytes);
        assert_eq!(*read.signed(), signed);
        assert_eq!(read.body().to_bytes(), **signed.body);
        assert_eq!(read.leaf(), leaf_hash(&bytes));
        assert_eq!(read.id(), signed.id(&chain()));
        let verified = read.clone().verify(&chain()).expect("signed");
        assert_eq!(verified.id(), read.id());
        assert_eq!(verified.into_inner(), read);
    }
}

#[test]
fn assets_are_counted_over_all_operations() {
    let counts: Vec<_> = transactions()
        .into_iter()
        .map(|signed| Transaction::from_signed(&chain(), signed).expect("valid").asset_count())
        .collect();
    assert_eq!(counts, [1, 2, 3]);
}

#[test]
fn an_envelope_that_does_not_decode_is_refused() {
    let mut bytes = transactions()[0].to_bytes();
    bytes.push(0);
    let error = Transaction::from_bytes(&chain(), &bytes).expect_err("a trailing byte");
    assert_eq!(error, TransactionError::Envelope(DecodeError::TrailingBytes(1)));
    let long = vec![1; TRANSACTION_BYTES_MAX + 1];
    let error = Transaction::from_bytes(&chain(), &long).expect_err("too long");
    assert!(matches!(error, TransactionError::Envelope(DecodeError::TooLong { .. })), "{error}");
}

#[test]
fn a_body_that_does_not_decode_is_refused_although_signed() {
    let mut bytes = body(vec![notarize(vec![asset("a")])]).to_bytes();
    bytes.push(0);
    let error = refusal(&signed_bytes(1, bytes));
    assert_eq!(error, TransactionError::Body(DecodeError::TrailingBytes(1)));
}

#[test]
fn operations_together_name_at_most_4096_assets() {
    let half = TRANSACTION_ASSETS_MAX / 2;
    let full = vec![notarize(many(0, half)), notarize(many(half, half))];
    let transaction = Transaction::from_signed(&chain(), signed(1, &body(full))).expect("4,096");
    assert_eq!(transaction.asset_count(), TRANSACTION_ASSETS_MAX);
    let above = vec![notarize(many(0, half)), notarize(many(half, half + 1))];
    let error = refusal(&signed(1, &body(above)));
    assert_eq!(error, TransactionError::AssetCount(TRANSACTION_ASSETS_MAX + 1));
}

#[test]
fn an_asset_stands_once_in_a_transaction() {
    let twice = vec![asset("a"), asset("b"), asset("a")];
    let within = refusal(&signed(1, &body(vec![notarize(twice)])));
    assert_eq!(within, TransactionError::RepeatedAsset(asset("a").digest));
    let across =
        vec![notarize(vec![asset("a")]), revoke(vec![asset("a")], RevocationReason::Deprecated)];
    assert_eq!(refusal(&signed(1, &body(across))), within);
}

#[test]
fn one_digest_under_two_schemes_is_two_assets() {
    let directory = Asset { scheme: Scheme::Directory, ..asset("a") };
    let both = signed(1, &body(vec![notarize(vec![asset("a"), directory])]));
    assert!(Transaction::from_signed(&chain(), both).is_ok());
}

#[test]
fn an_inadmissible_key_is_refused_before_its_signature_is_looked_at() {
    let good = transactions().remove(0);
    let with_first_byte = |byte| {
        let mut key = [0; 32];
        key[0] = byte;
        key
    };
    for (key, error) in [
        (with_first_byte(1), PublicKeyError::SmallOrder),
        (with_first_byte(2), PublicKeyError::NotAPoint),
    ] {
        let bad = SignedTransaction { public_key: PublicKey(key), ..good.clone() };
        assert_eq!(refusal(&bad), TransactionError::PublicKey(error));
    }
}

#[test]
fn a_signature_by_another_key_over_another_body_chain_or_namespace_is_refused() {
    let good = transactions().remove(0);
    let bytes = good.body.to_vec();
    let wrong = TransactionError::Signature(chain());
    let other_key = SignedTransaction {
        public_key: signed(2, &body(vec![notarize(vec![asset("x")])])).public_key,
        ..good.clone()
    };
    assert_eq!(refusal(&other_key), wrong);
    let other_body =
        SignedTransaction { signature: sign(1, &signing_data(&chain(), b"other")), ..good.clone() };
    assert_eq!(refusal(&other_body), wrong);
    let other_chain = SignedTransaction {
        signature: sign(1, &signing_data(&other_chain(), &bytes)),
        ..good.clone()
    };
    assert_eq!(refusal(&other_chain), wrong);
    let elsewhere = signed_data("git", &message(&chain(), &bytes));
    let other_namespace = SignedTransaction { signature: sign(1, &elsewhere), ..good.clone() };
    assert_eq!(refusal(&other_namespace), wrong);
    let unframed = SignedTransaction { signature: sign(1, &message(&chain(), &bytes)), ..good };
    assert_eq!(refusal(&unframed), wrong);
}

#[test]
fn a_batch_says_of_each_transaction_what_is_said_of_it_alone() {
    let mut all: Vec<_> = (0..20u8)
        .map(|n| signed(n % 3, &body(vec![notarize(vec![asset(&n.to_string())])])))
        .collect();
    for forged in [3, 11] {
        all[forged].signature.0[63] ^= 1;
    }
    let read = |signed: &SignedTransaction| {
        Transaction::from_signed(&chain(), signed.clone()).expect("well formed")
    };
    let batch = Transaction::verify_batch(all.iter().map(read).collect(), &chain());
    let alone: Vec<_> = all.iter().map(|signed| read(signed).verify(&chain())).collect();
    assert_eq!(batch, alone);
    assert_eq!(batch.iter().filter(|verdict| verdict.is_err()).count(), 2);
    assert!(Transaction::verify_batch(vec![], &chain()).is_empty());
}

#[test]
fn an_id_depends_on_chain_key_and_body_but_not_on_the_signature() {
    let good = transactions().remove(0);
    let id = good.id(&chain());
    assert_ne!(good.id(&other_chain()), id);
    let mut resigned = good.clone();
    resigned.signature.0[0] ^= 1;
    assert_eq!(resigned.id(&chain()), id);
    assert_ne!(leaf_hash(&resigned.to_bytes()), leaf_hash(&good.to_bytes()));
    assert_ne!(
        SignedTransaction { public_key: transactions()[1].public_key, ..good }.id(&chain()),
        id
    );
}

#[test]
fn an_operation_gives_its_assets_and_a_reason_its_name() {
    let compromised = revoke(vec![asset("a")], RevocationReason::Compromised);
    assert_eq!(compromised.assets(), [asset("a")]);
    assert!(
        matches!(compromised, Operation::Revoke { reason, .. } if reason.name() == "COMPROMISED")
    );
    assert_eq!(RevocationReason::Deprecated.name(), "DEPRECATED");
}

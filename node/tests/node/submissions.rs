//! Submissions that are not taken: each with its code and the name of its rule.

use tonic::transport::Channel;
use tonic::{Code, Status};
use vouchsafe_keys::SecretKey;
use vouchsafe_proto::v1::vouchsafe_client::VouchsafeClient;
use vouchsafe_proto::v1::{Receipt, SubmitAndWaitRequest, SubmitRequest};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::{ChainId, Digest};
use vouchsafe_types::transaction::{Assets, Operation, Operations, RevocationReason};

use crate::running::{Running, vouchsafed};
use crate::statements::{Author, asset, body, notarize, now_ms, revoke};

type Client = VouchsafeClient<Channel>;

async fn wait(client: &mut Client, transaction: Vec<u8>) -> Result<Receipt, Status> {
    let request = SubmitAndWaitRequest { transaction, wait_ms: 0 };
    client.submit_and_wait(request).await.map(tonic::Response::into_inner)
}

/// Both ways of submitting refuse the transaction with this code and rule.
async fn refused(client: &mut Client, transaction: Vec<u8>, code: Code, rule: &str) {
    let plain = client.submit(SubmitRequest { transaction: transaction.clone() }).await;
    let waited = wait(client, transaction).await;
    for status in [plain.expect_err(rule), waited.expect_err(rule)] {
        assert_eq!(status.code(), code, "{status}");
        let named = status.metadata().get("vouchsafe-rule").expect("a rule");
        assert_eq!(named.to_str().expect("text"), rule, "{status}");
        assert!(status.message().starts_with(rule), "{status}");
    }
}

async fn node() -> (tempfile::TempDir, Running, Author, Client) {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Running::dev(&folder.path().join("home"), &[]);
    let author = Author::admin(&node.home, "dev");
    let client = node.client().await;
    (folder, node, author, client)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_transaction_is_refused_by_name() {
    let (_folder, _node, author, mut client) = node().await;
    let good = author.state(notarize("a file"));
    let code = Code::InvalidArgument;
    refused(&mut client, vec![0; (1 << 20) + 1], code, "TooLong").await;
    refused(&mut client, vec![0; (2 << 20) + 1], code, "RequestBytes").await;
    refused(&mut client, vec![], code, "Malformed").await;
    refused(&mut client, good[..good.len() - 1].to_vec(), code, "Malformed").await;
    refused(&mut client, [good.as_slice(), &[0]].concat(), code, "TrailingBytes").await;
    let version = [&[9], &good[1..]].concat();
    refused(&mut client, version, code, "UnknownVersion").await;
    let mut body_version = good.clone();
    body_version[5] = 9;
    refused(&mut client, body_version, code, "UnknownVersion").await;

    let mut small_order = author.sign(&body(notarize("a file")));
    small_order.public_key.0 = [0; 32];
    refused(&mut client, small_order.to_bytes(), code, "SmallOrder").await;
    let mut forged = author.sign(&body(notarize("a file")));
    forged.signature.0[3] ^= 1;
    refused(&mut client, forged.to_bytes(), code, "Signature").await;

    let twice = Assets::new(vec![asset("x"), asset("x")]).expect("two");
    let twice = author.state(Operation::Notarize { assets: twice });
    refused(&mut client, twice, code, "RepeatedAsset").await;
    let half = |start: usize| {
        let assets = (start..start + 2049).map(|number| asset(&number.to_string())).collect();
        Operation::Notarize { assets: Assets::new(assets).expect("fewer than 4,096") }
    };
    let mut many = body(notarize("a file"));
    many.operations = Operations::new(vec![half(0), half(5000)]).expect("two");
    refused(&mut client, author.sign(&many).to_bytes(), code, "AssetCount").await;
    wait(&mut client, good).await.expect("the unaltered control is taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_chains_transaction_is_refused() {
    let (_folder, _node, mut author, mut client) = node().await;
    author.chain_id = ChainId(Digest([7; 32]));
    let transaction = author.state(notarize("a file"));
    refused(&mut client, transaction, Code::InvalidArgument, "Signature").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_and_far_future_transactions_are_refused() {
    let (_folder, _node, author, mut client) = node().await;
    let mut expired = body(notarize("a file"));
    expired.expiry_ms = now_ms() - 1000;
    let code = Code::FailedPrecondition;
    refused(&mut client, author.sign(&expired).to_bytes(), code, "Expired").await;
    let mut far = body(notarize("a file"));
    far.expiry_ms = now_ms() + 2 * 3_600_000;
    refused(&mut client, author.sign(&far).to_bytes(), code, "ExpiryTooFar").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_signer_is_refused() {
    let (_folder, _node, author, mut client) = node().await;
    let key = SecretKey::generate().expect("random bytes");
    let stranger = Author { chain_id: author.chain_id, key };
    let transaction = stranger.state(notarize("a file"));
    refused(&mut client, transaction, Code::FailedPrecondition, "UnknownSigner").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_transaction_again_returns_the_first_receipt() {
    let (_folder, _node, author, mut client) = node().await;
    let transaction = author.state(notarize("a file"));
    let first = wait(&mut client, transaction.clone()).await.expect("a receipt");
    wait(&mut client, author.state(notarize("another"))).await.expect("a later block");
    assert_eq!(wait(&mut client, transaction.clone()).await.expect("again"), first);
    let submitted = client.submit(SubmitRequest { transaction }).await.expect("as good as new");
    assert_eq!(submitted.into_inner().transaction_id, first.transaction_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_get_their_own_receipts() {
    let (_folder, node, author, _client) = node().await;
    let transactions: Vec<_> =
        (0..200).map(|number| author.state(notarize(&format!("file {number}")))).collect();
    let tasks: Vec<_> = transactions
        .into_iter()
        .enumerate()
        .map(|(number, transaction)| {
            let endpoint = node.channel();
            (number, transaction, endpoint)
        })
        .collect();
    let mut running = Vec::new();
    for (number, transaction, endpoint) in tasks {
        let mut client = VouchsafeClient::new(endpoint.await);
        running.push(tokio::spawn(async move {
            // Two for each: both wait for one transaction.
            let mut other = client.clone();
            let (one, two) = tokio::join!(
                wait(&mut client, transaction.clone()),
                wait(&mut other, transaction.clone())
            );
            assert_eq!(one.expect("a receipt"), two.expect("the same"), "{number}");
        }));
    }
    for task in running {
        task.await.expect("no panic");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn illegal_transitions_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let key_path = folder.path().join("signer");
    let key = SecretKey::generate().expect("random bytes");
    key.write(&key_path, vouchsafe_keys::Protection::Unencrypted, "someone").expect("written");
    let option = format!("{}.pub=dev", key_path.display());
    let node = Running::dev(&folder.path().join("home"), &["--signer", &option]);
    let admin = Author::admin(&node.home, "dev");
    let signer = Author { chain_id: admin.chain_id, key };
    let mut client = node.client().await;
    let client = &mut client;
    let code = Code::FailedPrecondition;

    wait(client, signer.state(revoke("bad", RevocationReason::Compromised))).await.expect("taken");
    refused(client, signer.state(notarize("bad")), code, "TrustNeedsAdmin").await;
    let again = signer.state(revoke("bad", RevocationReason::Compromised));
    refused(client, again, code, "AlreadyUntrusted").await;
    let deprecated = admin.state(revoke("bad", RevocationReason::Deprecated));
    refused(client, deprecated, code, "AlreadyUntrusted").await;
    wait(client, admin.state(notarize("bad"))).await.expect("an admin may trust again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_too_long_is_refused() {
    let (_folder, _node, author, mut client) = node().await;
    let transaction = author.state(notarize("a file"));
    let request = SubmitAndWaitRequest { transaction, wait_ms: 60_001 };
    let status = client.submit_and_wait(request).await.expect_err("long");
    assert!(status.message().starts_with("WaitTime"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_node_says_when_to_try_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = vouchsafed();
    command.args(["dev", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"]);
    command.env("VOUCHSAFED_MEMPOOL_TRANSACTIONS_MAX", "1");
    let node = Running::start(command, &folder.path().join("home"));
    let author = Author::admin(&node.home, "dev");
    let client = node.client().await;
    let refusal = loop {
        let burst: Vec<_> = (0..100)
            .map(|number| {
                let transaction = author.state(notarize(&format!("file {number}")));
                let mut client = client.clone();
                tokio::spawn(async move { client.submit(SubmitRequest { transaction }).await })
            })
            .collect();
        let mut refusals = Vec::new();
        for submission in burst {
            refusals.extend(submission.await.expect("no panic").err());
        }
        if let Some(refusal) = refusals.pop() {
            break refusal;
        }
    };
    assert_eq!(refusal.code(), Code::ResourceExhausted, "{refusal}");
    assert!(refusal.message().contains("try again in"), "{refusal}");
    let after = refusal.metadata().get("retry-after-ms").expect("a time").to_str().expect("text");
    assert!(after.parse::<u64>().expect("milliseconds") > 0);
}

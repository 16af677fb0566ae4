//! What is said to everyone.

use std::sync::Arc;

use vouchsafe_keys::TransactionSigner;
use vouchsafe_replica::Verdict;
use vouchsafe_types::asset::{Asset, Attributes, DisplayName, Scheme};
use vouchsafe_types::canonical::Version;
use vouchsafe_types::hash::{ChainId, sha256};
use vouchsafe_types::transaction::{
    Assets, Body, Operation, Operations, Transaction, VerifiedTransaction,
};

use super::harness::{TestNode, chain, poll, signer, vote};
use crate::network::handle::Command;
use crate::network::metrics::{GossipVerdict, ReceivedLabels, Topic};

fn transaction(chain_id: &ChainId, number: u8) -> Arc<VerifiedTransaction> {
    let asset = Asset {
        scheme: Scheme::Bytes,
        digest: sha256(&[&[number]]),
        size_bytes: 1,
        name: DisplayName::new(String::new()).expect("empty"),
        attributes: Attributes::default(),
    };
    let assets = Assets::new(vec![asset]).expect("one");
    let operations = Operations::new(vec![Operation::Notarize { assets }]).expect("one");
    let body = Body { version: Version, operations, nonce: [number; 16], expiry_ms: u64::MAX };
    let signed = signer().sign_transaction(chain_id, &body).expect("signed");
    let read = Transaction::from_signed(chain_id, signed).expect("well formed");
    Arc::new(read.verify(chain_id).expect("signed"))
}

/// Three nodes in a row: the outer two are not connected with each other.
async fn row() -> [TestNode; 3] {
    let genesis = chain(3);
    let middle = TestNode::start(&genesis, 1, &[]).await;
    let left = TestNode::start(&genesis, 0, &[&middle.address]).await;
    let right = TestNode::start(&genesis, 2, &[&middle.address]).await;
    left.until_connected(middle.number(&genesis)).await;
    right.until_connected(middle.number(&genesis)).await;
    [left, middle, right]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_relayed_only_after_the_verdict() {
    let [left, middle, right] = row().await;
    // The first of them shows that both ways stand.
    let delivery = left.broadcast_until_heard(&vote(0), &middle).await;
    middle.relay(delivery, Verdict::Ignore);
    middle.broadcast_until_heard(&vote(1), &right).await;
    for (round, verdict) in [(2, Verdict::Ignore), (3, Verdict::Reject), (4, Verdict::Accept)] {
        left.broadcast(vote(round));
        let (_, delivery, message) = loop {
            let heard = middle.received().await;
            if heard.2 != vote(0) {
                break heard;
            }
        };
        assert_eq!(message, vote(round));
        middle.relay(delivery, verdict);
    }
    let heard = loop {
        let (_, _, message) = right.received().await;
        if message != vote(1) {
            break message;
        }
    };
    assert_eq!(heard, vote(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_consensus_says_again_is_heard_again() {
    let genesis = chain(2);
    let left = TestNode::start(&genesis, 0, &[]).await;
    let right = TestNode::start(&genesis, 1, &[&left.address]).await;
    right.broadcast_until_heard(&vote(0), &left).await;
    for _ in 0..3 {
        right.broadcast(vote(7));
    }
    let mut heard = 0;
    while heard < 3 {
        heard += usize::from(left.received().await.2 == vote(7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_reach_the_pools_of_all_by_way_of_others() {
    let [left, middle, right] = row().await;
    left.broadcast_until_heard(&vote(0), &middle).await;
    middle.broadcast_until_heard(&vote(0), &right).await;
    let chain_id = chain(3).chain_id();
    let transactions = (0..5).map(|number| transaction(&chain_id, number)).collect();
    assert!(left.network.send(Command::Gossip(transactions)));
    let labels = ReceivedLabels { topic: Topic::Transactions, verdict: GossipVerdict::Accepted };
    for node in [&middle, &right] {
        let accepted = || node.metrics.received.get_or_create(&labels).get();
        poll("the transactions", || (accepted() == 1).then_some(())).await;
    }
}

//! Connections that fail come back, and those that stand are left alone.

use std::net::TcpListener;

use vouchsafe_replica::Event;

use super::harness::{TestNode, chain, node_key, poll};
use crate::network::address::PeerAddress;

/// Addresses on ports that were free a moment ago.
fn free_addresses(count: u8) -> Vec<PeerAddress> {
    let bound: Vec<_> =
        (0..count).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
    (0..count)
        .zip(&bound)
        .map(|(index, listener)| {
            let port = listener.local_addr().expect("bound").port();
            let address = format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address");
            PeerAddress { peer_id: node_key(index).peer_id(), address }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_dial_each_other_at_once_stay_connected() {
    let genesis = chain(4);
    let addresses = free_addresses(4);
    let all: Vec<_> = addresses.iter().collect();
    let mut nodes = Vec::new();
    for (index, own) in (0..).zip(&addresses) {
        let listen = own.address.clone();
        nodes.push(TestNode::start_at(&genesis, index, &all, listen).await);
    }
    let numbers: Vec<_> = nodes.iter().map(|node| node.number(&genesis)).collect();
    for node in &nodes {
        poll("all peers", || (node.metrics.peers.get() == 3).then_some(())).await;
    }
    for node in &mut nodes {
        let others: Vec<_> =
            numbers.iter().filter(|number| **number != node.number(&genesis)).collect();
        for _ in 0..20 {
            for other in &others {
                node.asks_well(**other).await;
            }
        }
    }
    for node in &nodes {
        assert_eq!(node.metrics.peers.get(), 3);
        while let Some(event) = node.inbox.take_peer() {
            assert!(!matches!(event, Event::PeerDisconnected { .. }), "{event:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_again_elsewhere_connects_by_its_own_dialing() {
    let genesis = chain(2);
    let one = TestNode::start(&genesis, 0, &[]).await;
    let mut other = TestNode::start(&genesis, 1, &[&one.address]).await;
    let (first, second) = (one.number(&genesis), other.number(&genesis));
    for _ in 0..3 {
        one.until_connected(second).await;
        other.asks_well(first).await;
        let before = other.address.clone();
        other.stop().await;
        one.until_disconnected(second).await;
        other = TestNode::start(&genesis, 1, &[&one.address]).await;
        assert_ne!(other.address, before);
    }
    one.until_connected(second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_there_yet_is_dialed_until_it_is() {
    let genesis = chain(2);
    let [first, second] = free_addresses(2).try_into().expect("two");
    let one = TestNode::start_at(&genesis, 0, &[&second], first.address).await;
    poll("an attempt", || (one.metrics.failed_dials.get() >= 2).then_some(())).await;
    let other = TestNode::start_at(&genesis, 1, &[], second.address).await;
    one.until_connected(other.number(&genesis)).await;
}

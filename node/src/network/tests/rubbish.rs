//! Peers that send what no honest node sends.

use libp2p::swarm::SwarmEvent;
use vouchsafe_replica::peer::{GOSSIP_BYTES_MAX, REQUEST_BYTES_MAX};
use vouchsafe_replica::{Event, Fault, PeerNumber};

use super::harness::{TestNode, chain, members, poll, vote};
use super::villain::{Villain, VillainBehaviourEvent};
use crate::network::handle::Command;
use crate::network::metrics::{Refusal, RefusalLabels};

/// An honest node, a villain with a member's key, connected, and the villain's number.
async fn meeting() -> (TestNode, Villain, PeerNumber) {
    let genesis = chain(3);
    let one = TestNode::start(&genesis, 0, &[]).await;
    let mut villain = Villain::start(&genesis, 1).await;
    villain.connect(&one.address).await;
    let number = members(&genesis, 0, &[]).number(&villain.address.peer_id).expect("a member");
    one.until_connected(number).await;
    (one, villain, number)
}

/// The villain is dropped, and when it comes again, refused.
async fn is_dropped(one: &TestNode, villain: &mut Villain, number: PeerNumber) {
    let address = one.address.clone();
    let labels = RefusalLabels { reason: Refusal::NotAllowed };
    let refused = async {
        one.until_disconnected(number).await;
        let count = || one.metrics.refused.get_or_create(&labels).get();
        poll("a refusal", || (count() > 0).then_some(())).await;
    };
    villain
        .while_running(refused, |swarm, event| {
            if matches!(event, SwarmEvent::ConnectionClosed { .. }) {
                let _ = swarm.dial(address.address.clone());
            }
        })
        .await;
    assert_eq!(one.metrics.dropped_peers.get(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn gossip_that_cannot_be_read_gets_its_sender_dropped() {
    let (one, mut villain, number) = meeting().await;
    for each in 0..6u8 {
        let (consensus, transactions) =
            (villain.topics.consensus.clone(), villain.topics.transactions.clone());
        let gossip = &mut villain.swarm.behaviour_mut().gossip;
        gossip.publish(consensus, vec![each; 40]).expect("sent");
        gossip.publish(transactions, vec![each; 5]).expect("sent");
    }
    is_dropped(&one, &mut villain, number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_cannot_be_read_get_their_sender_dropped() {
    let (one, mut villain, number) = meeting().await;
    let too_long = u32::try_from(REQUEST_BYTES_MAX + 1).expect("fits").to_le_bytes().to_vec();
    for _ in 0..6 {
        let requests = &mut villain.swarm.behaviour_mut().requests;
        requests.send_request(&one.address.peer_id, too_long.clone());
        requests.send_request(&one.address.peer_id, vec![1, 0, 0, 0, 99]);
    }
    is_dropped(&one, &mut villain, number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_replica_blames_again_and_again_is_dropped() {
    let (one, mut villain, number) = meeting().await;
    for _ in 0..6 {
        let fault = Fault::FalseAnswer;
        assert!(one.network.send(Command::Blame { peer: number, fault }));
    }
    is_dropped(&one, &mut villain, number).await;
    assert_eq!(one.metrics.blamed.get(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn gossip_over_its_bound_is_refused_and_others_are_heard() {
    let genesis = chain(3);
    let (one, mut villain, _) = meeting().await;
    let consensus = villain.topics.consensus.clone();
    let too_long = vec![0; GOSSIP_BYTES_MAX + 2000];
    villain.swarm.behaviour_mut().gossip.publish(consensus, too_long).expect("sent");
    let honest = TestNode::start(&genesis, 2, &[&one.address]).await;
    honest.until_connected(one.number(&genesis)).await;
    let said = vote(3);
    let hearing = honest.broadcast_until_heard(&said, &one);
    villain
        .while_running(hearing, |_, event| {
            if let SwarmEvent::Behaviour(VillainBehaviourEvent::Requests(event)) = event {
                panic!("nothing was asked: {event:?}");
            }
        })
        .await;
    while let Some(event) = one.inbox.take_peer() {
        if let Event::Received { message, .. } = event {
            assert_eq!(message, vote(3));
        }
    }
}

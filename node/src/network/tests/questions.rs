//! Each question has one answer, whatever becomes of it.

use std::collections::BTreeMap;

use libp2p::request_response::{Event as RequestEvent, Message};
use libp2p::swarm::SwarmEvent;
use vouchsafe_replica::PeerNumber;
use vouchsafe_replica::peer::RESPONSE_BYTES_MAX;

use super::harness::{TestNode, chain, members};
use super::villain::{Villain, VillainBehaviourEvent};
use crate::network::metrics::{RequestResult, RequestResultLabels};

#[tokio::test(flavor = "multi_thread")]
async fn many_questions_at_once_are_each_answered_once() {
    let genesis = chain(2);
    let other = TestNode::start(&genesis, 1, &[]).await;
    let mut one = TestNode::start(&genesis, 0, &[&other.address]).await;
    let number = other.number(&genesis);
    one.until_connected(number).await;
    one.asks_well(number).await;
    // More than are served at a time, and some to nobody.
    let asked: Vec<_> =
        (0..60).map(|each| one.ask(if each % 6 == 5 { PeerNumber(77) } else { number })).collect();
    let mut answered = BTreeMap::new();
    for _ in &asked {
        let (request, response) = one.answer().await;
        assert_eq!(answered.insert(request, response.is_some()), None);
    }
    assert_eq!(answered.keys().copied().collect::<Vec<_>>(), asked);
    one.asks_well(number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_rubbish_and_leaving_are_no_answer() {
    let genesis = chain(2);
    let mut one = TestNode::start(&genesis, 0, &[]).await;
    let mut villain = Villain::start(&genesis, 1).await;
    let number = members(&genesis, 0, &[]).number(&villain.address.peer_id).expect("a member");
    // Nobody is there.
    one.ask(number);
    assert_eq!(one.answer().await.1, None);
    villain.connect(&one.address).await;
    one.until_connected(number).await;
    let too_long = u32::try_from(RESPONSE_BYTES_MAX + 1).expect("fits").to_le_bytes().to_vec();
    let mut replies = [Some(too_long), Some(vec![2, 0, 0, 0, 9, 9]), Some(vec![1]), None]
        .into_iter()
        .cycle()
        .take(4);
    let mut held = Vec::new();
    let holds = tokio::sync::Notify::new();
    let asking = async {
        for _ in 0..4 {
            let asked = one.ask(number);
            assert_eq!(one.answer().await, (asked, None));
        }
        // This one is held, and then the villain leaves: not before, or nobody would be connected
        // any more when the question is put.
        let asked = one.ask(number);
        holds.notified().await;
        asked
    };
    let act = |swarm: &mut libp2p::Swarm<_>, event| {
        let SwarmEvent::Behaviour(VillainBehaviourEvent::Requests(RequestEvent::Message {
            message: Message::Request { channel, .. },
            ..
        })) = event
        else {
            return;
        };
        let behaviour: &mut super::villain::VillainBehaviour = swarm.behaviour_mut();
        match replies.next() {
            Some(Some(bytes)) => {
                behaviour.requests.send_response(channel, bytes).expect("open");
            }
            Some(None) => drop(channel),
            None => {
                held.push(channel);
                holds.notify_one();
            }
        }
    };
    let last = villain.while_running(asking, act).await;
    drop(villain);
    assert_eq!(one.answer().await, (last, None));
    let count = |result| one.metrics.requests.get_or_create(&RequestResultLabels { result }).get();
    assert_eq!(count(RequestResult::Rubbish), 2);
    assert_eq!(count(RequestResult::NotConnected), 1);
    assert_eq!(count(RequestResult::Failed), 3);
    assert_eq!(count(RequestResult::Answered), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_holds_an_answer_back_is_not_waited_for_for_ever() {
    let genesis = chain(2);
    let mut one = TestNode::start(&genesis, 0, &[]).await;
    let mut villain = Villain::start(&genesis, 1).await;
    let number = members(&genesis, 0, &[]).number(&villain.address.peer_id).expect("a member");
    villain.connect(&one.address).await;
    one.until_connected(number).await;
    let mut held = Vec::new();
    let asking = async {
        let asked = one.ask(number);
        assert_eq!(one.answer().await, (asked, None));
    };
    villain.while_running(asking, |_, event| held.push(event)).await;
    // On a busy machine its silence may end the connection before the request's own time is over.
    let count = |result| one.metrics.requests.get_or_create(&RequestResultLabels { result }).get();
    assert_eq!(count(RequestResult::Timeout) + count(RequestResult::Failed), 1);
    assert_eq!(count(RequestResult::Answered), 0);
}

//! Who may connect.

use libp2p::swarm::SwarmEvent;

use super::harness::{TestNode, any_port, chain, members, node_key};
use super::villain::Villain;
use crate::network::address::PeerAddress;
use crate::network::members::{Members, MembershipError};
use crate::network::metrics::{Refusal, RefusalLabels};
use crate::network::start::{Bound, NetworkError};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_refused_and_members_are_served_meanwhile() {
    let genesis = chain(2);
    let one = TestNode::start(&genesis, 0, &[]).await;
    let mut other = TestNode::start(&genesis, 1, &[&one.address]).await;
    let number = one.number(&genesis);
    other.until_connected(number).await;
    let mut stranger = Villain::start(&genesis, 9).await;
    stranger.dial(&one.address);
    let labels = RefusalLabels { reason: Refusal::NotAllowed };
    let refused = || one.metrics.refused.get_or_create(&labels).get();
    let serving = async {
        while refused() < 20 {
            other.asks_well(number).await;
        }
    };
    let address = one.address.clone();
    stranger
        .while_running(serving, |swarm, event| {
            // It never learns anything but that it is not wanted, and comes again.
            if matches!(event, SwarmEvent::Behaviour(_)) {
                panic!("a stranger was served: {event:?}");
            }
            let closed = matches!(
                event,
                SwarmEvent::ConnectionClosed { .. } | SwarmEvent::OutgoingConnectionError { .. }
            );
            if closed {
                let _ = swarm.dial(address.address.clone());
            }
        })
        .await;
    assert_eq!(one.metrics.peers.get(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_no_member_or_of_two_are_refused() {
    let genesis = chain(2);
    let own = members(&genesis, 0, &[]);
    assert_eq!(own.others().count(), 1);
    let validators = genesis.validators();
    let (first, second) = (&validators[0], &validators[1]);
    let new = |key: &_, peer_id| Members::new(&genesis, key, peer_id, &[]).err();
    let stranger = node_key(9);
    assert_eq!(
        new(&stranger.public_key(), stranger.peer_id()),
        Some(MembershipError::NotAMember(stranger.peer_id().to_base58()))
    );
    assert!(matches!(
        new(&first.consensus_key, second.peer_id),
        Some(MembershipError::OtherNodeKey { .. })
    ));
    assert!(matches!(
        new(&stranger.public_key(), second.peer_id),
        Some(MembershipError::OtherConsensusKey { .. })
    ));
    let address = PeerAddress { peer_id: stranger.peer_id(), address: any_port() };
    let named = Members::new(&genesis, &first.consensus_key, first.peer_id, &[address]);
    assert!(matches!(named.err(), Some(MembershipError::PeerNotAMember { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_refused_before_anything_runs() {
    let genesis = chain(2);
    let one = TestNode::start(&genesis, 0, &[]).await;
    let taken = Some(one.address.address.clone());
    let again = Bound::bind(&genesis, &node_key(1), members(&genesis, 1, &[]), taken).await;
    let error = again.err().expect("in use");
    assert!(matches!(error, NetworkError::Listen { .. }), "{error}");
    assert!(error.to_string().contains("p2p.listen"), "{error}");
}

//! Requests that are under way, of this node and of its peers.

use std::collections::BTreeMap;
use std::time::Instant;

use libp2p::request_response::InboundRequestId;
use vouchsafe_replica::{PeerNumber, RequestNumber};

/// The most requests of one peer at a time, from their arrival until their answer is sent.
const PER_PEER_MAX: usize = 2;
/// The most of all peers: each holds an answer of up to 16 MiB.
const TOTAL_MAX: usize = 16;

/// A request of this node without an answer.
pub(super) struct Question {
    pub(super) peer: PeerNumber,
    pub(super) number: RequestNumber,
    pub(super) asked: Instant,
}

/// Peers' requests whose answer is not sent yet.
#[derive(Default)]
pub(super) struct Serving(BTreeMap<InboundRequestId, PeerNumber>);

impl Serving {
    /// Begins a request if there is room for it. Returns whether there was.
    pub(super) fn begin(&mut self, id: InboundRequestId, peer: PeerNumber) -> bool {
        let of_peer = self.0.values().filter(|known| **known == peer).count();
        let room = of_peer < PER_PEER_MAX && self.0.len() < TOTAL_MAX;
        if room {
            self.0.insert(id, peer);
        }
        room
    }

    /// The answer is sent, or never will be.
    pub(super) fn end(&mut self, id: InboundRequestId) {
        self.0.remove(&id);
    }
}

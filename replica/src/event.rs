//! What happens to a replica.

use vouchsafe_types::hash::BlockId;
use vouchsafe_types::identity::Address;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::effect::Timer;
use crate::peer::{PeerMessage, Response};

/// A peer, as the driver numbers them: the same node keeps its number as long as this one runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PeerNumber(pub u64);

/// A message that was delivered, as the driver numbers them: it is relayed only after
/// [`Effect::Relay`](crate::Effect::Relay).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Delivery(pub u64);

/// A request of this replica. Never used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RequestNumber(pub u64);

/// Where a transaction came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Somebody handed it in at this node, which tells the others.
    Client,
    /// Another node gossiped it, and the network relays it.
    Peer,
}

/// One event for [`Replica::handle`](crate::Replica::handle).
#[derive(Clone, Debug)]
pub enum Event {
    /// The node runs: once, before anything else.
    Started,
    /// A transaction came whose signature was verified.
    Submitted {
        /// Names the answer, [`Effect::Admitted`](crate::Effect::Admitted).
        ticket: u64,
        /// The transaction.
        transaction: Box<VerifiedTransaction>,
        /// Where it came from.
        origin: Origin,
    },
    /// A member of the network is connected, and was not before.
    PeerConnected {
        /// Who.
        peer: PeerNumber,
        /// Its validator's address; none for an observer.
        address: Option<Address>,
    },
    /// A peer is not connected any more. Its requests will not be answered.
    PeerDisconnected {
        /// Who.
        peer: PeerNumber,
    },
    /// A peer sent something. Nothing in it is trusted.
    Received {
        /// Who handed it on; its author is another, perhaps.
        from: PeerNumber,
        /// Names the verdict, [`Effect::Relay`](crate::Effect::Relay).
        delivery: Delivery,
        /// What.
        message: PeerMessage,
    },
    /// What became of [`Effect::Ask`](crate::Effect::Ask): once for each.
    Answered {
        /// Which request.
        request: RequestNumber,
        /// The answer. None: it did not come in time, did not decode, or the peer has gone.
        response: Option<Box<Response>>,
    },
    /// A timer fired that [`Effect::SetTimer`](crate::Effect::SetTimer) asked for.
    TimerElapsed(Timer),
    /// [`Effect::StoreBody`](crate::Effect::StoreBody) was carried out: the body is durable.
    BodyStored {
        /// The block.
        block_id: BlockId,
    },
    /// [`Effect::Commit`](crate::Effect::Commit) was carried out: the height is durable.
    Committed {
        /// The height.
        height: u64,
    },
}

//! What happens to a replica.

use vouchsafe_types::hash::BlockId;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::effect::{PeerMessage, Timer};

/// A peer, as the driver numbers them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PeerNumber(pub u64);

/// One event for [`Replica::handle`](crate::Replica::handle).
#[derive(Clone, Debug)]
pub enum Event {
    /// The node runs: once, before anything else.
    Started,
    /// Somebody handed in a transaction whose signature was verified.
    Submitted {
        /// Names the answer, [`Effect::Admitted`](crate::Effect::Admitted).
        ticket: u64,
        /// The transaction.
        transaction: Box<VerifiedTransaction>,
    },
    /// A peer sent something. Nothing in it is trusted.
    Received {
        /// Who.
        from: PeerNumber,
        /// What.
        message: PeerMessage,
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

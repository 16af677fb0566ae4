//! Questions that are open.

use std::collections::BTreeMap;

use vouchsafe_types::hash::BlockId;

use crate::event::{PeerNumber, RequestNumber};

/// What an answer is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// How far is the peer?
    Survey,
    /// Blocks to catch up with.
    Blocks {
        /// The first height.
        from: u64,
        /// How many.
        count: u32,
    },
    /// A block that others voted for.
    Block(BlockId),
    /// Transactions of a proposed block.
    Transactions(BlockId),
}

/// An open question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) peer: PeerNumber,
    pub(crate) purpose: Purpose,
    /// When it was asked, in milliseconds since 1970.
    pub(crate) asked_ms: u64,
}

/// All open questions.
#[derive(Default)]
pub(crate) struct Requests {
    next: u64,
    open: BTreeMap<RequestNumber, Open>,
}

impl Requests {
    pub(crate) fn open(
        &mut self,
        peer: PeerNumber,
        purpose: Purpose,
        asked_ms: u64,
    ) -> RequestNumber {
        let number = RequestNumber(self.next);
        self.next += 1;
        self.open.insert(number, Open { peer, purpose, asked_ms });
        number
    }

    /// Ends a question. None: its peer went away before.
    pub(crate) fn close(&mut self, number: RequestNumber) -> Option<Open> {
        self.open.remove(&number)
    }

    /// Ends every question to a peer, and says which they were.
    pub(crate) fn close_all(&mut self, peer: PeerNumber) -> Vec<Open> {
        let all = self.open.extract_if(.., |_, open| open.peer == peer);
        all.map(|(_, open)| open).collect()
    }

    pub(crate) fn is_open(&self, purpose: Purpose) -> bool {
        self.open.values().any(|open| open.purpose == purpose)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }
}

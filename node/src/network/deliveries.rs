//! Messages that were handed to the replica and wait for its verdict.

use std::collections::BTreeMap;

use libp2p::PeerId;
use libp2p::gossipsub::MessageId;
use vouchsafe_replica::Delivery;

/// The most messages that wait for a verdict. The oldest makes room.
const DELIVERIES_MAX: usize = 8192;

/// A message as gossipsub knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pending {
    pub(crate) message_id: MessageId,
    pub(crate) source: PeerId,
}

/// All that wait.
#[derive(Default)]
pub(crate) struct Deliveries {
    pending: BTreeMap<u64, Pending>,
    next: u64,
}

impl Deliveries {
    /// Numbers a message. Returns the oldest one if there was no room: its verdict comes too late.
    pub(crate) fn insert(&mut self, message: Pending) -> (Delivery, Option<Pending>) {
        let oldest = (self.pending.len() >= DELIVERIES_MAX).then(|| self.pending.pop_first());
        let number = self.next;
        self.next += 1;
        self.pending.insert(number, message);
        (Delivery(number), oldest.flatten().map(|(_, message)| message))
    }

    /// Takes a message whose verdict has come; none if it made room, or had its verdict.
    pub(crate) fn take(&mut self, delivery: Delivery) -> Option<Pending> {
        self.pending.remove(&delivery.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: usize) -> Pending {
        let id = number.to_le_bytes();
        Pending { message_id: MessageId::new(&id), source: PeerId::random() }
    }

    #[test]
    fn a_verdict_is_taken_once() {
        let mut deliveries = Deliveries::default();
        let waiting = message(1);
        let (delivery, none) = deliveries.insert(waiting.clone());
        assert_eq!(none, None);
        assert_eq!(deliveries.take(delivery), Some(waiting));
        assert_eq!(deliveries.take(delivery), None);
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut deliveries = Deliveries::default();
        let first = message(0);
        let (delivery, _) = deliveries.insert(first.clone());
        for number in 1..DELIVERIES_MAX {
            assert_eq!(deliveries.insert(message(number)).1, None);
        }
        assert_eq!(deliveries.insert(message(DELIVERIES_MAX)).1, Some(first));
        assert_eq!(deliveries.take(delivery), None);
    }
}

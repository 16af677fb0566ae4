//! What waits for the replica: what peers said first, then transactions in batches.
//!
//! ```text
//! network ── peer, received ──▶ peers' events (a share for each peer) ─┐
//!            (never waits)                                             ├─▶ replica thread
//! admission ── submit ────────▶ batches of transactions ───────────────┘
//!              (waits for room)
//! ```
//!
//! Votes go before transactions: a node that is offered more transactions than it can judge must
//! still decide. No peer can take another one's place, since each has a share of its own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vouchsafe_replica::{Event, PeerNumber};

use crate::admission::VerifiedBatch;

/// The most batches that wait for the replica.
const BATCHES_MAX: usize = 16;
/// The most messages of one peer that wait for the replica: the votes of many rounds.
const SHARE_MESSAGES_MAX: usize = 512;
/// The most bytes of them: two messages of the greatest length.
const SHARE_BYTES_MAX: usize = 8 << 20;

/// What waits of one peer.
#[derive(Default)]
struct Share {
    messages: usize,
    bytes: usize,
}

/// An event that a peer caused.
struct Waiting {
    event: Event,
    /// Whose share it takes, and how many bytes of it.
    share: Option<(PeerNumber, usize)>,
}

#[derive(Default)]
struct State {
    peers: VecDeque<Waiting>,
    shares: BTreeMap<PeerNumber, Share>,
    batches: VecDeque<VerifiedBatch>,
    stop: bool,
    /// The replica takes no more.
    closed: bool,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    room: Condvar,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic halfway through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the thread when the last way to it is gone.
struct Ways(Arc<Shared>);

impl Drop for Ways {
    fn drop(&mut self) {
        self.0.state().stop = true;
        self.0.arrived.notify_one();
    }
}

/// The way to the replica's thread.
#[derive(Clone)]
pub(crate) struct ReplicaQueue(Arc<Ways>);

/// The thread's own end.
pub(crate) struct Inbox(Arc<Shared>);

/// Makes the two ends.
pub(crate) fn channel() -> (ReplicaQueue, Inbox) {
    let shared = Arc::new(Shared::default());
    (ReplicaQueue(Arc::new(Ways(Arc::clone(&shared)))), Inbox(shared))
}

impl ReplicaQueue {
    fn shared(&self) -> &Shared {
        &self.0.0
    }

    /// Hands in a batch, waiting for room. Returns whether the replica still takes any.
    pub(crate) fn submit(&self, batch: VerifiedBatch) -> bool {
        let mut state = self.shared().state();
        while state.batches.len() >= BATCHES_MAX && !state.closed {
            state = self.shared().room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let open = !state.closed;
        if open {
            state.batches.push_back(batch);
            self.shared().arrived.notify_one();
        }
        open
    }

    /// Hands in a message of a peer, without waiting. Returns whether there was room in its share.
    pub(crate) fn received(&self, from: PeerNumber, bytes: usize, event: Event) -> bool {
        let mut state = self.shared().state();
        let share = state.shares.entry(from).or_default();
        if share.messages >= SHARE_MESSAGES_MAX || share.bytes + bytes > SHARE_BYTES_MAX {
            return false;
        }
        share.messages += 1;
        share.bytes += bytes;
        state.peers.push_back(Waiting { event, share: Some((from, bytes)) });
        self.shared().arrived.notify_one();
        true
    }

    /// Hands in what must not be lost: that a peer came or went, and answers. They are as many as
    /// the replica asked for and as connections change, and so are not counted.
    pub(crate) fn peer(&self, event: Event) {
        self.shared().state().peers.push_back(Waiting { event, share: None });
        self.shared().arrived.notify_one();
    }

    /// Asks the thread to end after what it is at.
    pub(crate) fn stop(&self) {
        self.shared().state().stop = true;
        self.shared().arrived.notify_one();
    }
}

impl Inbox {
    /// The oldest event of the peers.
    pub(crate) fn take_peer(&self) -> Option<Event> {
        let mut state = self.0.state();
        let Waiting { event, share } = state.peers.pop_front()?;
        if let Some((peer, bytes)) = share {
            let share = state.shares.entry(peer).or_default();
            share.messages -= 1;
            share.bytes -= bytes;
        }
        Some(event)
    }

    /// The oldest batch.
    pub(crate) fn take_batch(&self) -> Option<VerifiedBatch> {
        let batch = self.0.state().batches.pop_front()?;
        self.0.room.notify_one();
        Some(batch)
    }

    /// Is the thread to end?
    pub(crate) fn stopping(&self) -> bool {
        self.0.state().stop
    }

    /// Sleeps until something is there, at most for a while.
    pub(crate) fn wait(&self, most: Duration) {
        let empty =
            |state: &mut State| state.peers.is_empty() && state.batches.is_empty() && !state.stop;
        let waited = self.0.arrived.wait_timeout_while(self.0.state(), most, empty);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Inbox {
    /// Nothing will be judged any more: whoever waits for room or for an answer is sent away.
    fn drop(&mut self) {
        let left = {
            let mut state = self.0.state();
            state.closed = true;
            state.peers.clear();
            std::mem::take(&mut state.batches)
        };
        self.0.room.notify_all();
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: PeerNumber = PeerNumber(1);

    fn event() -> Event {
        Event::PeerDisconnected { peer: PEER }
    }

    #[test]
    fn a_peer_has_a_share_that_no_other_can_take() {
        let (queue, inbox) = channel();
        for _ in 0..SHARE_MESSAGES_MAX {
            assert!(queue.received(PEER, 1, event()));
        }
        assert!(!queue.received(PEER, 1, event()));
        assert!(queue.received(PeerNumber(2), SHARE_BYTES_MAX, event()));
        assert!(!queue.received(PeerNumber(2), 1, event()));
        // What must not be lost takes no share.
        queue.peer(event());
        assert!(inbox.take_peer().is_some());
        assert!(queue.received(PEER, 1, event()));
    }

    #[test]
    fn a_full_queue_of_batches_waits_for_room() {
        let (queue, inbox) = channel();
        let filling = std::thread::spawn(move || {
            for _ in 0..=BATCHES_MAX {
                assert!(queue.submit(Vec::new()));
            }
            queue
        });
        let mut taken = 0;
        while taken <= BATCHES_MAX {
            inbox.wait(Duration::from_secs(1));
            taken += usize::from(inbox.take_batch().is_some());
        }
        let queue = filling.join().expect("no panic");
        drop(inbox);
        assert!(!queue.submit(Vec::new()));
    }

    #[test]
    fn the_thread_ends_when_told_or_when_nobody_can_reach_it() {
        let (queue, inbox) = channel();
        assert!(!inbox.stopping());
        queue.stop();
        inbox.wait(Duration::from_secs(60));
        assert!(inbox.stopping());
        let (queue, inbox) = channel();
        drop(queue.clone());
        assert!(!inbox.stopping());
        drop(queue);
        assert!(inbox.stopping());
    }
}

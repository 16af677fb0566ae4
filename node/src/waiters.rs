//! Who waits for which transaction.
//!
//! ```text
//! SubmitAndWait ── register(id) ──▶ Waiter ◀── settle(id, outcome) ── replica thread
//!                                     └ dropped with its request: the place is free again
//! ```

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::oneshot;

/// The most requests that wait for a receipt at one time.
pub(crate) const WAITERS_MAX: usize = 8192;

/// Why nobody more can wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WaitError {
    /// [`WAITERS_MAX`] wait already.
    #[error("{WAITERS_MAX} requests already wait for a receipt on this node")]
    Full,
    /// The node stops.
    #[error("the node is stopping")]
    Closed,
}

/// All who wait. Clones share one list.
pub(crate) struct Waiters<K, O>(Arc<Mutex<List<K, O>>>);

struct List<K, O> {
    waiting: BTreeMap<K, BTreeMap<u64, oneshot::Sender<O>>>,
    count: usize,
    next_number: u64,
    closed: bool,
}

/// One who waits. Dropping it gives up.
pub(crate) struct Waiter<K: Ord + Copy, O> {
    key: K,
    number: u64,
    receiver: oneshot::Receiver<O>,
    waiters: Waiters<K, O>,
}

impl<K, O> Clone for Waiters<K, O> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Ord + Copy, O: Clone> Waiters<K, O> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(List {
            waiting: BTreeMap::new(),
            count: 0,
            next_number: 0,
            closed: false,
        })))
    }

    /// Waits for a transaction, beside others who may wait for the same one.
    ///
    /// # Errors
    /// [`WaitError`].
    pub(crate) fn register(&self, key: K) -> Result<Waiter<K, O>, WaitError> {
        let mut list = self.list();
        if list.closed {
            return Err(WaitError::Closed);
        }
        if list.count >= WAITERS_MAX {
            return Err(WaitError::Full);
        }
        let number = list.next_number;
        let (sender, receiver) = oneshot::channel();
        list.next_number += 1;
        list.count += 1;
        list.waiting.entry(key).or_default().insert(number, sender);
        Ok(Waiter { key, number, receiver, waiters: self.clone() })
    }

    /// Tells everyone who waits for a transaction what became of it.
    pub(crate) fn settle(&self, key: K, outcome: &O) {
        let settled = {
            let mut list = self.list();
            let settled = list.waiting.remove(&key).unwrap_or_default();
            list.count -= settled.len();
            settled
        };
        for sender in settled.into_values() {
            // Whoever gave up meanwhile is not told.
            let _ = sender.send(outcome.clone());
        }
    }

    /// Sends everyone away: nothing will be settled any more.
    pub(crate) fn close(&self) {
        let mut list = self.list();
        list.closed = true;
        list.count = 0;
        list.waiting.clear();
    }
}

impl<K, O> Waiters<K, O> {
    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.list().count
    }

    fn list(&self) -> MutexGuard<'_, List<K, O>> {
        self.0.lock().expect("nothing that can panic runs under this lock")
    }
}

impl<K: Ord + Copy, O> Waiter<K, O> {
    /// What became of the transaction; nothing if the node stops first.
    pub(crate) async fn outcome(&mut self) -> Option<O> {
        (&mut self.receiver).await.ok()
    }
}

impl<K: Ord + Copy, O> Drop for Waiter<K, O> {
    fn drop(&mut self) {
        let mut list = self.waiters.list();
        let Some(others) = list.waiting.get_mut(&self.key) else { return };
        if others.remove(&self.number).is_some() {
            if others.is_empty() {
                list.waiting.remove(&self.key);
            }
            list.count -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everyone_who_waits_for_one_transaction_is_told() {
        let waiters = Waiters::new();
        let mut first = waiters.register(1).expect("room");
        let mut second = waiters.register(1).expect("room");
        let other = waiters.register(2).expect("room");
        waiters.settle(1, &"done");
        assert_eq!(first.outcome().await, Some("done"));
        assert_eq!(second.outcome().await, Some("done"));
        assert_eq!(waiters.count(), 1);
        drop(other);
        assert_eq!(waiters.count(), 0);
    }

    #[test]
    fn whoever_gives_up_leaves_the_place_free() {
        let waiters = Waiters::<_, ()>::new();
        let mut all: Vec<_> =
            (0..WAITERS_MAX).map(|key| waiters.register(key).expect("room")).collect();
        assert!(matches!(waiters.register(0), Err(WaitError::Full)));
        all.pop();
        assert!(waiters.register(0).is_ok());
        assert_eq!(waiters.count(), WAITERS_MAX - 1);
    }

    #[tokio::test]
    async fn a_stopping_node_sends_everyone_away() {
        let waiters = Waiters::<_, ()>::new();
        let mut waiter = waiters.register(1).expect("room");
        waiters.close();
        assert_eq!(waiter.outcome().await, None);
        drop(waiter);
        assert_eq!(waiters.count(), 0);
        assert!(matches!(waiters.register(1), Err(WaitError::Closed)));
    }
}

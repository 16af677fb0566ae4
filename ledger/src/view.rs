//! One committed block as the read path sees it, and the place where the newest one is published.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use vouchsafe_types::hash::BlockId;

use crate::tree::StateTree;

/// A committed block's header, certificate and state: immutable, so that an answer made from it
/// agrees with itself whatever is committed meanwhile.
#[derive(Clone, Debug)]
pub struct View {
    /// The height; 0 before block 1.
    pub height: u64,
    /// The block's id.
    pub block_id: BlockId,
    /// The block's time, in milliseconds since 1970.
    pub time_ms: u64,
    /// The header's canonical bytes; none at height 0.
    pub header: Option<Arc<[u8]>>,
    /// The certificate's canonical bytes; none at height 0.
    pub certificate: Option<Arc<[u8]>>,
    /// The state after the block.
    pub tree: StateTree,
}

/// Where the newest view is published.
pub(crate) struct Published {
    newest: Mutex<Arc<View>>,
    changed: Condvar,
}

impl Published {
    pub(crate) fn new(view: View) -> Self {
        Self { newest: Mutex::new(Arc::new(view)), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<View>> {
        // Only a pointer is replaced under the lock: it is whole whatever its holder did.
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn newest(&self) -> Arc<View> {
        Arc::clone(&self.lock())
    }

    pub(crate) fn publish(&self, view: View) {
        *self.lock() = Arc::new(view);
        self.changed.notify_all();
    }

    /// The newest view once it is of another height; none if it is not within this time.
    pub(crate) fn await_after(&self, height: u64, at_most: Duration) -> Option<Arc<View>> {
        let newest = self.lock();
        let (newest, waited) = self
            .changed
            .wait_timeout_while(newest, at_most, |view| view.height == height)
            .unwrap_or_else(PoisonError::into_inner);
        (!waited.timed_out()).then(|| Arc::clone(&newest))
    }
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::header::GENESIS_PARENT;

    use super::*;

    fn view(height: u64) -> View {
        View {
            height,
            block_id: GENESIS_PARENT,
            time_ms: 0,
            header: None,
            certificate: None,
            tree: StateTree::default(),
        }
    }

    #[test]
    fn a_view_of_another_height_is_not_waited_for() {
        let published = Published::new(view(2));
        let newer = published.await_after(1, Duration::ZERO);
        assert_eq!(newer.map(|view| view.height), Some(2));
    }

    #[test]
    fn without_another_view_the_wait_ends() {
        let published = Published::new(view(1));
        assert!(published.await_after(1, Duration::from_millis(1)).is_none());
    }

    #[test]
    fn who_waits_is_woken_by_the_next_view() {
        let published = Arc::new(Published::new(view(1)));
        let waiting = {
            let published = Arc::clone(&published);
            std::thread::spawn(move || published.await_after(1, Duration::from_secs(60)))
        };
        published.publish(view(2));
        let newer = waiting.join().expect("no panic");
        assert_eq!(newer.map(|view| view.height), Some(2));
    }
}

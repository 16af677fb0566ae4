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

    /// Waits until the newest view is of another height, at most so long.
    pub(crate) fn await_after(&self, height: u64, at_most: Duration) {
        let newest = self.lock();
        drop(self.changed.wait_timeout_while(newest, at_most, |view| view.height == height));
    }
}

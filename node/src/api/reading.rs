//! Reads that may wait for the disk run beside the threads that serve requests.

use tonic::Status;
use vouchsafe_ledger::{Reader, RocksStore};

use crate::state::NodeState;

/// Runs a read that may wait for the disk beside the threads that serve requests.
///
/// # Errors
/// The read's own status, or INTERNAL when it panics.
pub(super) async fn read_blocking<T: Send + 'static>(
    state: &NodeState,
    read: impl FnOnce(&Reader<RocksStore>) -> Result<T, Status> + Send + 'static,
) -> Result<T, Status> {
    let reader = state.reader().clone();
    tokio::task::spawn_blocking(move || read(&reader))
        .await
        .map_err(|_| Status::internal("a read failed in this node: ask another one"))?
}

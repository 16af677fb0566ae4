//! Blocks as they are committed.
//!
//! A reader is told only *that* the chain grew and takes every block from the store: one that is
//! slow falls behind and catches up, and never misses a block or holds one in memory.

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use vouchsafe_proto::v1::GetBlockResponse;

use super::blocks;
use super::reading::read_blocking;
use crate::state::NodeState;

/// The streams that are read at once: each may hold [`READY_MAX`] blocks in memory.
pub(super) const STREAMS_MAX: usize = 128;
/// The blocks that a stream holds ready for its reader.
const READY_MAX: usize = 2;

/// A stream from a height on; 0: from the next one to be committed. The permit is its place among
/// [`STREAMS_MAX`].
pub(super) fn blocks_from(
    state: NodeState,
    from_height: u64,
    with_body: bool,
    permit: OwnedSemaphorePermit,
) -> ReceiverStream<Result<GetBlockResponse, Status>> {
    let (sender, receiver) = mpsc::channel(READY_MAX);
    let first = if from_height == 0 { state.height() + 1 } else { from_height };
    tokio::spawn(async move {
        let _permit = permit;
        let stopping = state.stopping();
        tokio::select! {
            () = send_all(&state, first, with_body, &sender) => {}
            () = sender.closed() => {}
            () = stopping.begun() => {
                let text = "the node is stopping: go on from the next height elsewhere or later";
                // A reader that left, or is too slow to be told, sees the stream end.
                let _ = sender.try_send(Err(Status::unavailable(text)));
            }
        }
    });
    ReceiverStream::new(receiver)
}

/// Sends block after block until the reader leaves, a read fails, or the replica ends.
async fn send_all(
    state: &NodeState,
    first: u64,
    with_body: bool,
    sender: &mpsc::Sender<Result<GetBlockResponse, Status>>,
) {
    let mut heights = state.heights();
    let mut next = first;
    while heights.wait_for(|height| *height >= next).await.is_ok() {
        let block =
            read_blocking(state, move |reader| blocks::block(reader.store(), next, with_body));
        let block = block.await;
        let failed = block.is_err();
        if sender.send(block).await.is_err() || failed {
            return;
        }
        next += 1;
    }
}

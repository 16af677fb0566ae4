//! Blocks as they are committed, and records as they change.
//!
//! A reader is told only *that* the chain grew and takes what it wants from the store: one that is
//! slow falls behind and catches up, and never misses a block or holds one in memory.
//!
//! ```text
//! height h ─┬─ block h ──────────────────────────────────▶ sent
//!           └─ another record under one of the names? yes ▶ all of them, proven, sent
//! ```

use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use vouchsafe_proto::v1::{GetBlockResponse, GetStatusResponse};
use vouchsafe_types::hash::Digest;
use vouchsafe_types::record::{StateName, value_hash};

use super::reading::read_blocking;
use super::{blocks, records};
use crate::state::NodeState;

/// The streams that are read at once: each may hold [`READY_MAX`] answers in memory.
pub(super) const STREAMS_MAX: usize = 128;
/// The most names in a stream. They are looked up in memory after each block.
pub(super) const NAMES_MAX: usize = 64;
/// The answers that a stream holds ready for its reader.
const READY_MAX: usize = 2;
/// After so long without a change the records are sent again: that there was none is news too.
const SILENCE_MAX: Duration = Duration::from_secs(10);

type Answers<T> = mpsc::Sender<Result<T, Status>>;

/// A stream from a height on; 0: from the next one to be committed. The permit is its place among
/// [`STREAMS_MAX`].
pub(super) fn blocks_from(
    state: NodeState,
    from_height: u64,
    with_body: bool,
    permit: OwnedSemaphorePermit,
) -> ReceiverStream<Result<GetBlockResponse, Status>> {
    let first = if from_height == 0 { state.height() + 1 } else { from_height };
    stream(state, permit, async move |state, sender| {
        send_blocks(&state, first, with_body, &sender).await;
    })
}

/// A stream of the records under some names.
pub(super) fn status_of(
    state: NodeState,
    names: Vec<StateName>,
    permit: OwnedSemaphorePermit,
) -> ReceiverStream<Result<GetStatusResponse, Status>> {
    stream(state, permit, async move |state, sender| {
        send_records(&state, &names, &sender).await;
    })
}

/// Runs what sends until it ends, its reader leaves, or the node stops.
fn stream<T, F>(
    state: NodeState,
    permit: OwnedSemaphorePermit,
    send: impl FnOnce(NodeState, Answers<T>) -> F,
) -> ReceiverStream<Result<T, Status>>
where
    T: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(READY_MAX);
    let sending = send(state.clone(), sender.clone());
    tokio::spawn(async move {
        let _permit = permit;
        let stopping = state.stopping();
        tokio::select! {
            () = sending => {}
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
async fn send_blocks(
    state: &NodeState,
    first: u64,
    with_body: bool,
    sender: &Answers<GetBlockResponse>,
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

/// Sends records whenever one of them is another, until the reader leaves, a read fails, or the
/// replica ends.
async fn send_records(state: &NodeState, names: &[StateName], sender: &Answers<GetStatusResponse>) {
    let keys: Vec<Digest> = names.iter().map(StateName::key).collect();
    let mut heights = state.heights();
    if heights.wait_for(|height| *height > 0).await.is_err() {
        return;
    }
    loop {
        let answer = records::status_of(state, names.to_vec()).await;
        let sent: Vec<Option<Digest>> = match &answer {
            Ok(answer) => answer.records.iter().map(|r| r.as_deref().map(value_hash)).collect(),
            Err(_) => Vec::new(),
        };
        let failed = answer.is_err();
        if sender.send(answer.map(records::response)).await.is_err() || failed {
            return;
        }
        // An error of the watch is the replica's end; silence for so long is told as well.
        let changed = heights.wait_for(|_| is_other(state, &keys, &sent));
        if let Ok(Err(_)) = timeout(SILENCE_MAX, changed).await {
            return;
        }
    }
}

/// Stands another record under one of the keys than was sent?
fn is_other(state: &NodeState, keys: &[Digest], sent: &[Option<Digest>]) -> bool {
    let view = state.reader().view();
    !keys.iter().zip(sent).all(|(key, sent)| view.tree.get(key) == *sent)
}

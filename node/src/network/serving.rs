//! Peers' requests, answered from the store beside the task: a few at a time for each peer, so
//! that one that catches up takes neither the others' place nor this node's memory.

use libp2p::PeerId;
use libp2p::request_response::{InboundRequestId, ResponseChannel};
use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::peer::{Request, Response};

use super::codec::Frame;
use super::metrics::DroppedKind;
use super::task::{Finished, Task};

impl<S: StoreRead + Clone + 'static> Task<S> {
    /// Begins to answer. Dropping the channel instead makes the peer's request fail.
    pub(super) fn on_request(
        &mut self,
        peer_id: &PeerId,
        id: InboundRequestId,
        request: Frame<Request>,
        channel: ResponseChannel<Frame<Response>>,
    ) {
        let Some(peer) = self.members.number(peer_id) else { return };
        let request = match request {
            Ok(request) => request,
            Err(error) => {
                tracing::debug!(%peer_id, "a request cannot be read: {error}");
                return self.penalize_rubbish(peer);
            }
        };
        if !self.serving.begin(id, peer) {
            return self.around.metrics.count_dropped(DroppedKind::Request);
        }
        let (store, finished) = (self.around.store.clone(), self.finished.clone());
        let answer = self.around.answer;
        tokio::task::spawn_blocking(move || {
            let response = answer(&store, &request)
                .inspect_err(|error| tracing::error!("a read for a peer failed: {error}"))
                .ok();
            // The task may have ended meanwhile.
            let _ = finished.blocking_send(Finished::Answer { channel, response });
        });
    }

    /// Sends an answer; without one the peer's request fails, and it asks another node.
    pub(super) fn send_answer(
        &mut self,
        channel: ResponseChannel<Frame<Response>>,
        response: Option<Response>,
    ) {
        let Some(response) = response else { return };
        // An error means that the peer gave up meanwhile.
        let _ = self.swarm.behaviour_mut().requests.send_response(channel, Ok(response));
    }
}

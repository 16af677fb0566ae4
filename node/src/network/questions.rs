//! Requests of this node: each is answered once, whatever becomes of it.

use std::time::Instant;

use libp2p::request_response::{self, OutboundFailure, OutboundRequestId};
use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::peer::{Request, Response};
use vouchsafe_replica::{Event, PeerNumber, RequestNumber};

use super::codec::Frame;
use super::metrics::RequestResult;
use super::requests::Question;
use super::task::Task;

impl<S: StoreRead + Clone + 'static> Task<S> {
    pub(super) fn ask(&mut self, peer: PeerNumber, number: RequestNumber, request: Request) {
        let connected = self
            .members
            .get(peer)
            .map(|member| member.peer_id)
            .filter(|peer_id| self.swarm.is_connected(peer_id));
        let Some(peer_id) = connected else {
            return self.answered(number, RequestResult::NotConnected, None);
        };
        let id = self.swarm.behaviour_mut().requests.send_request(&peer_id, Ok(request));
        self.questions.insert(id, Question { peer, number, asked: Instant::now() });
    }

    pub(super) fn on_request_event(
        &mut self,
        event: request_response::Event<Frame<Request>, Frame<Response>>,
    ) {
        use request_response::{Event as Kind, Message};
        match event {
            Kind::Message { message: Message::Response { request_id, response }, .. } => {
                self.on_response(request_id, response);
            }
            Kind::OutboundFailure { request_id, error, .. } => self.on_failed(request_id, &error),
            Kind::Message {
                peer,
                message: Message::Request { request_id, request, channel },
                ..
            } => self.on_request(&peer, request_id, request, channel),
            Kind::ResponseSent { request_id, .. } => {
                self.around.metrics.served.inc();
                self.serving.end(request_id);
            }
            Kind::InboundFailure { request_id, error, .. } => {
                tracing::debug!("a peer did not get its answer: {error}");
                self.serving.end(request_id);
            }
        }
    }

    fn on_response(&mut self, id: OutboundRequestId, response: Frame<Response>) {
        // Absent: the connection was given up meanwhile, and the replica told so.
        let Some(Question { peer, number, asked }) = self.questions.remove(&id) else { return };
        match response {
            Ok(response) => {
                self.around.metrics.request_seconds.observe(asked.elapsed().as_secs_f64());
                self.answered(number, RequestResult::Answered, Some(Box::new(response)));
            }
            Err(error) => {
                tracing::debug!(peer = peer.0, "an answer cannot be read: {error}");
                self.answered(number, RequestResult::Rubbish, None);
                self.penalize_rubbish(peer);
            }
        }
    }

    fn on_failed(&mut self, id: OutboundRequestId, error: &OutboundFailure) {
        let Some(Question { peer, number, .. }) = self.questions.remove(&id) else { return };
        tracing::debug!(peer = peer.0, "a request failed: {error}");
        let result = match error {
            OutboundFailure::Timeout => RequestResult::Timeout,
            _ => RequestResult::Failed,
        };
        self.answered(number, result, None);
    }

    fn answered(
        &self,
        request: RequestNumber,
        result: RequestResult,
        response: Option<Box<Response>>,
    ) {
        self.around.metrics.count_request(result);
        self.around.fetched.answered(Event::Answered { request, response });
    }
}

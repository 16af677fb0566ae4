//! The task: everything that happens to the network, one thing after the other. What takes long
//! runs beside it and comes back as [`Finished`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::StreamExt;
use libp2p::request_response::{OutboundRequestId, ResponseChannel};
use libp2p::swarm::SwarmEvent;
use libp2p::{Swarm, gossipsub};
use tokio::sync::mpsc;
use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::peer::Response;
use vouchsafe_replica::{PeerNumber, Verdict};
use vouchsafe_types::hash::ChainId;

use super::behaviour::{Behaviour, BehaviourEvent};
use super::codec::Frame;
use super::deliveries::{Deliveries, Pending};
use super::dialer::Dialer;
use super::members::Members;
use super::metrics::Topic;
use super::requests::{Question, Serving};
use super::scores::Scores;
use super::surroundings::Surroundings;
use super::vitals::Vitals;
use super::wire::{Sequence, Topics};
use crate::clock::now_ms;

/// What came back from work beside the task and waits to be taken.
const FINISHED_MAX: usize = 256;
/// The task looks at its deadlines at least this often.
const IDLE: Duration = Duration::from_secs(60);

/// Something that ran beside the task and ended.
pub(super) enum Finished {
    /// The transactions of a message were judged.
    Judged { from: PeerNumber, message: Pending, verdict: Verdict },
    /// A peer's request has an answer; none if the store failed.
    Answer { channel: ResponseChannel<Frame<Response>>, response: Option<Response> },
}

/// What a task is made of.
pub(super) struct Parts<S> {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) members: Members,
    pub(super) chain_id: ChainId,
    pub(super) surroundings: Surroundings<S>,
}

/// The network.
pub(super) struct Task<S> {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) members: Members,
    pub(super) chain_id: ChainId,
    pub(super) around: Surroundings<S>,
    pub(super) topics: Topics,
    pub(super) sequence: Sequence,
    pub(super) dialer: Dialer,
    pub(super) scores: Scores,
    pub(super) vitals: Vitals,
    pub(super) deliveries: Deliveries,
    /// Requests of this node without an answer.
    pub(super) questions: BTreeMap<OutboundRequestId, Question>,
    pub(super) serving: Serving,
    /// Messages of transactions that are being verified, for each peer.
    pub(super) verifying: BTreeMap<PeerNumber, usize>,
    pub(super) finished: mpsc::Sender<Finished>,
    finishing: mpsc::Receiver<Finished>,
}

impl<S: StoreRead + Clone + 'static> Task<S> {
    pub(super) fn new(parts: Parts<S>) -> Self {
        let Parts { swarm, members, chain_id, surroundings } = parts;
        let dialed = members.others().filter(|(_, member)| !member.reached_at.is_empty());
        let dialer = Dialer::new(dialed.map(|(number, _)| number), Instant::now());
        let (finished, finishing) = mpsc::channel(FINISHED_MAX);
        let task = Self {
            swarm,
            members,
            topics: Topics::of(&chain_id),
            chain_id,
            around: surroundings,
            sequence: Sequence::starting_at(now_ms()),
            dialer,
            scores: Scores::default(),
            vitals: Vitals::default(),
            deliveries: Deliveries::default(),
            questions: BTreeMap::new(),
            serving: Serving::default(),
            verifying: BTreeMap::new(),
            finished,
            finishing,
        };
        for (number, _) in task.members.others() {
            task.show_connected(number, false);
        }
        task
    }

    /// Runs until nobody can command it any more.
    pub(super) async fn run(mut self) {
        loop {
            let wake = tokio::time::Instant::from_std(self.next_deadline());
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_event(event),
                command = self.around.commands.recv() => match command {
                    Some(command) => self.carry_out(command),
                    None => return,
                },
                Some(finished) = self.finishing.recv() => self.on_finished(finished),
                () = tokio::time::sleep_until(wake) => self.on_deadline(Instant::now()),
            }
        }
    }

    fn next_deadline(&self) -> Instant {
        let deadlines =
            [self.dialer.next_due(), self.scores.next_release(), self.vitals.next_silence()];
        let latest = Instant::now() + IDLE;
        deadlines.into_iter().flatten().fold(latest, Instant::min)
    }

    fn on_deadline(&mut self, now: Instant) {
        while let Some(connection) = self.vitals.take_silent(now) {
            self.close_silent(connection);
        }
        while let Some(peer) = self.scores.take_released(now) {
            self.allow_again(peer, now);
        }
        while let Some(peer) = self.dialer.take_due(now) {
            self.dial(peer);
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(BehaviourEvent::Gossip(event)) => self.on_gossip(event),
            SwarmEvent::Behaviour(BehaviourEvent::Requests(event)) => self.on_request_event(event),
            SwarmEvent::Behaviour(BehaviourEvent::Ping(event)) => self.on_ping(&event),
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                num_established,
                endpoint,
                ..
            } => {
                self.vitals.heard(connection_id, Instant::now());
                tracing::debug!(%peer_id, ?endpoint, num_established, "connection");
                if num_established.get() == 1 {
                    self.on_connected(&peer_id);
                }
            }
            SwarmEvent::ConnectionClosed {
                peer_id, connection_id, num_established, cause, ..
            } => {
                self.vitals.forget(connection_id);
                tracing::debug!(%peer_id, ?cause, num_established, "connection closed");
                if num_established == 0 {
                    self.on_disconnected(&peer_id);
                }
            }
            SwarmEvent::IncomingConnectionError { error, send_back_addr, peer_id, .. } => {
                self.on_refused(&error, &send_back_addr, peer_id);
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer_id), error, .. } => {
                self.on_dial_failed(&peer_id, &error);
            }
            SwarmEvent::ListenerClosed { reason, .. } => {
                tracing::error!("the listener for peers ended: {reason:?}; restart the node");
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!("a peer's connection could not be accepted: {error}");
            }
            _ => {}
        }
    }

    fn on_finished(&mut self, finished: Finished) {
        match finished {
            Finished::Judged { from, message, verdict } => {
                if let Some(count) = self.verifying.get_mut(&from) {
                    *count -= 1;
                }
                self.judge(Topic::Transactions, &message, verdict);
            }
            Finished::Answer { channel, response } => self.send_answer(channel, response),
        }
    }

    /// Tells gossipsub the verdict on a message, counts it, and holds a false one against whoever
    /// handed it on.
    pub(super) fn judge(&mut self, topic: Topic, message: &Pending, verdict: Verdict) {
        use super::metrics::GossipVerdict;
        use gossipsub::MessageAcceptance;

        let (acceptance, counted) = match verdict {
            Verdict::Accept => (MessageAcceptance::Accept, GossipVerdict::Accepted),
            Verdict::Ignore => (MessageAcceptance::Ignore, GossipVerdict::Ignored),
            Verdict::Reject => (MessageAcceptance::Reject, GossipVerdict::Rejected),
        };
        self.around.metrics.count_received(topic, counted);
        let Pending { message_id, source } = message;
        // Whether the message is still there to be relayed is of no consequence.
        self.swarm
            .behaviour_mut()
            .gossip
            .report_message_validation_result(message_id, source, acceptance);
        if verdict == Verdict::Reject
            && let Some(peer) = self.members.number(source)
        {
            self.penalize_rubbish(peer);
        }
    }
}

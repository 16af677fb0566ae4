//! What the replica wants done.

use std::sync::Arc;

use libp2p::gossipsub::PublishError;
use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::peer::Gossip;
use vouchsafe_replica::{Delivery, Verdict};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::transaction::VerifiedTransaction;

use super::handle::Command;
use super::metrics::{PublishResult, Topic};
use super::packing::pack;
use super::task::Task;

impl<S: StoreRead + Clone + 'static> Task<S> {
    pub(super) fn carry_out(&mut self, command: Command) {
        match command {
            Command::Broadcast(message) => {
                self.publish(Topic::Consensus, &Gossip::new(message).to_bytes());
            }
            Command::Gossip(transactions) => self.gossip(&transactions),
            Command::Relay { delivery, verdict } => self.relay(delivery, verdict),
            Command::Ask { peer, number, request } => self.ask(peer, number, request),
            Command::Blame { peer, fault } => self.blame(peer, &fault),
        }
    }

    fn gossip(&mut self, transactions: &[Arc<VerifiedTransaction>]) {
        for message in pack(transactions) {
            self.publish(Topic::Transactions, &message.to_bytes());
        }
    }

    /// Sends to everyone who listens. That nobody does, or takes more, stops nothing.
    fn publish(&mut self, topic: Topic, message: &[u8]) {
        let data = self.sequence.seal(message);
        let bytes = data.len();
        let name = self.topics.get(topic).hash();
        let result = match self.swarm.behaviour_mut().gossip.publish(name, data) {
            Ok(_) => PublishResult::Published,
            Err(PublishError::NoPeersSubscribedToTopic) => PublishResult::NoPeers,
            Err(PublishError::AllQueuesFull(_)) => PublishResult::QueuesFull,
            Err(error) => {
                tracing::warn!(bytes, "a message could not be published: {error}");
                PublishResult::Failed
            }
        };
        self.around.metrics.count_published(topic, result, bytes);
    }

    fn relay(&mut self, delivery: Delivery, verdict: Verdict) {
        if let Some(pending) = self.deliveries.take(delivery) {
            self.judge(Topic::Consensus, &pending, verdict);
        }
    }
}

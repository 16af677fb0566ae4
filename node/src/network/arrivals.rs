//! Gossip comes in: votes and proposals for the replica, transactions for the signature check.

use libp2p::gossipsub;
use vouchsafe_ledger::StoreRead;
use vouchsafe_replica::peer::{Gossip, Transactions};
use vouchsafe_replica::{AdmissionError, Event, Origin, PeerNumber, Verdict};
use vouchsafe_types::canonical::Canonical;
use vouchsafe_types::hash::ChainId;
use vouchsafe_types::transaction::Transaction;

use super::deliveries::Pending;
use super::metrics::{DroppedKind, Topic, TopicLabels};
use super::task::{Finished, Task};
use super::wire;
use crate::admission::{AdmissionQueue, Answer, SubmissionError};

/// The most messages of transactions of one peer that are verified at a time.
const VERIFYING_MAX: usize = 16;

impl<S: StoreRead + Clone + 'static> Task<S> {
    pub(super) fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                let pending = Pending { message_id, source: propagation_source };
                self.on_message(pending, message);
            }
            gossipsub::Event::SlowPeer { peer_id, failed_messages } => {
                if failed_messages.publish > 0 {
                    self.disconnect_slow(peer_id);
                }
            }
            gossipsub::Event::GossipsubNotSupported { peer_id } => {
                tracing::warn!(%peer_id, "a member does not speak this chain's gossip");
            }
            gossipsub::Event::Subscribed { .. } | gossipsub::Event::Unsubscribed { .. } => {}
        }
    }

    fn on_message(&mut self, pending: Pending, message: gossipsub::Message) {
        let Some(from) = self.members.number(&pending.source) else { return };
        let Some(topic) = self.topics.find(&message.topic) else { return };
        let metrics = &self.around.metrics;
        let bytes = message.data.len() as u64;
        metrics.received_bytes.get_or_create(&TopicLabels { topic }).inc_by(bytes);
        match topic {
            Topic::Consensus => self.on_consensus(from, pending, &message.data),
            Topic::Transactions => self.on_transactions(from, pending, message.data),
        }
    }

    fn on_consensus(&mut self, from: PeerNumber, pending: Pending, data: &[u8]) {
        let gossip = match wire::open(data).map(Gossip::from_bytes) {
            Some(Ok(gossip)) => gossip,
            Some(Err(error)) => {
                tracing::debug!(peer = %pending.source, "a message cannot be read: {error}");
                return self.judge(Topic::Consensus, &pending, Verdict::Reject);
            }
            None => return self.judge(Topic::Consensus, &pending, Verdict::Reject),
        };
        let (delivery, oldest) = self.deliveries.insert(pending);
        if let Some(oldest) = oldest {
            self.judge(Topic::Consensus, &oldest, Verdict::Ignore);
        }
        let event = Event::Received { from, delivery, message: gossip.message };
        if !self.around.replica.received(from, data.len(), event) {
            self.around.metrics.count_dropped(DroppedKind::Received);
            if let Some(pending) = self.deliveries.take(delivery) {
                self.judge(Topic::Consensus, &pending, Verdict::Ignore);
            }
        }
    }

    fn on_transactions(&mut self, from: PeerNumber, message: Pending, data: Vec<u8>) {
        let verifying = self.verifying.entry(from).or_default();
        if *verifying >= VERIFYING_MAX {
            self.around.metrics.count_dropped(DroppedKind::Transactions);
            return self.judge(Topic::Transactions, &message, Verdict::Ignore);
        }
        *verifying += 1;
        let admission = self.around.admission.clone();
        let (chain_id, finished) = (self.chain_id, self.finished.clone());
        tokio::spawn(async move {
            let verdict = verify(&chain_id, &admission, data).await;
            // The task may have ended meanwhile.
            let _ = finished.send(Finished::Judged { from, message, verdict }).await;
        });
    }
}

/// Every transaction of a message must have been worth sending.
async fn verify(chain_id: &ChainId, admission: &AdmissionQueue, data: Vec<u8>) -> Verdict {
    let Some(Ok(message)) = wire::open(&data).map(Transactions::from_bytes) else {
        return Verdict::Reject;
    };
    drop(data);
    let read = message.into_list().into_iter();
    let read: Result<Vec<_>, _> =
        read.map(|signed| Transaction::from_signed(chain_id, signed)).collect();
    let Ok(transactions) = read else { return Verdict::Reject };
    let answers = admission.submit_all(transactions, Origin::Peer).await;
    let answers = answers.unwrap_or_else(|error| vec![Err(error)]);
    answers.iter().fold(Verdict::Accept, |all, answer| match (all, verdict_on(answer)) {
        (Verdict::Reject, _) | (_, Verdict::Reject) => Verdict::Reject,
        (Verdict::Ignore, _) | (_, Verdict::Ignore) => Verdict::Ignore,
        _ => Verdict::Accept,
    })
}

fn verdict_on(answer: &Answer) -> Verdict {
    match answer {
        Ok(_) => Verdict::Accept,
        // No honest node pools or relays it.
        Err(SubmissionError::Transaction(_)) => Verdict::Reject,
        // What breaks a rule here and now may have broken none where and when it was sent.
        Err(SubmissionError::Admission(AdmissionError::Rule(_) | AdmissionError::Full { .. })) => {
            Verdict::Ignore
        }
        Err(SubmissionError::Overloaded | SubmissionError::Stopped) => Verdict::Ignore,
    }
}

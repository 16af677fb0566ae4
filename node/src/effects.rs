//! Carries out what the replica wants done, in the order it wants it.
//!
//! ```text
//! Effect ─┬─ Wal, SignRecord, StoreBody, Commit,
//!         │  KeepEvidence ───────────────────────▶ disk.rs (a failure stops the node)
//!         ├─ SetTimer, CancelTimer ──────────────▶ timers.rs
//!         ├─ Admitted, Settled ──────────────────▶ whoever submitted, whoever waits
//!         ├─ Broadcast, Gossip, Relay, Ask, Blame ▶ network
//!         └─ Notice ─────────────────────────────▶ notices.rs: log and metrics
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use vouchsafe_replica::peer::Request;
use vouchsafe_replica::{
    Admission, AdmissionError, Effect, Event, Notice, Origin, Outcome, PeerNumber, Report,
    RequestNumber, Timer,
};
use vouchsafe_types::hash::TransactionId;
use vouchsafe_types::transaction::VerifiedTransaction;

use crate::admission::Reply;
use crate::disk::Disk;
pub(crate) use crate::disk::StorageError;
use crate::latency::AdmissionTimes;
use crate::metrics::{Metrics, SubmissionResult};
use crate::network::{Command, NetworkHandle};
use crate::notices::Notices;
use crate::state::TransactionWaiters;
use crate::timers::Timers;

/// Peers are told of transactions at most once in this time. One alone does not wait for it; under
/// load each message costs every node more than what is in it.
const GOSSIP_PAUSE: Duration = Duration::from_millis(5);

/// Submissions whose answers are due.
#[derive(Default)]
pub(crate) struct Tickets {
    replies: BTreeMap<u64, Reply>,
    next: u64,
}

impl Tickets {
    /// Names a submission's answer.
    pub(crate) fn issue(&mut self, reply: Reply) -> u64 {
        let ticket = self.next;
        self.next += 1;
        self.replies.insert(ticket, reply);
        ticket
    }
}

/// Everything an effect may touch.
pub(crate) struct Effects {
    pub(crate) timers: Timers<Timer>,
    pub(crate) tickets: Tickets,
    disk: Disk,
    notices: Notices,
    waiters: TransactionWaiters,
    height: watch::Sender<u64>,
    network: NetworkHandle,
    /// Transactions to tell peers of: many make one message.
    gossip: Vec<Arc<VerifiedTransaction>>,
    /// Not before this time are peers told of them.
    gossip_from: Instant,
    metrics: Arc<Metrics>,
    admitted: AdmissionTimes,
}

impl Effects {
    pub(crate) fn new(
        disk: Disk,
        waiters: TransactionWaiters,
        height: watch::Sender<u64>,
        network: NetworkHandle,
        metrics: Arc<Metrics>,
    ) -> Self {
        let notices = Notices::new(Arc::clone(&metrics));
        let (timers, tickets, gossip) = (Timers::new(), Tickets::default(), Vec::new());
        Self {
            timers,
            tickets,
            disk,
            notices,
            waiters,
            height,
            network,
            gossip,
            gossip_from: Instant::now(),
            metrics,
            admitted: AdmissionTimes::default(),
        }
    }

    /// Carries out one effect, and returns the event that answers it, if one does.
    ///
    /// # Errors
    /// [`StorageError`]: the node must stop.
    pub(crate) fn carry_out(&mut self, effect: Effect) -> Result<Option<Event>, StorageError> {
        match effect {
            Effect::Wal(operation) => self.disk.wal(operation)?,
            Effect::SignRecord(mark) => self.disk.sign_record(mark)?,
            Effect::StoreBody { block_id, block } => {
                self.disk.store_body(&block_id, &block)?;
                return Ok(Some(Event::BodyStored { block_id }));
            }
            Effect::KeepEvidence { offence, evidence } => {
                self.disk.keep_evidence(offence, &evidence)?;
            }
            Effect::Commit(batch) => {
                let height = self.disk.commit(&batch)?;
                return Ok(Some(Event::Committed { height }));
            }
            Effect::Broadcast(message) => self.tell(Command::Broadcast(message)),
            Effect::Gossip(transaction) => self.gossip.push(transaction),
            Effect::Relay { delivery, verdict } => self.tell(Command::Relay { delivery, verdict }),
            Effect::Ask { peer, number, request } => return Ok(self.ask(peer, number, request)),
            Effect::Blame { peer, fault } => self.tell(Command::Blame { peer, fault }),
            Effect::SetTimer { timer, delay_ms } => {
                self.timers.set(timer, Instant::now(), Duration::from_millis(delay_ms));
            }
            Effect::CancelTimer(timer) => self.timers.cancel(timer),
            Effect::CancelConsensusTimers => {
                self.timers.cancel_all(|timer| matches!(timer, Timer::Consensus(_)));
            }
            Effect::Admitted { ticket, result } => self.answer(ticket, result),
            Effect::Settled { transaction_id, outcome } => self.settle(transaction_id, &outcome),
            Effect::Notice(notice) => self.notice(&notice),
        }
        Ok(None)
    }

    /// Hands something to the network. What finds no room there is dropped and counted.
    fn tell(&self, command: Command) {
        self.network.send(command);
    }

    /// Asks a peer. Without room for the question, there is no answer.
    fn ask(&self, peer: PeerNumber, number: RequestNumber, request: Request) -> Option<Event> {
        let asked = self.network.send(Command::Ask { peer, number, request });
        (!asked).then_some(Event::Answered { request: number, response: None })
    }

    /// Tells peers of what was collected, if it is time to.
    pub(crate) fn end_turn(&mut self, now: Instant) {
        if self.next_gossip().is_some_and(|due| due <= now) {
            let transactions = std::mem::take(&mut self.gossip);
            self.tell(Command::Gossip(transactions));
            self.gossip_from = now + GOSSIP_PAUSE;
        }
    }

    /// When peers are to be told of what was collected; none if it is nothing.
    pub(crate) fn next_gossip(&self) -> Option<Instant> {
        (!self.gossip.is_empty()).then_some(self.gossip_from)
    }

    fn answer(&mut self, ticket: u64, result: Result<Admission, AdmissionError>) {
        let Some(reply) = self.tickets.replies.remove(&ticket) else { return };
        if reply.origin == Origin::Client {
            self.metrics.count_submission(match &result {
                Ok(Admission::Pooled(_)) => SubmissionResult::Pooled,
                Ok(Admission::AlreadyPooled(_) | Admission::Committed(_)) => {
                    SubmissionResult::Repeated
                }
                Err(AdmissionError::Rule(_)) => SubmissionResult::Refused,
                Err(AdmissionError::Full { .. }) => SubmissionResult::Overloaded,
            });
            if let Ok(Admission::Pooled(id)) = &result {
                self.admitted.begin(*id);
            }
        }
        reply.send(result.map_err(Into::into));
    }

    fn settle(&mut self, transaction_id: TransactionId, outcome: &Outcome) {
        let waited = self.admitted.end(&transaction_id);
        if let (Some(waited), Outcome::Committed { .. }) = (waited, outcome) {
            self.metrics.blocks.commit_latency_seconds.observe(waited.as_secs_f64());
        }
        if let Outcome::Refused(rule) = outcome {
            tracing::debug!(transaction = %transaction_id, "left out for good: {rule}");
        }
        self.waiters.settle(transaction_id, outcome);
    }

    fn notice(&mut self, notice: &Notice) {
        self.notices.take(notice);
        if let Notice::HeightCommitted { height, .. } = notice {
            self.height.send_replace(*height);
        }
    }

    /// Shows the replica's state as metrics.
    pub(crate) fn measure(&self, report: &Report) {
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.metrics.votes.set(i64::from(report.votes));
        self.metrics.round.set(i64::from(report.round));
        self.metrics.mempool_transactions.set(gauge(report.mempool_transactions));
        self.metrics.mempool_bytes.set(gauge(report.mempool_bytes));
        self.metrics.waiting_evidence.set(gauge(report.waiting_evidence));
        self.metrics.sync.measure(report);
    }

    /// Makes durable what is not yet.
    ///
    /// # Errors
    /// [`StorageError`].
    pub(crate) fn flush(&mut self) -> Result<(), StorageError> {
        self.disk.flush()
    }
}

impl Drop for Effects {
    /// Sends away everyone who waits, after a panic too: nothing will happen any more.
    fn drop(&mut self) {
        self.tickets.replies.clear();
        self.waiters.close();
    }
}

//! The thread that owns the replica: events in, effects carried out, one after the other.
//!
//! ```text
//! peers' messages ──┐
//! verified batches ─┤
//! timers ───────────┼─▶ Replica::handle ─▶ effects ─▶ disk, timers, answers, network
//! what disk did ────┘         ▲                        │ BodyStored, Committed
//!                             └────────────────────────┘
//! ```
//!
//! Peers' messages go before submissions, so that votes never wait for transactions. Submissions go
//! before the disk's feedback: whatever arrived while one height was written is in the pool when
//! the next one is built, so that blocks grow with the load. One feedback goes before everything:
//! once a height is committed, the replica hears of it before it judges anything else, since the
//! database is already ahead of it.

use std::collections::VecDeque;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use vouchsafe_ledger::RocksStore;
use vouchsafe_replica::{Effect, Event, Replica, ReplicaError, Report};

use crate::admission::VerifiedBatch;
use crate::clock::now_ms;
use crate::effects::{Effects, StorageError};
use crate::inbox::Inbox;

/// The most of the peers' messages that are taken before batches, timers and feedback get their
/// turn.
const PEERS_AT_ONCE: usize = 64;
/// The most batches that are taken before the disk's feedback gets its turn.
const BATCHES_AT_ONCE: usize = 16;
/// How long the thread sleeps at most: its reports are its signs of life.
const IDLE: Duration = Duration::from_secs(2);

/// Why the thread ended by itself. Each stops the node.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FatalError {
    /// The replica cannot go on.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// An effect could not be carried out.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The thread panicked; its message is in the log.
    #[error("the replica's thread panicked: this is a fault of the program, report it")]
    Panicked,
}

/// Where the thread's end is told.
pub(crate) type Ended = oneshot::Receiver<Result<(), FatalError>>;

struct ReplicaThread {
    replica: Replica<RocksStore>,
    effects: Effects,
    inbox: Inbox,
    /// What the replica wants done and is not done yet, in its order.
    undone: VecDeque<Effect>,
    /// What the disk did and the replica does not know yet, in its order.
    feedback: VecDeque<Event>,
    report: watch::Sender<Report>,
}

/// Starts the thread.
///
/// # Errors
/// Whatever the system reports when it cannot start a thread.
pub(crate) fn start(
    replica: Replica<RocksStore>,
    effects: Effects,
    inbox: Inbox,
    report: watch::Sender<Report>,
) -> std::io::Result<Ended> {
    let (end, ended) = oneshot::channel();
    let (undone, feedback) = (VecDeque::new(), VecDeque::new());
    let mut driver = ReplicaThread { replica, effects, inbox, undone, feedback, report };
    thread::Builder::new().name("replica".to_owned()).spawn(move || {
        let result = driver.run();
        // Whoever waits is sent away, and the files are closed, before the end is told.
        drop(driver);
        let _ = end.send(result);
    })?;
    Ok(ended)
}

impl ReplicaThread {
    fn run(&mut self) -> Result<(), FatalError> {
        self.handle(Event::Started)?;
        loop {
            self.hear_peers()?;
            self.judge_batches()?;
            self.carry_out_all()?;
            if self.inbox.stopping() {
                return Ok(self.effects.flush()?);
            }
            while let Some(timer) = self.effects.timers.take_due(Instant::now()) {
                self.handle(Event::TimerElapsed(timer))?;
            }
            self.effects.end_turn(Instant::now());
            // Under load there is always feedback: what is said of this node must not grow old.
            self.publish_report();
            if let Some(event) = self.feedback.pop_front() {
                self.handle(event)?;
                continue;
            }
            self.inbox.wait(self.until_next_timer());
        }
    }

    /// Handles what peers said, without waiting for more.
    fn hear_peers(&mut self) -> Result<(), FatalError> {
        for _ in 0..PEERS_AT_ONCE {
            let Some(event) = self.inbox.take_peer() else { break };
            self.handle(event)?;
        }
        Ok(())
    }

    fn judge_batches(&mut self) -> Result<(), FatalError> {
        for _ in 0..BATCHES_AT_ONCE {
            let Some(batch) = self.inbox.take_batch() else { break };
            self.judge_batch(batch)?;
        }
        Ok(())
    }

    fn judge_batch(&mut self, batch: VerifiedBatch) -> Result<(), FatalError> {
        for (transaction, reply) in batch {
            let origin = reply.origin;
            let ticket = self.effects.tickets.issue(reply);
            self.judge(Event::Submitted { ticket, transaction, origin })?;
        }
        Ok(())
    }

    fn publish_report(&mut self) {
        let report = self.replica.report();
        self.effects.measure(&report);
        self.report.send_replace(report);
    }

    fn until_next_timer(&self) -> Duration {
        let deadlines = [self.effects.timers.next_deadline(), self.effects.next_gossip()];
        let deadline = deadlines.into_iter().flatten().min();
        let until = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        deadline.map_or(IDLE, |deadline| until(deadline).min(IDLE))
    }

    fn handle(&mut self, event: Event) -> Result<(), FatalError> {
        self.judge(event)?;
        self.carry_out_all()
    }

    fn judge(&mut self, event: Event) -> Result<(), FatalError> {
        self.undone.extend(self.replica.handle(now_ms(), event)?);
        Ok(())
    }

    /// Carries out all that is undone. A height that is committed thereby is told to the replica
    /// at once.
    fn carry_out_all(&mut self) -> Result<(), FatalError> {
        loop {
            self.carry_out_undone()?;
            let is_committed = |event: &Event| matches!(event, Event::Committed { .. });
            let committed = self.feedback.iter().position(is_committed);
            let Some(event) = committed.and_then(|index| self.feedback.remove(index)) else {
                return Ok(());
            };
            self.judge(event)?;
        }
    }

    fn carry_out_undone(&mut self) -> Result<(), FatalError> {
        while let Some(effect) = self.undone.pop_front() {
            if matches!(effect, Effect::Commit(_)) {
                // The last moment to pool what waits before the next height is built.
                self.judge_batches()?;
            }
            self.feedback.extend(self.effects.carry_out(effect)?);
        }
        Ok(())
    }
}

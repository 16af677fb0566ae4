//! The thread that owns the replica: events in, effects carried out, one after the other.
//!
//! ```text
//! verified batches ─┐
//! timers ───────────┼─▶ Replica::handle ─▶ effects ─▶ disk, timers, answers
//! what disk did ────┘         ▲                        │ BodyStored, Committed
//!                             └────────────────────────┘
//! ```
//!
//! Submissions go before the disk's feedback: whatever arrived while one height was written is in
//! the pool when the next one is built, so that blocks grow with the load. One feedback goes
//! before everything: once a height is committed, the replica hears of it before it judges
//! anything else, since the database is already ahead of it.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use vouchsafe_ledger::RocksStore;
use vouchsafe_replica::{Effect, Event, Origin, Replica, ReplicaError, Report};

use crate::admission::VerifiedBatch;
use crate::clock::now_ms;
use crate::effects::{Effects, StorageError};

/// The most batches that wait for the replica.
const BATCHES_MAX: usize = 16;
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

enum Command {
    Submit(VerifiedBatch),
    Stop,
}

/// The way to the thread.
#[derive(Clone)]
pub(crate) struct ReplicaQueue(SyncSender<Command>);

impl ReplicaQueue {
    /// Hands in a batch, waiting for room. Returns whether the replica still takes any.
    pub(crate) fn submit(&self, batch: VerifiedBatch) -> bool {
        self.0.send(Command::Submit(batch)).is_ok()
    }

    /// Asks the thread to end after what it is at. Blocks while the queue is full.
    pub(crate) fn stop(&self) {
        // An error means that it has ended.
        let _ = self.0.send(Command::Stop);
    }
}

/// Where the thread's end is told.
pub(crate) type Ended = oneshot::Receiver<Result<(), FatalError>>;

struct ReplicaThread {
    replica: Replica<RocksStore>,
    effects: Effects,
    commands: Receiver<Command>,
    /// What the replica wants done and is not done yet, in its order.
    undone: VecDeque<Effect>,
    /// What the disk did and the replica does not know yet, in its order.
    feedback: VecDeque<Event>,
    stopping: bool,
    report: watch::Sender<Report>,
}

/// Starts the thread.
///
/// # Errors
/// Whatever the system reports when it cannot start a thread.
pub(crate) fn start(
    replica: Replica<RocksStore>,
    effects: Effects,
    report: watch::Sender<Report>,
) -> std::io::Result<(ReplicaQueue, Ended)> {
    let (sender, commands) = sync_channel(BATCHES_MAX);
    let (end, ended) = oneshot::channel();
    let (undone, feedback) = (VecDeque::new(), VecDeque::new());
    let mut driver =
        ReplicaThread { replica, effects, commands, undone, feedback, stopping: false, report };
    thread::Builder::new().name("replica".to_owned()).spawn(move || {
        let result = driver.run();
        // Whoever waits is sent away, and the files are closed, before the end is told.
        drop(driver);
        let _ = end.send(result);
    })?;
    Ok((ReplicaQueue(sender), ended))
}

impl ReplicaThread {
    fn run(&mut self) -> Result<(), FatalError> {
        self.handle(Event::Started)?;
        loop {
            while self.feedback.iter().any(|event| matches!(event, Event::Committed { .. })) {
                self.take_feedback()?;
            }
            self.take_batches()?;
            if self.stopping {
                return Ok(self.effects.flush()?);
            }
            while let Some(timer) = self.effects.timers.take_due(Instant::now()) {
                self.handle(Event::TimerElapsed(timer))?;
            }
            if self.take_feedback()? {
                continue;
            }
            self.publish_report();
            match self.commands.recv_timeout(self.until_next_timer()) {
                Ok(Command::Submit(batch)) => {
                    self.judge_batch(batch)?;
                    self.carry_out_all()?;
                }
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => self.stopping = true,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    /// Handles the oldest feedback, if there is any.
    fn take_feedback(&mut self) -> Result<bool, FatalError> {
        let Some(event) = self.feedback.pop_front() else { return Ok(false) };
        self.handle(event)?;
        Ok(true)
    }

    /// Handles the batches that wait, without waiting for more.
    fn take_batches(&mut self) -> Result<(), FatalError> {
        self.judge_batches()?;
        self.carry_out_all()
    }

    fn judge_batches(&mut self) -> Result<(), FatalError> {
        for _ in 0..BATCHES_AT_ONCE {
            match self.commands.try_recv() {
                Ok(Command::Submit(batch)) => self.judge_batch(batch)?,
                Ok(Command::Stop) | Err(TryRecvError::Disconnected) => self.stopping = true,
                Err(TryRecvError::Empty) => break,
            }
        }
        Ok(())
    }

    fn judge_batch(&mut self, batch: VerifiedBatch) -> Result<(), FatalError> {
        for (transaction, reply) in batch {
            let ticket = self.effects.tickets.issue(reply);
            self.judge(Event::Submitted { ticket, transaction, origin: Origin::Client })?;
        }
        Ok(())
    }

    fn publish_report(&mut self) {
        let report = self.replica.report();
        self.effects.measure(&report);
        self.report.send_replace(report);
    }

    fn until_next_timer(&self) -> Duration {
        let deadline = self.effects.timers.next_deadline();
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

    fn carry_out_all(&mut self) -> Result<(), FatalError> {
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

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
//! the pool when the next one is built, so that blocks grow with the load.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};
use vouchsafe_ledger::RocksStore;
use vouchsafe_replica::{Event, Replica, ReplicaError, Report};

use crate::admission::VerifiedBatch;
use crate::clock::now_ms;
use crate::effects::{Effects, StorageError};

/// The most batches that wait for the replica.
const BATCHES_MAX: usize = 16;
/// The most batches that are taken before the disk's feedback gets its turn.
const BATCHES_AT_ONCE: usize = 16;
/// How long the thread sleeps when no timer is set.
const IDLE: Duration = Duration::from_secs(3600);

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
    report: watch::Sender<Report>,
) -> std::io::Result<(ReplicaQueue, Ended)> {
    let (sender, commands) = sync_channel(BATCHES_MAX);
    let (end, ended) = oneshot::channel();
    let mut driver =
        ReplicaThread { replica, effects, commands, feedback: VecDeque::new(), report };
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
            for _ in 0..BATCHES_AT_ONCE {
                match self.commands.try_recv() {
                    Ok(Command::Submit(batch)) => self.submit(batch)?,
                    Ok(Command::Stop) | Err(TryRecvError::Disconnected) => return self.end(),
                    Err(TryRecvError::Empty) => break,
                }
            }
            while let Some(timer) = self.effects.timers.take_due(Instant::now()) {
                self.handle(Event::TimerElapsed(timer))?;
            }
            if let Some(event) = self.feedback.pop_front() {
                self.handle(event)?;
                continue;
            }
            self.publish_report();
            match self.commands.recv_timeout(self.until_next_timer()) {
                Ok(Command::Submit(batch)) => self.submit(batch)?,
                Ok(Command::Stop) | Err(RecvTimeoutError::Disconnected) => return self.end(),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn publish_report(&mut self) {
        let report = self.replica.report();
        self.effects.measure(&report);
        self.report.send_replace(report);
    }

    fn until_next_timer(&self) -> Duration {
        let deadline = self.effects.timers.next_deadline();
        deadline.map_or(IDLE, |deadline| deadline.saturating_duration_since(Instant::now()))
    }

    fn submit(&mut self, batch: VerifiedBatch) -> Result<(), FatalError> {
        for (transaction, reply) in batch {
            let ticket = self.effects.tickets.issue(reply);
            self.handle(Event::Submitted { ticket, transaction })?;
        }
        Ok(())
    }

    fn handle(&mut self, event: Event) -> Result<(), FatalError> {
        for effect in self.replica.handle(now_ms(), event)? {
            self.feedback.extend(self.effects.carry_out(effect)?);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), FatalError> {
        Ok(self.effects.flush()?)
    }
}

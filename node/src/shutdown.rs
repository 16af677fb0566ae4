//! How a node ends: the first signal drains, the second does not wait.
//!
//! ```text
//! SIGTERM, SIGINT ─▶ stop accepting ─▶ in-flight requests end, at most DRAIN ─▶ replica stops ─▶ 0
//!        again    ─▶ exit 1 at once
//! SIGHUP          ─▶ nothing: a closed terminal must not stop a validator
//! ```

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How long requests that are in flight may take once the node stops.
pub(crate) const DRAIN: Duration = Duration::from_secs(10);
/// How long the replica may take to finish its current write.
pub(crate) const REPLICA_STOP: Duration = Duration::from_secs(10);
/// How long the peer network may take once the replica has ended.
pub(crate) const NETWORK_STOP: Duration = Duration::from_secs(2);
/// The exit code after a second signal.
const IMPATIENT_EXIT_CODE: i32 = 1;

/// Turns true once, when the node begins to stop.
#[derive(Clone, Debug)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    pub(crate) fn channel() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Returns when the node begins to stop.
    pub(crate) async fn begun(mut self) {
        // An error means that the sender is gone: the node stops then, too.
        let _ = self.0.wait_for(|stopping| *stopping).await;
    }
}

/// The process's signals, caught from the moment this exists.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    /// # Errors
    /// Whatever the system reports.
    pub(crate) fn catch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal to stop, and names it.
    pub(crate) async fn stop(&mut self) -> &'static str {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return "SIGTERM",
                _ = self.interrupt.recv() => return "SIGINT",
                _ = self.hangup.recv() => tracing::info!("SIGHUP is ignored"),
            }
        }
    }

    /// From here on a further signal ends the process at once.
    pub(crate) async fn stop_at_once(mut self) {
        let name = self.stop().await;
        tracing::warn!("{name} again: exiting without waiting");
        std::process::exit(IMPATIENT_EXIT_CODE);
    }
}

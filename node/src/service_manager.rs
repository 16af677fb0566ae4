//! What the service manager hears (sd_notify(3), `Type=notify`); nothing where there is none.
//!
//! ```text
//! READY=1 once the listeners stand ─▶ STATUS=height … now and then ─▶ STOPPING=1
//! WATCHDOG=1 only while the replica's thread goes on: one that hangs is started again
//! ```

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::sleep;
use vouchsafe_replica::Report;

use crate::state::NodeState;

/// How often the status is told, unless the watchdog wants to hear more.
const STATUS_INTERVAL: Duration = Duration::from_secs(5);
/// The watchdog hears so many signs of life in the time it gives.
const SIGNS_OF_LIFE: u32 = 3;

/// Says what the node is doing before and after it serves.
pub(crate) fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

/// Says that the node serves.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Says that the node begins to stop.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
}

/// Tells the height, and the watchdog that the replica's thread goes on, until the task is dropped.
pub(crate) async fn keep_telling(state: NodeState) {
    let watchdog = watchdog();
    let interval =
        watchdog.map_or(STATUS_INTERVAL, |timeout| STATUS_INTERVAL.min(timeout / SIGNS_OF_LIFE));
    let (mut reports, mut heights) = (state.reports(), state.heights());
    loop {
        // The thread reports again and again, and commits while it has no time to report.
        let alive =
            reports.has_changed().unwrap_or(false) || heights.has_changed().unwrap_or(false);
        if watchdog.is_some() && alive {
            tell(&[NotifyState::Watchdog]);
        }
        let report = *reports.borrow_and_update();
        let height = *heights.borrow_and_update();
        status(&describe(height, &report));
        sleep(interval).await;
    }
}

fn describe(height: u64, report: &Report) -> String {
    let Report { reachable_power, total_power, .. } = report;
    let doing = match report.target {
        Some(target) => format!("catching up to {target}"),
        None if !report.reaches_quorum() => "waiting for more of the network".to_owned(),
        None if report.votes => "voting".to_owned(),
        None => "following without a vote".to_owned(),
    };
    format!("height {height}, {doing}, {reachable_power} of {total_power} power within reach")
}

/// How long the watchdog waits for a sign of life, if there is one.
fn watchdog() -> Option<Duration> {
    let mut microseconds = 0;
    sd_notify::watchdog_enabled(false, &mut microseconds)
        .then(|| Duration::from_micros(microseconds))
        .filter(|timeout| !timeout.is_zero())
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, states) {
        tracing::warn!("the service manager cannot be told: {error}");
    }
}

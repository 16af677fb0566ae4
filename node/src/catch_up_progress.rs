//! How a node that is behind comes along: height, rate, time left; a line now and then.

use std::time::{Duration, Instant};

use tracing::info;

/// How often progress is logged.
const LOG_EVERY: Duration = Duration::from_secs(5);

/// The way since this node found itself behind.
#[derive(Default)]
pub(crate) struct CatchUpProgress(Option<Way>);

struct Way {
    began: Instant,
    from_height: u64,
    logged: Instant,
}

impl CatchUpProgress {
    /// The node is at `height` and has to reach `target`.
    pub(crate) fn behind(&mut self, now: Instant, height: u64, target: u64) {
        let Some(way) = &mut self.0 else {
            info!(height, target, "behind: catching up, without voting");
            self.0 = Some(Way { began: now, from_height: height, logged: now });
            return;
        };
        if now < way.logged + LOG_EVERY {
            return;
        }
        way.logged = now;
        let seconds = (now - way.began).as_secs_f64();
        let rate = height.saturating_sub(way.from_height) as f64 / seconds;
        let left = target.saturating_sub(height);
        // Nothing has come yet: there is no rate to tell from.
        let seconds_left =
            if rate > 0.0 { format!("{:.0}", left as f64 / rate) } else { "?".into() };
        info!(
            height,
            target,
            heights_per_second = format!("{rate:.0}"),
            seconds_left,
            "catching up"
        );
    }

    /// The node is no longer behind.
    pub(crate) fn reached(&mut self, now: Instant, height: u64) {
        if let Some(Way { began, from_height, .. }) = self.0.take() {
            let (heights, seconds) = (height.saturating_sub(from_height), (now - began).as_secs());
            info!(height, heights, seconds, "caught up");
        }
    }
}

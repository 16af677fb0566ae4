//! A bar on standard error while much is read, and only for people.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Below this many bytes nobody waits long enough to want a bar.
pub const PROGRESS_BYTES_LEAST: u64 = 64 << 20;

/// Progress of an amount of work that may not be known beforehand.
#[derive(Clone, Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// No bar at all.
    #[must_use]
    pub fn hidden() -> Self {
        Self { bar: ProgressBar::hidden() }
    }

    /// A bar over bytes: shown on a terminal, unless `quiet`, for much or unknown work.
    #[must_use]
    pub fn bytes(quiet: bool, total_bytes: Option<u64>) -> Self {
        let small = total_bytes.is_some_and(|total| total < PROGRESS_BYTES_LEAST);
        if quiet || small || !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        let template = if total_bytes.is_some() {
            "hashing {bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left"
        } else {
            "hashing {spinner} {bytes}, {bytes_per_sec}"
        };
        Self::shown(template, total_bytes)
    }

    /// A bar over entries of a log.
    #[must_use]
    pub fn entries(quiet: bool, total: u64) -> Self {
        if quiet || total < 10_000 || !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        Self::shown("reading the log {bar:30} {pos} of {len}, {eta} left", Some(total))
    }

    /// A bar over proof files.
    #[must_use]
    pub fn proofs(quiet: bool, total: u64) -> Self {
        if quiet || total < 100 || !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        Self::shown("fetching proofs {bar:30} {pos} of {len}, {eta} left", Some(total))
    }

    fn shown(template: &str, total: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template(template).expect("the templates are valid");
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// So much more is done.
    pub fn advance(&self, amount: u64) {
        self.bar.inc(amount);
    }

    /// All is done, or given up: the bar disappears.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

//! Durations, counted by size.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Significant decimal digits that are kept.
const DIGITS: u8 = 3;
/// The longest duration that is told from longer ones, in microseconds: an hour.
const LONGEST_US: u64 = 3_600_000_000;

/// A histogram of durations, in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Recorder(Histogram<u64>);

impl Default for Recorder {
    fn default() -> Self {
        Self(Histogram::new_with_max(LONGEST_US, DIGITS).expect("three digits are allowed"))
    }
}

impl Recorder {
    /// Counts one duration.
    pub(super) fn add(&mut self, duration: Duration) {
        self.0.saturating_record(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
    }

    /// Counts what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all of them have the same bounds");
    }

    /// How many were counted.
    #[must_use]
    pub(super) fn total(&self) -> u64 {
        self.0.len()
    }

    /// The least duration that this share of the counted do not exceed, in percent.
    #[must_use]
    pub(super) fn percentile(&self, percent: f64) -> Duration {
        Duration::from_micros(self.0.value_at_percentile(percent))
    }
}

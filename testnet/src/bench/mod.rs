//! The benchmark: what a network of real nodes does on this machine, as ratios to what the machine
//! could do at best in the same minutes. Bare times on shared machines say nothing.
//!
//! ```text
//! ceilings ─▶ cases: closed load, open loads, reading, forgeries, batches, memory, disk,
//!                    one caught up from nothing
//!          ─▶ growth: the same network small and large
//!          ─▶ crowd: 4, 16 and 32 validators
//! reading: that case alone, in seconds, only when it is named
//! soak: half load and reading for long, on its own
//! ```

mod cases;
mod ceiling;
mod chart;
mod crowd;
mod drive;
mod echo;
mod growth;
mod reading;
mod recorder;
mod report;
mod running;
mod soak;
mod usage;
mod work;

use std::time::Duration;

pub use chart::svg;
pub use report::{Bound, Point, Report, Row, Sample};
pub use soak::soak;

use crate::statement::StatementError;
use crate::trial::Scene;
use crate::trial_error::TrialError;

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Where networks are made.
    pub scene: Scene,
    /// How long each case is measured.
    pub measured: Duration,
    /// To how many assets a network grows.
    pub assets: u64,
    /// Only these parts; if none is named, all but [`Part::Reading`], which is one of the cases.
    pub parts: Vec<Part>,
}

/// A part of the benchmark.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Part {
    /// One network of four: throughput, latency, reading, forgeries, batches, disk, catching up.
    Cases,
    /// One network of four, small and large.
    Growth,
    /// 4, 16 and 32 validators.
    Crowd,
    /// Reading alone, against the echo, in seconds.
    Reading,
}

/// Why a benchmark has no result.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The network.
    #[error(transparent)]
    Trial(Box<TrialError>),
    /// The statements.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// Files.
    #[error("cannot measure the disk: {0}")]
    Disk(#[from] std::io::Error),
    /// Requests failed that should not.
    #[error("{what}: {failures} requests failed; the first: {words}")]
    Failed {
        /// In which case.
        what: &'static str,
        /// How many.
        failures: u64,
        /// The first one's words.
        words: String,
    },
    /// A database cannot be compacted.
    #[error("vouchsafed compact: {0}")]
    Compact(String),
    /// A node's process cannot be looked at.
    #[error("node {0} does not run, or /proc does not tell of it")]
    Process(u8),
}

impl From<TrialError> for BenchError {
    fn from(error: TrialError) -> Self {
        Self::Trial(Box::new(error))
    }
}

impl Bench {
    fn has(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.contains(&part)
    }
}

/// Measures everything that is asked for.
///
/// # Errors
/// [`BenchError`].
pub async fn run(bench: &Bench) -> Result<Report, BenchError> {
    let mut report = Report::default();
    if bench.has(Part::Cases) {
        cases::measure(bench, &mut report).await?;
    }
    if bench.has(Part::Growth) {
        growth::measure(bench, &mut report).await?;
    }
    if bench.has(Part::Crowd) {
        crowd::measure(bench, &mut report).await?;
    }
    if bench.parts.contains(&Part::Reading) {
        reading::measure(bench, &mut report).await?;
    }
    Ok(report)
}

//! The cases, one after the other on one network.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use vouchsafe_types::record::StateName;

use super::drive::{Outcome, Span, closed, open};
use super::report::{Bound, Point, Report, Row};
use super::work::{Forgeries, Questions, Submissions, channels};
use super::{ceiling, echo};
use crate::founding::Founding;
use crate::statement::{Statement, StatementError, prepare};
use crate::trial::{Arena, Scene};
use crate::trial_error::TrialError;

/// Connections to each node.
const CONNECTIONS: usize = 4;
/// Submissions in flight over all nodes, when as much as possible is wanted.
const IN_FLIGHT: usize = 2_048;
/// Questions in flight, to one node and to the echo.
const QUESTIONS_IN_FLIGHT: usize = 64;
/// Connections for questions.
const QUESTION_CONNECTIONS: usize = 8;
/// Assets in a large transaction.
const BATCH_ASSETS: usize = 1_000;
/// Large transactions in flight.
const BATCHES_IN_FLIGHT: usize = 32;
/// The length of an echo's words: about that of a question for a status, in bytes.
const ECHO_BYTES: usize = 64;
/// The shares of the greatest throughput at which latency is measured, in percent.
const LOADS_PERCENT: [u32; 5] = [10, 25, 50, 75, 90];
/// How long a network runs before the first measurement counts.
const WARM_UP: Duration = Duration::from_secs(3);
/// A memory budget without assets, in bytes: 256 MiB.
const MEMORY_BASE_BYTES: f64 = 268_435_456.0;
/// A memory budget for each asset, in bytes.
const MEMORY_ASSET_BYTES: f64 = 100.0;

/// What is measured, and for how long.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Where the network is made.
    pub scene: Scene,
    /// How long each case is measured.
    pub measured: Duration,
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
}

impl From<TrialError> for BenchError {
    fn from(error: TrialError) -> Self {
        Self::Trial(Box::new(error))
    }
}

/// What the machine could do at best.
struct Ceilings {
    verified_by_four: f64,
    sync_p50: Duration,
    echo: Outcome,
}

/// A bench at work.
struct Running {
    arena: Arena,
    addresses: Vec<SocketAddr>,
    span: Span,
    ceilings: Ceilings,
    report: Report,
    committed: Vec<Statement>,
    committed_bytes: u64,
    assets: u64,
    transactions: u64,
}

/// Measures everything.
///
/// # Errors
/// [`BenchError`].
pub async fn run(bench: &Bench) -> Result<Report, BenchError> {
    let founding = Founding { observers: 1, ..Founding::default() };
    let arena = Arena::open(&bench.scene, founding).await?;
    let span = Span { warm_up: WARM_UP, measured: bench.measured };
    let ceilings = measure_ceilings(arena.testnet.layout().home(), bench.measured).await?;
    let validators = arena.testnet.members().into_iter().take(4);
    let addresses = validators.map(|number| arena.testnet.node(number).addresses.grpc).collect();
    let observer = *arena.testnet.members().last().expect("there are five nodes");
    // It catches up with everything at the end.
    arena.testnet.kill(&[observer]).map_err(TrialError::from)?;
    let mut running = Running {
        report: Report { ceilings: ceilings.words(), ..Report::default() },
        arena,
        addresses,
        span,
        ceilings,
        committed: Vec::new(),
        committed_bytes: 0,
        assets: 0,
        transactions: 0,
    };
    let most = running.throughput().await?;
    running.latencies(most).await?;
    running.reading().await?;
    running.forgeries(most).await?;
    running.batches(most).await?;
    running.memory_and_disk()?;
    running.catching_up(observer, most).await?;
    running.arena.close();
    Ok(running.report)
}

async fn measure_ceilings(folder: &Path, lasting: Duration) -> Result<Ceilings, BenchError> {
    let lasting = lasting.min(Duration::from_secs(10));
    let address = echo::serve().await?;
    let echoes =
        echo::Echoes { channels: channels(&[address], QUESTION_CONNECTIONS), bytes: ECHO_BYTES };
    let span = Span { warm_up: Duration::from_secs(1), measured: lasting };
    let echo = closed(Arc::new(echoes), QUESTIONS_IN_FLIGHT, span).await;
    let (verified_by_four, syncs) = (
        ceiling::verified_by_four(lasting),
        ceiling::synced_writes(folder, lasting.min(Duration::from_secs(5)))?,
    );
    Ok(Ceilings { verified_by_four, sync_p50: syncs.percentile(50.0), echo })
}

impl Ceilings {
    fn words(&self) -> Vec<(String, String)> {
        let hashed = ceiling::hashed_bytes(Duration::from_secs(1)) / 1e9;
        let per_second = |rate: f64| format!("{rate:.0} /s");
        vec![
            ("C4: signatures, four verifiers, batches".into(), per_second(self.verified_by_four)),
            ("fdatasync, p50".into(), milliseconds(self.sync_p50)),
            ("gRPC echo, 64 in flight".into(), per_second(self.echo.rate())),
            ("gRPC echo, p99".into(), milliseconds(self.echo.latency.percentile(99.0))),
            ("SHA-256, one core".into(), format!("{hashed:.2} GB/s")),
        ]
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

fn checked(what: &'static str, outcome: Outcome) -> Result<Outcome, BenchError> {
    match outcome.first_failure {
        Some(words) => Err(BenchError::Failed { what, failures: outcome.failures, words }),
        None => Ok(outcome),
    }
}

impl Running {
    /// So many signed statements of so many assets each, ready to be handed in.
    fn submissions(&self, count: usize, assets: usize) -> Result<Arc<Submissions>, BenchError> {
        let statements =
            prepare(self.arena.authors(), self.arena.testnet.genesis(), count, assets)?;
        Ok(Arc::new(Submissions {
            channels: channels(&self.addresses, CONNECTIONS),
            statements,
            verifier: self.arena.testnet.verifier(),
            next: AtomicU64::new(0),
        }))
    }

    fn span_seconds(&self) -> f64 {
        (self.span.warm_up + self.span.measured).as_secs_f64()
    }

    /// Remembers what was handed in. All of it was answered.
    fn take(&mut self, submissions: &Submissions, assets_each: u64) {
        let count = usize::try_from(submissions.next.load(Ordering::Relaxed)).unwrap_or(0);
        let done = &submissions.statements[..count.min(submissions.statements.len())];
        self.committed_bytes += done.iter().map(|one| one.bytes.len() as u64).sum::<u64>();
        self.transactions += done.len() as u64;
        self.assets += done.len() as u64 * assets_each;
        if self.committed.is_empty() {
            self.committed = done.iter().take(100_000).cloned().collect();
        }
    }

    fn row(
        &mut self,
        what: &str,
        measured: String,
        against: String,
        ratio: f64,
        goal: (Bound, f64),
    ) {
        let (what, (bound, goal)) = (what.to_owned(), goal);
        eprintln!("{what}: {measured}, {ratio:.2} of {against}");
        self.report.rows.push(Row { what, against, measured, ratio, bound, goal });
    }

    /// As much as is taken; gives transactions a second.
    async fn throughput(&mut self) -> Result<f64, BenchError> {
        let short = Span { warm_up: Duration::from_secs(1), measured: Duration::from_secs(4) };
        let trial = self.submissions(100_000, 1)?;
        let first = checked("calibration", closed(trial.clone(), IN_FLIGHT, short).await)?;
        self.take(&trial, 1);
        let count = (first.rate() * self.span_seconds() * 1.5) as usize + IN_FLIGHT;
        let work = self.submissions(count, 1)?;
        let outcome = checked("throughput", closed(work.clone(), IN_FLIGHT, self.span).await)?;
        self.take(&work, 1);
        let (rate, c4) = (outcome.rate(), self.ceilings.verified_by_four);
        let measured = format!("{rate:.0} tx/s");
        self.row(
            "committed, by receipts",
            measured,
            "C4".into(),
            rate / c4,
            (Bound::AtLeast, 0.33),
        );
        Ok(rate)
    }

    /// What receipts wait for at shares of the greatest throughput.
    async fn latencies(&mut self, most: f64) -> Result<(), BenchError> {
        for percent in LOADS_PERCENT {
            let offered = most * f64::from(percent) / 100.0;
            let work = self.submissions((offered * self.span_seconds()) as usize + 16, 1)?;
            let outcome = checked("latency", open(work.clone(), offered, self.span).await)?;
            self.take(&work, 1);
            let (p50, p99) = (outcome.latency.percentile(50.0), outcome.latency.percentile(99.0));
            self.report.points.push(Point {
                offered,
                committed: outcome.rate(),
                p50_ms: p50.as_secs_f64() * 1000.0,
                p99_ms: p99.as_secs_f64() * 1000.0,
            });
            if percent != LOADS_PERCENT[0] {
                continue;
            }
            let sync = self.ceilings.sync_p50.as_secs_f64();
            for (what, latency, goal) in
                [("latency at 10 % load, p50", p50, 10.0), ("latency at 10 % load, p99", p99, 25.0)]
            {
                let ratio = latency.as_secs_f64() / sync;
                let against = "fdatasync p50".to_owned();
                self.row(what, milliseconds(latency), against, ratio, (Bound::AtMost, goal));
            }
        }
        Ok(())
    }

    /// Status with proof, from one node.
    async fn reading(&mut self) -> Result<(), BenchError> {
        let names = self.committed.iter().map(|one| StateName::Asset(one.asset)).collect();
        let channels = channels(&self.addresses[..1], QUESTION_CONNECTIONS);
        let work = Arc::new(Questions { channels, names });
        let outcome = checked("reading", closed(work, QUESTIONS_IN_FLIGHT, self.span).await)?;
        let echo = &self.ceilings.echo;
        let ratio = outcome.rate() / echo.rate();
        let (p99, echo_p99) = (outcome.latency.percentile(99.0), echo.latency.percentile(99.0));
        let slower = p99.as_secs_f64() / echo_p99.as_secs_f64();
        let measured = format!("{:.0} /s", outcome.rate());
        let against = "gRPC echo".to_owned();
        self.row("status with proof", measured, against, ratio, (Bound::AtLeast, 0.55));
        let against = "gRPC echo p99".to_owned();
        let what = "status with proof, p99";
        self.row(what, milliseconds(p99), against, slower, (Bound::AtMost, 2.0));
        Ok(())
    }

    /// One in a hundred is forged.
    async fn forgeries(&mut self, most: f64) -> Result<(), BenchError> {
        let work = self.submissions((most * self.span_seconds() * 1.5) as usize + IN_FLIGHT, 1)?;
        let mut statements = prepare(self.arena.authors(), self.arena.testnet.genesis(), 256, 1)?;
        for statement in &mut statements {
            // The signature is the last part of a signed transaction.
            if let Some(byte) = statement.bytes.last_mut() {
                *byte ^= 1;
            }
        }
        let channels = channels(&self.addresses, CONNECTIONS);
        let forgeries = Arc::new(Forgeries { channels, statements });
        let (honest, forged) = tokio::join!(
            closed(work.clone(), IN_FLIGHT, self.span),
            open(forgeries, most / 100.0, self.span)
        );
        checked("forgeries", forged)?;
        let outcome = checked("beside forgeries", honest)?;
        self.take(&work, 1);
        let rate = outcome.rate();
        let (measured, against) = (format!("{rate:.0} tx/s"), "without them".to_owned());
        self.row("1 % forged", measured, against, rate / most, (Bound::AtLeast, 0.6));
        Ok(())
    }

    /// Many assets in one transaction.
    async fn batches(&mut self, most: f64) -> Result<(), BenchError> {
        let count = (most * self.span_seconds() * 0.1) as usize + BATCHES_IN_FLIGHT;
        let work = self.submissions(count.min(6_000), BATCH_ASSETS)?;
        let outcome = closed(work.clone(), BATCHES_IN_FLIGHT, self.span).await;
        self.take(&work, BATCH_ASSETS as u64);
        let rate = outcome.rate() * BATCH_ASSETS as f64;
        let (measured, against) = (format!("{rate:.0} assets/s"), "single assets".to_owned());
        self.row("batches of 1,000", measured, against, rate / most, (Bound::AtLeast, 8.0));
        Ok(())
    }

    fn memory_and_disk(&mut self) -> Result<(), BenchError> {
        let (layout, node) = (self.arena.testnet.layout(), self.arena.testnet.members()[0]);
        let disk = folder_bytes(&layout.node(node))? as f64;
        let (_, pid) = self.arena.testnet.process(node);
        let memory = pid.and_then(resident_bytes).unwrap_or(0) as f64;
        let budget = MEMORY_BASE_BYTES + MEMORY_ASSET_BYTES * self.assets as f64;
        let signed = self.committed_bytes as f64;
        let mebibytes = |bytes: f64| format!("{:.0} MiB", bytes / 1_048_576.0);
        let against = format!("signed transactions ({})", mebibytes(signed));
        self.row("disk of a node", mebibytes(disk), against, disk / signed, (Bound::AtMost, 1.8));
        let against = format!("256 MiB + 100 B an asset ({} assets)", self.assets);
        let ratio = memory / budget;
        self.row("memory of a node", mebibytes(memory), against, ratio, (Bound::AtMost, 1.0));
        Ok(())
    }

    /// A node that has nothing fetches everything.
    async fn catching_up(&mut self, observer: u8, most: f64) -> Result<(), BenchError> {
        let validators: Vec<u8> = self.arena.testnet.members().into_iter().take(4).collect();
        let height = crate::checks::highest(&self.arena.testnet, &validators).await?;
        let began = Instant::now();
        self.arena.testnet.start(&[observer]).map_err(TrialError::from)?;
        let patience = Duration::from_secs(1_800);
        self.arena.testnet.reach(&[observer], height, patience).await.map_err(TrialError::from)?;
        let took = began.elapsed().as_secs_f64();
        let rate = self.transactions as f64 / took;
        let verify = self.ceilings.verified_by_four * 4.0;
        let measured = format!("{rate:.0} tx/s");
        let what = "catching up";
        self.row(
            what,
            measured.clone(),
            "signatures, all cores".into(),
            rate / verify,
            (Bound::AtLeast, 0.3),
        );
        self.row(what, measured, "committed live".into(), rate / most, (Bound::AtLeast, 3.5));
        Ok(())
    }
}

/// What a folder's files take on the disk, in bytes.
fn folder_bytes(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { folder_bytes(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

/// A process's resident memory, in bytes (proc(5)).
fn resident_bytes(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

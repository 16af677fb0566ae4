//! A network under the benchmark, and what was committed on it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::ceiling;
use super::drive::{Outcome, Span, Work as _, closed};
use super::report::{Bound, Report, Row};
use super::usage::{folder_bytes, processor_seconds};
use super::work::{Submissions, channels};
use super::{Bench, BenchError};
use crate::checks::highest;
use crate::founding::Founding;
use crate::statement::{Statement, prepare};
use crate::trial::Arena;
use crate::trial_error::TrialError;

/// Connections to each node.
pub(super) const CONNECTIONS: usize = 4;
/// Submissions in flight over all nodes, when as much as possible is wanted.
pub(super) const IN_FLIGHT: usize = 2_048;
/// Questions in flight, to one node and to the echo.
pub(super) const QUESTIONS_IN_FLIGHT: usize = 64;
/// Connections for questions.
pub(super) const QUESTION_CONNECTIONS: usize = 8;
/// How long a network runs before the first measurement counts.
const WARM_UP: Duration = Duration::from_secs(3);
/// A node that stood still for its compaction has caught up within this time.
const BACK_WITHIN: Duration = Duration::from_secs(120);
/// So many committed statements are remembered, to ask for them later.
const REMEMBERED_MAX: usize = 100_000;

/// What the machine could do at best.
pub(super) struct Ceilings {
    pub(super) verified_by_four: f64,
    pub(super) verified: f64,
    pub(super) sync_p50: Duration,
}

impl Ceilings {
    /// Measures all, beside nothing else.
    pub(super) fn measure(folder: &Path, lasting: Duration) -> Result<Self, BenchError> {
        let lasting = lasting.min(Duration::from_secs(10));
        let syncs = ceiling::synced_writes(folder, lasting.min(Duration::from_secs(5)))?;
        Ok(Self {
            verified_by_four: ceiling::verified_by_four(lasting),
            verified: ceiling::verified_by_all(lasting),
            sync_p50: syncs.percentile(50.0),
        })
    }

    /// For the report.
    pub(super) fn words(&self) -> Vec<(String, String)> {
        let hashed = ceiling::hashed_bytes(Duration::from_secs(1)) / 1e9;
        let per_second = |rate: f64| format!("{rate:.0} /s");
        vec![
            ("C4: signatures, four verifiers, batches".into(), per_second(self.verified_by_four)),
            ("signatures, all cores, batches".into(), per_second(self.verified)),
            ("fdatasync, p50".into(), milliseconds(self.sync_p50)),
            ("SHA-256, one core".into(), format!("{hashed:.2} GB/s")),
        ]
    }
}

/// A bench at work.
pub(super) struct Running {
    pub(super) arena: Arena,
    /// Where the validators listen.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) span: Span,
    /// The first statements committed.
    pub(super) committed: Vec<Statement>,
    pub(super) committed_bytes: u64,
    pub(super) assets: u64,
    pub(super) transactions: u64,
}

impl Running {
    /// Makes a network and starts it.
    pub(super) async fn open(bench: &Bench, founding: Founding) -> Result<Self, BenchError> {
        let validators = usize::from(founding.validators);
        let arena = Arena::open(&bench.scene, founding).await?;
        let validators = arena.testnet.members().into_iter().take(validators);
        let addresses = validators.map(|number| arena.testnet.node(number).addresses.grpc);
        Ok(Self {
            addresses: addresses.collect(),
            arena,
            span: Span { warm_up: WARM_UP, measured: bench.measured },
            committed: Vec::new(),
            committed_bytes: 0,
            assets: 0,
            transactions: 0,
        })
    }

    /// So many signed statements of so many assets each, ready to be handed in.
    pub(super) fn submissions(
        &self,
        count: usize,
        assets: usize,
    ) -> Result<Arc<Submissions>, BenchError> {
        let genesis = self.arena.testnet.genesis();
        Ok(Arc::new(Submissions {
            channels: channels(&self.addresses, CONNECTIONS),
            statements: prepare(self.arena.authors(), genesis, count, assets)?,
            verifier: self.arena.testnet.verifier(),
            next: AtomicU64::new(0),
        }))
    }

    /// Hands in all of these and waits for every receipt, so many of them in flight.
    pub(super) async fn commit(
        &mut self,
        work: &Arc<Submissions>,
        assets_each: u64,
        in_flight: usize,
    ) -> Result<(), BenchError> {
        let count = work.statements.len();
        let mut workers = JoinSet::new();
        for worker in 0..in_flight {
            let work = work.clone();
            workers.spawn(async move {
                for _ in (worker..count).step_by(in_flight) {
                    work.once(0).await?;
                }
                Ok::<_, String>(())
            });
        }
        while let Some(worker) = workers.join_next().await {
            let done = worker.expect("no worker panics");
            done.map_err(|words| BenchError::Failed { what: "committing", failures: 1, words })?;
        }
        self.take(work, assets_each);
        Ok(())
    }

    /// Warm-up and measurement together, in seconds.
    pub(super) fn span_seconds(&self) -> f64 {
        (self.span.warm_up + self.span.measured).as_secs_f64()
    }

    /// Remembers what was handed in. All of it was answered.
    pub(super) fn take(&mut self, submissions: &Submissions, assets_each: u64) {
        let count = usize::try_from(submissions.next.load(Ordering::Relaxed)).unwrap_or(0);
        let done = &submissions.statements[..count.min(submissions.statements.len())];
        self.committed_bytes += done.iter().map(|one| one.bytes.len() as u64).sum::<u64>();
        self.transactions += done.len() as u64;
        self.assets += done.len() as u64 * assets_each;
        let room = REMEMBERED_MAX.saturating_sub(self.committed.len());
        self.committed.extend(done.iter().take(room).cloned());
    }

    /// As much as is taken, statements of one asset each; `expected` a second suffice.
    pub(super) async fn most(
        &mut self,
        what: &'static str,
        expected: f64,
    ) -> Result<Outcome, BenchError> {
        let count = (expected * self.span_seconds() * 3.0) as usize + IN_FLIGHT;
        let work = self.submissions(count, 1)?;
        let outcome = checked(what, closed(work.clone(), IN_FLIGHT, self.span).await)?;
        self.take(&work, 1);
        Ok(outcome)
    }

    /// About how much is taken, from a few seconds.
    pub(super) async fn calibrate(&mut self) -> Result<f64, BenchError> {
        let short = Span { warm_up: Duration::from_secs(1), measured: Duration::from_secs(4) };
        let trial = self.submissions(100_000, 1)?;
        let first = checked("calibration", closed(trial.clone(), IN_FLIGHT, short).await)?;
        self.take(&trial, 1);
        Ok(first.rate())
    }

    /// The processor time that all validators have taken, in seconds.
    pub(super) fn validators_used(&self) -> Result<f64, BenchError> {
        let validators = self.arena.testnet.members().into_iter().take(self.addresses.len());
        let used = |node: u8| {
            let seconds = self.process(node).and_then(processor_seconds);
            seconds.ok_or(BenchError::Process(node))
        };
        validators.map(used).sum()
    }

    /// What [`validators_used`](Self::validators_used) tells, and their height.
    pub(super) async fn spent(&self) -> Result<(f64, u64), BenchError> {
        let testnet = &self.arena.testnet;
        let height = highest(testnet, &testnet.members()[..self.addresses.len()]).await?;
        Ok((self.validators_used()?, height))
    }

    /// What the first node's folder takes once its database is compacted, in bytes. The node stands
    /// still meanwhile, and has caught up afterwards.
    pub(super) async fn compacted_bytes(&mut self) -> Result<u64, BenchError> {
        let testnet = &mut self.arena.testnet;
        let nodes = testnet.members();
        let (node, others) = nodes.split_first().expect("a network has nodes");
        testnet.stop(&[*node]).map_err(TrialError::from)?;
        let home = testnet.layout().node(*node);
        let mut compact = std::process::Command::new(testnet.vouchsafed());
        let done = compact.arg("compact").arg("--home").arg(&home).output()?;
        if !done.status.success() {
            return Err(BenchError::Compact(String::from_utf8_lossy(&done.stderr).into_owned()));
        }
        let bytes = folder_bytes(&home)?;
        testnet.start(&[*node]).map_err(TrialError::from)?;
        let height = highest(testnet, &others[..self.addresses.len() - 1]).await?;
        testnet.reach(&[*node], height, BACK_WITHIN).await.map_err(TrialError::from)?;
        Ok(bytes)
    }

    /// A node's process.
    pub(super) fn process(&self, node: u8) -> Option<u32> {
        self.arena.testnet.process(node).1
    }
}

/// A ratio that stands against a goal.
pub(super) struct Against<'a> {
    pub(super) what: &'a str,
    pub(super) ratio: f64,
    pub(super) bound: Bound,
    pub(super) goal: f64,
}

impl Report {
    /// Adds a row, and says so: a benchmark takes long.
    pub(super) fn row(&mut self, what: &str, measured: String, against: Against<'_>) {
        let Against { what: other, ratio, bound, goal } = against;
        eprintln!("{what}: {measured}, {ratio:.2} of {other}");
        let (what, against) = (what.to_owned(), other.to_owned());
        self.rows.push(Row { what, against, measured, ratio, bound, goal });
    }
}

/// Refuses an outcome with failures.
pub(super) fn checked(what: &'static str, outcome: Outcome) -> Result<Outcome, BenchError> {
    match outcome.first_failure {
        Some(words) => Err(BenchError::Failed { what, failures: outcome.failures, words }),
        None => Ok(outcome),
    }
}

/// As people read it.
pub(super) fn milliseconds(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1000.0)
}

/// As people read it.
pub(super) fn mebibytes(bytes: f64) -> String {
    format!("{:.0} MiB", bytes / 1_048_576.0)
}

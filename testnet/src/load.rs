//! Load: many transactions in flight through several nodes at once. Every receipt is proven before
//! it counts.
//!
//! ```text
//! supply ─▶ worker ─ node, or the next one while it is away ─▶ receipt, proven ─▶ acknowledged
//!                  └─ the same bytes again until then
//! ```

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::{Code, Status};
use vouchsafe_client::proven;
use vouchsafe_types::verifier::Verifier;

use crate::api::NodeApi;
use crate::statement::{Statement, Supply};
use crate::testnet::Testnet;
use crate::trial_error::TrialError;

/// How long one submission waits for its receipt, in milliseconds.
const WAIT_MS: u32 = 10_000;
/// Pause before the same bytes are sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// How long a poll pauses.
const POLL_PAUSE: Duration = Duration::from_millis(5);

/// A statement with a proven receipt.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// The statement.
    pub statement: Statement,
    /// The height of its block.
    pub height: u64,
    /// When the receipt came.
    pub at: Instant,
    /// How long after the first submission.
    pub latency: Duration,
}

/// What workers share.
struct Shared {
    supply: Mutex<Supply>,
    acknowledged: Mutex<Vec<Acknowledged>>,
    broken: Mutex<Option<TrialError>>,
    nodes: Vec<(u8, NodeApi)>,
    verifier: Verifier,
}

/// The receipts of a load, for those who look at them while more come.
#[derive(Clone)]
pub struct Receipts(Arc<Shared>);

impl Receipts {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.0.acknowledged).len()
    }

    /// One of them, in the order in which they came.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Acknowledged> {
        lock(&self.0.acknowledged).get(index).cloned()
    }

    /// Those from an index on.
    #[must_use]
    pub fn since(&self, index: usize) -> Vec<Acknowledged> {
        lock(&self.0.acknowledged).get(index..).unwrap_or_default().to_vec()
    }
}

/// Workers that submit.
pub struct Load {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    workers: JoinSet<()>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no worker panics while it holds a lock")
}

impl Load {
    /// Starts so many submissions in flight at each of the nodes.
    #[must_use]
    pub fn start(testnet: &Testnet, nodes: &[u8], in_flight: usize, supply: Supply) -> Self {
        let shared = Arc::new(Shared {
            supply: Mutex::new(supply),
            acknowledged: Mutex::default(),
            broken: Mutex::default(),
            nodes: nodes.iter().map(|node| (*node, testnet.api(*node))).collect(),
            verifier: testnet.verifier(),
        });
        let (stop, stopped) = watch::channel(false);
        let mut workers = JoinSet::new();
        for index in 0..nodes.len() * in_flight {
            let (shared, mut stopped) = (shared.clone(), stopped.clone());
            workers.spawn(async move {
                tokio::select! {
                    () = shared.work(index) => {}
                    // A sender that is gone has no more use for the load either.
                    _ = stopped.changed() => {}
                }
            });
        }
        Self { shared, stop, workers }
    }

    /// How many receipts there are.
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.shared.acknowledged).len()
    }

    /// All receipts so far, in the order in which they came.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        lock(&self.shared.acknowledged).clone()
    }

    /// The receipts, while more come.
    #[must_use]
    pub fn receipts(&self) -> Receipts {
        Receipts(self.shared.clone())
    }

    /// Has a worker found something?
    ///
    /// # Errors
    /// What it found; once.
    pub fn check(&self) -> Result<(), TrialError> {
        lock(&self.shared.broken).take().map_or(Ok(()), Err)
    }

    /// Waits for so many receipts more than there are.
    ///
    /// # Errors
    /// [`TrialError::Stalled`], or what a worker found.
    pub async fn more(&self, count: usize, within: Duration) -> Result<(), TrialError> {
        let (began, before) = (Instant::now(), self.count());
        while self.count() < before + count {
            self.check()?;
            if began.elapsed() >= within {
                let what = format!("{count} receipts more than {before}");
                return Err(TrialError::Stalled { what, within });
            }
            tokio::time::sleep(POLL_PAUSE).await;
        }
        Ok(())
    }

    /// Waits until no receipt has come for some time.
    ///
    /// # Errors
    /// What a worker found.
    pub async fn silence(&self, lasting: Duration) -> Result<(), TrialError> {
        let (mut since, mut count) = (Instant::now(), self.count());
        while since.elapsed() < lasting {
            self.check()?;
            tokio::time::sleep(POLL_PAUSE).await;
            if self.count() != count {
                (since, count) = (Instant::now(), self.count());
            }
        }
        Ok(())
    }

    /// Waits until all of a supply is acknowledged.
    ///
    /// # Errors
    /// [`TrialError::Stalled`] when nothing is for that time, or what a worker found.
    pub async fn finish(mut self, within: Duration) -> Result<Vec<Acknowledged>, TrialError> {
        let (mut since, mut count) = (Instant::now(), self.count());
        while !self.workers.is_empty() {
            self.check()?;
            // A worker's end is only one reason to look again.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.workers.join_next()).await;
            if self.count() != count {
                (since, count) = (Instant::now(), self.count());
            } else if since.elapsed() >= within {
                let what = format!("a receipt after {count}");
                return Err(TrialError::Stalled { what, within });
            }
        }
        self.check()?;
        Ok(self.acknowledged())
    }

    /// Stops at once, and returns what was acknowledged.
    ///
    /// # Errors
    /// What a worker found.
    pub async fn stop(mut self) -> Result<Vec<Acknowledged>, TrialError> {
        self.stop.send_replace(true);
        while self.workers.join_next().await.is_some() {}
        self.check()?;
        Ok(self.acknowledged())
    }
}

impl Shared {
    async fn work(&self, index: usize) {
        loop {
            let next = lock(&self.supply).take();
            let done = match next {
                Ok(Some(statement)) => self.submit(index, statement).await,
                Ok(None) => return,
                Err(error) => Err(error.into()),
            };
            if let Err(error) = done {
                lock(&self.broken).get_or_insert(error);
                return;
            }
        }
    }

    /// Sends the same bytes until there is a receipt.
    async fn submit(&self, index: usize, statement: Statement) -> Result<(), TrialError> {
        let began = Instant::now();
        let mut attempt = index;
        loop {
            let (node, api) = &self.nodes[attempt % self.nodes.len()];
            match api.submit_and_wait(statement.bytes.clone(), WAIT_MS).await {
                Ok(receipt) => {
                    let proven = proven::transaction(
                        &self.verifier,
                        &statement.id,
                        &statement.bytes,
                        Some(&receipt),
                    );
                    let proven =
                        proven.map_err(|lie| TrialError::Lie { node: *node, lie: lie.into() })?;
                    let height = proven.head.header().height;
                    let (at, latency) = (Instant::now(), began.elapsed());
                    lock(&self.acknowledged).push(Acknowledged { statement, height, at, latency });
                    return Ok(());
                }
                Err(status) if is_refusal(&status) => {
                    return Err(TrialError::Refused { node: *node, status: status.into() });
                }
                Err(status) => {
                    // A full node is asked again; one that is away is left for the next.
                    if status.code() != Code::ResourceExhausted {
                        attempt += 1;
                    }
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }
}

/// Is a request at fault, and not the moment?
pub(crate) fn is_refusal(status: &Status) -> bool {
    matches!(status.code(), Code::InvalidArgument | Code::FailedPrecondition)
}

/// The latency below which this share of the receipts came.
#[must_use]
pub fn percentile(acknowledged: &[Acknowledged], percent: usize) -> Duration {
    let mut latencies: Vec<_> = acknowledged.iter().map(|one| one.latency).collect();
    latencies.sort_unstable();
    let index = (latencies.len() * percent / 100).min(latencies.len().saturating_sub(1));
    latencies.get(index).copied().unwrap_or_default()
}

/// The longest time without a receipt between two moments.
#[must_use]
pub fn longest_gap(acknowledged: &[Acknowledged], from: Instant, to: Instant) -> Duration {
    let mut moments: Vec<_> =
        acknowledged.iter().map(|one| one.at).filter(|at| (from..=to).contains(at)).collect();
    moments.extend([from, to]);
    moments.sort_unstable();
    moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

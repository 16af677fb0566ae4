//! Load: as much as is answered (closed), or so much a second whatever happens (open). An open
//! load's latencies count from when each request was due, not from when it was sent: a stall is
//! suffered by all that were due in it (the mistake of leaving them out is called coordinated
//! omission).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{Instant as TokioInstant, sleep_until};

use super::recorder::Recorder;

/// What is asked, again and again: a number goes in, and the words of a failure come out.
pub(super) trait Work: Send + Sync + 'static {
    /// Does the work once.
    fn once(&self, number: u64) -> impl Future<Output = Result<(), String>> + Send;
}

/// What a load did after its warm-up.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// How long it was measured.
    pub(super) lasted: Duration,
    /// How long each answer took.
    pub(super) latency: Recorder,
    /// Requests that failed.
    pub(super) failures: u64,
    /// The words of the first that failed.
    pub(super) first_failure: Option<String>,
}

impl Outcome {
    /// Answers in a second.
    #[must_use]
    pub(super) fn rate(&self) -> f64 {
        self.latency.total() as f64 / self.lasted.as_secs_f64()
    }

    /// Joins another load's outcome to this one: they were measured one after the other.
    pub(super) fn merge(&mut self, other: Self) {
        self.lasted += other.lasted;
        self.latency.merge(&other.latency);
        self.failures += other.failures;
        self.first_failure = self.first_failure.take().or(other.first_failure);
    }

    fn add(&mut self, end: Result<(), String>, latency: Duration) {
        match end {
            Ok(()) => self.latency.add(latency),
            Err(words) => {
                self.failures += 1;
                self.first_failure.get_or_insert(words);
            }
        }
    }
}

/// When a load is measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Before this it only warms up.
    pub(super) warm_up: Duration,
    /// Then it is measured for so long.
    pub(super) measured: Duration,
}

/// Keeps so many requests in flight.
pub(super) async fn closed<W: Work>(work: Arc<W>, in_flight: usize, span: Span) -> Outcome {
    let (next, outcome) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Outcome::default())));
    let begin = Instant::now() + span.warm_up;
    let end = begin + span.measured;
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let (work, next, outcome) = (work.clone(), next.clone(), outcome.clone());
        workers.spawn(async move {
            while Instant::now() < end {
                let from = Instant::now();
                let answer = work.once(next.fetch_add(1, Ordering::Relaxed)).await;
                let at = Instant::now();
                if at >= begin && at < end {
                    let mut outcome = outcome.lock().expect("no worker panics with it");
                    outcome.add(answer, at - from);
                }
            }
        });
    }
    while workers.join_next().await.is_some() {}
    finish(outcome, span)
}

/// Sends so many requests a second, whether or not earlier ones are answered.
pub(super) async fn open<W: Work>(work: Arc<W>, rate: f64, span: Span) -> Outcome {
    let outcome = Arc::new(Mutex::new(Outcome::default()));
    let start = Instant::now();
    let (begin, end) = (start + span.warm_up, start + span.warm_up + span.measured);
    let mut requests = JoinSet::new();
    for number in 0.. {
        let due = start + Duration::from_secs_f64(number as f64 / rate);
        if due >= end {
            break;
        }
        if due > Instant::now() {
            sleep_until(TokioInstant::from_std(due)).await;
        }
        let (work, outcome) = (work.clone(), outcome.clone());
        requests.spawn(async move {
            let answer = work.once(number).await;
            if due >= begin {
                let mut outcome = outcome.lock().expect("no request panics with it");
                outcome.add(answer, due.elapsed());
            }
        });
        while requests.try_join_next().is_some() {}
    }
    while requests.join_next().await.is_some() {}
    finish(outcome, span)
}

fn finish(outcome: Arc<Mutex<Outcome>>, span: Span) -> Outcome {
    let mut outcome = outcome.lock().expect("all workers have ended").clone();
    outcome.lasted = span.measured;
    outcome
}

//! Half of what a network can commit, and reading beside it, for long: what grows then would end a
//! node in a month.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vouchsafe_types::record::StateName;

use super::drive::{Span, open};
use super::report::{Report, Sample};
use super::running::{QUESTION_CONNECTIONS, Running, checked};
use super::usage::{folder_bytes, open_files, resident_bytes};
use super::work::{Questions, channels};
use super::{Bench, BenchError};
use crate::founding::Founding;

/// The share of the greatest throughput that is offered.
const LOAD: f64 = 0.5;
/// Questions for each ten requests.
const READS: f64 = 0.1;
/// How long a sample lasts.
const SAMPLE: Duration = Duration::from_secs(30);

/// Runs a network of four at half load for so long, and samples it.
///
/// # Errors
/// [`BenchError`].
pub async fn soak(bench: &Bench, lasting: Duration) -> Result<Report, BenchError> {
    let mut running = Running::open(bench, Founding::default()).await?;
    let expected = running.calibrate().await?;
    let most = running.most("throughput", expected).await?.rate();
    let (offered, asked) = (most * LOAD, most * LOAD * READS / (1.0 - READS));
    eprintln!("{most:.0} tx/s at most; {offered:.0} tx/s and {asked:.0} questions/s from here");
    let mut report = Report::default();
    let began = Instant::now();
    while began.elapsed() < lasting {
        let sample = sample(&mut running, offered, asked, began).await?;
        eprintln!("  {}", sample.words());
        report.samples.push(sample);
    }
    running.arena.close();
    Ok(report)
}

async fn sample(
    running: &mut Running,
    offered: f64,
    asked: f64,
    began: Instant,
) -> Result<Sample, BenchError> {
    let span = Span { warm_up: Duration::ZERO, measured: SAMPLE };
    let work = running.submissions((offered * SAMPLE.as_secs_f64()) as usize + 16, 1)?;
    let names = running.committed.iter().map(|one| StateName::Asset(one.asset)).collect();
    let channels = channels(&running.addresses, QUESTION_CONNECTIONS / 4);
    let questions = Arc::new(Questions { channels, names });
    let (committed, answered) =
        tokio::join!(open(work.clone(), offered, span), open(questions, asked, span));
    let (committed, answered) = (checked("soak", committed)?, checked("soak reads", answered)?);
    running.take(&work, 1);
    let node = running.arena.testnet.members()[0];
    let pid = running.process(node).ok_or(BenchError::Process(node))?;
    let folder = running.arena.testnet.layout().node(node);
    Ok(Sample {
        at_s: began.elapsed().as_secs(),
        transactions: running.transactions,
        committed: committed.rate(),
        commit_p50_ms: committed.latency.percentile(50.0).as_secs_f64() * 1000.0,
        commit_p99_ms: committed.latency.percentile(99.0).as_secs_f64() * 1000.0,
        read_p99_ms: answered.latency.percentile(99.0).as_secs_f64() * 1000.0,
        resident_bytes: resident_bytes(pid).ok_or(BenchError::Process(node))?,
        open_files: open_files(pid).ok_or(BenchError::Process(node))?,
        disk_bytes: folder_bytes(&folder)?,
        signed_bytes: running.committed_bytes,
    })
}

//! Half of what a network can commit, and reading beside it, for long: what grows then would end a
//! node in a month.

use std::sync::Arc;
use std::time::{Duration, Instant};

use vouchsafe_types::record::StateName;

use super::drive::{Span, open};
use super::report::{Bound, Report, Row, Sample};
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

/// A minute of more than can be committed, after which all must be as before.
const OVERLOAD: Duration = Duration::from_secs(60);
/// How many times what can be committed is offered then.
const OVERLOAD_TIMES: f64 = 2.0;

/// Runs a network of four at half load for so long, and samples it; then offers it too much for a
/// minute, waits until all is committed, and samples it again.
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
    report.rows.extend(course(&report.samples));
    let drained = overload(&mut running, most).await?;
    let after = sample(&mut running, offered, asked, began).await?;
    eprintln!("  {}", after.words());
    report.rows.extend(recovery(&report.samples, drained, &after));
    report.samples.push(after);
    running.arena.close();
    Ok(report)
}

/// Offers too much, and waits until all of it is committed: in what part of the time that it takes
/// at best?
async fn overload(running: &mut Running, most: f64) -> Result<f64, BenchError> {
    let span = Span { warm_up: Duration::ZERO, measured: OVERLOAD };
    let offered = most * OVERLOAD_TIMES;
    let work = running.submissions((offered * OVERLOAD.as_secs_f64()) as usize + 16, 1)?;
    let began = Instant::now();
    checked("overload", open(work.clone(), offered, span).await)?;
    let drained = began.elapsed().as_secs_f64() / (OVERLOAD.as_secs_f64() * OVERLOAD_TIMES);
    running.take(&work, 1);
    Ok(drained)
}

/// The median of what samples say.
fn median(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    let mut values: Vec<f64> = samples.iter().map(of).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What a long run was like in its second half, held against the first; what grows by each
/// transaction, against what a transaction may take.
fn course(samples: &[Sample]) -> Vec<Row> {
    let (first, second) = samples.split_at(samples.len() / 2);
    let drift = |what: &str, of: fn(&Sample) -> f64| Row {
        what: format!("{what}, second half"),
        against: "first half".to_owned(),
        measured: format!("{:.1} ms", median(second, of)),
        ratio: median(second, of) / median(first, of),
        bound: Bound::AtMost,
        goal: 1.5,
    };
    let mut rows = vec![
        drift("commit p50", |sample| sample.commit_p50_ms),
        drift("commit p99", |sample| sample.commit_p99_ms),
        drift("status p99", |sample| sample.read_p99_ms),
    ];
    if let (Some(from), Some(to)) = (second.first(), second.last()) {
        let transactions = to.transactions.saturating_sub(from.transactions).max(1) as f64;
        let grown = |of: fn(&Sample) -> u64| of(to) as f64 - of(from) as f64;
        let row = |what: &str, against: &str, value: f64, unit: &str, each: f64, goal: f64| Row {
            what: format!("{what}, second half"),
            against: against.to_owned(),
            measured: format!("{value:.0} {unit}"),
            ratio: value / each,
            bound: Bound::AtMost,
            goal,
        };
        let memory = grown(|sample| sample.resident_bytes) / transactions;
        let disk = grown(|sample| sample.disk_bytes) / transactions;
        let signed = grown(|sample| sample.signed_bytes) / transactions;
        let files = to.open_files as f64;
        rows.push(row("memory", "100 B", memory, "B an asset", 100.0, 1.5));
        rows.push(row("disk, not compacted", "signed bytes", disk, "B each", signed, 1.8));
        rows.push(row(
            "open files at its end",
            "its begin",
            files,
            "files",
            from.open_files as f64,
            1.5,
        ));
    }
    rows
}

/// What became of a minute of too much.
fn recovery(samples: &[Sample], drained: f64, after: &Sample) -> [Row; 2] {
    let before = median(samples, |sample| sample.commit_p50_ms);
    let measured = format!("{:.0} s", drained * OVERLOAD.as_secs_f64() * OVERLOAD_TIMES);
    [
        Row {
            what: "all of a minute of twice too much is committed after".to_owned(),
            against: "its time at best".to_owned(),
            measured,
            ratio: drained,
            bound: Bound::AtMost,
            goal: 1.5,
        },
        Row {
            what: "commit p50 after that".to_owned(),
            against: "before".to_owned(),
            measured: format!("{:.1} ms", after.commit_p50_ms),
            ratio: after.commit_p50_ms / before,
            bound: Bound::AtMost,
            goal: 1.5,
        },
    ]
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

//! What a network loses when it grows: as many committed a second, and as short proofs, over many
//! assets as over few.

use std::time::Duration;

use super::drive::{Span, closed};
use super::report::{Bound, Report};
use super::running::{Against, QUESTIONS_IN_FLIGHT, Running, checked, mebibytes, milliseconds};
use super::usage::resident_bytes;
use super::{Bench, BenchError, reading};
use crate::founding::Founding;

/// Assets before it grows.
const FEW: u64 = 10_000;
/// Assets in a transaction while it grows.
const BATCH_ASSETS: usize = 2_000;
/// Transactions that are prepared at one time while it grows.
const BATCHES: usize = 100;
/// Transactions in flight while it grows.
const IN_FLIGHT: usize = 16;
/// A memory budget without assets, in bytes: 256 MiB.
const MEMORY_BASE_BYTES: f64 = 268_435_456.0;
/// A memory budget for each asset, in bytes.
const MEMORY_ASSET_BYTES: f64 = 100.0;
/// Answers that are weighed.
const WEIGHED: usize = 200;

/// What a network of some size does.
struct Size {
    committed: f64,
    proof_p99: Duration,
    answer_bytes: f64,
}

/// Grows a network of four from few assets to many.
pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let mut running = Running::open(bench, Founding::default()).await?;
    let expected = running.calibrate().await?;
    grow(&mut running, FEW).await?;
    let small = size(&mut running, expected).await?;
    let few = running.assets;
    grow(&mut running, bench.assets).await?;
    let large = size(&mut running, expected).await?;
    let from_to = |what: &str| format!("{what}, {few} → {} assets", running.assets);
    let ratio = large.committed / small.committed;
    let measured = format!("{:.0} tx/s", large.committed);
    let against = Against { what: "when small", ratio, bound: Bound::AtLeast, goal: 0.8 };
    report.row(&from_to("committed"), measured, against);
    let ratio = large.proof_p99.as_secs_f64() / small.proof_p99.as_secs_f64();
    let against = Against { what: "when small", ratio, bound: Bound::AtMost, goal: 1.5 };
    report.row(&from_to("status with proof, p99"), milliseconds(large.proof_p99), against);
    let more = large.answer_bytes - small.answer_bytes;
    let against = Against { what: "bytes more", ratio: more, bound: Bound::AtMost, goal: 350.0 };
    report.row(&from_to("answer with proof"), format!("{:.0} B", large.answer_bytes), against);
    memory(&running, report)?;
    running.arena.close();
    Ok(())
}

async fn size(running: &mut Running, expected: f64) -> Result<Size, BenchError> {
    let committed = running.most("growth", expected).await?.rate();
    let work = reading::questions(running);
    let mut answer_bytes = 0;
    for number in 0..WEIGHED as u64 {
        let weighed = work.weigh(number * 37).await;
        answer_bytes +=
            weighed.map_err(|words| BenchError::Failed { what: "weighing", failures: 1, words })?;
    }
    let asked = closed(work, QUESTIONS_IN_FLIGHT, running.span).await;
    let asked = checked("reading", asked)?;
    let answer_bytes = answer_bytes as f64 / WEIGHED as f64;
    Ok(Size { committed, proof_p99: asked.latency.percentile(99.0), answer_bytes })
}

async fn grow(running: &mut Running, assets: u64) -> Result<(), BenchError> {
    while running.assets < assets {
        let missing = usize::try_from(assets - running.assets).unwrap_or(usize::MAX);
        let count = missing.div_ceil(BATCH_ASSETS).min(BATCHES);
        let work = running.submissions(count, BATCH_ASSETS)?;
        running.commit(&work, BATCH_ASSETS as u64, IN_FLIGHT).await?;
        eprintln!("  {} assets", running.assets);
    }
    // What RocksDB puts off is not to be paid by the next case.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let short = Span { warm_up: Duration::ZERO, measured: Duration::from_secs(1) };
    let work = running.submissions(20_000, 1)?;
    checked("after growing", closed(work.clone(), 256, short).await)?;
    running.take(&work, 1);
    Ok(())
}

fn memory(running: &Running, report: &mut Report) -> Result<(), BenchError> {
    let node = running.arena.testnet.members()[0];
    let pid = running.process(node).ok_or(BenchError::Process(node))?;
    let resident = resident_bytes(pid).ok_or(BenchError::Process(node))? as f64;
    let budget = MEMORY_BASE_BYTES + MEMORY_ASSET_BYTES * running.assets as f64;
    let what = format!("256 MiB + 100 B an asset ({} assets)", running.assets);
    let ratio = resident / budget;
    let against = Against { what: &what, ratio, bound: Bound::AtMost, goal: 1.0 };
    report.row("memory of a node", mebibytes(resident), against);
    Ok(())
}

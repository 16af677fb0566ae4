//! The cases on one network of four, one after the other, and one node more that catches up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::drive::{closed, open};
use super::report::{Bound, Point, Report};
use super::running::{
    Against, CONNECTIONS, Ceilings, IN_FLIGHT, Running, checked, mebibytes, milliseconds,
};
use super::work::{Forgeries, channels};
use super::{Bench, BenchError, ceiling, reading};
use crate::checks::highest;
use crate::founding::Founding;
use crate::statement::prepare;
use crate::trial_error::TrialError;

/// Assets in a large transaction.
const BATCH_ASSETS: usize = 1_000;
/// Large transactions in flight.
const BATCHES_IN_FLIGHT: usize = 32;
/// The shares of the greatest throughput at which latency is measured, in percent.
const LOADS_PERCENT: [u32; 5] = [10, 25, 50, 75, 90];
/// How long a ceiling is measured a second time.
const CEILING_AGAIN: Duration = Duration::from_secs(5);
/// A node that was away has caught up within this time.
const CATCH_UP_WITHIN: Duration = Duration::from_secs(1_800);

/// The network and what is found on it.
struct Cases<'a> {
    running: Running,
    ceilings: Ceilings,
    report: &'a mut Report,
}

/// What a node's folder takes, and what was committed until then.
#[derive(Clone, Copy, Default)]
struct Disk {
    bytes: u64,
    signed_bytes: u64,
}

/// Measures all cases.
pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let running = Running::open(bench, Founding { observers: 1, ..Founding::default() }).await?;
    let home = running.arena.testnet.layout().home().to_owned();
    let ceilings = Ceilings::measure(&home, bench.measured)?;
    report.ceilings = ceilings.words();
    let observer = *running.arena.testnet.members().last().expect("there are five nodes");
    // It catches up with everything at the end.
    running.arena.testnet.kill(&[observer]).map_err(TrialError::from)?;
    let mut cases = Cases { running, ceilings, report };
    let most = cases.throughput().await?;
    cases.latencies(most).await?;
    reading::ask(&cases.running, bench.measured * 2, cases.report).await?;
    cases.forgeries(most).await?;
    let singles = cases.disk("disk of a node, single assets", 1.8, Disk::default()).await?;
    cases.batches(most).await?;
    cases.disk("disk of a node, batches of 1,000", 1.4, singles).await?;
    cases.catching_up(observer, most).await?;
    cases.running.arena.close();
    Ok(())
}

impl Cases<'_> {
    /// As much as is taken; gives transactions a second.
    async fn throughput(&mut self) -> Result<f64, BenchError> {
        let expected = self.running.calibrate().await?;
        let (used, done) = (self.running.validators_used()?, self.running.transactions);
        let rate = self.running.most("throughput", expected).await?.rate();
        let used = self.running.validators_used()? - used;
        let each = used / (self.running.transactions - done).max(1) as f64 / 4.0;
        let what = "CPU of a validator for each transaction committed";
        eprintln!("{what}: {:.0} µs", each * 1e6);
        self.report.costs.push((what.into(), format!("{:.0} µs", each * 1e6)));
        // A machine that others use is not as fast all the time: before and after, on average.
        let again = ceiling::verified_by_four(self.running.span.measured.min(CEILING_AGAIN));
        let verified_by_four = f64::midpoint(self.ceilings.verified_by_four, again);
        self.report
            .ceilings
            .push(("C4 again, after the throughput".into(), format!("{again:.0} /s")));
        let ratio = rate / verified_by_four;
        let against = Against { what: "C4", ratio, bound: Bound::AtLeast, goal: 0.33 };
        self.report.row("committed, by receipts", format!("{rate:.0} tx/s"), against);
        Ok(rate)
    }

    /// What receipts wait for at shares of the greatest throughput.
    async fn latencies(&mut self, most: f64) -> Result<(), BenchError> {
        for percent in LOADS_PERCENT {
            let offered = most * f64::from(percent) / 100.0;
            let count = (offered * self.running.span_seconds()) as usize + 16;
            let work = self.running.submissions(count, 1)?;
            let (used, from) = self.running.spent().await?;
            let outcome = open(work.clone(), offered, self.running.span).await;
            let outcome = checked("latency", outcome)?;
            let (used_then, to) = self.running.spent().await?;
            self.running.take(&work, 1);
            let (p50, p99) = (outcome.latency.percentile(50.0), outcome.latency.percentile(99.0));
            self.report.points.push(Point {
                offered,
                committed: outcome.rate(),
                p50_ms: p50.as_secs_f64() * 1000.0,
                p99_ms: p99.as_secs_f64() * 1000.0,
            });
            if percent == LOADS_PERCENT[0] {
                let heights = (to - from).max(1) as f64;
                let height_ms = (used_then - used) * 1000.0 / heights / 4.0;
                let what = "CPU of a validator for each height at 10 % load";
                self.report.costs.push((what.into(), format!("{height_ms:.1} ms")));
                let what = "heights a second at 10 % load";
                let rate = heights / self.running.span_seconds();
                self.report.costs.push((what.into(), format!("{rate:.0}")));
                self.latency_row("latency at 10 % load, p50", p50, 10.0);
                self.latency_row("latency at 10 % load, p99", p99, 25.0);
            }
        }
        Ok(())
    }

    fn latency_row(&mut self, what: &str, latency: Duration, goal: f64) {
        let ratio = latency.as_secs_f64() / self.ceilings.sync_p50.as_secs_f64();
        let against = Against { what: "fdatasync p50", ratio, bound: Bound::AtMost, goal };
        self.report.row(what, milliseconds(latency), against);
    }

    /// One in a hundred is forged.
    async fn forgeries(&mut self, most: f64) -> Result<(), BenchError> {
        let testnet = &self.running.arena.testnet;
        let mut statements = prepare(self.running.arena.authors(), testnet.genesis(), 256, 1)?;
        for statement in &mut statements {
            // The signature is the last part of a signed transaction.
            if let Some(byte) = statement.bytes.last_mut() {
                *byte ^= 1;
            }
        }
        let channels = channels(&self.running.addresses, CONNECTIONS);
        let forgeries = Arc::new(Forgeries { channels, statements });
        let count = (most * self.running.span_seconds() * 1.5) as usize + IN_FLIGHT;
        let (span, work) = (self.running.span, self.running.submissions(count, 1)?);
        let (honest, forged) = tokio::join!(
            closed(work.clone(), IN_FLIGHT, span),
            open(forgeries, most / 100.0, span)
        );
        checked("forgeries", forged)?;
        let rate = checked("beside forgeries", honest)?.rate();
        self.running.take(&work, 1);
        let ratio = rate / most;
        let against = Against { what: "without them", ratio, bound: Bound::AtLeast, goal: 0.6 };
        self.report.row("1 % forged", format!("{rate:.0} tx/s"), against);
        Ok(())
    }

    /// Many assets in one transaction.
    async fn batches(&mut self, most: f64) -> Result<(), BenchError> {
        let count = (most * self.running.span_seconds() * 0.05) as usize + BATCHES_IN_FLIGHT;
        let work = self.running.submissions(count.clamp(1_000, 8_000), BATCH_ASSETS)?;
        let outcome = closed(work.clone(), BATCHES_IN_FLIGHT, self.running.span).await;
        let outcome = checked("batches", outcome)?;
        self.running.take(&work, BATCH_ASSETS as u64);
        let rate = outcome.rate() * BATCH_ASSETS as f64;
        let ratio = rate / most;
        let against = Against { what: "single assets", ratio, bound: Bound::AtLeast, goal: 8.0 };
        self.report.row("batches of 1,000", format!("{rate:.0} assets/s"), against);
        Ok(())
    }

    /// What a node's folder takes, compacted, beyond what it took before.
    async fn disk(&mut self, what: &str, goal: f64, before: Disk) -> Result<Disk, BenchError> {
        let bytes = self.running.compacted_bytes().await?;
        let after = Disk { bytes, signed_bytes: self.running.committed_bytes };
        let disk = after.bytes.saturating_sub(before.bytes) as f64;
        let signed = (after.signed_bytes - before.signed_bytes) as f64;
        let other = format!("signed transactions ({})", mebibytes(signed));
        let ratio = disk / signed;
        let against = Against { what: &other, ratio, bound: Bound::AtMost, goal };
        self.report.row(what, mebibytes(disk), against);
        Ok(after)
    }

    /// A node that has nothing fetches everything.
    async fn catching_up(&mut self, observer: u8, most: f64) -> Result<(), BenchError> {
        let testnet = &mut self.running.arena.testnet;
        let validators: Vec<u8> = testnet.members().into_iter().take(4).collect();
        let height = highest(testnet, &validators).await?;
        let began = Instant::now();
        testnet.start(&[observer]).map_err(TrialError::from)?;
        testnet.reach(&[observer], height, CATCH_UP_WITHIN).await.map_err(TrialError::from)?;
        let rate = self.running.transactions as f64 / began.elapsed().as_secs_f64();
        let measured = format!("{rate:.0} tx/s");
        let ratio = rate / self.ceilings.verified;
        let what = "signatures, all cores";
        let against = Against { what, ratio, bound: Bound::AtLeast, goal: 0.3 };
        self.report.row("catching up", measured.clone(), against);
        let ratio = rate / most;
        let against = Against { what: "committed live", ratio, bound: Bound::AtLeast, goal: 3.5 };
        self.report.row("catching up", measured, against);
        Ok(())
    }
}

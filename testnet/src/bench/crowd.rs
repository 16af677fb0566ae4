//! What a validator costs in a larger crowd: processor time for each height, under one small load.
//! Each hears the votes of all others, so it may grow as their number does, and no faster.

use std::time::Duration;

use super::drive::{Span, open};
use super::report::{Bound, Report};
use super::running::{Against, Running, checked};
use super::{Bench, BenchError};
use crate::founding::Founding;

/// The crowds, the smallest first.
const VALIDATORS: [u8; 3] = [4, 16, 32];
/// Transactions a second, whatever the crowd.
const OFFERED: f64 = 20.0;
/// All heights are as quick as the crowd allows: no timeout may end a round on a crowded machine.
const PARAMETERS: [&str; 3] =
    ["timeout_propose_ms=10000", "timeout_prevote_ms=10000", "timeout_precommit_ms=10000"];

/// Measures each crowd against the smallest.
pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let mut smallest = None;
    for validators in VALIDATORS {
        let cost = cost(bench, validators).await?;
        let Some((fewest, least)) = smallest else {
            smallest = Some((validators, cost));
            continue;
        };
        let what = format!("CPU a validator and height, {fewest} → {validators} validators");
        let measured = format!("{:.2} ms", cost * 1000.0);
        let against = Against {
            what: &format!("with {fewest} ({:.2} ms)", least * 1000.0),
            ratio: cost / least,
            bound: Bound::AtMost,
            goal: f64::from(validators) / f64::from(fewest),
        };
        report.row(&what, measured, against);
    }
    Ok(())
}

/// Processor seconds of a validator for each height, on average.
async fn cost(bench: &Bench, validators: u8) -> Result<f64, BenchError> {
    let parameters = PARAMETERS.map(str::to_owned).to_vec();
    let founding = Founding { validators, parameters, ..Founding::default() };
    let running = Running::open(bench, founding).await?;
    let settle = Span { warm_up: Duration::ZERO, measured: Duration::from_secs(10) };
    let span = Span { warm_up: Duration::ZERO, ..running.span };
    let offered = |span: Span| (OFFERED * span.measured.as_secs_f64()) as usize + 16;
    let work = running.submissions(offered(settle), 1)?;
    checked("settling", open(work, OFFERED, settle).await)?;
    let work = running.submissions(offered(span), 1)?;
    let (before, from) = running.spent().await?;
    checked("crowd", open(work, OFFERED, span).await)?;
    let (after, to) = running.spent().await?;
    running.arena.close();
    eprintln!("  {validators} validators: {} heights", to - from);
    Ok((after - before) / f64::from(validators) / (to - from).max(1) as f64)
}

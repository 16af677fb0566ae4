//! Status with proof from one node, against an echo in the same run: what a question costs beyond
//! the library and the wire. On its own it takes seconds, so that a change can be seen at once, and
//! the two are asked in turn, so that what else the machine does meets both. Processor time for each
//! answer is told beside: on a machine that others use, two processes get more of it than one, and
//! only an idle one shows the ratio as it is.

use std::sync::Arc;
use std::time::Duration;

use vouchsafe_types::record::StateName;

use super::drive::{Outcome, Span, closed};
use super::report::{Bound, Report};
use super::running::{
    Against, QUESTION_CONNECTIONS, QUESTIONS_IN_FLIGHT, Running, checked, milliseconds,
};
use super::usage::processor_seconds;
use super::work::{Questions, channels};
use super::{Bench, BenchError, echo};
use crate::founding::Founding;

/// Assets that are asked for, each committed by a transaction of its own.
const ASSETS: usize = 20_000;
/// Transactions in flight while they are committed.
const COMMITS_IN_FLIGHT: usize = 512;
/// What RocksDB puts off is not to be paid by the questions.
const SETTLE: Duration = Duration::from_secs(2);
/// How often the echo and the node are asked in turn.
const ROUNDS: u32 = 5;
/// How long each is asked in a round before it counts.
const WARM_UP: Duration = Duration::from_millis(250);

/// Measures the echo and the questions alone, on a small network of four.
pub(super) async fn measure(bench: &Bench, report: &mut Report) -> Result<(), BenchError> {
    let mut running = Running::open(bench, Founding::default()).await?;
    let work = running.submissions(ASSETS, 1)?;
    running.commit(&work, 1, COMMITS_IN_FLIGHT).await?;
    ask(&running, bench.measured, report).await?;
    running.arena.close();
    Ok(())
}

/// Asks the echo and the first node in turn.
pub(super) async fn ask(
    running: &Running,
    lasting: Duration,
    report: &mut Report,
) -> Result<(), BenchError> {
    tokio::time::sleep(SETTLE).await;
    let (echoes, questions) = (echo::start().await?, questions(running));
    let node = running.arena.testnet.members()[0];
    let node = running.process(node).ok_or(BenchError::Process(node))?;
    let span = Span { warm_up: WARM_UP, measured: lasting / ROUNDS };
    let (mut echo, mut asked) = (Outcome::default(), Outcome::default());
    let (mut echoing, mut asking, mut answering) = (0.0, 0.0, 0.0);
    for _ in 0..ROUNDS {
        let began = used(std::process::id());
        echo.merge(closed(echoes.clone(), QUESTIONS_IN_FLIGHT, span).await);
        let (before, node_before) = (used(std::process::id()), used(node));
        asked.merge(closed(questions.clone(), QUESTIONS_IN_FLIGHT, span).await);
        echoing += before - began;
        asking += used(std::process::id()) - before;
        answering += used(node) - node_before;
    }
    let (echo, asked) = (checked("echo", echo)?, checked("reading", asked)?);
    report.ceilings.extend(echo::words(&echo));
    // The warm-up's answers are not counted, and its processor time is.
    let counted = span.measured.as_secs_f64() / (span.warm_up + span.measured).as_secs_f64();
    for (what, seconds, answers) in [
        ("an echo, both sides", echoing, &echo),
        ("an answer, who asks", asking, &asked),
        ("an answer, the node", answering, &asked),
    ] {
        let microseconds = seconds * counted / answers.latency.total() as f64 * 1e6;
        let what = format!("processor time of {what}, about");
        report.ceilings.push((what, format!("{microseconds:.0} µs")));
    }
    rows(&asked, &echo, report);
    Ok(())
}

/// A process's seconds; none if it is gone, and then the answers fail too.
fn used(process: u32) -> f64 {
    processor_seconds(process).unwrap_or_default()
}

/// Questions to one node for what was committed.
pub(super) fn questions(running: &Running) -> Arc<Questions> {
    let names = running.committed.iter().map(|one| StateName::Asset(one.asset)).collect();
    let channels = channels(&running.addresses[..1], QUESTION_CONNECTIONS);
    Arc::new(Questions { channels, names })
}

/// Holds answers against an echo's.
fn rows(asked: &Outcome, echo: &Outcome, report: &mut Report) {
    let ratio = asked.rate() / echo.rate();
    let against = Against { what: "gRPC echo", ratio, bound: Bound::AtLeast, goal: 0.55 };
    report.row("status with proof", format!("{:.0} /s", asked.rate()), against);
    let (p99, echo_p99) = (asked.latency.percentile(99.0), echo.latency.percentile(99.0));
    let ratio = p99.as_secs_f64() / echo_p99.as_secs_f64();
    let against = Against { what: "gRPC echo p99", ratio, bound: Bound::AtMost, goal: 2.0 };
    report.row("status with proof, p99", milliseconds(p99), against);
}

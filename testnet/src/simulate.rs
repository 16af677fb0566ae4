//! The command `simulate`: seeds are run, and what fails is told with the command that shows it
//! again.

use std::io::{IsTerminal as _, Write as _};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use vouchsafe_testnet::simulation::campaign::{Campaign, Summary, replay_command};
use vouchsafe_testnet::simulation::simulate;

use crate::cli::SimulateArguments;

/// Runs the seeds.
pub(crate) fn run(arguments: &SimulateArguments) -> Result<()> {
    let threads = arguments
        .threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let campaign = Campaign {
        first_seed: arguments.seed,
        seeds: arguments.seeds,
        validators: arguments.validators,
        heights: arguments.heights,
        silent: arguments.silent,
        threads,
        keep_going: arguments.keep_going,
    };
    if arguments.trace {
        return trace(&campaign);
    }
    let began = Instant::now();
    let watched = std::io::stderr().is_terminal();
    let summary = campaign.run(&|summary: &Summary| {
        if watched {
            let ended = summary.passed + summary.failures.len() as u64;
            let mut stderr = std::io::stderr();
            // A terminal that is gone is no reason to stop.
            let _ = write!(stderr, "\r{ended} of {} seeds ", campaign.seeds);
        }
    });
    if watched {
        eprint!("\r\x1b[K");
    }
    print(&summary, began.elapsed(), threads);
    if summary.failures.is_empty() { Ok(()) } else { bail!("the seeds above break what must hold") }
}

#[allow(clippy::cast_precision_loss, reason = "for people, not for sums")]
fn print(summary: &Summary, took: Duration, threads: usize) {
    println!("seeds that hold     {}", summary.passed);
    println!("  with villains     {}", summary.with_villains);
    println!("heights             {}", summary.heights);
    println!("acknowledged        {} transactions", summary.acknowledged);
    println!("evidence            {} pieces", summary.evidence);
    println!("rounds lost         at most {} in a calm", summary.rounds_lost_max);
    println!("virtual time        {} h", summary.virtual_ms / 3_600_000);
    let heights_per_second = summary.heights as f64 / took.as_secs_f64() / threads as f64;
    println!("time                {} s on {threads} cores", took.as_secs());
    println!("heights a second    {heights_per_second:.0} on each core");
    for (outline, failure) in &summary.failures {
        println!(
            "\nseed {} fails: {}\n  {}",
            outline.seed,
            failure.violation,
            replay_command(outline)
        );
    }
}

/// One seed, with all that happened in it.
fn trace(campaign: &Campaign) -> Result<()> {
    ensure!(campaign.seeds == 1, "--trace shows one seed: add --seeds 1 --seed N");
    let mut outline = campaign.outline(campaign.first_seed);
    outline.lines = true;
    match simulate(&outline) {
        Ok(mut report) => {
            for line in std::mem::take(&mut report.lines) {
                println!("{line}");
            }
            println!("seed {} holds: {report:?}", outline.seed);
            Ok(())
        }
        Err(failure) => {
            for line in &failure.lines {
                println!("{line}");
            }
            bail!("seed {} fails: {}", outline.seed, failure.violation)
        }
    }
}

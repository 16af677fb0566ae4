//! The command `chaos`: what happens is told as it does, and what breaks with the command that runs
//! the same schedule again.

use anyhow::{Context as _, Result, bail};
use vouchsafe_testnet::chaos::schedule::schedule;
use vouchsafe_testnet::chaos::{self, Settings};
use vouchsafe_testnet::trial::Scene;

use crate::cli::ChaosArguments;

/// Runs a seed.
pub(crate) async fn run(scene: &Scene, arguments: &ChaosArguments) -> Result<()> {
    let settings = Settings {
        seed: arguments.seed,
        seconds: arguments.seconds,
        validators: arguments.validators,
        cuts: !arguments.no_cuts,
        heal_seconds: arguments.heal_seconds,
    };
    if arguments.dry_run {
        for (number, storm) in (1..).zip(schedule(&settings)) {
            println!("storm {number}: {storm}; then {:.1} s calm", storm.calm_ms as f64 / 1e3);
        }
        return Ok(());
    }
    let tell = |line: &str| {
        if !arguments.json {
            println!("{line}");
        }
    };
    let report = chaos::run(scene, &settings, &tell).await?;
    if arguments.json {
        println!("{}", serde_json::to_string(&report).context("the report is plain data")?);
    } else {
        println!("\n{}", report.text());
    }
    match report.broken {
        None => Ok(()),
        Some(broken) => bail!("{broken}\nto run the same schedule again:\n  {}", report.replay),
    }
}

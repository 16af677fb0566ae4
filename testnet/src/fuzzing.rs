//! The command `fuzz`: targets are run, and an input that breaks one is saved and told with the
//! command that shows it again.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use vouchsafe_testnet::fuzz::engine::check;
use vouchsafe_testnet::fuzz::{Broken, Hunt, Outcome, Target, all, find};
use vouchsafe_types::hash::sha256;

use crate::cli::FuzzArguments;

/// How long a target is run unless told otherwise, in seconds.
const SECONDS_DEFAULT: u64 = 10;

/// Runs the targets.
pub(crate) fn run(arguments: &FuzzArguments) -> Result<()> {
    if arguments.targets.is_empty() {
        for target in all() {
            println!("{:<22} {}", target.name, target.property);
        }
        println!("\nname one of them, several, or all");
        return Ok(());
    }
    let targets = named(&arguments.targets)?;
    if let Some(path) = &arguments.replay {
        return replay(&targets, path);
    }
    println!("{:<22} {:>10} {:>10} {:>6} {:>10}", "target", "inputs", "read", "kinds", "slowest");
    let mut broken = 0;
    for target in &targets {
        let outcome = hunt(target, arguments)?;
        println!(
            "{:<22} {:>10} {:>10} {:>6} {:>7} ms",
            target.name,
            outcome.inputs,
            outcome.read,
            outcome.kinds,
            outcome.slowest.as_millis()
        );
        if let Some(found) = &outcome.broken {
            broken += 1;
            tell(target, found, &arguments.failures)?;
        }
    }
    ensure!(broken == 0, "{broken} of {} targets broke", targets.len());
    Ok(())
}

fn named(names: &[String]) -> Result<Vec<Target>> {
    if names == ["all"] {
        return Ok(all());
    }
    let found = names.iter().map(|name| {
        find(name).with_context(|| format!("there is no target {name}: 'fuzz' alone lists them"))
    });
    found.collect()
}

fn hunt(target: &Target, arguments: &FuzzArguments) -> Result<Outcome> {
    let folder = arguments.corpus.as_ref().map(|folder| folder.join(target.name));
    let seeds = folder.as_deref().map_or(Ok(Vec::new()), corpus)?;
    let mut failed = None;
    let mut keep = |input: &[u8]| {
        if let Some(folder) = &folder
            && let Err(error) = fs::write(folder.join(name_of(input)), input)
        {
            failed = Some(error);
        }
    };
    let seconds = match (arguments.seconds, arguments.inputs) {
        (None, None) => Some(SECONDS_DEFAULT),
        (seconds, _) => seconds,
    };
    let outcome = Hunt {
        seed: arguments.seed,
        inputs_max: arguments.inputs.unwrap_or(u64::MAX),
        until: seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds)),
        seeds,
        kept: &mut keep,
    }
    .run(target);
    match failed {
        Some(error) => Err(error).context("the corpus cannot be written"),
        None => Ok(outcome),
    }
}

/// Every file of a folder, which is made if it is not there.
fn corpus(folder: &Path) -> Result<Vec<Vec<u8>>> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    paths.iter().map(|path| fs::read(path).with_context(|| path.display().to_string())).collect()
}

fn name_of(input: &[u8]) -> String {
    sha256(&[input]).to_string()[..16].to_owned()
}

fn tell(target: &Target, found: &Broken, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let path = folder.join(format!("{}-{}", target.name, name_of(&found.input)));
    fs::write(&path, &found.input).with_context(|| path.display().to_string())?;
    println!("\n{} breaks: {}", target.name, found.cause);
    println!("  what must hold: {}", target.property);
    println!("  {} bytes, made from {}", found.input.len(), found.found_bytes);
    println!("  vouchsafe-testnet fuzz {} --replay {}\n", target.name, path.display());
    Ok(())
}

/// Gives a target one input from a file.
fn replay(targets: &[Target], path: &Path) -> Result<()> {
    let [target] = targets else { bail!("--replay takes one target") };
    let input = fs::read(path).with_context(|| path.display().to_string())?;
    match check(&mut (target.prepare)(), &input) {
        Ok(answer) => {
            println!("{}: {answer:?}", target.name);
            Ok(())
        }
        Err(cause) => bail!("{} breaks: {cause}", target.name),
    }
}

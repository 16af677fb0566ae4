//! Trials: a network is made, broken on purpose under load, and checked from outside.
//!
//! ```text
//! Scene ─▶ Arena (a testnet, authors) ─▶ load ─▶ something breaks ─▶ checks ─▶ removed
//! ```
//!
//! What a trial measures it prints; what the network promised and did not keep is an error, and
//! then the folder stays for a look at the logs.

pub(crate) mod arena;
mod catching_up;
mod crashes;
mod intruders;
mod partitions;
mod transactions;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use arena::Arena;

use crate::trial_error::TrialError;

/// Anything that must happen at all happens within this time on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What is tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Case {
    /// AMOUNT transactions [10000] by 8 signers of 4 organizations through 4 nodes at once
    Transactions,
    /// Each of 4 nodes is killed in turn, AMOUNT [4] times in all, under load
    KillOne,
    /// Two of 4 nodes are killed: nothing may be committed until they are back
    KillTwo,
    /// All 4 nodes are killed within 10 ms, AMOUNT [10] times, under load
    KillAll,
    /// Seven validators, of which two are dead
    Seven,
    /// A process with a key that is no member's
    Stranger,
    /// A validator's keys run twice, for at most AMOUNT [120] seconds
    Twin,
    /// A validator that is AMOUNT [2000] heights behind catches up
    CatchUp,
    /// The network is cut into 2+2, 3+1, a ring and one way, three of each, for AMOUNT [10] seconds
    /// each; root
    Partitions,
    /// All of them
    All,
}

impl Case {
    const EACH: [Self; 9] = [
        Self::Transactions,
        Self::KillOne,
        Self::KillTwo,
        Self::KillAll,
        Self::Seven,
        Self::Stranger,
        Self::Twin,
        Self::CatchUp,
        Self::Partitions,
    ];
}

/// Where and with what trials are made.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The testnet's folder; a new one below the system's folder for temporary files unless named.
    pub folder: Option<PathBuf>,
    /// What nodes run.
    pub vouchsafed: PathBuf,
    /// What a lying node runs.
    pub villain: Option<PathBuf>,
    /// Leave the folder.
    pub keep: bool,
}

/// Makes a trial.
///
/// # Errors
/// A [`TrialError`] names the promise that was broken.
pub async fn run(scene: &Scene, case: Case, amount: Option<u64>) -> Result<(), TrialError> {
    if case == Case::All {
        for case in Case::EACH {
            one(scene, case, None).await?;
        }
        return Ok(());
    }
    one(scene, case, amount).await
}

async fn one(scene: &Scene, case: Case, amount: Option<u64>) -> Result<(), TrialError> {
    let began = std::time::Instant::now();
    println!("trial {case:?}");
    match case {
        Case::Transactions => transactions::run(scene, amount.unwrap_or(10_000)).await?,
        Case::KillOne => crashes::kill_one(scene, amount.unwrap_or(4)).await?,
        Case::KillTwo => crashes::kill_two(scene).await?,
        Case::KillAll => crashes::kill_all(scene, amount.unwrap_or(10)).await?,
        Case::Seven => crashes::seven(scene).await?,
        Case::Stranger => intruders::stranger(scene).await?,
        Case::Twin => intruders::twin(scene, amount.unwrap_or(120)).await?,
        Case::CatchUp => catching_up::run(scene, amount.unwrap_or(2_000)).await?,
        Case::Partitions => partitions::run(scene, amount.unwrap_or(10)).await?,
        Case::All => {}
    }
    println!("  held, in {:.1} s\n", began.elapsed().as_secs_f64());
    Ok(())
}

//! Chaos: real nodes are killed, paused, restarted and cut apart at random, one thing after the
//! other or on top of each other, while clients sign and verify.
//!
//! ```text
//! seed ─▶ schedule: storm, calm, storm, calm …        pure: the same seed, the same schedule
//!              │
//!              ▼
//!            run ─▶ weather (what the network shall be like now) ─▶ testnet
//!              ├─▶ load, verifying: clients, who prove what they are told
//!              └─▶ report: numbers, and what was broken
//! ```
//!
//! A storm ends with its last fault: that is the heal, and within a bounded time of it there must be
//! a new receipt. At the end nothing acknowledged may be missing on any node, all nodes have one
//! block at every height, and nobody has signed twice.
//!
//! The schedule follows from the seed; what the processes make of it does not. A seed that failed
//! is the best place to look again, not a certain one. The certain one is [`crate::simulation`].

pub mod report;
mod run;
pub mod schedule;
mod storm;
mod verifying;

pub use run::run;

/// A new receipt comes within this time of a heal, in seconds, on a machine that is not overloaded.
pub const HEAL_SECONDS: u64 = 15;

/// What chaos is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// What the schedule follows from.
    pub seed: u64,
    /// How long the schedule is.
    pub seconds: u64,
    /// How many validators there are: 4 at least, for less make no ring.
    pub validators: u8,
    /// Is the network cut?
    pub cuts: bool,
    /// A new receipt comes within this time of a heal, in seconds.
    pub heal_seconds: u64,
}

impl Settings {
    /// The command that runs the same schedule again.
    #[must_use]
    pub fn replay_command(&self) -> String {
        let Self { seed, seconds, validators, cuts, heal_seconds } = self;
        let cuts = if *cuts { "" } else { " --no-cuts" };
        format!(
            "vouchsafe-testnet chaos --seconds {seconds} --seed {seed} --validators {validators} \
             --heal-seconds {heal_seconds}{cuts}"
        )
    }
}

//! Timers: what the engine asks to be woken for, and how long it waits.
//!
//! The engine beneath names a timeout by its kind and round alone. A timer here also carries its
//! height and a generation that no two starts of a height share, so that one which fires late can
//! never be taken for another.

use borsh::{BorshDeserialize, BorshSerialize};

/// The longest duration any timer may have, in milliseconds.
pub const TIMEOUT_MS_MAX: u64 = 60_000;
/// The shortest duration a timer may begin with, in milliseconds.
pub const TIMEOUT_MS_MIN: u64 = 10;

/// What a timer ends.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize,
)]
pub enum TimerKind {
    /// Waiting for the round's proposal.
    Propose,
    /// Waiting for prevotes to agree.
    Prevote,
    /// Waiting for precommits to agree.
    Precommit,
    /// Waiting before this node's last votes are sent again.
    Rebroadcast,
}

/// A timer, unique among all that this engine ever asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timer {
    /// What it ends.
    pub kind: TimerKind,
    /// The height it belongs to.
    pub height: u64,
    /// The round it belongs to.
    pub round: u32,
    /// Which start of a height asked for it.
    pub generation: u64,
}

/// How long to wait: a base for round 0 and an increment for every further round, up to a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a proposal, in milliseconds.
    pub propose_ms: u64,
    /// More for each round, in milliseconds.
    pub propose_increment_ms: u64,
    /// For prevotes to agree, in milliseconds.
    pub prevote_ms: u64,
    /// More for each round, in milliseconds.
    pub prevote_increment_ms: u64,
    /// For precommits to agree, in milliseconds.
    pub precommit_ms: u64,
    /// More for each round, in milliseconds.
    pub precommit_increment_ms: u64,
    /// No round waits longer for any of the three, in milliseconds.
    pub max_ms: u64,
}

/// A timeout outside its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is {actual_ms} ms; it must be {TIMEOUT_MS_MIN} to {TIMEOUT_MS_MAX} ms")]
pub struct TimeoutOutOfBounds {
    /// The parameter's name.
    pub name: &'static str,
    /// Its value, in milliseconds.
    pub actual_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            propose_ms: 1_000,
            propose_increment_ms: 500,
            prevote_ms: 500,
            prevote_increment_ms: 250,
            precommit_ms: 500,
            precommit_increment_ms: 250,
            max_ms: TIMEOUT_MS_MAX,
        }
    }
}

impl Timeouts {
    /// Refuses bases below [`TIMEOUT_MS_MIN`] and anything above [`TIMEOUT_MS_MAX`]. An increment
    /// may not be 0: rounds that never grow never outlast a slow network.
    ///
    /// # Errors
    /// [`TimeoutOutOfBounds`] names the first offender.
    pub fn check(&self) -> Result<(), TimeoutOutOfBounds> {
        for (name, actual_ms) in [
            ("propose_ms", self.propose_ms),
            ("propose_increment_ms", self.propose_increment_ms),
            ("prevote_ms", self.prevote_ms),
            ("prevote_increment_ms", self.prevote_increment_ms),
            ("precommit_ms", self.precommit_ms),
            ("precommit_increment_ms", self.precommit_increment_ms),
            ("max_ms", self.max_ms),
        ] {
            if !(TIMEOUT_MS_MIN..=TIMEOUT_MS_MAX).contains(&actual_ms) {
                return Err(TimeoutOutOfBounds { name, actual_ms });
            }
        }
        Ok(())
    }

    /// How long a timer of this kind and round runs, in milliseconds. Votes are sent again after
    /// as long as a whole round may take.
    #[must_use]
    pub fn duration_ms(&self, kind: TimerKind, round: u32) -> u64 {
        let grown = |base: u64, increment: u64| {
            base.saturating_add(increment.saturating_mul(u64::from(round))).min(self.max_ms)
        };
        match kind {
            TimerKind::Propose => grown(self.propose_ms, self.propose_increment_ms),
            TimerKind::Prevote => grown(self.prevote_ms, self.prevote_increment_ms),
            TimerKind::Precommit => grown(self.precommit_ms, self.precommit_increment_ms),
            TimerKind::Rebroadcast => {
                [TimerKind::Propose, TimerKind::Prevote, TimerKind::Precommit]
                    .into_iter()
                    .map(|kind| self.duration_ms(kind, round))
                    .sum::<u64>()
                    .min(TIMEOUT_MS_MAX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_grow_with_the_round_and_stop_at_the_maximum() {
        let timeouts = Timeouts::default();
        assert_eq!(timeouts.duration_ms(TimerKind::Propose, 0), 1_000);
        assert_eq!(timeouts.duration_ms(TimerKind::Prevote, 2), 1_000);
        assert_eq!(timeouts.duration_ms(TimerKind::Rebroadcast, 0), 2_000);
        for kind in [TimerKind::Propose, TimerKind::Precommit, TimerKind::Rebroadcast] {
            assert_eq!(timeouts.duration_ms(kind, u32::MAX), TIMEOUT_MS_MAX);
        }
    }

    #[test]
    fn a_timeout_outside_its_bounds_is_refused_by_name() {
        assert_eq!(Timeouts::default().check(), Ok(()));
        let short = Timeouts { prevote_ms: 0, ..Timeouts::default() };
        let error = TimeoutOutOfBounds { name: "prevote_ms", actual_ms: 0 };
        assert_eq!(short.check(), Err(error));
        let long = Timeouts { precommit_increment_ms: 60_001, ..Timeouts::default() };
        let error = TimeoutOutOfBounds { name: "precommit_increment_ms", actual_ms: 60_001 };
        assert_eq!(long.check(), Err(error));
    }
}

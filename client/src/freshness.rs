//! Is a proven header recent enough? A proof of last year's state is true, and useless.

use vouchsafe_genesis::Parameters;

use crate::answer::CouldNotCheck;
use crate::seen::Seen;

/// No answer younger than this is called old, in milliseconds.
pub const AGE_LEAST_MS: u64 = 60_000;
/// An idle chain makes a block each heartbeat; so many may be missed.
pub const HEARTBEATS: u64 = 3;
/// A header may be this far ahead of this machine's clock, in milliseconds: clocks differ.
pub const AHEAD_LEAST_MS: u64 = 10_000;

/// How old a header may be unless told otherwise, in milliseconds: the greater of 60 s and three
/// heartbeats.
#[must_use]
pub fn default_age_max_ms(parameters: &Parameters) -> u64 {
    AGE_LEAST_MS.max(parameters.heartbeat_ms.saturating_mul(HEARTBEATS))
}

/// How far ahead of this machine's clock a header may be, in milliseconds: the greater of 10 s and
/// what the chain's validators let pass.
///
/// A clock that is slow by so much makes every answer look that much younger than it is. So what is
/// further ahead is not called fresh, and what is ahead by more than validators let pass is told.
#[must_use]
pub fn ahead_max_ms(parameters: &Parameters) -> u64 {
    AHEAD_LEAST_MS.max(parameters.clock_ahead_max_ms)
}

/// What is asked of a header beyond its proof.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// The greatest age, in milliseconds.
    pub age_max_ms: u64,
    /// The furthest ahead of this machine's clock, in milliseconds.
    pub ahead_max_ms: u64,
    /// The newest header seen before.
    pub seen: Option<Seen>,
}

impl Freshness {
    /// Refuses a header that is too old, from the future, or older than one already seen.
    ///
    /// # Errors
    /// [`CouldNotCheck`].
    pub fn check(&self, head: Seen, now_ms: u64) -> Result<(), CouldNotCheck> {
        let Seen { height, time_ms, .. } = head;
        if let Some(seen) = self.seen.filter(|seen| height < seen.height) {
            return Err(CouldNotCheck::RolledBack { height, seen: seen.height });
        }
        let ahead_ms = time_ms.saturating_sub(now_ms);
        // Who asks for proofs of the last second cannot use a clock that is wrong by more.
        if ahead_ms > self.ahead_max_ms.min(self.age_max_ms) {
            return Err(CouldNotCheck::Future { height, time_ms, ahead_ms });
        }
        let age_ms = now_ms.saturating_sub(time_ms);
        if age_ms > self.age_max_ms {
            let age_max_ms = self.age_max_ms;
            return Err(CouldNotCheck::Stale { height, age_ms, age_max_ms });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vouchsafe_types::hash::{BlockId, Digest};

    const NOW_MS: u64 = 1_000_000_000;

    fn header(height: u64, time_ms: u64) -> Seen {
        let block_id = BlockId(Digest([u8::try_from(height).expect("small"); 32]));
        Seen { height, time_ms, block_id }
    }

    #[test]
    fn the_age_allowed_is_60_s_or_three_heartbeats() {
        let with = |heartbeat_ms| {
            default_age_max_ms(&Parameters { heartbeat_ms, ..Parameters::default() })
        };
        assert_eq!(with(1_000), 60_000);
        assert_eq!(with(20_000), 60_000);
        assert_eq!(with(20_001), 60_003);
    }

    fn within(age_max_ms: u64) -> Freshness {
        Freshness { age_max_ms, ahead_max_ms: AHEAD_LEAST_MS, seen: None }
    }

    #[test]
    fn an_old_header_is_not_used() {
        let check = |time_ms| within(60_000).check(header(5, time_ms), NOW_MS);
        assert!(check(NOW_MS - 60_000).is_ok());
        let stale = CouldNotCheck::Stale { height: 5, age_ms: 60_001, age_max_ms: 60_000 };
        assert_eq!(check(NOW_MS - 60_001), Err(stale));
    }

    #[test]
    fn a_header_from_the_future_is_not_used() {
        let check =
            |age_max_ms, ahead_ms| within(age_max_ms).check(header(5, NOW_MS + ahead_ms), NOW_MS);
        assert!(check(60_000, AHEAD_LEAST_MS).is_ok());
        let future = |result| matches!(result, Err(CouldNotCheck::Future { .. }));
        assert!(future(check(60_000, AHEAD_LEAST_MS + 1)));
        // A clock that is wrong by 5 s cannot tell whether a proof is younger than 1 s.
        assert!(future(check(1_000, 5_000)));
        assert!(check(1_000, 1_000).is_ok());
    }

    #[test]
    fn a_header_may_be_as_far_ahead_as_validators_let_pass_and_at_least_10_s() {
        let with = |clock_ahead_max_ms| {
            ahead_max_ms(&Parameters { clock_ahead_max_ms, ..Parameters::default() })
        };
        assert_eq!(with(2_000), 10_000);
        assert_eq!(with(30_000), 30_000);
    }

    #[test]
    fn a_header_older_than_one_seen_is_not_used() {
        let freshness = Freshness { seen: Some(header(9, NOW_MS)), ..within(60_000) };
        let check = |height| freshness.check(header(height, NOW_MS), NOW_MS);
        assert!(check(9).is_ok());
        assert!(check(10).is_ok());
        assert_eq!(check(8), Err(CouldNotCheck::RolledBack { height: 8, seen: 9 }));
    }
}

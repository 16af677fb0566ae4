//! Is a proven header recent enough? A proof of last year's state is true, and useless.

use vouchsafe_genesis::Parameters;
use vouchsafe_types::verifier::ProvenHeader;

use crate::answer::{AnswerError, CouldNotCheck, Lie};
use crate::seen::Seen;

/// No answer younger than this is called old, in milliseconds.
pub const AGE_LEAST_MS: u64 = 60_000;
/// An idle chain makes a block each heartbeat; so many may be missed.
pub const HEARTBEATS: u64 = 3;
/// A header may be this far ahead of this machine's clock, in milliseconds: clocks differ.
pub const AHEAD_MAX_MS: u64 = 60_000;

/// How old a header may be unless told otherwise, in milliseconds: the greater of 60 s and three
/// heartbeats.
#[must_use]
pub fn default_age_max_ms(parameters: &Parameters) -> u64 {
    AGE_LEAST_MS.max(parameters.heartbeat_ms.saturating_mul(HEARTBEATS))
}

/// What is asked of a header beyond its proof.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// The greatest age, in milliseconds.
    pub age_max_ms: u64,
    /// The newest header seen before.
    pub seen: Option<Seen>,
}

/// A header's age by this machine's clock, in milliseconds; 0 when it is ahead.
#[must_use]
pub fn age_ms(head: &ProvenHeader, now_ms: u64) -> u64 {
    now_ms.saturating_sub(head.header().time_ms)
}

impl Freshness {
    /// Refuses a header that is too old, from the future, older than one already seen, or of
    /// another block than the one seen at its height.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn check(&self, head: &ProvenHeader, now_ms: u64) -> Result<(), AnswerError> {
        self.check_candidate(Seen::from(head), now_ms)
    }

    fn check_candidate(&self, candidate: Seen, now_ms: u64) -> Result<(), AnswerError> {
        let Seen { height, time_ms, block_id } = candidate;
        if let Some(seen) = self.seen {
            if height == seen.height && block_id != seen.block_id {
                return Err(Lie::Fork { height, seen: seen.block_id, actual: block_id }.into());
            }
            if height < seen.height {
                return Err(CouldNotCheck::RolledBack { height, seen: seen.height }.into());
            }
        }
        let ahead_ms = time_ms.saturating_sub(now_ms);
        if ahead_ms > AHEAD_MAX_MS {
            return Err(CouldNotCheck::Future { height, time_ms, ahead_ms }.into());
        }
        let age_ms = now_ms.saturating_sub(time_ms);
        if age_ms > self.age_max_ms {
            let age_max_ms = self.age_max_ms;
            return Err(CouldNotCheck::Stale { height, age_ms, age_max_ms }.into());
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

    #[test]
    fn an_old_header_is_not_used() {
        let freshness = Freshness { age_max_ms: 60_000, seen: None };
        let check = |time_ms| freshness.check_candidate(header(5, time_ms), NOW_MS);
        assert!(check(NOW_MS - 60_000).is_ok());
        let stale = CouldNotCheck::Stale { height: 5, age_ms: 60_001, age_max_ms: 60_000 };
        assert_eq!(check(NOW_MS - 60_001), Err(stale.into()));
    }

    #[test]
    fn a_header_from_the_future_is_not_used() {
        let freshness = Freshness { age_max_ms: 60_000, seen: None };
        let check = |time_ms| freshness.check_candidate(header(5, time_ms), NOW_MS);
        assert!(check(NOW_MS + AHEAD_MAX_MS).is_ok());
        assert!(matches!(
            check(NOW_MS + AHEAD_MAX_MS + 1),
            Err(AnswerError::CouldNotCheck(CouldNotCheck::Future { .. }))
        ));
    }

    #[test]
    fn a_header_older_than_one_seen_is_not_used() {
        let freshness = Freshness { age_max_ms: 60_000, seen: Some(header(9, NOW_MS)) };
        let check = |height| freshness.check_candidate(header(height, NOW_MS), NOW_MS);
        assert!(check(9).is_ok());
        assert!(check(10).is_ok());
        let rolled_back = CouldNotCheck::RolledBack { height: 8, seen: 9 };
        assert_eq!(check(8), Err(rolled_back.into()));
    }

    #[test]
    fn two_blocks_at_one_height_are_a_lie() {
        let freshness = Freshness { age_max_ms: 60_000, seen: Some(header(9, NOW_MS)) };
        let other = Seen { block_id: BlockId(Digest([1; 32])), ..header(9, NOW_MS) };
        let verdict = freshness.check_candidate(other, NOW_MS);
        assert!(matches!(verdict, Err(AnswerError::Lie(Lie::Fork { height: 9, .. }))));
    }
}

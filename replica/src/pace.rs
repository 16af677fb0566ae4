//! How many transactions a block takes: as many as wait, unless rounds fail. A block that cannot be
//! judged by all within a round's time fails it, and the next round's block would hold no less: the
//! chain would stand still just when the most is waiting.
//!
//! ```text
//! round 0: all that wait ─ fails ─▶ round 1: half of that ─ fails ─▶ round 2: a quarter …
//! decided in round 2 with n ─▶ the next height's round 0: n ─ decided ─▶ 2n ─▶ … ─▶ all
//! ```
//!
//! A proposer's own care, and no rule: whoever judges a block does not ask how long it is (ADR 24).

/// A block always takes so many: failing rounds have other causes, too.
const TRANSACTIONS_LEAST: usize = 64;

/// What the last heights tell about how much a round can bear.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// As many as a round bore, since one failed; none while none does.
    bearable: Option<usize>,
}

impl Pace {
    /// The most transactions for a block of a round, while so many wait.
    pub(crate) fn transactions_max(&self, round: u32, waiting: usize) -> usize {
        let at_first = self.bearable.map_or(waiting, |bearable| bearable.min(waiting));
        at_first.checked_shr(round).unwrap_or(0).max(TRANSACTIONS_LEAST)
    }

    /// A height was decided in a round, by a block of so many, while so many others wait.
    pub(crate) fn decided(&mut self, round: u32, transactions: usize, waiting: usize) {
        self.bearable = match self.bearable {
            _ if round > 0 => Some(transactions.max(TRANSACTIONS_LEAST)),
            // No block could show more while no more is waiting.
            Some(bearable) if waiting > bearable => Some(bearable * 2),
            _ => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_takes_all_that_waits_while_rounds_succeed() {
        let mut pace = Pace::default();
        for _ in 0..3 {
            assert_eq!(pace.transactions_max(0, 20_000), 20_000);
            pace.decided(0, 20_000, 20_000);
        }
    }

    #[test]
    fn each_failed_round_halves_the_block_and_time_brings_it_back() {
        let mut pace = Pace::default();
        assert_eq!(pace.transactions_max(2, 4096), 1024);
        assert_eq!(pace.transactions_max(90, 4096), TRANSACTIONS_LEAST);
        pace.decided(2, 1024, 4096);
        assert_eq!(pace.transactions_max(0, 4096), 1024);
        assert_eq!(pace.transactions_max(1, 4096), 512);
        pace.decided(0, 1024, 4096);
        assert_eq!(pace.transactions_max(0, 4096), 2048);
        // Fewer wait than a round bears: nothing is to be held back any more.
        pace.decided(0, 2048, 900);
        assert_eq!(pace.transactions_max(0, 9000), 9000);
    }

    #[test]
    fn one_silent_validator_of_four_does_not_starve_the_chain() {
        let mut pace = Pace::default();
        for height in 0..100 {
            let round = u32::from(height % 4 == 0);
            let taken = pace.transactions_max(round, 8192);
            pace.decided(round, taken, 8192);
        }
        assert!(pace.transactions_max(0, 8192) >= 4096);
    }

    #[test]
    fn a_height_that_failed_for_another_reason_is_soon_forgotten() {
        let mut pace = Pace::default();
        pace.decided(1, 0, 0);
        assert_eq!(pace.transactions_max(0, 10_000), TRANSACTIONS_LEAST);
        pace.decided(0, 10, 0);
        assert_eq!(pace.transactions_max(0, 10_000), 10_000);
    }
}

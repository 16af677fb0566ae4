//! How long transactions that this node admitted take to be committed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use vouchsafe_types::hash::TransactionId;

/// The most transactions that are timed at once: as many as the largest pool holds. More are not
/// timed.
const TIMED_MAX: usize = 1_000_000;

/// When each waiting transaction was admitted.
#[derive(Default)]
pub(crate) struct AdmissionTimes(BTreeMap<TransactionId, Instant>);

impl AdmissionTimes {
    /// Remembers that a transaction waits from now on.
    pub(crate) fn begin(&mut self, id: TransactionId) {
        if self.0.len() < TIMED_MAX {
            self.0.entry(id).or_insert_with(Instant::now);
        }
    }

    /// Forgets a transaction that left the pool, and returns how long it waited.
    pub(crate) fn end(&mut self, id: &TransactionId) -> Option<Duration> {
        self.0.remove(id).map(|since| since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use vouchsafe_types::hash::Digest;

    use super::*;

    #[test]
    fn a_transaction_is_timed_from_its_admission_to_its_end() {
        let mut times = AdmissionTimes::default();
        let id = TransactionId(Digest([1; 32]));
        assert_eq!(times.end(&id), None);
        times.begin(id);
        times.begin(id);
        assert!(times.end(&id).is_some());
        assert_eq!(times.end(&id), None);
    }
}

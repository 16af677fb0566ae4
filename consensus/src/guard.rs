//! The last check before the key is used: nothing is signed that contradicts or precedes what was
//! signed before.
//!
//! ```text
//! signed ──▶ in the log ──▶ flushed ──▶ in the record on disk ──▶ may leave
//! latest     logged                     durable
//! ```

use crate::sign_record::{SignMark, SignRefusal};

/// What was signed last, and how far that has come.
#[derive(Debug)]
pub(crate) struct SignGuard {
    latest: Option<SignMark>,
    logged: Option<SignMark>,
    durable: Option<SignMark>,
    /// Messages of this validator that the log of this height holds. A validator that lost its
    /// files hears its own votes from others before it signs them again.
    in_log: Vec<SignMark>,
}

impl SignGuard {
    /// Begins with what the record on disk holds.
    pub(crate) fn new(durable: Option<SignMark>) -> Self {
        Self { latest: durable, logged: durable, durable, in_log: Vec::new() }
    }

    /// A new height begins, with a new log.
    pub(crate) fn begin_height(&mut self) {
        self.in_log.clear();
    }

    /// What was signed last.
    pub(crate) fn latest(&self) -> Option<SignMark> {
        self.latest
    }

    /// Allows signing this message now, or refuses for good.
    ///
    /// # Errors
    /// A [`SignRefusal`] for a conflict or a step back.
    pub(crate) fn allow(&mut self, mark: SignMark) -> Result<(), SignRefusal> {
        if let Some(latest) = self.latest {
            latest.check_next(&mark)?;
        }
        self.latest = Some(mark);
        if self.in_log.contains(&mark) {
            self.logged = self.latest;
        }
        Ok(())
    }

    /// A message of this validator went into the log. The record may never be ahead of the log:
    /// that is how it tells that the log was lost.
    pub(crate) fn note_logged(&mut self, mark: SignMark) {
        self.in_log.push(mark);
        if self.latest == Some(mark) {
            self.logged = self.latest;
        }
    }

    /// Did this validator sign this message at this height, as far as it remembers?
    pub(crate) fn remembers(&self, mark: SignMark) -> bool {
        self.latest == Some(mark) || self.in_log.contains(&mark)
    }

    /// Learns from the log of a message that was signed before a crash.
    pub(crate) fn recall(&mut self, mark: SignMark) {
        self.in_log.push(mark);
        if self.latest.is_none_or(|latest| latest.position() < mark.position()) {
            self.latest = Some(mark);
            self.logged = self.latest;
        }
    }

    /// Is there something to [`take_unwritten`](Self::take_unwritten)?
    pub(crate) fn has_unwritten(&self) -> bool {
        self.logged != self.durable
    }

    /// What must be made durable before any signature leaves; said once.
    pub(crate) fn take_unwritten(&mut self) -> Option<SignMark> {
        if !self.has_unwritten() {
            return None;
        }
        self.durable = self.logged;
        self.logged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_record::SignStep;

    fn mark(round: u32, step: SignStep, content: u8) -> SignMark {
        SignMark::of(1, round, step, &[content])
    }

    #[test]
    fn the_record_is_written_only_for_what_the_log_holds_and_once() {
        let mut guard = SignGuard::new(None);
        let signed = mark(0, SignStep::Prevote, 1);
        assert_eq!(guard.allow(signed), Ok(()));
        assert_eq!(guard.take_unwritten(), None);
        guard.note_logged(signed);
        assert_eq!(guard.take_unwritten(), Some(signed));
        assert_eq!(guard.take_unwritten(), None);
    }

    #[test]
    fn the_record_is_written_for_a_message_that_the_log_held_before_it_was_signed() {
        let mut guard = SignGuard::new(None);
        let heard = mark(0, SignStep::Prevote, 1);
        guard.note_logged(heard);
        assert_eq!(guard.take_unwritten(), None);
        assert_eq!(guard.allow(heard), Ok(()));
        assert_eq!(guard.take_unwritten(), Some(heard));
    }

    #[test]
    fn a_message_that_contradicts_or_precedes_the_last_is_not_signed() {
        let mut guard = SignGuard::new(Some(mark(1, SignStep::Prevote, 1)));
        assert_eq!(guard.allow(mark(1, SignStep::Prevote, 1)), Ok(()));
        let conflict = guard.allow(mark(1, SignStep::Prevote, 2));
        assert!(matches!(conflict, Err(SignRefusal::Conflict { .. })));
        let regression = guard.allow(mark(0, SignStep::Precommit, 3));
        assert!(matches!(regression, Err(SignRefusal::Regression { .. })));
        assert_eq!(guard.allow(mark(1, SignStep::Precommit, 4)), Ok(()));
    }

    #[test]
    fn a_message_found_in_the_log_counts_as_signed() {
        let mut guard = SignGuard::new(None);
        guard.recall(mark(2, SignStep::Prevote, 1));
        guard.recall(mark(0, SignStep::Prevote, 2));
        assert_eq!(guard.take_unwritten(), Some(mark(2, SignStep::Prevote, 1)));
        assert!(guard.allow(mark(2, SignStep::Prevote, 3)).is_err());
    }
}

//! The last check before the key is used: nothing is signed that contradicts or precedes what was
//! signed before.

use crate::sign_record::{SignMark, SignRefusal};

/// What was signed last, and how much of that the record on disk knows.
pub(crate) struct SignGuard {
    latest: Option<SignMark>,
    durable: Option<SignMark>,
}

impl SignGuard {
    /// Begins with what the record on disk holds.
    pub(crate) fn new(durable: Option<SignMark>) -> Self {
        Self { latest: durable, durable }
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
        Ok(())
    }

    /// Learns from the log of a message that was signed before a crash.
    pub(crate) fn recall(&mut self, mark: SignMark) {
        if self.latest.is_none_or(|latest| latest.position() < mark.position()) {
            self.latest = Some(mark);
        }
    }

    /// What must be made durable before any signature leaves; said once.
    pub(crate) fn take_unwritten(&mut self) -> Option<SignMark> {
        if self.latest == self.durable {
            return None;
        }
        self.durable = self.latest;
        self.latest
    }
}

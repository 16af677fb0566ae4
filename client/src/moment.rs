//! A moment of the past that is asked about: a height, or a time.

use vouchsafe_types::record::{AssetRecord, Event, LogHead, OrganizationStatuses};
use vouchsafe_types::status::Status;

use crate::fold::{Fold, Signers};
use crate::judgment::ProvenAt;
use crate::timestamp;

/// After the block of a height, or after the last block that is not later than a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// A height.
    Height(u64),
    /// Milliseconds since 1970.
    TimeMs(u64),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(height) = text.parse() {
            return Ok(Self::Height(height));
        }
        timestamp::parse(text).map(Self::TimeMs).ok_or_else(|| {
            format!(
                "{text:?} is neither a height nor a time like 2026-11-23T18:00:00Z or 2026-11-23"
            )
        })
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Height(height) => write!(formatter, "height {height}"),
            Self::TimeMs(time_ms) => formatter.write_str(&timestamp::text(*time_ms)),
        }
    }
}

impl Moment {
    /// Had it come when this header was made? What a block says of a later moment is nothing.
    #[must_use]
    pub fn is_within(self, at: &ProvenAt) -> bool {
        match self {
            Self::Height(height) => height <= at.height,
            Self::TimeMs(time_ms) => time_ms <= at.time_ms,
        }
    }

    fn includes(self, event: &Event) -> bool {
        match self {
            Self::Height(height) => event.height <= height,
            Self::TimeMs(time_ms) => event.time_ms <= time_ms,
        }
    }

    /// What signers had made of an asset by then, out of all of its events.
    #[must_use]
    pub fn fold(self, events: &[Event], signers: Signers) -> Fold {
        let mut fold = Fold::new(signers);
        let until = (0..).zip(events).take_while(|(_, event)| self.includes(event));
        until.for_each(|(index, event)| fold.apply(index, event));
        fold
    }

    /// The record that the asset had by then, if it had one.
    #[must_use]
    pub fn record(self, events: &[Event]) -> Option<AssetRecord> {
        let organizations = self.fold(events, Signers::everyone()).organizations();
        debug_assert!(organizations.iter().all(|entry| entry.status != Status::Unknown));
        let count = events.iter().take_while(|event| self.includes(event)).count() as u64;
        let organizations = OrganizationStatuses::new(organizations).ok()?;
        let version = vouchsafe_types::canonical::Version;
        Some(AssetRecord { version, events: LogHead { count, ..LogHead::empty() }, organizations })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_height_or_a_time() {
        assert_eq!("71".parse(), Ok(Moment::Height(71)));
        assert_eq!("2026-11-23".parse(), Ok(Moment::TimeMs(1_795_392_000_000)));
        let later = Moment::TimeMs(1_795_393_317_042);
        assert_eq!("2026-11-23T00:21:57.042Z".parse(), Ok(later));
        assert_eq!(later.to_string(), "2026-11-23T00:21:57.042Z");
        for wrong in ["", "-1", "yesterday", "2026-13-01", "2026-11-31", "2026-11-23T25:00:00Z"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }
}

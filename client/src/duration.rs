//! Durations as people write them: `500ms`, `60s`, `10m`, `24h`, `7d`.

use std::time::Duration;

/// The longest duration that is read: a hundred years. Sums with a time stay far from overflow.
pub const DURATION_MAX: Duration = Duration::from_secs(36_525 * 86_400);

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Not a whole number and a unit.
    #[error("{0:?} is not a duration: write a whole number and ms, s, m, h or d, such as 60s")]
    Form(String),
    /// Longer than [`DURATION_MAX`].
    #[error("{0:?} is longer than the 36525d that are read")]
    TooLong(String),
}

/// Reads a duration.
///
/// # Errors
/// [`DurationError`].
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let form = || DurationError::Form(text.chars().take(32).collect());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(form()),
    };
    if number.is_empty() {
        return Err(form());
    }
    let too_long = || DurationError::TooLong(text.chars().take(32).collect());
    let number: u64 = number.parse().map_err(|_| too_long())?;
    let duration = Duration::from_millis(number.checked_mul(unit_ms).ok_or_else(too_long)?);
    if duration > DURATION_MAX { Err(too_long()) } else { Ok(duration) }
}

/// The duration's milliseconds.
#[must_use]
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A number of milliseconds, for people: one unit, one decimal below a minute.
#[must_use]
pub fn text(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        60_000..3_600_000 => format!("{} min", ms / 60_000),
        3_600_000..172_800_000 => format!("{} h", ms / 3_600_000),
        _ => format!("{} days", ms / 86_400_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_number_and_a_unit() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(parse("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse("2h"), Ok(Duration::from_secs(7_200)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        for wrong in ["", "10", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1s ", "٣s"] {
            assert!(matches!(parse(wrong), Err(DurationError::Form(_))), "{wrong:?}");
        }
    }

    #[test]
    fn durations_that_would_overflow_are_refused() {
        for wrong in ["36526d", "99999999999999999999s", "18446744073709551615d"] {
            assert!(matches!(parse(wrong), Err(DurationError::TooLong(_))), "{wrong:?}");
        }
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(text(999), "999 ms");
        assert_eq!(text(3_250), "3.2 s");
        assert_eq!(text(61_000), "1 min");
        assert_eq!(text(7_300_000), "2 h");
        assert_eq!(text(86_400_000 * 9), "9 days");
    }
}

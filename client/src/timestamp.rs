//! Block times as text: RFC 3339 in UTC, to the millisecond; and the machine's own clock.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY_MS: u64 = 86_400_000;

/// This machine's time, in milliseconds since 1970; 0 for a clock set before.
#[must_use]
pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, crate::duration::milliseconds)
}

/// `2026-11-23T00:21:57.042Z`.
#[must_use]
pub fn text(time_ms: u64) -> String {
    let (year, month, day) = civil_from_days(time_ms / DAY_MS);
    let of_day = time_ms % DAY_MS;
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, ms) = (of_day / 1_000 % 60, of_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// The Gregorian date of a number of days since 1970-01-01 (Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `civil_from_days`).
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// Reads `2026-11-23`, or a time of that day in UTC: `2026-11-23T18:00:00Z`, with or without
/// milliseconds. In milliseconds since 1970.
#[must_use]
pub fn parse(written: &str) -> Option<u64> {
    let (date, time) = match written.split_once('T') {
        Some((date, time)) => (date, time.strip_suffix('Z')?),
        None => (written, "00:00:00"),
    };
    let (whole, ms) = time.split_once('.').unwrap_or((time, "000"));
    let form = format!("{date}T{whole}.{ms}Z");
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(whole, ':')?;
    let days = days_from_civil(year, month, day)?;
    let of_day = hour * 3_600_000 + minute * 60_000 + second * 1_000 + ms.parse::<u64>().ok()?;
    let time_ms = days.checked_mul(DAY_MS)?.checked_add(of_day)?;
    // What reads back as it was written has every part within its bounds.
    (text(time_ms) == form).then_some(time_ms)
}

fn numbers(text: &str, between: char) -> Option<[u64; 3]> {
    let parts: Option<Vec<u64>> = text.split(between).map(|part| part.parse().ok()).collect();
    let parts = <[u64; 3]>::try_from(parts?).ok()?;
    parts.iter().all(|part| *part < 10_000).then_some(parts)
}

/// The days since 1970-01-01 of a Gregorian date (the same, `days_from_civil`).
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let year = year.checked_sub(u64::from(month <= 2))?;
    let (era, year_of_era) = (year / 400, year % 400);
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_in_utc() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(text(1_078_012_799_999), "2004-02-28T23:59:59.999Z");
        assert_eq!(text(1_709_164_800_000), "2024-02-29T00:00:00.000Z");
        assert_eq!(text(1_795_393_317_042), "2026-11-23T00:21:57.042Z");
        assert_eq!(text(253_402_300_799_999), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        for time_ms in [0, 951_782_400_000, 1_078_012_799_999, 1_795_393_317_042] {
            assert_eq!(parse(&text(time_ms)), Some(time_ms));
        }
        assert_eq!(parse("2000-02-29"), Some(951_782_400_000));
        assert_eq!(parse("2000-02-29T00:00:01Z"), Some(951_782_401_000));
        let wrong =
            ["2001-02-29", "2000-2-29", "1969-12-31", "2000-02-29T24:00:00Z", "2000-02-29T1"];
        for text in wrong {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_time_overflows() {
        assert!(text(u64::MAX).ends_with('Z'));
    }
}

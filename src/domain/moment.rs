//! Points in time and civil days of the campaign.
//!
//! Invariant: a [`Moment`] has millisecond precision (what a phone's clock gives and what keys sort by); a [`Day`] is
//! a day of `Asia/Ho_Chi_Minh`, where every due date of the campaign lives.
//! Refuses: to read a clock; see the `clock` module.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan};

use super::written::text_for_people;

/// Vietnam keeps UTC+7 all year and has done so since 1975, so civil days need no time-zone database.
const VIETNAM_OFFSET_MS: i64 = 7 * 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A point in time, in whole milliseconds since 1970-01-01T00:00:00Z. RFC 3339 with offset on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

/// Text that is not an RFC 3339 time with offset between the years 1 and 9999.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time with offset: {0:?}")]
pub struct InvalidMoment(pub String);

impl Moment {
    /// The moment `milliseconds` after the Unix epoch; times beyond what RFC 3339 can write are clamped.
    pub fn from_millis(milliseconds: i64) -> Self {
        let bounds = (Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond());
        Self(milliseconds.clamp(bounds.0, bounds.1))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The civil day in `Asia/Ho_Chi_Minh`.
    pub fn day(self) -> Day {
        let days = self.0.saturating_add(VIETNAM_OFFSET_MS).div_euclid(DAY_MS);
        Day(i32::try_from(days).unwrap_or(i32::MAX))
    }

    /// This moment moved by `milliseconds`.
    pub fn plus_millis(self, milliseconds: i64) -> Self {
        Self::from_millis(self.0.saturating_add(milliseconds))
    }

    /// What a clock on the wall in Việt Nam shows at this moment.
    pub fn wall_clock(self) -> DateTime {
        jiff::tz::offset(7).to_datetime(self.timestamp())
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl FromStr for Moment {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // jiff also reads forms with a named zone or with spaces; the contract is RFC 3339 alone.
        let plain = text.len() <= 40 && !text.contains(['[', ' ']);
        let parsed = plain.then(|| text.parse::<Timestamp>().ok()).flatten();
        parsed
            .map(|timestamp| Self(timestamp.as_millisecond()))
            .ok_or_else(|| InvalidMoment(text.chars().take(60).collect()))
    }
}

text_for_people!(Moment, i64, Self::from_millis);

/// A civil day in `Asia/Ho_Chi_Minh`, as days since 1970-01-01. `YYYY-MM-DD` on the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// Text that is not a calendar day written as `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a day written as YYYY-MM-DD: {0:?}")]
pub struct InvalidDay(pub String);

impl Day {
    /// The day `days` after 1970-01-01.
    pub const fn from_number(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The first moment of this day in `Asia/Ho_Chi_Minh`.
    pub fn start(self) -> Moment {
        Moment::from_millis(
            i64::from(self.0)
                .saturating_mul(DAY_MS)
                .saturating_sub(VIETNAM_OFFSET_MS),
        )
    }

    fn date(self) -> Option<Date> {
        Date::constant(1970, 1, 1)
            .checked_add(i64::from(self.0).days())
            .ok()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day()),
            None => write!(f, "day {}", self.0),
        }
    }
}

/// As it is written, since the doctor shows rows to people.
impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Day {
    type Err = InvalidDay;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDay(text.chars().take(40).collect());
        if text.len() != 10 {
            return Err(invalid());
        }
        let date: Date = text.parse().ok().ok_or_else(invalid)?;
        let since = date.since(Date::constant(1970, 1, 1)).ok().ok_or_else(invalid)?;
        Ok(Self(since.get_days()))
    }
}

text_for_people!(Day, i32, Self);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_vietnam_and_not_in_greenwich() {
        let before: Moment = "2026-02-28T16:59:59.999Z".parse().unwrap();
        let after: Moment = "2026-02-28T17:00:00Z".parse().unwrap();
        assert_eq!(before.day().to_string(), "2026-02-28");
        assert_eq!(after.day().to_string(), "2026-03-01");
        assert_eq!(after.day().start(), after);
    }

    #[test]
    fn times_without_an_offset_are_refused() {
        assert!("2026-02-28T10:00:00".parse::<Moment>().is_err());
        assert!("2026-02-28 10:00:00+07:00".parse::<Moment>().is_err());
        assert!(
            "2026-02-28T10:00:00+07:00[Asia/Ho_Chi_Minh]"
                .parse::<Moment>()
                .is_err()
        );
        let moment: Moment = "2026-02-28T10:00:00+07:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-02-28T03:00:00Z");
    }

    #[test]
    fn days_are_read_strictly_and_come_back() {
        for text in ["1970-01-01", "2024-02-29", "2026-12-31", "1969-12-31"] {
            assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
        }
        for text in ["2026-02-30", "2026-2-3", "28/02/2026", "2026-02-28T00:00:00Z", ""] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}

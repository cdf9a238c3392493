//! What the texts and quotients of EXIF mean.
//!
//! Invariant: a value that cannot be a place, a day or a time of day is `None`.
//! Refuses: to repair; half a date is no date.

use jiff::{Timestamp, civil, tz};

/// Names longer than this are cut.
const MAX_TEXT_CHARACTERS: usize = 64;

/// The printable text before the first zero byte.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let before_zero = bytes.split(|byte| *byte == 0).next()?;
    let lossy = String::from_utf8_lossy(before_zero);
    let printable: String = lossy
        .trim()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(MAX_TEXT_CHARACTERS)
        .collect();
    (!printable.is_empty()).then_some(printable)
}

/// Degrees, minutes and seconds as degrees, when that is at most `max`. Minutes and seconds of 60 come from rounding.
pub(super) fn degrees([degrees, minutes, seconds]: [f64; 3], max: f64) -> Option<f64> {
    let whole = degrees + minutes / 60.0 + seconds / 3600.0;
    (minutes <= 60.0 && seconds <= 60.0 && whole <= max).then_some(whole)
}

/// `degrees` with the sign of the side of the world that `side` names.
pub(super) fn signed(degrees: f64, side: &str, positive: char, negative: char) -> Option<f64> {
    match side.chars().next()?.to_ascii_uppercase() {
        side if side == positive => Some(degrees),
        side if side == negative => Some(-degrees),
        _ => None,
    }
}

/// `2026:05:10 15:21:35`, also with other separators.
pub(super) fn civil_time(text: &str) -> Option<civil::DateTime> {
    let [year, month, day, hour, minute, second] = numbers(text)?;
    let time = civil::Time::new(narrow(hour)?, narrow(minute)?, narrow(second)?, 0).ok()?;
    Some(date(year, month, day)?.to_datetime(time))
}

/// `+07:00`, `-03:30` or `Z`.
pub(super) fn offset(text: &str) -> Option<tz::Offset> {
    if text == "Z" {
        return Some(tz::Offset::UTC);
    }
    let sign = match text.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let [hours, minutes] = numbers(text)?;
    // No place on earth is further from UTC than 14 hours.
    let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
    (minutes < 60 && seconds <= 14 * 3600).then(|| tz::Offset::from_seconds(sign * seconds).ok())?
}

/// The satellites' day `2026:05:10` and time of day, which are in UTC.
pub(super) fn gps_time(day: &str, [hours, minutes, seconds]: [f64; 3]) -> Option<Timestamp> {
    let [year, month, day] = numbers(day)?;
    let midnight = tz::Offset::UTC
        .to_timestamp(date(year, month, day)?.at(0, 0, 0, 0))
        .ok()?;
    // Satellites' days know a leap second.
    if hours >= 24.0 || minutes >= 60.0 || seconds >= 61.0 {
        return None;
    }
    let since_midnight =
        std::time::Duration::try_from_secs_f64(hours * 3600.0 + minutes * 60.0 + seconds).ok()?;
    midnight.checked_add(since_midnight).ok()
}

/// A day in the time of cameras.
fn date(year: u16, month: u16, day: u16) -> Option<civil::Date> {
    let year = i16::try_from(year).ok().filter(|year| *year > 0)?;
    civil::Date::new(year, narrow(month)?, narrow(day)?).ok()
}

fn narrow(number: u16) -> Option<i8> {
    i8::try_from(number).ok()
}

/// Exactly `N` numbers with anything but digits between them.
fn numbers<const N: usize>(text: &str) -> Option<[u16; N]> {
    let parts = text
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|part| !part.is_empty());
    let numbers: Option<Vec<u16>> = parts.take(N + 1).map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_whole_or_absent() {
        let expected = civil::date(2026, 5, 10).at(15, 21, 35, 0);
        assert_eq!(civil_time("2026:05:10 15:21:35"), Some(expected));
        assert_eq!(civil_time("2026-05-10T15:21:35"), Some(expected));
        for text in [
            "",
            "    :  :     :  :  ",
            "0000:00:00 00:00:00",
            "1999:99:99 99:99:99",
            "2026:02:30 10:00:00",
            "2026:05:10",
            "2026:05:10 15:21:35 7",
            "99999999999:05:10 15:21:35",
        ] {
            assert_eq!(civil_time(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_offset_is_one_that_a_place_on_earth_has() {
        assert_eq!(offset("+07:00"), Some(tz::Offset::constant(7)));
        assert_eq!(offset("-03:30").map(tz::Offset::seconds), Some(-12_600));
        assert_eq!(offset("Z"), Some(tz::Offset::UTC));
        for text in ["", "07:00", "+99:00", "+07", "   :  ", "+07:75", "-14:01"] {
            assert_eq!(offset(text), None, "{text:?}");
        }
    }

    #[test]
    fn degrees_stay_on_earth() {
        assert_eq!(degrees([22.0, 30.0, 0.0], 90.0), Some(22.5));
        assert_eq!(degrees([90.0, 0.0, 0.0], 90.0), Some(90.0));
        for wild in [
            [90.0, 0.0, 1.0],
            [4_294_967_295.0, 0.0, 0.0],
            [1.0, 61.0, 0.0],
            [1.0, 0.0, 4e9],
            [f64::NAN; 3],
        ] {
            assert_eq!(degrees(wild, 90.0), None, "{wild:?}");
        }
        assert_eq!(signed(103.5, "W", 'E', 'W'), Some(-103.5));
        assert_eq!(signed(103.5, "N", 'E', 'W'), None);
    }

    #[test]
    fn the_satellites_time_is_in_utc() {
        let time = gps_time("2015:02:28", [9.0, 10.0, 49.5]).unwrap();
        assert_eq!(time.to_string(), "2015-02-28T09:10:49.5Z");
        for (day, time) in [
            ("1999:99:99 99:99:99", [1.0; 3]),
            ("2015:02:28", [24.0, 0.0, 0.0]),
            ("2015:02:28", [f64::NAN, 0.0, 0.0]),
            ("9999:12:31", [23.0, 59.0, 60.5]),
        ] {
            assert_eq!(gps_time(day, time), None, "{day} {time:?}");
        }
    }

    #[test]
    fn a_text_ends_at_its_first_zero_and_holds_nothing_that_steers_a_terminal() {
        assert_eq!(text(b"Canon\0junk").as_deref(), Some("Canon"));
        assert_eq!(text(b"a\x1b[31mb").as_deref(), Some("a[31mb"));
        assert_eq!(text(b"\0\0\0\0"), None);
        assert_eq!(text(b"   "), None);
        assert_eq!(text(&[b'x'; 500]).map(|text| text.len()), Some(64));
        assert_eq!(text(b"caf\xe9").as_deref(), Some("caf\u{fffd}"));
    }
}

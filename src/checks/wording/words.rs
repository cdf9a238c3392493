//! Numbers, lengths, times and days as people of either language write them.
//!
//! Invariant: nothing is rounded across a limit that stands beside it: seconds stay as long as they are told apart.
//! Refuses: to know what the figures are about.

use super::{Sentence, say};
use crate::domain::{Day, Moment};

/// From here on metres are told as kilometres.
const KILOMETRES_FROM_M: u32 = 10_000;

/// A number with its thousands set apart.
pub(super) fn number(number: impl Into<u64>) -> Sentence {
    let digits = number.into().to_string();
    let grouped = |mark: char| {
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    };
    say(grouped('.'), grouped(','))
}

/// A length in metres, or in kilometres when it is long.
pub(super) fn length(metres: u32) -> Sentence {
    if metres < KILOMETRES_FROM_M {
        let Sentence { vi, en } = number(metres);
        return say(format!("{vi} m"), format!("{en} m"));
    }
    let (whole, tenth) = (number(metres / 1000), metres % 1000 / 100);
    say(
        format!("{},{tenth} km", whole.vi),
        format!("{}.{tenth} km", whole.en),
    )
}

/// A length of time in the largest unit that fits, with what is left over in the next one.
pub(super) fn span(seconds: u64) -> Sentence {
    const SECOND: (u64, &str, &str) = (1, "giây", "second");
    const MINUTE: (u64, &str, &str) = (60, "phút", "minute");
    const HOUR: (u64, &str, &str) = (3_600, "giờ", "hour");
    const DAY: (u64, &str, &str) = (86_400, "ngày", "day");
    let (large, small) = match seconds {
        0..=119 => return counted(seconds, SECOND),
        120..=7_199 => (MINUTE, SECOND),
        7_200..=172_799 => (HOUR, MINUTE),
        172_800..=863_999 => (DAY, HOUR),
        _ => return counted(seconds / DAY.0, DAY),
    };
    let first = counted(seconds / large.0, large);
    let rest = counted(seconds % large.0 / small.0, small);
    if seconds % large.0 < small.0 {
        return first;
    }
    say(
        format!("{} {}", first.vi, rest.vi),
        format!("{} {}", first.en, rest.en),
    )
}

fn counted(count: u64, (_, vi, en): (u64, &str, &str)) -> Sentence {
    let said = number(count);
    let plural = if count == 1 { "" } else { "s" };
    say(format!("{} {vi}", said.vi), format!("{} {en}{plural}", said.en))
}

/// A day.
pub(super) fn day(day: Day) -> Sentence {
    let noon = day.start().plus_millis(12 * 3_600_000).wall_clock();
    say(noon.strftime("%d/%m/%Y").to_string(), day.to_string())
}

/// A moment, as clocks in Việt Nam show it.
pub(super) fn moment(moment: Moment) -> Sentence {
    let shown = moment.wall_clock();
    say(
        shown.strftime("%d/%m/%Y %H:%M").to_string(),
        shown.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_their_readers_write_them() {
        let both = |said: Sentence| format!("{} | {}", said.vi, said.en);
        assert_eq!(both(number(1_234_567_u32)), "1.234.567 | 1,234,567");
        assert_eq!(both(number(999_u32)), "999 | 999");
        assert_eq!(both(length(1_500)), "1.500 m | 1,500 m");
        assert_eq!(both(length(60_040)), "60,0 km | 60.0 km");
        assert_eq!(both(span(1)), "1 giây | 1 second");
        assert_eq!(both(span(301)), "5 phút 1 giây | 5 minutes 1 second");
        assert_eq!(both(span(300)), "5 phút | 5 minutes");
        assert_eq!(both(span(7_260)), "2 giờ 1 phút | 2 hours 1 minute");
        assert_eq!(both(span(200 * 86_400)), "200 ngày | 200 days");
        let at: Moment = "2026-06-14T20:05:00Z".parse().unwrap();
        assert_eq!(both(moment(at)), "15/06/2026 03:05 | 2026-06-15 03:05");
        assert_eq!(both(day(at.day())), "15/06/2026 | 2026-06-15");
    }
}

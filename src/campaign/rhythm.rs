//! When a report is due: weekly, monthly, yearly or once, always *before* a time or a day.
//!
//! Invariant: a rhythm that exists comes round: every month has its day, every year its day of the month.
//! Refuses: to compute due moments; that needs a clock and the digest's own rules.

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::sheet::{Entry, Table};
use crate::domain::Day;

/// When a report is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "rhythm", rename_all = "snake_case")]
#[schema(as = ReportRhythm)]
pub enum Rhythm {
    /// Every week, before a time on a weekday.
    Weekly {
        /// The weekday.
        before_weekday: Weekday,
        /// The time, on clocks in Vietnam.
        #[schema(value_type = String, pattern = "^[0-9]{2}:[0-9]{2}$")]
        before_time: TimeOfDay,
    },
    /// Every month, before a day of the month.
    Monthly {
        /// The day, 1 to 28.
        before_day: u32,
    },
    /// Every year, before a day.
    Yearly {
        /// The month, 1 to 12.
        before_month: u32,
        /// The day of the month.
        before_day: u32,
    },
    /// Once, before a day.
    Once {
        /// The day.
        #[schema(value_type = String, format = Date)]
        before_date: Day,
    },
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Thứ Hai.
    Monday,
    /// Thứ Ba.
    Tuesday,
    /// Thứ Tư.
    Wednesday,
    /// Thứ Năm.
    Thursday,
    /// Thứ Sáu.
    Friday,
    /// Thứ Bảy.
    Saturday,
    /// Chủ Nhật.
    Sunday,
}

/// An hour and a minute; `HH:MM` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads the table under `when` of a report.
pub(super) fn read(entry: Entry<'_, '_>) -> Option<Rhythm> {
    let all = [
        "rhythm",
        "before_weekday",
        "before_time",
        "before_day",
        "before_month",
        "before_date",
    ];
    let name = entry.clone().table(&all)?.required("rhythm")?;
    match name.clone().text()?.as_str() {
        "weekly" => weekly(&entry.table(&["rhythm", "before_weekday", "before_time"])?),
        "monthly" => {
            let table = entry.table(&["rhythm", "before_day"])?;
            let before_day = table.required("before_day")?.whole(1..=28)?;
            Some(Rhythm::Monthly { before_day })
        }
        "yearly" => yearly(&entry.table(&["rhythm", "before_month", "before_day"])?),
        "once" => {
            let before_date = entry.table(&["rhythm", "before_date"])?.day("before_date")?;
            Some(Rhythm::Once { before_date })
        }
        other => {
            let known = "weekly, monthly, yearly, once";
            name.report(
                &format!("a rhythm is one of {known}, not {other:?}"),
                &format!("chu kỳ phải là một trong: {known}, không phải {other:?}"),
            );
            None
        }
    }
}

fn weekly(table: &Table<'_, '_>) -> Option<Rhythm> {
    let weekday = table.required("before_weekday").and_then(|entry| {
        entry.parsed(
            ("a weekday such as monday", "một thứ trong tuần, ví dụ monday"),
            parse_weekday,
        )
    });
    let time = table
        .required("before_time")
        .and_then(|entry| entry.parsed(("a time such as 10:00", "giờ phút, ví dụ 10:00"), parse_time));
    Some(Rhythm::Weekly {
        before_weekday: weekday?,
        before_time: time?,
    })
}

fn yearly(table: &Table<'_, '_>) -> Option<Rhythm> {
    let month = table
        .required("before_month")
        .and_then(|entry| entry.whole(1..=12));
    let day_entry = table.required("before_day");
    let day = day_entry.clone().and_then(|entry| entry.whole(1..=31));
    let (before_month, before_day) = (month?, day?);
    // 2025 is no leap year: a report before 29 February would have no day in most years.
    let (month, day) = (i8::try_from(before_month).ok()?, i8::try_from(before_day).ok()?);
    if Date::new(2025, month, day).is_err() {
        day_entry?.report(
            "this day does not exist in every year",
            "ngày này không có trong mọi năm",
        );
        return None;
    }
    Some(Rhythm::Yearly {
        before_month,
        before_day,
    })
}

fn parse_weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn parse_time(text: &str) -> Option<TimeOfDay> {
    let (hour, minute) = text.split_once(':')?;
    let two_digits = |part: &str| {
        let plain = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| part.parse::<u8>().ok()).flatten()
    };
    let time = TimeOfDay {
        hour: two_digits(hour)?,
        minute: two_digits(minute)?,
    };
    (time.hour < 24 && time.minute < 60).then_some(time)
}

//! Sentences about days and clocks.
//!
//! Invariant: which clock differs from which, in which direction, by how much, and how much is allowed.
//! Refuses: to name a clock that was not known.

use super::words::{day, moment, span};
use super::{Sentence, Tone, say};
use crate::domain::{Day, Figures, Moment};

pub(super) fn period(tone: Tone, captured: Day, starts: Day, ends: Day) -> Sentence {
    let captured = day(captured);
    let Tone::Warning = tone else {
        return say(
            format!("Chụp ngày {}, trong thời gian chiến dịch.", captured.vi),
            format!("Captured on {}, during the campaign.", captured.en),
        );
    };
    let (starts, ends) = (day(starts), day(ends));
    say(
        format!(
            "Chụp ngày {}, ngoài thời gian chiến dịch {} – {}.",
            captured.vi, starts.vi, ends.vi
        ),
        format!(
            "Captured on {}, outside of the campaign, {} to {}.",
            captured.en, starts.en, ends.en
        ),
    )
}

pub(super) fn exif_time(taken: Moment, captured: Moment, limit_s: u32) -> Sentence {
    let at = moment(taken);
    let limit = span(u64::from(limit_s));
    let apart = captured.as_millis().abs_diff(taken.as_millis()) / 1000;
    if apart == 0 {
        return say(
            format!("Giờ ghi trong ảnh ({}) khớp giờ báo cáo.", at.vi),
            format!("The picture's own time ({}) is the reported one.", at.en),
        );
    }
    let (vi, en) = if taken < captured {
        ("sớm hơn", "earlier")
    } else {
        ("muộn hơn", "later")
    };
    let apart = span(apart);
    say(
        format!(
            "Giờ ghi trong ảnh ({}) {vi} giờ báo cáo {} (giới hạn {}).",
            at.vi, apart.vi, limit.vi
        ),
        format!(
            "The picture's own time ({}) is {} {en} than the reported one (limit {}).",
            at.en, apart.en, limit.en
        ),
    )
}

/// What two clocks have between them.
#[derive(Clone, Copy)]
struct Between {
    ahead_s: Option<i64>,
    limit_s: u32,
}

impl Between {
    /// By how much, and how much is allowed, when it is more than that.
    fn off(self) -> Option<(bool, Sentence, Sentence)> {
        let ahead_s = self
            .ahead_s
            .filter(|ahead| ahead.unsigned_abs() > u64::from(self.limit_s))?;
        Some((
            ahead_s > 0,
            span(ahead_s.unsigned_abs()),
            span(u64::from(self.limit_s)),
        ))
    }
}

/// The figures of clocks, of today and as they were kept before.
pub(super) fn clock(tone: Tone, figures: &Figures) -> Option<Sentence> {
    let (phone, after_arrival, satellites, place) = match *figures {
        Figures::Clock {
            phone_ahead_s,
            captured_after_arrival_s,
            satellites_ahead_s,
            limit_s,
        } => (
            between(phone_ahead_s, limit_s),
            between(Some(captured_after_arrival_s.max(0)), limit_s),
            between(satellites_ahead_s, limit_s.max(3_600)),
            between(None, 0),
        ),
        Figures::Clocks {
            phone_ahead_s,
            limit_s,
            captured_after_arrival_s,
            ahead_of_satellites_s,
            satellites_limit_s,
            ahead_of_place_s,
            place_limit_s,
        } => (
            between(phone_ahead_s, limit_s),
            between(Some(captured_after_arrival_s.max(0)), limit_s),
            between(ahead_of_satellites_s, satellites_limit_s),
            between(ahead_of_place_s, place_limit_s),
        ),
        _ => return None,
    };
    Some(match tone {
        Tone::Fine => agreeing(phone, satellites),
        Tone::Warning => {
            let found = [
                late(after_arrival),
                ahead(phone),
                from_satellites(satellites),
                from_place(place),
            ];
            let found: Vec<Sentence> = found.into_iter().flatten().collect();
            let all =
                |language: fn(&Sentence) -> &str| found.iter().map(language).collect::<Vec<_>>().join(" ");
            say(all(|said| &said.vi), all(|said| &said.en))
        }
    })
}

const fn between(ahead_s: Option<i64>, limit_s: u32) -> Between {
    Between { ahead_s, limit_s }
}

fn agreeing(phone: Between, satellites: Between) -> Sentence {
    match (phone.ahead_s, satellites.ahead_s) {
        (Some(ahead_s), _) => {
            let off = span(ahead_s.unsigned_abs());
            let limit = span(u64::from(phone.limit_s));
            say(
                format!(
                    "Lúc gửi, đồng hồ điện thoại lệch {} so với máy chủ (giới hạn {}).",
                    off.vi, limit.vi
                ),
                format!(
                    "When it sent, the phone's clock was {} off the server's (limit {}).",
                    off.en, limit.en
                ),
            )
        }
        (None, Some(_)) => say(
            "Giờ vệ tinh ghi trong ảnh khớp giờ báo cáo.",
            "The satellites' time in the picture agrees with the reported one.",
        ),
        (None, None) => say(
            "Giờ chụp không muộn hơn giờ máy chủ nhận.",
            "It was not captured after it arrived.",
        ),
    }
}

fn late(after_arrival: Between) -> Option<Sentence> {
    let (_, late, limit) = after_arrival.off()?;
    Some(say(
        format!(
            "Giờ chụp muộn hơn giờ máy chủ nhận {} (giới hạn {}): đồng hồ điện thoại chạy nhanh.",
            late.vi, limit.vi
        ),
        format!(
            "Captured {} after it arrived (limit {}): the phone's clock is ahead.",
            late.en, limit.en
        ),
    ))
}

fn ahead(phone: Between) -> Option<Sentence> {
    let (is_ahead, off, limit) = phone.off()?;
    let (vi, en) = if is_ahead {
        ("nhanh", "ahead of")
    } else {
        ("chậm", "behind")
    };
    Some(say(
        format!(
            "Lúc gửi, đồng hồ điện thoại chạy {vi} {} so với máy chủ (giới hạn {}).",
            off.vi, limit.vi
        ),
        format!(
            "When it sent, the phone's clock was {} {en} the server's (limit {}).",
            off.en, limit.en
        ),
    ))
}

fn from_satellites(satellites: Between) -> Option<Sentence> {
    let (is_ahead, off, limit) = satellites.off()?;
    let (vi, en) = if is_ahead {
        ("muộn hơn", "later")
    } else {
        ("sớm hơn", "earlier")
    };
    Some(say(
        format!(
            "Giờ báo cáo {vi} giờ vệ tinh ghi trong ảnh {} (giới hạn {}).",
            off.vi, limit.vi
        ),
        format!(
            "The reported time is {} {en} than the satellites' in the picture (limit {}).",
            off.en, limit.en
        ),
    ))
}

fn from_place(place: Between) -> Option<Sentence> {
    let (is_ahead, off, limit) = place.off()?;
    let (vi, en) = if is_ahead {
        ("trước", "before")
    } else {
        ("sau", "after")
    };
    Some(say(
        format!("Vị trí được đo {vi} giờ chụp {} (giới hạn {}).", off.vi, limit.vi),
        format!(
            "The place was measured {} {en} the picture (limit {}).",
            off.en, limit.en
        ),
    ))
}

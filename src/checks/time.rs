//! Checks of the time, and of the way between two places.
//!
//! Invariant: a phone that was offline for weeks is nothing out of the ordinary; only contradictions warn.
//! Refuses: to believe any one clock. Each is held against the others.

use super::{Elsewhere, Facts, Found, not_checked, shown, warn_if};
use crate::domain::{CheckRules, Figures, Location, Moment, NotChecked};

pub(super) fn in_campaign(facts: &Facts<'_>) -> Found {
    let captured = facts.submission.report.captured_at.day();
    let (starts, ends) = facts.period;
    let outside = captured < starts || captured > ends;
    warn_if(
        outside,
        Figures::Period {
            captured,
            starts,
            ends,
        },
    )
}

/// The clocks that are known, each against another. A place's time may come from the phone's own clock, so that it
/// agrees is no sign that the clock is right; that it does not is a sign that the place is not that of the picture.
pub(super) fn clock(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let submission = facts.submission;
    let captured = submission.report.captured_at;
    let captured_after_arrival_s = seconds_from(submission.received_at, captured);
    let satellites = facts
        .photos
        .iter()
        .filter_map(|photo| photo.exif.as_ref()?.satellites);
    let ahead_of_satellites_s = satellites
        .map(|satellites| seconds_from(satellites, captured))
        .max_by_key(|seconds| seconds.saturating_abs());
    let measured = submission
        .report
        .location
        .and_then(|location| location.captured_at);
    let ahead_of_place_s = measured.map(|measured| seconds_from(measured, captured));
    let limit_s = rules.clock_max_s;
    // The satellites' time stands in the picture, which may have been taken a while before the report was begun.
    let satellites_limit_s = limit_s.max(rules.exif_time_max_s);
    let place_limit_s = rules.place_age_max_s;
    let off = |seconds: Option<i64>, limit: u32| {
        seconds.is_some_and(|seconds| seconds.saturating_abs() > i64::from(limit))
    };
    let warns = off(submission.phone_ahead_s, limit_s)
        || captured_after_arrival_s > i64::from(limit_s)
        || off(ahead_of_satellites_s, satellites_limit_s)
        || off(ahead_of_place_s, place_limit_s);
    if !warns && submission.phone_ahead_s.is_none() && ahead_of_satellites_s.is_none() {
        return not_checked(NotChecked::NoClock);
    }
    warn_if(
        warns,
        Figures::Clocks {
            phone_ahead_s: submission.phone_ahead_s,
            limit_s,
            captured_after_arrival_s,
            ahead_of_satellites_s,
            satellites_limit_s,
            ahead_of_place_s,
            place_limit_s,
        },
    )
}

/// The picture whose own time is furthest from the reported one.
pub(super) fn exif_time(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let claims: Vec<_> = facts
        .photos
        .iter()
        .filter_map(|photo| photo.exif.as_ref())
        .collect();
    let captured = facts.submission.report.captured_at;
    let furthest = claims
        .iter()
        .filter_map(|claims| claims.taken)
        .max_by_key(|taken| seconds_from(*taken, captured).saturating_abs());
    let Some(taken) = furthest else {
        return not_checked(if claims.is_empty() {
            NotChecked::NoExif
        } else {
            NotChecked::NoExifTime
        });
    };
    let limit_s = rules.exif_time_max_s;
    let off = seconds_from(taken, captured).saturating_abs() > i64::from(limit_s);
    warn_if(
        off,
        Figures::Times {
            taken,
            captured,
            limit_s,
        },
    )
}

/// The fastest way from or to another place of the same phone. Places so near to each other that they are the same one
/// are no way at all, however short the time between them.
pub(super) fn travel(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let location = facts.submission.report.location.as_ref();
    let Some(location) = location.filter(|location| !location.point.is_null_island()) else {
        return not_checked(NotChecked::NoLocation);
    };
    let captured = facts.submission.report.captured_at;
    let ways: Vec<Way> = facts
        .elsewhere
        .iter()
        .map(|other| way(location, captured, other))
        .collect();
    let is_way = |way: &&Way| way.0 > f64::from(rules.travel_min_m);
    let by_speed = |one: &&Way, other: &&Way| speed(**one).total_cmp(&speed(**other));
    let fastest = ways.iter().filter(is_way).max_by(by_speed);
    let warns = fastest.is_some_and(|way| speed(*way) > f64::from(rules.travel_max_kmh));
    let Some((distance, seconds, submission)) = fastest.or_else(|| ways.iter().max_by(by_speed)) else {
        return not_checked(NotChecked::NothingToCompare);
    };
    let (distance_m, seconds) = shown(warns, *distance, *seconds);
    warn_if(
        warns,
        Figures::Travel {
            submission: *submission,
            distance_m,
            seconds,
            limit_kmh: rules.travel_max_kmh,
        },
    )
}

type Way = (f64, f64, crate::domain::SubmissionId);

fn way(location: &Location, captured: Moment, other: &Elsewhere) -> Way {
    let apart = location.point.distance_m(other.point) - location.accuracy_m - other.accuracy_m;
    let millis = captured.as_millis().abs_diff(other.at.as_millis());
    let seconds = std::time::Duration::from_millis(millis).as_secs_f64();
    (apart.max(0.0), seconds, other.submission)
}

/// Kilometres an hour; two places at the same moment count as a second apart.
fn speed((distance, seconds, _): Way) -> f64 {
    distance / seconds.max(1.0) * 3.6
}

fn seconds_from(from: Moment, to: Moment) -> i64 {
    to.as_millis().saturating_sub(from.as_millis()) / 1000
}

//! Checks of the time, and of the way between two places.
//!
//! Invariant: a phone that was offline for weeks is nothing out of the ordinary; only contradictions warn.
//! Refuses: to believe any one clock. Each is held against the others.

use super::{Elsewhere, Facts, Found, not_checked, warn_if, whole};
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

pub(super) fn clock(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let submission = facts.submission;
    let captured = submission.report.captured_at;
    let captured_after_arrival_s = seconds_from(submission.received_at, captured);
    let satellites = facts
        .photos
        .iter()
        .filter_map(|photo| photo.exif.as_ref()?.satellites);
    let satellites_ahead_s = satellites
        .map(|satellites| seconds_from(satellites, captured))
        .max_by_key(|seconds| seconds.abs());
    let limit = i64::from(rules.clock_max_s);
    let off = |seconds: Option<i64>| seconds.is_some_and(|seconds| seconds.saturating_abs() > limit);
    // The satellites' time stands in the picture, which may have been taken a while before the report was begun.
    let satellites_limit = limit.max(i64::from(rules.exif_time_max_s));
    let warns = off(submission.phone_ahead_s)
        || captured_after_arrival_s > limit
        || satellites_ahead_s.is_some_and(|seconds| seconds.saturating_abs() > satellites_limit);
    warn_if(
        warns,
        Figures::Clock {
            phone_ahead_s: submission.phone_ahead_s,
            captured_after_arrival_s,
            satellites_ahead_s,
            limit_s: rules.clock_max_s,
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

/// The fastest way from or to another place of the same phone.
pub(super) fn travel(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    let Some(location) = &facts.submission.report.location else {
        return not_checked(NotChecked::NoLocation);
    };
    let captured = facts.submission.report.captured_at;
    let ways = facts.elsewhere.iter().map(|other| way(location, captured, other));
    let fastest = ways.max_by(|one, other| speed(*one).total_cmp(&speed(*other)));
    let Some((distance, seconds, submission)) = fastest else {
        return not_checked(NotChecked::NothingToCompare);
    };
    let too_fast = speed((distance, seconds, submission)) > f64::from(rules.travel_max_kmh);
    warn_if(
        too_fast && distance > f64::from(rules.travel_min_m),
        Figures::Travel {
            submission,
            distance_m: whole(distance),
            seconds: whole(seconds),
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

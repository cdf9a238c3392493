//! Checks of the place.
//!
//! Invariant: whatever the phone's accuracy allows for is taken off before a distance warns.
//! Refuses: to demand a place in a picture; browsers and galleries take it out.

use super::{Ending, Facts, Found, not_checked, shown, warn_if};
use crate::checks::Area;
use crate::domain::{CheckRules, Figures, Location, NotChecked, Point};

pub(super) fn present(facts: &Facts<'_>) -> Found {
    warn_if(facts.submission.report.location.is_none(), Figures::None)
}

pub(super) fn accuracy(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    with_location(facts, |location| {
        let (accuracy_m, limit_m) = (location.accuracy_m, rules.accuracy_max_m);
        let warns = accuracy_m <= 0.0 || accuracy_m > f64::from(limit_m);
        warn_if(warns, Figures::Accuracy { accuracy_m, limit_m })
    })
}

pub(super) fn null_island(facts: &Facts<'_>) -> Found {
    with_location(facts, |location| {
        let Point { lat, lon } = location.point;
        warn_if(location.point.is_null_island(), Figures::Point { lat, lon })
    })
}

pub(super) fn inside_commune(facts: &Facts<'_>) -> Found {
    with_location(facts, |location| match facts.area {
        Area::NoLayer => not_checked(NotChecked::NoBoundaries),
        Area::NoArea => not_checked(NotChecked::NoArea),
        Area::Known {
            outside_m,
            error_m,
            found,
        } => {
            let tolerance_m = location.accuracy_m + error_m;
            let commune = facts.submission.commune;
            let warns = outside_m > tolerance_m;
            let (outside_m, tolerance_m) = shown(warns, outside_m, tolerance_m);
            warn_if(
                warns,
                Figures::Commune {
                    commune,
                    outside_m,
                    tolerance_m,
                    found: found.filter(|found| *found != commune),
                },
            )
        }
    })
}

pub(super) fn near_place(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    with_location(facts, |location| {
        let Some(planned) = facts.planned else {
            return not_checked(NotChecked::NoPlannedPlace);
        };
        let distance = location.point.distance_m(planned);
        apart(distance, location.accuracy_m, rules.near_place_max_m)
    })
}

/// The picture whose own place is furthest from the reported one.
pub(super) fn exif_place(facts: &Facts<'_>, rules: &CheckRules) -> Found {
    with_location(facts, |location| {
        let claims: Vec<_> = facts
            .photos
            .iter()
            .filter_map(|photo| photo.exif.as_ref())
            .collect();
        let places = claims.iter().filter_map(|claims| claims.place);
        // What a camera without a fix writes.
        let places = places.filter(|place| !place.is_null_island());
        let furthest = places
            .map(|place| location.point.distance_m(place))
            .max_by(f64::total_cmp);
        match furthest {
            Some(distance) => apart(distance, location.accuracy_m, rules.exif_place_max_m),
            None if claims.is_empty() => not_checked(NotChecked::NoExif),
            None => not_checked(NotChecked::NoExifPlace),
        }
    })
}

fn apart(distance: f64, accuracy: f64, limit_m: u32) -> Found {
    let warns = distance - accuracy > f64::from(limit_m);
    let (distance_m, accuracy_m) = shown(warns, distance, accuracy);
    warn_if(
        warns,
        Figures::Distance {
            distance_m,
            accuracy_m,
            limit_m,
        },
    )
}

fn with_location(facts: &Facts<'_>, check: impl FnOnce(&Location) -> Found) -> Found {
    match &facts.submission.report.location {
        Some(location) => check(location),
        None => (Ending::NotChecked(NotChecked::NoLocation), Figures::None),
    }
}

//! What the invented village heads bring home: which places, how many pictures, when, and with which mishaps.
//!
//! Invariant: communes differ in zeal, so the board shows some far ahead and some far behind; the sum of pictures is
//! exactly what was asked for, as long as there are places enough.
//! Refuses: times in the future.

use super::Measure;
use super::plan::Assigned;
use crate::client::{Place, ReportLocation};
use crate::demo::pictures::chance::Chance;
use crate::domain::{CellKind, Moment, SubmissionId};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// How a submission travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// The report first, then each picture.
    OneByOne,
    /// Everything in one request.
    Multipart,
    /// The last picture never arrives.
    CutOff,
}

/// One submission that will be made.
#[derive(Debug, Clone)]
pub(super) struct Trip {
    pub(super) id: SubmissionId,
    pub(super) assigned: Assigned,
    pub(super) captured_at: Moment,
    pub(super) location: Option<ReportLocation>,
    pub(super) signed_count: Option<u32>,
    pub(super) manner: Manner,
    /// One for each picture.
    pub(super) seeds: Vec<u64>,
}

/// Trips whose pictures add up to the measure's.
pub(super) fn invent(assigned: &[Assigned], measure: Measure, now: Moment) -> Vec<Trip> {
    let mut chance = Chance::new(measure.seed, 12);
    let mut order: Vec<(f32, &Assigned)> = assigned
        .iter()
        .map(|each| {
            // Zeal belongs to the commune: its square makes a few very early and many late.
            let code = each
                .planned
                .commune
                .as_bytes()
                .iter()
                .fold(0_u64, |sum, digit| sum * 10 + u64::from(*digit));
            let zeal = Chance::new(measure.seed ^ code, 13).share();
            (zeal.powi(3) * 4.0 + chance.share(), each)
        })
        .collect();
    order.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let mut trips = Vec::new();
    let mut left = measure.pictures;
    for (_, each) in order {
        if left == 0 {
            break;
        }
        let wanted = match chance.below(20) {
            0 => 3,
            1..=3 => 2,
            _ => 1,
        };
        let pictures = wanted.min(left);
        left -= pictures;
        trips.push(trip(each, pictures, now, &mut chance));
    }
    trips
}

fn trip(assigned: &Assigned, pictures: usize, now: Moment, chance: &mut Chance) -> Trip {
    let captured_at = captured(assigned, now, chance);
    let millis = u64::try_from(captured_at.as_millis()).unwrap_or(0);
    let bits = [chance.next().to_be_bytes(), chance.next().to_be_bytes()].concat();
    let random = bits.first_chunk::<10>().copied().unwrap_or_default();
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    let manner = match chance.below(20) {
        0 => Manner::CutOff,
        1..=3 => Manner::Multipart,
        _ => Manner::OneByOne,
    };
    let signed_count = match assigned.planned.cell.kind() {
        CellKind::Banner => None,
        CellKind::Commitment => assigned
            .planned
            .expected_signers
            .map(|expected| expected - expected / 20 * u32::from(chance.happens(50))),
    };
    Trip {
        id: SubmissionId(id),
        assigned: assigned.clone(),
        captured_at,
        location: location(assigned.planned.location, chance),
        signed_count,
        manner,
        seeds: (0..pictures).map(|_| chance.next()).collect(),
    }
}

/// Mostly within the fortnight before the due day, sometimes a few days late, by daylight, and never after `now`.
fn captured(assigned: &Assigned, now: Moment, chance: &mut Chance) -> Moment {
    let mut whole = |end: usize| i64::try_from(chance.below(end)).unwrap_or(0);
    let days = 16 - whole(20);
    let in_the_day = 7 * HOUR_MS + whole(9 * 3_600) * 1000;
    let ago = whole(72) * HOUR_MS + whole(3_600) * 1000;
    let wanted = assigned
        .planned
        .due
        .start()
        .plus_millis(in_the_day - days * DAY_MS);
    // Where the due day is far ahead, or the demo runs before the campaign, the picture was taken in the last days.
    if wanted < now {
        wanted
    } else {
        let seconds = now.as_millis().div_euclid(1000);
        Moment::from_millis(seconds * 1000).plus_millis(-ago - 60_000)
    }
}

/// Mostly at the place with a phone's accuracy; sometimes nowhere, far away, vague, or set by hand.
fn location(place: Place, chance: &mut Chance) -> Option<ReportLocation> {
    let metre = 1.0 / 111_320.0;
    let (reach_m, accuracy_m) = match chance.below(40) {
        0 | 1 => return None,
        2 => (6_000.0, 12.0),
        3 => (150.0, 240.0),
        4 => (0.0, 0.0),
        _ => (25.0, 4.0 + f64::from(chance.between(0.0, 14.0)).round()),
    };
    let found = super::names::near(place, reach_m * metre, chance);
    Some(ReportLocation {
        lat: found.lat,
        lon: found.lon,
        accuracy_m,
    })
}

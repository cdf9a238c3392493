//! Gathering what the checks look at, from the plan, the boundary layer and the rows.
//!
//! Invariant: nothing is gathered that a check does not use.
//! Refuses: to judge.

use super::{Checking, CheckingError, Prepared};
use crate::checks::{Area, Elsewhere, Facts};
use crate::domain::{Day, Point, Submission, SubmissionId, SubmissionState, Twin};
use crate::store::records::{Assignments, QueueBySubmitter, Submissions};
use crate::store::{Range, ReadTables, Reads, StoreError};

/// How many of a sender's latest submissions in each state are looked at for other places.
const LATEST: usize = 100;
/// A phone that knows no better than this where it is says nothing about a way.
const COARSEST_M: f64 = 5_000.0;
/// Two places more than a day apart say nothing about how fast somebody went.
const FAR_APART_MS: u64 = 24 * 3600 * 1000;

/// Everything but the record and its pictures.
pub(super) struct Gathered {
    planned: Option<Point>,
    period: (Day, Day),
    area: Area,
    same: Vec<Twin>,
    similar: Vec<Twin>,
    elsewhere: Vec<Elsewhere>,
    /// Later submissions to be checked again.
    pub(super) again: Vec<SubmissionId>,
}

impl Gathered {
    /// All of it together.
    pub(super) fn facts<'a>(&self, submission: &'a Submission, pictures: Vec<Prepared>) -> Facts<'a> {
        Facts {
            submission,
            planned: self.planned,
            period: self.period,
            area: self.area,
            photos: pictures.into_iter().map(|picture| picture.facts).collect(),
            same: self.same.clone(),
            similar: self.similar.clone(),
            elsewhere: self.elsewhere.clone(),
        }
    }
}

impl Checking {
    pub(super) fn gather(
        &self,
        submission: &Submission,
        pictures: &[Prepared],
    ) -> Result<Gathered, CheckingError> {
        let twins = self.twins(submission, pictures)?;
        let (planned, elsewhere) = self.store.read_now(|view| {
            let assignment = view.get::<Assignments>(&submission.report.assignment)?;
            let planned = assignment.and_then(|assignment| assignment.location);
            Ok::<_, CheckingError>((planned, elsewhere(view, submission)?))
        })?;
        let period = self.campaign.period();
        Ok(Gathered {
            planned,
            period: (period.starts, period.ends),
            area: self.area(submission),
            same: twins.same,
            similar: twins.similar,
            elsewhere,
            again: twins.again,
        })
    }

    fn area(&self, submission: &Submission) -> Area {
        let Some(boundaries) = &self.boundaries else {
            return Area::NoLayer;
        };
        let Some(location) = &submission.report.location else {
            return Area::NoArea;
        };
        let (commune, lat, lon) = (submission.commune, location.point.lat, location.point.lon);
        let Some(outside_m) = boundaries.distance_outside_m(commune, lat, lon) else {
            return Area::NoArea;
        };
        Area::Known {
            outside_m,
            error_m: boundaries.stated_error_m(commune).unwrap_or(0.0),
            found: (outside_m > 0.0)
                .then(|| boundaries.commune_at(lat, lon))
                .flatten(),
        }
    }
}

/// Where else the phone was, by what arrived before from it.
fn elsewhere(rows: &impl Reads, submission: &Submission) -> Result<Vec<Elsewhere>, StoreError> {
    let states = [
        SubmissionState::Pending,
        SubmissionState::Verified,
        SubmissionState::Rejected,
    ];
    let mut places = Vec::new();
    for state in states {
        let latest = Range::<QueueBySubmitter>::under(&(submission.submitter, state))
            .until(&(submission.submitter, state, submission.received_at, submission.id))
            .backwards();
        for key in rows.keys::<QueueBySubmitter>(latest).take(LATEST) {
            let (_, _, _, id) = key?;
            let other = rows.get::<Submissions>(&id)?;
            places.extend(other.and_then(|other| place(submission, &other)));
        }
    }
    Ok(places)
}

fn place(submission: &Submission, other: &Submission) -> Option<Elsewhere> {
    let location = other.report.location?;
    // A missing place, or one set by hand, is that submission's own trouble: nobody went there.
    let is_known = 0.0 < location.accuracy_m && location.accuracy_m <= COARSEST_M;
    if location.point.is_null_island() || !is_known {
        return None;
    }
    let (own, at) = (submission.report.captured_at, other.report.captured_at);
    let near = own.as_millis().abs_diff(at.as_millis()) <= FAR_APART_MS;
    // Two phones of one account may well be in two places.
    let same_phone = match (submission.device, other.device) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    (near && same_phone).then_some(Elsewhere {
        submission: other.id,
        point: location.point,
        accuracy_m: location.accuracy_m,
        at,
    })
}

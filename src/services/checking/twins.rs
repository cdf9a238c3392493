//! Twins: other submissions with the same picture, or with one that looks the same.
//!
//! Invariant: of two twins the one that arrived later is warned about, whichever was checked first: whoever is checked
//! for the first time and finds a later one has it checked again.
//! Refuses: to call the first one a copy.

use std::collections::BTreeMap;

use super::{Checking, CheckingError, Prepared};
use crate::domain::{Findings, Sha256, Submission, SubmissionId, SubmissionState, Twin};
use crate::store::records::{Checked, PhotoUses, Submissions};
use crate::store::{Range, ReadTables, StoreError};

/// Most submissions that are named for one picture.
const MAX_NAMED: usize = 20;
/// How many uses of a picture are gone through from either end of its list. Ids are the phones' to choose, so whoever
/// wants to hide a use in the middle has to send the picture twice as often as this.
const GONE_THROUGH: usize = 2_048;
/// How many of them are read while the store's writer has to wait.
const AT_ONCE: usize = 256;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Twins {
    pub(super) same: Vec<Twin>,
    pub(super) similar: Vec<Twin>,
    /// Later submissions that do not know yet that they have a twin here.
    pub(super) again: Vec<SubmissionId>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Similar,
}

/// A twin that arrived earlier, or a later one that does not know of it yet.
enum Other {
    Earlier(Box<Submission>),
    Unaware(SubmissionId),
}

impl Checking {
    pub(super) fn twins(
        &self,
        submission: &Submission,
        pictures: &[Prepared],
    ) -> Result<Twins, CheckingError> {
        let mut twins = Twins::default();
        let least = self.campaign.check_rules().similar_min_percent;
        for picture in pictures {
            let own = picture.facts.sha256;
            for other in self.others(submission, own, Kind::Same)? {
                twins.name((own, own, 100), Kind::Same, other);
            }
            let Some(look) = &picture.look else { continue };
            let mut uses: BTreeMap<Sha256, Vec<Other>> = BTreeMap::new();
            // What only this submission or its place shows is no twin, and must not take a twin's place among those
            // that are compared. The same bytes are the business of the other check.
            let mut counts = |sha256: Sha256| {
                if sha256 == own {
                    return Ok(false);
                }
                let others = self.others(submission, sha256, Kind::Similar)?;
                let some = !others.is_empty();
                uses.insert(sha256, others);
                Ok(some)
            };
            for alike in self.looks.alike(&self.store, look, least, &mut counts)? {
                for other in uses.remove(&alike.sha256).unwrap_or_default() {
                    twins.name((own, alike.sha256, alike.percent), Kind::Similar, other);
                }
            }
        }
        twins.again.sort_unstable();
        twins.again.dedup();
        Ok(twins)
    }

    /// The twins of `submission` among those that show `photo`: the first [`MAX_NAMED`] from either end of the list.
    fn others(&self, submission: &Submission, photo: Sha256, kind: Kind) -> Result<Vec<Other>, StoreError> {
        let mut others = BTreeMap::new();
        for backwards in [false, true] {
            let (mut found, mut gone_through, mut last) = (0, 0, None);
            while found < MAX_NAMED && gone_through < GONE_THROUGH {
                let range = Range::<PhotoUses>::under(&photo);
                let range = if backwards { range.backwards() } else { range };
                let range = match last {
                    Some(id) => range.after(&(photo, id)),
                    None => range,
                };
                let rows = self.store.read_now(|view| {
                    view.keys::<PhotoUses>(range)
                        .take(AT_ONCE)
                        .map(|key| {
                            let (_, id) = key?;
                            Ok((id, view.get::<Submissions>(&id)?, view.get::<Checked>(&id)?))
                        })
                        .collect::<Result<Vec<_>, StoreError>>()
                })?;
                gone_through += AT_ONCE;
                last = rows.last().map(|(id, _, _)| *id);
                let is_end = rows.len() < AT_ONCE;
                for (id, other, findings) in rows {
                    let other = other.filter(|other| is_twin(submission, other, kind));
                    let Some(other) = other.and_then(|other| other_of(submission, other, findings)) else {
                        continue;
                    };
                    if found < MAX_NAMED && others.insert(id, other).is_none() {
                        found += 1;
                    }
                }
                if is_end {
                    break;
                }
            }
        }
        Ok(others.into_values().collect())
    }
}

impl Twins {
    fn name(
        &mut self,
        (photo, other_photo, likeness_percent): (Sha256, Sha256, u8),
        kind: Kind,
        other: Other,
    ) {
        let list = match kind {
            Kind::Same => &mut self.same,
            Kind::Similar => &mut self.similar,
        };
        match other {
            Other::Unaware(later) => self.again.push(later),
            Other::Earlier(other) => {
                let named = list
                    .iter()
                    .filter(|twin| twin.photo == photo && twin.other_photo == other_photo);
                if named.count() < MAX_NAMED {
                    list.push(Twin {
                        photo,
                        other_photo,
                        submission: other.id,
                        assignment: other.report.assignment,
                        likeness_percent,
                    });
                }
            }
        }
    }
}

fn other_of(submission: &Submission, other: Submission, findings: Option<Findings>) -> Option<Other> {
    if (other.received_at, other.id) < (submission.received_at, submission.id) {
        return Some(Other::Earlier(Box::new(other)));
    }
    let knows = findings.is_some_and(|findings| findings.name(submission.id));
    (!knows).then_some(Other::Unaware(other.id))
}

/// Whether what `other` shows speaks against `submission`, or the other way round. A picture that was taken back and
/// sent again for the same place does not; nor does one that looks like another of the same place. One that is not
/// whole yet is left until it is: then it is checked itself.
fn is_twin(submission: &Submission, other: &Submission, kind: Kind) -> bool {
    let same_place = other.report.assignment == submission.report.assignment;
    other.id != submission.id
        && other.state != SubmissionState::Incomplete
        && !(same_place && (kind == Kind::Similar || other.state == SubmissionState::Withdrawn))
}

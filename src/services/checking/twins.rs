//! Twins: other submissions with the same picture, or with one that looks the same.
//!
//! Invariant: of two twins the one that arrived later is warned about, whichever was checked first: whoever is checked
//! and finds a later one has it checked again.
//! Refuses: to call the first one a copy.

use super::{Checking, CheckingError, Prepared};
use crate::domain::{Sha256, Submission, SubmissionId, SubmissionState, Twin};
use crate::store::records::{Checked, PhotoUses, Submissions};
use crate::store::{Range, ReadTables, StoreError};

/// Most submissions that are named for one picture.
const MAX_NAMED: usize = 20;

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
            self.uses(submission, (own, own, 100), Kind::Same, &mut twins)?;
            let Some(look) = &picture.look else { continue };
            for alike in self.looks.alike(&self.store, look, least)? {
                // The same bytes are the business of the other check.
                if alike.sha256 != own {
                    self.uses(
                        submission,
                        (own, alike.sha256, alike.percent),
                        Kind::Similar,
                        &mut twins,
                    )?;
                }
            }
        }
        twins.again.sort_unstable();
        twins.again.dedup();
        Ok(twins)
    }

    /// Goes over the submissions that show `other_photo`.
    fn uses(
        &self,
        submission: &Submission,
        (photo, other_photo, likeness_percent): (Sha256, Sha256, u8),
        kind: Kind,
        twins: &mut Twins,
    ) -> Result<(), CheckingError> {
        let others = self.store.read_now(|view| {
            let ids = view.keys::<PhotoUses>(Range::under(&other_photo));
            let mut others = Vec::new();
            for id in ids.take(MAX_NAMED) {
                let (_, id) = id?;
                if let Some(other) = view.get::<Submissions>(&id)? {
                    others.push((other, view.get::<Checked>(&id)?));
                }
            }
            Ok::<_, StoreError>(others)
        })?;
        for (other, findings) in others {
            if !is_twin(submission, &other, kind) {
                continue;
            }
            if (other.received_at, other.id) < (submission.received_at, submission.id) {
                let list = if kind == Kind::Same {
                    &mut twins.same
                } else {
                    &mut twins.similar
                };
                list.push(Twin {
                    photo,
                    other_photo,
                    submission: other.id,
                    assignment: other.report.assignment,
                    likeness_percent,
                });
            } else if !findings.is_some_and(|findings| knows(&findings, submission.id)) {
                twins.again.push(other.id);
            }
        }
        Ok(())
    }
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

fn knows(findings: &crate::domain::Findings, twin: SubmissionId) -> bool {
    findings.findings.iter().any(|finding| match &finding.figures {
        crate::domain::Figures::Twins(twins) => twins.iter().any(|known| known.submission == twin),
        _ => false,
    })
}

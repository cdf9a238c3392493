//! The transaction that records a report and fills its slots.
//!
//! Invariant: everything that decides (is it new, is it theirs, is it the same) is read inside the transaction that
//! acts on it, so two sockets at once end in one record.
//! Refuses: a row for a picture whose file is not on its shelf.

use std::sync::Arc;

use super::draft::{Draft, DraftPhoto, PhotoList};
use super::reading::{SeenSubmission, seen_one};
use super::reception::ArrivedPicture;
use super::{Evidence, EvidenceError};
use crate::auth::{Actor, KeyRing, Scope, receipt};
use crate::domain::{
    Assignment, HistoryEvent, Mark, Moment, PhotoSlot, Sha256, ShelfMonth, Step, Submission, SubmissionId,
    SubmissionState, Tenure,
};
use crate::photos::Photos;
use crate::services::checking;
use crate::services::ledger::{self, Entry};
use crate::store::records::{Assignments, Photos as PhotoRows, Submissions};
use crate::store::{Dependency, ReadTables, StoreError, Transaction};

/// Whether something new was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is new.
    Created,
    /// It had been here before.
    Repeated,
}

/// A submission as it stands after a request.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// New or not.
    pub outcome: Outcome,
    /// As it stands, with what its sender wants beside it.
    pub seen: SeenSubmission,
}

/// What the transaction works with.
struct Bench {
    now: Moment,
    keys: Arc<KeyRing>,
    photos: Photos,
}

/// The names on a shelf have to be durable before rows speak of its pictures.
struct ShelfNames {
    photos: Photos,
    month: ShelfMonth,
}

impl Dependency for ShelfNames {
    fn identity(&self) -> String {
        self.month.to_string()
    }

    fn settle(&self) -> std::io::Result<()> {
        self.photos.sync_shelf(self.month)
    }
}

impl Evidence {
    /// Records `draft` together with the pictures that came with it.
    pub async fn receive_report(
        &self,
        actor: &Actor,
        draft: Draft,
        arrived: Vec<ArrivedPicture>,
    ) -> Result<Recorded, EvidenceError> {
        let wrong = draft.wrong_fields(self.max_picture_bytes);
        if !wrong.is_empty() {
            return Err(EvidenceError::Invalid(wrong));
        }
        self.space.check(0)?;
        let (actor, bench) = (actor.clone(), self.bench());
        let (captured_at, now) = (draft.report.captured_at, bench.now);
        let recorded = self
            .store
            .transact(move |tx| {
                let (outcome, submission) = bench.record(tx, &actor, &draft, &arrived)?;
                let seen = seen_one(tx, submission)?;
                Ok::<_, EvidenceError>(Recorded { outcome, seen })
            })
            .await?;
        if recorded.outcome == Outcome::Created {
            self.figures.arrived(captured_at, now);
        }
        Ok(recorded)
    }

    /// Fills the slot of one picture.
    pub async fn receive_picture(
        &self,
        actor: &Actor,
        id: SubmissionId,
        arrived: ArrivedPicture,
    ) -> Result<Recorded, EvidenceError> {
        let (actor, bench) = (actor.clone(), self.bench());
        self.store
            .transact(move |tx| {
                let before = own_submission(tx, &actor, id)?;
                if before.slot(arrived.sha256).is_none() {
                    return Err(EvidenceError::PictureUnexpected);
                }
                let (outcome, submission) =
                    bench.fill(tx, &actor, Some(&before), before.clone(), &[arrived])?;
                let seen = seen_one(tx, submission)?;
                Ok(Recorded { outcome, seen })
            })
            .await
    }

    fn bench(&self) -> Bench {
        Bench {
            now: self.clock.now(),
            keys: (self.keys)(),
            photos: self.photos.clone(),
        }
    }
}

/// The sender's own submission, as it stands inside the transaction.
pub(super) fn own_submission(
    tx: &impl ReadTables,
    actor: &Actor,
    id: SubmissionId,
) -> Result<Submission, EvidenceError> {
    let submission = tx.get::<Submissions>(&id)?.ok_or(EvidenceError::NotFound)?;
    if submission.submitter == actor.user {
        Ok(submission)
    } else {
        Err(EvidenceError::NotFound)
    }
}

impl Bench {
    /// How far a phone's clock is ahead of ours, seconds.
    fn ahead_s(&self, clock: Moment) -> i64 {
        clock.as_millis().saturating_sub(self.now.as_millis()) / 1000
    }

    fn record(
        &self,
        tx: &mut Transaction<'_>,
        actor: &Actor,
        draft: &Draft,
        arrived: &[ArrivedPicture],
    ) -> Result<(Outcome, Submission), EvidenceError> {
        let photos = match &draft.photos {
            PhotoList::Announced(photos) => photos.clone(),
            PhotoList::AsSent => as_sent(arrived),
        };
        if arrived
            .iter()
            .any(|picture| !photos.iter().any(|photo| photo.sha256 == picture.sha256))
        {
            return Err(EvidenceError::PictureUnexpected);
        }
        if let Some(existing) = tx.get::<Submissions>(&draft.id)? {
            if existing.submitter != actor.user {
                return Err(EvidenceError::NotFound);
            }
            if !draft.says_the_same(&existing, &photos) {
                return Err(EvidenceError::Differs);
            }
            return self.fill(tx, actor, Some(&existing), existing.clone(), arrived);
        }
        let assignment = tx
            .get::<Assignments>(&draft.report.assignment)?
            .ok_or(EvidenceError::AssignmentNotFound)?;
        let marks = marks(actor, &assignment).ok_or(EvidenceError::AssignmentNotFound)?;
        let submission = Submission {
            id: draft.id,
            report: draft.report.clone(),
            commune: assignment.commune,
            cell: assignment.cell,
            submitter: actor.user,
            device: Some(actor.device),
            state: SubmissionState::Incomplete,
            received_at: self.now,
            photos: photos.iter().map(empty_slot).collect(),
            client: draft.client.clone(),
            marks,
            decision: None,
            receipt: None,
            phone_ahead_s: draft.phone_clock.map(|clock| self.ahead_s(clock)),
            risk: 0,
            warned: crate::domain::Warned::default(),
            version: 0,
        };
        self.fill(tx, actor, None, submission, arrived)
    }

    /// Fills the slots of `arrived` and completes the submission when none is left empty.
    fn fill(
        &self,
        tx: &mut Transaction<'_>,
        actor: &Actor,
        before: Option<&Submission>,
        mut submission: Submission,
        arrived: &[ArrivedPicture],
    ) -> Result<(Outcome, Submission), EvidenceError> {
        let outcome = if before.is_none() {
            Outcome::Created
        } else {
            Outcome::Repeated
        };
        let mut filled = 0;
        for picture in arrived {
            let slot = submission
                .photos
                .iter_mut()
                .find(|slot| slot.sha256 == picture.sha256);
            let Some(slot) = slot.filter(|slot| !slot.is_stored()) else {
                continue;
            };
            if submission.state == SubmissionState::Withdrawn {
                return Err(EvidenceError::Withdrawn);
            }
            if slot.bytes != picture.photo.bytes {
                return Err(EvidenceError::HashMismatch);
            }
            let photo = self.keep_photo(tx, picture)?;
            (slot.width, slot.height) = (Some(photo.width), Some(photo.height));
            filled += 1;
        }
        if before.is_some() && filled == 0 {
            return Ok((outcome, submission));
        }
        let whole = submission.missing().next().is_none();
        if whole {
            submission.state = submission.state.after(Step::Complete)?;
            submission.received_at = self.now;
            submission.receipt = Some(receipt::seal(&self.keys, &submission)?);
        }
        submission.version += 1;
        let from = before.map(|before| before.state);
        let event = (from != Some(submission.state)).then_some(HistoryEvent {
            at: self.now,
            by: Some(actor.user),
            from,
            to: submission.state,
            verdict: None,
        });
        let action = match (from, whole) {
            (_, true) => "submission.received",
            (None, false) => "submission.announced",
            (Some(_), false) => "submission.picture",
        };
        let entry = Entry {
            at: self.now,
            by: Some(actor.user),
            action,
        };
        ledger::put_submission(tx, before, &submission, event, entry)?;
        if whole {
            checking::enqueue(tx, self.now, submission.id)?;
        }
        let outcome = if filled > 0 { Outcome::Created } else { outcome };
        Ok((outcome, submission))
    }

    /// Writes the row of a picture, unless there is one; file before row.
    fn keep_photo(
        &self,
        tx: &mut Transaction<'_>,
        picture: &ArrivedPicture,
    ) -> Result<crate::domain::Photo, EvidenceError> {
        if let Some(known) = tx.get::<PhotoRows>(&picture.sha256)? {
            return Ok(known);
        }
        let month = picture.photo.shelf;
        if !self.photos.holds(month, picture.sha256) {
            // Swept between its arrival and now; the phone sends it again.
            return Err(EvidenceError::Store(StoreError::Busy));
        }
        tx.depend_on(Arc::new(ShelfNames {
            photos: self.photos.clone(),
            month,
        }));
        tx.put::<PhotoRows>(&picture.sha256, &picture.photo)?;
        Ok(picture.photo)
    }
}

/// What is out of the ordinary about evidence of `actor` for `assignment`; `None` when it is not theirs to show.
fn marks(actor: &Actor, assignment: &Assignment) -> Option<Vec<Mark>> {
    let mut marks = Vec::new();
    match actor.scope() {
        Scope::Own(user) if assignment.assignee == Some(user) => {}
        // Their phone was offline when it was given to somebody else.
        Scope::Own(user) if assignment.former_assignees.contains(&user) => {
            marks.push(Mark::AssignmentReassigned);
        }
        Scope::Commune(commune) if assignment.commune == commune => {}
        Scope::Everything | Scope::Commune(_) | Scope::Own(_) | Scope::Nothing => return None,
    }
    match assignment.tenure {
        Tenure::Planned => {}
        Tenure::Cancelled => marks.push(Mark::AssignmentCancelled),
        Tenure::Proposed => marks.push(Mark::AssignmentProposed),
    }
    Some(marks)
}

/// The list that a request without a list means: its pictures, each once, in their order.
fn as_sent(arrived: &[ArrivedPicture]) -> Vec<DraftPhoto> {
    let mut photos: Vec<DraftPhoto> = Vec::new();
    for picture in arrived {
        if !photos.iter().any(|photo| photo.sha256 == picture.sha256) {
            photos.push(DraftPhoto {
                sha256: picture.sha256,
                bytes: picture.photo.bytes,
            });
        }
    }
    photos
}

const fn empty_slot(photo: &DraftPhoto) -> PhotoSlot {
    PhotoSlot {
        sha256: photo.sha256,
        bytes: photo.bytes,
        width: None,
        height: None,
    }
}

/// Where a picture's bytes may go, told before they are read.
#[derive(Debug, Clone)]
pub enum SlotState {
    /// The slot waits for `bytes` bytes.
    Empty {
        /// The announced length.
        bytes: u64,
    },
    /// It is filled; this is how the submission stands.
    Filled(Box<SeenSubmission>),
}

impl Evidence {
    /// Where the slot `sha256` of the sender's submission `id` stands.
    pub async fn slot(
        &self,
        actor: &Actor,
        id: SubmissionId,
        sha256: Sha256,
    ) -> Result<SlotState, EvidenceError> {
        let actor = actor.clone();
        self.store
            .read(move |view| {
                let submission = own_submission(view, &actor, id)?;
                let slot = *submission.slot(sha256).ok_or(EvidenceError::PictureUnexpected)?;
                match submission.state {
                    _ if slot.is_stored() => Ok(SlotState::Filled(Box::new(seen_one(view, submission)?))),
                    SubmissionState::Withdrawn => Err(EvidenceError::Withdrawn),
                    _ => Ok(SlotState::Empty { bytes: slot.bytes }),
                }
            })
            .await
    }
}

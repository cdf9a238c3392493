//! Contact sheets: many clean submissions verified together, after a random sample of them was looked at one by one.
//!
//! The server draws the sample and records it in the audit log; drawing again gives the same sheet, so nobody can draw
//! until the sample is easy. "Looked at" means decided: the same verifier has reviewed every sampled submission by
//! itself since the sheet was drawn. A rejection among them is a failed sample, and the rest goes one by one too.
//!
//! Invariant: only members are verified, each at the version that was drawn, each still without a warning; whatever
//! arrived or changed since is left, and the answer names it.
//! Refuses: another verifier's sheet, and one older than [`LASTS_S`].

use serde_json::json;
use uuid::Uuid;

use super::audit::{self, Deed};
use super::review::{self, ReviewError};
use crate::auth::Actor;
use crate::clock::Clock;
use crate::domain::{
    Cell, CommuneCode, Decision, HistoryEvent, Moment, Sheet, Submission, SubmissionId, SubmissionState,
    Verdict,
};
use crate::store::records::{Checked, History, QueueByCommune, Sheets as SheetRows, Submissions};
use crate::store::{Range, ReadTables, Reads, Store, StoreError, Transaction};

/// How long a sheet is good for, in seconds: a working day.
pub const LASTS_S: i64 = 12 * 3600;
/// The most members of a sheet; one answer and one transaction stay small.
pub const MAX_MEMBERS: usize = 200;
/// How many waiting submissions are looked at for members.
const MAX_EXAMINED: usize = 2_000;

/// How far a sampled submission was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Not yet.
    Waiting,
    /// Looked at, and verified.
    Verified,
    /// Looked at, and sent back.
    Rejected,
    /// Somebody else decided on it, or its sender took it back: the sheet has to be drawn again.
    Lost,
}

/// A sheet, and how far its sample is.
#[derive(Debug, Clone)]
pub struct DrawnSheet {
    /// The sheet.
    pub sheet: Sheet,
    /// Its sample, in the order of the draw.
    pub sample: Vec<(SubmissionId, Look)>,
}

/// What verifying a sheet did.
#[derive(Debug)]
pub struct SheetVerified {
    /// Verified now, or by the same request before.
    pub verified: Vec<SubmissionId>,
    /// Left, and why.
    pub left: Vec<(SubmissionId, ReviewError)>,
}

/// Why a sheet was not verified.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// There is no such sheet of theirs, or it is too old, or was drawn again.
    #[error("no such sheet")]
    Gone,
    /// Some of the sample were not looked at.
    #[error("{} sampled submissions were not looked at", .0.len())]
    Unseen(Vec<SubmissionId>),
    /// One of the sample was sent back.
    #[error("a sampled submission was sent back")]
    SampleFailed,
    /// Named submissions that are not on the sheet.
    #[error("not on the sheet")]
    NotOnSheet(Vec<SubmissionId>),
    /// A review failed as a whole.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The contact sheets of one campaign.
#[derive(Debug, Clone)]
pub struct Sheets {
    store: Store,
    clock: Clock,
}

type Place = (CommuneCode, Cell);

impl Sheets {
    /// Sheets of what is in `store`.
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// The verifier's sheet of `place`: the one that is there while it is good, otherwise a new one.
    pub async fn draw(&self, actor: &Actor, place: Place) -> Result<DrawnSheet, SheetError> {
        let (actor, now, id) = (actor.clone(), self.clock.now(), self.clock.new_id());
        self.store
            .transact(move |tx| draw(tx, &actor, now, id, place))
            .await
    }

    /// Verifies `chosen` members of the sheet `id`, all of them when `None`.
    pub async fn verify(
        &self,
        actor: &Actor,
        place: Place,
        id: Uuid,
        chosen: Option<Vec<SubmissionId>>,
    ) -> Result<SheetVerified, SheetError> {
        let (actor, now) = (actor.clone(), self.clock.now());
        self.store
            .transact(move |tx| verify(tx, &actor, now, place, id, chosen))
            .await
    }
}

fn draw(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    now: Moment,
    id: Uuid,
    (commune, cell): Place,
) -> Result<DrawnSheet, SheetError> {
    let key = (actor.user, commune, cell);
    if let Some(sheet) = tx.get::<SheetRows>(&key)?.filter(|sheet| is_young(sheet, now)) {
        let sample = looks(tx, actor, &sheet)?;
        let lost = sample.iter().any(|(_, look)| *look == Look::Lost);
        if !lost && has_work(tx, &sheet)? {
            return Ok(DrawnSheet { sheet, sample });
        }
    }
    let sheet = Sheet {
        id,
        drawn_at: now,
        members: clean_members(tx, commune, cell)?,
    };
    let sample = sheet.sample();
    // An empty sheet says nothing worth keeping.
    if !sheet.members.is_empty() {
        tx.put::<SheetRows>(&key, &sheet)?;
        let detail =
            json!({ "commune": commune, "cell": cell, "members": sheet.members.len(), "sample": sample });
        record(tx, actor, now, &sheet, "sheet.drawn", detail)?;
    }
    let sample = sample.into_iter().map(|id| (id, Look::Waiting)).collect();
    Ok(DrawnSheet { sheet, sample })
}

fn verify(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    now: Moment,
    (commune, cell): Place,
    id: Uuid,
    chosen: Option<Vec<SubmissionId>>,
) -> Result<SheetVerified, SheetError> {
    let sheet = tx
        .get::<SheetRows>(&(actor.user, commune, cell))?
        .filter(|sheet| sheet.id == id && is_young(sheet, now))
        .ok_or(SheetError::Gone)?;
    let sample = looks(tx, actor, &sheet)?;
    if sample.iter().any(|(_, look)| *look == Look::Rejected) {
        return Err(SheetError::SampleFailed);
    }
    let unseen: Vec<SubmissionId> = sample
        .iter()
        .filter(|(_, look)| *look != Look::Verified)
        .map(|(id, _)| *id)
        .collect();
    if !unseen.is_empty() {
        return Err(SheetError::Unseen(unseen));
    }
    let members = chosen_members(&sheet, chosen)?;
    let mut outcome = SheetVerified {
        verified: Vec::new(),
        left: Vec::new(),
    };
    for (member, version) in members {
        if sample.iter().any(|(sampled, _)| *sampled == member) {
            continue;
        }
        match verify_member(tx, actor, now, member, version) {
            Ok(_) => outcome.verified.push(member),
            Err(ReviewError::Store(error)) => return Err(error.into()),
            Err(ReviewError::Ledger(error)) => return Err(ReviewError::Ledger(error).into()),
            Err(refused) => outcome.left.push((member, refused)),
        }
    }
    let detail = json!({
        "commune": commune, "cell": cell, "verified": outcome.verified.len(), "left": outcome.left.len(),
    });
    record(tx, actor, now, &sheet, "sheet.verified", detail)?;
    Ok(outcome)
}

/// A warning that came up since the sheet was drawn counts as a change.
fn verify_member(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    now: Moment,
    id: SubmissionId,
    version: u32,
) -> Result<Submission, ReviewError> {
    let present = tx.get::<Submissions>(&id)?.ok_or(ReviewError::NotFound)?;
    if present.state == SubmissionState::Pending && !is_clean(tx, &present)? {
        return Err(ReviewError::VersionConflict {
            present: present.version,
        });
    }
    review::decide(tx, actor, now, id, Verdict::Verify { comment: None }, version)
}

/// Whether the checks have run, none warned, and nothing was out of the ordinary.
fn is_clean(rows: &impl Reads, submission: &Submission) -> Result<bool, StoreError> {
    if !submission.marks.is_empty() {
        return Ok(false);
    }
    let findings = rows.get::<Checked>(&submission.id)?;
    Ok(findings.is_some_and(|findings| findings.warnings().next().is_none()))
}

fn is_young(sheet: &Sheet, now: Moment) -> bool {
    now.as_millis() - sheet.drawn_at.as_millis() < LASTS_S * 1000
}

/// Whether a member still waits.
fn has_work(rows: &impl Reads, sheet: &Sheet) -> Result<bool, StoreError> {
    for (member, _) in &sheet.members {
        let submission = rows.get::<Submissions>(member)?;
        if submission.is_some_and(|submission| submission.state == SubmissionState::Pending) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The clean submissions that wait in a cell, the longest waiting first.
fn clean_members(
    rows: &impl Reads,
    commune: CommuneCode,
    cell: Cell,
) -> Result<Vec<(SubmissionId, u32)>, StoreError> {
    let waiting = Range::<QueueByCommune>::under(&(commune, cell, SubmissionState::Pending));
    let mut members = Vec::new();
    for key in rows.keys(waiting).take(MAX_EXAMINED) {
        let (_, _, _, _, id) = key?;
        if members.len() == MAX_MEMBERS {
            break;
        }
        let Some(submission) = rows.get::<Submissions>(&id)? else {
            continue;
        };
        if is_clean(rows, &submission)? {
            members.push((id, submission.version));
        }
    }
    Ok(members)
}

/// How far each sampled submission was looked at by `actor`.
fn looks(rows: &impl Reads, actor: &Actor, sheet: &Sheet) -> Result<Vec<(SubmissionId, Look)>, StoreError> {
    let look = |id: SubmissionId| Ok((id, look(rows, actor, sheet, id)?));
    sheet.sample().into_iter().map(look).collect()
}

fn look(rows: &impl Reads, actor: &Actor, sheet: &Sheet, id: SubmissionId) -> Result<Look, StoreError> {
    let mut last = None;
    for row in rows.scan::<History>(Range::under(&id)) {
        let (_, event) = row?;
        if event.at >= sheet.drawn_at && event.by == Some(actor.user) {
            last = decision(&event).or(last);
        }
    }
    Ok(match last {
        Some(Decision::Verify) => Look::Verified,
        Some(Decision::Reject) => Look::Rejected,
        Some(Decision::Reopen) | None => {
            let present = rows.get::<Submissions>(&id)?;
            if present.is_some_and(|submission| submission.state == SubmissionState::Pending) {
                Look::Waiting
            } else {
                Look::Lost
            }
        }
    })
}

fn decision(event: &HistoryEvent) -> Option<Decision> {
    event.verdict.as_ref().map(Verdict::decision)
}

fn chosen_members(
    sheet: &Sheet,
    chosen: Option<Vec<SubmissionId>>,
) -> Result<Vec<(SubmissionId, u32)>, SheetError> {
    let Some(chosen) = chosen else {
        return Ok(sheet.members.clone());
    };
    let version = |id: &SubmissionId| sheet.members.iter().find(|(member, _)| member == id).copied();
    let foreign: Vec<SubmissionId> = chosen
        .iter()
        .filter(|id| version(id).is_none())
        .copied()
        .collect();
    if foreign.is_empty() {
        Ok(chosen.iter().filter_map(version).collect())
    } else {
        Err(SheetError::NotOnSheet(foreign))
    }
}

fn record(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    now: Moment,
    sheet: &Sheet,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let deed = Deed {
        at: now,
        by: Some(actor.user),
        action,
        subject: format!("sheet/{}", sheet.id),
        detail,
    };
    audit::record(tx, deed)
}

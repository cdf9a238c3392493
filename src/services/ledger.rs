//! The ledger: the only door through which an assignment or a submission changes.
//!
//! Invariant: the row, its indexes, its history, the standings, the assignment's derived state, the completion
//! tallies and the audit entry all change in one transaction; so the board equals a recount at every moment.
//! Refuses: to decide whether a change is allowed. The services do, before they come here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::audit::{self, Deed};
use super::checking;
use crate::domain::{
    Assignment, AssignmentId, Change, CheckCode, Contribution, Findings, HistoryEvent, Moment, QueueList,
    Standing, Submission, SubmissionState, TallyDrift, UserId,
};
use crate::store::records::{
    Assignments, AssignmentsByAssignee, AssignmentsByCell, Checked, FormerAssignments, History, PhotoUses,
    Queue, QueueByCell, QueueByCheck, QueueByCommune, QueueByRisk, QueueBySubmitter, Standings, Submissions,
    Tallies, Timeline, VillageTallies,
};
use crate::store::{Range, ReadTables, Reads, StoreError, Table, Transaction};

/// Why the ledger could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tallies do not equal the records; `minhchung doctor` shows where.
    #[error(transparent)]
    Drift(#[from] TallyDrift),
}

/// Who changes something, when, and what the audit log calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) at: Moment,
    pub(super) by: Option<UserId>,
    pub(super) action: &'static str,
}

/// The standings of all submissions of an assignment.
pub(super) fn standings(rows: &impl Reads, assignment: AssignmentId) -> Result<Vec<Standing>, StoreError> {
    rows.scan::<Standings>(Range::under(&assignment))
        .map(|row| row.map(|(_, standing)| standing))
        .collect()
}

/// Writes `assignment` in place of `before`. Its derived state is set here.
pub(super) fn put_assignment(
    tx: &mut Transaction<'_>,
    before: Option<&Assignment>,
    mut assignment: Assignment,
    entry: Entry,
) -> Result<Assignment, LedgerError> {
    let standings = standings(tx, assignment.id)?;
    assignment.state = Assignment::derive_state(assignment.tenure, &standings);
    if let Some(before) = before {
        unlist_assignment(tx, before);
        if (before.commune, before.cell) != (assignment.commune, assignment.cell) {
            move_submissions(tx, &assignment)?;
        }
        if (before.commune, before.location) != (assignment.commune, assignment.location) {
            check_again(tx, &assignment, entry.at)?;
        }
    }
    list_assignment(tx, &assignment)?;
    tx.put::<Assignments>(&assignment.id, &assignment)?;
    let old = before.and_then(|before| Contribution::of(before, &standings));
    let new = Contribution::of(&assignment, &standings);
    replace_contribution(tx, &assignment, old.as_ref(), new.as_ref())?;
    audit::record(
        tx,
        Deed {
            at: entry.at,
            by: entry.by,
            action: entry.action,
            subject: format!("assignment/{}", assignment.id),
            detail: assignment_figures(&assignment),
        },
    )?;
    Ok(assignment)
}

/// Writes `submission` in place of `before`, with `event` in its history when its state changed.
pub(super) fn put_submission(
    tx: &mut Transaction<'_>,
    before: Option<&Submission>,
    submission: &Submission,
    event: Option<HistoryEvent>,
    entry: Entry,
) -> Result<(), LedgerError> {
    if let Some(before) = before {
        unlist_submission(tx, before)?;
    }
    list_submission(tx, submission)?;
    tx.put::<Submissions>(&submission.id, submission)?;
    for slot in submission.photos.iter().filter(|slot| slot.is_stored()) {
        tx.put::<PhotoUses>(&(slot.sha256, submission.id), &())?;
    }
    if let Some(event) = event {
        tx.put::<History>(&(submission.id, submission.version), &event)?;
    }
    stand(tx, submission)?;
    audit::record(
        tx,
        Deed {
            at: entry.at,
            by: entry.by,
            action: entry.action,
            subject: format!("submission/{}", submission.id),
            detail: submission_figures(submission),
        },
    )?;
    announce(tx, submission);
    Ok(())
}

/// Keeps what the checks found about `submission`. Its version stays: it counts what people do, and a reviewer who
/// decides while the checks run must not be told that somebody was faster. The audit log tells of people's deeds too.
pub(super) fn put_findings(
    tx: &mut Transaction<'_>,
    submission: &Submission,
    findings: &Findings,
) -> Result<(), StoreError> {
    let mut checked = submission.clone();
    checked.risk = findings.risk();
    checked.warned = findings.warned();
    let found = (checked.risk, checked.warned);
    if found == (submission.risk, submission.warned) && looked_at(tx, submission)? == LookedAt::Checked {
        tx.put::<Checked>(&checked.id, findings)?;
    } else {
        unlist_submission(tx, submission)?;
        tx.put::<Checked>(&checked.id, findings)?;
        list_submission(tx, &checked)?;
        tx.put::<Submissions>(&checked.id, &checked)?;
    }
    announce(tx, &checked);
    Ok(())
}

fn announce(tx: &mut Transaction<'_>, submission: &Submission) {
    tx.announce(Change::Queue {
        submission: submission.id,
        state: submission.state,
        commune: submission.commune,
        cell: submission.cell,
        submitter: submission.submitter,
    });
}

/// Lets the assignment follow the new standing of one of its submissions.
fn stand(tx: &mut Transaction<'_>, submission: &Submission) -> Result<(), LedgerError> {
    let key = (submission.report.assignment, submission.id);
    let standing = Standing::of(submission);
    if tx.get::<Standings>(&key)? == Some(standing) {
        return Ok(());
    }
    let mut rows: BTreeMap<_, _> = tx
        .scan::<Standings>(Range::under(&submission.report.assignment))
        .collect::<Result<_, _>>()?;
    let before: Vec<_> = rows.values().copied().collect();
    rows.insert(key, standing);
    let after: Vec<_> = rows.into_values().collect();
    tx.put::<Standings>(&key, &standing)?;
    let Some(mut assignment) = tx.get::<Assignments>(&submission.report.assignment)? else {
        return Ok(());
    };
    let old = Contribution::of(&assignment, &before);
    let state = Assignment::derive_state(assignment.tenure, &after);
    if state != assignment.state {
        assignment.state = state;
        tx.put::<Assignments>(&assignment.id, &assignment)?;
    }
    let new = Contribution::of(&assignment, &after);
    replace_contribution(tx, &assignment, old.as_ref(), new.as_ref())
}

/// Takes `old` out of the figures and counts `new` in.
fn replace_contribution(
    tx: &mut Transaction<'_>,
    assignment: &Assignment,
    old: Option<&Contribution>,
    new: Option<&Contribution>,
) -> Result<(), LedgerError> {
    if old == new {
        return Ok(());
    }
    if let Some(old) = old {
        count(tx, old, assignment, Sign::Out)?;
    }
    if let Some(new) = new {
        count(tx, new, assignment, Sign::In)?;
    }
    let mut moved: Vec<_> = [old, new]
        .into_iter()
        .flatten()
        .map(|part| (part.commune, part.cell))
        .collect();
    moved.dedup();
    for (commune, cell) in moved {
        let (id, assignee) = (assignment.id, assignment.assignee);
        tx.announce(Change::Completion {
            commune,
            cell,
            assignment: id,
            assignee,
        });
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Sign {
    In,
    Out,
}

fn count(
    tx: &mut Transaction<'_>,
    part: &Contribution,
    assignment: &Assignment,
    sign: Sign,
) -> Result<(), LedgerError> {
    let key = (part.commune, part.cell);
    let mut tally = tx.get::<Tallies>(&key)?.unwrap_or_default();
    let village_key = (part.commune, part.village.clone(), part.cell);
    let mut village = tx.get::<VillageTallies>(&village_key)?.unwrap_or_default();
    match sign {
        Sign::In => {
            tally.add(part)?;
            village.tally.add(part)?;
            village.name.clone_from(&assignment.village);
        }
        Sign::Out => {
            tally.remove(part)?;
            village.tally.remove(part)?;
        }
    }
    put_or_remove(
        tx,
        tally.is_empty(),
        |tx| tx.put::<Tallies>(&key, &tally),
        |tx| tx.remove::<Tallies>(&key),
    )?;
    put_or_remove(
        tx,
        village.tally.is_empty(),
        |tx| tx.put::<VillageTallies>(&village_key, &village),
        |tx| tx.remove::<VillageTallies>(&village_key),
    )?;
    for (day, figures) in part.days() {
        for scope in [None, Some(part.commune)] {
            let key = (scope, day);
            let mut line = tx.get::<Timeline>(&key)?.unwrap_or_default();
            match sign {
                Sign::In => line.add(&figures)?,
                Sign::Out => line.remove(&figures)?,
            }
            let empty = line == crate::domain::DayTally::default();
            put_or_remove(
                tx,
                empty,
                |tx| tx.put::<Timeline>(&key, &line),
                |tx| tx.remove::<Timeline>(&key),
            )?;
        }
    }
    Ok(())
}

/// Rows without figures are not kept, so that a recount finds exactly the same rows.
fn put_or_remove<'a>(
    tx: &mut Transaction<'a>,
    empty: bool,
    put: impl FnOnce(&mut Transaction<'a>) -> Result<(), StoreError>,
    remove: impl FnOnce(&mut Transaction<'a>),
) -> Result<(), StoreError> {
    if empty {
        remove(tx);
        Ok(())
    } else {
        put(tx)
    }
}

/// The submissions of an assignment follow it to its new commune or cell.
fn move_submissions(tx: &mut Transaction<'_>, assignment: &Assignment) -> Result<(), StoreError> {
    let keys: Vec<_> = tx
        .keys::<Standings>(Range::under(&assignment.id))
        .collect::<Result<_, _>>()?;
    for (_, id) in keys {
        if let Some(mut submission) = tx.get::<Submissions>(&id)? {
            unlist_submission(tx, &submission)?;
            submission.commune = assignment.commune;
            submission.cell = assignment.cell;
            list_submission(tx, &submission)?;
            tx.put::<Submissions>(&id, &submission)?;
        }
    }
    Ok(())
}

/// What was found about the place rests on the plan.
fn check_again(tx: &mut Transaction<'_>, assignment: &Assignment, now: Moment) -> Result<(), StoreError> {
    let keys: Vec<_> = tx
        .keys::<Standings>(Range::under(&assignment.id))
        .collect::<Result<_, _>>()?;
    keys.into_iter()
        .try_for_each(|(_, submission)| checking::enqueue(tx, now, submission))
}

fn list_assignment(tx: &mut Transaction<'_>, assignment: &Assignment) -> Result<(), StoreError> {
    tx.put::<AssignmentsByCell>(&(assignment.commune, assignment.cell, assignment.id), &())?;
    if let Some(assignee) = assignment.assignee {
        tx.put::<AssignmentsByAssignee>(&(assignee, assignment.id), &())?;
    }
    for former in &assignment.former_assignees {
        tx.put::<FormerAssignments>(&(*former, assignment.id), &())?;
    }
    Ok(())
}

fn unlist_assignment(tx: &mut Transaction<'_>, assignment: &Assignment) {
    tx.remove::<AssignmentsByCell>(&(assignment.commune, assignment.cell, assignment.id));
    if let Some(assignee) = assignment.assignee {
        tx.remove::<AssignmentsByAssignee>(&(assignee, assignment.id));
    }
    for former in &assignment.former_assignees {
        tx.remove::<FormerAssignments>(&(*former, assignment.id));
    }
}

fn list_submission(tx: &mut Transaction<'_>, submission: &Submission) -> Result<(), StoreError> {
    let Submission {
        id,
        commune,
        cell,
        state,
        received_at,
        submitter,
        ..
    } = submission;
    tx.put::<Queue>(&(*state, *received_at, *id), &())?;
    tx.put::<QueueByCell>(&(*cell, *state, *received_at, *id), &())?;
    tx.put::<QueueByCommune>(&(*commune, *cell, *state, *received_at, *id), &())?;
    tx.put::<QueueBySubmitter>(&(*submitter, *state, *received_at, *id), &())?;
    for key in risk_places(submission, looked_at(tx, submission)?) {
        tx.put::<QueueByRisk>(&key, &())?;
    }
    for key in check_places(submission) {
        tx.put::<QueueByCheck>(&key, &())?;
    }
    Ok(())
}

/// The rank of a submission that was checked and found to be without any risk.
const LAST_CHECKED_RANK: u8 = 254;
/// The rank of one that was not.
const UNCHECKED_RANK: u8 = 255;

type RiskPlace = <QueueByRisk as Table>::Key;
type CheckPlace = <QueueByCheck as Table>::Key;

/// Whether the checks have looked at a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LookedAt {
    /// They have, so that it has a risk, be it none.
    Checked,
    /// They have not.
    NotYet,
}

/// Whether the checks have looked at `submission`, by the rows as they stand.
pub(super) fn looked_at(rows: &impl ReadTables, submission: &Submission) -> Result<LookedAt, StoreError> {
    Ok(if rows.has::<Checked>(&submission.id)? {
        LookedAt::Checked
    } else {
        LookedAt::NotYet
    })
}

/// Where a submission stands in the lists by risk: once for all checks, and once for each that warns. One that was not
/// looked at yet stands behind all that were. While a picture is missing there is nothing to check, so it stands in none
/// of them.
pub(super) fn risk_places(submission: &Submission, looked_at: LookedAt) -> Vec<RiskPlace> {
    if submission.state == SubmissionState::Incomplete {
        return Vec::new();
    }
    let (state, at, id) = (submission.state, submission.received_at, submission.id);
    let rank = match looked_at {
        LookedAt::Checked => LAST_CHECKED_RANK.saturating_sub(submission.risk),
        LookedAt::NotYet => UNCHECKED_RANK,
    };
    let checks: Vec<Option<CheckCode>> = std::iter::once(None)
        .chain(submission.warned.codes().map(Some))
        .collect();
    QueueList::of(submission)
        .into_iter()
        .flat_map(|list| {
            checks
                .iter()
                .map(move |check| (list, *check, state, rank, at, id))
        })
        .collect()
}

/// Where a submission stands in the lists of those that a check warns about, by arrival.
pub(super) fn check_places(submission: &Submission) -> Vec<CheckPlace> {
    let (state, at, id) = (submission.state, submission.received_at, submission.id);
    QueueList::of(submission)
        .into_iter()
        .flat_map(|list| {
            submission
                .warned
                .codes()
                .map(move |check| (list, check, state, at, id))
        })
        .collect()
}

fn unlist_submission(tx: &mut Transaction<'_>, submission: &Submission) -> Result<(), StoreError> {
    let Submission {
        id,
        commune,
        cell,
        state,
        received_at,
        submitter,
        ..
    } = submission;
    tx.remove::<Queue>(&(*state, *received_at, *id));
    tx.remove::<QueueByCell>(&(*cell, *state, *received_at, *id));
    tx.remove::<QueueByCommune>(&(*commune, *cell, *state, *received_at, *id));
    tx.remove::<QueueBySubmitter>(&(*submitter, *state, *received_at, *id));
    for key in risk_places(submission, looked_at(tx, submission)?) {
        tx.remove::<QueueByRisk>(&key);
    }
    for key in check_places(submission) {
        tx.remove::<QueueByCheck>(&key);
    }
    Ok(())
}

fn assignment_figures(assignment: &Assignment) -> Value {
    json!({
        "commune": assignment.commune,
        "cell": assignment.cell,
        "due": assignment.due,
        "assignee": assignment.assignee,
        "state": assignment.state,
        "version": assignment.version,
    })
}

fn submission_figures(submission: &Submission) -> Value {
    let verdict = submission.decision.as_ref().map(|(_, _, verdict)| verdict);
    json!({
        "assignment": submission.report.assignment,
        "state": submission.state,
        "version": submission.version,
        "photos": submission.photos.iter().map(|slot| slot.sha256).collect::<Vec<_>>(),
        "missing": submission.missing().count(),
        "reason": verdict.and_then(crate::domain::Verdict::reason),
        "comment": verdict.and_then(crate::domain::Verdict::comment),
    })
}

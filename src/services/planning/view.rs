//! An assignment as people see it: the record, and what follows from it today and from its evidence.
//!
//! Invariant: `overdue` and `late` mean exactly what the board counts under these words.
//! Refuses: to carry other people's evidence; only why the latest came back.

use crate::domain::{Assignment, AssignmentState, Contribution, Day, SubmissionState, Verdict};
use crate::services::ledger;
use crate::store::records::{Standings, Submissions, Users};
use crate::store::{Range, ReadTables, Reads, StoreError};

/// An assignment and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignmentView {
    /// The record.
    pub assignment: Assignment,
    /// In the plan, its due day over, and not verified.
    pub overdue: bool,
    /// Verified, but taken after the due day.
    pub late: bool,
    /// While it is `returned`: the rejection that sent it back last.
    pub returned: Option<Verdict>,
    /// The name of the account that answers for it.
    pub assignee_name: Option<String>,
}

/// Whether `assignment` is overdue on `today`.
pub(super) fn is_overdue(assignment: &Assignment, today: Day) -> bool {
    let waits = match assignment.state {
        AssignmentState::Open
        | AssignmentState::Arriving
        | AssignmentState::Pending
        | AssignmentState::Returned => true,
        AssignmentState::Verified | AssignmentState::Proposed | AssignmentState::Cancelled => false,
    };
    waits && assignment.due < today
}

/// `assignment` as it is seen on `today`.
pub(super) fn view(
    rows: &impl Reads,
    assignment: Assignment,
    today: Day,
) -> Result<AssignmentView, StoreError> {
    let late = assignment.state == AssignmentState::Verified && {
        let standings = ledger::standings(rows, assignment.id)?;
        Contribution::of(&assignment, &standings).is_some_and(|part| part.late)
    };
    let returned = match assignment.state {
        AssignmentState::Returned => last_rejection(rows, &assignment)?,
        _ => None,
    };
    let assignee = match assignment.assignee {
        Some(user) => rows.get::<Users>(&user)?,
        None => None,
    };
    Ok(AssignmentView {
        assignee_name: assignee.map(|account| account.name),
        overdue: is_overdue(&assignment, today),
        late,
        returned,
        assignment,
    })
}

fn last_rejection(rows: &impl Reads, assignment: &Assignment) -> Result<Option<Verdict>, StoreError> {
    let mut last = None;
    for row in rows.scan::<Standings>(Range::under(&assignment.id)) {
        let ((_, submission), standing) = row?;
        if standing.state != SubmissionState::Rejected {
            continue;
        }
        let decision = rows
            .get::<Submissions>(&submission)?
            .and_then(|submission| submission.decision);
        if let Some((_, at, verdict)) = decision
            && last.as_ref().is_none_or(|(latest, _)| at >= *latest)
        {
            last = Some((at, verdict));
        }
    }
    Ok(last.map(|(_, verdict)| verdict))
}

//! The recount: every figure made again from the records alone, and compared with what is kept.
//!
//! Invariant: it reads only assignments and submissions, never a kept figure, an index or a standing.
//! Refuses: to mend. It names every difference.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::{
    Assignment, AssignmentId, Cell, CellTally, CommuneCode, Contribution, Day, DayTally, Standing,
    SubmissionId, TallyDrift,
};
use crate::services::checking;
use crate::store::records::{
    Assignments, AssignmentsByAssignee, AssignmentsByCell, FormerAssignments, History, PhotoUses, Photos,
    Queue, QueueByCell, QueueByCommune, QueueBySubmitter, Standings, Submissions, Tallies, Timeline,
    VillageTallies,
};
use crate::store::{Range, ReadTables, Reads, StoreError, Table};

/// Something kept that does not equal the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In which table.
    pub table: &'static str,
    /// Which row.
    pub row: String,
    /// What is kept.
    pub kept: String,
    /// What the records say.
    pub recounted: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: kept {}, recounted {}",
            self.table, self.row, self.kept, self.recounted
        )
    }
}

/// What a recount went over, and what it found.
#[derive(Debug, Default)]
pub struct Recount {
    /// How many assignments.
    pub assignments: u64,
    /// How many submissions.
    pub submissions: u64,
    /// How many pictures.
    pub photos: u64,
    /// How many times a submission shows a picture.
    uses: u64,
    /// How many assignments somebody answers for.
    given: u64,
    /// How many times somebody answered for an assignment before.
    given_before: u64,
    /// How many submissions have findings.
    pub checked: u64,
    /// How many wait for their checks.
    pub waiting: u64,
    /// How many of those have failed before.
    pub failed: u64,
    /// How many pictures have a look.
    pub looks: u64,
    /// Everything that differs.
    pub differences: Vec<Difference>,
}

/// Why a recount could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum RecountError {
    /// A row cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Figures beyond what counters hold.
    #[error(transparent)]
    Drift(#[from] TallyDrift),
}

/// The figures made anew.
#[derive(Default)]
struct Figures {
    cells: BTreeMap<(CommuneCode, Cell), CellTally>,
    villages: BTreeMap<(CommuneCode, String, Cell), CellTally>,
    days: BTreeMap<(Option<CommuneCode>, Day), DayTally>,
}

impl Figures {
    fn add(&mut self, part: &Contribution) -> Result<(), TallyDrift> {
        self.cells
            .entry((part.commune, part.cell))
            .or_default()
            .add(part)?;
        self.villages
            .entry((part.commune, part.village.clone(), part.cell))
            .or_default()
            .add(part)?;
        for (day, figures) in part.days() {
            self.days.entry((None, day)).or_default().add(&figures)?;
            self.days
                .entry((Some(part.commune), day))
                .or_default()
                .add(&figures)?;
        }
        Ok(())
    }
}

/// Recounts everything and compares.
pub fn recount(rows: &impl Reads) -> Result<Recount, RecountError> {
    let mut found = Recount::default();
    let standings = recount_submissions(rows, &mut found)?;
    let mut figures = Figures::default();
    for row in rows.scan::<Assignments>(Range::all()) {
        let (id, assignment) = row?;
        found.assignments += 1;
        let own: Vec<Standing> = standings
            .get(&id)
            .into_iter()
            .flatten()
            .map(|(_, standing)| *standing)
            .collect();
        check_assignment(rows, &mut found, &assignment, &own)?;
        if let Some(part) = Contribution::of(&assignment, &own) {
            figures.add(&part)?;
        }
    }
    compare::<Tallies, _>(rows, &mut found, figures.cells, |tally| tally)?;
    compare::<VillageTallies, _>(rows, &mut found, figures.villages, |village| village.tally)?;
    compare::<Timeline, _>(rows, &mut found, figures.days, |line| line)?;
    check_counts(rows, &mut found)?;
    let checks = checking::recount::recount(rows)?;
    (found.checked, found.waiting, found.failed) = (checks.checked, checks.waiting, checks.failed);
    found.looks = checks.looks;
    found
        .differences
        .extend(checks.disagreements.into_iter().map(|found| Difference {
            table: found.table,
            row: found.row,
            kept: found.kept,
            recounted: found.expected,
        }));
    Ok(found)
}

type StandingsByAssignment = BTreeMap<AssignmentId, Vec<(SubmissionId, Standing)>>;

/// Goes over all submissions: their standings, their places in the queue, and their pictures' rows.
fn recount_submissions(rows: &impl Reads, found: &mut Recount) -> Result<StandingsByAssignment, StoreError> {
    let mut standings = StandingsByAssignment::new();
    for row in rows.scan::<Submissions>(Range::all()) {
        let (id, submission) = row?;
        found.submissions += 1;
        let standing = Standing::of(&submission);
        let assignment = submission.report.assignment;
        let kept = rows.get::<Standings>(&(assignment, id))?;
        if kept != Some(standing) {
            found.differ::<Standings>(&id, &kept, &Some(standing));
        }
        let (cell, state, at) = (submission.cell, submission.state, submission.received_at);
        let listed = rows.has::<Queue>(&(state, at, id))?
            && rows.has::<QueueByCell>(&(cell, state, at, id))?
            && rows.has::<QueueByCommune>(&(submission.commune, cell, state, at, id))?
            && rows.has::<QueueBySubmitter>(&(submission.submitter, state, at, id))?;
        if !listed {
            found.differ::<Queue>(&id, &"not everywhere", &"listed");
        }
        for slot in submission.photos.iter().filter(|slot| slot.is_stored()) {
            found.uses += 1;
            if !rows.has::<Photos>(&slot.sha256)? || !rows.has::<PhotoUses>(&(slot.sha256, id))? {
                found.differ::<Photos>(&slot.sha256, &"no row", &"a stored picture");
            }
        }
        let last = rows
            .scan::<History>(Range::under(&id).backwards())
            .next()
            .transpose()?;
        let last = last.map(|(_, event)| event.to);
        if last != Some(state) {
            found.differ::<History>(&id, &last, &Some(state));
        }
        standings.entry(assignment).or_default().push((id, standing));
    }
    Ok(standings)
}

fn check_assignment(
    rows: &impl Reads,
    found: &mut Recount,
    assignment: &Assignment,
    standings: &[Standing],
) -> Result<(), StoreError> {
    let id = assignment.id;
    let state = Assignment::derive_state(assignment.tenure, standings);
    if state != assignment.state {
        found.differ::<Assignments>(&id, &assignment.state, &state);
    }
    if !rows.has::<AssignmentsByCell>(&(assignment.commune, assignment.cell, id))? {
        found.differ::<AssignmentsByCell>(&id, &"not listed", &"listed");
    }
    if let Some(assignee) = assignment.assignee {
        found.given += 1;
        if !rows.has::<AssignmentsByAssignee>(&(assignee, id))? {
            found.differ::<AssignmentsByAssignee>(&id, &"not listed", &"listed");
        }
    }
    for former in &assignment.former_assignees {
        found.given_before += 1;
        if !rows.has::<FormerAssignments>(&(*former, id))? {
            found.differ::<FormerAssignments>(&id, &"not listed", &"listed");
        }
    }
    Ok(())
}

/// Compares the kept rows of `T` with the recounted ones, both ways.
fn compare<T: Table, V: PartialEq + fmt::Debug>(
    rows: &impl Reads,
    found: &mut Recount,
    mut recounted: BTreeMap<T::Key, V>,
    figure: impl Fn(T::Value) -> V,
) -> Result<(), StoreError>
where
    T::Key: Ord + fmt::Debug,
{
    for row in rows.scan::<T>(Range::all()) {
        let (key, value) = row?;
        let kept = Some(figure(value));
        let expected = recounted.remove(&key);
        if kept != expected {
            found.differ::<T>(&key, &kept, &expected);
        }
    }
    for (key, value) in recounted {
        found.differ::<T>(&key, &"nothing", &value);
    }
    Ok(())
}

/// Indexes must not hold more rows than there are records.
fn check_counts(rows: &impl Reads, found: &mut Recount) -> Result<(), StoreError> {
    let counts = [
        (
            Queue::NAME,
            rows.keys::<Queue>(Range::all()).count(),
            found.submissions,
        ),
        (
            QueueByCell::NAME,
            rows.keys::<QueueByCell>(Range::all()).count(),
            found.submissions,
        ),
        (
            QueueByCommune::NAME,
            rows.keys::<QueueByCommune>(Range::all()).count(),
            found.submissions,
        ),
        (
            QueueBySubmitter::NAME,
            rows.keys::<QueueBySubmitter>(Range::all()).count(),
            found.submissions,
        ),
        (
            Standings::NAME,
            rows.keys::<Standings>(Range::all()).count(),
            found.submissions,
        ),
        (
            AssignmentsByCell::NAME,
            rows.keys::<AssignmentsByCell>(Range::all()).count(),
            found.assignments,
        ),
        (
            AssignmentsByAssignee::NAME,
            rows.keys::<AssignmentsByAssignee>(Range::all()).count(),
            found.given,
        ),
        (
            FormerAssignments::NAME,
            rows.keys::<FormerAssignments>(Range::all()).count(),
            found.given_before,
        ),
        (
            PhotoUses::NAME,
            rows.keys::<PhotoUses>(Range::all()).count(),
            found.uses,
        ),
    ];
    for (table, kept, recounted) in counts {
        if u64::try_from(kept).ok() != Some(recounted) {
            let row = "rows in all".to_owned();
            found.differences.push(Difference {
                table,
                row,
                kept: kept.to_string(),
                recounted: recounted.to_string(),
            });
        }
    }
    for key in rows.keys::<Photos>(Range::all()) {
        key?;
        found.photos += 1;
    }
    Ok(())
}

impl Recount {
    fn differ<T: Table>(&mut self, row: &dyn fmt::Debug, kept: &dyn fmt::Debug, recounted: &dyn fmt::Debug) {
        self.differences.push(Difference {
            table: T::NAME,
            row: format!("{row:?}"),
            kept: format!("{kept:?}"),
            recounted: format!("{recounted:?}"),
        });
    }
}

//! Completion: what one assignment contributes to the board, and the tally of a cell.
//!
//! Invariant: a tally is the sum of the contributions added and not removed, in any order; so the board equals a
//! recount of the records at every moment.
//! Refuses: to remove what was never added ([`TallyDrift`]) instead of wrapping below zero.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Assignment, AssignmentState, Cell, CommuneCode, Day, Standing, SubmissionState, fold};

/// What one planned assignment adds to the figures. A pure function of the assignment and its submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// Where it counts.
    pub commune: CommuneCode,
    /// The folded village name, so that spellings of one village count together.
    pub village: String,
    /// In which column.
    pub cell: Cell,
    /// In which of the five planned states.
    pub state: AssignmentState,
    /// Its due day.
    pub due: Day,
    /// The day it entered the plan.
    pub planned_on: Day,
    /// The first day on which a decision that still stands verified it.
    pub verified_on: Option<Day>,
    /// Verified, but every verified picture was taken after the due day.
    pub late: bool,
    /// How many people are expected to sign.
    pub signers_expected: u64,
    /// The largest verified head count: two sheets of one village are taken as one list that grew, never added up.
    pub signers_verified: u64,
}

impl Contribution {
    /// What `assignment` contributes given the standings of its submissions; `None` when it does not count.
    pub fn of(assignment: &Assignment, standings: &[Standing]) -> Option<Self> {
        let state = Assignment::derive_state(assignment.tenure, standings);
        if matches!(state, AssignmentState::Proposed | AssignmentState::Cancelled) {
            return None;
        }
        let verified = || {
            standings
                .iter()
                .filter(|standing| standing.state == SubmissionState::Verified)
        };
        let first_capture = verified().map(|standing| standing.captured_on).min();
        Some(Self {
            commune: assignment.commune,
            village: fold(&assignment.village),
            cell: assignment.cell,
            state,
            due: assignment.due,
            planned_on: assignment.created_at.day(),
            verified_on: verified().filter_map(|standing| standing.decided_on).min(),
            late: first_capture.is_some_and(|day| day > assignment.due),
            signers_expected: assignment.expected_signers.map_or(0, u64::from),
            signers_verified: verified()
                .filter_map(|s| s.signed_count)
                .max()
                .map_or(0, u64::from),
        })
    }
}

/// The figures of one cell, kept beside the records.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellTally {
    /// Nothing has come.
    pub open: u64,
    /// Half here.
    pub arriving: u64,
    /// Waiting for a person.
    pub pending: u64,
    /// Sent back.
    pub returned: u64,
    /// Accepted.
    pub verified: u64,
    /// Accepted, but taken after the due day.
    pub late: u64,
    /// Expected signatures.
    pub signers_expected: u64,
    /// Verified signatures.
    pub signers_verified: u64,
    /// Unverified assignments by due day: what is overdue depends on today, so only the days are kept.
    pub unverified_due: BTreeMap<Day, u64>,
}

/// The figures of one cell of one village.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VillageTally {
    /// The village's name as last written.
    pub name: String,
    /// Its figures.
    pub tally: CellTally,
}

/// What one day adds to the timeline of a commune or of the province.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayTally {
    /// Assignments that entered the plan.
    pub planned: u64,
    /// Assignments whose due day it is.
    pub due: u64,
    /// Assignments first verified on it.
    pub verified: u64,
}

/// A tally was asked to give back more than it holds: it no longer equals the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a completion tally holds less than the records say")]
pub struct TallyDrift;

/// Whether a contribution comes or goes.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Add,
    Remove,
}

impl Direction {
    fn apply(self, figure: &mut u64, by: u64) -> Result<(), TallyDrift> {
        let changed = match self {
            Self::Add => figure.checked_add(by),
            Self::Remove => figure.checked_sub(by),
        };
        *figure = changed.ok_or(TallyDrift)?;
        Ok(())
    }
}

impl CellTally {
    /// Counts `contribution` in.
    pub fn add(&mut self, contribution: &Contribution) -> Result<(), TallyDrift> {
        self.change(contribution, Direction::Add)
    }

    /// Takes `contribution` out again.
    pub fn remove(&mut self, contribution: &Contribution) -> Result<(), TallyDrift> {
        self.change(contribution, Direction::Remove)
    }

    /// Adds another tally's figures, for totals.
    pub fn merge(&mut self, other: &Self) {
        self.open += other.open;
        self.arriving += other.arriving;
        self.pending += other.pending;
        self.returned += other.returned;
        self.verified += other.verified;
        self.late += other.late;
        self.signers_expected += other.signers_expected;
        self.signers_verified += other.signers_verified;
        for (day, count) in &other.unverified_due {
            *self.unverified_due.entry(*day).or_default() += count;
        }
    }

    /// Everything that counts.
    pub const fn planned(&self) -> u64 {
        self.open + self.arriving + self.pending + self.returned + self.verified
    }

    /// Assignments whose due day is over on `today` and that are not verified.
    pub fn overdue(&self, today: Day) -> u64 {
        self.unverified_due.range(..today).map(|(_, count)| count).sum()
    }

    /// `verified / planned` in tenths of a percent, rounded half up; `None` when nothing is planned.
    pub fn permille(&self) -> Option<u64> {
        let planned = self.planned();
        (planned > 0).then(|| (self.verified * 2000 + planned) / (planned * 2))
    }

    /// Whether nothing is counted here.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn change(&mut self, contribution: &Contribution, direction: Direction) -> Result<(), TallyDrift> {
        let figure = match contribution.state {
            AssignmentState::Open => &mut self.open,
            AssignmentState::Arriving => &mut self.arriving,
            AssignmentState::Pending => &mut self.pending,
            AssignmentState::Returned => &mut self.returned,
            AssignmentState::Verified => &mut self.verified,
            AssignmentState::Proposed | AssignmentState::Cancelled => return Err(TallyDrift),
        };
        direction.apply(figure, 1)?;
        direction.apply(&mut self.late, u64::from(contribution.late))?;
        direction.apply(&mut self.signers_expected, contribution.signers_expected)?;
        direction.apply(&mut self.signers_verified, contribution.signers_verified)?;
        if contribution.state != AssignmentState::Verified {
            let waiting = self.unverified_due.entry(contribution.due).or_default();
            direction.apply(waiting, 1)?;
            if *waiting == 0 {
                self.unverified_due.remove(&contribution.due);
            }
        }
        Ok(())
    }
}

/// Which figure of a [`DayTally`] a contribution moves, and on which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DayFigure {
    Planned,
    Due,
    Verified,
}

impl Contribution {
    /// The days of the timeline that this contribution touches.
    pub fn days(&self) -> BTreeMap<Day, DayTally> {
        let mut days: BTreeMap<Day, DayTally> = BTreeMap::new();
        let marks = [
            (Some(self.planned_on), DayFigure::Planned),
            (Some(self.due), DayFigure::Due),
            (self.verified_on, DayFigure::Verified),
        ];
        for (day, figure) in marks {
            let Some(day) = day else { continue };
            let tally = days.entry(day).or_default();
            match figure {
                DayFigure::Planned => tally.planned += 1,
                DayFigure::Due => tally.due += 1,
                DayFigure::Verified => tally.verified += 1,
            }
        }
        days
    }
}

impl DayTally {
    /// Counts another day's figures in.
    pub fn add(&mut self, other: &Self) -> Result<(), TallyDrift> {
        self.change(other, Direction::Add)
    }

    /// Takes another day's figures out again.
    pub fn remove(&mut self, other: &Self) -> Result<(), TallyDrift> {
        self.change(other, Direction::Remove)
    }

    fn change(&mut self, other: &Self, direction: Direction) -> Result<(), TallyDrift> {
        direction.apply(&mut self.planned, other.planned)?;
        direction.apply(&mut self.due, other.due)?;
        direction.apply(&mut self.verified, other.verified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contribution(state: AssignmentState, due: i32) -> Contribution {
        Contribution {
            commune: "02647".parse().unwrap(),
            village: "thon 1".into(),
            cell: Cell::Banner1,
            state,
            due: Day::from_number(due),
            planned_on: Day::from_number(0),
            verified_on: None,
            late: false,
            signers_expected: 10,
            signers_verified: 0,
        }
    }

    #[test]
    fn a_tally_is_empty_again_when_everything_was_taken_out() {
        let mut tally = CellTally::default();
        let parts = [
            contribution(AssignmentState::Open, 5),
            contribution(AssignmentState::Verified, 6),
        ];
        for part in &parts {
            tally.add(part).unwrap();
        }
        assert_eq!(tally.planned(), 2);
        assert_eq!(tally.permille(), Some(500));
        for part in &parts {
            tally.remove(part).unwrap();
        }
        assert!(tally.is_empty());
        assert_eq!(tally.remove(&parts[0]), Err(TallyDrift));
    }

    #[test]
    fn a_place_is_overdue_from_the_day_after_its_due_day() {
        let mut tally = CellTally::default();
        tally.add(&contribution(AssignmentState::Returned, 5)).unwrap();
        assert_eq!(tally.overdue(Day::from_number(5)), 0);
        assert_eq!(tally.overdue(Day::from_number(6)), 1);
    }

    #[test]
    fn the_percentage_has_one_decimal_and_is_absent_without_a_plan() {
        let tally = CellTally {
            open: 2,
            verified: 1,
            ..CellTally::default()
        };
        assert_eq!(tally.permille(), Some(333));
        let tally = CellTally {
            open: 1,
            verified: 2,
            ..CellTally::default()
        };
        assert_eq!(tally.permille(), Some(667));
        assert_eq!(CellTally::default().permille(), None);
    }
}

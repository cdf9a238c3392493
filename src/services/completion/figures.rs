//! Figures: a tally as people read it, on a given day.
//!
//! Invariant: `planned` is the sum of the five states, and `all` the sum of the cells.
//! Refuses: to round anything but the percentage.

use std::collections::BTreeMap;

use crate::domain::{Cell, CellKind, CellTally, Commune, CommuneCode, Day, Moment};

/// The figures of a cell, a row or everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Everything that counts.
    pub planned: u64,
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
    /// Due day over and not accepted.
    pub overdue: u64,
    /// Accepted, taken after the due day.
    pub late: u64,
    /// Tenths of a percent; `None` when nothing is planned.
    pub permille: Option<u64>,
    /// Expected and verified head counts, where there are pledges.
    pub signers: Option<(u64, u64)>,
}

impl Figures {
    /// The figures of `tally` on the day `today`; `cell` is `None` for sums over cells.
    pub fn of(tally: &CellTally, today: Day, cell: Option<Cell>) -> Self {
        let has_signers = cell.is_none_or(|cell| cell.kind() == CellKind::Commitment);
        Self {
            planned: tally.planned(),
            open: tally.open,
            arriving: tally.arriving,
            pending: tally.pending,
            returned: tally.returned,
            verified: tally.verified,
            overdue: tally.overdue(today),
            late: tally.late,
            permille: tally.permille(),
            signers: has_signers.then_some((tally.signers_expected, tally.signers_verified)),
        }
    }
}

/// One row of the board.
#[derive(Debug, Clone)]
pub struct CommuneFigures {
    /// Whose it is.
    pub commune: Commune,
    /// By cell, in the order of the board.
    pub cells: Vec<(Cell, Figures)>,
    /// Over all cells.
    pub all: Figures,
}

/// The figures of one village.
#[derive(Debug, Clone)]
pub struct VillageFigures {
    /// Its name.
    pub name: String,
    /// By cell, in the order of the board.
    pub cells: Vec<(Cell, Figures)>,
    /// Over all cells.
    pub all: Figures,
}

/// The board.
#[derive(Debug, Clone)]
pub struct Board {
    /// When it was true.
    pub as_of: Moment,
    /// The campaign's id.
    pub campaign: String,
    /// The totals by cell.
    pub totals: Vec<(Cell, Figures)>,
    /// The total over everything.
    pub all: Figures,
    /// The communes, by code.
    pub communes: Vec<CommuneFigures>,
}

impl Board {
    /// The board of `communes` out of their tallies.
    pub(super) fn new(
        as_of: Moment,
        campaign: &str,
        cells: &[Cell],
        communes: &[Commune],
        tallies: &BTreeMap<(CommuneCode, Cell), CellTally>,
    ) -> Self {
        let today = as_of.day();
        let mut totals: BTreeMap<Cell, CellTally> = BTreeMap::new();
        let mut rows = Vec::with_capacity(communes.len());
        for commune in communes {
            let row: BTreeMap<Cell, CellTally> = cells
                .iter()
                .filter_map(|cell| {
                    tallies
                        .get(&(commune.code, *cell))
                        .map(|tally| (*cell, tally.clone()))
                })
                .collect();
            for (cell, tally) in &row {
                totals.entry(*cell).or_default().merge(tally);
            }
            let (cells, all) = line(&row, cells, today);
            rows.push(CommuneFigures {
                commune: commune.clone(),
                cells,
                all,
            });
        }
        let (totals, all) = line(&totals, cells, today);
        Self {
            as_of,
            campaign: campaign.to_owned(),
            totals,
            all,
            communes: rows,
        }
    }
}

impl VillageFigures {
    pub(super) fn of(
        villages: Vec<(String, BTreeMap<Cell, CellTally>)>,
        cells: &[Cell],
        today: Day,
    ) -> Vec<Self> {
        let village = |(name, tallies): (String, BTreeMap<Cell, CellTally>)| {
            let (cells, all) = line(&tallies, cells, today);
            Self { name, cells, all }
        };
        villages.into_iter().map(village).collect()
    }
}

/// Every cell's figures, also of the empty ones, and their sum.
fn line(tallies: &BTreeMap<Cell, CellTally>, cells: &[Cell], today: Day) -> (Vec<(Cell, Figures)>, Figures) {
    let mut sum = CellTally::default();
    let empty = CellTally::default();
    let figures = cells.iter().map(|cell| {
        let tally = tallies.get(cell).unwrap_or(&empty);
        sum.merge(tally);
        (*cell, Figures::of(tally, today, Some(*cell)))
    });
    let figures = figures.collect();
    (figures, Figures::of(&sum, today, None))
}

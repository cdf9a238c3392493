//! Figures on the wire.

use serde::Serialize;
use serde::ser::SerializeMap;
use utoipa::ToSchema;

use crate::domain::{Cell, CommuneCode, CommuneKind, Day, Moment};
use crate::services::completion::{Board, CommuneFigures, Figures, TimelineDay, VillageFigures};

/// The figures of a cell, a row or everything.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Figures)]
pub(in crate::http) struct FiguresBody {
    planned: u64,
    open: u64,
    arriving: u64,
    pending: u64,
    returned: u64,
    verified: u64,
    /// Due day over and not verified.
    overdue: u64,
    /// Verified, taken after the due day.
    late: u64,
    /// `verified / planned`, one decimal; null when nothing is planned.
    percent: Option<f64>,
    /// Pledges only: expected head count.
    #[serde(skip_serializing_if = "Option::is_none")]
    signers_expected: Option<u64>,
    /// Pledges only: verified head count.
    #[serde(skip_serializing_if = "Option::is_none")]
    signers_verified: Option<u64>,
}

impl From<&Figures> for FiguresBody {
    fn from(figures: &Figures) -> Self {
        Self {
            planned: figures.planned,
            open: figures.open,
            arriving: figures.arriving,
            pending: figures.pending,
            returned: figures.returned,
            verified: figures.verified,
            overdue: figures.overdue,
            late: figures.late,
            percent: figures
                .permille
                .and_then(|permille| u32::try_from(permille).ok())
                .map(|n| f64::from(n) / 10.0),
            signers_expected: figures.signers.map(|(expected, _)| expected),
            signers_verified: figures.signers.map(|(_, verified)| verified),
        }
    }
}

/// Figures by cell key, in the order of the board.
#[derive(Debug)]
pub(in crate::http) struct CellsBody(Vec<(Cell, FiguresBody)>);

impl CellsBody {
    fn of(cells: &[(Cell, Figures)]) -> Self {
        Self(
            cells
                .iter()
                .map(|(cell, figures)| (*cell, figures.into()))
                .collect(),
        )
    }
}

impl Serialize for CellsBody {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(cell, figures)| (cell.key(), figures)))
    }
}

/// The totals by cell key, and over everything.
#[derive(Debug)]
pub(in crate::http) struct TotalsBody {
    cells: CellsBody,
    all: FiguresBody,
}

impl Serialize for TotalsBody {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.cells.0.len() + 1))?;
        for (cell, figures) in &self.cells.0 {
            map.serialize_entry(cell.key(), figures)?;
        }
        map.serialize_entry("all", &self.all)?;
        map.end()
    }
}

/// The board.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Completion)]
pub(in crate::http) struct BoardBody {
    #[schema(value_type = String, format = DateTime)]
    as_of: Moment,
    /// The campaign's id.
    campaign: String,
    /// By cell key, and `all`.
    #[schema(value_type = BTreeMap<String, FiguresBody>)]
    totals: TotalsBody,
    communes: Vec<CommuneBody>,
}

impl From<&Board> for BoardBody {
    fn from(board: &Board) -> Self {
        Self {
            as_of: board.as_of,
            campaign: board.campaign.clone(),
            totals: TotalsBody {
                cells: CellsBody::of(&board.totals),
                all: (&board.all).into(),
            },
            communes: board.communes.iter().map(CommuneBody::of).collect(),
        }
    }
}

/// One row of the board.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommuneCompletion)]
pub(in crate::http) struct CommuneBody {
    #[schema(value_type = String)]
    code: CommuneCode,
    name: String,
    kind: CommuneKind,
    #[schema(value_type = BTreeMap<String, FiguresBody>)]
    cells: CellsBody,
    all: FiguresBody,
}

impl CommuneBody {
    fn of(row: &CommuneFigures) -> Self {
        Self {
            code: row.commune.code,
            name: row.commune.name.clone(),
            kind: row.commune.kind,
            cells: CellsBody::of(&row.cells),
            all: (&row.all).into(),
        }
    }
}

/// One commune with its villages.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommuneCompletionDetail)]
pub(in crate::http) struct CommuneDetailBody {
    #[schema(value_type = String, format = DateTime)]
    as_of: Moment,
    campaign: String,
    #[serde(flatten)]
    commune: CommuneBody,
    villages: Vec<VillageBody>,
}

/// The figures of one village.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VillageCompletion)]
pub(in crate::http) struct VillageBody {
    name: String,
    #[schema(value_type = BTreeMap<String, FiguresBody>)]
    cells: CellsBody,
    all: FiguresBody,
}

impl CommuneDetailBody {
    /// The one row of `board` with its villages; `None` when there is no row.
    pub(in crate::http) fn of(board: &Board, villages: &[VillageFigures]) -> Option<Self> {
        let row = board.communes.first()?;
        let village = |village: &VillageFigures| VillageBody {
            name: village.name.clone(),
            cells: CellsBody::of(&village.cells),
            all: (&village.all).into(),
        };
        Some(Self {
            as_of: board.as_of,
            campaign: board.campaign.clone(),
            commune: CommuneBody::of(row),
            villages: villages.iter().map(village).collect(),
        })
    }
}

/// The timeline.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Timeline)]
pub(in crate::http) struct TimelineBody {
    items: Vec<TimelineDayBody>,
    /// Always null: a timeline comes whole.
    next: Option<String>,
}

/// One day, as sums up to its end.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TimelineDay)]
pub(in crate::http) struct TimelineDayBody {
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// Verified by then, as decisions stand now.
    verified: u64,
    /// In the plan by then.
    planned: u64,
    /// Share (0 to 1) of today's plan whose due day had come; null when nothing is planned.
    expected: Option<f64>,
}

impl TimelineBody {
    /// The days of a timeline.
    pub(in crate::http) fn of(days: &[TimelineDay]) -> Self {
        let item = |day: &TimelineDay| {
            let figures = u32::try_from(day.due)
                .ok()
                .zip(u32::try_from(day.planned_today).ok());
            let share = figures
                .filter(|(_, planned)| *planned > 0)
                .map(|(due, planned)| f64::from(due) / f64::from(planned));
            TimelineDayBody {
                date: day.date,
                verified: day.verified,
                planned: day.planned,
                expected: share.map(|share| (share * 10_000.0).round() / 10_000.0),
            }
        };
        Self {
            items: days.iter().map(item).collect(),
            next: None,
        }
    }
}

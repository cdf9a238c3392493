//! The invented plan, and its way into the service as a table.
//!
//! Invariant: no two places of one cell in one village have the same name, so the import never takes two rows for one.
//! Refuses: cells and communes that the campaign does not have.

use std::collections::{BTreeSet, HashMap};

use super::names::{self, Village};
use super::{DemoError, Measure, people};
use crate::campaign::Campaign;
use crate::client::{Assignment, Client, Place};
use crate::demo::pictures::chance::Chance;
use crate::domain::{Cell, CellKind, Commune, CommuneCode, Day, Moment};

/// Village heads of one commune.
pub(super) const HEADS: usize = 2;

/// One place of the invented plan.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) commune: CommuneCode,
    pub(super) village: String,
    pub(super) place: String,
    /// What a headline calls it.
    pub(super) headline_name: String,
    pub(super) cell: Cell,
    pub(super) due: Day,
    pub(super) assignee: String,
    pub(super) location: Place,
    pub(super) expected_signers: Option<u32>,
}

/// A place of the plan with the service's assignment of it.
#[derive(Debug, Clone)]
pub(super) struct Assigned {
    pub(super) planned: Planned,
    pub(super) assignment: Assignment,
}

/// A commune and its villages while places are invented.
struct Ground<'a> {
    commune: &'a Commune,
    villages: Vec<Village>,
}

/// The plan: first one place for each commune and cell, then more where a commune has more, such as villages.
pub(super) fn invent(campaign: &Campaign, measure: Measure, now: Moment) -> Vec<Planned> {
    let grounds: Vec<Ground<'_>> = campaign
        .communes()
        .iter()
        .enumerate()
        .map(|(number, commune)| Ground {
            commune,
            villages: names::villages(commune, number, measure.seed),
        })
        .collect();
    let cells = campaign.cells();
    let everywhere = grounds.len().saturating_mul(cells.len());
    let mut chance = Chance::new(measure.seed, 11);
    let mut taken = BTreeSet::new();
    let mut plan = Vec::with_capacity(measure.assignments);
    for number in 0..measure.assignments {
        // The cells move on by one with each round over the communes, so a small plan has all of them too.
        let at = number % grounds.len().max(1);
        let (at, cell_at) = if number < everywhere {
            (at, number / grounds.len().max(1) + at)
        } else {
            (chance.below(grounds.len()), frequent(cells, &mut chance))
        };
        let Some((ground, cell)) = grounds
            .get(at)
            .zip(cells.get(cell_at % cells.len().max(1)).copied())
        else {
            continue;
        };
        let due = campaign.default_due(cell).unwrap_or_else(|| now.day());
        plan.extend(ground.place(cell, due, &mut taken, &mut chance));
    }
    plan
}

/// Most further places are villages and pledges; a commune has one town hall and many hamlets.
fn frequent(cells: &[Cell], chance: &mut Chance) -> usize {
    let wanted = match chance.below(10) {
        0..=3 => Cell::Banner2,
        4..=6 => Cell::ResidentialArea,
        7 => Cell::Banner6,
        8 => Cell::Business,
        _ => Cell::Banner3,
    };
    cells.iter().position(|cell| *cell == wanted).unwrap_or(0)
}

impl Ground<'_> {
    fn place(
        &self,
        cell: Cell,
        due: Day,
        taken: &mut BTreeSet<(CommuneCode, Cell, String, String)>,
        chance: &mut Chance,
    ) -> Option<Planned> {
        let at = chance.below(self.villages.len());
        let village = self.villages.get(at)?;
        let (mut place, headline_name) = names::place(cell, self.commune, village, chance);
        let key = |place: &str| (self.commune.code, cell, village.name.clone(), place.to_owned());
        let plain = place.clone();
        let mut number = 2;
        while !taken.insert(key(&place)) {
            place = format!("{plain} {number}");
            number += 1;
        }
        let signers = match cell {
            Cell::ResidentialArea => Some(40 + chance.below(140)),
            Cell::School => Some(80 + chance.below(700)),
            Cell::Business => Some(2 + chance.below(28)),
            _ => None,
        };
        Some(Planned {
            commune: self.commune.code,
            village: village.name.clone(),
            place,
            headline_name,
            cell,
            due,
            assignee: people::head_name(self.commune.code, at % HEADS),
            location: names::near(village.middle, 0.006, chance),
            expected_signers: signers.and_then(|signers| u32::try_from(signers).ok()),
        })
    }
}

/// Takes the plan into the service, and reads back what became of it.
pub(super) async fn import(admin: &Client, plan: Vec<Planned>) -> Result<Vec<Assigned>, DemoError> {
    let table = table(&plan).map_err(|error| DemoError::Table(error.to_string()))?;
    admin.import_assignments(table.into()).await?;
    let mut by_name: HashMap<_, Planned> = plan
        .into_iter()
        .map(|planned| {
            let key = (
                planned.commune,
                planned.cell,
                planned.village.clone(),
                planned.place.clone(),
            );
            (key, planned)
        })
        .collect();
    let mut assigned = Vec::with_capacity(by_name.len());
    for assignment in admin.all_assignments().await? {
        let key = (
            assignment.commune,
            assignment.cell,
            assignment.village.clone(),
            assignment.place.clone(),
        );
        let planned = by_name.remove(&key).ok_or_else(|| {
            DemoError::Missing(format!(
                "nobody planned {} / {}",
                assignment.village, assignment.place
            ))
        })?;
        assigned.push(Assigned { planned, assignment });
    }
    if let Some(lost) = by_name.into_values().next() {
        return Err(DemoError::Missing(format!(
            "{} / {} is not in the plan",
            lost.village, lost.place
        )));
    }
    // The service lists by its own ids, which differ from run to run; the seed decides by name.
    assigned.sort_by(|one, other| {
        let key = |each: &Assigned| {
            (
                each.planned.commune,
                each.planned.cell,
                each.planned.place.clone(),
                each.planned.village.clone(),
            )
        };
        key(one).cmp(&key(other))
    });
    Ok(assigned)
}

fn table(plan: &[Planned]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record([
        "commune",
        "village",
        "place",
        "cell",
        "due",
        "assignee",
        "lat",
        "lon",
        "expected_signers",
    ])?;
    for planned in plan {
        let signers = planned
            .expected_signers
            .filter(|_| planned.cell.kind() == CellKind::Commitment);
        table.write_record([
            planned.commune.to_string(),
            planned.village.clone(),
            planned.place.clone(),
            planned.cell.key().to_owned(),
            planned.due.to_string(),
            planned.assignee.clone(),
            planned.location.lat.to_string(),
            planned.location.lon.to_string(),
            signers.map(|signers| signers.to_string()).unwrap_or_default(),
        ])?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}

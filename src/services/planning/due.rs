//! One due day for a whole cell: the deadline of a group copied to all its places, all or none.
//!
//! Invariant: every place goes through the same rule as a single change, with its own audit entry.
//! Refuses: more places in one transaction than [`MAX_PLACES`]; it is done commune by commune then.

use super::draft::{Draft, Given};
use super::{Planning, PlanningError, rules};
use crate::auth::Actor;
use crate::domain::{AssignmentId, Cell, CommuneCode, FieldError, Tenure};
use crate::store::records::{Assignments, AssignmentsByCell};
use crate::store::{Range, ReadTables, Transaction};

/// The most places that get a new day at once.
const MAX_PLACES: usize = 5_000;

/// What setting a day did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSet {
    /// Places with a new day.
    pub changed: usize,
    /// Places that had it already.
    pub unchanged: usize,
}

impl Planning {
    /// Sets the due day of every planned place of `cell` within what is theirs, or only in `commune`.
    pub async fn set_due(
        &self,
        actor: &Actor,
        cell: Cell,
        commune: Option<CommuneCode>,
        due: String,
    ) -> Result<DueSet, PlanningError> {
        let (own, actor, now) = (self.clone(), actor.clone(), self.clock.now());
        let communes: Vec<CommuneCode> = match (rules::own_commune(&actor), commune) {
            (Some(own), Some(asked)) if own != asked => return Err(PlanningError::NotFound),
            (Some(own), _) => vec![own],
            (None, Some(asked)) => vec![asked],
            (None, None) => own
                .campaign
                .communes()
                .iter()
                .map(|commune| commune.code)
                .collect(),
        };
        let transaction = self.store.transact::<_, PlanningError>(move |tx| {
            let rules = own.rules(&actor, now);
            let places = places(tx, cell, &communes)?;
            let mut done = DueSet {
                changed: 0,
                unchanged: 0,
            };
            for (id, version) in places {
                let draft = Draft {
                    due: Given::Value(due.clone()),
                    ..Draft::default()
                };
                let after = rules.change(tx, id, version, draft, &Given::Absent)?;
                if after.version == version {
                    done.unchanged += 1;
                } else {
                    done.changed += 1;
                }
            }
            Ok(done)
        });
        transaction.await
    }
}

fn places(
    tx: &Transaction<'_>,
    cell: Cell,
    communes: &[CommuneCode],
) -> Result<Vec<(AssignmentId, u32)>, PlanningError> {
    let mut places = Vec::new();
    for commune in communes {
        for key in tx.keys::<AssignmentsByCell>(Range::under(&(*commune, cell))) {
            let (_, _, id) = key?;
            places.extend(
                tx.get::<Assignments>(&id)?
                    .filter(|assignment| assignment.tenure == Tenure::Planned)
                    .map(|assignment| (id, assignment.version)),
            );
            if places.len() > MAX_PLACES {
                return Err(PlanningError::Invalid(vec![FieldError::new(
                    "/commune",
                    "too-many-places",
                    format!("Có hơn {MAX_PLACES} nơi; hãy đặt hạn cho từng xã, phường."),
                    format!("There are more than {MAX_PLACES} places; do it commune by commune."),
                )]));
            }
        }
    }
    Ok(places)
}

//! Completion: how far every commune and every cell is, at any moment.
//!
//! The figures are kept by the ledger in the same transaction as the records; here they are only read. So a board
//! costs the same with a thousand records and with a million.
//!
//! Invariant: what is shown equals a recount of the records ([`recount`] does one, and the doctor compares).
//! Refuses: to show a commune to somebody whose it is not.

mod figures;
pub mod recount;
mod timeline;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use figures::{Board, CommuneFigures, Figures, VillageFigures};
pub use timeline::{TimelineDay, TimelineSpan};

use crate::auth::{Actor, Scope};
use crate::campaign::Campaign;
use crate::clock::Clock;
use crate::domain::{Cell, CellTally, Commune, CommuneCode, Contribution, UserId};
use crate::services::ledger;
use crate::store::records::{Assignments, AssignmentsByAssignee, Tallies, VillageTallies};
use crate::store::{Range, ReadTables, Store, StoreError};

/// Why figures were not shown.
#[derive(Debug, thiserror::Error)]
pub enum CompletionError {
    /// There is no such commune, or it is not theirs.
    #[error("no such commune")]
    CommuneNotFound,
    /// A span of days that cannot be drawn.
    #[error("the span of days is empty or too long")]
    SpanInvalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The completion of one campaign.
#[derive(Debug, Clone)]
pub struct Completion {
    store: Store,
    clock: Clock,
    campaign: Arc<Campaign>,
}

impl Completion {
    /// The completion of `campaign` as `store` has it.
    pub const fn new(store: Store, clock: Clock, campaign: Arc<Campaign>) -> Self {
        Self {
            store,
            clock,
            campaign,
        }
    }

    /// What a drawn board is good for: as long as this stands still, so do the figures.
    pub fn edition(&self) -> (u64, crate::domain::Day) {
        (self.store.announced(), self.clock.now().day())
    }

    /// The board of all communes that are theirs to see.
    pub async fn board(&self, actor: &Actor) -> Result<Board, CompletionError> {
        let now = self.clock.now();
        let (communes, tallies) = match actor.scope() {
            // A village head's board has the communes where something was given to them.
            Scope::Own(user) => {
                let tallies = self.own_tallies(user).await?;
                let given = |commune: &&Commune| tallies.keys().any(|(code, _)| *code == commune.code);
                (
                    self.campaign.communes().iter().filter(given).cloned().collect(),
                    tallies,
                )
            }
            scope => (self.communes(scope), self.tallies().await?),
        };
        let cells = self.campaign.cells();
        Ok(Board::new(now, self.campaign.id(), cells, &communes, &tallies))
    }

    /// The figures of one commune with those of its villages.
    pub async fn commune(
        &self,
        actor: &Actor,
        code: CommuneCode,
    ) -> Result<(Board, Vec<VillageFigures>), CompletionError> {
        let now = self.clock.now();
        let theirs = self
            .communes(actor.scope())
            .into_iter()
            .chain(self.own_commune(actor));
        let commune = theirs
            .into_iter()
            .find(|commune| commune.code == code)
            .ok_or(CompletionError::CommuneNotFound)?;
        let (tallies, villages) = match actor.scope() {
            Scope::Own(user) => (
                self.own_tallies(user).await?,
                self.own_villages(user, code).await?,
            ),
            _ => {
                self.store
                    .read::<_, StoreError>(move |view| {
                        let tallies = view
                            .scan::<Tallies>(Range::under(&code))
                            .collect::<Result<_, _>>()?;
                        let mut villages: BTreeMap<String, (String, BTreeMap<Cell, CellTally>)> =
                            BTreeMap::new();
                        for row in view.scan::<VillageTallies>(Range::under(&code)) {
                            let ((_, folded, cell), village) = row?;
                            villages
                                .entry(folded)
                                .or_insert((village.name, BTreeMap::new()))
                                .1
                                .insert(cell, village.tally);
                        }
                        Ok((tallies, villages.into_values().collect()))
                    })
                    .await?
            }
        };
        let cells = self.campaign.cells();
        let board = Board::new(now, self.campaign.id(), cells, &[commune], &tallies);
        let villages = VillageFigures::of(villages, cells, now.day());
        Ok((board, villages))
    }

    /// The figures of one cell, for open pages.
    pub async fn cell(&self, code: CommuneCode, cell: Cell) -> Result<Figures, CompletionError> {
        let today = self.clock.now().day();
        let tally = self
            .store
            .read::<_, StoreError>(move |view| view.get::<Tallies>(&(code, cell)))
            .await?;
        Ok(Figures::of(&tally.unwrap_or_default(), today, Some(cell)))
    }

    fn communes(&self, scope: Scope) -> Vec<Commune> {
        let all = self.campaign.communes().iter();
        match scope {
            Scope::Everything => all.cloned().collect(),
            Scope::Commune(code) => all.filter(|commune| commune.code == code).cloned().collect(),
            Scope::Own(_) | Scope::Nothing => Vec::new(),
        }
    }

    fn own_commune(&self, actor: &Actor) -> Option<Commune> {
        actor
            .commune
            .and_then(|code| self.campaign.commune(code))
            .cloned()
    }

    async fn tallies(&self) -> Result<BTreeMap<(CommuneCode, Cell), CellTally>, StoreError> {
        self.store
            .read(|view| view.scan::<Tallies>(Range::all()).collect())
            .await
    }

    async fn own_tallies(
        &self,
        user: UserId,
    ) -> Result<BTreeMap<(CommuneCode, Cell), CellTally>, StoreError> {
        let own = self.own_contributions(user).await?;
        let mut tallies: BTreeMap<(CommuneCode, Cell), CellTally> = BTreeMap::new();
        for (_, part) in own {
            // Adding to an empty tally cannot drift.
            tallies
                .entry((part.commune, part.cell))
                .or_default()
                .add(&part)
                .unwrap_or(());
        }
        Ok(tallies)
    }

    async fn own_villages(
        &self,
        user: UserId,
        code: CommuneCode,
    ) -> Result<Vec<(String, BTreeMap<Cell, CellTally>)>, StoreError> {
        let own = self.own_contributions(user).await?;
        let mut villages: BTreeMap<String, (String, BTreeMap<Cell, CellTally>)> = BTreeMap::new();
        for (name, part) in own.into_iter().filter(|(_, part)| part.commune == code) {
            let village = villages
                .entry(part.village.clone())
                .or_insert((name, BTreeMap::new()));
            village.1.entry(part.cell).or_default().add(&part).unwrap_or(());
        }
        Ok(villages.into_values().collect())
    }

    /// What the assignments given to `user` contribute, with their villages' names.
    async fn own_contributions(&self, user: UserId) -> Result<Vec<(String, Contribution)>, StoreError> {
        self.store
            .read(move |view| {
                let mut parts = Vec::new();
                for key in view.keys::<AssignmentsByAssignee>(Range::under(&user)) {
                    let (_, id) = key?;
                    let Some(assignment) = view.get::<Assignments>(&id)? else {
                        continue;
                    };
                    let standings = ledger::standings(view, id)?;
                    parts.extend(
                        Contribution::of(&assignment, &standings).map(|part| (assignment.village, part)),
                    );
                }
                Ok(parts)
            })
            .await
    }
}

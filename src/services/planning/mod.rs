//! Planning: what has to be shown where, by whom and by when; proposals, changes, and whole plans from a table.
//!
//! Invariant: every change of the plan goes through the ledger, in one transaction with its audit entry and the board.
//! Refuses: to show or change what is not the actor's: it does not exist for them.

mod assignee;
mod draft;
mod due;
pub mod import;
mod list;
mod rules;
#[cfg(test)]
mod tests;
mod view;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub use draft::{Draft, Given, MAX_NAME_CHARS, MAX_NOTE_CHARS, MAX_SIGNERS, NOT_YOURS};
pub use due::DueSet;
pub use list::{Filter, Listing};
pub use rules::Novelty;
pub use view::AssignmentView;

use self::import::{ImportError, ImportMode, ImportReport};
use super::ledger::LedgerError;
use crate::auth::Actor;
use crate::campaign::Campaign;
use crate::clock::Clock;
use crate::domain::{AssignmentId, FieldError};
use crate::store::{Store, StoreError};

/// Why planning did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PlanningError {
    /// There is no such assignment, or it is not theirs.
    #[error("no such assignment")]
    NotFound,
    /// It is theirs to see, not theirs to take back.
    #[error("not theirs to change")]
    Forbidden,
    /// A proposal that is in the plan by now cannot be withdrawn.
    #[error("the proposal was accepted already")]
    AlreadyAccepted,
    /// Wrong fields, all of them.
    #[error("{} wrong fields", .0.len())]
    Invalid(Vec<FieldError>),
    /// The id was used for another assignment.
    #[error("the id belongs to another assignment")]
    Differs,
    /// Somebody changed it since.
    #[error("the present version is {version}")]
    Stale {
        /// The present version.
        version: u32,
    },
    /// The cursor is not one of this list.
    #[error("the cursor is not one of this list")]
    CursorInvalid,
    /// The ledger could not be kept.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for PlanningError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<Vec<FieldError>> for PlanningError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

/// The use cases of the plan.
#[derive(Debug, Clone)]
pub struct Planning {
    store: Store,
    clock: Clock,
    campaign: Arc<Campaign>,
    /// A table takes tens of megabytes while it is read, so files are read one after the other.
    reading: Arc<Semaphore>,
}

impl Planning {
    /// Over these rows, by this clock, for this campaign.
    pub fn new(store: Store, clock: Clock, campaign: Arc<Campaign>) -> Self {
        Self {
            store,
            clock,
            campaign,
            reading: Arc::new(Semaphore::new(1)),
        }
    }

    /// Makes an assignment, or a proposal when `actor` is a village head. The same request with the same `id` again
    /// finds what it made, however that was changed since.
    pub async fn create(
        &self,
        actor: &Actor,
        id: Option<String>,
        draft: Draft,
    ) -> Result<(AssignmentView, Novelty), PlanningError> {
        let new_id = AssignmentId(self.clock.new_id());
        let (own, actor, now) = (self.clone(), actor.clone(), self.clock.now());
        let transaction = self.store.transact::<_, PlanningError>(move |tx| {
            let rules = own.rules(&actor, now);
            let asked = rules.asked(id.as_deref(), draft)?;
            let (assignment, novelty) = rules.create(tx, asked.id.unwrap_or(new_id), asked)?;
            Ok((view::view(tx, assignment, now.day())?, novelty))
        });
        transaction.await
    }

    /// Changes an assignment that stands at `expected_version`. The `state` `open` accepts a proposal and reinstates a
    /// cancelled one; no other can be set. The same change again, right after it was made, answers as it did.
    pub async fn change(
        &self,
        actor: &Actor,
        id: AssignmentId,
        expected_version: u32,
        draft: Draft,
        state: Given<String>,
    ) -> Result<AssignmentView, PlanningError> {
        let (own, actor, now) = (self.clone(), actor.clone(), self.clock.now());
        let transaction = self.store.transact::<_, PlanningError>(move |tx| {
            let changed = own
                .rules(&actor, now)
                .change(tx, id, expected_version, draft, &state)?;
            Ok(view::view(tx, changed, now.day())?)
        });
        transaction.await
    }

    /// Takes an assignment out of the plan and keeps its evidence. Doing it again changes nothing.
    pub async fn cancel(
        &self,
        actor: &Actor,
        id: AssignmentId,
        expected_version: u32,
    ) -> Result<AssignmentView, PlanningError> {
        let (own, actor, now) = (self.clone(), actor.clone(), self.clock.now());
        let transaction = self.store.transact::<_, PlanningError>(move |tx| {
            let cancelled = own.rules(&actor, now).cancel(tx, id, expected_version)?;
            Ok(view::view(tx, cancelled, now.day())?)
        });
        transaction.await
    }

    /// One assignment.
    pub async fn assignment(&self, actor: &Actor, id: AssignmentId) -> Result<AssignmentView, PlanningError> {
        let (actor, today) = (actor.clone(), self.clock.now().day());
        let reading = self.store.read::<_, PlanningError>(move |rows| {
            let assignment = rules::theirs(rows, &actor, id)?;
            Ok(view::view(rows, assignment, today)?)
        });
        reading.await
    }

    /// At most `limit` assignments after the place `after`, within what is theirs. A page may be shorter, even empty,
    /// although `next` says that more may follow.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: Filter,
        limit: usize,
        after: Option<Vec<u8>>,
    ) -> Result<Listing, PlanningError> {
        let (scope, today) = (actor.scope(), self.clock.now().day());
        let campaign = Arc::clone(&self.campaign);
        let reading = self.store.read::<_, PlanningError>(move |rows| {
            list::Search::new(filter, scope, &campaign, today).page(rows, limit, after.as_deref())
        });
        reading.await
    }

    /// Reads a plan from the bytes of a CSV or XLSX file and writes all of it, none of it when a row is wrong, or
    /// nothing at all in a dry run.
    pub async fn import(
        &self,
        actor: &Actor,
        file: bytes::Bytes,
        mode: ImportMode,
    ) -> Result<ImportReport, ImportError> {
        let turn = self.reading.acquire().await;
        let result = import::import(&self.store, &self.campaign, actor, self.clock.now(), file, mode).await;
        drop(turn);
        result
    }

    /// An empty table to fill in, as an XLSX file.
    pub fn template(&self) -> Result<Vec<u8>, ImportError> {
        import::template(&self.campaign)
    }

    fn rules<'a>(&'a self, actor: &'a Actor, now: crate::domain::Moment) -> rules::Planning<'a> {
        rules::Planning {
            actor,
            campaign: &self.campaign,
            now,
        }
    }
}

//! Claims: who is looking at which submission at the moment.
//!
//! They live in memory. A claim that a restart forgets costs one heartbeat of a page that says it again, and two
//! decisions on one record are told apart by its version in any case; so a claim on disk would be a sync for nothing.
//!
//! Invariant: a submission has at most one live claim, a session at most [`MAX_HELD`]; a claim ends [`LASTS_S`] seconds
//! after it was last said.
//! Refuses: to lock. Whoever decides without a claim, or over somebody else's, is judged by the version alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::Actor;
use crate::clock::Clock;
use crate::domain::{Change, Claim, Moment, SubmissionId};
use crate::store::records::Submissions;
use crate::store::{ReadTables, Store, StoreError};

/// How long a claim holds, in seconds; pages say it again after a third of that.
pub const LASTS_S: i64 = 90;
/// How many submissions one session can hold: the one on the screen, and those whose decision may still be taken back.
pub const MAX_HELD: usize = 50;

/// Why a claim was not given.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// There is no such submission, or it is not theirs to judge.
    #[error("not found")]
    NotFound,
    /// Somebody else is at it.
    #[error("{} is at it", .0.name)]
    Held(Claim),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// All claims.
#[derive(Debug, Clone)]
pub struct Claims {
    store: Store,
    clock: Clock,
    held: Arc<Mutex<BTreeMap<SubmissionId, Claim>>>,
}

impl Claims {
    /// No claims yet, on what is in `store`.
    pub fn new(store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            held: Arc::default(),
        }
    }

    /// Says that `actor` is at submission `id`, or still is.
    pub async fn claim(&self, actor: &Actor, id: SubmissionId) -> Result<Claim, ClaimError> {
        let scope = actor.scope();
        let submission = self.store.read(move |view| view.get::<Submissions>(&id)).await?;
        if !submission.is_some_and(|submission| scope.holds_submission(&submission)) {
            return Err(ClaimError::NotFound);
        }
        let now = self.clock.now();
        let claim = Claim {
            holder: actor.user,
            name: actor.name.clone(),
            device: actor.device,
            until: Moment::from_millis(now.as_millis() + LASTS_S * 1000),
        };
        let (is_new, given_up) = self.take(id, &claim, now)?;
        for submission in given_up {
            self.tell(submission, None);
        }
        if is_new {
            self.tell(id, Some(claim.clone()));
        }
        Ok(claim)
    }

    /// Puts `claim` down; says whether it was not there before, and which older ones of the session gave way.
    fn take(
        &self,
        id: SubmissionId,
        claim: &Claim,
        now: Moment,
    ) -> Result<(bool, Vec<SubmissionId>), ClaimError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, claim| claim.until > now);
        if let Some(present) = held.get(&id)
            && present.device != claim.device
        {
            return Err(ClaimError::Held(present.clone()));
        }
        let is_new = held.insert(id, claim.clone()).is_none();
        let mut own: Vec<(Moment, SubmissionId)> = held
            .iter()
            .filter(|(other, present)| present.device == claim.device && **other != id)
            .map(|(other, present)| (present.until, *other))
            .collect();
        own.sort_unstable();
        let too_many = (own.len() + 1).saturating_sub(MAX_HELD);
        let given_up: Vec<SubmissionId> = own.into_iter().take(too_many).map(|(_, other)| other).collect();
        for other in &given_up {
            held.remove(other);
        }
        Ok((is_new, given_up))
    }

    /// Says that `actor` is no longer at submission `id`. Somebody else's claim stays.
    pub fn release(&self, actor: &Actor, id: SubmissionId) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.get(&id).is_some_and(|claim| claim.device == actor.device) {
            held.remove(&id);
            drop(held);
            self.tell(id, None);
        }
    }

    /// Every live claim.
    pub fn all(&self) -> Vec<(SubmissionId, Claim)> {
        let now = self.clock.now();
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.iter()
            .filter(|(_, claim)| claim.until > now)
            .map(|(id, claim)| (*id, claim.clone()))
            .collect()
    }

    fn tell(&self, submission: SubmissionId, claim: Option<Claim>) {
        self.store.tell(Change::Claim { submission, claim });
    }
}

//! Reviews: verifiers decide on evidence, one at a time or up to 200 at once.
//!
//! Invariant: a decision names the version it judged; when somebody was faster it is refused, and the faster one's
//! decision stands. The same decision sent again after a lost answer gives the same answer.
//! Refuses: to decide for anybody.

use super::ledger::{self, Entry, LedgerError};
use crate::auth::Actor;
use crate::clock::Clock;
use crate::domain::{HistoryEvent, IllegalStep, Moment, Submission, SubmissionId, SubmissionState, Verdict};
use crate::store::records::{History, Submissions};
use crate::store::{ReadTables, Store, StoreError, Transaction};

/// Why a review was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// There is no such submission, or it is not theirs to judge.
    #[error("not found")]
    NotFound,
    /// Somebody was faster.
    #[error("the submission is at version {present} by now")]
    VersionConflict {
        /// The version that stands.
        present: u32,
    },
    /// The state does not allow it.
    #[error(transparent)]
    IllegalStep(#[from] IllegalStep),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The reviews of one campaign.
#[derive(Debug, Clone)]
pub struct Review {
    store: Store,
    clock: Clock,
}

impl Review {
    /// Reviews of what is in `store`.
    pub const fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }

    /// Decides on submission `id`, judged at `version`.
    pub async fn decide(
        &self,
        actor: &Actor,
        id: SubmissionId,
        verdict: Verdict,
        version: u32,
    ) -> Result<Submission, ReviewError> {
        let (actor, now) = (actor.clone(), self.clock.now());
        self.store
            .transact(move |tx| decide(tx, &actor, now, id, verdict, version))
            .await
    }
}

pub(super) fn decide(
    tx: &mut Transaction<'_>,
    actor: &Actor,
    now: Moment,
    id: SubmissionId,
    verdict: Verdict,
    version: u32,
) -> Result<Submission, ReviewError> {
    let before = tx.get::<Submissions>(&id)?.ok_or(ReviewError::NotFound)?;
    if !actor.scope().holds_submission(&before) {
        return Err(ReviewError::NotFound);
    }
    if before.version != version {
        let repeated =
            Some(before.version) == version.checked_add(1) && is_last_decision(tx, &before, actor, &verdict)?;
        return if repeated {
            Ok(before)
        } else {
            Err(ReviewError::VersionConflict {
                present: before.version,
            })
        };
    }
    let mut submission = before.clone();
    submission.state = before.state.after(verdict.step())?;
    submission.version += 1;
    submission.decision =
        (submission.state != SubmissionState::Pending).then(|| (actor.user, now, verdict.clone()));
    let action = match submission.state {
        SubmissionState::Verified => "submission.verified",
        SubmissionState::Rejected => "submission.rejected",
        _ => "submission.reopened",
    };
    let event = HistoryEvent {
        at: now,
        by: Some(actor.user),
        from: Some(before.state),
        to: submission.state,
        verdict: Some(verdict),
    };
    let entry = Entry {
        at: now,
        by: Some(actor.user),
        action,
    };
    ledger::put_submission(tx, Some(&before), &submission, Some(event), entry)?;
    Ok(submission)
}

/// Whether the step to the present version was this very decision by this very person.
fn is_last_decision(
    tx: &Transaction<'_>,
    submission: &Submission,
    actor: &Actor,
    verdict: &Verdict,
) -> Result<bool, StoreError> {
    let event = tx.get::<History>(&(submission.id, submission.version))?;
    Ok(event.is_some_and(|event| event.by == Some(actor.user) && event.verdict.as_ref() == Some(verdict)))
}

//! Taking a submission back.
//!
//! Invariant: only its sender withdraws it, and only while nobody has decided on it.
//! Refuses: to delete. What was withdrawn stays on record.

use super::record::own_submission;
use super::{Evidence, EvidenceError};
use crate::auth::Actor;
use crate::domain::{HistoryEvent, Step, Submission, SubmissionId, SubmissionState};
use crate::services::ledger::{self, Entry};

impl Evidence {
    /// Takes the sender's submission `id` back. A second time changes nothing and says the same.
    pub async fn withdraw(&self, actor: &Actor, id: SubmissionId) -> Result<Submission, EvidenceError> {
        let (actor, now) = (actor.clone(), self.clock.now());
        self.store
            .transact(move |tx| {
                let before = own_submission(tx, &actor, id)?;
                if before.state == SubmissionState::Withdrawn {
                    return Ok(before);
                }
                let mut submission = before.clone();
                submission.state = before.state.after(Step::Withdraw)?;
                submission.version += 1;
                let event = HistoryEvent {
                    at: now,
                    by: Some(actor.user),
                    from: Some(before.state),
                    to: submission.state,
                    verdict: None,
                };
                let entry = Entry {
                    at: now,
                    by: Some(actor.user),
                    action: "submission.withdrawn",
                };
                ledger::put_submission(tx, Some(&before), &submission, Some(event), entry)?;
                Ok(submission)
            })
            .await
    }
}

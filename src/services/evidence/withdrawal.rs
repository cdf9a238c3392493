//! Taking a submission back.
//!
//! Invariant: only its sender withdraws it, and only while nobody has decided on it.
//! Refuses: to delete. What was withdrawn stays on record.

use super::record::own_submission;
use super::{Evidence, EvidenceError};
use crate::auth::Actor;
use crate::domain::{HistoryEvent, Moment, Step, Submission, SubmissionId, SubmissionState};
use crate::services::checking;
use crate::services::ledger::{self, Entry};
use crate::store::records::{Checked, Standings};
use crate::store::{Range, ReadTables, StoreError, Transaction};

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
                check_those_that_name(tx, &submission, now)?;
                Ok(submission)
            })
            .await
    }
}

/// A picture that was taken back and sent again for the same place is nothing out of the ordinary; so those of this place
/// that were warned about it are checked again. For another place it stays used.
fn check_those_that_name(
    tx: &mut Transaction<'_>,
    withdrawn: &Submission,
    now: Moment,
) -> Result<(), StoreError> {
    let of_this_place = tx
        .keys::<Standings>(Range::under(&withdrawn.report.assignment))
        .collect::<Result<Vec<_>, StoreError>>()?;
    for (_, id) in of_this_place {
        let findings = tx.get::<Checked>(&id)?;
        if findings.is_some_and(|findings| findings.name(withdrawn.id)) {
            checking::enqueue(tx, now, id)?;
        }
    }
    Ok(())
}

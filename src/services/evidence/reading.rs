//! Reading submissions and their history.
//!
//! Invariant: what is not within the actor's scope is not found, exactly as if it were not there.
//! Refuses: to change anything.

use std::collections::BTreeMap;

use super::{Evidence, EvidenceError};
use crate::auth::{Actor, receipt};
use crate::domain::{HistoryEvent, Submission, SubmissionId, UserId};
use crate::store::records::{History, Submissions, Users};
use crate::store::{Range, ReadTables, StoreError};

/// A submission with what a reader wants beside it.
#[derive(Debug, Clone)]
pub struct SeenSubmission {
    /// The record.
    pub submission: Submission,
    /// The sender's name.
    pub submitter_name: String,
    /// The receipt's text.
    pub receipt: Option<String>,
}

impl Evidence {
    /// The submission `id`, if it is theirs to see.
    pub async fn submission(&self, actor: &Actor, id: SubmissionId) -> Result<SeenSubmission, EvidenceError> {
        let actor = actor.clone();
        self.store
            .read(move |view| {
                let submission = visible(view, &actor, id)?;
                Ok(seen_one(view, submission)?)
            })
            .await
    }

    /// `submission` with what a reader wants beside it.
    pub async fn show(&self, submission: Submission) -> Result<SeenSubmission, EvidenceError> {
        self.store.read(move |view| Ok(seen_one(view, submission)?)).await
    }

    /// Every change of the state of submission `id`, oldest first, with the names of those who made them.
    pub async fn history(
        &self,
        actor: &Actor,
        id: SubmissionId,
    ) -> Result<Vec<(HistoryEvent, Option<String>)>, EvidenceError> {
        let actor = actor.clone();
        self.store
            .read(move |view| {
                visible(view, &actor, id)?;
                let events: Vec<HistoryEvent> = view
                    .scan::<History>(Range::under(&id))
                    .map(|row| row.map(|(_, event)| event))
                    .collect::<Result<_, _>>()?;
                let names = names(view, events.iter().filter_map(|event| event.by))?;
                let name = |user: UserId| names.get(&user).cloned();
                Ok(events
                    .into_iter()
                    .map(|event| (event.clone(), event.by.and_then(name)))
                    .collect())
            })
            .await
    }
}

/// The submission `id`, if `actor` may see it.
pub(super) fn visible(
    rows: &impl ReadTables,
    actor: &Actor,
    id: SubmissionId,
) -> Result<Submission, EvidenceError> {
    let submission = rows.get::<Submissions>(&id)?.ok_or(EvidenceError::NotFound)?;
    if actor.scope().holds_submission(&submission) {
        Ok(submission)
    } else {
        Err(EvidenceError::NotFound)
    }
}

/// The names of these accounts.
fn names(
    rows: &impl ReadTables,
    users: impl Iterator<Item = UserId>,
) -> Result<BTreeMap<UserId, String>, StoreError> {
    let mut names = BTreeMap::new();
    for user in users {
        if !names.contains_key(&user)
            && let Some(account) = rows.get::<Users>(&user)?
        {
            names.insert(user, account.name);
        }
    }
    Ok(names)
}

/// Adds the name and the receipt to one.
pub(super) fn seen_one(rows: &impl ReadTables, submission: Submission) -> Result<SeenSubmission, StoreError> {
    let name = rows.get::<Users>(&submission.submitter)?.map(|user| user.name);
    Ok(with_name(submission, name))
}

fn with_name(submission: Submission, name: Option<String>) -> SeenSubmission {
    SeenSubmission {
        submitter_name: name.unwrap_or_default(),
        receipt: submission
            .receipt
            .as_ref()
            .map(|seal| receipt::compact(&submission, seal)),
        submission,
    }
}

/// Adds names and receipts.
pub(super) fn seen(
    rows: &impl ReadTables,
    submissions: Vec<Submission>,
) -> Result<Vec<SeenSubmission>, StoreError> {
    let names: BTreeMap<UserId, String> =
        names(rows, submissions.iter().map(|submission| submission.submitter))?;
    let seen = submissions.into_iter().map(|submission| {
        let name = names.get(&submission.submitter).cloned();
        with_name(submission, name)
    });
    Ok(seen.collect())
}

//! Trails: the audit entries about one thing, and everything that was sent for one assignment.
//!
//! Invariant: an entry is found under its subject exactly when it is in the log; the doctor holds both together (`services::audit`).
//! Refuses: what is not within the actor's scope, and to walk the whole log for one page.

use std::collections::BTreeMap;

use super::reading::{SeenSubmission, seen};
use super::{Evidence, EvidenceError};
use crate::auth::Actor;
use crate::domain::{AssignmentId, AuditEntry, SubmissionId};
use crate::store::records::{Assignments, AuditBySubject, AuditLog, Standings, Submissions, Users};
use crate::store::{Range, ReadTables, Reads, StoreError};

/// The most entries that one page shows.
const MAX_ENTRIES: usize = 500;

/// One entry with its number and the name of who did it.
#[derive(Debug, Clone)]
pub struct TrailEntry {
    /// Its place in the log, from 0.
    pub number: u64,
    /// The entry.
    pub entry: AuditEntry,
    /// Who did it; `None` is the server itself or the operator.
    pub name: Option<String>,
}

impl Evidence {
    /// The audit entries about submission `id`, oldest first, at most 500.
    pub async fn trail(&self, actor: &Actor, id: SubmissionId) -> Result<Vec<TrailEntry>, EvidenceError> {
        let scope = actor.scope();
        self.store
            .read(move |view| {
                view.get::<Submissions>(&id)?
                    .filter(|submission| scope.holds_submission(submission))
                    .ok_or(EvidenceError::NotFound)?;
                Ok(entries_about(view, &format!("submission/{id}"))?)
            })
            .await
    }

    /// Everything that was sent for assignment `id` and is theirs to see, oldest first.
    pub async fn for_assignment(
        &self,
        actor: &Actor,
        id: AssignmentId,
    ) -> Result<Vec<SeenSubmission>, EvidenceError> {
        let scope = actor.scope();
        self.store
            .read(move |view| {
                view.get::<Assignments>(&id)?
                    .filter(|assignment| scope.holds_assignment(assignment))
                    .ok_or(EvidenceError::NotFound)?;
                let mut found = Vec::new();
                for key in view.keys::<Standings>(Range::under(&id)) {
                    let (_, submission) = key?;
                    found.extend(
                        view.get::<Submissions>(&submission)?
                            .filter(|submission| scope.holds_submission(submission)),
                    );
                }
                found.sort_by_key(|submission| (submission.received_at, submission.id));
                Ok(seen(view, found)?)
            })
            .await
    }
}

fn entries_about(rows: &impl Reads, subject: &str) -> Result<Vec<TrailEntry>, StoreError> {
    let mut names = BTreeMap::new();
    let mut entries = Vec::new();
    for key in rows
        .keys::<AuditBySubject>(Range::under(&subject.to_owned()))
        .take(MAX_ENTRIES)
    {
        let (_, number) = key?;
        let Some(entry) = rows.get::<AuditLog>(&number)? else {
            continue;
        };
        let name = match entry.by {
            None => None,
            Some(user) => {
                if let std::collections::btree_map::Entry::Vacant(slot) = names.entry(user) {
                    slot.insert(rows.get::<Users>(&user)?.map(|account| account.name));
                }
                names.get(&user).cloned().flatten()
            }
        };
        entries.push(TrailEntry { number, entry, name });
    }
    Ok(entries)
}

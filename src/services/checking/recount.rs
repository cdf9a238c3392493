//! The recount of what the checks keep: findings, risks, lists, waiting rows and the index of looks.
//!
//! Invariant: it reads submissions, findings and looks, and holds every index against them.
//! Refuses: to make a check again; it proves that what was found is kept everywhere in the same words.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::is_judged;
use crate::domain::{Submission, SubmissionId};
use crate::services::ledger::{check_places, looked_at, risk_places};
use crate::store::records::{
    CheckJobs, Checked, LookHashes, LookNumbers, Looks, Photos, QueueByCheck, QueueByRisk, Submissions,
};
use crate::store::{Range, ReadTables, Reads, StoreError, Table};

/// Something kept that does not agree with the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// In which table.
    pub table: &'static str,
    /// Which row.
    pub row: String,
    /// What is kept.
    pub kept: String,
    /// What it should be.
    pub expected: String,
}

/// What the recount went over.
#[derive(Debug, Default)]
pub struct CheckCount {
    /// How many submissions have findings.
    pub checked: u64,
    /// How many checks wait.
    pub waiting: u64,
    /// How many of those have failed before.
    pub failed: u64,
    /// How many pictures have a look.
    pub looks: u64,
    /// Everything that disagrees.
    pub disagreements: Vec<Disagreement>,
}

impl CheckCount {
    fn disagree<T: Table>(&mut self, row: &dyn Display, kept: &dyn Display, expected: &dyn Display) {
        self.disagreements.push(Disagreement {
            table: T::NAME,
            row: row.to_string(),
            kept: kept.to_string(),
            expected: expected.to_string(),
        });
    }

    fn compare_counts<T: Table>(&mut self, kept: usize, expected: u64) {
        if u64::try_from(kept).ok() != Some(expected) {
            self.disagree::<T>(&"rows in all", &kept, &expected);
        }
    }
}

/// Recounts everything that the checks keep.
pub fn recount(rows: &impl Reads) -> Result<CheckCount, StoreError> {
    let mut found = CheckCount::default();
    let waiting = recount_waiting(rows, &mut found)?;
    let (mut risks, mut checks) = (0_u64, 0_u64);
    for row in rows.scan::<Submissions>(Range::all()) {
        let (_, submission) = row?;
        let places = (
            risk_places(&submission, looked_at(rows, &submission)?),
            check_places(&submission),
        );
        for place in &places.0 {
            risks += 1;
            if !rows.has::<QueueByRisk>(place)? {
                found.disagree::<QueueByRisk>(&submission.id, &"not listed", &"listed");
            }
        }
        for place in &places.1 {
            checks += 1;
            if !rows.has::<QueueByCheck>(place)? {
                found.disagree::<QueueByCheck>(&submission.id, &"not listed", &"listed");
            }
        }
        recount_findings(rows, &submission, &waiting, &mut found)?;
    }
    found.compare_counts::<QueueByRisk>(rows.keys::<QueueByRisk>(Range::all()).count(), risks);
    found.compare_counts::<QueueByCheck>(rows.keys::<QueueByCheck>(Range::all()).count(), checks);
    let checked = found.checked;
    found.compare_counts::<Checked>(rows.keys::<Checked>(Range::all()).count(), checked);
    recount_looks(rows, &mut found)?;
    Ok(found)
}

fn recount_waiting(rows: &impl Reads, found: &mut CheckCount) -> Result<BTreeSet<SubmissionId>, StoreError> {
    let mut waiting = BTreeSet::new();
    for row in rows.scan::<CheckJobs>(Range::all()) {
        let ((_, submission), job) = row?;
        found.waiting += 1;
        found.failed += u64::from(job.failures > 0);
        if !rows.has::<Submissions>(&submission)? {
            found.disagree::<CheckJobs>(&submission, &"waits", &"no such submission");
        }
        waiting.insert(submission);
    }
    Ok(waiting)
}

fn recount_findings(
    rows: &impl Reads,
    submission: &Submission,
    waiting: &BTreeSet<SubmissionId>,
    found: &mut CheckCount,
) -> Result<(), StoreError> {
    match rows.get::<Checked>(&submission.id)? {
        Some(findings) => {
            found.checked += 1;
            let (kept, expected) = (
                (submission.risk, submission.warned),
                (findings.risk(), findings.warned()),
            );
            if kept != expected {
                found.disagree::<Submissions>(&submission.id, &format!("{kept:?}"), &format!("{expected:?}"));
            }
        }
        None if is_judged(submission) && !waiting.contains(&submission.id) => {
            found.disagree::<Checked>(&submission.id, &"nothing", &"findings, &or a check that waits");
        }
        None => {}
    }
    Ok(())
}

fn recount_looks(rows: &impl Reads, found: &mut CheckCount) -> Result<(), StoreError> {
    let mut numbered = 0;
    for row in rows.scan::<Looks>(Range::all()) {
        let (number, look) = row?;
        found.looks += 1;
        let Some(indexed) = rows.get::<LookHashes>(&number)? else {
            found.disagree::<LookHashes>(&number, &"not listed", &"listed");
            continue;
        };
        if indexed.hash != look.kept.as_ref().map(|kept| kept.hash) {
            found.disagree::<LookHashes>(&number, &"another hash", &"that of the look");
        }
        // The number is that of the picture; one with bars has a second look, right behind it, without them.
        let first = rows.get::<LookNumbers>(&indexed.sha256)?;
        if first != Some(number) && first.and_then(|first| first.checked_add(1)) != Some(number) {
            found.disagree::<LookNumbers>(&indexed.sha256, &"another number", &number);
        }
        numbered += u64::from(first == Some(number));
        if !rows.has::<Photos>(&indexed.sha256)? {
            found.disagree::<Looks>(&indexed.sha256, &"a look", &"no such picture");
        }
    }
    let looks = found.looks;
    found.compare_counts::<LookHashes>(rows.keys::<LookHashes>(Range::all()).count(), looks);
    found.compare_counts::<LookNumbers>(rows.keys::<LookNumbers>(Range::all()).count(), numbered);
    Ok(())
}

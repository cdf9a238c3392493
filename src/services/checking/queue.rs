//! The queue of submissions that wait for their checks.
//!
//! Invariant: the order is that in which they are due; a failed one is due again later, and is never dropped.
//! Refuses: to be kept in memory. The rows are the queue, so a restart goes on where it stopped.

use super::{Checking, CheckingError};
use crate::domain::{CheckJob, Moment, SubmissionId};
use crate::store::records::CheckJobs;
use crate::store::{Range, ReadTables, StoreError, Transaction};

/// The first wait after a failure, doubled with each further one.
const FIRST_WAIT_MS: i64 = 5_000;
/// The longest.
const LONGEST_WAIT_MS: i64 = 3_600_000;
/// How many are counted for the figures; a longer queue is told as this one.
const COUNTED: usize = 10_000;

/// A submission that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Since this moment it may be checked.
    pub due: Moment,
    /// Which.
    pub submission: SubmissionId,
    /// How it came to wait.
    pub job: CheckJob,
}

/// How far the checks are behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// How many submissions wait.
    pub waiting: usize,
    /// Since when the first of them does.
    pub since: Option<Moment>,
}

/// Has `submission` checked; part of the transaction that makes it necessary.
pub(in crate::services) fn enqueue(
    tx: &mut Transaction<'_>,
    now: Moment,
    submission: SubmissionId,
) -> Result<(), StoreError> {
    let job = CheckJob {
        since: now,
        failures: 0,
    };
    tx.put::<CheckJobs>(&(now, submission), &job)
}

impl Checking {
    /// The first `count` that wait, whether they are due or not.
    pub async fn waiting(&self, count: usize) -> Result<Vec<Waiting>, CheckingError> {
        self.store
            .read(move |view| {
                view.scan::<CheckJobs>(Range::all())
                    .take(count)
                    .map(|row| {
                        let ((due, submission), job) = row?;
                        Ok(Waiting { due, submission, job })
                    })
                    .collect()
            })
            .await
    }

    /// How many wait, at most [`COUNTED`], and since when the longest of them does.
    pub fn backlog(&self) -> Result<Backlog, CheckingError> {
        self.store.read_now(|view| {
            let mut backlog = Backlog::default();
            for row in view.scan::<CheckJobs>(Range::all()).take(COUNTED) {
                let (_, job) = row?;
                backlog.waiting += 1;
                backlog.since = Some(backlog.since.map_or(job.since, |since| since.min(job.since)));
            }
            Ok(backlog)
        })
    }

    /// Puts one that failed back, to be tried again after a while.
    pub async fn postpone(&self, waiting: Waiting) -> Result<(), CheckingError> {
        let failures = waiting.job.failures.saturating_add(1);
        let wait = FIRST_WAIT_MS
            .saturating_mul(1 << failures.min(12))
            .min(LONGEST_WAIT_MS);
        let due = self.clock.now().plus_millis(wait);
        let job = CheckJob {
            failures,
            ..waiting.job
        };
        self.store
            .transact(move |tx| {
                tx.remove::<CheckJobs>(&(waiting.due, waiting.submission));
                Ok(tx.put::<CheckJobs>(&(due, waiting.submission), &job)?)
            })
            .await
    }
}

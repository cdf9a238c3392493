//! Checking: what is done with a submission after its sender was answered.
//!
//! A submission that became whole waits as a row, written in the same batch. A worker makes the smaller copies, keeps
//! each picture's look, looks for twins, judges, and writes the findings in the batch that removes the row. Everything
//! before that batch can be done again; so a kill at any moment costs time and nothing else.
//!
//! Invariant: a whole submission that was not withdrawn has findings or waits for them; `doctor` tells when not. Its
//! version is left alone: it counts what people do.
//! Refuses: to decide, and to hold anybody up. What was withdrawn meanwhile is passed over.

mod gathering;
pub mod index;
mod pictures;
mod queue;
pub mod recount;
mod renewal;
mod twins;

use std::io;
use std::sync::Arc;

pub(in crate::services) use queue::enqueue;
pub use queue::{Backlog, Waiting};
pub use renewal::Renewal;

use self::pictures::Prepared;
use super::decoding::DecodeMemory;
use crate::campaign::{Boundaries, Campaign};
use crate::checks;
use crate::clock::Clock;
use crate::crash::{self, Point};
use crate::disk::FreeSpace;
use crate::domain::{Findings, Sha256, Submission, SubmissionId, SubmissionState};
use crate::media::PictureLimits;
use crate::photos::Photos;
use crate::store::records::{CheckJobs, Checked as CheckedRows, Submissions};
use crate::store::{ReadTables, Store, StoreError, Transaction};

/// Why a submission could not be checked; it will be tried again.
#[derive(Debug, thiserror::Error)]
pub enum CheckingError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be read or written.
    #[error("files: {0}")]
    Files(#[from] io::Error),
}

/// The checking of one campaign's submissions.
#[derive(Debug, Clone)]
pub struct Checking {
    store: Store,
    photos: Photos,
    clock: Clock,
    space: FreeSpace,
    campaign: Arc<Campaign>,
    boundaries: Option<Arc<Boundaries>>,
    limits: PictureLimits,
    looks: Arc<index::KnownLooks>,
    decode_memory: DecodeMemory,
    /// Of the campaign's rules and the boundary layer.
    fingerprint: Sha256,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Findings were written.
    Judged,
    /// There was nothing to judge any more.
    PassedOver,
}

impl Checking {
    /// The checking of what is in `store` and `photos`, by the rules of `campaign`, without a boundary layer.
    pub fn new(
        store: &Store,
        photos: &Photos,
        clock: &Clock,
        space: &FreeSpace,
        campaign: &Arc<Campaign>,
        max_pixels: u64,
    ) -> Self {
        Self {
            store: store.clone(),
            photos: photos.clone(),
            clock: clock.clone(),
            space: space.clone(),
            campaign: Arc::clone(campaign),
            boundaries: None,
            limits: PictureLimits { max_pixels },
            looks: Arc::default(),
            decode_memory: DecodeMemory::default(),
            fingerprint: renewal::fingerprint(campaign, None),
        }
    }

    /// The same with a boundary layer, if there is one.
    pub fn within(mut self, boundaries: Option<Arc<Boundaries>>) -> Self {
        self.fingerprint = renewal::fingerprint(&self.campaign, boundaries.as_deref());
        self.boundaries = boundaries;
        self
    }

    /// The same with memory that it shares with others who decode.
    pub fn sharing(mut self, decode_memory: &DecodeMemory) -> Self {
        self.decode_memory = decode_memory.clone();
        self
    }

    /// Checks one waiting submission. Blocks for as long as its pictures take; safe to be run twice, also at once.
    pub fn check(&self, waiting: Waiting) -> Result<Checked, CheckingError> {
        let id = waiting.submission;
        let (submission, is_first) = self.store.read_now(|view| {
            Ok::<_, StoreError>((view.get::<Submissions>(&id)?, !view.has::<CheckedRows>(&id)?))
        })?;
        let Some(submission) = submission.filter(is_judged) else {
            self.finish(waiting, None, Vec::new())?;
            return Ok(Checked::PassedOver);
        };
        let prepared = self.prepare(&submission)?;
        let gathered = self.gather(&submission, &prepared)?;
        let findings = checks::judge(
            &gathered.facts(&submission, prepared),
            self.campaign.check_rules(),
            self.clock.now(),
        );
        crash::reached(Point::BeforeFindings);
        // Whoever came later and was checked before has been told once. Told at every check, those that can name no
        // more twins would tell each other on and on.
        let again = if is_first { gathered.again } else { Vec::new() };
        self.finish(waiting, Some(findings), again)?;
        Ok(Checked::Judged)
    }

    /// Writes the findings, and has `again` checked anew: later submissions that turned out to have a twin here.
    fn finish(
        &self,
        waiting: Waiting,
        findings: Option<Findings>,
        again: Vec<SubmissionId>,
    ) -> Result<(), CheckingError> {
        let now = self.clock.now();
        self.store.transact_now(move |tx| {
            tx.remove::<CheckJobs>(&(waiting.due, waiting.submission));
            for later in again {
                enqueue(tx, now, later)?;
            }
            match findings {
                Some(findings) => keep(tx, waiting.submission, &findings),
                None => Ok(()),
            }
        })
    }
}

/// Whether a submission is one to be judged: whole, and not taken back.
fn is_judged(submission: &Submission) -> bool {
    !matches!(
        submission.state,
        SubmissionState::Incomplete | SubmissionState::Withdrawn
    )
}

fn keep(tx: &mut Transaction<'_>, id: SubmissionId, findings: &Findings) -> Result<(), CheckingError> {
    // As it stands now: somebody may have decided, or its sender may have taken it back, while the checks ran.
    match tx.get::<Submissions>(&id)?.filter(is_judged) {
        Some(submission) => Ok(super::ledger::put_findings(tx, &submission, findings)?),
        None => Ok(()),
    }
}

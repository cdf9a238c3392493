//! Checking anew what waits for a person when the rules or the boundary layer are not those it was checked by.
//!
//! A row holds a fingerprint of the rules and how far the checking anew has come. At a start with another fingerprint
//! the pending submissions are put back among those that wait for their checks, some at a time and only when nothing
//! else waits, so that what arrives meanwhile is not kept waiting.
//!
//! Invariant: the row moves in the batch that puts submissions back, so a kill at any moment repeats and skips nothing.
//! Refuses: to touch what a person has decided. What was found then is what they saw.

use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256 as Hasher};

use super::{Checking, CheckingError, enqueue};
use crate::campaign::{Boundaries, Campaign};
use crate::domain::{CheckedRules, RenewalProgress, Sha256, SubmissionState};
use crate::store::records::{Checked, CheckedUnder, Queue};
use crate::store::{Range, ReadTables, StoreError};

/// Goes up when the program itself judges otherwise than before by the same rules.
const JUDGEMENT: u32 = 2;
/// How many places of the queue are gone through by one transaction.
const AT_ONCE: usize = 64;

/// Whether there may be more to be checked anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Some were put back; the queue goes on behind them.
    Going,
    /// Everything was checked by today's rules, or waits to be.
    Done,
}

impl Checking {
    /// Puts the next pending submissions that were checked by other rules back among those that wait.
    pub fn renew_some(&self) -> Result<Renewal, CheckingError> {
        let (fingerprint, now) = (self.fingerprint, self.clock.now());
        let done = CheckedRules {
            fingerprint,
            progress: RenewalProgress::Done,
        };
        if self.store.read_now(|view| view.get::<CheckedUnder>(&()))? == Some(done) {
            return Ok(Renewal::Done);
        }
        self.store.transact_now(move |tx| {
            let kept = tx
                .get::<CheckedUnder>(&())?
                .filter(|kept| kept.fingerprint == fingerprint);
            let pending = Range::<Queue>::under(&SubmissionState::Pending);
            let rest = match kept.map(|kept| kept.progress) {
                Some(RenewalProgress::Done) => return Ok(Renewal::Done),
                Some(RenewalProgress::UpTo(at, id)) => pending.after(&(SubmissionState::Pending, at, id)),
                None => pending,
            };
            let places = tx.keys::<Queue>(rest).take(AT_ONCE);
            let places = places.collect::<Result<Vec<_>, StoreError>>()?;
            for (_, _, id) in &places {
                // What has no findings yet waits already.
                if tx.has::<Checked>(id)? {
                    enqueue(tx, now, *id)?;
                }
            }
            let (renewal, progress) = match places.last() {
                Some((_, at, id)) => (Renewal::Going, RenewalProgress::UpTo(*at, *id)),
                None => (Renewal::Done, RenewalProgress::Done),
            };
            let row = CheckedRules {
                fingerprint,
                progress,
            };
            tx.put::<CheckedUnder>(&(), &row)?;
            Ok(renewal)
        })
    }
}

/// What tells one set of rules, period and boundary layer from another.
pub(super) fn fingerprint(campaign: &Campaign, boundaries: Option<&Boundaries>) -> Sha256 {
    let mut hasher = Hashed(Hasher::new());
    // Writing to a hasher cannot fail.
    let written = write!(
        hasher,
        "{JUDGEMENT} {:?} {:?}",
        campaign.check_rules(),
        campaign.period()
    )
    .and_then(|()| {
        let areas = boundaries
            .into_iter()
            .flat_map(|layer| layer.areas().map(move |area| (layer, area)));
        for (layer, area) in areas {
            write!(hasher, "{area:?} {:?}", layer.stated_error_m(area.code))?;
        }
        Ok(())
    });
    if let Err(error) = written {
        tracing::warn!(%error, "the rules cannot be told from others");
    }
    Sha256(hasher.0.finalize().into())
}

struct Hashed(Hasher);

impl fmt::Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

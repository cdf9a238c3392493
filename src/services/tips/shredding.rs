//! Shredding: by the desk, by the informant, and by the calendar.
//!
//! Invariant: the key is overwritten first, so that from then on no copy of the rest opens, however long it lies
//! about; the row and its count go together; the file goes last.
//! Refuses: to name in the log what the informant or the calendar shredded; those are counted by the day.

use super::{TipError, Tips, sweep};
use crate::domain::{Day, Moment, TipId, TipSize};
use crate::services::audit::{self, Deed};
use crate::store::records::{TipReplies, Tips as TipRows, TipsShredded, TipsSpent};
use crate::store::{Range, ReadTables, StoreError, Transaction};

/// Days that marks of spent challenges and nonces are kept.
const MARKS_KEPT_DAYS: i32 = 2;
/// Boxes shredded in one go.
const BATCH: usize = 200;
/// Files looked at, and written anew, in one go.
const RENEWED_AT_ONCE: usize = 8;

/// Counts what was shredded on `today`.
pub(super) fn tally(tx: &mut Transaction<'_>, today: Day, count: usize) -> Result<(), StoreError> {
    let stands = tx.get::<TipsShredded>(&today)?.unwrap_or(0);
    let more = u32::try_from(count).unwrap_or(u32::MAX);
    tx.put::<TipsShredded>(&today, &stands.saturating_add(more))
}

impl Tips {
    /// Shreds boxes with their answers, and the desk's notes about threads that end with them. Called with the turn held.
    pub(super) async fn shred(&self, mut ids: Vec<TipId>, mut deed: Option<Deed>) -> Result<(), TipError> {
        self.notice();
        // The notes first: a crash between two batches leaves no note without its thread.
        let notes = self.index().notes_without(&ids);
        ids.splice(0..0, notes);
        let mut result = Ok(());
        for batch in ids.chunks(BATCH) {
            // What fails keeps no other keys from going; the first failure is told.
            let shredded = self.shred_some(batch, &mut deed).await;
            result = result.and(shredded);
        }
        result
    }

    async fn shred_some(&self, batch: &[TipId], deed: &mut Option<Deed>) -> Result<(), TipError> {
        let today = self.inner.clock.now().day();
        let (ids, slots, replies) = {
            let index = self.index();
            let held: Vec<_> = batch
                .iter()
                .filter_map(|id| Some((*id, index.tip(*id)?)))
                .collect();
            let replies = held
                .iter()
                .flat_map(|(_, held)| held.replies.iter().map(|reply| reply.id));
            (
                held.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
                held.iter().map(|(_, held)| held.slot).collect::<Vec<_>>(),
                replies.collect::<Vec<_>>(),
            )
        };
        if ids.is_empty() {
            return Ok(());
        }
        let overwritten = slots.clone();
        let generation = self
            .in_vault(move |vault| vault.destroy(&overwritten, today))
            .await?;
        {
            let mut index = self.index_mut();
            for id in &ids {
                index.remove(*id);
            }
        }
        let (rows, deed) = (ids.clone(), deed.take());
        let removed = self
            .inner
            .store
            .transact(move |tx| -> Result<(), StoreError> {
                if deed.is_none() {
                    tx.keep_quiet();
                }
                // The keys are gone already, and the files are what gives room back.
                tx.use_last_reserve();
                for id in &rows {
                    tx.remove::<TipRows>(id);
                }
                for id in &replies {
                    tx.remove::<TipReplies>(id);
                }
                sweep::note_generation(tx, generation)?;
                tally(tx, today, rows.len())?;
                deed.map_or(Ok(()), |deed| audit::record(tx, deed))
            })
            .await;
        if let Err(error) = removed {
            // The rows are dead without their keys and go at the next start. The files are of no use to anybody, and
            // room may be what is wanting.
            self.in_vault(move |vault| vault.discard(&ids, today)).await?;
            return Err(error.into());
        }
        self.in_vault(move |vault| vault.forget(&ids, &slots, today))
            .await
    }

    /// What the calendar asks for: boxes whose last day has come, files that still tell when on their day they came, marks
    /// that nobody needs, and the log's entry about the days that are over.
    pub async fn keep_house(&self) -> Result<(), TipError> {
        let _turn = self.inner.turn.lock().await;
        let now = self.inner.clock.now();
        let due = self.index().due(now.day());
        // A step that fails keeps none of the others from running; the first failure is told.
        self.inner.arrivals.forget(now);
        let shredded = self.shred(due, None).await;
        let renewed = self.renew(now.day()).await;
        let settled = self.in_vault(move |vault| vault.settle(now.day())).await;
        let noted = self
            .inner
            .store
            .transact(move |tx| -> Result<(), StoreError> {
                forget_marks(tx, now.day())?;
                log_shredded(tx, now)
            })
            .await;
        let noted = noted.map_err(TipError::from);
        shredded.and(renewed).and(settled).and(noted)
    }
}

impl Tips {
    /// Boxes of days that are over are written anew, in the order of their random ids.
    async fn renew(&self, today: Day) -> Result<(), TipError> {
        let earlier: Vec<(TipId, Day)> = {
            let index = self.index();
            let all = index.all().map(|(id, held)| (id, held.facts.received_on));
            all.filter(|(_, day)| *day < today).collect()
        };
        // In small steps: whoever waits for the vault waits for one of them.
        let most = TipSize::ThreePictures.box_bytes() * RENEWED_AT_ONCE;
        let space = self.inner.space.half_reserve();
        for some in earlier.chunks(RENEWED_AT_ONCE) {
            let wanted = u64::try_from(most).unwrap_or(u64::MAX);
            space.check(wanted).map_err(StoreError::DiskFull)?;
            let some = some.to_vec();
            self.in_vault(move |vault| vault.renew(&some, today)).await?;
        }
        Ok(())
    }
}

fn forget_marks(tx: &mut Transaction<'_>, today: Day) -> Result<(), StoreError> {
    let mut old = Vec::new();
    for row in tx.scan::<TipsSpent>(Range::all()) {
        let (key, spent) = row?;
        if spent.day.number().saturating_add(MARKS_KEPT_DAYS) < today.number() {
            old.push(key);
        }
    }
    for key in &old {
        tx.remove::<TipsSpent>(key);
    }
    Ok(())
}

/// One entry for each day that is over, however the boxes went.
fn log_shredded(tx: &mut Transaction<'_>, now: Moment) -> Result<(), StoreError> {
    let days = tx
        .scan::<TipsShredded>(Range::all())
        .collect::<Result<Vec<_>, _>>()?;
    for (day, count) in days {
        if day >= now.day() {
            continue;
        }
        tx.remove::<TipsShredded>(&day);
        let deed = Deed {
            at: now,
            by: None,
            action: "tips.shredded",
            subject: "tips".to_owned(),
            detail: serde_json::json!({ "day": day, "count": count }),
        };
        audit::record(tx, deed)?;
    }
    Ok(())
}

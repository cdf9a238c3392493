//! What the server does for itself while it runs: it clears away what phones gave up and what crashes left.
//!
//! Invariant: nothing that a row speaks of is touched, and whatever fails is tried again by the next round.
//! Refuses: to hold up a start or a stop. The first round runs beside the first requests, and the stop interrupts a
//! round between two files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, Interval, MissedTickBehavior};

use crate::http::App;

/// How often unfinished uploads are looked through.
const UPLOADS_EVERY: Duration = Duration::from_hours(1);
/// How often tips are looked through whose last day has come.
const TIPS_EVERY: Duration = Duration::from_hours(1);
/// How often picture files without a row are looked for; they have to be a day old.
const ORPHANS_EVERY: Duration = Duration::from_hours(24);

/// Keeps house until `stopped`.
pub(super) async fn keep_house(app: App, mut stopped: oneshot::Receiver<()>) {
    let stopping = Arc::new(AtomicBool::new(false));
    let mut orphans = tokio::spawn(sweep_orphans(app.clone(), Arc::clone(&stopping)));
    // The start has looked through the uploads already.
    let mut uploads_due = every(UPLOADS_EVERY, Instant::now() + UPLOADS_EVERY);
    let mut orphans_due = every(ORPHANS_EVERY, Instant::now() + ORPHANS_EVERY);
    let mut tips_due = every(TIPS_EVERY, Instant::now() + TIPS_EVERY);
    keep_tips(&app).await;
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            _ = uploads_due.tick() => sweep_uploads(&app).await,
            _ = tips_due.tick() => keep_tips(&app).await,
            _ = orphans_due.tick() => {
                if orphans.is_finished() {
                    orphans = tokio::spawn(sweep_orphans(app.clone(), Arc::clone(&stopping)));
                }
            }
        }
    }
    stopping.store(true, Ordering::Relaxed);
    // It works on the directory that is let go of next.
    if let Err(error) = orphans.await {
        tracing::error!(%error, "the sweep of picture files without a row failed");
    }
}

fn every(period: Duration, first: Instant) -> Interval {
    let mut interval = tokio::time::interval_at(first, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

async fn sweep_uploads(app: &App) {
    if let Err(error) = app.uploads.sweep().await {
        tracing::warn!(%error, "unfinished uploads could not be cleared away; the next sweep tries again");
    }
}

/// What failed for citizens is told here and not when it happened: a line at the moment would tell when one wrote.
async fn keep_tips(app: &App) {
    if let Err(error) = app.tips.keep_house().await {
        tracing::warn!(%error, "tips whose last day has come could not be shredded; the next hour tries again");
    }
    if let Some((count, last)) = app.tips.take_failures() {
        tracing::error!(count, last, "requests to the tip line failed since the last look");
    }
}

async fn sweep_orphans(app: App, stopping: Arc<AtomicBool>) {
    let evidence = app.evidence;
    let sweep =
        tokio::task::spawn_blocking(move || evidence.sweep_orphans(&|| stopping.load(Ordering::Relaxed)));
    match sweep.await {
        Ok(Ok(0)) => {}
        Ok(Ok(removed)) => tracing::info!(removed, "picture files without a row were cleared away"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "picture files without a row could not be cleared away; tomorrow's sweep tries again");
        }
        Err(error) => tracing::error!(%error, "the sweep of picture files without a row failed"),
    }
}

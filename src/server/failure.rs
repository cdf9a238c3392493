//! A disk that failed: noticed, told, and answered with an end, because only a start finds out what is really there.
//!
//! Invariant: after a failed commit or sync nothing more is written, not even by the database's own farewell.
//! Refuses: to try the same again. The system tells of a failed write once; the next sync would succeed without it.

use std::time::Duration;

use tokio::time::{interval, sleep};

use crate::store::Store;

/// The exit code of a server whose disk failed (`EX_IOERR`). A supervisor starts it again.
pub const DISK_FAILED: u8 = 74;
/// How long reads go on, and `/health/ready` says why, before the end.
const GRACE: Duration = Duration::from_secs(10);

/// Comes back when the disk under `store` has failed and its readers had their time.
pub(super) async fn of_the_disk(store: Store) {
    let mut due = interval(Duration::from_secs(1));
    while !store.has_failed() {
        due.tick().await;
    }
    let what = if store.is_broken() {
        "failed a write"
    } else {
        "does not answer"
    };
    tracing::error!("the disk {what}: nothing more is written, and the service ends in a moment");
    sleep(GRACE).await;
}

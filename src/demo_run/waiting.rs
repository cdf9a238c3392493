//! A great many waiting submissions for the demo, to see how the board and the queue bear them.
//!
//! Invariant: they are spread over every cell of every commune, and the board counts them like any others.
//! Refuses: picture files; these rows name pictures that are not there, which a demo may and the doctor tells.

use super::DemoError;
use crate::clock::Clock;
use crate::domain::UserId;
use crate::http::App;
use crate::services::LedgerError;
use crate::services::fill::{self, Sender};

/// Writes `count` waiting submissions, each with its place in the plan.
pub async fn add_waiting(app: &App, clock: &Clock, count: u32) -> Result<(), DemoError> {
    let mut senders: Vec<Sender> = app
        .campaign
        .communes()
        .iter()
        .map(|commune| Sender {
            user: UserId(clock.new_id()),
            commune: commune.code,
        })
        .collect();
    // Senders and cells go round together; a number of senders that shares a factor with that of the cells would meet
    // only some of the cells of each commune.
    if senders.len().is_multiple_of(3) {
        senders.extend(senders.first().copied());
    }
    let (store, clock) = (app.store.clone(), clock.clone());
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let writing = tokio::task::spawn_blocking(move || fill::pending(&store, &clock, &senders, count));
    writing
        .await
        .map_err(|stopped| DemoError::Missing(stopped.to_string()))?
        .map_err(|error: LedgerError| error.into())
}

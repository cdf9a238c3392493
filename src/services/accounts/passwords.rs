//! Password work off the async threads, two at a time.
//!
//! Invariant: however many log-ins come at once, at most two Argon2 runs (19 MiB each) are under way, also when the
//! clients that asked have gone away.
//! Refuses: a long queue; who would wait too long is told to come back.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::auth::{PasswordRefused, password};
use crate::domain::PasswordHash;

/// Argon2 runs at once.
const AT_WORK: usize = 2;
/// Log-ins that may wait for them: some three seconds' work.
const WAITING: usize = 128;

/// Too many log-ins wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked")]
pub struct Busy;

#[derive(Debug)]
pub(super) struct Passwords {
    at_work: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            at_work: Arc::new(Semaphore::new(AT_WORK)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

/// What a password proved to be.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It fits; the hash to store instead, when the stored one was made with other costs.
    Fits(Option<PasswordHash>),
    /// It does not, or there was nothing to compare it with.
    Wrong,
}

impl Passwords {
    /// Compares `password` with `hash`; takes as long when there is none.
    pub(super) async fn verify(&self, hash: Option<PasswordHash>, password: String) -> Result<Verdict, Busy> {
        self.run(move || match hash {
            Some(hash) if password::verify(&hash, &password) => {
                let outdated = hash.is_outdated();
                Verdict::Fits(outdated.then(|| password::hash(&password).ok()).flatten())
            }
            Some(_) => Verdict::Wrong,
            None => {
                password::verify_nobody(&password);
                Verdict::Wrong
            }
        })
        .await
    }

    pub(super) async fn hash(&self, password: String) -> Result<Result<PasswordHash, PasswordRefused>, Busy> {
        self.run(move || password::hash(&password)).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let _queued = self.waiting.try_acquire().map_err(|_full| Busy)?;
        let permit = Arc::clone(&self.at_work).acquire_owned().await;
        let permit = permit.map_err(|_closed| Busy)?;
        let running = tokio::task::spawn_blocking(move || {
            let result = work();
            // The work goes on when the asker leaves, so the permit goes with the work.
            drop(permit);
            result
        });
        running.await.map_err(|_panicked| Busy)
    }
}

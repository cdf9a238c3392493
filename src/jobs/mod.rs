//! Jobs: what the service does by itself after its answers. Today these are the automatic checks.
//!
//! Invariant: what waits is in rows, so a start goes on where a crash stopped; at most so many run at once as there are
//! workers, and a stop waits for those that run.
//! Refuses: to be hurried. Workers run at the lowest priority, so that whoever uploads goes first.

mod figures;
mod thread;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

pub use self::figures::JobFigures;
use crate::clock::Clock;
use crate::domain::{Change, SubmissionState};
use crate::services::checking::{Checking, CheckingError, Renewal, Waiting};

/// How many are read at once.
const BATCH: usize = 16;
/// How long the workers sleep when nobody wakes them.
const NAP: Duration = Duration::from_secs(5);

/// The workers of one application, until they are stopped.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    running: tokio::task::JoinHandle<()>,
}

impl Workers {
    /// Starts `count` workers over what waits now and what `changes` announce; none when `count` is 0.
    pub fn start(
        checking: Checking,
        clock: Clock,
        changes: Receiver<Change>,
        count: usize,
        figures: JobFigures,
    ) -> Self {
        let (stop, stopped) = watch::channel(false);
        let work = Work {
            checking: Arc::new(checking),
            clock,
            count,
            figures,
            stopped,
        };
        Self {
            stop,
            running: tokio::spawn(work.go_on(changes)),
        }
    }

    /// Stops them; returns when those that had begun are done.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.running.await {
            tracing::error!(%error, "the checks stopped by themselves");
        }
    }
}

struct Work {
    checking: Arc<Checking>,
    clock: Clock,
    count: usize,
    figures: JobFigures,
    stopped: watch::Receiver<bool>,
}

impl Work {
    async fn go_on(mut self, mut changes: Receiver<Change>) {
        while self.count > 0 && !self.is_stopped() {
            let due = match self.checking.waiting(BATCH).await {
                Ok(waiting) => self.due(waiting),
                Err(error) => {
                    tracing::warn!(%error, "what waits for checks cannot be read");
                    Vec::new()
                }
            };
            if due.is_empty() {
                if self.renew().await == Renewal::Done {
                    self.nap(&mut changes).await;
                }
            } else {
                stream::iter(due)
                    .for_each_concurrent(self.count, |waiting| self.run(waiting))
                    .await;
            }
        }
    }

    fn is_stopped(&self) -> bool {
        // A sender that is gone is the application's end, too.
        *self.stopped.borrow() || self.stopped.has_changed().is_err()
    }

    fn due(&self, waiting: Vec<Waiting>) -> Vec<Waiting> {
        let now = self.clock.now();
        waiting.into_iter().filter(|waiting| waiting.due <= now).collect()
    }

    /// Puts some back that were checked by other rules, now that nothing else waits.
    async fn renew(&self) -> Renewal {
        let checking = Arc::clone(&self.checking);
        let failed = match thread::in_the_background(move || checking.renew_some()).await {
            Ok(Ok(renewal)) => return renewal,
            Ok(Err(error)) => error.to_string(),
            Err(broken_off) => broken_off.to_string(),
        };
        tracing::warn!(
            error = failed,
            "what was checked by other rules cannot be checked anew; it is tried again"
        );
        Renewal::Done
    }

    async fn run(&self, waiting: Waiting) {
        if self.is_stopped() {
            return;
        }
        let checking = Arc::clone(&self.checking);
        let started = Instant::now();
        let finished = thread::in_the_background(move || checking.check(waiting)).await;
        self.figures
            .ended(matches!(finished, Ok(Ok(_))), started.elapsed());
        let failed = match finished {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error.to_string(),
            Err(broken_off) => broken_off.to_string(),
        };
        tracing::warn!(submission = %waiting.submission, failures = waiting.job.failures, error = failed,
            "a submission could not be checked; it will be tried again");
        if let Err(error) = self.postpone(waiting).await {
            tracing::warn!(submission = %waiting.submission, %error, "a failed check could not be put back");
            // The row is still due, and the next round must not follow at once.
            tokio::time::sleep(NAP).await;
        }
    }

    async fn postpone(&self, waiting: Waiting) -> Result<(), CheckingError> {
        self.checking.postpone(waiting).await
    }

    /// Waits until something becomes whole, or for a while, or for the end.
    async fn nap(&mut self, changes: &mut Receiver<Change>) {
        let woken = async {
            loop {
                match changes.recv().await {
                    // Something became whole, or the plan of something whole has changed.
                    Ok(
                        Change::Queue {
                            state: SubmissionState::Pending,
                            ..
                        }
                        | Change::Completion { .. },
                    )
                    | Err(RecvError::Lagged(_)) => break,
                    Ok(Change::Queue { .. } | Change::Claim { .. }) => {}
                    // The store is closing, and the stop is on its way.
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(NAP) => {}
            _ = self.stopped.changed() => {}
        }
    }
}

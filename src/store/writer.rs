//! The one writer thread and its group commit.
//!
//! Invariant: an answer leaves this thread only after a sync that followed the commit it speaks of. That holds for
//! refusals and for repeats too, since they may rest on a row of the same group.
//! Refuses: more waiting transactions than its queue holds ([`StoreError::Busy`]), and everything after a failed
//! commit or sync, because what is on disk is then unknown until the next start.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Instant;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{broadcast, oneshot, watch};

use super::StoreError;
use super::engine::{Batch, Engine};
use super::figures::WriterFigures;
use super::snapshot::Aside;
use super::transaction::{Dependency, Transaction};
use crate::crash::{self, Point};
use crate::disk::FreeSpace;
use crate::domain::Change;

/// How many transactions may wait.
const QUEUE_LENGTH: usize = 2048;
/// How many transactions share one sync at most.
const GROUP_LENGTH: usize = 256;

/// Tells the caller how it ended, once it may be told.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// A transaction with its caller's answer inside.
type Work = Box<dyn FnOnce(&mut Transaction<'_>) -> (Outcome, Answer) + Send>;

/// What becomes of a transaction's writes.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Keep,
    Discard,
}

/// Which commit readers have seen, and which is on disk.
#[derive(Debug)]
pub(super) struct Progress {
    /// Taken for writing while a batch is applied, so that a reader sees all of it or none.
    pub(super) applied: RwLock<Applied>,
    /// Old values for a snapshot that is being read.
    pub(super) aside: Mutex<Option<Aside>>,
    /// The count of commits that are on disk.
    pub(super) synced: watch::Sender<u64>,
    /// Counts announced changes; moves before the answers go out, so that whoever was answered sees what they did.
    pub(super) announced: AtomicU64,
    /// Set for good when a commit or sync failed.
    pub(super) broken: AtomicBool,
    /// Since when a commit is under way.
    pub(super) committing: Mutex<Option<Instant>>,
}

impl Progress {
    fn note_committing(&self, since: Option<Instant>) {
        *self.committing.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

/// The last commit that readers can have seen.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// How many commits there were.
    pub(super) count: u64,
    /// What the last one wrote. Only this can be not on disk yet, because the next commit waits for its sync.
    pub(super) last: Arc<Batch>,
}

/// The way to the writer thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<SyncSender<Work>>,
    waiting: Gauge,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        engine: Arc<dyn Engine>,
        progress: Arc<Progress>,
        space: &FreeSpace,
        changes: broadcast::Sender<Change>,
        figures: WriterFigures,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(QUEUE_LENGTH);
        let gauge = figures.waiting.clone();
        let line = Line {
            engine,
            progress,
            space: Space {
                ordinary: space.half_reserve(),
                last: space.last_reserve(),
            },
            changes,
            figures,
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || line.run(&waiting))?;
        Ok(Self {
            queue: Some(queue),
            waiting: gauge,
            thread: Some(thread),
        })
    }

    /// Queues a transaction; its answer comes through the returned channel.
    pub(super) fn submit<T, E>(
        &self,
        run: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T, E>>, StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let work: Work = Box::new(move |transaction| {
            let result = catch_unwind(AssertUnwindSafe(|| run(transaction)))
                .unwrap_or_else(|_| Err(StoreError::Panicked.into()));
            let outcome = if result.is_ok() {
                Outcome::Keep
            } else {
                Outcome::Discard
            };
            let answer: Answer = Box::new(move |committed| {
                // A caller that has gone away does not need the answer; what it asked for is done all the same.
                drop(sender.send(committed.map_err(E::from).and(result)));
            });
            (outcome, answer)
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Stopped)?;
        self.waiting.inc();
        queue.try_send(work).map_err(|error| {
            self.waiting.dec();
            match error {
                TrySendError::Full(_) => StoreError::Busy,
                TrySendError::Disconnected(_) => StoreError::Stopped,
            }
        })?;
        Ok(receiver)
    }
}

impl Drop for Writer {
    /// Waits until everything that was queued is committed and synced.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's writer thread panicked");
        }
    }
}

/// What the writer thread works with.
struct Line {
    engine: Arc<dyn Engine>,
    progress: Arc<Progress>,
    space: Space,
    changes: broadcast::Sender<Change>,
    figures: WriterFigures,
}

/// Which part of the reserved disk space who may use.
struct Space {
    ordinary: FreeSpace,
    last: FreeSpace,
}

/// Transactions that share one sync.
#[derive(Default)]
struct Group {
    batch: Batch,
    dependencies: BTreeMap<String, Arc<dyn Dependency>>,
    changes: Vec<Change>,
    answers: Vec<Answer>,
    /// Whether anything in it may be counted.
    is_counted: bool,
}

impl Line {
    fn run(&self, waiting: &Receiver<Work>) {
        while let Ok(first) = waiting.recv() {
            let mut group = Group::default();
            self.join(&mut group, first);
            while group.answers.len() < GROUP_LENGTH {
                let Ok(next) = waiting.try_recv() else { break };
                self.join(&mut group, next);
            }
            self.finish(group);
        }
    }

    /// Runs one transaction on top of the group's.
    fn join(&self, group: &mut Group, work: Work) {
        self.figures.waiting.dec();
        let mut transaction = Transaction::new(self.engine.as_ref(), &group.batch);
        let (outcome, answer) = work(&mut transaction);
        let Transaction {
            writes,
            dependencies,
            changes,
            is_quiet,
            uses_last_reserve,
            ..
        } = transaction;
        if !is_quiet {
            self.figures.transactions.inc();
            group.is_counted = true;
        }
        if outcome == Outcome::Keep && !writes.is_empty() {
            // Asked before the engine meets the wall: it hangs there without an error.
            let space = if uses_last_reserve {
                &self.space.last
            } else {
                &self.space.ordinary
            };
            if let Err(full) = space.check(0) {
                answer(Err(StoreError::DiskFull(full)));
                return;
            }
            group.batch.extend(writes);
            group.dependencies.extend(dependencies);
            group.changes.extend(changes);
        }
        group.answers.push(answer);
    }

    fn finish(&self, mut group: Group) {
        let committed = if self.progress.broken.load(Ordering::SeqCst) {
            Err(StoreError::Broken)
        } else if group.batch.is_empty() {
            Ok(())
        } else {
            self.commit(&mut group)
        };
        match committed {
            Ok(()) => {
                let changes = u64::try_from(group.changes.len()).unwrap_or(u64::MAX);
                self.progress.announced.fetch_add(changes, Ordering::SeqCst);
                group.answers.into_iter().for_each(|answer| answer(Ok(())));
                for change in group.changes {
                    // Nobody listening is no error.
                    drop(self.changes.send(change));
                }
                crash::reached(Point::AfterAnswers);
            }
            Err(error) => {
                self.figures.failures.inc();
                tracing::error!(%error, "a commit failed; nothing of its group was acknowledged");
                group
                    .answers
                    .into_iter()
                    .for_each(|answer| answer(Err(StoreError::Broken)));
            }
        }
    }

    fn commit(&self, group: &mut Group) -> Result<(), StoreError> {
        // Nothing is applied yet, so a file that cannot be made durable costs this group and no more.
        for dependency in group.dependencies.values() {
            dependency.settle()?;
        }
        let began = Instant::now();
        self.progress.note_committing(Some(began));
        let result = self.apply(&Arc::new(std::mem::take(&mut group.batch)));
        self.progress.note_committing(None);
        if group.is_counted {
            self.figures.commit_seconds.observe(began.elapsed().as_secs_f64());
        }
        if result.is_err() {
            self.progress.broken.store(true, Ordering::SeqCst);
            // Readers that wait for this commit will wait in vain; wake them, so that they look at the flag.
            self.progress.synced.send_modify(|_| {});
        }
        result
    }

    fn apply(&self, batch: &Arc<Batch>) -> Result<(), StoreError> {
        let count = {
            let mut applied = self
                .progress
                .applied
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            // Counted before it is tried: a commit that fails may have been applied in part, and whoever sees any of
            // it must wait for a sync that will not come.
            applied.count += 1;
            applied.last = Arc::clone(batch);
            let mut aside = self.progress.aside.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(aside) = aside.as_mut() {
                aside.put(self.engine.as_ref(), batch);
            }
            drop(aside);
            crash::reached(Point::BeforeCommit);
            self.engine.commit(batch)?;
            applied.count
        };
        crash::reached(Point::AfterCommit);
        self.engine.sync()?;
        crash::reached(Point::AfterSync);
        self.progress.synced.send_replace(count);
        Ok(())
    }
}

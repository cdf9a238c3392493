//! How the writer is doing, for the operator.
//!
//! Invariant: counting never makes a transaction fail or wait.
//! Refuses: anything about what was written.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What the writer counts. Clones count together.
#[derive(Debug, Clone)]
pub struct WriterFigures {
    /// Transactions that ended, well or not.
    pub(super) transactions: Counter,
    /// Transactions that wait for the writer.
    pub(super) waiting: Gauge,
    /// Seconds from handing a group to the engine until it is on disk.
    pub(super) commit_seconds: Histogram,
    /// Commits or syncs that failed.
    pub(super) failures: Counter,
}

impl Default for WriterFigures {
    fn default() -> Self {
        Self {
            transactions: Counter::default(),
            waiting: Gauge::default(),
            // 0.25 ms to 4 s.
            commit_seconds: Histogram::new(exponential_buckets(0.000_25, 2.0, 15)),
            failures: Counter::default(),
        }
    }
}

impl WriterFigures {
    /// Shows them under `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "store_transactions",
            "Transactions that ended, well or not",
            self.transactions.clone(),
        );
        registry.register(
            "store_waiting_transactions",
            "Transactions that wait for the writer",
            self.waiting.clone(),
        );
        registry.register(
            "store_commit_seconds",
            "From handing a group of transactions to the engine until it is on disk",
            self.commit_seconds.clone(),
        );
        registry.register(
            "store_failed_commits",
            "Commits or syncs that failed; after the first the service takes nothing until a restart",
            self.failures.clone(),
        );
    }
}

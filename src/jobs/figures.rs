//! How the workers are doing, for the operator.
//!
//! Invariant: each check that ended is counted once, however it ended.
//! Refuses: anything about what was checked.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ending {
    outcome: &'static str,
}

/// What the workers count. Clones count together.
#[derive(Debug, Clone)]
pub struct JobFigures {
    ended: Family<Ending, Counter>,
    seconds: Histogram,
}

impl Default for JobFigures {
    fn default() -> Self {
        let ended = Family::default();
        for outcome in ["done", "failed"] {
            // Shown from the start, so that an alarm on the first failure sees it rise.
            drop(ended.get_or_create(&Ending { outcome }));
        }
        Self {
            ended,
            // 10 ms to 40 s.
            seconds: Histogram::new(exponential_buckets(0.01, 2.0, 13)),
        }
    }
}

impl JobFigures {
    /// Shows them under `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "checks",
            "Submissions whose checks and smaller pictures ended, well or not",
            self.ended.clone(),
        );
        registry.register_with_unit(
            "check",
            "From the start of a submission's checks and smaller pictures to their end",
            Unit::Seconds,
            self.seconds.clone(),
        );
    }

    pub(super) fn ended(&self, well: bool, took: Duration) {
        let outcome = if well { "done" } else { "failed" };
        self.ended.get_or_create(&Ending { outcome }).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

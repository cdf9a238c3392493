//! How long evidence waited on the phones before it arrived, for the operator.
//!
//! Invariant: a report is counted once, when its record is on disk for the first time.
//! Refuses: whose it was and where it came from.

use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::Moment;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// What is counted about reports. Clones count together.
#[derive(Debug, Clone)]
pub struct EvidenceFigures {
    outbox_age: Histogram,
}

impl Default for EvidenceFigures {
    fn default() -> Self {
        let bounds = [
            MINUTE,
            5.0 * MINUTE,
            15.0 * MINUTE,
            HOUR,
            4.0 * HOUR,
            12.0 * HOUR,
            DAY,
            2.0 * DAY,
            4.0 * DAY,
            7.0 * DAY,
            14.0 * DAY,
            30.0 * DAY,
        ];
        Self {
            outbox_age: Histogram::new(bounds),
        }
    }
}

impl EvidenceFigures {
    /// Shows them under `registry`.
    pub fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "report_outbox_age",
            "From the capture of a report, by the phone's clock, to its first arrival",
            Unit::Seconds,
            self.outbox_age.clone(),
        );
    }

    /// A report that was captured then arrived for the first time.
    pub(super) fn arrived(&self, captured_at: Moment, now: Moment) {
        // A phone whose clock is ahead did not wait a negative time.
        let waited_ms = now.as_millis().saturating_sub(captured_at.as_millis()).max(0);
        let waited = std::time::Duration::from_millis(u64::try_from(waited_ms).unwrap_or(0));
        self.outbox_age.observe(waited.as_secs_f64());
    }
}

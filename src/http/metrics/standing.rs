//! How things stand at the moment somebody looks: what is asked for then, and not counted on the way.
//!
//! Invariant: space, files and memory are told in steps. A figure to the byte, read every second, would tell when a tip
//! came and how long it was.
//! Refuses: to be kept up to date between two looks.

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use crate::domain::Moment;

/// Steps in which space and memory are told.
const STEP_BYTES: u64 = 16 << 20;
/// Steps in which free inodes are told.
const STEP_INODES: u64 = 1024;

/// How things stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Free on the disk of the data directory, bytes.
    pub disk_free_bytes: u64,
    /// Free inodes there; `None` where there is no such limit.
    pub disk_free_inodes: Option<u64>,
    /// Under the rows, bytes.
    pub store_bytes: u64,
    /// Whether rows can be written: no commit failed, and the disk takes more than reading.
    pub is_writable: bool,
    /// Memory of this process, bytes.
    pub resident_bytes: u64,
    /// Pictures being received.
    pub receptions: usize,
    /// Submissions that wait for their checks and smaller pictures.
    pub checks_waiting: usize,
    /// Since how long the first of them waits, seconds.
    pub checks_oldest_s: i64,
    /// When the last whole backup was made.
    pub last_backup: Option<Moment>,
}

/// Where it is shown.
#[derive(Debug, Default)]
pub(super) struct Gauges {
    disk_free: Gauge,
    disk_free_inodes: Gauge,
    store_on_disk: Gauge,
    writable: Gauge,
    resident: Gauge,
    receptions: Gauge,
    checks_waiting: Gauge,
    checks_oldest: Gauge,
    last_backup: Gauge,
}

impl Gauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        for (name, help, unit, gauge) in [
            (
                "disk_free",
                "Free on the disk of the data directory, in steps of 16 MiB",
                Some(Unit::Bytes),
                &gauges.disk_free,
            ),
            (
                "disk_free_inodes",
                "Free inodes of the data directory's file system, in steps of 1024; -1 where it has no such limit",
                None,
                &gauges.disk_free_inodes,
            ),
            (
                "store_disk",
                "On disk under the rows, in steps of 16 MiB",
                Some(Unit::Bytes),
                &gauges.store_on_disk,
            ),
            (
                "store_writable",
                "1 while rows can be written; 0 after a failed commit and on a disk that can only be read",
                None,
                &gauges.writable,
            ),
            (
                "process_resident_memory",
                "Memory of the process, in steps of 16 MiB",
                Some(Unit::Bytes),
                &gauges.resident,
            ),
            (
                "pictures_being_received",
                "Pictures that are being received",
                None,
                &gauges.receptions,
            ),
            (
                "checks_waiting",
                "Submissions that wait for their checks and smaller pictures; 10000 stands for more",
                None,
                &gauges.checks_waiting,
            ),
            (
                "checks_oldest_waiting",
                "Since how long the first of them waits",
                Some(Unit::Seconds),
                &gauges.checks_oldest,
            ),
            (
                "backup_last_success_timestamp",
                "When the last whole backup was made, seconds since 1970; 0 when none is known",
                Some(Unit::Seconds),
                &gauges.last_backup,
            ),
        ] {
            match unit {
                Some(unit) => registry.register_with_unit(name, help, unit, gauge.clone()),
                None => registry.register(name, help, gauge.clone()),
            }
        }
        gauges
    }

    pub(super) fn set(&self, standing: &Standing) {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let steps = |number: u64, step: u64| whole(number - number % step);
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        self.disk_free.set(steps(standing.disk_free_bytes, STEP_BYTES));
        let inodes = standing.disk_free_inodes;
        self.disk_free_inodes
            .set(inodes.map_or(-1, |free| steps(free, STEP_INODES)));
        self.store_on_disk.set(steps(standing.store_bytes, STEP_BYTES));
        self.writable.set(i64::from(standing.is_writable));
        self.resident.set(steps(standing.resident_bytes, STEP_BYTES));
        self.receptions.set(count(standing.receptions));
        self.checks_waiting.set(count(standing.checks_waiting));
        self.checks_oldest.set(standing.checks_oldest_s);
        self.last_backup
            .set(standing.last_backup.map_or(0, |moment| moment.as_millis() / 1000));
    }
}

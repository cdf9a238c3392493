//! Looking after a service's data: backups while it runs, everything else while it is stopped.
//!
//! Invariant: whoever examines or restores a data directory holds its lock.
//! Refuses: to mend what it does not understand.

pub mod backup;
pub mod doctor;

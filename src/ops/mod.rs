//! Looking after a stopped service's data.
//!
//! Invariant: whoever calls these holds the lock of the data directory.
//! Refuses: to mend what it does not understand.

pub mod doctor;

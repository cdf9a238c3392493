//! The product's words and their legal steps.
//!
//! Invariant: everything here is a pure value; a state changes only through its one legal door.
//! Refuses: I/O, clocks, locks, and any knowledge of HTTP or of how rows are stored.

mod cell;
mod commune;
mod fold;
mod ids;

pub use cell::{Cell, CellKind, UnknownCell};
pub use commune::{Commune, CommuneCode, CommuneKind, InvalidCommuneCode};
pub use fold::fold;
pub use ids::{AssignmentId, DeviceId, InvalidSha256, Sha256, SubmissionId, UploadId, UserId};

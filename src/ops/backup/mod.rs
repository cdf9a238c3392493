//! Backups: a consistent cut of all rows and every picture they name, beside a running service.
//!
//! ```text
//! DIR/BACKUP                        "minhchung backup 1", and to whom it is encrypted
//! DIR/lock                          held by the one command that works here
//! DIR/pictures/3f/<sha256>[.age]    every picture of every generation, once
//! DIR/generations/<number>-<time>/  one cut: rows[.age], <file>[.age], pictures.list, manifest.json
//! DIR/generations/<…>.part/         one that did not come to its end; its list tells the next backup what is copied
//! ```
//!
//! Invariant: a generation has its name only when every file and picture of it is durable and its manifest lies in it.
//! What was restored or verified agrees with the manifest to the byte, or each difference is named.
//! Refuses: to write into a directory that holds something else, and to mix plain and encrypted pictures.

mod boxes;
mod contents;
mod hold;
mod manifest;
mod packed;
mod place;
mod proof;
mod restore;
mod seal;
mod site;
mod source;
mod stage;
mod take;
mod tally;
mod verify;

use std::io;
use std::path::PathBuf;

pub use manifest::{Manifest, Stored};
pub use packed::{Opened, is_packed, pack, parent_of};
pub use place::Place;
pub use restore::{MissingBefore, Restored, rehearse, restore};
pub use seal::{Identities, Recipients, generate_identity};
pub use site::Site;
pub use source::require_source;
pub use stage::Stage;
pub use take::{Request, Taken, keep_apart, take};
pub use verify::{Fault, Verified, verify};

use crate::ops::doctor::DoctorError;
use crate::server::control::ControlError;
use crate::services::tips::OpenError;
use crate::store::{DirectoryError, StoreError};

/// Why a backup, a restore or a verification did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// What was named is no place for this.
    #[error("{place}: {why}")]
    Place {
        /// Which.
        place: PathBuf,
        /// Why not.
        why: String,
    },
    /// What was asked for is right, and cannot be done as things are: in use, no room, of a newer program.
    #[error("{place}: {why}")]
    Unable {
        /// Where.
        place: PathBuf,
        /// Why not.
        why: String,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A key cannot be used.
    #[error("{0}")]
    Key(String),
    /// A running server did not hand out its rows.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The data directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The rows cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was restored cannot be examined.
    #[error(transparent)]
    Doctor(#[from] DoctorError),
    /// Nor the keys of the tip line.
    #[error(transparent)]
    Tips(#[from] OpenError),
    /// What was backed up is not what the manifest says.
    #[error("{} things are wrong:\n{}", .0.len(), listed(.0))]
    Faults(Vec<Fault>),
}

fn listed(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Puts the name of a file to what the system said about it.
fn at(path: &std::path::Path) -> impl Fn(io::Error) -> BackupError + '_ {
    |source| BackupError::File {
        path: path.to_owned(),
        source,
    }
}

/// How far something is, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many rows were read.
    Rows(u64),
    /// So many bytes of pictures are done, of so many.
    Pictures {
        /// Done.
        bytes: u64,
        /// In all.
        of: u64,
    },
}

//! Where the rows come from: a running server's control socket, or the directory itself when nobody serves it.
//!
//! Invariant: the rows are those of one moment, and everything acknowledged before this was called is among them.
//! Refuses: a directory that somebody uses without answering.

use std::path::Path;

use super::{BackupError, at};
use crate::config::Limits;
use crate::disk::FreeSpace;
use crate::server::control::ask_for_rows;
use crate::store::{DataDirectory, Pair, Store, examine, require_own};

/// Rows in key order.
pub(super) type Rows = Box<dyn Iterator<Item = Result<Pair, BackupError>>>;

/// All rows of one moment.
pub(super) struct Source {
    pub(super) rows: Rows,
    /// Held until the pictures are copied too, so that nobody starts meanwhile.
    pub(super) directory: Option<DataDirectory>,
}

/// Refuses what cannot be backed up, before anything is made anywhere for it.
pub fn require_source(data_dir: &Path) -> Result<(), BackupError> {
    if !data_dir.join("FORMAT").is_file() {
        return Err(BackupError::Place {
            place: data_dir.to_owned(),
            why: "no minhchung data directory".to_owned(),
        });
    }
    // A running server would answer root too, who then leaves files that the service's account cannot open.
    require_own(data_dir)?;
    Ok(examine(data_dir)?)
}

impl Source {
    pub(super) fn open(data_dir: &Path) -> Result<Self, BackupError> {
        require_source(data_dir)?;
        if let Some(rows) = ask_for_rows(data_dir)? {
            let socket = data_dir.join(crate::store::CONTROL);
            return Ok(Self {
                rows: Box::new(rows.map(move |row| row.map_err(at(&socket)))),
                directory: None,
            });
        }
        let directory = DataDirectory::open(data_dir, 0)?;
        let space = FreeSpace::new(data_dir, 0);
        let store = Store::open(&directory, Limits::default().cache_bytes, &space)?;
        let mut snapshot = store.snapshot_now()?;
        let mut piece = Vec::new().into_iter();
        let rows = std::iter::from_fn(move || {
            if let Some(row) = piece.next() {
                return Some(Ok(row));
            }
            match snapshot.next_piece() {
                Ok(next) => {
                    piece = next.into_iter();
                    piece.next().map(Ok)
                }
                Err(error) => Some(Err(error.into())),
            }
        });
        Ok(Self {
            rows: Box::new(rows),
            directory: Some(directory),
        })
    }
}

//! What a data directory is for: real evidence, or a demo.
//!
//! Invariant: demo accounts, whose passwords are printed for everybody, exist only in directories that say so; such a
//! directory is never served as a live one, and a live one never as a demo.
//! Refuses: to change a directory's purpose once it has rows.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;

use super::DataDirectory;
use crate::disk::sync_directory;

const MARK: &str = "DEMO";
const WORDS: &str = "Invented data and accounts with published passwords. Served with --demo only.\n";

/// Real or invented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Real evidence.
    Live,
    /// Invented data and demo accounts.
    Demo,
}

/// Why a directory does not serve a purpose.
#[derive(Debug, thiserror::Error)]
pub enum PurposeError {
    /// It holds demo accounts.
    #[error("{0} holds a demo, with accounts whose passwords everybody knows; serve it with --demo only")]
    IsDemo(PathBuf),
    /// It may hold real evidence.
    #[error("{0} is no demo directory; name an empty one for a demo")]
    IsLive(PathBuf),
    /// The disk does not do what it should.
    #[error("{directory}: {source}")]
    Io {
        /// The directory.
        directory: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

impl DataDirectory {
    /// Takes the directory for `purpose`. A fresh one is marked first, before any account can be in it. To be called
    /// before the store opens, because the store's first rows decide that a directory is not fresh.
    pub fn take_for(&self, purpose: Purpose) -> Result<(), PurposeError> {
        let io = |source| PurposeError::Io {
            directory: self.path().to_owned(),
            source,
        };
        let is_demo = self.path().join(MARK).try_exists().map_err(io)?;
        match (purpose, is_demo) {
            (Purpose::Live, false) | (Purpose::Demo, true) => Ok(()),
            (Purpose::Live, true) => Err(PurposeError::IsDemo(self.path().to_owned())),
            (Purpose::Demo, false) => {
                let is_fresh = fs::read_dir(self.rows()).map_err(io)?.next().is_none();
                if is_fresh {
                    self.mark_as_demo().map_err(io)
                } else {
                    Err(PurposeError::IsLive(self.path().to_owned()))
                }
            }
        }
    }

    fn mark_as_demo(&self) -> io::Result<()> {
        let mut mark = File::create(self.path().join(MARK))?;
        mark.write_all(WORDS.as_bytes())?;
        mark.sync_all()?;
        sync_directory(self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_stays_a_demo_and_a_live_directory_never_becomes_one() {
        let home = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open(&home.path().join("demo"), 0).unwrap();
        directory.take_for(Purpose::Demo).unwrap();
        fs::write(directory.rows().join("db"), "rows").unwrap();
        directory.take_for(Purpose::Demo).unwrap();
        assert!(matches!(
            directory.take_for(Purpose::Live),
            Err(PurposeError::IsDemo(_))
        ));

        let directory = DataDirectory::open(&home.path().join("live"), 0).unwrap();
        directory.take_for(Purpose::Live).unwrap();
        fs::write(directory.rows().join("db"), "rows").unwrap();
        assert!(matches!(
            directory.take_for(Purpose::Demo),
            Err(PurposeError::IsLive(_))
        ));
    }
}

//! `minhchung compact`: the rows written anew.

use std::path::PathBuf;

use super::Failure;
use super::offline::refused;
use super::say::say;
use crate::config::Limits;
use crate::disk::FreeSpace;
use crate::store::{DataDirectory, compact};

#[derive(Debug, clap::Args)]
pub(super) struct Compact {
    /// Directory that holds everything
    #[arg(long, env = "MINHCHUNG_DATA_DIR")]
    data_dir: PathBuf,
}

impl Compact {
    pub(super) fn run(self) -> Result<(), Failure> {
        if !self.data_dir.join("FORMAT").is_file() {
            return Err(Failure::wrong(format!(
                "{} is no minhchung data directory",
                self.data_dir.display()
            )));
        }
        let directory = DataDirectory::open(&self.data_dir, 0).map_err(refused)?;
        let space = FreeSpace::new(&self.data_dir, Limits::default().min_free_bytes);
        let done = compact(&directory, &space).map_err(Failure::failed)?;
        say!("{} rows, {} bytes", done.rows, done.live_bytes);
        say!(
            "{} bytes on disk before, {} now",
            done.bytes_before,
            done.bytes_after
        );
        Ok(())
    }
}

//! `minhchung audit`: the audit log of a stopped service.

use std::path::PathBuf;

use super::Failure;
use super::offline::Offline;
use super::say::say;
use crate::domain::Sha256;
use crate::services::audit;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// Walk the whole chain; exit 1 when an entry was changed, removed or added
    Verify {
        /// Directory that holds everything
        #[arg(long, env = "MINHCHUNG_DATA_DIR")]
        data_dir: PathBuf,
    },
}

impl Audit {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Verify { data_dir } = self;
        let offline = Offline::open_existing(&data_dir)?;
        let found = offline
            .store
            .read_now(|view| audit::verify(view))
            .map_err(Failure::failed)?;
        say!("{} entries, head {}", found.head.length, Sha256(found.head.hash));
        if found.breaks.is_empty() {
            say!("the chain holds");
            return Ok(());
        }
        for fault in &found.breaks {
            say!("{fault}");
        }
        Err(Failure::failed("the audit log does not hold"))
    }
}

//! `minhchung desk`: the tip desk's recovery key, while the service is stopped.
//!
//! Invariant: the secret seed is printed once and written nowhere.
//! Refuses: to replace a recovery key unless it is told to.

use std::path::PathBuf;

use super::Failure;
use super::offline::Offline;
use crate::clock::Clock;
use crate::services::tips::set_recovery_key;
use crate::tipbox::suite;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Desk {
    /// Make the key that opens every message when all officers' passphrases are lost; keep it on paper, in a safe
    RecoveryKey {
        /// Directory that holds everything
        #[arg(long, env = "MINHCHUNG_DATA_DIR", visible_alias = "data")]
        data_dir: PathBuf,
        /// Retire the present recovery key; what was sealed to it can still be opened with it
        #[arg(long)]
        replace: bool,
    },
}

impl Desk {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::RecoveryKey { data_dir, replace } = self;
        let offline = Offline::open_existing(&data_dir)?;
        let seed: [u8; 32] = suite::random();
        let fingerprint =
            set_recovery_key(&offline.store, &seed, replace, Clock::system().now()).map_err(|error| {
                Failure::failed(format!("{error}; nothing was changed (--replace retires it)"))
            })?;
        let (pairs, _) = seed.as_chunks::<2>();
        let groups = pairs.iter().map(|[high, low]| format!("{high:02x}{low:02x}"));
        println!("{}", groups.collect::<Vec<_>>().join(" "));
        eprintln!("fingerprint {fingerprint}");
        eprintln!(
            "The line above is the secret recovery key. It is shown once and kept nowhere: write it down, lock it away."
        );
        Ok(())
    }
}

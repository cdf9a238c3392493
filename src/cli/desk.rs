//! `minhchung desk`: the tip desk's recovery key and its key file, while the service is stopped.
//!
//! Invariant: the secret seed is printed once and written nowhere.
//! Refuses: to replace a recovery key unless it is told to, and to look into a key file.

use std::path::PathBuf;

use super::Failure;
use super::offline::Offline;
use super::say::say;
use crate::clock::Clock;
use crate::services::tips::{accept_keys, set_recovery_key};
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
    /// Go on with the `tip-keys` that lies in the data directory although it is not the one of the rows (or is gone):
    /// what has no key in it is lost for ever
    AcceptKeys {
        /// Directory that holds everything
        #[arg(long, env = "MINHCHUNG_DATA_DIR", visible_alias = "data")]
        data_dir: PathBuf,
    },
}

impl Desk {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (data_dir, replace) = match self {
            Self::RecoveryKey { data_dir, replace } => (data_dir, replace),
            Self::AcceptKeys { data_dir } => {
                let offline = Offline::open_existing(&data_dir)?;
                return accept_keys(&offline.store, &data_dir, Clock::system().now().day())
                    .map_err(|error| Failure::failed(error.to_string()));
            }
        };
        let offline = Offline::open_existing(&data_dir)?;
        let seed: [u8; 32] = suite::random();
        let fingerprint =
            set_recovery_key(&offline.store, &seed, replace, Clock::system().now()).map_err(|error| {
                Failure::failed(format!("{error}; nothing was changed (--replace retires it)"))
            })?;
        let (pairs, _) = seed.as_chunks::<2>();
        let groups = pairs.iter().map(|[high, low]| format!("{high:02x}{low:02x}"));
        say!("{}", groups.collect::<Vec<_>>().join(" "));
        eprintln!("fingerprint {fingerprint}");
        eprintln!(
            "The line above is the secret recovery key. It is shown once and kept nowhere: write it down, lock it away."
        );
        Ok(())
    }
}

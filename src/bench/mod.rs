//! The bench: loads our own server over loopback and sets it beside the least that the same work can cost.
//!
//! Invariant: what is compared runs in the same rounds on the same disk; figures are printed as ratios.
//! Refuses: addresses beyond loopback, and to judge by a single round.

pub mod bare_writer;
mod child;
mod fuzz;
mod load;
mod looks;
mod pictures;
mod reads;
mod uploads;

use std::io;
use std::path::PathBuf;

use crate::domain::{CommuneCode, Role, UserId};
use crate::services::LedgerError;
use crate::services::accounts::{AccountSettings, Accounts, KeysError, NewUser, OperatorsTotp, UserError};
use crate::services::fill::Sender;
use crate::store::{DirectoryError, Store, StoreError};

pub use fuzz::{FuzzFigures, fuzz};
pub use looks::{LookFigures, measure_looks};
pub use pictures::{PictureFigures, measure_pictures};
pub use reads::{ReadFigures, measure_reads};
pub use uploads::{UploadFigures, count_syncs, measure_uploads};

/// What to measure, and how long.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A directory on the disk to be measured; emptied of what the bench put there at the end.
    pub directory: PathBuf,
    /// How often everything is repeated.
    pub rounds: usize,
    /// Uploads of one run with one connection; runs with more have more.
    pub uploads: usize,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The disk or the network said no, or an answer was wrong.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The data directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The rows cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The rows cannot be filled.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Keys cannot be made.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Accounts cannot be made.
    #[error("accounts: {0}")]
    Accounts(String),
    /// Pictures cannot be made.
    #[error("pictures: {0}")]
    Pictures(String),
    /// An answer was not what was expected.
    #[error("unexpected answer: {0}")]
    Answer(String),
}

/// The password of every account of a bench directory.
const PASSWORD: &str = "bench-password-1";
/// How many accounts send.
const SENDERS: usize = 8;

/// Makes the accounts that send and one that looks on.
fn people(store: &Store) -> Result<Vec<Sender>, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(make_people(store))
}

async fn make_people(store: &Store) -> Result<Vec<Sender>, BenchError> {
    let settings = AccountSettings {
        mode: crate::auth::Mode::Live,
        public_url: String::new(),
        has_commune: std::sync::Arc::new(|_| true),
    };
    let accounts = Accounts::open(store.clone(), crate::clock::Clock::system(), settings).await?;
    let account = async |username: String, role: Role, commune: Option<CommuneCode>| {
        let new = NewUser {
            id: None,
            name: username.clone(),
            username,
            role,
            commune,
            password: Some(PASSWORD.into()),
        };
        let made = accounts.add_user(new, OperatorsTotp::AsTheRoleSays).await;
        made.map(|user| user.id)
            .map_err(|error: UserError| BenchError::Accounts(error.to_string()))
    };
    account("viewer".into(), Role::Viewer, None).await?;
    let mut senders = Vec::new();
    for number in 0..SENDERS {
        let code = format!("{:05}", 2647 + number);
        let commune: CommuneCode = code.parse().map_err(|_no_code| BenchError::Accounts(code))?;
        let user: UserId = account(format!("head{number}"), Role::VillageHead, Some(commune)).await?;
        senders.push(Sender { user, commune });
    }
    Ok(senders)
}

/// The middle one.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(0.0)
}

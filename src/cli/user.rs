//! `minhchung user`: accounts of a stopped service, first of all the first administrator.
//!
//! Invariant: the password comes on standard input, never as an argument that other users of the machine can see.
//! Refuses: to give an existing account a new password; that is done in the service, where it is audited by name.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::sync::Arc;

use super::offline::Offline;
use super::say::say;
use super::{Failure, terminal};
use crate::auth::Mode;
use crate::campaign::Campaign;
use crate::clock::Clock;
use crate::domain::{CommuneCode, Role, Totp, TotpSecret};
use crate::server::has_commune;
use crate::services::accounts::{AccountSettings, Accounts, NewUser, OperatorsTotp, TotpOffer, UserError};

/// Longer input is no password.
const MAX_INPUT_BYTES: u64 = 4096;

#[derive(Debug, clap::Subcommand)]
pub(super) enum User {
    /// Make an account; its password is read from standard input, unseen on a terminal
    Add(Add),
}

#[derive(Debug, clap::Args)]
pub(super) struct Add {
    /// Directory that holds everything
    #[arg(long, env = "MINHCHUNG_DATA_DIR")]
    data_dir: PathBuf,
    /// The name to log in with
    #[arg(long)]
    username: String,
    /// What it is for: `admin`, `verifier`, `commune_officer`, `village_head`, `viewer` or `tip_officer`
    #[arg(long)]
    role: Role,
    /// The name that others see; the user name when absent
    #[arg(long)]
    name: Option<String>,
    /// Code of the commune, for roles of a commune
    #[arg(long)]
    commune: Option<CommuneCode>,
    /// Give the account one-time codes from the start; the secret is printed as an otpauth link
    #[arg(long)]
    totp: bool,
    /// Campaign file (TOML); the shipped Lào Cai campaign when absent
    #[arg(long, env = "MINHCHUNG_CAMPAIGN")]
    campaign: Option<PathBuf>,
}

impl User {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self::Add(add) = self;
        add.run()
    }
}

impl Add {
    fn run(self) -> Result<(), Failure> {
        let campaign = Arc::new(match &self.campaign {
            Some(path) => Campaign::load(path).map_err(Failure::wrong)?,
            None => Campaign::shipped().map_err(Failure::wrong)?,
        });
        let password = if std::io::stdin().is_terminal() {
            read_password(
                terminal::read_secret("password: ")
                    .map_err(Failure::wrong)?
                    .as_bytes(),
            )?
        } else {
            read_password(std::io::stdin().lock())?
        };
        let offline = Offline::open(&self.data_dir)?;
        let clock = Clock::system();
        let settings = AccountSettings {
            mode: Mode::Live,
            public_url: String::new(),
            has_commune: has_commune(&campaign),
        };
        let totp = self.second_factor(&clock);
        let new = NewUser {
            id: None,
            username: self.username,
            name: self.name.unwrap_or_default(),
            role: self.role,
            commune: self.commune,
            password: Some(password),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let store = offline.store.clone();
        let user = runtime.map_err(Failure::failed)?.block_on(async {
            let accounts = Accounts::open(store, clock, settings)
                .await
                .map_err(Failure::failed)?;
            accounts.add_user(new, totp).await.map_err(explain)
        })?;
        say!("{} {} {}", user.id, user.username, user.role);
        if let Some(offer) = user
            .totp
            .as_ref()
            .and_then(|totp| TotpOffer::new(&totp.secret, &user.username))
        {
            say!("{}", offer.otpauth_url);
        }
        if user.totp_exempt {
            eprintln!(
                "warning: {} may log in without one-time codes, although the role {} should use them; \
                 `--totp` would have set them up",
                user.username, user.role
            );
        }
        Ok(())
    }

    /// Without `--totp` the operator exempts the account, explicitly and visibly; the API never does.
    fn second_factor(&self, clock: &Clock) -> OperatorsTotp {
        if !self.totp {
            return OperatorsTotp::Exempt;
        }
        OperatorsTotp::Given(Totp {
            secret: TotpSecret::generate(),
            made_at: clock.now(),
            confirmed: true,
            last_step: None,
        })
    }
}

/// The first line of `input`.
fn read_password(input: impl Read) -> Result<String, Failure> {
    let mut text = String::new();
    let read = input.take(MAX_INPUT_BYTES).read_to_string(&mut text);
    read.map_err(|error| Failure::wrong(format!("the password on standard input: {error}")))?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Failure::wrong("standard input has no password"));
    }
    Ok(line.to_owned())
}

fn explain(error: UserError) -> Failure {
    match error {
        UserError::Invalid(fields) => {
            let mistakes: Vec<String> = fields
                .iter()
                .map(|field| format!("{}: {}", field.pointer.trim_start_matches('/'), field.detail.en))
                .collect();
            Failure::Wrong(mistakes.join("; "))
        }
        UserError::NameTaken | UserError::Differs => Failure::wrong(error),
        other => Failure::failed(other),
    }
}

//! Setting up one-time codes for one's own account.
//!
//! Invariant: a second factor counts only after one of its codes was shown, so nobody locks themselves out with a
//! secret that never reached their app; asked again within ten minutes, the same secret is given.
//! Refuses: to replace a confirmed one; only who looks after accounts may take it away, so a stolen session cannot.

use serde_json::json;

use super::Accounts;
use super::keeper::Keeper;
use super::rows::{is_repeatable, put_user};
use crate::auth::Actor;
use crate::domain::{Moment, Totp, TotpSecret, UserId};
use crate::services::audit;
use crate::store::records::Users;
use crate::store::{ReadTables, StoreError, Transaction};

/// What an authenticator app needs.
#[derive(Clone)]
pub struct TotpOffer {
    /// For typing, base 32.
    pub secret: String,
    /// For scanning.
    pub otpauth_url: String,
}

impl std::fmt::Debug for TotpOffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpOffer(…)")
    }
}

/// Why one-time codes were not set up.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// They are in use already.
    #[error("one-time codes are in use already")]
    InUse,
    /// Nothing was offered that could be confirmed.
    #[error("no secret was asked for")]
    NotOffered,
    /// The code is not one of the offered secret.
    #[error("the code does not fit the secret")]
    WrongCode,
    /// The account is gone.
    #[error("the account is gone")]
    Gone,
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TotpOffer {
    /// What an app needs for `secret` under the name of the account.
    pub fn new(secret: &TotpSecret, username: &str) -> Option<Self> {
        Some(Self {
            secret: secret.to_base32(),
            otpauth_url: secret.otpauth_url(username).ok()?,
        })
    }
}

impl Accounts {
    /// A secret for the authenticator app of `actor`.
    pub async fn offer_totp(&self, actor: &Actor) -> Result<TotpOffer, TotpError> {
        let (id, now) = (actor.user, self.inner.clock.now());
        let run = move |tx: &mut Transaction<'_>| offer(tx, id, now);
        self.inner.store.transact(run).await
    }

    /// Puts the offered secret to use, since `code` is one of its codes.
    pub async fn confirm_totp(&self, actor: &Actor, code: &str) -> Result<(), TotpError> {
        let (now, code) = (self.inner.clock.now(), code.to_owned());
        let (id, keeper) = (actor.user, Keeper::of(actor));
        let epoch = self.inner.sessions.epoch();
        let run = move |tx: &mut Transaction<'_>| {
            confirm(tx, id, keeper, &code, now)?;
            Ok::<_, TotpError>(epoch.bump_when_dropped())
        };
        self.inner.store.transact(run).await.map(drop)
    }
}

fn offer(tx: &mut Transaction<'_>, id: UserId, now: Moment) -> Result<TotpOffer, TotpError> {
    let before = tx.get::<Users>(&id)?.ok_or(TotpError::Gone)?;
    let mut user = before.clone();
    let secret = match &before.totp {
        Some(totp) if totp.confirmed => return Err(TotpError::InUse),
        Some(totp) if is_repeatable(totp.made_at, now) => totp.secret.clone(),
        _ => {
            let secret = TotpSecret::generate();
            user.totp = Some(Totp {
                secret: secret.clone(),
                made_at: now,
                confirmed: false,
                last_step: None,
            });
            put_user(tx, Some(&before), &user)?;
            secret
        }
    };
    TotpOffer::new(&secret, &user.username).ok_or(TotpError::Gone)
}

fn confirm(
    tx: &mut Transaction<'_>,
    id: UserId,
    keeper: Keeper,
    code: &str,
    now: Moment,
) -> Result<(), TotpError> {
    let before = tx.get::<Users>(&id)?.ok_or(TotpError::Gone)?;
    let mut user = before.clone();
    let totp = user.totp.as_mut().ok_or(TotpError::NotOffered)?;
    if totp.confirmed {
        // The answer to the same code was lost.
        let again = totp.last_step.and_then(|step| step.checked_sub(1));
        let is_same = totp.secret.check(code, now, again) == totp.last_step;
        return if is_same { Ok(()) } else { Err(TotpError::InUse) };
    }
    let step = totp.secret.check(code, now, None).ok_or(TotpError::WrongCode)?;
    totp.confirmed = true;
    totp.last_step = Some(step);
    put_user(tx, Some(&before), &user)?;
    audit::record(tx, keeper.deed("user.totp_confirmed", id, json!({}), now))?;
    Ok(())
}

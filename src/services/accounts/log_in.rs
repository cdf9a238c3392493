//! Log-in: name, password and, where the account has one, the second factor.
//!
//! Invariant: an attempt costs the same time whether the name exists or not; a one-time code opens once; a request
//! that is sent again under its own id gives the session that it opened the first time.
//! Refuses: to lock anybody out for good; the throttle slows down and forgets.

use std::net::IpAddr;

use serde_json::json;
use uuid::Uuid;

use super::Accounts;
use super::opening::{Opened, Opening, SignInError};
use super::passwords::Verdict;
use super::rows::{is_repeatable, open_device, present_token, put_user, user_named};
use super::sessions::Epoch;
use crate::domain::{AnsweredRequest, DeviceId, DeviceKind, Moment, PasswordHash, User, UserId, fold};
use crate::services::audit::{self, Deed};
use crate::store::records::{Devices, Users};
use crate::store::{ReadTables, StoreError, Transaction};

/// Longer names are nobody's.
const MAX_NAME: usize = 200;

/// Somebody wants to come in.
#[derive(Clone)]
pub struct LogIn {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: String,
    /// The six digits, when the account wants them.
    pub totp: Option<String>,
    /// What they call the machine they sit at.
    pub device_name: String,
    /// The client's id for this attempt, by which it may ask again for a lost answer.
    pub request_id: Option<Uuid>,
}

impl std::fmt::Debug for LogIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogIn").finish_non_exhaustive()
    }
}

/// A log-in whose password was found right.
struct Attempt {
    user: UserId,
    verified: Option<PasswordHash>,
    replacement: Option<PasswordHash>,
    log_in: LogIn,
    device: DeviceId,
    now: Moment,
}

impl Accounts {
    /// Opens a session for who knows the password, on behalf of a client at `address`.
    pub async fn log_in(&self, log_in: LogIn, address: IpAddr) -> Result<Opened, SignInError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let typed: String = log_in.username.chars().take(MAX_NAME).collect();
        // Folded, or else each way to write a name would have its own free attempts.
        let account = fold(&typed);
        inner.log_ins.check(&account, address, now)?;
        let result = self.try_log_in(log_in, typed, now).await;
        match &result {
            Ok(_) => inner.log_ins.succeeded(&account, address, now),
            Err(SignInError::Wrong) => {}
            // No guess at all: the password was right so far, or the server failed.
            Err(_) => inner.log_ins.excused(&account, address),
        }
        result
    }

    async fn try_log_in(&self, log_in: LogIn, typed: String, now: Moment) -> Result<Opened, SignInError> {
        let inner = &self.inner;
        let found: Option<User> = inner
            .store
            .read::<_, StoreError>(move |view| user_named(view, &typed))
            .await?
            .filter(|user| !user.disabled);
        let verified = found.as_ref().and_then(|user| user.password.clone());
        let verdict = inner.passwords.verify(verified.clone(), log_in.password.clone());
        let (Verdict::Fits(replacement), Some(user)) = (verdict.await?, found) else {
            return Err(SignInError::Wrong);
        };
        let attempt = Attempt {
            user: user.id,
            verified,
            replacement,
            log_in,
            device: DeviceId(inner.clock.new_id()),
            now,
        };
        let epoch = inner.sessions.epoch();
        let opening = inner
            .store
            .transact(move |tx| enter(tx, &attempt, &epoch))
            .await?;
        self.issue(opening).await
    }
}

fn enter(tx: &mut Transaction<'_>, attempt: &Attempt, epoch: &Epoch) -> Result<Opening, SignInError> {
    tx.use_last_reserve();
    let now = attempt.now;
    // Looked at again: the account may have been shut, or its password changed, while this one was being checked.
    let before = tx.get::<Users>(&attempt.user)?;
    let before = before.filter(|user| !user.disabled && user.password == attempt.verified);
    let before = before.ok_or(SignInError::Wrong)?;
    let mut user = before.clone();
    let repeated = user.last_log_in.filter(|answered| {
        Some(answered.request) == attempt.log_in.request_id && is_repeatable(answered.at, now)
    });
    pass_second_factor(&mut user, attempt.log_in.totp.as_deref(), repeated.is_some(), now)?;
    let session = match repeated {
        Some(answered) => tx.get::<Devices>(&answered.device)?,
        None => None,
    };
    if let Some(device) = session.filter(|device| device.family.is_alive(now)) {
        return Ok(Opening {
            user,
            device: device.family.device,
            refresh: present_token(&device),
            _bump: None,
        });
    }
    if let Some(hash) = &attempt.replacement {
        user.password = Some(hash.clone());
    }
    user.last_log_in = attempt.log_in.request_id.map(|request| AnsweredRequest {
        request,
        at: now,
        device: attempt.device,
    });
    let name = attempt.log_in.device_name.clone();
    let (refresh, gave_way) = open_device(tx, user.id, attempt.device, DeviceKind::Browser, name, now)?;
    put_user(tx, Some(&before), &user)?;
    let deed = Deed {
        at: now,
        by: Some(user.id),
        action: "session.opened",
        subject: format!("user/{}", user.id),
        detail: json!({ "device": attempt.device, "by": "password", "totp": user.totp.is_some() }),
    };
    audit::record(tx, deed)?;
    Ok(Opening {
        user,
        device: attempt.device,
        refresh,
        _bump: epoch.bump_if(gave_way > 0),
    })
}

/// Spends the one-time code. The very request that spent it may show it again.
fn pass_second_factor(
    user: &mut User,
    code: Option<&str>,
    is_repeat: bool,
    now: Moment,
) -> Result<(), SignInError> {
    let Some(totp) = user.totp.as_mut().filter(|totp| totp.confirmed) else {
        return Ok(());
    };
    let code = code
        .filter(|code| !code.trim().is_empty())
        .ok_or(SignInError::TotpRequired)?;
    let spent = match totp.last_step {
        Some(step) if is_repeat => step.checked_sub(1),
        other => other,
    };
    let step = totp.secret.check(code, now, spent).ok_or(SignInError::Wrong)?;
    totp.last_step = Some(step);
    Ok(())
}

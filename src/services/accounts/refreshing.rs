//! Refresh and log-out: a session goes on, or ends.
//!
//! Invariant: of one session at most one refresh token is good; a spent one ends the session with the same commit that
//! finds it out.
//! Refuses: to prolong the session of a shut account.

use serde_json::json;
use uuid::Uuid;

use super::Accounts;
use super::opening::{Opened, Opening, SignInError};
use super::rows::{end_device, session_end};
use super::sessions::{Bump, Epoch};
use crate::auth::{Actor, RefreshOutcome, RefreshToken};
use crate::domain::{Device, DeviceId, Moment, UserId};
use crate::services::audit::{self, Deed};
use crate::store::records::{Devices, Users};
use crate::store::{ReadTables, StoreError, Transaction};

/// What became of a presented token; both are kept.
enum Presented {
    Good(Box<Opening>),
    Reused(Bump),
}

impl Accounts {
    /// New tokens for the session of `token`. `request_id` is the client's id for this refresh.
    pub async fn refresh(&self, token: &str, request_id: Option<Uuid>) -> Result<Opened, SignInError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let token = RefreshToken::parse(token).map_err(|_malformed| SignInError::SessionOver)?;
        let epoch = inner.sessions.epoch();
        let run = move |tx: &mut Transaction<'_>| {
            tx.use_last_reserve();
            present(tx, &token, request_id, now, &epoch)
        };
        match inner.store.transact(run).await? {
            Presented::Good(opening) => self.issue(*opening).await,
            Presented::Reused(bump) => {
                drop(bump);
                Err(SignInError::RefreshReused)
            }
        }
    }

    /// Ends the session that `actor` acts in.
    pub async fn log_out(&self, actor: &Actor) -> Result<(), StoreError> {
        let now = self.inner.clock.now();
        let (user, id) = (actor.user, actor.device);
        let epoch = self.inner.sessions.epoch();
        let run = move |tx: &mut Transaction<'_>| {
            tx.use_last_reserve();
            if let Some(device) = tx
                .get::<Devices>(&id)?
                .filter(|device| device.family.is_alive(now))
            {
                end_device(tx, device)?;
                ended(tx, user, id, "log-out", now)?;
            }
            Ok::<_, StoreError>(epoch.bump_when_dropped())
        };
        self.inner.store.transact(run).await.map(drop)
    }
}

fn present(
    tx: &mut Transaction<'_>,
    token: &RefreshToken,
    request_id: Option<Uuid>,
    now: Moment,
    epoch: &Epoch,
) -> Result<Presented, SignInError> {
    let device = tx.get::<Devices>(&DeviceId(token.family()))?;
    let mut device: Device = device.ok_or(SignInError::SessionOver)?;
    let user = tx.get::<Users>(&device.family.user)?;
    let user = user
        .filter(|user| !user.disabled)
        .ok_or(SignInError::SessionOver)?;
    let id = device.family.device;
    let refresh = match device.family.present(token, request_id, now) {
        RefreshOutcome::Rotated(next) => {
            device.seen_at = now;
            device.family.expires_at = session_end(device.kind, now);
            tx.put::<Devices>(&id, &device)?;
            next
        }
        RefreshOutcome::Repeated(same) => same,
        RefreshOutcome::Reused => {
            tx.put::<Devices>(&id, &device)?;
            ended(tx, user.id, id, "refresh token used twice", now)?;
            return Ok(Presented::Reused(epoch.bump_when_dropped()));
        }
        RefreshOutcome::Refused => return Err(SignInError::SessionOver),
    };
    Ok(Presented::Good(Box::new(Opening {
        user,
        device: id,
        refresh,
        _bump: None,
    })))
}

fn ended(
    tx: &mut Transaction<'_>,
    user: UserId,
    device: DeviceId,
    why: &'static str,
    at: Moment,
) -> Result<(), StoreError> {
    let deed = Deed {
        at,
        by: Some(user),
        action: "session.ended",
        subject: format!("user/{user}"),
        detail: json!({ "device": device, "why": why }),
    };
    audit::record(tx, deed)
}

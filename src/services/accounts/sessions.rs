//! From an access token to who is acting.
//!
//! Invariant: an answer from memory is one that the store would give too. Whatever ends or changes a session bumps the
//! epoch after its commit and before its answer, and what was remembered in an earlier epoch counts no more.
//! Refuses: to believe a token about role, commune or name; the stored account says them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::sync::Cache;

use super::Inner;
use crate::auth::{Actor, Mode, TokenRefused, token};
use crate::domain::{DeviceId, Moment, Role, User, UserId};
use crate::store::records::{Devices, Users};
use crate::store::{ReadTables, Reads, StoreError};

/// Tokens that are remembered, about 1 KiB each.
const REMEMBERED: usize = 8192;

/// Somebody with a valid session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub actor: Actor,
    /// Whether a second factor is still to be set up before anything else.
    pub duty: TotpDuty,
}

/// Whether an account has to set up its second factor before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotpDuty {
    /// It is set up, or not required of this role.
    None,
    /// Required and not set up.
    SetUpFirst,
}

impl TotpDuty {
    /// What `user` owes on an installation in this `mode`: administrators and tip officers need a second factor, but
    /// not in a demo, and not where the operator made the account without one at the command line.
    pub(super) fn of(user: &User, mode: Mode) -> Self {
        let required = matches!(user.role, Role::Admin | Role::TipOfficer);
        let confirmed = user.totp.as_ref().is_some_and(|totp| totp.confirmed);
        if required && !confirmed && !user.totp_exempt && mode == Mode::Live {
            Self::SetUpFirst
        } else {
            Self::None
        }
    }
}

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum SessionRefused {
    /// Its time is over; a refresh helps.
    #[error("the access token has expired")]
    Expired,
    /// It is not ours, or its session has ended.
    #[error("the access token is not valid")]
    Invalid,
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug)]
pub(super) struct Sessions {
    known: Cache<Box<str>, Known>,
    epoch: Epoch,
}

#[derive(Debug, Clone)]
struct Known {
    signed_in: Arc<SignedIn>,
    until: Moment,
    since: Moment,
    epoch: u64,
}

/// Counts the changes after which nothing remembered counts any more.
#[derive(Debug, Clone, Default)]
pub(super) struct Epoch(Arc<AtomicU64>);

/// Bumps the epoch when it is dropped. It is made inside the transaction and handed out with its result, so that it is
/// dropped after the commit, also when the request that asked for the change was abandoned meanwhile.
#[derive(Debug)]
pub(super) struct Bump(Epoch);

impl Drop for Bump {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Epoch {
    pub(super) fn bump_when_dropped(&self) -> Bump {
        Bump(self.clone())
    }

    pub(super) fn bump_if(&self, is_needed: bool) -> Option<Bump> {
        is_needed.then(|| self.bump_when_dropped())
    }

    fn number(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            known: Cache::new(REMEMBERED),
            epoch: Epoch::default(),
        }
    }
}

impl Sessions {
    pub(super) fn known(&self, token: &str, now: Moment) -> Option<Arc<SignedIn>> {
        let known = self.known.get(token)?;
        // A clock that was set back does not prolong anything.
        let is_current = known.since <= now && now < known.until && known.epoch == self.epoch.number();
        is_current.then_some(known.signed_in)
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.epoch.clone()
    }
}

impl Inner {
    /// Checks `token` against keys and store, and remembers the answer until one of them ends.
    pub(super) async fn admit(&self, token: &str) -> Result<Arc<SignedIn>, SessionRefused> {
        let now = self.clock.now();
        let mode = self.settings.mode;
        let verified = token::verify_with_end(&self.keys.ring(), token, now, mode);
        let (claimed, end) = verified.map_err(|refused| match refused {
            TokenRefused::Expired => SessionRefused::Expired,
            _ => SessionRefused::Invalid,
        })?;
        // Before the store is asked: what changes after that has a later epoch.
        let epoch = self.sessions.epoch.number();
        let read = move |view: &crate::store::View<'_>| present(view, claimed.user, claimed.device, now);
        let found = self.store.read(read).await?;
        let (user, session_end) = found.ok_or(SessionRefused::Invalid)?;
        let signed_in = Arc::new(SignedIn {
            actor: actor(&user, claimed.device),
            duty: TotpDuty::of(&user, mode),
        });
        self.sessions.known.insert(
            token.into(),
            Known {
                signed_in: Arc::clone(&signed_in),
                until: end.min(session_end),
                since: now,
                epoch,
            },
        );
        Ok(signed_in)
    }
}

/// The account and its session's end, if it is open and `device` is one of its own with a session that goes on.
fn present(
    rows: &impl Reads,
    user: UserId,
    device: DeviceId,
    now: Moment,
) -> Result<Option<(User, Moment)>, StoreError> {
    let session = rows.get::<Devices>(&device)?.map(|device| device.family);
    let session = session.filter(|session| session.user == user && session.is_alive(now));
    let user = rows.get::<Users>(&user)?.filter(|user| !user.disabled);
    Ok(user.zip(session.map(|session| session.expires_at)))
}

/// `user`, acting through `device`.
pub(super) fn actor(user: &User, device: DeviceId) -> Actor {
    Actor {
        user: user.id,
        name: user.name.clone(),
        role: user.role,
        commune: user.commune,
        device,
    }
}

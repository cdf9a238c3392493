//! Opened sessions: what whoever comes in is handed, by whichever door.
//!
//! Invariant: the session is on disk before its tokens are made, so no token ever speaks for a session that a power
//! cut took back.
//! Refuses: to say by which step a wrong log-in failed.

use super::Accounts;
use super::keys::KeysError;
use super::passwords::Busy;
use super::sessions::Bump;
use super::sessions::{TotpDuty, actor};
use crate::auth::{Actor, RefreshToken, RetryAfter, TokenNotIssued, token};
use crate::domain::{DeviceId, User};
use crate::store::StoreError;

/// What whoever came in is handed.
#[derive(Debug)]
pub struct Opened {
    /// Good for [`Opened::expires_in_s`].
    pub access_token: String,
    /// Seconds.
    pub expires_in_s: u64,
    /// Good once.
    pub refresh_token: String,
    /// Who came in.
    pub actor: Actor,
    /// Whether a second factor has to be set up first.
    pub duty: TotpDuty,
}

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name, password or one-time code is wrong, or the account is shut.
    #[error("user name, password or one-time code is wrong")]
    Wrong,
    /// The password is right, and the account has a second factor.
    #[error("a one-time code is needed")]
    TotpRequired,
    /// The enrolment code is unknown, used, expired, or void.
    #[error("the enrolment code is not good")]
    EnrolmentRefused,
    /// The enrolment code is mistyped; reading it out again helps.
    #[error("the enrolment code is mistyped")]
    EnrolmentMistyped,
    /// The refresh token was used before. Its session has ended.
    #[error("the refresh token was used before")]
    RefreshReused,
    /// The refresh token is not ours, or its session has ended.
    #[error("the session has ended")]
    SessionOver,
    /// Too many attempts.
    #[error(transparent)]
    TooMany(#[from] RetryAfter),
    /// Too many log-ins at once.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The signing keys are not to be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// No token could be written.
    #[error(transparent)]
    NotIssued(#[from] TokenNotIssued),
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a door's transaction hands on.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) user: User,
    pub(super) device: DeviceId,
    pub(super) refresh: RefreshToken,
    /// There when another session had to make room; falls when the opening is dropped, after the commit.
    pub(super) _bump: Option<Bump>,
}

impl Accounts {
    /// The tokens for a session that is on disk.
    pub(super) async fn issue(&self, opening: Opening) -> Result<Opened, SignInError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let mode = inner.settings.mode;
        let ring = inner.keys.fresh(&inner.store, now).await?;
        let actor = actor(&opening.user, opening.device);
        let lives = token::MAX_TTL;
        Ok(Opened {
            access_token: token::issue(&ring, &actor, now, lives, mode)?,
            expires_in_s: lives.as_secs(),
            refresh_token: opening.refresh.text(),
            actor,
            duty: TotpDuty::of(&opening.user, mode),
        })
    }
}

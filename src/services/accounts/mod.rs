//! Accounts: who may come in, through which device, for how long, and who looks after them.
//!
//! Invariant: throwing a device out, shutting or changing an account and a spent refresh token take effect with the
//! answer that acknowledges them; no access token that is still young gets around it.
//! Refuses: secrets in the audit log, and to tell who does not exist from who is not yours.

mod changing;
mod creating;
mod drafts;
mod enrolment;
mod keeper;
mod keys;
mod log_in;
mod opening;
mod passwords;
mod people;
mod refreshing;
mod rows;
mod second_factor;
mod sessions;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use self::creating::{Made, OperatorsTotp};
pub use self::drafts::{NewUser, UserChange};
pub use self::enrolment::Invited;
pub use self::keeper::{Keeper, UserError};
pub use self::keys::KeysError;
pub use self::log_in::LogIn;
pub use self::opening::{Opened, SignInError};
pub use self::passwords::Busy;
pub use self::people::{People, PeopleFilter, Person};
pub use self::second_factor::{TotpError, TotpOffer};
pub use self::sessions::{SessionRefused, SignedIn, TotpDuty};

use self::keys::Keys;
use self::passwords::Passwords;
use self::sessions::Sessions;
use crate::auth::{Actor, EnrolmentThrottle, KeyRing, LogInThrottle, Mode};
use crate::clock::Clock;
use crate::domain::CommuneCode;
use crate::store::Store;

/// What the accounts have to know about the installation.
#[derive(Clone)]
pub struct AccountSettings {
    /// Live or demo.
    pub mode: Mode,
    /// How phones reach the service, without a slash at the end.
    pub public_url: String,
    /// Whether the campaign has this commune.
    pub has_commune: Arc<dyn Fn(CommuneCode) -> bool + Send + Sync>,
}

impl std::fmt::Debug for AccountSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountSettings")
            .field("mode", &self.mode)
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// The accounts. Cheap to clone; all clones share keys, throttles and the memory of sessions.
#[derive(Debug, Clone)]
pub struct Accounts {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    clock: Clock,
    settings: AccountSettings,
    keys: Keys,
    sessions: Sessions,
    passwords: Passwords,
    log_ins: LogInThrottle,
    enrolments: EnrolmentThrottle,
    mistyped: EnrolmentThrottle,
}

impl Accounts {
    /// The accounts of `store`, with signing keys that are young enough.
    pub async fn open(store: Store, clock: Clock, settings: AccountSettings) -> Result<Self, KeysError> {
        let keys = Keys::open(&store, clock.now()).await?;
        Ok(Self {
            inner: Arc::new(Inner {
                sessions: Sessions::default(),
                passwords: Passwords::default(),
                log_ins: LogInThrottle::default(),
                enrolments: EnrolmentThrottle::default(),
                mistyped: EnrolmentThrottle::default(),
                store,
                clock,
                settings,
                keys,
            }),
        })
    }

    /// Who an access token speaks for, and whether a second factor is still owed. Quick for a token that was asked
    /// about before; otherwise its signature is checked, and in the store that account and device are still welcome.
    pub async fn session_of(&self, token: &str) -> Result<Arc<SignedIn>, SessionRefused> {
        match self.known_session(token) {
            Some(known) => Ok(known),
            None => self.inner.admit(token).await,
        }
    }

    /// The quick part of [`Accounts::session_of`].
    pub fn known_session(&self, token: &str) -> Option<Arc<SignedIn>> {
        self.inner.sessions.known(token, self.inner.clock.now())
    }

    /// Who an access token speaks for.
    pub async fn actor_of(&self, token: &str) -> Result<Actor, SessionRefused> {
        Ok(self.session_of(token).await?.actor.clone())
    }

    /// The keys that seal receipts, the newest first in use. Its key set is public.
    pub fn receipt_keys(&self) -> Arc<KeyRing> {
        self.inner.keys.ring()
    }
}

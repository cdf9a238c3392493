//! The signing keys: made on the first start, replaced when they are old, shared as one ring.
//!
//! Invariant: a key is on disk before it signs. A receipt key is never removed, since a receipt has no end; a session
//! key goes a day after its successor came, when nothing valid is signed with it any more.
//! Refuses: to start with a key that does not fit its id.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::json;

use crate::auth::{DamagedKey, KeyRing, SigningKey};
use crate::domain::{KeyPurpose, Moment};
use crate::services::audit::{self, Deed};
use crate::store::records::SigningKeys;
use crate::store::{Range, ReadTables, Store, StoreError, Transaction};

const MAX_AGE: Duration = Duration::from_hours(30 * 24);
const GRACE: Duration = Duration::from_hours(24);

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored key is damaged.
    #[error(transparent)]
    Damaged(#[from] DamagedKey),
}

#[derive(Debug)]
pub(super) struct Keys {
    ring: RwLock<Arc<KeyRing>>,
}

impl Keys {
    pub(super) async fn open(store: &Store, now: Moment) -> Result<Self, KeysError> {
        let ring = store.transact(move |tx| renew(tx, now)).await?;
        Ok(Self {
            ring: RwLock::new(Arc::new(ring)),
        })
    }

    pub(super) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The ring, with keys that are young enough to sign at `now`.
    pub(super) async fn fresh(&self, store: &Store, now: Moment) -> Result<Arc<KeyRing>, KeysError> {
        let ring = self.ring();
        let is_old = |purpose| ring.needs_new(purpose, now, MAX_AGE);
        let is_due = is_old(KeyPurpose::Session) || is_old(KeyPurpose::Receipt);
        if !is_due && ring.spent(now, GRACE).is_empty() {
            return Ok(ring);
        }
        let renewed = Arc::new(store.transact(move |tx| renew(tx, now)).await?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        Ok(renewed)
    }
}

/// Makes the keys that are due, removes the spent ones, and gives the ring of those in the store.
fn renew(tx: &mut Transaction<'_>, now: Moment) -> Result<KeyRing, KeysError> {
    let stored: Vec<_> = tx
        .scan::<SigningKeys>(Range::all())
        .map(|row| row.map(|(_, key)| key))
        .collect::<Result<_, _>>()?;
    let mut ring = KeyRing::from_stored(stored)?;
    for purpose in [KeyPurpose::Session, KeyPurpose::Receipt] {
        if ring.needs_new(purpose, now, MAX_AGE) {
            let key = SigningKey::generate(purpose, now);
            tx.put::<SigningKeys>(&key.id().to_owned(), &key.to_stored())?;
            note(tx, "key.made", key.id(), purpose, now)?;
            ring.add(key);
        }
    }
    for spent in ring.spent(now, GRACE) {
        tx.remove::<SigningKeys>(&spent);
        note(tx, "key.removed", &spent, KeyPurpose::Session, now)?;
        drop(ring.remove(&spent));
    }
    Ok(ring)
}

fn note(
    tx: &mut Transaction<'_>,
    action: &'static str,
    id: &str,
    purpose: KeyPurpose,
    at: Moment,
) -> Result<(), StoreError> {
    let deed = Deed {
        at,
        by: None,
        action,
        subject: format!("key/{id}"),
        detail: json!({ "purpose": purpose }),
    };
    audit::record(tx, deed)
}

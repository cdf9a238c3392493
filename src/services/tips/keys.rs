//! The desk's keys: made in an officer's browser, listed for everybody who writes, retired and never removed.
//!
//! Invariant: at most seven officers' keys and one recovery key are sealed to at a time; only those of officers who may
//! still come in are. A key keeps its place until it is retired, also while its officer may not come in, so that letting
//! them in again never makes a ninth reader. What was sealed to a retired key can still be opened with it.
//! Refuses: a key whose two halves do not belong together, and to hand a wrapped key to anybody but its owner.

use super::{TipError, Tips};
use crate::auth::Actor;
use crate::domain::{Day, DeskKey, DeskKeyKind, Moment, Role, TipKeyId, UserId};
use crate::services::audit::{self, Deed};
use crate::store::records::{TipKeys, Users};
use crate::store::{Range, ReadTables, Reads, Store, StoreError, Transaction};
use crate::tipbox::desk_key::{self, WRAPPED_BYTES};
use crate::tipbox::{MAX_OFFICER_KEYS, suite};

/// A key that whoever writes seals to.
#[derive(Debug, Clone)]
pub struct PublicKey {
    /// Its id.
    pub id: TipKeyId,
    /// The key.
    pub key: DeskKey,
    /// What people compare.
    pub fingerprint: String,
}

/// A key as the desk sees it.
#[derive(Debug, Clone)]
pub struct KeyItem {
    /// Its id and what is public of it, and the wrapped seeds for their owner alone.
    pub public: PublicKey,
    /// The officer's name; none for the recovery key.
    pub officer_name: Option<String>,
    /// Whether boxes are sealed to it now.
    pub is_live: bool,
}

/// What an officer's browser made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The X-Wing public key.
    pub seal_key: Vec<u8>,
    /// The Ed25519 public key.
    pub verify_key: [u8; 32],
    /// Both seeds under the officer's passphrase.
    pub wrapped: Vec<u8>,
    /// The second's word for the first.
    pub binding: [u8; 64],
}

fn public(id: TipKeyId, key: DeskKey) -> PublicKey {
    PublicKey {
        id,
        fingerprint: desk_key::fingerprint(&key.seal_key, key.verify_key.as_ref()),
        key,
    }
}

/// Whether boxes are sealed to it now.
fn is_live(rows: &impl Reads, key: &DeskKey) -> Result<bool, StoreError> {
    if key.retired_on.is_some() {
        return Ok(false);
    }
    let Some(officer) = key.officer else {
        return Ok(true);
    };
    let user = rows.get::<Users>(&officer)?;
    Ok(user.is_some_and(|user| user.role == Role::TipOfficer && !user.disabled))
}

fn live_keys(rows: &impl Reads) -> Result<Vec<(TipKeyId, DeskKey)>, StoreError> {
    let mut live = Vec::new();
    for row in rows.scan::<TipKeys>(Range::all()) {
        let (id, key) = row?;
        if is_live(rows, &key)? {
            live.push((id, key));
        }
    }
    Ok(live)
}

impl Tips {
    /// The keys to seal to.
    pub async fn public_keys(&self) -> Result<Vec<PublicKey>, TipError> {
        let live = self.inner.store.read(|view| live_keys(view)).await?;
        Ok(live.into_iter().map(|(id, key)| public(id, key)).collect())
    }

    /// All keys, also those that are retired; `actor` gets the own ones with the wrapped seeds.
    pub async fn keys(&self, actor: &Actor) -> Result<Vec<KeyItem>, TipError> {
        let own = actor.user;
        let found = self.inner.store.read(move |view| -> Result<Vec<_>, StoreError> {
            let rows = view.scan::<TipKeys>(Range::all());
            rows.map(|row| row.and_then(|(id, key)| item(view, id, key, own)))
                .collect()
        });
        let mut items = found.await?;
        items.sort_by_key(|item| {
            (
                item.public.key.retired_on,
                item.public.key.made_on,
                item.public.id,
            )
        });
        Ok(items)
    }

    /// Adds an officer's own key. The same again is the same key.
    pub async fn add_key(&self, actor: &Actor, new: NewKey) -> Result<KeyItem, TipError> {
        if !suite::is_public_key(&new.seal_key) {
            return Err(TipError::Invalid("/seal_key"));
        }
        if new.wrapped.len() != WRAPPED_BYTES {
            return Err(TipError::Invalid("/wrapped"));
        }
        if !desk_key::is_bound(&new.seal_key, &new.verify_key, &new.binding) {
            return Err(TipError::Invalid("/signature"));
        }
        let (now, own) = (self.inner.clock.now(), actor.user);
        self.inner.store.transact(move |tx| add(tx, own, new, now)).await
    }

    /// Retires an officer's key: nothing is sealed to it any more. The recovery key is changed offline alone.
    pub async fn retire_key(&self, actor: &Actor, id: TipKeyId) -> Result<(), TipError> {
        let (now, by) = (self.inner.clock.now(), actor.user);
        self.inner
            .store
            .transact(move |tx| -> Result<(), TipError> {
                let mut key = tx.get::<TipKeys>(&id)?.ok_or(TipError::NotFound)?;
                if key.kind == DeskKeyKind::Recovery {
                    return Err(TipError::NotFound);
                }
                if key.retired_on.is_some() {
                    return Ok(());
                }
                key.retired_on = Some(now.day());
                tx.put::<TipKeys>(&id, &key)?;
                Ok(log(tx, Some(by), now, "tip_key.retired", id, &key)?)
            })
            .await
    }
}

fn item(rows: &impl Reads, id: TipKeyId, mut key: DeskKey, own: UserId) -> Result<KeyItem, StoreError> {
    if key.officer != Some(own) {
        key.wrapped = None;
    }
    let user = key
        .officer
        .map(|officer| rows.get::<Users>(&officer))
        .transpose()?
        .flatten();
    Ok(KeyItem {
        officer_name: user.map(|user| user.name),
        is_live: is_live(rows, &key)?,
        public: public(id, key),
    })
}

fn log(
    tx: &mut Transaction<'_>,
    by: Option<UserId>,
    at: Moment,
    action: &'static str,
    id: TipKeyId,
    key: &DeskKey,
) -> Result<(), StoreError> {
    let fingerprint = desk_key::fingerprint(&key.seal_key, key.verify_key.as_ref());
    let deed = Deed {
        at,
        by,
        action,
        subject: format!("tip-key/{id}"),
        detail: serde_json::json!({ "fingerprint": fingerprint }),
    };
    audit::record(tx, deed)
}

fn add(tx: &mut Transaction<'_>, own: UserId, new: NewKey, now: Moment) -> Result<KeyItem, TipError> {
    let mut places = 0;
    for row in tx.scan::<TipKeys>(Range::all()) {
        let (id, key) = row?;
        places += usize::from(key.kind == DeskKeyKind::Officer && key.retired_on.is_none());
        if key.seal_key == new.seal_key {
            return if key.officer == Some(own) {
                Ok(item(tx, id, key, own)?)
            } else {
                Err(TipError::Invalid("/seal_key"))
            };
        }
    }
    if places >= MAX_OFFICER_KEYS {
        return Err(TipError::KeysFull);
    }
    let id = TipKeyId(uuid::Uuid::new_v4());
    let key = DeskKey {
        kind: DeskKeyKind::Officer,
        officer: Some(own),
        seal_key: new.seal_key,
        verify_key: Some(new.verify_key),
        wrapped: Some(new.wrapped),
        made_on: now.day(),
        retired_on: None,
    };
    tx.put::<TipKeys>(&id, &key)?;
    log(tx, Some(own), now, "tip_key.made", id, &key)?;
    Ok(item(tx, id, key, own)?)
}

/// Why there is no new recovery key.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryKeyError {
    /// There is one already.
    #[error("there is a recovery key already, made on {0}")]
    There(Day),
    /// The seed is none.
    #[error("the seed is not usable")]
    Seed,
    /// The rows said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the key of `seed` the recovery key, for a service that is stopped; answers its fingerprint. With `replace` the
/// present one is retired.
pub fn set_recovery_key(
    store: &Store,
    seed: &[u8; 32],
    replace: bool,
    now: Moment,
) -> Result<String, RecoveryKeyError> {
    let seal_key = suite::public_key(seed).map_err(|_no_seed| RecoveryKeyError::Seed)?;
    let fingerprint = desk_key::fingerprint(&seal_key, None);
    store.transact_now(move |tx| -> Result<(), RecoveryKeyError> {
        let present = live_keys(tx)?
            .into_iter()
            .filter(|(_, key)| key.kind == DeskKeyKind::Recovery);
        for (id, mut key) in present {
            if !replace {
                return Err(RecoveryKeyError::There(key.made_on));
            }
            key.retired_on = Some(now.day());
            tx.put::<TipKeys>(&id, &key)?;
            log(tx, None, now, "tip_key.retired", id, &key)?;
        }
        let id = TipKeyId(uuid::Uuid::new_v4());
        let key = DeskKey {
            kind: DeskKeyKind::Recovery,
            officer: None,
            seal_key,
            verify_key: None,
            wrapped: None,
            made_on: now.day(),
            retired_on: None,
        };
        tx.put::<TipKeys>(&id, &key)?;
        Ok(log(tx, None, now, "tip_key.made", id, &key)?)
    })?;
    Ok(fingerprint)
}

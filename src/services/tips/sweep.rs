//! The start: the index is made from the rows, and what a crash left is cleared away.
//!
//! Invariant: afterwards every row has its key and its file, every key and every file its row.
//! Refuses: to start with rows but without the key file, or with one of another generation: what has no key would be
//! taken for shredded, and what has no row would be shredded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::TipError;
use super::index::{Held, HeldReply, Index};
use super::mailbox::StoredReply;
use super::shredding::tally;
use super::vault::Vault;
use crate::disk::FreeSpace;
use crate::domain::{Day, Flood, KeyGeneration, KeysAre, Moment, ReplyId, Slotted, TipFacts, TipId};
use crate::store::records::{TipFlood, TipKeyFile, TipReplies, Tips as TipRows};
use crate::store::{Range, ReadTables, Reads, Store, StoreError, Transaction};
use crate::tipfiles::KeyFile;

/// Why the tip line does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The rows cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The files cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// There are tips, and the file with their keys is gone.
    #[error(
        "there are tips, but no file `tip-keys`; put it back from the backup, or no tip will ever open again"
    )]
    KeysMissing,
    /// The file with the keys belongs to other rows.
    #[error(
        "`tip-keys` and the rows do not belong together ({0}); nothing was changed. Restore a whole backup, or put back the \
         `tip-keys` that was here; if there is none, `minhchung desk accept-keys` goes on with this one and lets go for ever \
         of what has no key"
    )]
    KeysOfOther(&'static str),
}

/// Writes down which generation of the key file the rows now belong to. Changes may be committed in another order than
/// they were made in.
pub(super) fn note_generation(tx: &mut Transaction<'_>, now: KeyGeneration) -> Result<(), StoreError> {
    let stands = tx.get::<TipKeyFile>(&())?;
    // Rows of another run are always those of one before.
    if stands.is_none_or(|stands| stands.run != now.run || stands.changes < now.changes) {
        tx.put::<TipKeyFile>(&(), &now)?;
    }
    Ok(())
}

/// The generation that the rows belong to, if the key file beside them is of it.
fn require_ours(
    store: &Store,
    vault: &mut Vault,
    has_rows: bool,
    today: Day,
) -> Result<KeyGeneration, OpenError> {
    let file = vault.generation();
    // A directory from before generations were written down.
    let rows = store
        .read_now(|view| view.get::<TipKeyFile>(&()))?
        .unwrap_or(file);
    match vault.beside(rows) {
        KeysAre::Ours => Ok(rows),
        // At once, before a key comes or goes: after that nothing would tell this file from one that went on elsewhere.
        KeysAre::Ahead => {
            vault.resume(rows, today)?;
            Ok(rows)
        }
        // No tip, and a key file that was made just now: there is nothing that could be lost.
        KeysAre::Foreign if !has_rows && vault.is_untouched() => {
            tracing::warn!("`tip-keys` was gone; there are no tips, so the tip line begins anew");
            Ok(file)
        }
        KeysAre::Foreign => Err(OpenError::KeysOfOther("it is another installation's")),
        KeysAre::Older => Err(OpenError::KeysOfOther("it is older than they are")),
        KeysAre::Newer => Err(OpenError::KeysOfOther("it is newer than they are")),
        KeysAre::Forked => Err(OpenError::KeysOfOther(
            "it went on in another copy of the directory",
        )),
    }
}

/// Lets the rows belong to the key file that lies beside them, for a service that is stopped.
pub fn accept_keys(store: &Store, data_dir: &Path, today: Day) -> Result<(), OpenError> {
    let generation = Vault::open(data_dir, today)?.generation();
    Ok(store.transact_now(move |tx| tx.put::<TipKeyFile>(&(), &generation))?)
}

/// Those of `rows` that the keys in `data_dir` still open. Without keys there are none. Nothing is changed there.
pub fn living_tips(rows: &[(TipId, Slotted)], data_dir: &Path) -> Result<Vec<TipId>, OpenError> {
    if rows.is_empty() || !KeyFile::path(data_dir).try_exists()? {
        return Ok(Vec::new());
    }
    // Only a file that is made anew would get this day.
    let vault = Vault::open(data_dir, Moment::from_millis(0).day())?;
    let living = rows.iter().filter(|(id, row)| facts(&vault, *id, row).is_some());
    Ok(living.map(|(id, _)| *id).collect())
}

/// What a row says, if its key is there.
fn facts(vault: &Vault, id: TipId, row: &Slotted) -> Option<TipFacts> {
    let plain = vault.key(row.slot)?.open_row(id.0.as_bytes(), &row.sealed).ok()?;
    TipFacts::from_bytes(&plain)
}

/// What the rows say, held against the keys.
struct Found {
    index: Index,
    /// Rows whose key is gone: they were being shredded.
    dead: Vec<TipId>,
    dead_replies: Vec<ReplyId>,
}

/// Opens keys, files and index.
pub(super) async fn open(
    store: &Store,
    space: &FreeSpace,
    data_dir: &Path,
    today: Day,
) -> Result<(Vault, Index), OpenError> {
    let has_rows = store.read_now(|view| {
        view.keys::<TipRows>(Range::all())
            .next()
            .transpose()
            .map(|first| first.is_some())
    })?;
    if has_rows && !KeyFile::path(data_dir).try_exists()? {
        return Err(OpenError::KeysMissing);
    }
    let mut vault = Vault::open(data_dir, today)?;
    let rows = require_ours(store, &mut vault, has_rows, today)?;
    let Found {
        index,
        dead,
        dead_replies,
    } = store.read_now(|view| find(view, &vault))?;
    // On a full disk what is there has to be readable all the same: rows that are dead stay, and this run goes on in the
    // generation before.
    let has_room = space.half_reserve().check(0).is_ok();
    if has_room && (!dead.is_empty() || !dead_replies.is_empty()) {
        store
            .transact(move |tx| -> Result<(), StoreError> {
                for id in &dead {
                    tx.remove::<TipRows>(id);
                }
                for id in &dead_replies {
                    tx.remove::<TipReplies>(id);
                }
                tally(tx, today, dead.len())
            })
            .await?;
    }
    let live: BTreeSet<u32> = index.all().map(|(_, held)| held.slot).collect();
    let orphans: Vec<u32> = vault
        .used_slots()
        .into_iter()
        .filter(|slot| !live.contains(slot))
        .collect();
    if !orphans.is_empty() {
        let cleared = vault
            .destroy(&orphans, today)
            .and_then(|_| vault.forget(&[], &orphans, today));
        cleared.map_err(|error| match error {
            TipError::Io(error) => OpenError::Io(error),
            other => OpenError::Io(std::io::Error::other(other)),
        })?;
    }
    vault.sweep_files(|id| index.tip(id).is_some(), today)?;
    if !has_room {
        return Ok((vault, index));
    }
    // The file first: one that is a start ahead of the rows, without a change, is what a crash between the two leaves.
    let generation = vault.begin(rows, today)?;
    store
        .transact(move |tx| -> Result<(), StoreError> {
            tx.keep_quiet();
            tx.put::<TipKeyFile>(&(), &generation)
        })
        .await?;
    Ok((vault, index))
}

fn find(rows: &impl Reads, vault: &Vault) -> Result<Found, StoreError> {
    let mut index = Index::default();
    let mut dead = Vec::new();
    let mut slots = BTreeMap::new();
    for row in rows.scan::<TipRows>(Range::all()) {
        let (id, row) = row?;
        match facts(vault, id, &row) {
            Some(facts) => {
                slots.insert(id, row.slot);
                index.insert(
                    id,
                    Held {
                        slot: row.slot,
                        facts,
                        replies: Vec::new(),
                    },
                );
            }
            None => dead.push(id),
        }
    }
    let mut dead_replies = Vec::new();
    for row in rows.scan::<TipReplies>(Range::all()) {
        let (id, row) = row?;
        let stored = vault
            .key(row.slot)
            .and_then(|key| key.open_row(id.0.as_bytes(), &row.sealed).ok())
            .and_then(|plain| StoredReply::read(&plain))
            .filter(|stored| slots.get(&stored.tip) == Some(&row.slot));
        match stored {
            Some(stored) => {
                let (number, mark) = (stored.number, super::desk::reply_mark(&stored.answer));
                index.add_reply(stored.tip, HeldReply { id, number, mark });
            }
            None => dead_replies.push(id),
        }
    }
    Ok(Found {
        index,
        dead,
        dead_replies,
    })
}

/// What the desk has set against floods.
pub(super) fn flood(store: &Store) -> Result<Flood, OpenError> {
    Ok(store
        .read_now(|view| view.get::<TipFlood>(&()))?
        .unwrap_or_default())
}

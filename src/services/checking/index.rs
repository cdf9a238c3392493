//! The index of looks over the rows that it is read from.
//!
//! Invariant: whoever asks is answered from every look whose row was written before: the index first reads what was
//! added since it was last asked. So it needs no word from whoever writes, and a start needs no word from the last one.
//! Refuses: to hold up the store. Rows are read some at a time, because its writer waits for as long as somebody reads.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use crate::domain::{IndexedLook, KeptLook, PhotoLook, Sha256};
use crate::media::{Look, LookIndex};
use crate::store::records::{LookHashes, LookNumbers, Looks};
use crate::store::{Range, ReadTables, Store, StoreError, Transaction};

/// Most pictures that are compared cell by cell.
const MAX_COMPARED: usize = 16;
/// Most near ones that are gone through in search of those that count.
const MAX_NEAR: usize = 512;
/// How many rows are read while the store's writer has to wait.
const AT_ONCE: usize = 2_048;

/// A picture that looks alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// Which.
    pub sha256: Sha256,
    /// How alike, per cent.
    pub percent: u8,
}

/// The looks of a store.
#[derive(Debug, Default)]
pub struct KnownLooks {
    read: RwLock<ReadSoFar>,
}

#[derive(Debug, Default)]
struct ReadSoFar {
    index: LookIndex,
    /// The first number that was not read yet.
    next: u32,
}

/// Keeps the look of a picture, and right behind it that of what is inside its bars. A second look at the same picture
/// changes nothing.
pub fn put_look(
    tx: &mut Transaction<'_>,
    sha256: Sha256,
    look: &PhotoLook,
    inside: Option<&KeptLook>,
) -> Result<(), StoreError> {
    if tx.has::<LookNumbers>(&sha256)? {
        return Ok(());
    }
    let last = tx
        .keys::<LookHashes>(Range::all().backwards())
        .next()
        .transpose()?;
    let number = last.map_or(0, |last| last.saturating_add(1));
    tx.put::<LookNumbers>(&sha256, &number)?;
    put_row(tx, number, sha256, look)?;
    match inside {
        Some(inside) => {
            let look = PhotoLook {
                kept: Some(inside.clone()),
                ..look.clone()
            };
            put_row(tx, number.saturating_add(1), sha256, &look)
        }
        None => Ok(()),
    }
}

fn put_row(
    tx: &mut Transaction<'_>,
    number: u32,
    sha256: Sha256,
    look: &PhotoLook,
) -> Result<(), StoreError> {
    let hash = look.kept.as_ref().map(|kept| kept.hash);
    tx.put::<LookHashes>(&number, &IndexedLook { sha256, hash })?;
    tx.put::<Looks>(&number, look)
}

/// What is kept of a picture.
pub(super) fn look_of(rows: &impl ReadTables, sha256: Sha256) -> Result<Option<PhotoLook>, StoreError> {
    match rows.get::<LookNumbers>(&sha256)? {
        Some(number) => rows.get::<Looks>(&number),
        None => Ok(None),
    }
}

impl KnownLooks {
    /// The pictures that look at least `least_percent` like `look`, the most alike first, of those that `counts` says
    /// count. Blocks; the first one who asks after a start waits until all rows are read, about a second for a million.
    pub fn alike(
        &self,
        store: &Store,
        look: &Look,
        least_percent: u32,
        counts: &mut dyn FnMut(Sha256) -> Result<bool, StoreError>,
    ) -> Result<Vec<Alike>, StoreError> {
        self.catch_up(store)?;
        let near = {
            let read = self.read.read().unwrap_or_else(PoisonError::into_inner);
            read.index.near(look)
        };
        let (mut alike, mut compared) = (Vec::new(), 0);
        for near in near.into_iter().take(MAX_NEAR) {
            if compared == MAX_COMPARED {
                break;
            }
            let indexed = store.read_now(|view| view.get::<LookHashes>(&near.number))?;
            let Some(indexed) = indexed else { continue };
            if !counts(indexed.sha256)? {
                continue;
            }
            let look_row = store.read_now(|view| view.get::<Looks>(&near.number))?;
            let Some(PhotoLook { kept: Some(kept), .. }) = look_row else {
                continue;
            };
            compared += 1;
            let percent = look.likeness(&kept).percent();
            if u32::from(percent) >= least_percent {
                alike.push(Alike {
                    sha256: indexed.sha256,
                    percent,
                });
            }
        }
        alike.sort_by_key(|found| (u8::MAX - found.percent, found.sha256));
        // With and without its bars.
        let mut named = BTreeSet::new();
        alike.retain(|found| named.insert(found.sha256));
        Ok(alike)
    }

    fn catch_up(&self, store: &Store) -> Result<(), StoreError> {
        loop {
            let next = self.read.read().unwrap_or_else(PoisonError::into_inner).next;
            let rows = store.read_now(|view| {
                let added = view.scan::<LookHashes>(Range::all().from(&next));
                added.take(AT_ONCE).collect::<Result<Vec<_>, StoreError>>()
            })?;
            let Some((last, _)) = rows.last() else {
                return Ok(());
            };
            let next = last.saturating_add(1);
            let mut read = self.read.write().unwrap_or_else(PoisonError::into_inner);
            for (number, indexed) in &rows {
                if let Some(hash) = indexed.hash {
                    read.index.insert(*number, hash);
                }
            }
            // Another worker may have read on meanwhile.
            read.next = read.next.max(next);
        }
    }
}

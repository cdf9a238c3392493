//! The index of looks: pictures by the bands of their hashes, as ordered rows.
//!
//! Two pictures that look alike agree in at least one band of 21 bits once the doubtful bits are tried both ways; all
//! pictures with one band stand side by side. So a question costs the number of bands it tries, and grows with the
//! number of pictures only as far as they share a band.
//!
//! Invariant: a picture stands in the index exactly when its look is kept, under each of its bands.
//! Refuses: to read more than [`MAX_SHARED`] pictures that share a band; that many have nothing to tell them apart by.

use std::collections::BTreeMap;

use crate::domain::{PhotoLook, Sha256};
use crate::media::{BANDS, Look, band_key, band_span, hash_of_key};
use crate::store::records::{Looks, LooksByBand};
use crate::store::{Range, ReadTables, Store, StoreError, Transaction};

/// Most pictures that are read under one value of a band.
const MAX_SHARED: usize = 256;
/// Hashes that differ in more bits are of other pictures.
const MAX_DISTANCE: u32 = 12;
/// Most pictures that are compared cell by cell.
const MAX_COMPARED: usize = 16;
/// How many values are looked up while the store's writer has to wait.
const AT_ONCE: usize = 64;

/// A picture that looks alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// Which.
    pub sha256: Sha256,
    /// How alike, per cent.
    pub percent: u8,
}

/// Keeps the look of a picture and lists it under its bands.
pub fn put_look(tx: &mut Transaction<'_>, sha256: Sha256, look: &PhotoLook) -> Result<(), StoreError> {
    tx.put::<Looks>(&sha256, look)?;
    for key in places(sha256, look) {
        tx.put::<LooksByBand>(&key, &())?;
    }
    Ok(())
}

/// Where a picture stands in the index.
pub fn places(sha256: Sha256, look: &PhotoLook) -> Vec<(u8, u64, Sha256)> {
    let hash = look.kept.as_ref().map(|kept| kept.hash);
    hash.into_iter()
        .flat_map(|hash| (0..BANDS).map(move |band| (band, band_key(hash, band), sha256)))
        .collect()
}

/// The pictures that look at least `least_percent` like `look`, the most alike first.
pub fn find_alike(store: &Store, look: &Look, least_percent: u32) -> Result<Vec<Alike>, StoreError> {
    let mut near = candidates(store, look)?;
    near.sort_unstable();
    near.truncate(MAX_COMPARED);
    let mut alike = Vec::new();
    for (_, sha256) in near {
        let kept = store.read_now(|view| view.get::<Looks>(&sha256))?;
        let Some(kept) = kept.and_then(|kept| kept.kept) else {
            continue;
        };
        let percent = look.likeness(&kept).percent();
        if u32::from(percent) >= least_percent {
            alike.push(Alike { sha256, percent });
        }
    }
    alike.sort_by_key(|found| (u8::MAX - found.percent, found.sha256));
    Ok(alike)
}

/// The pictures whose hashes are near, with their distances. The store is asked a little at a time, because its writer
/// waits for as long as somebody reads.
fn candidates(store: &Store, look: &Look) -> Result<Vec<(u32, Sha256)>, StoreError> {
    let mut hashes: BTreeMap<Sha256, u64> = BTreeMap::new();
    for band in 0..BANDS {
        let probes: Vec<u32> = look.probes(band).collect();
        for some in probes.chunks(AT_ONCE) {
            store.read_now(|view| {
                for probe in some {
                    let (first, last) = band_span(*probe);
                    let range = Range::<LooksByBand>::under(&band).from(&(band, first));
                    for key in view.keys::<LooksByBand>(range).take(MAX_SHARED) {
                        let (_, key, sha256) = key?;
                        if key > last {
                            break;
                        }
                        hashes.insert(sha256, hash_of_key(key, band));
                    }
                }
                Ok::<_, StoreError>(())
            })?;
        }
    }
    let near = hashes
        .into_iter()
        .map(|(sha256, hash)| (look.distance(hash), sha256));
    Ok(near.filter(|(distance, _)| *distance <= MAX_DISTANCE).collect())
}

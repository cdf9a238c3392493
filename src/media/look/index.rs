//! The index of looks: pictures by the bands of their hashes, to find those that look alike without going over all.
//!
//! Two pictures that look alike agree in at least one band of 21 bits once the doubtful bits are tried both ways. So a
//! question costs the number of values it tries, and grows with the number of pictures only as far as they share a
//! band. It lives in memory, at about 60 bytes a picture: random keys of this kind are what an ordered store on disk is
//! worst at, and everything here can be read anew from one short row for each picture.
//!
//! Invariant: a picture is listed under each band of its hash, once, whatever the order in which it came.
//! Refuses: to follow more than [`MAX_SHARED`] pictures that share a band; that many have nothing to tell them apart by.

use std::collections::BTreeSet;

use super::Look;
use super::hash::{BANDS, band_of};

/// Most pictures that are looked at under one value of a band.
const MAX_SHARED: usize = 256;
/// Hashes that differ in more bits are of other pictures.
const MAX_DISTANCE: u32 = 12;
/// The window under whose band a picture was found may be a neighbour of the one that fits best.
const MAX_FIRST_DISTANCE: u32 = 18;

/// A picture whose hash is near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Near {
    /// In how many bits it differs.
    pub distance: u32,
    /// The picture's number.
    pub number: u32,
}

/// Hashes by the numbers of their pictures.
#[derive(Debug, Default)]
pub struct LookIndex {
    hashes: Vec<u64>,
    bands: [BTreeSet<(u32, u32)>; 3],
}

impl LookIndex {
    /// Lists the picture `number`.
    pub fn insert(&mut self, number: u32, hash: u64) {
        let Ok(place) = usize::try_from(number) else {
            return;
        };
        if self.hashes.len() <= place {
            self.hashes.resize(place + 1, 0);
        }
        if let Some(known) = self.hashes.get_mut(place) {
            *known = hash;
        }
        for (band, listed) in (0..BANDS).zip(&mut self.bands) {
            listed.insert((band_of(hash, band), number));
        }
    }

    /// How many pictures are listed.
    pub fn len(&self) -> usize {
        self.bands.first().map_or(0, BTreeSet::len)
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The pictures whose hashes are near to those of `look`, the nearest first.
    pub fn near(&self, look: &Look) -> Vec<Near> {
        let mut suspects: Vec<u32> = Vec::new();
        for (band, listed) in (0..BANDS).zip(&self.bands) {
            for probes in look.probes(band).chunk_by(|one, other| one.value == other.value) {
                let Some(value) = probes.first().map(|probe| probe.value) else {
                    continue;
                };
                let sharing = listed.range((value, 0)..=(value, u32::MAX)).take(MAX_SHARED);
                let near = |number: &u32| {
                    self.hash(*number).is_some_and(|hash| {
                        let mut own = probes.iter().filter_map(|probe| look.hash_of(*probe));
                        own.any(|own| (own ^ hash).count_ones() <= MAX_FIRST_DISTANCE)
                    })
                };
                suspects.extend(sharing.map(|(_, number)| *number).filter(near));
            }
        }
        suspects.sort_unstable();
        suspects.dedup();
        let mut near: Vec<Near> = suspects
            .into_iter()
            .filter_map(|number| {
                let distance = look.distance(self.hash(number)?);
                (distance <= MAX_DISTANCE).then_some(Near { distance, number })
            })
            .collect();
        near.sort_unstable();
        near
    }

    fn hash(&self, number: u32) -> Option<u64> {
        self.hashes.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::look::Upright;

    /// A picture of blots that are different for each seed.
    fn look(seed: u32) -> Look {
        let rgb: Vec<u8> = (0..96_u32 * 96)
            .flat_map(|at| {
                let (x, y) = (at % 96 / 12, at / 96 / 12);
                let blot = (x + 31 * y + seed)
                    .wrapping_mul(2_654_435_761)
                    .rotate_left(seed % 7)
                    >> 24;
                [u8::try_from(blot).unwrap(); 3]
            })
            .collect();
        let picture = Upright {
            width: 96,
            height: 96,
            rgb: &rgb,
        };
        Look::of(picture).unwrap()
    }

    #[test]
    fn a_picture_is_found_by_itself_among_many_whatever_the_order_they_came_in() {
        let kept: Vec<u64> = (0..12).map(|seed| look(seed).kept().unwrap().hash).collect();
        let mut index = LookIndex::default();
        for (number, hash) in (0_u32..12).zip(&kept).rev() {
            index.insert(number, *hash);
            index.insert(number, *hash);
        }
        assert_eq!(index.len(), 12);
        for number in 0..12 {
            let found = index.near(&look(number));
            assert_eq!(found.first().map(|near| near.number), Some(number), "{found:?}");
        }
    }

    #[test]
    fn what_differs_in_more_than_the_allowed_bits_is_not_named() {
        let mut index = LookIndex::default();
        let asked = look(7);
        let hash = asked.kept().unwrap().hash;
        // The last band stays, so that they are looked at; everything before it is turned over.
        index.insert(0, hash ^ (0x3_ffff << 30));
        assert_eq!(index.near(&asked), []);
        index.insert(1, hash ^ (0b1_1111 << 40));
        assert_eq!(
            index
                .near(&asked)
                .iter()
                .map(|near| near.number)
                .collect::<Vec<_>>(),
            [1]
        );
    }
}

//! Look-alikes at scale: a question among many pictures beside one among few.
//!
//! Invariant: both are asked with the same pictures, and the pictures that are kept are spread as real ones are: each is
//! a drawn one with a seventh of its bits turned over, so that bands are shared.
//! Refuses: to time the decoding, which does not depend on how many pictures there are.

use std::fs;
use std::time::Instant;

use super::{BenchError, Plan, median};
use crate::demo::pictures::BannerScene;
use crate::disk::FreeSpace;
use crate::domain::{KeptLook, PhotoLook, Sha256};
use crate::media::{self, Look, PictureLimits};
use crate::services::checking::index;
use crate::store::{DataDirectory, Store, StoreError};

/// Pictures that are drawn: some to spread the others around, some to ask with.
const DRAWN: u64 = 40;
/// How many looks share one transaction.
const TOGETHER: usize = 2_000;
/// Bits of a hash.
const BITS: u32 = 63;

/// What was measured with one number of pictures.
#[derive(Debug, Clone, Copy)]
pub struct LookFigures {
    /// How many pictures are in the index.
    pub pictures: usize,
    /// Median milliseconds of one question.
    pub query_ms: f64,
    /// Milliseconds until the first question is answered, for which all rows are read.
    pub read_ms: f64,
    /// Microseconds to keep one more.
    pub put_us: f64,
    /// Bytes on disk for each picture.
    pub bytes_each: f64,
}

/// Measures questions among `counts` pictures.
pub fn measure_looks(plan: &Plan, counts: &[usize]) -> Result<Vec<LookFigures>, BenchError> {
    let drawn = (0..DRAWN).map(draw).collect::<Result<Vec<Look>, BenchError>>()?;
    counts.iter().map(|count| measure(plan, &drawn, *count)).collect()
}

fn draw(seed: u64) -> Result<Look, BenchError> {
    let failed = |error: String| BenchError::Pictures(error);
    let scene = BannerScene {
        headline: "XÃ KHÔNG MA TÚY",
        lines: ["Toàn dân tham gia phòng, chống ma túy", ""],
        size_m: (1.2, 3.0),
        place: "",
        seed,
    };
    let day = jiff::civil::date(2026, 6, 15).at(9, 0, 0, 0);
    let bytes =
        crate::demo::pictures::banner_photo(&scene, day, None).map_err(|error| failed(error.to_string()))?;
    let facts = media::inspect(&bytes, &PictureLimits::DEFAULT).map_err(|error| failed(error.to_string()))?;
    let study = media::study(&bytes, &facts).map_err(|error| failed(error.to_string()))?;
    let look = media::look(&study.thumb).map_err(|error| failed(error.to_string()))?;
    look.ok_or_else(|| failed("too small".to_owned()))
}

fn measure(plan: &Plan, drawn: &[Look], pictures: usize) -> Result<LookFigures, BenchError> {
    let data_dir = plan.directory.join(format!("looks-{pictures}"));
    let directory = DataDirectory::open(&data_dir, 0)?;
    let store = Store::open(&directory, 256 << 20, &FreeSpace::new(&data_dir, 0))?;
    let bases: Vec<KeptLook> = drawn.iter().filter_map(Look::kept).collect();
    let began = Instant::now();
    let numbers: Vec<usize> = (0..pictures).collect();
    for together in numbers.chunks(TOGETHER) {
        let looks: Vec<(Sha256, PhotoLook)> = together.iter().filter_map(|_| spread(&bases)).collect();
        store.transact_now(move |tx| {
            looks
                .iter()
                .try_for_each(|(sha256, look)| index::put_look(tx, *sha256, look, None))?;
            Ok::<_, StoreError>(())
        })?;
    }
    let count = f64::from(u32::try_from(pictures.max(1)).unwrap_or(u32::MAX));
    let put_us = began.elapsed().as_secs_f64() * 1e6 / count;
    let known = index::KnownLooks::default();
    let began_reading = Instant::now();
    if let Some(look) = drawn.first() {
        known.alike(&store, look, 98, &mut |_| Ok(true))?;
    }
    let read_ms = began_reading.elapsed().as_secs_f64() * 1000.0;
    let mut times = Vec::new();
    for _ in 0..plan.rounds.max(2) {
        for look in drawn {
            let began = Instant::now();
            known.alike(&store, look, 98, &mut |_| Ok(true))?;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    let on_disk = f64::from(u32::try_from(store.bytes_on_disk()? / 1024).unwrap_or(u32::MAX)) * 1024.0;
    drop(store);
    drop(directory);
    fs::remove_dir_all(&data_dir)?;
    Ok(LookFigures {
        pictures,
        query_ms: median(times),
        read_ms,
        put_us,
        bytes_each: on_disk / count,
    })
}

/// A picture that looks somewhat like one of `bases`.
fn spread(bases: &[KeptLook]) -> Option<(Sha256, PhotoLook)> {
    let chosen = usize::try_from(rand::random::<u32>()).ok()? % bases.len().max(1);
    let mut kept = bases.get(chosen)?.clone();
    for bit in 0..BITS {
        if rand::random::<u8>() < 37 {
            kept.hash ^= 1 << bit;
        }
    }
    for cell in &mut kept.light {
        *cell = cell.wrapping_add(rand::random::<u8>() / 4);
    }
    let look = PhotoLook {
        sharpness: 100,
        brightness: 100,
        kept: Some(kept),
    };
    Some((Sha256(rand::random()), look))
}

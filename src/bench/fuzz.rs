//! Pictures with bytes changed at random, by the million: facts and camera's notes must come out as values.
//!
//! Invariant: a run is repeated to the byte by its seed; a panic is counted with the number of the input that made it.
//! Refuses: to decode pixels, which takes a thousand times as long; the tests do that with fewer inputs.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::ImageFormat;

use super::BenchError;
use crate::demo::pictures::chance::Chance;
use crate::demo::pictures::{CameraFacts, GpsFix, Orientation, Picture, encode_jpeg};
use crate::media::{self, PictureLimits};

/// What came of the inputs.
#[derive(Debug, Clone, Copy, Default)]
pub struct FuzzFigures {
    /// How many were tried.
    pub inputs: u64,
    /// How many were taken as pictures.
    pub accepted: u64,
    /// In how many of those the camera's notes could be read.
    pub with_notes: u64,
    /// How many panicked.
    pub panics: u64,
    /// The first that did.
    pub first_panic: Option<u64>,
}

/// Tries `inputs` changed pictures.
pub fn fuzz(inputs: u64, seed: u64) -> Result<FuzzFigures, BenchError> {
    let sources = sources()?;
    let limits = PictureLimits {
        max_pixels: 50_000_000,
    };
    let mut figures = FuzzFigures::default();
    for number in 0..inputs {
        let mut chance = Chance::new(seed ^ number, 9);
        let bytes = changed(&sources, &mut chance);
        figures.inputs += 1;
        match catch_unwind(AssertUnwindSafe(|| media::inspect(&bytes, &limits))) {
            Ok(Ok(facts)) => {
                figures.accepted += 1;
                figures.with_notes += u64::from(facts.exif.facts().is_some());
            }
            Ok(Err(_)) => {}
            Err(_) => {
                figures.panics += 1;
                figures.first_panic.get_or_insert(number);
            }
        }
    }
    Ok(figures)
}

/// Small pictures of every kind that is taken; most of their bytes are headers and notes.
fn sources() -> Result<Vec<Vec<u8>>, BenchError> {
    let failed = |error: &dyn std::fmt::Display| BenchError::Pictures(error.to_string());
    let (width, height) = (24_u16, 16_u16);
    let rgb: Vec<u8> = (0..u32::from(width) * u32::from(height) * 3)
        .map(|at| (at * 37).to_le_bytes().first().copied().unwrap_or(0))
        .collect();
    let image = image::RgbImage::from_raw(u32::from(width), u32::from(height), rgb.clone());
    let image = image::DynamicImage::from(image.ok_or_else(|| failed(&"no picture"))?);
    let picture = Picture { width, height, rgb };
    let facts = CameraFacts {
        captured_at: jiff::civil::date(2026, 6, 15).at(9, 0, 0, 0),
        gps: Some(GpsFix {
            lat: 22.48,
            lon: -103.97,
            altitude_m: Some(1500.0),
        }),
        make: "Minhchung",
        model: "Fuzz",
        software: Some("1.0"),
        orientation: Orientation::TurnClockwise,
    };
    let mut sources = vec![encode_jpeg(&picture, 60, &facts).map_err(|error| failed(&error))?];
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let mut bytes = Cursor::new(Vec::new());
        image
            .write_to(&mut bytes, format)
            .map_err(|error| failed(&error))?;
        sources.push(bytes.into_inner());
    }
    Ok(sources)
}

fn changed(sources: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    // The picture with notes twice as often as the others.
    let source = chance.below(sources.len() + 1).saturating_sub(1);
    let mut bytes = sources.get(source).cloned().unwrap_or_default();
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len());
        let wild = [
            0x00,
            0x01,
            0x7f,
            0x80,
            0xff,
            chance.next().to_le_bytes().first().copied().unwrap_or(0),
        ];
        let byte = chance.pick(wild);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
    }
    match chance.below(16) {
        0 => bytes.truncate(chance.below(bytes.len())),
        1 => {
            let at = chance.below(bytes.len());
            let length = chance.below(64).min(bytes.len() - at);
            bytes.drain(at..at + length);
        }
        _ => {}
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_run_panics_nowhere_and_gets_past_the_headers() {
        let figures = fuzz(5_000, 1).unwrap();
        assert_eq!(
            (figures.inputs, figures.panics, figures.first_panic),
            (5_000, 0, None)
        );
        assert!(figures.accepted > 500 && figures.with_notes > 200, "{figures:?}");
    }
}

//! What a picture costs: processor milliseconds of a thumbnail, and of everything that is made of an arrived picture.
//!
//! Invariant: processor time of this process, all threads together, over many rounds.
//! Refuses: wall-clock time, which on a busy machine measures the others.

use std::fs;

use super::{BenchError, median};
use crate::demo::pictures::{BannerScene, PHONE_QUALITY};
use crate::media::{self, PictureLimits, RenditionSize};

/// Rounds of each measurement.
const ROUNDS: usize = 20;
/// Clock ticks of `/proc/self/stat` per second.
const TICKS_PER_S: f64 = 100.0;

/// What one picture costs.
#[derive(Debug, Clone, Copy)]
pub struct PictureFigures {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Processor milliseconds of a thumbnail of 320 pixels alone.
    pub thumb_ms: f64,
    /// Processor milliseconds of both copies and the levels.
    pub study_ms: f64,
    /// Processor milliseconds of the look, from the thumbnail.
    pub look_ms: f64,
}

/// Measures pictures of 2 and of 12 megapixels.
pub fn measure_pictures() -> Result<Vec<PictureFigures>, BenchError> {
    let failed = |error: &dyn std::fmt::Display| BenchError::Pictures(error.to_string());
    let scene = BannerScene {
        headline: "XÃ KHÔNG MA TÚY",
        lines: ["Toàn dân tham gia phòng, chống ma túy", ""],
        size_m: (1.2, 3.0),
        place: "",
        seed: 7,
    };
    let picture = scene.photograph().map_err(|error| failed(&error))?;
    let small = image::RgbImage::from_raw(u32::from(picture.width), u32::from(picture.height), picture.rgb)
        .ok_or_else(|| failed(&"no picture"))?;
    let large = image::imageops::resize(&small, 4000, 3000, image::imageops::FilterType::CatmullRom);
    [small, large].iter().map(measure).collect()
}

fn measure(picture: &image::RgbImage) -> Result<PictureFigures, BenchError> {
    let failed = |error: &dyn std::fmt::Display| BenchError::Pictures(error.to_string());
    let side = |length: u32| u16::try_from(length).unwrap_or(u16::MAX);
    let (width, height) = picture.dimensions();
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, PHONE_QUALITY);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder
        .encode(
            picture.as_raw(),
            side(width),
            side(height),
            jpeg_encoder::ColorType::Rgb,
        )
        .map_err(|error| failed(&error))?;
    let facts = media::inspect(&bytes, &PictureLimits::DEFAULT).map_err(|error| failed(&error))?;
    let thumb = media::rendition(&bytes, &facts, RenditionSize::Thumb320).map_err(|error| failed(&error))?;
    Ok(PictureFigures {
        width,
        height,
        thumb_ms: cpu_ms(|| media::rendition(&bytes, &facts, RenditionSize::Thumb320).map(drop))?,
        study_ms: cpu_ms(|| media::study(&bytes, &facts).map(drop))?,
        look_ms: cpu_ms(|| media::look(&thumb).map(drop))?,
    })
}

/// The median of three times the processor milliseconds of one run.
fn cpu_ms<E: std::fmt::Display>(mut run: impl FnMut() -> Result<(), E>) -> Result<f64, BenchError> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let before = cpu_s()?;
        for _ in 0..ROUNDS {
            run().map_err(|error| BenchError::Pictures(error.to_string()))?;
        }
        let rounds = f64::from(u32::try_from(ROUNDS).unwrap_or(1));
        times.push((cpu_s()? - before) * 1000.0 / rounds);
    }
    Ok(median(times))
}

fn cpu_s() -> Result<f64, BenchError> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold blanks; user and system time are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = fields.get(11..13).unwrap_or_default().iter();
    Ok(ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / TICKS_PER_S)
}

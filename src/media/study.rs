//! One decode of an arrived picture for everything that is made of its pixels: both smaller copies, and how sharp and
//! bright it is.
//!
//! Invariant: the copies are those of [`rendition`](super::rendition()), upright and bare; the levels do not depend on
//! the picture's size.
//! Refuses: to run where somebody waits for an upload; it takes tens of milliseconds.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::decode;
use super::facts::PictureFacts;
use super::look::{Look, Upright};
use super::pixels::Pixels;
use super::rendition::{MAX_DECODE_BYTES, RenditionError, RenditionSize, as_jpeg, decode_memory_bytes};

/// The long edge at which sharpness is measured, so that it does not depend on how many pixels a camera has.
const LEVEL_EDGE: u32 = 640;

/// What is made of a picture's pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Study {
    /// The copy for lists, JPEG.
    pub thumb: Vec<u8>,
    /// The copy for screens, JPEG.
    pub screen: Vec<u8>,
    /// How much neighbouring pixels differ: the variance of the Laplacian at 640 pixels.
    pub sharpness: u32,
    /// Mean brightness, 0 to 255.
    pub brightness: u8,
}

/// Studies `bytes`, whose `facts` come from [`inspect`](super::inspect) of the same bytes.
pub fn study(bytes: &[u8], facts: &PictureFacts) -> Result<Study, RenditionError> {
    let needed = decode_memory_bytes(facts, RenditionSize::Screen1600);
    if needed > MAX_DECODE_BYTES {
        return Err(RenditionError::TooMuchMemory {
            needed,
            max: MAX_DECODE_BYTES,
        });
    }
    catch_unwind(AssertUnwindSafe(|| look_through(bytes, facts)))
        .unwrap_or(Err(RenditionError::CodecPanicked))
}

fn look_through(bytes: &[u8], facts: &PictureFacts) -> Result<Study, RenditionError> {
    let (stored_width, stored_height) = facts.stored_size();
    let (width, height) = RenditionSize::Screen1600.fit(stored_width, stored_height);
    let screen = decode::decode(bytes, facts, width, height)?
        .resized(width, height)?
        .without_ink()
        .turned(facts.orientation);
    let (width, height) = RenditionSize::Thumb320.fit(facts.width, facts.height);
    let thumb = screen.smaller(width, height)?;
    let (sharpness, brightness) = levels(&screen)?;
    Ok(Study {
        thumb: as_jpeg(&thumb, bytes.len())?,
        screen: as_jpeg(&screen, bytes.len())?,
        sharpness,
        brightness,
    })
}

/// The look of a picture, from the copy for lists that [`study`] or [`rendition`](super::rendition()) made.
pub fn look(thumb: &[u8]) -> Result<Option<Look>, RenditionError> {
    let decoded = catch_unwind(AssertUnwindSafe(|| decode::whole_jpeg(thumb)));
    let pixels = decoded.unwrap_or(Err(RenditionError::CodecPanicked))?;
    let (width, height, rgb) = pixels.into_rgb();
    Ok(Look::of(Upright {
        width,
        height,
        rgb: &rgb,
    }))
}

fn levels(screen: &Pixels) -> Result<(u32, u8), RenditionError> {
    let (width, height) = screen.size();
    let longer = width.max(height);
    let side = |length: u32| {
        u32::try_from(u64::from(length) * u64::from(LEVEL_EDGE) / u64::from(longer)).unwrap_or(1)
    };
    let (width, height) = if longer > LEVEL_EDGE {
        (side(width).max(1), side(height).max(1))
    } else {
        (width, height)
    };
    let grey = screen.smaller(width, height)?.into_grey();
    let count = u64::try_from(grey.len().max(1)).unwrap_or(1);
    let sum: u64 = grey.iter().map(|pixel| u64::from(*pixel)).sum();
    let brightness = u8::try_from(sum / count).unwrap_or(u8::MAX);
    Ok((
        variance_of_edges(&grey, usize::try_from(width).unwrap_or(1)),
        brightness,
    ))
}

/// The variance of the Laplacian: each inner pixel against its four neighbours.
fn variance_of_edges(grey: &[u8], width: usize) -> u32 {
    let rows: Vec<&[u8]> = grey.chunks_exact(width.max(1)).collect();
    let (mut count, mut sum, mut squares) = (0_i64, 0_i64, 0_i64);
    for lines in rows.windows(3) {
        let [above, row, below] = lines else { continue };
        let inner = row.windows(3).zip(above.iter().zip(*below).skip(1));
        for (near, (up, down)) in inner {
            let [left, middle, right] = near else { continue };
            let around = i64::from(*left) + i64::from(*right) + i64::from(*up) + i64::from(*down);
            let edge = 4 * i64::from(*middle) - around;
            count += 1;
            sum += edge;
            squares += edge * edge;
        }
    }
    if count == 0 {
        return 0;
    }
    let mean = sum / count;
    u32::try_from(squares / count - mean * mean).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_are_sharp_and_one_colour_is_not() {
        let stripes: Vec<u8> = (0..400_u16).map(|at| if at % 2 == 0 { 255 } else { 0 }).collect();
        assert!(variance_of_edges(&stripes, 20) > 10_000);
        assert_eq!(variance_of_edges(&[9; 400], 20), 0);
        assert_eq!(variance_of_edges(&[9; 2], 2), 0);
    }
}

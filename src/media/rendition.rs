//! Smaller copies for lists and screens.
//!
//! Invariant: a rendition is a JPEG, upright, without any metadata, with no more pixels than the original has; and
//! the memory to make it was checked before the first pixel was decoded.
//! Refuses: to stand for the original. Evidence is judged in doubt by the file that arrived, which is never changed.
//!
//! Colours are taken as sRGB; profiles are dropped with the other metadata. The JPEG decoder mixes its colours on
//! threads that all decodes share, one for each core.

use super::decode;
use super::facts::{Coding, PictureFacts};
use super::pixels::Pixels;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// No decode may take more, so that no file drives the program's memory up by more than 200 MB. A JPEG from a camera
/// stays below it up to the 50 megapixels that are taken at all, a progressive one up to about 25, a PNG of 8 bits up to
/// about 17. What exceeds it has no renditions: it is shown as it was sent, and the checks that need its pixels say that
/// they could not look.
pub const MAX_DECODE_BYTES: u64 = 160 * 1024 * 1024;

/// Tried in this order until the copy is no larger in bytes than the original: a strongly compressed original must not
/// grow by being made smaller. A JPEG's tables alone take 600 bytes, which an original may undercut.
const QUALITIES: [u8; 3] = [82, 65, 45];

/// The sizes in which pictures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RenditionSize {
    /// Long edge at most 320 pixels: lists.
    Thumb320,
    /// Long edge at most 1600 pixels: review on a screen.
    Screen1600,
}

impl RenditionSize {
    /// Pixels of the long edge, at most.
    pub const fn long_edge(self) -> u32 {
        match self {
            Self::Thumb320 => 320,
            Self::Screen1600 => 1600,
        }
    }

    /// Width and height of a picture of this size that is shown within the edge: never more than it has, at least 1.
    pub fn fit(self, width: u32, height: u32) -> (u32, u32) {
        let longer = u64::from(width.max(height));
        let edge = u64::from(self.long_edge());
        if longer <= edge {
            return (width, height);
        }
        let scaled = |side: u32| {
            let rounded = (u64::from(side) * edge + longer / 2) / longer;
            u32::try_from(rounded.max(1)).unwrap_or(side)
        };
        (scaled(width), scaled(height))
    }
}

/// Why there is no rendition. The original stays what it is; a viewer falls back to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenditionError {
    /// More than [`MAX_DECODE_BYTES`].
    #[error("decoding would take {needed} bytes of memory, at most {max} are allowed")]
    TooMuchMemory {
        /// By [`decode_memory_bytes`].
        needed: u64,
        /// The limit.
        max: u64,
    },
    /// The facts were read from other bytes.
    #[error("the picture is not the one that was inspected")]
    OtherPicture,
    /// The pixels are damaged, or coded in a way that the decoder does not know.
    #[error("the pixels cannot be read: {why}")]
    Undecodable {
        /// For the log.
        why: String,
    },
    /// A codec broke off in a panic: the picture shows a bug that should be reported to its authors.
    #[error("the codec broke off")]
    CodecPanicked,
}

impl RenditionError {
    /// Wraps what a codec says.
    pub(super) fn undecodable(why: impl std::fmt::Display) -> Self {
        Self::Undecodable { why: why.to_string() }
    }
}

/// Bytes of memory that [`rendition`] takes at most beside the given bytes, for a caller that shares out a budget.
/// An upper bound. What comes in one pass is turned into samples row by row (the decoder's feature `rayon` sees to that;
/// its other way of working queues up all coefficients when its threads fall behind).
pub fn decode_memory_bytes(facts: &PictureFacts, size: RenditionSize) -> u64 {
    let (width, height) = size.fit(facts.width, facts.height);
    let (decoded_width, decoded_height, decoding) = match facts.coding {
        Coding::Dct {
            progressive,
            components,
            samples,
        } => {
            // The decoder's step of ½, ¼ or ⅛ gives less than twice the target in each direction, or is the last one;
            // then whole blocks.
            let at_most = |target: u32, source: u32| source.min((2 * target).max(source.div_ceil(8))) + 32;
            let decoded_width = u64::from(at_most(width, facts.width));
            let decoded_height = u64::from(at_most(height, facts.height));
            // 16 bits for each coefficient: of a progressive picture all, and once more while its rows are handed on; of
            // another two rows of the tallest blocks.
            let coefficients = if progressive {
                4 * samples
            } else {
                2 * 2 * 32 * u64::from(components) * u64::from(facts.width.max(facts.height))
            };
            let planes_and_pixels = 2 * decoded_width * decoded_height * u64::from(components);
            (decoded_width, decoded_height, coefficients + planes_and_pixels)
        }
        Coding::Raster { bytes_per_pixel } => {
            let pixels = u64::from(facts.width) * u64::from(facts.height);
            let decoding = pixels * u64::from(bytes_per_pixel) + decode::NOTES_BYTES;
            (u64::from(facts.width), u64::from(facts.height), decoding)
        }
    };
    let (width, height) = (u64::from(width), u64::from(height));
    // The resizer goes one direction first: a picture with one old and one new side. Then the result, turned, written.
    let resizing = 4 * (width * decoded_height).max(height * decoded_width) + 12 * width * height;
    decoding + resizing + 64 * 1024
}

/// A smaller copy of `bytes`, whose `facts` come from [`inspect`](super::inspect) of the same bytes, as JPEG.
pub fn rendition(bytes: &[u8], facts: &PictureFacts, size: RenditionSize) -> Result<Vec<u8>, RenditionError> {
    let needed = decode_memory_bytes(facts, size);
    if needed > MAX_DECODE_BYTES {
        return Err(RenditionError::TooMuchMemory {
            needed,
            max: MAX_DECODE_BYTES,
        });
    }
    // The codecs hold assertions and unwraps of their own, which a hostile file may one day reach. Nothing of theirs
    // outlives the call, so there is no half-changed state to be seen afterwards.
    catch_unwind(AssertUnwindSafe(|| render(bytes, facts, size)))
        .unwrap_or(Err(RenditionError::CodecPanicked))
}

fn render(bytes: &[u8], facts: &PictureFacts, size: RenditionSize) -> Result<Vec<u8>, RenditionError> {
    let (stored_width, stored_height) = facts.stored_size();
    let (width, height) = size.fit(stored_width, stored_height);
    let pixels = decode::decode(bytes, facts, width, height)?
        .resized(width, height)?
        .without_ink()
        .turned(facts.orientation);
    as_jpeg(&pixels, bytes.len())
}

/// `pixels` as a JPEG, in the best of the qualities that needs no more than `most_bytes`, or else in the worst.
pub(super) fn as_jpeg(pixels: &Pixels, most_bytes: usize) -> Result<Vec<u8>, RenditionError> {
    let mut written = Vec::new();
    for quality in QUALITIES {
        written = pixels.to_jpeg(quality)?;
        if written.len() <= most_bytes {
            break;
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_long_edge_fits_and_nothing_grows() {
        let thumb = RenditionSize::Thumb320;
        assert_eq!(thumb.fit(4208, 3120), (320, 237));
        assert_eq!(thumb.fit(3120, 4208), (237, 320));
        assert_eq!(thumb.fit(200, 100), (200, 100));
        assert_eq!(thumb.fit(50_000_000, 1), (320, 1));
        assert_eq!(RenditionSize::Screen1600.fit(1600, 1600), (1600, 1600));
        assert_eq!(RenditionSize::Screen1600.fit(6000, 4000), (1600, 1067));
    }
}

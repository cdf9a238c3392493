//! What is known of a picture without decoding it.
//!
//! Invariant: `width` and `height` are those of the picture as a person sees it, that is turned by its EXIF
//! orientation, both at least 1, their product within the limit that was asked for.
//! Refuses: to carry pixels, or a place or time that the file does not state in full.

pub use crate::domain::PictureKind;

use super::{Orientation, PictureRefusal};
use jiff::{Timestamp, civil, tz};

/// What an inspected picture may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureLimits {
    /// Width × height.
    pub max_pixels: u64,
}

impl PictureLimits {
    /// 50 megapixels: more than the cameras of the phones in use, little enough to decode on a small server.
    pub const DEFAULT: Self = Self {
        max_pixels: 50_000_000,
    };

    /// Fails when a picture of this size has no area or is larger than allowed.
    pub(super) fn check(self, width: u32, height: u32) -> Result<(), PictureRefusal> {
        let pixels = u64::from(width).saturating_mul(u64::from(height));
        if pixels == 0 {
            Err(PictureRefusal::Broken {
                why: "no width or no height",
            })
        } else if pixels > self.max_pixels {
            Err(PictureRefusal::TooManyPixels {
                pixels,
                max: self.max_pixels,
            })
        } else {
            Ok(())
        }
    }
}

impl Default for PictureLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// How the pixels are coded, as far as it decides what a decode costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// JPEG in one pass or, when `progressive`, in several over coefficients that all stay in memory.
    Dct {
        /// Several passes.
        progressive: bool,
        /// Colour components: 1, 3 or 4.
        components: u8,
        /// Samples of all components together, padded to whole blocks.
        samples: u64,
    },
    /// PNG and WebP: rows of whole pixels.
    Raster {
        /// Bytes that one pixel takes until it is one of 24 bits, at most.
        bytes_per_pixel: u8,
    },
}

/// What is known of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureFacts {
    /// By its first bytes, not by its name or declared type.
    pub kind: PictureKind,
    /// Pixels from left to right when upright.
    pub width: u32,
    /// Pixels from top to bottom when upright.
    pub height: u32,
    /// How the stored pixels must be turned to be upright.
    pub orientation: Orientation,
    /// How the pixels are coded.
    pub coding: Coding,
    /// What the camera wrote.
    pub exif: Exif,
    /// Programs that say in the file's XMP that they made or changed it.
    pub programs: Vec<String>,
}

impl PictureFacts {
    /// Width and height as the file stores them, before turning.
    pub fn stored_size(&self) -> (u32, u32) {
        self.orientation.turn_size(self.width, self.height)
    }
}

/// The camera's own notes.
#[derive(Clone, Debug, PartialEq)]
pub enum Exif {
    /// None in the file, which is normal: browsers and galleries remove them.
    Absent,
    /// A block is there, but not even its first directory can be read.
    Broken,
    /// What could be read; damaged or impossible values are missing.
    Read(Box<ExifFacts>),
}

impl Exif {
    /// The notes, when there are any.
    pub fn facts(&self) -> Option<&ExifFacts> {
        match self {
            Self::Read(facts) => Some(facts),
            Self::Absent | Self::Broken => None,
        }
    }
}

/// What the camera wrote into the picture. Each is a claim of the file, not a truth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExifFacts {
    /// Where it was taken.
    pub position: Option<GpsPosition>,
    /// The satellites' time of the position, which does not depend on the phone's clock.
    pub gps_time: Option<Timestamp>,
    /// `DateTimeOriginal`: the camera's clock when the picture was taken, in the camera's own zone.
    pub taken_at: Option<civil::DateTime>,
    /// `OffsetTimeOriginal`: the zone of `taken_at`.
    pub taken_offset: Option<tz::Offset>,
    /// Maker of the camera, at most 64 characters.
    pub make: Option<String>,
    /// Model of the camera, at most 64 characters.
    pub model: Option<String>,
    /// Program that wrote the file (firmware or an editor), at most 64 characters.
    pub software: Option<String>,
}

/// A place in WGS 84. A position of exactly 0, 0 is handed on: it is a finding, not damage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GpsPosition {
    /// Degrees north, −90 to 90.
    pub latitude: f64,
    /// Degrees east, −180 to 180.
    pub longitude: f64,
}

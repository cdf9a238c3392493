//! Generated photographs: banners at a roadside, pledge sheets on a table, and quick fillers for load.
//! A picture is a pure function of its scene and seed, so a failing run can be repeated to the byte.
//! It refuses a text with a letter that the embedded fonts lack, rather than photograph an empty box.

mod backdrop;
mod banner;
mod canvas;
pub(crate) mod chance;
mod distinct;
mod encode;
mod exif;
mod lettering;
mod masonry;
mod pen;
mod plane;
mod pledge;
mod swatch;
mod whole;

use jiff::civil::DateTime;

pub use banner::BannerScene;
pub use canvas::Picture;
pub use distinct::distinct_jpeg;
pub use encode::{banner_photo, encode_jpeg, pledge_photo};
pub use pledge::PledgeScene;

/// Quality that phones commonly use; a scene of two megapixels then weighs about 280 KB.
pub const PHONE_QUALITY: u8 = 80;

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The caller's text has a letter outside the embedded fonts: change the text.
    #[error("the embedded fonts have no letter {letter:?} (asked for in {text:?})")]
    LetterMissing {
        /// The first letter that is missing.
        letter: char,
        /// The text that asked for it.
        text: String,
    },
    /// The text is too long to stay readable on what it is written on: shorten it.
    #[error("there is no room for {text:?}")]
    NoRoom {
        /// The text that did not fit.
        text: String,
    },
    /// Latitude, longitude or altitude is not a place on earth: correct the camera facts.
    #[error("{what} of {value} cannot be written as a GPS position")]
    ImpossiblePosition {
        /// `latitude`, `longitude` or `altitude`.
        what: &'static str,
        /// The value handed in.
        value: f64,
    },
    /// The capture time has no counterpart in UTC: correct the camera facts.
    #[error("the capture time {0} is out of range")]
    ImpossibleTime(DateTime),
    /// The program itself carries an unusable font file: nothing a caller can mend.
    #[error("an embedded font cannot be read")]
    FontUnreadable,
    /// The JPEG encoder gave up: nothing a caller can mend.
    #[error("the picture could not be encoded")]
    Encoding(#[from] jpeg_encoder::EncodingError),
}

/// How the phone was held. Pixels are stored as its sensor saw them and the EXIF tag says how to turn them upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Orientation {
    /// Tag 1: stored upright.
    #[default]
    Upright,
    /// Tag 3: stored upside down.
    UpsideDown,
    /// Tag 6: a viewer must turn the stored pixels by 90° clockwise.
    TurnClockwise,
    /// Tag 8: a viewer must turn the stored pixels by 90° counter-clockwise.
    TurnCounterClockwise,
}

/// Where the camera believed to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GpsFix {
    /// Degrees north, WGS 84, -90 to 90.
    pub lat: f64,
    /// Degrees east, WGS 84, -180 to 180.
    pub lon: f64,
    /// Metres above (or, negative, below) sea level.
    pub altitude_m: Option<f64>,
}

/// What the camera writes beside the pixels.
#[derive(Debug, Clone, Copy)]
pub struct CameraFacts<'a> {
    /// The wall clock in Việt Nam (+07:00) when the picture was taken.
    pub captured_at: DateTime,
    /// `None` as with pictures from the gallery of a newer Android, which come without their place.
    pub gps: Option<GpsFix>,
    /// Maker of the phone.
    pub make: &'a str,
    /// Model of the phone.
    pub model: &'a str,
    /// The software tag, where editors leave their mark; most cameras write none.
    pub software: Option<&'a str>,
    /// How the phone was held.
    pub orientation: Orientation,
}

#[cfg(test)]
mod tests;

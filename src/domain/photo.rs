//! Pictures as the store knows them: where the file lies and what kind it is.
//!
//! Invariant: a picture is kept once, however many submissions show it.
//! Refuses: the bytes themselves; those are files.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Day;

/// The kinds of picture that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PictureKind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl PictureKind {
    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// The month in which a picture arrived, the name of the directory it lies in.
///
/// One directory is written at any time, so that one directory sync serves everybody who waits, and finished months
/// never change again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShelfMonth(pub u32);

impl ShelfMonth {
    /// The month of `day`.
    pub fn of(day: Day) -> Self {
        // "YYYY-MM-DD" without its dashes and day; a day outside the calendar lies on shelf 0.
        let digits: String = day
            .to_string()
            .chars()
            .filter(char::is_ascii_digit)
            .take(6)
            .collect();
        Self(digits.parse().unwrap_or(0))
    }
}

impl fmt::Display for ShelfMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0 / 100, self.0 % 100)
    }
}

/// One stored picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Length of the file in bytes.
    pub bytes: u64,
    /// What it is.
    pub kind: PictureKind,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
    /// The directory it lies in.
    pub shelf: ShelfMonth,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_is_named_after_the_month() {
        let shelf = ShelfMonth::of("2026-02-28".parse().unwrap());
        assert_eq!(shelf.to_string(), "2026-02");
    }
}

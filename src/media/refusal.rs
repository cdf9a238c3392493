//! Why a file is not taken as a picture.
//!
//! Invariant: each variant is something that a person holding a phone can be told to do differently.
//! Refuses: to be raised by EXIF; notes of the camera never decide about the picture.

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureRefusal {
    /// Not a single byte arrived.
    #[error("the file is empty")]
    Empty,
    /// Nothing that this product knows.
    #[error("the file is not a picture")]
    NotAPicture,
    /// Something else that is known by name.
    #[error("the file is {found}, not a JPEG, PNG or WebP picture")]
    UnsupportedKind {
        /// What it is.
        found: ForeignKind,
    },
    /// The end is missing: a camera, a card or an upload was interrupted.
    #[error("the picture is cut off: its end is missing")]
    Truncated,
    /// Larger than the service decodes.
    #[error("the picture has {pixels} pixels, at most {max} are taken")]
    TooManyPixels {
        /// Width × height as the header states them.
        pixels: u64,
        /// The limit.
        max: u64,
    },
    /// The header contradicts itself.
    #[error("the picture is damaged: {why}")]
    Broken {
        /// For the log.
        why: &'static str,
    },
}

/// Files that people send in place of a picture that can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForeignKind {
    /// GIF
    Gif,
    /// HEIC or HEIF, the iPhone's own
    Heic,
    /// AVIF
    Avif,
    /// JPEG XL
    JpegXl,
    /// SVG, a program rather than a picture
    Svg,
    /// TIFF, and raw pictures built on it
    Tiff,
    /// BMP
    Bmp,
    /// PDF
    Pdf,
    /// A film
    Video,
    /// A moving WebP
    MovingWebp,
    /// JPEG in a coding that no browser shows (arithmetic, lossless, hierarchical, 12 bits)
    RareJpeg,
}

impl ForeignKind {
    /// The name that people know it by, the same in every language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
            Self::JpegXl => "JPEG XL",
            Self::Svg => "SVG",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Pdf => "PDF",
            Self::Video => "video",
            Self::MovingWebp => "WebP (animated)",
            Self::RareJpeg => "JPEG (lossless, arithmetic or 12-bit)",
        }
    }
}

impl std::fmt::Display for ForeignKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

//! Pictures: bytes to facts, and smaller pictures for lists and screens.
//!
//! Invariant: everything here is a pure function of the bytes it is given. What a hostile file can cost in memory and
//! time is bounded by [`PictureLimits`] and by constants, checked on headers before anything is decoded, and no input
//! makes it panic. The stored picture is never changed.
//! Refuses: to touch files, clocks or the network, and to judge a picture (that is `checks`).
//!
//! The request path calls [`inspect`], which reads headers and never decodes. A background job calls [`rendition`]
//! after asking [`decode_memory_bytes`] how much of its memory budget one decode may take.
//!
//! What is accepted, and why:
//!
//! | file | answer |
//! |---|---|
//! | JPEG, sequential or progressive, grey, colour or CMYK, 8 bits | accepted; browsers show all of these |
//! | JPEG, arithmetic-coded, lossless, hierarchical or 12 bits | refused by name: no browser shows them |
//! | JPEG with bytes after its end (motion photos, MPF previews) | accepted; only the first picture counts |
//! | JPEG without an end marker | refused as cut, also when zeros fill the missing part |
//! | PNG of every colour type and depth, interlaced or not | accepted when `IHDR`, `IDAT` and `IEND` are there |
//! | WebP, lossy or lossless, with or without alpha | accepted when its chunks fill the promised length |
//! | moving WebP, GIF, HEIC, AVIF, SVG, TIFF, BMP, PDF, video | refused by name, so that a person can be told what to do |
//! | broken EXIF | never a reason to refuse; the facts say that it is broken |

mod bytes;
mod decode;
mod exif;
mod exif_values;
mod facts;
mod inspect;
mod jpeg;
mod look;
mod orientation;
mod pixels;
mod png;
mod refusal;
mod rendition;
mod resample;
mod sniff;
mod study;
mod webp;
mod xmp;

pub use facts::{Coding, Exif, ExifFacts, GpsPosition, PictureFacts, PictureKind, PictureLimits};
pub use inspect::inspect;
pub use look::{Likeness, Look, LookIndex};
pub use orientation::Orientation;
pub use refusal::{ForeignKind, PictureRefusal};
pub use rendition::{MAX_DECODE_BYTES, RenditionError, RenditionSize, decode_memory_bytes, rendition};
pub use study::{Study, look, study};

//! The one look at an uploaded file on the request path.
//!
//! Invariant: reads headers and steps over the rest, so its cost is linear in the file's length and tiny; nothing is
//! decoded and nothing as large as the picture is allocated.
//! Refuses: a file whose end is missing, because evidence that shows half a banner is worse than a second try.

use super::facts::{Coding, Exif, PictureFacts, PictureKind, PictureLimits};
use super::{Orientation, PictureRefusal, exif, jpeg, png, sniff, webp, xmp};

/// What the container formats have in common.
pub(super) struct Header<'a> {
    /// Stored width and height, within the limits.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) coding: Coding,
    /// The EXIF block, starting at its byte-order mark.
    pub(super) exif: Option<&'a [u8]>,
    /// The XMP packet, where one is looked for.
    pub(super) xmp: Option<&'a [u8]>,
}

/// What `bytes` is, or why it is not taken.
pub fn inspect(bytes: &[u8], limits: &PictureLimits) -> Result<PictureFacts, PictureRefusal> {
    let kind = sniff::sniff(bytes)?;
    let header = match kind {
        PictureKind::Jpeg => jpeg::read(bytes, *limits)?,
        PictureKind::Png => png::read(bytes, *limits)?,
        PictureKind::Webp => webp::read(bytes, *limits)?,
    };
    let (exif, orientation) = match header.exif.map(exif::read) {
        None => (Exif::Absent, Orientation::Upright),
        Some(None) => (Exif::Broken, Orientation::Upright),
        Some(Some((facts, orientation))) => (Exif::Read(Box::new(facts)), orientation),
    };
    let (width, height) = orientation.turn_size(header.width, header.height);
    Ok(PictureFacts {
        kind,
        width,
        height,
        orientation,
        coding: header.coding,
        exif,
        programs: header.xmp.map(xmp::programs).unwrap_or_default(),
    })
}

//! WebP: a walk over the chunks inside the RIFF frame.
//!
//! Invariant: a picture is whole when the length that the frame promises is there and holds pixels.
//! Refuses: moving pictures, and a canvas that differs from the one picture on it.

use super::bytes::{array, le_u16, le_u24, le_u32, size};
use super::facts::{Coding, PictureLimits};
use super::inspect::Header;
use super::{ForeignKind, PictureRefusal};

/// Bytes that one pixel takes while decoding (measured: 4.6, 10.4 and 7): the result, and brightness and colours at a
/// quarter; with alpha four more bytes of it and its own four of lossless form; lossless form and result.
const LOSSY_BYTES: u8 = 5;
const LOSSY_ALPHA_BYTES: u8 = 11;
const LOSSLESS_BYTES: u8 = 8;

/// The flag in `VP8X` that says that there is alpha.
const ALPHA: u8 = 0b1_0000;

/// The flag in `VP8X` that says that the picture moves.
const MOVING: u8 = 0b10;

/// Size, coding and EXIF of a WebP that is there to its end.
pub(super) fn read(bytes: &[u8], limits: PictureLimits) -> Result<Header<'_>, PictureRefusal> {
    let promised = size(le_u32(bytes, 4).ok_or(PictureRefusal::Truncated)?).saturating_add(8);
    let mut canvas = None;
    let mut lossy_bytes = LOSSY_BYTES;
    let mut bytes_per_pixel = LOSSLESS_BYTES;
    let mut pixels = None;
    let (mut exif, mut xmp) = (None, None);
    let mut at = 12;
    while at < promised {
        let kind: [u8; 4] = array(bytes, at).ok_or(PictureRefusal::Truncated)?;
        let length = size(le_u32(bytes, at.saturating_add(4)).ok_or(PictureRefusal::Truncated)?);
        let start = at.saturating_add(8);
        let end = start.saturating_add(length);
        let body = bytes.get(start..end).ok_or(PictureRefusal::Truncated)?;
        match &kind {
            b"VP8X" if canvas.is_none() => {
                canvas = Some(read_canvas(body)?);
                if body.first().is_some_and(|flags| flags & ALPHA != 0) {
                    lossy_bytes = LOSSY_ALPHA_BYTES;
                }
            }
            b"ALPH" => lossy_bytes = LOSSY_ALPHA_BYTES,
            b"ANIM" | b"ANMF" => return Err(moving()),
            b"VP8 " if pixels.is_none() => {
                pixels = Some(read_lossy(body)?);
                bytes_per_pixel = lossy_bytes;
            }
            b"VP8L" if pixels.is_none() => pixels = Some(read_lossless(body)?),
            b"XMP " if xmp.is_none() => xmp = Some(body),
            // Some writers keep the name that JPEG puts before the block.
            b"EXIF" if exif.is_none() => exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body)),
            _ => {}
        }
        if let Some((width, height)) = canvas.or(pixels) {
            limits.check(width, height)?;
        }
        // Chunks are padded to even lengths; the last one's padding is often left away.
        at = end.saturating_add(length & 1);
    }
    let (width, height) = pixels.ok_or(PictureRefusal::Broken { why: "no pixels" })?;
    if canvas.is_some_and(|canvas| canvas != (width, height)) {
        return Err(PictureRefusal::Broken {
            why: "canvas and picture differ in size",
        });
    }
    limits.check(width, height)?;
    Ok(Header {
        width,
        height,
        coding: Coding::Raster { bytes_per_pixel },
        exif,
        xmp,
    })
}

const fn moving() -> PictureRefusal {
    PictureRefusal::UnsupportedKind {
        found: ForeignKind::MovingWebp,
    }
}

fn read_canvas(body: &[u8]) -> Result<(u32, u32), PictureRefusal> {
    const SHORT: PictureRefusal = PictureRefusal::Broken {
        why: "canvas chunk too short",
    };
    if body.first().ok_or(SHORT)? & MOVING != 0 {
        return Err(moving());
    }
    let width = le_u24(body, 4).ok_or(SHORT)?;
    let height = le_u24(body, 7).ok_or(SHORT)?;
    Ok((width + 1, height + 1))
}

fn read_lossy(body: &[u8]) -> Result<(u32, u32), PictureRefusal> {
    const BROKEN: PictureRefusal = PictureRefusal::Broken {
        why: "lossy pixels without a key frame",
    };
    if array(body, 3) != Some([0x9d, 0x01, 0x2a]) {
        return Err(BROKEN);
    }
    // The two highest bits ask for scaling when shown, which no viewer does.
    let side = |at| le_u16(body, at).map(|side| u32::from(side & 0x3fff));
    side(6).zip(side(8)).ok_or(BROKEN)
}

fn read_lossless(body: &[u8]) -> Result<(u32, u32), PictureRefusal> {
    const BROKEN: PictureRefusal = PictureRefusal::Broken {
        why: "lossless pixels without a header",
    };
    if body.first() != Some(&0x2f) {
        return Err(BROKEN);
    }
    let packed = le_u32(body, 1).ok_or(BROKEN)?;
    Ok(((packed & 0x3fff) + 1, ((packed >> 14) & 0x3fff) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        for (name, content) in chunks {
            body.extend(*name);
            body.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
            body.extend(*content);
            body.resize(body.len().next_multiple_of(2), 0);
        }
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [&b"RIFF"[..], &length, &body].concat()
    }

    const LOSSY: &[u8] = &[0, 0, 0, 0x9d, 0x01, 0x2a, 100, 0, 50, 0, 7];

    #[test]
    fn the_size_is_that_of_the_pixels_and_every_cut_is_noticed() {
        let limits = PictureLimits::DEFAULT;
        let whole = file(&[(b"VP8X", &[8, 0, 0, 0, 99, 0, 0, 49, 0, 0]), (b"VP8 ", LOSSY)]);
        let header = read(&whole, limits).unwrap();
        assert_eq!((header.width, header.height), (100, 50));
        assert_eq!(
            header.coding,
            Coding::Raster {
                bytes_per_pixel: LOSSY_BYTES
            }
        );
        let alpha = file(&[
            (b"VP8X", &[ALPHA, 0, 0, 0, 99, 0, 0, 49, 0, 0]),
            (b"ALPH", &[0]),
            (b"VP8 ", LOSSY),
        ]);
        let coding = read(&alpha, limits).map(|header| header.coding).ok();
        assert_eq!(
            coding,
            Some(Coding::Raster {
                bytes_per_pixel: LOSSY_ALPHA_BYTES
            })
        );
        // The last byte is padding, which is not missed.
        for length in 12..whole.len() - 1 {
            assert_eq!(
                read(&whole[..length], limits).err(),
                Some(PictureRefusal::Truncated),
                "cut to {length}"
            );
        }
        let lossless = file(&[(b"VP8L", &[0x2f, 0x63, 0x40, 0x0c, 0x00])]);
        let header = read(&lossless, limits).unwrap();
        assert_eq!((header.width, header.height), (100, 50));
    }

    #[test]
    fn moving_pictures_and_contradicting_sizes_are_refused() {
        let limits = PictureLimits::DEFAULT;
        let moves = file(&[
            (b"VP8X", &[MOVING, 0, 0, 0, 99, 0, 0, 49, 0, 0]),
            (b"ANIM", &[0; 6]),
        ]);
        assert_eq!(read(&moves, limits).err(), Some(moving()));
        let differs = file(&[(b"VP8X", &[0, 0, 0, 0, 98, 0, 0, 49, 0, 0]), (b"VP8 ", LOSSY)]);
        assert!(matches!(
            read(&differs, limits).err(),
            Some(PictureRefusal::Broken { .. })
        ));
        let huge = file(&[(b"VP8X", &[0, 0, 0, 0, 255, 255, 255, 255, 255, 255])]);
        assert!(matches!(
            read(&huge, limits).err(),
            Some(PictureRefusal::TooManyPixels { .. })
        ));
        assert!(matches!(
            read(&file(&[]), limits).err(),
            Some(PictureRefusal::Broken { .. })
        ));
    }
}

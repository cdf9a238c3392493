//! PNG: a walk over the chunks.
//!
//! Invariant: a picture is whole when its header comes first, pixels follow, and its end chunk is reached.
//! Refuses: combinations of colour type and depth that the format does not know.

use super::PictureRefusal;
use super::bytes::{array, be_u32, size};
use super::facts::{Coding, PictureLimits};
use super::inspect::Header;

/// Size, coding and EXIF of a PNG that is there to its end.
pub(super) fn read(bytes: &[u8], limits: PictureLimits) -> Result<Header<'_>, PictureRefusal> {
    let mut at = 8;
    let (kind, body) = chunk(bytes, &mut at)?;
    if kind != *b"IHDR" {
        return Err(PictureRefusal::Broken {
            why: "the header is not the first chunk",
        });
    }
    let (width, height, bytes_per_pixel) = read_header(body)?;
    limits.check(width, height)?;
    let mut exif = None;
    let mut pixels = false;
    loop {
        match chunk(bytes, &mut at)? {
            (kind, _) if kind == *b"IEND" => break,
            (kind, _) if kind == *b"IDAT" => pixels = true,
            (kind, body) if kind == *b"eXIf" && exif.is_none() => exif = Some(body),
            _ => {}
        }
    }
    if pixels {
        Ok(Header {
            width,
            height,
            coding: Coding::Raster { bytes_per_pixel },
            exif,
            // Its text chunks may be packed, and no phone writes any.
            xmp: None,
        })
    } else {
        Err(PictureRefusal::Broken { why: "no pixels" })
    }
}

/// The chunk at `at`: its name and body. Moves `at` behind it and its check sum.
fn chunk<'a>(bytes: &'a [u8], at: &mut usize) -> Result<([u8; 4], &'a [u8]), PictureRefusal> {
    let length = be_u32(bytes, *at).ok_or(PictureRefusal::Truncated)?;
    if length > 0x7fff_ffff {
        return Err(PictureRefusal::Broken {
            why: "chunk longer than the format allows",
        });
    }
    let kind = array(bytes, at.saturating_add(4)).ok_or(PictureRefusal::Truncated)?;
    let start = at.saturating_add(8);
    let end = start.saturating_add(size(length));
    let body = bytes.get(start..end).ok_or(PictureRefusal::Truncated)?;
    array::<4>(bytes, end).ok_or(PictureRefusal::Truncated)?;
    *at = end.saturating_add(4);
    Ok((kind, body))
}

/// Width, height, and what one pixel takes: as decoded, with palettes and transparent colours spelled out, and, unless
/// that is 8 bits of three or four colours already, as these beside it.
fn read_header(body: &[u8]) -> Result<(u32, u32, u8), PictureRefusal> {
    const BROKEN: PictureRefusal = PictureRefusal::Broken {
        why: "header chunk of the wrong length",
    };
    let width = be_u32(body, 0).ok_or(BROKEN)?;
    let height = be_u32(body, 4).ok_or(BROKEN)?;
    let [depth, colour] = array(body, 8).ok_or(BROKEN)?;
    let bytes_per_pixel = match (colour, depth) {
        (2 | 6, 8) | (3, 1 | 2 | 4 | 8) => 4,
        (0, 1 | 2 | 4 | 8) | (4, 8) => 2 + 4,
        (0 | 4, 16) => 4 + 4,
        (2 | 6, 16) => 8 + 4,
        _ => {
            return Err(PictureRefusal::Broken {
                why: "no such colour type and depth",
            });
        }
    };
    if body.len() == 13 {
        Ok((width, height, bytes_per_pixel))
    } else {
        Err(BROKEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(width: u32, height: u32, depth: u8, colour: u8, chunks: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([depth, colour, 0, 0, 0, 1, 2, 3, 4]);
        for name in chunks {
            bytes.extend([0, 0, 0, 1]);
            bytes.extend(*name);
            bytes.extend([9, 1, 2, 3, 4]);
        }
        bytes
    }

    #[test]
    fn a_whole_picture_has_header_pixels_and_end() {
        let limits = PictureLimits::DEFAULT;
        let whole = file(300, 200, 16, 6, &[b"IDAT", b"IEND"]);
        let header = read(&whole, limits).unwrap();
        assert_eq!((header.width, header.height), (300, 200));
        assert_eq!(header.coding, Coding::Raster { bytes_per_pixel: 12 });
        for length in 8..whole.len() {
            assert_eq!(
                read(&whole[..length], limits).err(),
                Some(PictureRefusal::Truncated),
                "cut to {length}"
            );
        }
        let empty = file(300, 200, 8, 2, &[b"IEND"]);
        assert!(matches!(
            read(&empty, limits).err(),
            Some(PictureRefusal::Broken { .. })
        ));
        let nonsense = file(300, 200, 5, 2, &[b"IDAT", b"IEND"]);
        assert!(matches!(
            read(&nonsense, limits).err(),
            Some(PictureRefusal::Broken { .. })
        ));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header_alone() {
        let bomb = file(60_000, 60_000, 1, 0, &[]);
        let refusal = PictureRefusal::TooManyPixels {
            pixels: 3_600_000_000,
            max: 50_000_000,
        };
        assert_eq!(read(&bomb, PictureLimits::DEFAULT).err(), Some(refusal));
        let widest = file(u32::MAX, u32::MAX, 1, 0, &[]);
        assert!(matches!(
            read(&widest, PictureLimits::DEFAULT).err(),
            Some(PictureRefusal::TooManyPixels { .. })
        ));
    }
}

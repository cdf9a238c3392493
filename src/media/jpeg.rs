//! JPEG: a walk over the markers from the start of the picture to its end.
//!
//! Invariant: a picture is whole when its own end marker is reached. The embedded thumbnail's end marker is stepped
//! over with the segment that holds it, and whatever follows the end (a film, a second picture, padding) is not read.
//! Refuses: codings that no browser shows, and more passes than any encoder writes, because each pass costs a full
//! walk over the picture for a handful of bytes.

use super::bytes::be_u16;
use super::facts::{Coding, PictureLimits};
use super::inspect::Header;
use super::{ForeignKind, PictureRefusal};

/// Encoders write about 10 passes; 64 is one for each coefficient.
const MAX_PASSES: u32 = 64;

/// What opens an EXIF segment.
const EXIF_NAME: &[u8] = b"Exif\0\0";
/// What opens an XMP segment.
const XMP_NAME: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

const RARE: PictureRefusal = PictureRefusal::UnsupportedKind {
    found: ForeignKind::RareJpeg,
};

/// Size, coding and EXIF of a JPEG that is there to its end.
pub(super) fn read(bytes: &[u8], limits: PictureLimits) -> Result<Header<'_>, PictureRefusal> {
    let mut frame = None;
    let (mut exif, mut xmp) = (None, None);
    let mut passes = 0_u32;
    let mut at = 2;
    loop {
        let (marker, after) = next_marker(bytes, at).ok_or(PictureRefusal::Truncated)?;
        match marker {
            0xd9 => break,
            // Another picture begins where this one should have gone on.
            0xd8 => return Err(PictureRefusal::Truncated),
            _ => {}
        }
        let length = usize::from(be_u16(bytes, after).ok_or(PictureRefusal::Truncated)?);
        let end = after.saturating_add(length);
        let body = bytes.get(after..end).ok_or(PictureRefusal::Truncated)?;
        let body = body.get(2..).ok_or(PictureRefusal::Broken {
            why: "segment shorter than its length field",
        })?;
        match marker {
            0xc0..=0xc2 if frame.is_none() => frame = Some(read_frame(body, marker == 0xc2, limits)?),
            0xc0..=0xc2 => {
                return Err(PictureRefusal::Broken {
                    why: "two frame headers",
                });
            }
            // Lossless, differential and arithmetic frames, arithmetic tables, hierarchical progressions.
            0xc3 | 0xc5..=0xcf | 0xde | 0xdf => return Err(RARE),
            0xda if frame.is_none() => {
                return Err(PictureRefusal::Broken {
                    why: "pixels before frame header",
                });
            }
            0xda => {
                passes += 1;
                if passes > MAX_PASSES {
                    return Err(PictureRefusal::Broken {
                        why: "more passes than any encoder writes",
                    });
                }
            }
            0xe1 => {
                exif = exif.or_else(|| body.strip_prefix(EXIF_NAME));
                xmp = xmp.or_else(|| body.strip_prefix(XMP_NAME));
            }
            _ => {}
        }
        at = end;
    }
    let (width, height, coding) = frame.ok_or(PictureRefusal::Broken {
        why: "no frame header",
    })?;
    if passes == 0 {
        return Err(PictureRefusal::Broken { why: "no pixels" });
    }
    Ok(Header {
        width,
        height,
        coding,
        exif,
        xmp,
    })
}

/// The next marker that means something here, and the offset after it. Bytes that are no marker are compressed pixels,
/// or the stray bytes that some cameras leave between segments.
fn next_marker(bytes: &[u8], from: usize) -> Option<(u8, usize)> {
    let mut rest = bytes.get(from..)?;
    loop {
        let mark = memchr::memchr(0xff, rest)?;
        rest = rest.get(mark..)?;
        let code = rest.iter().position(|byte| *byte != 0xff)?;
        let (head, tail) = rest.split_at_checked(code + 1)?;
        rest = tail;
        match head.last()? {
            // A stuffed byte, reserved codes without a length, restart marks.
            0x00..=0xbf | 0xd0..=0xd7 | 0xf0..=0xfd => {}
            marker => return Some((*marker, bytes.len() - rest.len())),
        }
    }
}

/// A frame header's size and coding. `body` starts at the sample precision.
fn read_frame(
    body: &[u8],
    progressive: bool,
    limits: PictureLimits,
) -> Result<(u32, u32, Coding), PictureRefusal> {
    const SHORT: PictureRefusal = PictureRefusal::Broken {
        why: "frame header too short",
    };
    let (&[precision, high_1, high_2, wide_1, wide_2, components], specifications) =
        body.split_first_chunk::<6>().ok_or(SHORT)?;
    if precision != 8 || !matches!(components, 1 | 3 | 4) {
        return Err(RARE);
    }
    let height = u32::from(u16::from_be_bytes([high_1, high_2]));
    let width = u32::from(u16::from_be_bytes([wide_1, wide_2]));
    limits.check(width, height)?;
    let (specifications, _) = specifications.as_chunks::<3>();
    let specifications = specifications.get(..usize::from(components)).ok_or(SHORT)?;
    let factors = specifications
        .iter()
        .map(|[_, factors, _]| (u32::from(factors >> 4), u32::from(factors & 15)));
    let factors: Vec<(u32, u32)> = factors.collect();
    if factors
        .iter()
        .any(|(across, down)| !(1..=4).contains(across) || !(1..=4).contains(down))
    {
        return Err(PictureRefusal::Broken {
            why: "impossible sampling of colours",
        });
    }
    let most_across = factors.iter().map(|(across, _)| *across).max().unwrap_or(1);
    let most_down = factors.iter().map(|(_, down)| *down).max().unwrap_or(1);
    let units = u64::from(width.div_ceil(8 * most_across)) * u64::from(height.div_ceil(8 * most_down));
    let blocks_per_unit: u32 = factors.iter().map(|(across, down)| across * down).sum();
    let samples = units * u64::from(blocks_per_unit) * 64;
    Ok((
        width,
        height,
        Coding::Dct {
            progressive,
            components,
            samples,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: PictureLimits = PictureLimits::DEFAULT;

    /// A file of these segments, each a marker and its body, around "pixels".
    fn file(frame: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        bytes.extend(frame);
        bytes.extend([
            0xff, 0xda, 0, 2, 0x12, 0xff, 0x00, 0x34, 0xff, 0xd3, 0x56, 0xff, 0xd9,
        ]);
        bytes
    }

    fn frame(marker: u8, precision: u8, width: u16, height: u16) -> Vec<u8> {
        let mut bytes = vec![0xff, marker, 0, 17, precision];
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
        bytes
    }

    #[test]
    fn size_and_cost_come_from_the_frame_header() {
        let bytes = file(&frame(0xc0, 8, 100, 50));
        let header = read(&bytes, LIMITS).unwrap();
        assert_eq!((header.width, header.height), (100, 50));
        // 7 × 4 units of 16 × 16 pixels, six blocks of 64 samples in each.
        let samples = 7 * 4 * 6 * 64;
        assert_eq!(
            header.coding,
            Coding::Dct {
                progressive: false,
                components: 3,
                samples
            }
        );
    }

    #[test]
    fn the_first_xmp_packet_is_handed_on_and_is_not_taken_for_exif() {
        let segment = |body: &[u8]| {
            let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
            [&[0xff, 0xe1][..], &length, body].concat()
        };
        let packet = [XMP_NAME, b"<x:xmpmeta/>"].concat();
        let again = [XMP_NAME, b"<other/>"].concat();
        let head = [segment(&packet), segment(&again), frame(0xc0, 8, 100, 50)].concat();
        let bytes = file(&head);
        let header = read(&bytes, LIMITS).unwrap();
        assert_eq!((header.xmp, header.exif), (Some(&b"<x:xmpmeta/>"[..]), None));
    }

    #[test]
    fn every_cut_is_noticed() {
        let bytes = file(&frame(0xc2, 8, 100, 50));
        for length in 2..bytes.len() {
            let refusal = read(&bytes[..length], LIMITS).err();
            assert_eq!(refusal, Some(PictureRefusal::Truncated), "cut to {length}");
        }
    }

    #[test]
    fn a_cut_picture_that_zeros_or_another_picture_follow_is_still_cut() {
        let whole = file(&frame(0xc0, 8, 100, 50));
        let cut = &whole[..whole.len() - 2];
        let filled = [cut, &[0; 500]].concat();
        assert_eq!(read(&filled, LIMITS).err(), Some(PictureRefusal::Truncated));
        let doubled = [cut, &whole].concat();
        assert_eq!(read(&doubled, LIMITS).err(), Some(PictureRefusal::Truncated));
        let trailed = [&whole, &b"MotionPhoto_Data\0\0\0\x18ftypmp42"[..]].concat();
        assert!(read(&trailed, LIMITS).is_ok());
    }

    #[test]
    fn codings_that_no_browser_shows_are_refused_by_name() {
        for marker in [0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xde] {
            assert_eq!(
                read(&file(&frame(marker, 8, 10, 10)), LIMITS).err(),
                Some(RARE),
                "{marker:x}"
            );
        }
        assert_eq!(read(&file(&frame(0xc1, 12, 10, 10)), LIMITS).err(), Some(RARE));
    }

    #[test]
    fn a_size_that_cannot_be_is_refused_before_the_end_is_looked_for() {
        let mut bytes = file(&frame(0xc0, 8, 50_000, 50_000));
        bytes.truncate(30);
        let refusal = PictureRefusal::TooManyPixels {
            pixels: 2_500_000_000,
            max: 50_000_000,
        };
        assert_eq!(read(&bytes, LIMITS).err(), Some(refusal));
        for (width, height) in [(0, 10), (10, 0)] {
            let refusal = read(&file(&frame(0xc0, 8, width, height)), LIMITS).err();
            assert!(matches!(refusal, Some(PictureRefusal::Broken { .. })));
        }
    }

    #[test]
    fn a_thousand_passes_over_one_picture_are_refused() {
        let mut frames = frame(0xc2, 8, 5000, 5000);
        for _ in 0..1000 {
            frames.extend([0xff, 0xda, 0, 2, 0x12]);
        }
        assert!(matches!(
            read(&file(&frames), LIMITS).err(),
            Some(PictureRefusal::Broken { .. })
        ));
    }
}

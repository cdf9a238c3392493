//! What a file is, by its first bytes.
//!
//! Invariant: names and declared types play no part, so a GIF named `.jpg` is a GIF.
//! Refuses: everything but JPEG, PNG and WebP, with the name of what was found where it has one.

use super::bytes::array;
use super::{ForeignKind, PictureKind, PictureRefusal};

/// How far into a text the start of an SVG is looked for.
const SVG_SEARCH_BYTES: usize = 1024;

/// The kind of picture in `bytes`.
pub(super) fn sniff(bytes: &[u8]) -> Result<PictureKind, PictureRefusal> {
    if bytes.is_empty() {
        return Err(PictureRefusal::Empty);
    }
    for (signature, kind) in [
        (&b"\xff\xd8\xff"[..], PictureKind::Jpeg),
        (&b"\x89PNG\r\n\x1a\n"[..], PictureKind::Png),
    ] {
        if bytes.starts_with(signature) {
            return Ok(kind);
        }
        if signature.starts_with(bytes) {
            return Err(PictureRefusal::Truncated);
        }
    }
    if bytes.starts_with(b"RIFF") {
        return match array(bytes, 8) {
            Some([b'W', b'E', b'B', b'P']) => Ok(PictureKind::Webp),
            Some(_) => Err(PictureRefusal::NotAPicture),
            None => Err(PictureRefusal::Truncated),
        };
    }
    Err(match foreign(bytes) {
        Some(found) => PictureRefusal::UnsupportedKind { found },
        None => PictureRefusal::NotAPicture,
    })
}

/// The name of something that is not taken.
fn foreign(bytes: &[u8]) -> Option<ForeignKind> {
    for (signature, kind) in [
        (&b"GIF8"[..], ForeignKind::Gif),
        (&b"II*\0"[..], ForeignKind::Tiff),
        (&b"MM\0*"[..], ForeignKind::Tiff),
        (&b"%PDF-"[..], ForeignKind::Pdf),
        (&b"\xff\x0a"[..], ForeignKind::JpegXl),
        (&b"\0\0\0\x0cJXL \r\n\x87\n"[..], ForeignKind::JpegXl),
    ] {
        if bytes.starts_with(signature) {
            return Some(kind);
        }
    }
    // "BM" alone could open any text; the four bytes after the size are reserved and zero.
    if bytes.starts_with(b"BM") && array(bytes, 6) == Some([0; 4]) {
        return Some(ForeignKind::Bmp);
    }
    if array(bytes, 4) == Some(*b"ftyp") {
        return Some(match &array(bytes, 8)? {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
                ForeignKind::Heic
            }
            b"avif" | b"avis" => ForeignKind::Avif,
            _ => ForeignKind::Video,
        });
    }
    is_svg(bytes).then_some(ForeignKind::Svg)
}

/// Whether a text opens with an SVG element, possibly after declarations and comments.
fn is_svg(bytes: &[u8]) -> bool {
    let head = bytes.get(..SVG_SEARCH_BYTES).unwrap_or(bytes);
    let text = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    text.starts_with(b"<") && text.windows(4).any(|part| part.eq_ignore_ascii_case(b"<svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_files_are_refused_by_their_own_name() {
        for (bytes, found) in [
            (&b"GIF89a\x01\0\x01\0"[..], ForeignKind::Gif),
            (b"\0\0\0\x18ftypheic\0\0\0\0", ForeignKind::Heic),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", ForeignKind::Heic),
            (b"\0\0\0\x18ftypavif\0\0\0\0", ForeignKind::Avif),
            (b"\0\0\0\x18ftypisom\0\0\0\0", ForeignKind::Video),
            (b"II*\0\x08\0\0\0", ForeignKind::Tiff),
            (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", ForeignKind::Bmp),
            (b"%PDF-1.7\n", ForeignKind::Pdf),
            (b"\xff\x0a\xfa", ForeignKind::JpegXl),
            (
                b"<svg xmlns='x'><script>alert(1)</script></svg>",
                ForeignKind::Svg,
            ),
            (
                b"\xef\xbb\xbf <?xml version='1.0'?><!-- x --><SVG/>",
                ForeignKind::Svg,
            ),
        ] {
            assert_eq!(
                sniff(bytes),
                Err(PictureRefusal::UnsupportedKind { found }),
                "{found:?}"
            );
        }
    }

    #[test]
    fn what_is_no_picture_says_so() {
        assert_eq!(sniff(b""), Err(PictureRefusal::Empty));
        for bytes in [
            &b"BM is a word"[..],
            b"<html><body>",
            b"RIFF\0\0\0\0AVI LIST",
            b"PK\x03\x04",
            b"\0",
        ] {
            assert_eq!(sniff(bytes), Err(PictureRefusal::NotAPicture), "{bytes:?}");
        }
    }

    #[test]
    fn a_beginning_of_a_signature_is_a_cut_picture() {
        for bytes in [
            &b"\xff"[..],
            b"\xff\xd8",
            b"\x89PN",
            b"RIFF",
            b"RIFF\x10\0\0\0WEB",
        ] {
            assert_eq!(sniff(bytes), Err(PictureRefusal::Truncated), "{bytes:?}");
        }
    }
}

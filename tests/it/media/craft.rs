//! Pictures and EXIF blocks made for a test.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder};
use std::io::Cursor;

/// Four quarters that tell every turn apart: red, green above blue, white.
pub(super) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    })
}

/// These samples as a JPEG.
pub(super) fn jpeg_of(samples: &[u8], width: u16, height: u16, colour: ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 90)
        .encode(samples, width, height, colour)
        .unwrap();
    bytes
}

/// A small grey JPEG.
pub(super) fn small_jpeg() -> Vec<u8> {
    jpeg_of(&[128; 64 * 48], 64, 48, ColorType::Luma)
}

/// This image in another format.
pub(super) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// `jpeg` with `block` as its EXIF.
pub(super) fn with_exif(jpeg: &[u8], block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len() + 8).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, b"Exif\0\0", block, &jpeg[2..]].concat()
}

/// One entry of a directory, little-endian: tag, type, count and the value's bytes.
pub(super) type Entry = (u16, u16, u32, Vec<u8>);

/// A text entry.
pub(super) fn text(tag: u16, text: &str) -> Entry {
    let bytes = [text.as_bytes(), b"\0"].concat();
    (tag, 2, u32::try_from(bytes.len()).unwrap(), bytes)
}

/// A 16-bit entry.
pub(super) fn short(tag: u16, number: u16) -> Entry {
    (tag, 3, 1, number.to_le_bytes().to_vec())
}

/// An entry of quotients.
pub(super) fn rationals(tag: u16, quotients: &[(u32, u32)]) -> Entry {
    let bytes = quotients
        .iter()
        .flat_map(|(over, under)| [over.to_le_bytes(), under.to_le_bytes()].concat());
    (tag, 5, u32::try_from(quotients.len()).unwrap(), bytes.collect())
}

/// An EXIF block with a directory of the picture that leads to those of the camera and of the satellites.
pub(super) fn exif(picture: &[Entry], camera: &[Entry], gps: &[Entry]) -> Vec<u8> {
    let mut picture = picture.to_vec();
    let long =
        |tag, number: usize| -> Entry { (tag, 4, 1, u32::try_from(number).unwrap().to_le_bytes().to_vec()) };
    let camera_at = 8 + directory(&picture, 0).len() + 24;
    let camera_bytes = directory(camera, camera_at);
    let gps_at = camera_at + camera_bytes.len();
    picture.push(long(0x8769, camera_at));
    picture.push(long(0x8825, gps_at));
    let bytes = [
        &b"II*\0\x08\0\0\0"[..],
        &directory(&picture, 8),
        &camera_bytes,
        &directory(gps, gps_at),
    ]
    .concat();
    assert_eq!(bytes.len(), gps_at + directory(gps, gps_at).len());
    bytes
}

/// A directory that stands at `at`, with the values that are longer than four bytes behind it.
fn directory(entries: &[Entry], at: usize) -> Vec<u8> {
    let mut table = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
    let mut values = Vec::new();
    let values_at = at + 2 + entries.len() * 12 + 4;
    for (tag, kind, count, value) in entries {
        table.extend(tag.to_le_bytes());
        table.extend(kind.to_le_bytes());
        table.extend(count.to_le_bytes());
        if value.len() <= 4 {
            let mut inline = value.clone();
            inline.resize(4, 0);
            table.extend(inline);
        } else {
            table.extend(u32::try_from(values_at + values.len()).unwrap().to_le_bytes());
            values.extend(value);
        }
    }
    table.extend([0; 4]);
    [table, values].concat()
}

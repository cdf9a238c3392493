//! The smaller copies: upright, bare, small, and of the same colours.

use super::craft::{encoded, exif, jpeg_of, quarters, short, with_exif};
use super::pictures::{all, picture};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, ImageBuffer, ImageFormat, Rgb, RgbImage, Rgba};
use jpeg_encoder::{ColorType, Encoder};
use minhchung::media::{
    MAX_DECODE_BYTES, PictureLimits, RenditionError, RenditionSize, decode_memory_bytes, inspect, rendition,
};

fn smaller(bytes: &[u8], size: RenditionSize) -> Vec<u8> {
    let facts = inspect(bytes, &PictureLimits::DEFAULT).unwrap();
    rendition(bytes, &facts, size).unwrap()
}

fn thumb(bytes: &[u8]) -> RgbImage {
    let written = smaller(bytes, RenditionSize::Thumb320);
    image::load_from_memory_with_format(&written, ImageFormat::Jpeg)
        .unwrap()
        .into_rgb8()
}

/// How far the colours of two pictures of one size lie apart, on average over all channels.
fn distance(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let sum: u64 = one
        .as_raw()
        .iter()
        .zip(other.as_raw())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    f64::from(u32::try_from(sum).unwrap()) / f64::from(u32::try_from(one.as_raw().len()).unwrap())
}

fn assert_colour(image: &RgbImage, colour: [u8; 3], what: &str) {
    let uniform = RgbImage::from_pixel(image.width(), image.height(), Rgb(colour));
    let distance = distance(image, &uniform);
    assert!(
        distance < 4.0,
        "{what}: {:?} is {distance} away from {colour:?}",
        image.get_pixel(0, 0)
    );
}

#[test]
fn all_eight_orientations_come_out_upright() {
    let stored = quarters(120, 80);
    let jpeg = jpeg_of(stored.as_raw(), 120, 80, ColorType::Rgb);
    for number in 1..=8_u8 {
        let bytes = with_exif(&jpeg, &exif(&[short(0x0112, number.into())], &[], &[]));
        let mut expected = DynamicImage::from(stored.clone());
        expected.apply_orientation(image::metadata::Orientation::from_exif(number).unwrap());
        let facts = inspect(&bytes, &PictureLimits::DEFAULT).unwrap();
        assert_eq!(
            (facts.width, facts.height),
            (expected.width(), expected.height()),
            "orientation {number}"
        );
        let shown = thumb(&bytes);
        let distance = distance(&shown, &expected.into_rgb8());
        assert!(
            distance < 8.0,
            "orientation {number} is {distance} away from upright"
        );
    }
}

#[test]
fn a_real_picture_keeps_its_face_when_made_smaller() {
    for (name, turn) in [
        ("exif-0.6.0/short-ascii-II.jpg", 1),
        ("exif-0.6.0/right.jpg", 8),
        ("exif-0.6.0/down-mirrored.jpg", 4),
        ("exif-parser-0.1.12/starfish.jpg", 1),
        ("jpeg-decoder-0.3.2/tower_progressive.jpg", 1),
        ("jpeg-decoder-0.3.2/tower_grayscale.jpg", 1),
    ] {
        let bytes = picture(name);
        let shown = thumb(&bytes);
        let mut expected = image::load_from_memory(&bytes).unwrap();
        expected.apply_orientation(image::metadata::Orientation::from_exif(turn).unwrap());
        let expected = expected
            .thumbnail_exact(shown.width(), shown.height())
            .into_rgb8();
        let distance = distance(&shown, &expected);
        assert!(distance < 8.0, "{name} is {distance} away from what it shows");
    }
}

/// How near the copy, made large again, is to the picture: decibels, more is nearer.
fn nearness(picture: &RgbImage, copy: &RgbImage) -> f64 {
    let large = resized(copy, picture.dimensions(), FilterType::CatmullRom);
    let pairs = large.as_raw().iter().zip(picture.as_raw());
    let squares: f64 = pairs.map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let count = u32::try_from(picture.as_raw().len()).unwrap();
    let mean = squares / f64::from(count);
    10.0 * (255.0 * 255.0 / mean).log10()
}

fn resized(picture: &RgbImage, (width, height): (u32, u32), filter: FilterType) -> RgbImage {
    let (from_width, from_height) = picture.dimensions();
    let source =
        fast_image_resize::images::ImageRef::new(from_width, from_height, picture.as_raw(), PixelType::U8x3)
            .unwrap();
    let mut target = fast_image_resize::images::Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    Resizer::new().resize(&source, &mut target, &options).unwrap();
    RgbImage::from_raw(width, height, target.into_vec()).unwrap()
}

/// Compressed as copies are.
fn jpeg_like_ours(samples: &[u8], width: u16, height: u16, colour: ColorType) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = Encoder::new(&mut bytes, 82);
    encoder.encode(samples, width, height, colour).unwrap();
    bytes
}

#[test]
fn a_copy_of_a_detailed_photograph_is_at_most_a_decibel_worse_than_lanczos_from_all_its_pixels() {
    for name in [
        "exif-0.6.0/short-ascii-II.jpg",
        "jpeg-decoder-0.3.2/large_image.jpg",
    ] {
        let bytes = picture(name);
        let whole = image::load_from_memory(&bytes).unwrap().into_rgb8();
        for size in [RenditionSize::Thumb320, RenditionSize::Screen1600] {
            let ours = image::load_from_memory(&smaller(&bytes, size))
                .unwrap()
                .into_rgb8();
            let lanczos = resized(&whole, ours.dimensions(), FilterType::Lanczos3);
            let side = |length: u32| u16::try_from(length).unwrap();
            let lanczos = jpeg_like_ours(
                lanczos.as_raw(),
                side(lanczos.width()),
                side(lanczos.height()),
                ColorType::Rgb,
            );
            let lanczos = image::load_from_memory(&lanczos).unwrap().into_rgb8();
            let (ours, best) = (nearness(&whole, &ours), nearness(&whole, &lanczos));
            println!("{name} {size:?}: {ours:.1} dB, Lanczos {best:.1} dB");
            assert!(ours > best - 1.0, "{name} {size:?}: {ours} dB, Lanczos {best} dB");
        }
    }
}

#[test]
fn copies_of_every_camera_file_are_bare_and_smaller_in_every_sense() {
    for (name, bytes) in all() {
        let facts = inspect(&bytes, &PictureLimits::DEFAULT).unwrap();
        let copy = smaller(&bytes, RenditionSize::Thumb320);
        let shown = inspect(&copy, &PictureLimits::DEFAULT).unwrap();
        assert_eq!(
            (shown.width, shown.height),
            RenditionSize::Thumb320.fit(facts.width, facts.height),
            "{name}"
        );
        assert!(
            shown.width <= facts.width && shown.height <= facts.height,
            "{name} grew"
        );
        assert!(
            // A JPEG's tables alone take 600 bytes.
            copy.len() <= bytes.len().max(1024),
            "{name}: {} bytes became {}",
            bytes.len(),
            copy.len()
        );
        assert_eq!(segments(&copy, 0xe1..=0xef), 0, "{name} carries notes");
        assert_eq!(segments(&copy, 0xfe..=0xfe), 0, "{name} carries a comment");
        assert_eq!(segments(&copy, 0xe0..=0xe0), 1, "{name} has no JFIF header");
    }
}

/// How many segments with such markers stand before the pixels.
fn segments(jpeg: &[u8], markers: std::ops::RangeInclusive<u8>) -> usize {
    let mut at = 2;
    let mut found = 0;
    while jpeg[at + 1] != 0xda {
        found += usize::from(markers.contains(&jpeg[at + 1]));
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    found
}

#[test]
fn transparent_parts_lie_on_white() {
    let clear = DynamicImage::from(ImageBuffer::from_pixel(40, 30, Rgba([255_u8, 0, 0, 0])));
    let half = DynamicImage::from(ImageBuffer::from_pixel(40, 30, Rgba([0_u8, 0, 255, 128])));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        assert_colour(&thumb(&encoded(&clear, format)), [255, 255, 255], "clear");
        assert_colour(&thumb(&encoded(&half, format)), [127, 127, 255], "half clear");
    }
}

#[test]
fn pngs_of_sixteen_bits_and_of_grey_keep_their_colours() {
    let deep = ImageBuffer::from_pixel(500, 40, Rgba([0xffff_u16, 0x8000, 0x1000, 0xffff]));
    let image = thumb(&encoded(&DynamicImage::from(deep), ImageFormat::Png));
    assert_eq!(image.dimensions(), (320, 26));
    assert_colour(&image, [255, 128, 16], "sixteen bits");
    let grey = encoded(
        &DynamicImage::from(ImageBuffer::from_pixel(40, 30, image::Luma([77_u8]))),
        ImageFormat::Png,
    );
    assert_colour(&thumb(&grey), [77, 77, 77], "grey");
}

#[test]
fn printers_ink_becomes_the_colour_that_it_prints() {
    // Magenta and a third of black.
    let ink = [0, 255, 0, 85].repeat(64 * 64);
    for coding in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let image = thumb(&jpeg_of(&ink, 64, 64, coding));
        assert_colour(&image, [170, 0, 170], &format!("{coding:?}"));
    }
}

#[test]
fn progressive_and_sequential_jpegs_look_the_same() {
    let pixels = quarters(700, 500);
    let mut progressive = Vec::new();
    let mut encoder = Encoder::new(&mut progressive, 90);
    encoder.set_progressive(true);
    encoder.encode(pixels.as_raw(), 700, 500, ColorType::Rgb).unwrap();
    let sequential = jpeg_of(pixels.as_raw(), 700, 500, ColorType::Rgb);
    let distance = distance(&thumb(&progressive), &thumb(&sequential));
    assert!(distance < 1.0, "{distance}");
}

#[test]
fn a_lossy_webp_is_shown() {
    let image = thumb(LOSSY_WEBP);
    assert_eq!(image.dimensions(), (16, 16));
    assert_colour(&image, [200, 40, 40], "lossy");
}

/// 16 × 16 pixels of one red, written by libwebp at quality 75.
const LOSSY_WEBP: &[u8] = &[
    82, 73, 70, 70, 56, 0, 0, 0, 87, 69, 66, 80, 86, 80, 56, 32, 44, 0, 0, 0, 144, 1, 0, 157, 1, 42, 16, 0,
    16, 0, 2, 0, 52, 37, 160, 2, 116, 186, 0, 3, 152, 0, 254, 239, 118, 215, 227, 121, 188, 214, 206, 63,
    254, 193, 223, 254, 131, 191, 253, 7, 127, 178, 64, 0,
];

#[test]
fn facts_of_another_picture_are_noticed_before_anything_is_decoded() {
    let small = jpeg_of(&[0; 32 * 16], 32, 16, ColorType::Luma);
    let large = jpeg_of(&[0; 64 * 64], 64, 64, ColorType::Luma);
    let facts = inspect(&small, &PictureLimits::DEFAULT).unwrap();
    assert_eq!(
        rendition(&large, &facts, RenditionSize::Thumb320),
        Err(RenditionError::OtherPicture)
    );
    let png = encoded(&DynamicImage::new_rgb8(10, 10), ImageFormat::Png);
    let other = encoded(&DynamicImage::new_rgb8(10, 11), ImageFormat::Png);
    let facts = inspect(&png, &PictureLimits::DEFAULT).unwrap();
    assert_eq!(
        rendition(&other, &facts, RenditionSize::Thumb320),
        Err(RenditionError::OtherPicture)
    );
}

#[test]
fn a_decode_that_would_take_too_much_memory_is_not_begun() {
    let mut png = encoded(&DynamicImage::new_rgba16(2, 2), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0x1b, 0x58, 0, 0, 0x1b, 0x58]);
    let facts = inspect(&png, &PictureLimits::DEFAULT).unwrap();
    let needed = decode_memory_bytes(&facts, RenditionSize::Thumb320);
    assert!(needed > 49_000_000 * 8);
    let refusal = RenditionError::TooMuchMemory {
        needed,
        max: MAX_DECODE_BYTES,
    };
    assert_eq!(rendition(&png, &facts, RenditionSize::Thumb320), Err(refusal));
}

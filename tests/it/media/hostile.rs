//! Files that were made to hurt, or were hurt on the way.

use super::craft::{encoded, exif, jpeg_of, quarters, rationals, short, small_jpeg, text, with_exif};
use super::pictures::picture;
use image::{DynamicImage, ImageFormat};
use jpeg_encoder::ColorType;
use minhchung::media::{
    Exif, ForeignKind, Orientation, PictureLimits, PictureRefusal, RenditionError, RenditionSize, inspect,
    rendition,
};
use std::time::{Duration, Instant};

const LIMITS: PictureLimits = PictureLimits::DEFAULT;

#[test]
fn a_camera_file_that_was_cut_anywhere_is_refused_as_cut() {
    for name in [
        "exif-0.6.0/test1.jpg",
        "exif-0.6.0/short-ascii-II.jpg",
        "exif-0.6.0/sony-alpha-6000.jpg",
        "jpeg-decoder-0.3.2/tower_progressive.jpg",
    ] {
        let whole = picture(name);
        // The Sony carries a preview and padding behind the picture, which may go without loss.
        let needed = (0..=whole.len() / 2000)
            .map(|step| whole.len() - step * 2000)
            .take_while(|length| inspect(&whole[..*length], &LIMITS).is_ok())
            .last()
            .unwrap();
        assert!(
            needed > whole.len() * 4 / 5,
            "{name} is taken when cut to {needed} of {}",
            whole.len()
        );
        for share in 1..60 {
            let cut = &whole[..(needed - 2000) * share / 60];
            assert_eq!(
                inspect(cut, &LIMITS),
                Err(PictureRefusal::Truncated),
                "{name}: {}",
                cut.len()
            );
        }
    }
}

#[test]
fn a_cut_file_that_was_filled_with_zeros_is_refused_as_cut() {
    let mut bytes = picture("exif-parser-0.1.12/starfish.jpg");
    let half = bytes.len() / 2;
    bytes[half..].fill(0);
    assert_eq!(inspect(&bytes, &LIMITS), Err(PictureRefusal::Truncated));
}

#[test]
fn bytes_behind_the_end_of_a_picture_do_no_harm() {
    let film = [
        &small_jpeg()[..],
        &b"\0\0\0\x18ftypmp42\0\0\0\0"[..],
        &[0xff; 5000],
    ]
    .concat();
    assert!(inspect(&film, &LIMITS).is_ok());
    let doubled = [small_jpeg(), picture("jpeg-decoder-0.3.2/tower.jpg")].concat();
    assert_eq!(inspect(&doubled, &LIMITS).map(|facts| facts.width), Ok(64));
}

#[test]
fn sizes_beyond_the_limit_are_refused_by_their_header() {
    let mut jpeg = small_jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xc3, 0x50, 0xc3, 0x50]);
    let refusal = PictureRefusal::TooManyPixels {
        pixels: 2_500_000_000,
        max: 50_000_000,
    };
    assert_eq!(inspect(&jpeg, &LIMITS), Err(refusal));

    let small = encoded(&DynamicImage::new_rgb8(10, 10), ImageFormat::Png);
    let tight = PictureLimits { max_pixels: 99 };
    assert_eq!(
        inspect(&small, &tight),
        Err(PictureRefusal::TooManyPixels { pixels: 100, max: 99 })
    );
    assert!(inspect(&small, &PictureLimits { max_pixels: 100 }).is_ok());
}

#[test]
fn a_size_in_the_frame_that_the_pixels_do_not_fill_costs_no_more_than_it_says() {
    let mut jpeg = small_jpeg();
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    // 6000 × 6000 pixels of which 64 × 48 are there.
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x17, 0x70, 0x17, 0x70]);
    let facts = inspect(&jpeg, &LIMITS).unwrap();
    let started = Instant::now();
    let outcome = rendition(&jpeg, &facts, RenditionSize::Thumb320);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    assert!(
        matches!(outcome, Ok(_) | Err(RenditionError::Undecodable { .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_gif_named_as_a_jpeg_is_a_gif() {
    let found = ForeignKind::Gif;
    assert_eq!(
        inspect(b"GIF89a\x01\0\x01\0\0\0\0;", &LIMITS),
        Err(PictureRefusal::UnsupportedKind { found })
    );
    assert_eq!(inspect(b"", &LIMITS), Err(PictureRefusal::Empty));
}

#[test]
fn wild_offsets_counts_and_loops_in_exif_never_refuse_a_picture() {
    let jpeg = small_jpeg();
    let wild = u32::MAX.to_le_bytes().to_vec();
    let loops = {
        let mut block = exif(&[], &[], &[]);
        // Both links of the picture's directory lead back to it.
        for link in [0x8769_u16, 0x8825] {
            let at = block
                .windows(2)
                .position(|pair| pair == link.to_le_bytes())
                .unwrap();
            block[at + 8..at + 12].copy_from_slice(&8_u32.to_le_bytes());
        }
        block
    };
    for (what, block, broken) in [
        ("nothing", vec![], true),
        ("no byte order", b"XX*\0\x08\0\0\0\0\0".to_vec(), true),
        ("directory outside", b"II*\0\xff\xff\xff\xff".to_vec(), true),
        (
            "directory cut",
            b"II*\0\x08\0\0\0\xff\xff\x0f\x01".to_vec(),
            false,
        ),
        (
            "value outside",
            exif(&[(0x010f, 2, u32::MAX, wild.clone())], &[], &[]),
            false,
        ),
        (
            "huge count",
            exif(&[(0x010f, 5, 0x2000_0001, wild)], &[], &[]),
            false,
        ),
        (
            "unknown type",
            exif(&[(0x010f, 77, 9, vec![1; 9])], &[], &[]),
            false,
        ),
        ("loops", loops, false),
        ("orientation 9", exif(&[short(0x0112, 9)], &[], &[]), false),
    ] {
        let facts =
            inspect(&with_exif(&jpeg, &block), &LIMITS).unwrap_or_else(|refusal| panic!("{what}: {refusal}"));
        assert_eq!(facts.orientation, Orientation::Upright, "{what}");
        assert_eq!(facts.exif == Exif::Broken, broken, "{what}: {:?}", facts.exif);
        assert_eq!(
            facts.exif.facts().and_then(|exif| exif.make.clone()),
            None,
            "{what}"
        );
    }
}

#[test]
fn a_block_whose_directories_overlap_by_the_thousand_costs_nothing() {
    // Each entry leads to a directory that begins in the entry before, where its number of entries is read from the
    // offset that stands there. Collected, they are 15 million entries.
    let mut block = b"MM\0*\0\0\0\x08\x15\x18".to_vec();
    for entry in 0..5400_u32 {
        block.extend([0x87, 0x69, 0, 4, 0, 0, 0, 1]);
        block.extend((8 + entry.max(1) * 12).to_be_bytes());
    }
    let bytes = with_exif(&small_jpeg(), &block);
    let started = Instant::now();
    assert!(inspect(&bytes, &LIMITS).is_ok());
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_place_that_is_not_on_earth_or_not_whole_is_absent() {
    let jpeg = small_jpeg();
    let place = |latitude: &[(u32, u32)], side: Option<&str>| {
        let mut gps = vec![
            rationals(2, latitude),
            text(3, "E"),
            rationals(4, &[(103, 1), (58, 1), (12, 1)]),
        ];
        gps.extend(side.map(|side| text(1, side)));
        let facts = inspect(&with_exif(&jpeg, &exif(&[], &[], &gps)), &LIMITS).unwrap();
        facts.exif.facts().and_then(|exif| exif.position)
    };
    let there = place(&[(22, 1), (30, 1), (0, 1)], Some("N")).unwrap();
    assert!(
        (there.latitude - 22.5).abs() < 1e-9 && (there.longitude - 103.97).abs() < 1e-9,
        "{there:?}"
    );
    assert!(place(&[(22, 1), (30, 1), (0, 1)], Some("S")).unwrap().latitude < -22.0);
    assert_eq!(
        place(&[(22, 1), (30, 1), (0, 0)], Some("N")),
        None,
        "divided by zero"
    );
    assert_eq!(
        place(&[(u32::MAX, 1), (0, 1), (0, 1)], Some("N")),
        None,
        "far outside"
    );
    assert_eq!(place(&[(22, 1), (30, 1)], Some("N")), None, "no seconds");
    assert_eq!(
        place(&[(22, 1), (30, 1), (0, 1)], None),
        None,
        "no side of the world"
    );
    assert_eq!(
        place(&[(22, 1), (30, 1), (0, 1)], Some("X")),
        None,
        "no such side"
    );
    let null_island = place(&[(0, 1), (0, 1), (0, 1)], Some("N"));
    assert!(
        null_island.is_some(),
        "0 is a place; what to think of it is for the checks"
    );
}

#[test]
fn the_cameras_zone_is_read_where_it_is_written() {
    let camera = [text(0x9003, "2026:10:05 08:30:00"), text(0x9011, "+07:00")];
    let bytes = with_exif(&small_jpeg(), &exif(&[], &camera, &[]));
    let facts = inspect(&bytes, &LIMITS).unwrap();
    let exif = facts.exif.facts().unwrap();
    let zoned = exif
        .taken_offset
        .unwrap()
        .to_timestamp(exif.taken_at.unwrap())
        .unwrap();
    assert_eq!(zoned.to_string(), "2026-10-05T01:30:00Z");
}

#[test]
fn a_picture_with_half_its_compressed_bytes_spoilt_is_undecodable_or_shown_but_nothing_worse() {
    let mut bytes = jpeg_of(&quarters(400, 300).into_raw(), 400, 300, ColorType::Rgb);
    let end = bytes.len() - 2;
    for (index, byte) in bytes[700..end].iter_mut().enumerate() {
        *byte = u8::try_from(index * 7 % 0xff).unwrap();
    }
    let facts = inspect(&bytes, &LIMITS).unwrap();
    let outcome = rendition(&bytes, &facts, RenditionSize::Thumb320);
    assert!(
        matches!(outcome, Ok(_) | Err(RenditionError::Undecodable { .. })),
        "{outcome:?}"
    );
}

//! Drawn scenes: distinct, and showing what they were asked to show.

use super::{super::*, HEADLINE, LINES, banner, morning, pledge};

/// The sign of the brightness step between neighbours on a 9 × 8 grid, as difference hashes use it.
fn difference_hash(picture: &Picture) -> Vec<bool> {
    let (width, height) = (usize::from(picture.width), usize::from(picture.height));
    let mut sums = [[0_u64; 9]; 8];
    for y in (0..height).step_by(6) {
        for x in (0..width).step_by(6) {
            let pixel = &picture.rgb[(y * width + x) * 3..][..3];
            sums[y * 8 / height][x * 9 / width] +=
                u64::from(pixel[0]) * 3 + u64::from(pixel[1]) * 6 + u64::from(pixel[2]);
        }
    }
    sums.iter()
        .flat_map(|row| row.windows(2).map(|pair| pair[0] < pair[1]))
        .collect()
}

fn closest_pair(pictures: &[Picture]) -> usize {
    let hashes: Vec<_> = pictures.iter().map(difference_hash).collect();
    let distance = |a: &[bool], b: &[bool]| a.iter().zip(b).filter(|(a, b)| a != b).count();
    let pairs = hashes
        .iter()
        .enumerate()
        .flat_map(|(at, a)| hashes[at + 1..].iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| distance(a, b)).min().unwrap()
}

#[test]
fn a_banner_photo_is_a_two_megapixel_jpeg_of_the_weight_that_phones_send() {
    for (seed, size_m) in [(1, (0.8, 1.6)), (2, (0.8, 1.2)), (3, (0.8, 1.6)), (6, (0.8, 1.2))] {
        let jpeg = banner_photo(
            &BannerScene {
                size_m,
                ..banner(seed)
            },
            morning(),
            None,
        )
        .unwrap();
        assert!(
            (230_000..350_000).contains(&jpeg.len()),
            "seed {seed}: {} bytes",
            jpeg.len()
        );
        let image = image::load_from_memory(&jpeg).unwrap();
        assert_eq!((image.width(), image.height()), (1600, 1200));
    }
}

#[test]
fn a_pledge_photo_is_a_two_megapixel_jpeg_of_the_weight_that_phones_send() {
    let jpeg = pledge_photo(&pledge(4), morning(), None).unwrap();
    assert!((220_000..350_000).contains(&jpeg.len()), "{} bytes", jpeg.len());
    let image = image::load_from_memory(&jpeg).unwrap();
    assert_eq!((image.width(), image.height()), (1200, 1600));
}

#[test]
fn the_same_seed_gives_the_same_picture_and_the_text_is_what_makes_the_difference() {
    let first = banner(9).photograph().unwrap();
    assert_eq!(first, banner(9).photograph().unwrap());
    let other = BannerScene {
        headline: "XÂY DỰNG THÔN NẬM THĂM KHÔNG MA TÚY",
        ..banner(9)
    };
    assert_ne!(first, other.photograph().unwrap(), "one accent less must be seen");
}

#[test]
fn banners_of_one_text_at_different_places_do_not_look_alike_to_a_difference_hash() {
    let pictures: Vec<_> = (0..16).map(|seed| banner(seed).photograph().unwrap()).collect();
    let closest = closest_pair(&pictures);
    assert!(closest >= 8, "two banners differ in {closest} of 64 bits");
}

#[test]
fn pledge_sheets_of_one_text_do_not_look_alike_to_a_difference_hash() {
    let pictures: Vec<_> = (0..16).map(|seed| pledge(seed).photograph().unwrap()).collect();
    let closest = closest_pair(&pictures);
    assert!(closest >= 6, "two sheets differ in {closest} of 64 bits");
}

#[test]
fn decomposed_accents_are_drawn_as_the_composed_letters() {
    use unicode_normalization::UnicodeNormalization;
    let decomposed: String = HEADLINE.nfd().collect();
    let drawn = BannerScene {
        headline: &decomposed,
        ..banner(3)
    }
    .photograph()
    .unwrap();
    assert_eq!(drawn, banner(3).photograph().unwrap());
}

#[test]
fn a_letter_that_the_fonts_lack_is_refused_by_name() {
    let error = BannerScene {
        headline: "KHÔNG MA TÚY 漢",
        ..banner(1)
    }
    .photograph()
    .unwrap_err();
    assert!(
        matches!(error, PictureError::LetterMissing { letter: '漢', .. }),
        "{error}"
    );
}

#[test]
fn a_text_that_cannot_be_read_any_more_is_refused() {
    let endless = "QUYẾT TÂM ".repeat(1_200);
    let error = BannerScene {
        headline: &endless,
        ..banner(1)
    }
    .photograph()
    .unwrap_err();
    assert!(matches!(error, PictureError::NoRoom { .. }));
}

#[test]
fn empty_lines_and_places_leave_their_room_empty() {
    let bare = BannerScene {
        lines: ["", LINES[1]],
        place: "",
        ..banner(5)
    };
    assert!(bare.photograph().is_ok());
}

#[test]
fn more_signers_leave_more_ink_on_the_sheet() {
    let ink = |signers| {
        let sheet = PledgeScene { signers, ..pledge(2) }.photograph().unwrap();
        sheet
            .rgb
            .chunks_exact(3)
            .filter(|pixel| pixel[2] > pixel[0].saturating_add(40))
            .count()
    };
    let (none, few, many) = (ink(0), ink(5), ink(18));
    assert!(none < few && few < many, "{none} {few} {many}");
}

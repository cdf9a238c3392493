//! Real pictures with bytes changed at random: whatever comes out, it comes out as a value.

use super::craft::{encoded, quarters};
use super::pictures::picture;
use image::{DynamicImage, ImageFormat};
use minhchung::media::{PictureLimits, RenditionError, RenditionSize, inspect, rendition};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Small ones, so that a run of many stays short.
static SOURCES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let drawn = DynamicImage::from(quarters(90, 60));
    vec![
        picture("exif-0.6.0/test1.jpg"),
        picture("piexif-1.1.3/01.jpg"),
        picture("exif-0.6.0/right.jpg"),
        picture("jpeg-decoder-0.3.2/tower_progressive.jpg"),
        encoded(&drawn, ImageFormat::Png),
        encoded(&drawn, ImageFormat::WebP),
    ]
});

/// Which of the sources, where (in millionths of its length) which byte is put, and what is cut off.
fn mutation() -> impl Strategy<Value = (usize, Vec<(u32, u8)>, u32)> {
    // Half of the changes fall into the first bytes, where the headers are.
    let place = prop_oneof![0..1_000_000_u32, 0..20_000_u32];
    (
        0..SOURCES.len(),
        prop::collection::vec((place, any::<u8>()), 1..12),
        prop_oneof![3 => Just(0), 1 => 0..1_000_000_u32],
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_picture_makes_a_panic_or_an_endless_job((source, changes, cut) in mutation()) {
        let mut bytes = SOURCES[source].clone();
        let place = |part: u32| usize::try_from(part).unwrap() * bytes.len() / 1_000_000;
        let changes: Vec<(usize, u8)> = changes.into_iter().map(|(part, byte)| (place(part), byte)).collect();
        let length = bytes.len() - place(cut);
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        bytes.truncate(length);
        let limits = PictureLimits { max_pixels: 4_000_000 };
        let started = Instant::now();
        let inspected = inspect(&bytes, &limits);
        prop_assert!(started.elapsed() < Duration::from_mins(1), "an endless look");
        if let Ok(facts) = inspected {
            prop_assert!(u64::from(facts.width) * u64::from(facts.height) <= limits.max_pixels);
            let outcome = rendition(&bytes, &facts, RenditionSize::Thumb320);
            prop_assert!(started.elapsed() < Duration::from_mins(2), "an endless job");
            prop_assert!(!matches!(outcome, Err(RenditionError::TooMuchMemory { .. })), "4 megapixels");
            if let Ok(copy) = outcome {
                prop_assert!(inspect(&copy, &limits).is_ok());
            }
        }
    }

    #[test]
    fn no_bytes_at_all_make_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), start in 0..4_usize) {
        let starts: [&[u8]; 4] = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x90\x01\0\0WEBP"];
        let bytes = [starts[start], &bytes].concat();
        if let Ok(facts) = inspect(&bytes, &PictureLimits { max_pixels: 1_000_000 }) {
            let outcome = rendition(&bytes, &facts, RenditionSize::Thumb320);
            prop_assert!(outcome != Err(RenditionError::OtherPicture), "two readers see two sizes");
        }
    }
}

//! Pictures for load tests: distinct, valid, of the size asked for.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::super::distinct_jpeg;

#[test]
fn every_seed_gives_other_bytes_of_exactly_the_wanted_size() {
    let mut seen = HashSet::new();
    for seed in 0..400 {
        let jpeg = distinct_jpeg(seed, 288_000).unwrap();
        assert_eq!(jpeg.len(), 288_000);
        assert!(
            seen.insert(Sha256::digest(&jpeg).to_vec()),
            "seed {seed} repeats another one"
        );
    }
    assert_eq!(
        distinct_jpeg(7, 288_000).unwrap(),
        distinct_jpeg(7, 288_000).unwrap()
    );
}

#[test]
fn every_amount_of_padding_leaves_a_valid_picture() {
    let least = distinct_jpeg(1, 0).unwrap().len();
    assert!(least < 288_000, "the base alone has {least} bytes");
    for more in [0, 1, 2, 3, 4, 5, 4_096, 65_536, 65_537, 65_538, 65_541, 200_000] {
        let jpeg = distinct_jpeg(1, least + more).unwrap();
        assert_eq!(jpeg.len(), least + more);
        let image = image::load_from_memory(&jpeg).unwrap();
        assert_eq!(
            (image.width(), image.height()),
            (1600, 1200),
            "{more} bytes of padding"
        );
    }
}

#[test]
fn pictures_differ_in_what_they_show_and_decode_to_the_last_row() {
    let show = |seed| {
        let jpeg = distinct_jpeg(seed, 288_000).unwrap();
        let mut decoder = jpeg_decoder::Decoder::new(jpeg.as_slice());
        decoder.decode().unwrap()
    };
    let (first, second) = (show(1), show(2));
    assert_eq!(first.len(), 1600 * 1200 * 3);
    let rows = first.chunks_exact(4800).zip(second.chunks_exact(4800));
    let differing = rows.filter(|(a, b)| a != b).count();
    assert!(differing > 1000, "{differing} of 1200 rows differ");
    // The same rows of blocks in another order: each is found again, bit for bit, in the other picture.
    let blocks = |pixels: &[u8]| -> HashSet<Vec<u8>> {
        pixels
            .chunks_exact(4800 * 16)
            .map(|rows| rows[4800 * 4..4800 * 12].to_vec())
            .collect()
    };
    assert_eq!(blocks(&first), blocks(&second));
    assert_eq!(blocks(&first).len(), 75);
}

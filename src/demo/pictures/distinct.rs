//! Pictures for load: thousands per second, each with its own bytes, its own pixels and the wanted size.
//! One photograph is encoded once with a restart marker after every row of blocks; a new picture is those rows in
//! another order, which needs no encoding and stays a valid JPEG. It refuses to go below the size of the base.

use std::sync::LazyLock;

use jpeg_encoder::ColorType;

use super::{BannerScene, PictureError, chance::Chance, encode::phone_encoder};

const ROWS: usize = 75;
const BLOCKS_PER_ROW: u16 = 100;
/// Marker and length field; the payload of a segment may be at most 65,533 bytes.
const SEGMENT_HEAD: usize = 4;
const LARGEST_PAYLOAD: usize = 65_533;

/// The base picture, cut where rows of blocks end.
struct Base {
    /// Everything up to the first row's data.
    head: Vec<u8>,
    /// The entropy-coded data of each row, without markers.
    rows: Vec<Vec<u8>>,
}

static BASE: LazyLock<Result<Base, PictureError>> = LazyLock::new(base);

/// A valid JPEG of 1600 × 1200 pixels that no other seed yields, of exactly `target_bytes` when that is at least
/// the base's own size (about 250 KB). It carries no EXIF, hence contradicts no submission's time or place.
/// After the first call it costs little more than copying the bytes.
pub fn distinct_jpeg(seed: u64, target_bytes: usize) -> Result<Vec<u8>, &'static PictureError> {
    let base = BASE.as_ref()?;
    let mut order: Vec<usize> = (0..base.rows.len()).collect();
    let mut chance = Chance::new(seed, 5);
    for last in (1..order.len()).rev() {
        order.swap(last, chance.below(last + 1));
    }
    let pixels: usize = base.rows.iter().map(|row| row.len() + 2).sum();
    let least = base.head.len() + pixels + SEGMENT_HEAD + 8;
    let mut out = Vec::with_capacity(least.max(target_bytes));
    let (start, tables) = base.head.split_at_checked(2).unwrap_or_default();
    out.extend_from_slice(start);
    comment(&mut out, &seed.to_be_bytes());
    pad(&mut out, target_bytes.saturating_sub(least));
    out.extend_from_slice(tables);
    for (place, row) in order.iter().filter_map(|row| base.rows.get(*row)).enumerate() {
        if place > 0 {
            // Restart markers count from 0 to 7 and around.
            out.extend([0xff, 0xd0 + u8::try_from((place - 1) % 8).unwrap_or(0)]);
        }
        out.extend_from_slice(row);
    }
    out.extend([0xff, 0xd9]);
    Ok(out)
}

/// A comment segment.
fn comment(out: &mut Vec<u8>, payload: &[u8]) {
    let length = u16::try_from(payload.len() + 2).unwrap_or(u16::MAX);
    out.extend([0xff, 0xfe]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(payload);
}

/// Exactly `missing` bytes of comments. Less than a segment's head is made up with fill bytes, which JPEG allows
/// before any marker.
fn pad(out: &mut Vec<u8>, mut missing: usize) {
    while missing >= SEGMENT_HEAD {
        let payload = (missing - SEGMENT_HEAD).min(LARGEST_PAYLOAD);
        comment(out, &vec![b' '; payload]);
        missing -= payload + SEGMENT_HEAD;
    }
    out.extend(std::iter::repeat_n(0xff, missing));
}

fn base() -> Result<Base, PictureError> {
    let scene = BannerScene {
        headline: "ẢNH THỬ TẢI: KHÔNG PHẢI MINH CHỨNG",
        lines: ["", ""],
        size_m: (0.8, 1.6),
        place: "",
        seed: 20,
    };
    let picture = scene.photograph()?;
    let mut bytes = Vec::with_capacity(picture.rgb.len() / 12);
    let mut encoder = phone_encoder(&mut bytes, super::PHONE_QUALITY);
    encoder.set_restart_interval(BLOCKS_PER_ROW);
    encoder.encode(&picture.rgb, picture.width, picture.height, ColorType::Rgb)?;
    Ok(cut(&bytes))
}

/// Cuts a JPEG with restart markers behind its scan header and at every marker after it.
fn cut(jpeg: &[u8]) -> Base {
    let scan = jpeg.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap_or(0);
    let length = jpeg.get(scan + 2..scan + 4).map_or(0, |field| {
        field.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte))
    });
    let (head, mut data) = jpeg.split_at_checked(scan + 2 + length).unwrap_or_default();
    let mut rows = Vec::with_capacity(ROWS);
    // A 0xff inside the data is followed by 0; anything else is a marker.
    while let Some(end) = data
        .windows(2)
        .position(|pair| matches!(pair, [0xff, marker] if *marker != 0))
    {
        let (row, rest) = data.split_at_checked(end).unwrap_or_default();
        rows.push(row.to_vec());
        data = rest.get(2..).unwrap_or_default();
    }
    Base {
        head: head.to_vec(),
        rows,
    }
}

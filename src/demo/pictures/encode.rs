//! Pixels and camera facts → the bytes of a JPEG as a phone would have stored it.
//! Invariant: a viewer that obeys the orientation tag shows exactly the upright picture that came in.
//! It refuses nothing that the scenes can make; facts that cannot be written are named by `PictureError`.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{
    BannerScene, CameraFacts, GpsFix, Orientation, PHONE_QUALITY, Picture, PictureError, PledgeScene, exif,
};

/// The JPEG of an upright `picture` at `quality` (1–100) with its facts in EXIF; the pixels are stored the way the
/// phone was held.
pub fn encode_jpeg(picture: &Picture, quality: u8, facts: &CameraFacts<'_>) -> Result<Vec<u8>, PictureError> {
    let turned;
    let stored = if facts.orientation == Orientation::Upright {
        picture
    } else {
        turned = as_held(picture, facts.orientation);
        &turned
    };
    let mut out = Vec::with_capacity(stored.rgb.len() / 12);
    let mut encoder = phone_encoder(&mut out, quality);
    encoder.add_exif_metadata(&exif::block(facts, (stored.width, stored.height))?)?;
    encoder.encode(&stored.rgb, stored.width, stored.height, ColorType::Rgb)?;
    Ok(out)
}

/// The photograph of a banner by an invented phone: everything by plain values, [`PHONE_QUALITY`].
pub fn banner_photo(
    scene: &BannerScene<'_>,
    captured_at: jiff::civil::DateTime,
    gps: Option<GpsFix>,
) -> Result<Vec<u8>, PictureError> {
    encode_jpeg(
        &scene.photograph()?,
        PHONE_QUALITY,
        &invented_phone(scene.seed, captured_at, gps),
    )
}

/// The photograph of a pledge sheet by an invented phone.
pub fn pledge_photo(
    scene: &PledgeScene<'_>,
    captured_at: jiff::civil::DateTime,
    gps: Option<GpsFix>,
) -> Result<Vec<u8>, PictureError> {
    encode_jpeg(
        &scene.photograph()?,
        PHONE_QUALITY,
        &invented_phone(scene.seed, captured_at, gps),
    )
}

/// An encoder set as phones set theirs: colour at half resolution.
pub(super) fn phone_encoder(out: &mut Vec<u8>, quality: u8) -> Encoder<&mut Vec<u8>> {
    let mut encoder = Encoder::new(out, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder
}

fn invented_phone(
    seed: u64,
    captured_at: jiff::civil::DateTime,
    gps: Option<GpsFix>,
) -> CameraFacts<'static> {
    let model = if seed.is_multiple_of(3) {
        "Demo A1"
    } else {
        "Demo A2"
    };
    CameraFacts {
        captured_at,
        gps,
        make: "Minhchung",
        model,
        software: None,
        orientation: Orientation::Upright,
    }
}

/// The pixels as the sensor of a phone held that way stores them.
fn as_held(picture: &Picture, orientation: Orientation) -> Picture {
    let (width, height) = (usize::from(picture.width), usize::from(picture.height));
    let mut rgb = Vec::with_capacity(picture.rgb.len());
    let mut take = |x: usize, y: usize| {
        let start = (y * width + x) * 3;
        rgb.extend_from_slice(picture.rgb.get(start..start + 3).unwrap_or(&[0; 3]));
    };
    match orientation {
        Orientation::Upright => return picture.clone(),
        Orientation::UpsideDown => {
            (0..height)
                .rev()
                .for_each(|y| (0..width).rev().for_each(|x| take(x, y)));
            return Picture { rgb, ..*picture };
        }
        // Each stored row is an upright column: from the right edge, or from the left edge bottom up.
        Orientation::TurnClockwise => {
            (0..width)
                .rev()
                .for_each(|x| (0..height).for_each(|y| take(x, y)));
        }
        Orientation::TurnCounterClockwise => {
            (0..width).for_each(|x| (0..height).rev().for_each(|y| take(x, y)));
        }
    }
    Picture {
        width: picture.height,
        height: picture.width,
        rgb,
    }
}

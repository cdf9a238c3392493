//! What the camera notes of a drawn picture say, read back by another reader.

use std::io::Cursor;

use ::exif::{Exif, In, Reader, Tag, Value};
use image::{DynamicImage, ImageDecoder, ImageReader};
use proptest::prelude::*;

use super::{super::*, morning, phone};

/// Small, and different in each corner.
fn quarters() -> Picture {
    let (width, height) = (64_u16, 48_u16);
    let colour = |x: u16, y: u16| match (x < 32, y < 24) {
        (true, true) => [220, 30, 30],
        (false, true) => [30, 200, 30],
        (true, false) => [30, 30, 220],
        (false, false) => [230, 230, 230],
    };
    let rgb = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| colour(x, y)))
        .collect();
    Picture { width, height, rgb }
}

fn read(facts: &CameraFacts<'_>) -> Exif {
    let jpeg = encode_jpeg(&quarters(), 80, facts).unwrap();
    let read = Reader::new().read_from_container(&mut Cursor::new(jpeg)).unwrap();
    assert!(read.fields().len() >= 12);
    read
}

fn text(read: &Exif, tag: Tag) -> String {
    match &read.get_field(tag, In::PRIMARY).unwrap().value {
        Value::Ascii(parts) => String::from_utf8(parts[0].clone()).unwrap(),
        other => panic!("{tag} is {other:?}"),
    }
}

fn fractions(read: &Exif, tag: Tag) -> Vec<f64> {
    match &read.get_field(tag, In::PRIMARY).unwrap().value {
        Value::Rational(parts) => parts.iter().map(::exif::Rational::to_f64).collect(),
        other => panic!("{tag} is {other:?}"),
    }
}

fn degrees(read: &Exif, tag: Tag, side: Tag) -> f64 {
    let parts = fractions(read, tag);
    assert!(parts[1] < 60.0 && parts[2] < 60.0, "{parts:?}");
    let positive = matches!(text(read, side).as_str(), "N" | "E");
    (parts[0] + parts[1] / 60.0 + parts[2] / 3600.0) * if positive { 1.0 } else { -1.0 }
}

#[test]
fn maker_model_and_local_time_with_its_offset_are_read_back() {
    let read = read(&CameraFacts {
        software: Some("Demo Editor 3"),
        ..phone(None, Orientation::Upright)
    });
    assert_eq!(text(&read, Tag::Make), "Minhchung");
    assert_eq!(text(&read, Tag::Model), "Demo A1");
    assert_eq!(text(&read, Tag::Software), "Demo Editor 3");
    assert_eq!(text(&read, Tag::DateTime), "2026:02:28 06:30:15");
    assert_eq!(text(&read, Tag::DateTimeOriginal), "2026:02:28 06:30:15");
    assert_eq!(text(&read, Tag::OffsetTimeOriginal), "+07:00");
    assert!(read.get_field(Tag::GPSLatitude, In::PRIMARY).is_none());
    assert!(read.get_field(Tag::GPSDateStamp, In::PRIMARY).is_none());
}

#[test]
fn gps_time_is_utc_and_may_fall_on_the_day_before() {
    let fix = GpsFix {
        lat: 22.4856,
        lon: 103.9707,
        altitude_m: Some(-3.25),
    };
    let read = read(&phone(Some(fix), Orientation::Upright));
    assert_eq!(text(&read, Tag::GPSDateStamp), "2026:02:27");
    assert_eq!(fractions(&read, Tag::GPSTimeStamp), [23.0, 30.0, 15.0]);
    assert_eq!(fractions(&read, Tag::GPSAltitude), [3.25]);
    assert_eq!(
        read.get_field(Tag::GPSAltitudeRef, In::PRIMARY)
            .unwrap()
            .value
            .get_uint(0),
        Some(1)
    );
}

#[test]
fn positions_off_the_earth_are_refused() {
    for (lat, lon, altitude_m) in [
        (90.1, 0.0, None),
        (0.0, -180.5, None),
        (f64::NAN, 0.0, None),
        (0.0, 0.0, Some(f64::INFINITY)),
    ] {
        let facts = phone(Some(GpsFix { lat, lon, altitude_m }), Orientation::Upright);
        let error = encode_jpeg(&quarters(), 80, &facts).unwrap_err();
        assert!(
            matches!(error, PictureError::ImpossiblePosition { .. }),
            "{lat} {lon}: {error}"
        );
    }
}

#[test]
fn a_viewer_that_obeys_the_orientation_sees_the_upright_picture() {
    let upright = quarters();
    for (orientation, tag) in [
        (Orientation::Upright, 1),
        (Orientation::UpsideDown, 3),
        (Orientation::TurnClockwise, 6),
        (Orientation::TurnCounterClockwise, 8),
    ] {
        let jpeg = encode_jpeg(&upright, 92, &phone(None, orientation)).unwrap();
        let mut decoder = ImageReader::new(Cursor::new(jpeg))
            .with_guessed_format()
            .unwrap()
            .into_decoder()
            .unwrap();
        let found = decoder.orientation().unwrap();
        assert_eq!(found.to_exif(), tag);
        let mut seen = DynamicImage::from_decoder(decoder).unwrap();
        seen.apply_orientation(found);
        let seen = seen.to_rgb8();
        assert_eq!(seen.dimensions(), (64, 48));
        for (x, y) in [(10, 8), (54, 8), (10, 40), (54, 40)] {
            let wanted = &upright.rgb[(y * 64 + x) * 3..][..3];
            let got = seen
                .get_pixel(u32::try_from(x).unwrap(), u32::try_from(y).unwrap())
                .0;
            let far = wanted.iter().zip(got).any(|(a, b)| a.abs_diff(b) > 24);
            assert!(!far, "{orientation:?} at {x},{y}: {wanted:?} became {got:?}");
        }
    }
}

#[test]
fn the_ready_made_photos_carry_the_place_and_time_they_are_given() {
    let fix = GpsFix {
        lat: 22.3364,
        lon: 103.8438,
        altitude_m: None,
    };
    let scene = super::banner(1);
    let jpeg = banner_photo(&scene, morning(), Some(fix)).unwrap();
    let read = Reader::new().read_from_container(&mut Cursor::new(jpeg)).unwrap();
    assert_eq!(text(&read, Tag::DateTimeOriginal), "2026:02:28 06:30:15");
    assert!((degrees(&read, Tag::GPSLatitude, Tag::GPSLatitudeRef) - fix.lat).abs() < 1e-6);
    assert!((degrees(&read, Tag::GPSLongitude, Tag::GPSLongitudeRef) - fix.lon).abs() < 1e-6);
}

proptest! {
    #[test]
    fn coordinates_come_back_within_a_tenth_of_a_metre(lat in -90.0..=90.0_f64, lon in -180.0..=180.0_f64) {
        let read = read(&phone(Some(GpsFix { lat, lon, altitude_m: None }), Orientation::Upright));
        // A degree of latitude is 111.2 km; one of longitude never is longer.
        let north = (degrees(&read, Tag::GPSLatitude, Tag::GPSLatitudeRef) - lat).abs() * 111_200.0;
        let east = (degrees(&read, Tag::GPSLongitude, Tag::GPSLongitudeRef) - lon).abs() * 111_200.0;
        prop_assert!(north.hypot(east) <= 0.1, "{north} m north, {east} m east");
    }
}

//! What real cameras wrote, against values read from the same files with other programs (Pillow, and kamadak-exif here).

use super::pictures::{all, picture};
use exif::{In, Tag};
use minhchung::media::{Coding, Exif, Orientation, PictureFacts, PictureKind, PictureLimits, inspect};

fn facts(name: &str) -> PictureFacts {
    inspect(&picture(name), &PictureLimits::DEFAULT).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

#[test]
fn sizes_and_orientations_are_those_that_other_programs_see() {
    use Orientation::{MirroredVertically, QuarterTurnAnticlockwise, Upright};
    for (name, width, height, orientation) in [
        ("exif-0.6.0/short-ascii-II.jpg", 4208, 3120, Upright),
        ("exif-0.6.0/sony-alpha-6000.jpg", 6000, 4000, Upright),
        ("exif-0.6.0/down-mirrored.jpg", 480, 640, MirroredVertically),
        // Stored as 640 × 480.
        ("exif-0.6.0/right.jpg", 480, 640, QuarterTurnAnticlockwise),
        ("exif-0.6.0/evil1.jpg", 640, 480, Upright),
        ("exif-parser-0.1.12/starfish.jpg", 1278, 720, Upright),
        ("piexif-1.1.3/large.jpg", 500, 667, Upright),
        ("jpeg-decoder-0.3.2/large_image.jpg", 2268, 1512, Upright),
    ] {
        let facts = facts(name);
        assert_eq!(facts.kind, PictureKind::Jpeg);
        assert_eq!(
            (facts.width, facts.height, facts.orientation),
            (width, height, orientation),
            "{name}"
        );
    }
    assert_eq!(facts("exif-0.6.0/right.jpg").stored_size(), (640, 480));
}

#[test]
fn places_are_those_that_the_phones_wrote() {
    for (name, latitude, longitude) in [
        (
            "exif-0.6.0/test1.jpg",
            37.0 + 53.1 / 60.0,
            -(122.0 + 37.35 / 60.0),
        ),
        (
            "exif-0.6.0/test2.jpg",
            37.0 + 48.88 / 60.0,
            -(122.0 + 15.85 / 60.0),
        ),
        (
            "exif-0.6.0/test3.jpg",
            37.0 + 46.58 / 60.0,
            -(122.0 + 25.18 / 60.0),
        ),
        ("exif-parser-0.1.12/starfish.jpg", 55.038_755_8, 8.457_190_6),
        ("jpeg-decoder-0.3.2/tower.jpg", 48.854_553_6, 2.300_290_0),
    ] {
        let facts = facts(name);
        let position = facts
            .exif
            .facts()
            .and_then(|exif| exif.position)
            .unwrap_or_else(|| panic!("{name}"));
        assert!(
            (position.latitude - latitude).abs() < 1e-6,
            "{name}: {position:?}"
        );
        assert!(
            (position.longitude - longitude).abs() < 1e-6,
            "{name}: {position:?}"
        );
    }
}

#[test]
fn times_makers_and_programs_are_those_that_the_cameras_wrote() {
    let xiaomi = facts("exif-0.6.0/short-ascii-II.jpg");
    let xiaomi = xiaomi.exif.facts().unwrap();
    assert_eq!(xiaomi.make.as_deref(), Some("XIAOMI"));
    assert_eq!(xiaomi.model.as_deref(), Some("MI3"));
    assert_eq!(xiaomi.software, None, "four zero bytes are no program");
    assert_eq!(
        xiaomi.taken_at.map(|time| time.to_string()).as_deref(),
        Some("2015-02-28T17:10:49")
    );
    assert_eq!(
        xiaomi.gps_time.map(|time| time.to_string()).as_deref(),
        Some("2015-02-28T09:10:49Z")
    );
    assert_eq!(xiaomi.position, None, "a time without a place");

    let edited = facts("exif-0.6.0/evil1.jpg");
    assert_eq!(
        edited.exif.facts().unwrap().software.as_deref(),
        Some("Adobe Photoshop 7.0")
    );
    let nokia = facts("exif-parser-0.1.12/starfish.jpg");
    assert_eq!(nokia.exif.facts().unwrap().model.as_deref(), Some("Lumia 820"));
}

#[test]
fn codings_are_told_apart() {
    let coding = |name| match facts(name).coding {
        Coding::Dct {
            progressive,
            components,
            ..
        } => (progressive, components),
        Coding::Raster { .. } => panic!("{name} is a JPEG"),
    };
    assert_eq!(coding("jpeg-decoder-0.3.2/tower.jpg"), (false, 3));
    assert_eq!(coding("jpeg-decoder-0.3.2/tower_progressive.jpg"), (true, 3));
    assert_eq!(coding("jpeg-decoder-0.3.2/tower_grayscale.jpg"), (false, 1));
}

#[test]
fn hostile_values_of_a_real_file_are_absent_and_the_rest_is_read() {
    let hostile = facts("piexif-1.1.3/01.jpg");
    let exif = hostile.exif.facts().unwrap();
    assert_eq!(exif.make.as_deref(), Some("Make"));
    assert_eq!(exif.position, None, "latitude of 4294967295 degrees");
    assert_eq!(exif.gps_time, None, "month 99");
    assert_eq!(facts("piexif-1.1.3/noexif.jpg").exif, Exif::Absent);
}

#[test]
fn every_camera_file_is_taken_and_its_notes_agree_with_another_reader() {
    for (name, bytes) in all() {
        let facts =
            inspect(&bytes, &PictureLimits::DEFAULT).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let other = exif::Reader::new()
            .continue_on_error(true)
            .read_from_container(&mut std::io::Cursor::new(&bytes))
            .or_else(|error| error.distill_partial_result(|_| ()));
        let Ok(other) = other else {
            assert_eq!(facts.exif.facts(), None, "{name}: the other reader finds no EXIF");
            continue;
        };
        let ours = facts
            .exif
            .facts()
            .unwrap_or_else(|| panic!("{name}: {:?}", facts.exif));
        let theirs = |tag| {
            let exif::Value::Ascii(ref lines) = other.get_field(tag, In::PRIMARY)?.value else {
                return None;
            };
            let line = String::from_utf8_lossy(lines.first()?).trim().to_owned();
            (!line.is_empty()).then_some(line)
        };
        assert_eq!(ours.make, theirs(Tag::Make), "{name}");
        assert_eq!(ours.model, theirs(Tag::Model), "{name}");
        assert_eq!(ours.software, theirs(Tag::Software), "{name}");
        let taken_at = ours
            .taken_at
            .map(|time| time.strftime("%Y:%m:%d %H:%M:%S").to_string());
        assert_eq!(taken_at, theirs(Tag::DateTimeOriginal), "{name}");
        let number = other
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0));
        assert_eq!(
            facts.orientation,
            number.and_then(Orientation::from_exif).unwrap_or_default(),
            "{name}"
        );
    }
}

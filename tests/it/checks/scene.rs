//! A stage for checks: two invented communes side by side on an invented map, and phones that photograph banners.

use std::io::Write;

use minhchung::demo::pictures::{
    BannerScene, CameraFacts, GpsFix, Orientation, Picture as Pixels, encode_jpeg,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::field::{Field, Picture, new_id};
use crate::support::{COMMUNE, OTHER_COMMUNE, Person, answer};

/// Where the plan of the first commune says that a place is.
pub const PLACE: (f64, f64) = (22.45, 103.95);

/// A server without workers, so that a test says when checks run.
pub struct Stage {
    pub field: Field,
    _layer: tempfile::NamedTempFile,
}

/// What a phone sends; [`Shot::default`] is an honest one at [`PLACE`].
#[derive(Clone)]
pub struct Shot {
    pub at: Option<(f64, f64)>,
    pub accuracy_m: f64,
    /// When the place was measured, if the phone says so.
    pub measured_at: Option<String>,
    pub captured_at: String,
    pub clock: Option<String>,
}

impl Default for Shot {
    fn default() -> Self {
        Self {
            at: Some(PLACE),
            accuracy_m: 12.0,
            measured_at: None,
            captured_at: "2026-06-15T11:58:00+07:00".into(),
            clock: Some("2026-06-15T12:00:00+07:00".into()),
        }
    }
}

/// A square of a tenth of a degree with its south-west corner there.
fn square(code: &str, lat: f64, lon: f64) -> Value {
    let (north, east) = (lat + 0.1, lon + 0.1);
    json!({
        "type": "Feature", "properties": { "code": code, "stated_error_m": 50.0 },
        "geometry": { "type": "Polygon", "coordinates": [[[lon, lat], [east, lat], [east, north], [lon, north], [lon, lat]]] },
    })
}

/// The invented map.
pub fn layer() -> tempfile::NamedTempFile {
    let mut layer = tempfile::NamedTempFile::new().unwrap();
    let squares = [square(COMMUNE, 22.4, 103.9), square(OTHER_COMMUNE, 22.4, 104.0)];
    let map = json!({ "type": "FeatureCollection", "features": squares });
    layer.write_all(map.to_string().as_bytes()).unwrap();
    layer
}

impl Stage {
    pub async fn set() -> Self {
        let layer = layer();
        let path = layer.path().to_owned();
        let field = Field::with(|settings| {
            settings.boundaries = Some(path);
            settings.limits.check_workers = 0;
        })
        .await;
        Self { field, _layer: layer }
    }

    /// A planned place of `assignee` at `at`.
    pub async fn place(&self, commune: &str, assignee: &Person, at: Option<(f64, f64)>) -> String {
        let id = self.field.assignment(commune, assignee).await;
        if let Some((lat, lon)) = at {
            let path = format!("/api/v1/assignments/{id}");
            let body = json!({ "location": { "lat": lat, "lon": lon } });
            let request = self
                .field
                .harness
                .request(Method::PATCH, &path, &self.field.admin.token);
            answer(request.header("if-match", "1").json(&body))
                .await
                .expect(200);
        }
        id
    }

    /// Sends one picture for `assignment`; answers with the submission's id.
    pub async fn send(&self, sender: &Person, assignment: &str, picture: &Picture, shot: &Shot) -> String {
        self.send_as(new_id(), sender, assignment, picture, shot).await
    }

    /// The same under an id that the phone chose.
    pub async fn send_as(
        &self,
        id: uuid::Uuid,
        sender: &Person,
        assignment: &str,
        picture: &Picture,
        shot: &Shot,
    ) -> String {
        let location = shot.at.map(|(lat, lon)| {
            let measured_at = &shot.measured_at;
            json!({ "lat": lat, "lon": lon, "accuracy_m": shot.accuracy_m, "captured_at": measured_at })
        });
        let report = json!({
            "assignment_id": assignment, "captured_at": shot.captured_at, "location": location,
            "photos": [picture.announced()], "client": { "app": "test", "version": "1", "clock": shot.clock },
        });
        let path = format!("/api/v1/submissions/{id}");
        let request = self.field.harness.request(Method::PUT, &path, &sender.token);
        answer(request.json(&report)).await.expect(201);
        let sent = self.field.send(sender, &id.to_string(), picture).await;
        assert_eq!(sent.status.as_u16(), 201, "{:#}", sent.body);
        id.to_string()
    }

    /// The submission as the administrator sees it.
    pub async fn show(&self, id: &str) -> Value {
        let path = format!("/api/v1/submissions/{id}");
        self.field
            .harness
            .get(&path, &self.field.admin.token)
            .await
            .expect(200)
    }

    /// Makes all checks that wait, and shows the submission.
    pub async fn checked(&self, id: &str) -> Value {
        self.field.harness.check_all().await;
        self.show(id).await
    }
}

/// The codes of the checks that warn.
pub fn warned(submission: &Value) -> Vec<String> {
    let checks = submission["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 16, "{submission:#}");
    let warns = checks.iter().filter(|check| check["outcome"] == "warn");
    warns
        .map(|check| check["code"].as_str().unwrap().to_owned())
        .collect()
}

/// One check of a submission.
pub fn check<'a>(submission: &'a Value, code: &str) -> &'a Value {
    let checks = submission["checks"].as_array().unwrap();
    checks.iter().find(|check| check["code"] == code).unwrap()
}

/// A banner as it hangs at one place.
pub fn banner(seed: u64) -> Pixels {
    let scene = BannerScene {
        headline: "XÃ KHÔNG MA TÚY",
        lines: ["Toàn dân tham gia phòng, chống ma túy", ""],
        size_m: (1.2, 3.0),
        place: "",
        seed,
    };
    scene.photograph().unwrap()
}

/// What a phone writes beside the pixels.
pub fn facts(captured: &str, at: Option<(f64, f64)>, software: Option<&'static str>) -> CameraFacts<'static> {
    CameraFacts {
        captured_at: captured.parse().unwrap(),
        gps: at.map(|(lat, lon)| GpsFix {
            lat,
            lon,
            altitude_m: None,
        }),
        make: "Minhchung",
        model: "Test",
        software,
        orientation: Orientation::Upright,
    }
}

/// The pixels as a phone's picture taken at noon at [`PLACE`].
pub fn honest(pixels: &Pixels) -> Picture {
    Picture::of(encode_jpeg(pixels, 85, &facts("2026-06-15T11:58:00", Some(PLACE), None)).unwrap())
}

/// Pixels without any notes, as browsers hand them over.
pub fn bare(image: &image::RgbImage, quality: u8) -> Picture {
    let mut bytes = Vec::new();
    let side = |length: u32| u16::try_from(length).unwrap();
    jpeg_encoder::Encoder::new(&mut bytes, quality)
        .encode(
            image.as_raw(),
            side(image.width()),
            side(image.height()),
            jpeg_encoder::ColorType::Rgb,
        )
        .unwrap();
    Picture::of(bytes)
}

/// The pixels for further work.
pub fn image_of(pixels: &Pixels) -> image::RgbImage {
    image::RgbImage::from_raw(
        u32::from(pixels.width),
        u32::from(pixels.height),
        pixels.rgb.clone(),
    )
    .unwrap()
}

/// The picture on a phone's screen: black bars, a clock above, a bar below.
pub fn screenshot(pixels: &Pixels) -> image::RgbImage {
    let (width, height) = (1080, 2340);
    let picture = image_of(pixels);
    let tall = width * picture.height() / picture.width();
    let shown = image::imageops::resize(&picture, width, tall, image::imageops::FilterType::Triangle);
    let mut screen = image::RgbImage::new(width, height);
    for (x, y) in (30..60).flat_map(|y| (40..200).chain(880..1040).map(move |x| (x, y))) {
        if x / 8 % 2 == 0 {
            screen.put_pixel(x, y, image::Rgb([230, 230, 230]));
        }
    }
    image::imageops::overlay(&mut screen, &shown, 0, i64::from((height - tall) / 2));
    screen
}

/// The picture with so many thousandths of each side cut off.
pub fn cropped(pixels: &Pixels, thousandths: u32) -> image::RgbImage {
    let picture = image_of(pixels);
    let cut = |side: u32| side * thousandths / 1000;
    let (left, top) = (cut(picture.width()), cut(picture.height()));
    let (width, height) = (picture.width() - 2 * left, picture.height() - 2 * top);
    image::imageops::crop_imm(&picture, left, top, width, height).to_image()
}

/// A PNG that is whole by its chunks, with pixels that no program can unpack.
pub fn undecodable() -> Vec<u8> {
    spoiled(&image_of(&banner(41)))
}

/// A small one, different for each number.
pub fn unreadable(number: u8) -> Vec<u8> {
    let image = image::RgbImage::from_fn(64, 48, |x, y| {
        let mixed = (x * 7 + y * 13 + u32::from(number) * 31).wrapping_mul(2_654_435_761);
        let [_, _, low, high] = mixed.to_le_bytes();
        image::Rgb([high, low, number])
    });
    spoiled(&image)
}

fn spoiled(image: &image::RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
        .unwrap();
    let data = bytes.windows(4).position(|kind| kind == b"IDAT").unwrap();
    bytes[data + 4..data + 300].fill(0xa5);
    bytes
}

//! Writes the EXIF block that a phone's camera leaves in a JPEG: maker, model, orientation, time with its offset,
//! GPS position and GPS time. Invariant: big-endian TIFF 6.0 with three directories whose offsets stay inside.
//! It refuses positions that are not on earth.

use jiff::{civil::DateTime, tz};

use super::{CameraFacts, GpsFix, Orientation, PictureError, whole};

const BYTE: u16 = 1;
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const UNDEFINED: u16 = 7;

/// Parts of a second of arc that a coordinate is written in: 1/10,000 is 3 mm.
const ARC_PARTS: u32 = 10_000;
const HEADER: u32 = 8;

/// The TIFF structure that follows `Exif\0\0` in the APP1 segment, for a stored picture of `width` × `height`.
pub(super) fn block(facts: &CameraFacts<'_>, (width, height): (u16, u16)) -> Result<Vec<u8>, PictureError> {
    let time = facts.captured_at.strftime("%Y:%m:%d %H:%M:%S").to_string();
    let mut camera = Directory::default();
    camera.text(0x010f, facts.make);
    camera.text(0x0110, facts.model);
    camera.short(0x0112, tag(facts.orientation));
    if let Some(software) = facts.software {
        camera.text(0x0131, software);
    }
    camera.text(0x0132, &time);
    let mut shot = Directory::default();
    shot.field(0x9000, UNDEFINED, 4, b"0232".to_vec());
    shot.text(0x9003, &time);
    shot.text(0x9004, &time);
    shot.text(0x9010, "+07:00");
    shot.text(0x9011, "+07:00");
    shot.long(0xa002, u32::from(width));
    shot.long(0xa003, u32::from(height));
    let gps = facts
        .gps
        .map(|fix| position(fix, facts.captured_at))
        .transpose()?;

    let pointers = 1 + u32::from(gps.is_some());
    let shot_at = HEADER + camera.length(pointers);
    let gps_at = shot_at + shot.length(0);
    camera.long(0x8769, shot_at);
    if gps.is_some() {
        camera.long(0x8825, gps_at);
    }
    let mut out = vec![b'M', b'M', 0, 42, 0, 0, 0, 8];
    camera.write(&mut out);
    shot.write(&mut out);
    if let Some(gps) = gps {
        gps.write(&mut out);
    }
    Ok(out)
}

fn tag(orientation: Orientation) -> u16 {
    match orientation {
        Orientation::Upright => 1,
        Orientation::UpsideDown => 3,
        Orientation::TurnClockwise => 6,
        Orientation::TurnCounterClockwise => 8,
    }
}

fn position(fix: GpsFix, captured_at: DateTime) -> Result<Directory, PictureError> {
    let utc = tz::offset(7)
        .to_timestamp(captured_at)
        .map(|moment| tz::Offset::UTC.to_datetime(moment))
        .map_err(|_unrepresentable| PictureError::ImpossibleTime(captured_at))?;
    let (latitude, longitude) = (arc("latitude", fix.lat, 90.0)?, arc("longitude", fix.lon, 180.0)?);
    let mut gps = Directory::default();
    gps.field(0x0000, BYTE, 4, vec![2, 3, 0, 0]);
    gps.text(0x0001, if fix.lat < 0.0 { "S" } else { "N" });
    gps.rationals(0x0002, &latitude);
    gps.text(0x0003, if fix.lon < 0.0 { "W" } else { "E" });
    gps.rationals(0x0004, &longitude);
    if let Some(altitude) = fix.altitude_m {
        if !(altitude.is_finite() && altitude.abs() < 100_000.0) {
            return Err(PictureError::ImpossiblePosition {
                what: "altitude",
                value: altitude,
            });
        }
        gps.field(0x0005, BYTE, 1, vec![u8::from(altitude < 0.0)]);
        gps.rationals(0x0006, &[(narrow(whole::integer(altitude.abs() * 100.0)), 100)]);
    }
    let clock = [utc.hour(), utc.minute(), utc.second()];
    gps.rationals(0x0007, &clock.map(|part| (u32::try_from(part).unwrap_or(0), 1)));
    gps.text(0x001d, &utc.strftime("%Y:%m:%d").to_string());
    Ok(gps)
}

/// Degrees, minutes and seconds as fractions. Rounded once and then divided, so that 60 seconds never appear.
fn arc(what: &'static str, degrees: f64, limit: f64) -> Result<[(u32, u32); 3], PictureError> {
    if !(degrees.is_finite() && degrees.abs() <= limit) {
        return Err(PictureError::ImpossiblePosition { what, value: degrees });
    }
    // 180 degrees are more parts than 32 bits count.
    let parts = whole::integer(degrees.abs() * 3600.0 * f64::from(ARC_PARTS));
    let (minutes, seconds) = (
        parts / (60 * i64::from(ARC_PARTS)),
        parts % (60 * i64::from(ARC_PARTS)),
    );
    Ok([
        (narrow(minutes / 60), 1),
        (narrow(minutes % 60), 1),
        (narrow(seconds), ARC_PARTS),
    ])
}

fn narrow(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

struct Field {
    tag: u16,
    kind: u16,
    count: u32,
    bytes: Vec<u8>,
}

/// One image file directory; fields must be added in the order of their tags, except that pointers may come last
/// because `write` sorts.
#[derive(Default)]
struct Directory(Vec<Field>);

impl Directory {
    fn field(&mut self, tag: u16, kind: u16, count: u32, bytes: Vec<u8>) {
        self.0.push(Field {
            tag,
            kind,
            count,
            bytes,
        });
    }

    /// ASCII fields end with a zero byte, which counts.
    fn text(&mut self, tag: u16, text: &str) {
        let bytes: Vec<u8> = text.bytes().chain([0]).collect();
        self.field(tag, ASCII, size(bytes.len()), bytes);
    }

    fn short(&mut self, tag: u16, value: u16) {
        self.field(tag, SHORT, 1, value.to_be_bytes().to_vec());
    }

    fn long(&mut self, tag: u16, value: u32) {
        self.field(tag, LONG, 1, value.to_be_bytes().to_vec());
    }

    fn rationals(&mut self, tag: u16, values: &[(u32, u32)]) {
        let bytes = values
            .iter()
            .flat_map(|(over, under)| [over.to_be_bytes(), under.to_be_bytes()]);
        self.field(tag, RATIONAL, size(values.len()), bytes.flatten().collect());
    }

    /// Bytes that the directory takes once `more` pointers are added.
    fn length(&self, more: u32) -> u32 {
        let outside: u32 = self.0.iter().map(Field::outside).sum();
        6 + 12 * (size(self.0.len()) + more) + outside
    }

    /// Appends the directory and then the values that do not fit into their four bytes.
    fn write(mut self, out: &mut Vec<u8>) {
        self.0.sort_by_key(|field| field.tag);
        let mut outside_at = size(out.len()) + 6 + 12 * size(self.0.len());
        out.extend(u16::try_from(self.0.len()).unwrap_or(u16::MAX).to_be_bytes());
        for field in &self.0 {
            out.extend(field.tag.to_be_bytes());
            out.extend(field.kind.to_be_bytes());
            out.extend(field.count.to_be_bytes());
            if field.outside() == 0 {
                out.extend(field.bytes.iter().copied().chain([0; 4]).take(4));
            } else {
                out.extend(outside_at.to_be_bytes());
                outside_at += field.outside();
            }
        }
        out.extend([0; 4]);
        for field in self.0.iter().filter(|field| field.outside() > 0) {
            out.extend(&field.bytes);
            out.extend(std::iter::repeat_n(0, field.bytes.len() % 2));
        }
    }
}

impl Field {
    /// Bytes outside the directory, padded to an even number as TIFF wants.
    fn outside(&self) -> u32 {
        if self.bytes.len() <= 4 {
            0
        } else {
            size(self.bytes.len() + self.bytes.len() % 2)
        }
    }
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

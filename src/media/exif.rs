//! EXIF: the few values that this product reads, out of the TIFF structure that cameras write.
//!
//! Invariant: three directories (picture, camera, satellites) are looked at once each, at most [`MAX_ENTRIES`] entries
//! of each, and only values that are asked for are copied, each of bounded length. So the cost does not grow with the
//! block, and loops of directories cannot be entered. An entry that cannot be read is as good as absent.
//! Refuses: thumbnails, makers' own notes, and everything that no check uses.
//!
//! Why not a general reader: `kamadak-exif` 0.6.2 collects every entry of every directory it is pointed to, and a block
//! can point to thousands of overlapping ones. One of 64 KiB took it a second and 650 MB; a PNG's may have megabytes.
//! Guarding it means walking the directories first, and then the values are already found. The tests compare the two.

use super::bytes::{array, be_u16, be_u32, le_u16, le_u32, size};
use super::facts::{ExifFacts, GpsPosition};
use super::{Orientation, exif_values};

/// Cameras write 10 to 60 entries to a directory.
const MAX_ENTRIES: u16 = 512;

/// Texts are names of makers, models and programs; what is longer is cut.
const MAX_TEXT_BYTES: usize = 256;

const MAKE: u16 = 0x010f;
const MODEL: u16 = 0x0110;
const ORIENTATION: u16 = 0x0112;
const SOFTWARE: u16 = 0x0131;
const CAMERA_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const TAKEN_AT: u16 = 0x9003;
const TAKEN_OFFSET: u16 = 0x9011;
const GPS_LATITUDE_SIDE: u16 = 1;
const GPS_LATITUDE: u16 = 2;
const GPS_LONGITUDE_SIDE: u16 = 3;
const GPS_LONGITUDE: u16 = 4;
const GPS_TIME: u16 = 7;
const GPS_DATE: u16 = 29;

/// What `block` (from its byte-order mark on) tells, and how to turn the picture. `None` when its first directory
/// cannot be read.
pub(super) fn read(block: &[u8]) -> Option<(ExifFacts, Orientation)> {
    let tiff = Tiff::open(block)?;
    let picture = tiff.directory(size(tiff.u32(4)?))?;
    let linked = |tag| {
        picture
            .number(tag)
            .and_then(|offset| tiff.directory(size(offset)))
    };
    let mut facts = ExifFacts {
        make: picture.text(MAKE),
        model: picture.text(MODEL),
        software: picture.text(SOFTWARE),
        ..ExifFacts::default()
    };
    if let Some(camera) = linked(CAMERA_DIRECTORY) {
        facts.taken_at = camera
            .text(TAKEN_AT)
            .and_then(|text| exif_values::civil_time(&text));
        facts.taken_offset = camera
            .text(TAKEN_OFFSET)
            .and_then(|text| exif_values::offset(&text));
    }
    if let Some(gps) = linked(GPS_DIRECTORY) {
        facts.position = position(&gps);
        facts.gps_time = gps
            .text(GPS_DATE)
            .zip(gps.rationals(GPS_TIME))
            .and_then(|(date, time)| exif_values::gps_time(&date, time));
    }
    let orientation = picture
        .number(ORIENTATION)
        .and_then(Orientation::from_exif)
        .unwrap_or_default();
    Some((facts, orientation))
}

fn position(gps: &Directory<'_>) -> Option<GpsPosition> {
    let latitude = exif_values::degrees(gps.rationals(GPS_LATITUDE)?, 90.0)?;
    let longitude = exif_values::degrees(gps.rationals(GPS_LONGITUDE)?, 180.0)?;
    Some(GpsPosition {
        latitude: exif_values::signed(latitude, &gps.text(GPS_LATITUDE_SIDE)?, 'N', 'S')?,
        longitude: exif_values::signed(longitude, &gps.text(GPS_LONGITUDE_SIDE)?, 'E', 'W')?,
    })
}

/// The block with its byte order.
#[derive(Clone, Copy)]
struct Tiff<'a> {
    block: &'a [u8],
    little_endian: bool,
}

impl<'a> Tiff<'a> {
    fn open(block: &'a [u8]) -> Option<Self> {
        let little_endian = match array(block, 0)? {
            [b'I', b'I', 42, 0] => true,
            [b'M', b'M', 0, 42] => false,
            _ => return None,
        };
        Some(Self { block, little_endian })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        if self.little_endian {
            le_u16(self.block, at)
        } else {
            be_u16(self.block, at)
        }
    }

    fn u32(&self, at: usize) -> Option<u32> {
        if self.little_endian {
            le_u32(self.block, at)
        } else {
            be_u32(self.block, at)
        }
    }

    /// The directory at `at`, when at least its number of entries is inside the block.
    fn directory(self, at: usize) -> Option<Directory<'a>> {
        let count = self.u16(at)?.min(MAX_ENTRIES);
        Some(Directory {
            tiff: self,
            first: at.checked_add(2)?,
            count,
        })
    }
}

/// Entries of 12 bytes: tag, type, count, and the value or where it stands.
struct Directory<'a> {
    tiff: Tiff<'a>,
    first: usize,
    count: u16,
}

/// Where the values of one entry stand.
struct Entry {
    kind: u16,
    count: usize,
    at: usize,
}

impl Directory<'_> {
    /// The first entry with this tag whose values are inside the block.
    fn entry(&self, tag: u16) -> Option<Entry> {
        (0..usize::from(self.count)).find_map(|index| {
            let start = self.first.checked_add(index.checked_mul(12)?)?;
            (self.tiff.u16(start)? == tag)
                .then(|| self.entry_at(start))
                .flatten()
        })
    }

    fn entry_at(&self, start: usize) -> Option<Entry> {
        let kind = self.tiff.u16(start.checked_add(2)?)?;
        let count = size(self.tiff.u32(start.checked_add(4)?)?);
        let unit = match kind {
            1 | 2 | 7 | 129 => 1,
            3 => 2,
            4 => 4,
            5 => 8,
            _ => return None,
        };
        let length = count.checked_mul(unit)?;
        let inline = start.checked_add(8)?;
        let at = if length <= 4 {
            inline
        } else {
            size(self.tiff.u32(inline)?)
        };
        self.tiff.block.get(at..at.checked_add(length)?)?;
        Some(Entry { kind, count, at })
    }

    /// A number of 8, 16 or 32 bits.
    fn number(&self, tag: u16) -> Option<u32> {
        let entry = self.entry(tag).filter(|entry| entry.count > 0)?;
        match entry.kind {
            1 => array(self.tiff.block, entry.at).map(|[byte]| u32::from(byte)),
            3 => self.tiff.u16(entry.at).map(u32::from),
            4 => self.tiff.u32(entry.at),
            _ => None,
        }
    }

    /// A text up to its first zero byte, in printable characters. None when nothing is left.
    fn text(&self, tag: u16) -> Option<String> {
        let entry = self
            .entry(tag)
            .filter(|entry| matches!(entry.kind, 2 | 7 | 129))?;
        let end = entry.at.checked_add(entry.count.min(MAX_TEXT_BYTES))?;
        exif_values::text(self.tiff.block.get(entry.at..end)?)
    }

    /// Three quotients, as degrees and times of day are written. None when one of them divides by zero.
    fn rationals(&self, tag: u16) -> Option<[f64; 3]> {
        let entry = self
            .entry(tag)
            .filter(|entry| entry.kind == 5 && entry.count >= 3)?;
        let quotient = |index: usize| {
            let at = entry.at.checked_add(index * 8)?;
            let numerator = self.tiff.u32(at)?;
            let denominator = self.tiff.u32(at.checked_add(4)?)?;
            (denominator != 0).then(|| f64::from(numerator) / f64::from(denominator))
        };
        Some([quotient(0)?, quotient(1)?, quotient(2)?])
    }
}

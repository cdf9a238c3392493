//! The optional boundary layer: which ground belongs to which commune, from a `GeoJSON` file of the operator.
//!
//! Invariant: every area belongs to a commune of the campaign, and no commune has two features.
//! Refuses: to mend geometry: an open ring or a code that nobody knows is named, not skipped. It does not look for
//! rings that cross themselves.

mod geojson;
mod geometry;
mod problem;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use rstar::RTree;
use rstar::primitives::GeomWithData;
use serde::de::DeserializeSeed;

use self::geojson::{CollectionSeed, Coordinates, Feature, Geometry};
use super::Campaign;
use crate::domain::{CommuneCode, Point};

pub use geometry::{BoundingBox, CommuneArea, Polygon, Position, Ring};
pub use problem::{BoundariesError, BoundaryProblem};

/// Largest boundary layer in bytes. One of 99 communes with 18,000 corners has 400 thousand.
const MAX_FILE_BYTES: u64 = 32 * 1_048_576;
const MAX_PROBLEMS: usize = 500;

/// The areas of a campaign's communes.
#[derive(Debug, Clone)]
pub struct Boundaries {
    areas: BTreeMap<CommuneCode, CommuneArea>,
    without_polygon: Vec<CommuneCode>,
    stated_error_m: Option<f64>,
    /// Finds the areas whose rectangle holds a point without going over all of them.
    rectangles: Arc<RTree<Rectangle>>,
}

/// The rectangle around an area, with the commune it belongs to.
type Rectangle = GeomWithData<rstar::primitives::Rectangle<Position>, CommuneCode>;

impl Boundaries {
    /// Reads a boundary layer of at most 32 MiB for the communes of `campaign`.
    pub fn load(path: &Path, campaign: &Campaign) -> Result<Self, BoundariesError> {
        let unreadable = |source| BoundariesError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        if bytes > MAX_FILE_BYTES {
            return Err(BoundariesError::TooLarge {
                max_bytes: MAX_FILE_BYTES,
            });
        }
        Self::from_geojson(BufReader::with_capacity(65_536, file), campaign)
    }

    /// Reads a boundary layer from `GeoJSON`; the error holds every problem of its content.
    pub fn from_geojson(source: impl Read, campaign: &Campaign) -> Result<Self, BoundariesError> {
        let mut collector = Collector {
            campaign,
            count: 0,
            seen: BTreeMap::new(),
            areas: BTreeMap::new(),
            problems: Vec::new(),
        };
        let mut json = serde_json::Deserializer::from_reader(source.take(MAX_FILE_BYTES));
        let read = CollectionSeed(&mut |feature| collector.take(feature)).deserialize(&mut json);
        let read = read.and_then(|collection| json.end().map(|()| collection));
        let collection = read.map_err(|source| BoundariesError::Malformed {
            feature: collector.count,
            source,
        })?;
        if collection.r#type.as_deref() != Some("FeatureCollection") || !collection.has_features {
            collector.refuse(
                None,
                None,
                "is not a FeatureCollection",
                "không phải FeatureCollection",
            );
        } else if collector.count == 0 {
            collector.refuse(None, None, "has no features", "không có đối tượng (feature) nào");
        }
        let stated_error_m = collection.stated_error_m;
        if stated_error_m.is_some_and(|error| error < 0.0) {
            collector.refuse(
                None,
                None,
                "stated_error_m is below 0",
                "stated_error_m nhỏ hơn 0",
            );
        }
        if !collector.problems.is_empty() {
            return Err(BoundariesError::Invalid {
                problems: collector.problems,
            });
        }
        let areas = collector.areas;
        let rectangles = areas.values().map(rectangle).collect();
        let codes = campaign.communes().iter().map(|commune| commune.code);
        let without_polygon = codes.filter(|code| !areas.contains_key(code)).collect();
        Ok(Self {
            areas,
            without_polygon,
            stated_error_m,
            rectangles: Arc::new(RTree::bulk_load(rectangles)),
        })
    }

    /// The commune in which a point lies; of two that share a line or overlap, the one with the smaller code.
    pub fn commune_at(&self, lat: f64, lon: f64) -> Option<CommuneCode> {
        let around = self.rectangles.locate_all_at_point([lon, lat]);
        let holding = around.filter(|rectangle| self.contains(rectangle.data, lat, lon) == Some(true));
        holding.map(|rectangle| rectangle.data).min()
    }

    /// The area of a commune, if the layer has one.
    pub fn polygon(&self, code: CommuneCode) -> Option<&CommuneArea> {
        self.areas.get(&code)
    }

    /// All areas by code.
    pub fn areas(&self) -> impl Iterator<Item = &CommuneArea> {
        self.areas.values()
    }

    /// The campaign's communes of which the layer has no area, by code.
    pub fn communes_without_polygon(&self) -> &[CommuneCode] {
        &self.without_polygon
    }

    /// How far the line of a commune may be from the true one, in metres: what its feature says, else the file.
    pub fn stated_error_m(&self, code: CommuneCode) -> Option<f64> {
        self.polygon(code)?.stated_error_m.or(self.stated_error_m)
    }

    /// Whether a point lies in a commune, its edges included; none where the layer has no area of it.
    pub fn contains(&self, code: CommuneCode, lat: f64, lon: f64) -> Option<bool> {
        Some(self.polygon(code)?.contains(lat, lon))
    }

    /// How far outside of a commune a point lies, in metres, 0 inside; none where the layer has no area of it.
    pub fn distance_outside_m(&self, code: CommuneCode, lat: f64, lon: f64) -> Option<f64> {
        Some(self.polygon(code)?.distance_outside_m(lat, lon))
    }
}

fn rectangle(area: &CommuneArea) -> Rectangle {
    let bounds = area.bounds;
    let corners = ([bounds.west, bounds.south], [bounds.east, bounds.north]);
    GeomWithData::new(
        rstar::primitives::Rectangle::from_corners(corners.0, corners.1),
        area.code,
    )
}

/// What has been read so far.
struct Collector<'campaign> {
    campaign: &'campaign Campaign,
    count: usize,
    /// The feature in which a code was first met.
    seen: BTreeMap<CommuneCode, usize>,
    areas: BTreeMap<CommuneCode, CommuneArea>,
    problems: Vec<BoundaryProblem>,
}

impl Collector<'_> {
    fn refuse(&mut self, feature: Option<usize>, code: Option<&str>, english: &str, vietnamese: &str) {
        if self.problems.len() < MAX_PROBLEMS {
            let code = code.map(|code| code.chars().take(20).collect());
            let (english, vietnamese) = (english.to_owned(), vietnamese.to_owned());
            self.problems.push(BoundaryProblem {
                feature,
                code,
                english,
                vietnamese,
            });
        }
    }

    fn take(&mut self, feature: Feature) {
        let index = self.count;
        self.count = self.count.saturating_add(1);
        let (written, stated_error_m) = feature
            .properties
            .map(|known| (known.code, known.stated_error_m))
            .unwrap_or_default();
        let mut refuse = |english: &str, vietnamese: &str| {
            self.refuse(Some(index), written.as_deref(), english, vietnamese);
        };
        if feature.r#type != "Feature" {
            refuse("is not a Feature", "không phải Feature");
        }
        if stated_error_m.is_some_and(|error| error < 0.0) {
            refuse("stated_error_m is below 0", "stated_error_m nhỏ hơn 0");
        }
        let polygons = feature
            .geometry
            .map(polygons)
            .transpose()
            .unwrap_or_else(|(english, vietnamese)| {
                refuse(&english, &vietnamese);
                None
            });
        let Some(text) = &written else {
            return refuse("has no property `code`", "thiếu thuộc tính `code`");
        };
        let known = text
            .parse()
            .ok()
            .filter(|code| self.campaign.commune(*code).is_some());
        let Some(code) = known else {
            let vietnamese = "mã này không có trong danh sách xã, phường của chiến dịch";
            return self.refuse(
                Some(index),
                Some(text),
                "the campaign has no commune of this code",
                vietnamese,
            );
        };
        if let Some(first) = self.seen.insert(code, index) {
            let english = format!("features[{first}] has the same code");
            let vietnamese = format!("trùng mã với features[{first}]");
            return self.refuse(Some(index), Some(text), &english, &vietnamese);
        }
        if let Some(polygons) = polygons {
            self.areas
                .insert(code, CommuneArea::new(code, polygons, stated_error_m));
        }
    }
}

/// The checked polygons of a geometry, or what is wrong with them in English and Vietnamese.
fn polygons(geometry: Geometry) -> Result<Vec<Polygon>, (String, String)> {
    let polygons = match (geometry.r#type.as_str(), geometry.coordinates) {
        ("Polygon", Some(Coordinates::Polygon(polygon))) => vec![polygon],
        ("MultiPolygon", Some(Coordinates::Polygons(polygons))) => polygons,
        ("Polygon" | "MultiPolygon", _) => {
            let english = "the coordinates do not have the depth of the geometry's type";
            return Err((
                english.to_owned(),
                "tọa độ không đúng cấp lồng của kiểu hình học".to_owned(),
            ));
        }
        _ => {
            let english = "the geometry is neither Polygon nor MultiPolygon";
            return Err((
                english.to_owned(),
                "hình học không phải Polygon hay MultiPolygon".to_owned(),
            ));
        }
    };
    for (at_polygon, polygon) in polygons.iter().enumerate() {
        for (at_ring, ring) in polygon.rings().iter().enumerate() {
            check(ring).map_err(|(english, vietnamese)| {
                (
                    format!("polygon {at_polygon}, ring {at_ring}: {english}"),
                    format!("đa giác {at_polygon}, vòng {at_ring}: {vietnamese}"),
                )
            })?;
        }
    }
    Ok(polygons)
}

fn check(ring: &Ring) -> Result<(), (String, String)> {
    let positions = ring.positions();
    if let Some([lon, lat]) = positions
        .iter()
        .find(|[lon, lat]| Point::new(*lat, *lon).is_none())
    {
        let vietnamese = format!("[{lon}, {lat}] không phải [kinh độ, vĩ độ] WGS 84");
        return Err((
            format!("[{lon}, {lat}] is not [longitude, latitude] in WGS 84 degrees"),
            vietnamese,
        ));
    }
    if positions.len() < 4 {
        let count = positions.len();
        return Err((
            format!("has {count} positions, needs at least 4"),
            format!("có {count} điểm, cần ít nhất 4"),
        ));
    }
    if positions.first() != positions.last() {
        return Err(("is not closed".to_owned(), "chưa khép kín".to_owned()));
    }
    if ring.area_square_degrees() <= 0.0 {
        return Err((
            "encloses no area".to_owned(),
            "không bao quanh diện tích nào".to_owned(),
        ));
    }
    Ok(())
}

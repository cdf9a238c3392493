//! Areas on the ground: rings, polygons with holes, and whether a point lies in them.
//!
//! Invariant: every ring of a [`CommuneArea`] is closed, has at least four positions, and lies on the globe.
//! Refuses: to be exact beyond the campaign's needs: degrees are taken as a plane, which over one commune errs by
//! less than the boundaries themselves do.

use serde::Serialize;

use crate::domain::CommuneCode;

/// Longitude and latitude in WGS 84 degrees, in `GeoJSON`'s order.
pub type Position = [f64; 2];

/// A point this near to an edge lies on it: a tenth of a millimetre, far below what files and phones resolve.
const EDGE_DEGREES: f64 = 1e-9;
/// One degree of latitude on a sphere of the Earth's mean radius, 6,371,008.8 m.
const METRES_PER_DEGREE: f64 = 111_195.08;

/// A closed line: the last position repeats the first.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Ring(pub(super) Vec<Position>);

impl Ring {
    /// The positions.
    pub fn positions(&self) -> &[Position] {
        &self.0
    }

    fn edges(&self) -> impl Iterator<Item = (Position, Position)> {
        self.0.iter().copied().zip(self.0.iter().copied().skip(1))
    }

    /// The enclosed area in square degrees; zero for rings that go back on themselves.
    pub(super) fn area_square_degrees(&self) -> f64 {
        // Taken from the first corner, so that large coordinates do not eat the digits of a small ring.
        let [lon_0, lat_0] = self.0.first().copied().unwrap_or_default();
        let cross = |([lon_a, lat_a], [lon_b, lat_b]): (Position, Position)| {
            (lon_a - lon_0) * (lat_b - lat_0) - (lon_b - lon_0) * (lat_a - lat_0)
        };
        (self.edges().map(cross).sum::<f64>() / 2.0).abs()
    }
}

/// An outer ring, and the rings of its holes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Polygon(pub(super) Vec<Ring>);

impl Polygon {
    /// The outer ring first, then the holes.
    pub fn rings(&self) -> &[Ring] {
        &self.0
    }

    fn edges(&self) -> impl Iterator<Item = (Position, Position)> {
        self.0.iter().flat_map(Ring::edges)
    }

    fn contains(&self, point: Position) -> bool {
        if self
            .edges()
            .any(|edge| distance(point, nearest_on(edge, point)) <= EDGE_DEGREES)
        {
            return true;
        }
        let [lon, lat] = point;
        let crosses = |&([lon_a, lat_a], [lon_b, lat_b]): &(Position, Position)| {
            (lat_a > lat) != (lat_b > lat) && lon < lon_a + (lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
        };
        self.edges().filter(crosses).count() % 2 == 1
    }
}

/// The smallest upright rectangle around an area, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BoundingBox {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

impl BoundingBox {
    fn around(polygons: &[Polygon]) -> Self {
        let nothing = Self {
            west: f64::INFINITY,
            south: f64::INFINITY,
            east: f64::NEG_INFINITY,
            north: f64::NEG_INFINITY,
        };
        let positions = polygons
            .iter()
            .flat_map(|polygon| &polygon.0)
            .flat_map(|ring| &ring.0);
        positions.fold(nothing, |bounds, [lon, lat]| Self {
            west: bounds.west.min(*lon),
            south: bounds.south.min(*lat),
            east: bounds.east.max(*lon),
            north: bounds.north.max(*lat),
        })
    }

    fn contains(&self, [lon, lat]: Position) -> bool {
        lon >= self.west - EDGE_DEGREES
            && lon <= self.east + EDGE_DEGREES
            && lat >= self.south - EDGE_DEGREES
            && lat <= self.north + EDGE_DEGREES
    }
}

/// The area of one commune.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommuneArea {
    /// The commune.
    pub code: CommuneCode,
    /// Its parts; most communes have one.
    pub polygons: Vec<Polygon>,
    /// The rectangle around all parts.
    pub bounds: BoundingBox,
    /// How far the drawn line may be from the true one, in metres, where the file says so.
    pub stated_error_m: Option<f64>,
}

impl CommuneArea {
    pub(super) fn new(code: CommuneCode, polygons: Vec<Polygon>, stated_error_m: Option<f64>) -> Self {
        let bounds = BoundingBox::around(&polygons);
        Self {
            code,
            polygons,
            bounds,
            stated_error_m,
        }
    }

    /// Whether the point lies in one of the parts and in none of its holes; an edge belongs to the area.
    pub fn contains(&self, lat: f64, lon: f64) -> bool {
        let point = [lon, lat];
        self.bounds.contains(point) && self.polygons.iter().any(|polygon| polygon.contains(point))
    }

    /// How far outside of the area a point lies, in metres; 0 inside. Good to about 1% over the tens of kilometres
    /// that matter here.
    pub fn distance_outside_m(&self, lat: f64, lon: f64) -> f64 {
        if self.contains(lat, lon) {
            return 0.0;
        }
        // Around the point itself, a plane in which both axes are metres.
        let shrink = lat.to_radians().cos();
        let local = |[x, y]: Position| {
            [
                (x - lon) * shrink * METRES_PER_DEGREE,
                (y - lat) * METRES_PER_DEGREE,
            ]
        };
        let origin = [0.0, 0.0];
        let edges = self.polygons.iter().flat_map(Polygon::edges);
        edges
            .map(|(a, b)| distance(origin, nearest_on((local(a), local(b)), origin)))
            .fold(f64::INFINITY, f64::min)
    }
}

fn distance([x_a, y_a]: Position, [x_b, y_b]: Position) -> f64 {
    (x_a - x_b).hypot(y_a - y_b)
}

/// The point of the edge that is nearest to `point`.
fn nearest_on(([x_a, y_a], [x_b, y_b]): (Position, Position), [x, y]: Position) -> Position {
    let (along_x, along_y) = (x_b - x_a, y_b - y_a);
    let length_squared = along_x * along_x + along_y * along_y;
    let share = if length_squared > 0.0 {
        (((x - x_a) * along_x + (y - y_a) * along_y) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    [x_a + share * along_x, y_a + share * along_y]
}

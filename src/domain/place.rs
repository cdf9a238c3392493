//! Places on the ground, in WGS 84 degrees.
//!
//! Invariant: a [`Point`] that exists lies on the globe.
//! Refuses: to judge a place; 0,0 and accuracy 0 are signs for a check, not errors.

use serde::{Deserialize, Serialize};

use super::Moment;

/// Nearer to 0, 0 than this many degrees is no place of the campaign but a missing one.
const NULL_ISLAND_DEGREES: f64 = 0.01;

/// A point in WGS 84 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Latitude, -90 to 90 degrees.
    pub lat: f64,
    /// Longitude, -180 to 180 degrees.
    pub lon: f64,
}

impl Point {
    /// The point, if it lies on the globe.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let on_globe = lat.is_finite() && lon.is_finite() && lat.abs() <= 90.0 && lon.abs() <= 180.0;
        on_globe.then_some(Self { lat, lon })
    }

    /// Whether this is what devices write that do not know where they are.
    pub fn is_null_island(self) -> bool {
        self.lat.abs() < NULL_ISLAND_DEGREES && self.lon.abs() < NULL_ISLAND_DEGREES
    }

    /// Metres along the ground to `other`, on a sphere of the Earth's mean radius: within half a per cent.
    pub fn distance_m(self, other: Self) -> f64 {
        const EARTH_RADIUS_M: f64 = 6_371_008.8;
        let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
        let across = self.lat.to_radians().cos() * other.lat.to_radians().cos();
        let chord = half(self.lat, other.lat) + across * half(self.lon, other.lon);
        2.0 * EARTH_RADIUS_M * chord.clamp(0.0, 1.0).sqrt().asin()
    }
}

/// Where a phone says it was.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// The place.
    pub point: Point,
    /// Radius of the phone's own 68% confidence, in metres; 0 means a mock or hand-placed point.
    pub accuracy_m: f64,
    /// When the place was measured, if the phone said so.
    pub captured_at: Option<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_a_map() {
        let point = |lat, lon| Point::new(lat, lon).unwrap();
        let one_degree = point(22.0, 104.0).distance_m(point(23.0, 104.0));
        assert!((one_degree - 111_195.0).abs() < 10.0, "{one_degree}");
        let along = point(22.0, 104.0).distance_m(point(22.0, 104.001));
        assert!((along - 103.1).abs() < 0.2, "{along}");
        assert!(point(22.0, 104.0).distance_m(point(22.0, 104.0)) < 1e-6);
        assert!(point(90.0, 0.0).distance_m(point(-90.0, 180.0)) > 2.0e7);
    }
}

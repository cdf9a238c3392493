//! Places on the ground, in WGS 84 degrees.
//!
//! Invariant: a [`Point`] that exists lies on the globe.
//! Refuses: to judge a place; 0,0 and accuracy 0 are signs for a check, not errors.

use serde::{Deserialize, Serialize};

use super::Moment;

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

//! A flat thing (banner, sheet) seen at an angle: a projective map from its own units to photo pixels.
//! Invariant: the corners of the thing land exactly on the four given points. It refuses lens distortion.

use ab_glyph::{Point, point};

/// The map from `0..width` × `0..height` (own units, y downwards) to the photo.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane {
    size: (f32, f32),
    x: [f32; 3],
    y: [f32; 3],
    depth: [f32; 2],
}

impl Plane {
    /// Corners in the order top left, top right, bottom right, bottom left; `size` is (width, height).
    pub(super) fn new(size: (f32, f32), [a, b, c, d]: [Point; 4]) -> Self {
        let (right, below, skew) = (b - c, d - c, a - b + c - d);
        let area = right.x * below.y - below.x * right.y;
        let area = if area.abs() < f32::EPSILON { 1.0 } else { area };
        let depth_x = (skew.x * below.y - below.x * skew.y) / area;
        let depth_y = (right.x * skew.y - skew.x * right.y) / area;
        Self {
            size,
            x: [b.x - a.x + depth_x * b.x, d.x - a.x + depth_y * d.x, a.x],
            y: [b.y - a.y + depth_x * b.y, d.y - a.y + depth_y * d.y, a.y],
            depth: [depth_x, depth_y],
        }
    }

    /// Width and height in own units.
    pub(super) fn size(&self) -> (f32, f32) {
        self.size
    }

    /// Where the point (`x`, `y`) of the thing appears in the photo.
    pub(super) fn at(&self, x: f32, y: f32) -> Point {
        let (along, down) = (x / self.size.0, y / self.size.1);
        let ([x_along, x_down, x_start], [y_along, y_down, y_start]) = (self.x, self.y);
        let depth = self.depth[0] * along + self.depth[1] * down + 1.0;
        let x = x_along * along + x_down * down + x_start;
        let y = y_along * along + y_down * down + y_start;
        point(x / depth, y / depth)
    }

    /// The four photo points of a rectangle on the thing.
    pub(super) fn rectangle(&self, left: f32, top: f32, width: f32, height: f32) -> [Point; 4] {
        let (right, bottom) = (left + width, top + height);
        [
            self.at(left, top),
            self.at(right, top),
            self.at(right, bottom),
            self.at(left, bottom),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_the_thing_land_on_the_given_points() {
        let corners = [
            point(100.0, 90.0),
            point(900.0, 140.0),
            point(880.0, 600.0),
            point(130.0, 520.0),
        ];
        let plane = Plane::new((1.6, 0.8), corners);
        for (seen, wanted) in plane.rectangle(0.0, 0.0, 1.6, 0.8).into_iter().zip(corners) {
            assert!(
                (seen.x - wanted.x).abs() < 0.01 && (seen.y - wanted.y).abs() < 0.01,
                "{seen:?} {wanted:?}"
            );
        }
    }
}

//! The photo's pixels and the two ways to put something there: materials by rows, flat shapes with smooth edges.
//! Invariant: `rgb` is always `width × height × 3` bytes. Whatever lies outside is cut off; it refuses to grow.

use ab_glyph::{
    Glyph, GlyphId, Outline, OutlineCurve, OutlinedGlyph, Point, PxScale, PxScaleFactor, Rect, point,
};

use super::{
    chance::Chance,
    swatch::{Colour, Swatch},
    whole,
};

/// Upright RGB pixels, 8 bits each, rows from the top.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels per row.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// `width × height × 3` bytes.
    pub rgb: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    /// Without the pixels: a failing test must not print six million numbers.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (width, height) = (self.width, self.height);
        out.debug_struct("Picture")
            .field("width", &width)
            .field("height", &height)
            .finish_non_exhaustive()
    }
}

/// A picture while it is being painted.
#[derive(Debug)]
pub(super) struct Canvas {
    picture: Picture,
    chance: Chance,
}

impl Canvas {
    /// A black canvas whose grain comes from `chance`.
    pub(super) fn new(width: u16, height: u16, chance: Chance) -> Self {
        let rgb = vec![0; usize::from(width) * usize::from(height) * 3];
        Self {
            picture: Picture { width, height, rgb },
            chance,
        }
    }

    /// Width and height in pixels.
    pub(super) fn size(&self) -> (f32, f32) {
        (f32::from(self.picture.width), f32::from(self.picture.height))
    }

    /// The finished picture.
    pub(super) fn into_picture(self) -> Picture {
        self.picture
    }

    /// Fills a convex outline with a material; `shade(x, y)` says how bright it is at a photo point.
    pub(super) fn cover(&mut self, outline: &[Point], swatch: &Swatch, shade: impl Fn(f32, f32) -> f32) {
        let top = outline
            .iter()
            .map(|corner| corner.y)
            .fold(f32::MAX, f32::min)
            .max(0.0);
        let bottom = outline
            .iter()
            .map(|corner| corner.y)
            .fold(f32::MIN, f32::max)
            .min(self.size().1);
        for row in whole::index(top)..whole::index(bottom) {
            if let Some((left, right)) = span(outline, whole::real(row) + 0.5) {
                self.cover_row(row, left, right, swatch, &shade);
            }
        }
    }

    fn cover_row(
        &mut self,
        row: usize,
        left: f32,
        right: f32,
        swatch: &Swatch,
        shade: &impl Fn(f32, f32) -> f32,
    ) {
        let width = usize::from(self.picture.width);
        let (mut from, end) = (whole::index(left).min(width), whole::index(right).min(width));
        while from < end {
            // Pieces of uneven length: their seams then never line up into a visible grid.
            let length = (48 + self.chance.below(64)).min(end - from);
            let bright = shade(whole::real(from + length / 2), whole::real(row));
            let piece = swatch.piece(&mut self.chance, bright, length);
            let start = (row * width + from) * 3;
            if let Some(target) = self.picture.rgb.get_mut(start..start + piece.len()) {
                target.copy_from_slice(piece);
            }
            from += length;
        }
    }

    /// Draws the area inside `curves` (photo pixels) in one colour with smooth edges; `strength` 1.0 hides what was
    /// there, less lets the grain below shine through.
    pub(super) fn draw(&mut self, curves: Vec<OutlineCurve>, colour: Colour, strength: f32) {
        let Some(bounds) = bounds(&curves) else { return };
        if bounds.width() > 8192.0 || bounds.height() > 8192.0 {
            return;
        }
        let glyph = Glyph {
            id: GlyphId(0),
            scale: PxScale::from(1.0),
            position: point(0.0, 0.0),
        };
        // The rasteriser turns y around as fonts need it; the photo's y already points down.
        let upright = PxScaleFactor {
            horizontal: 1.0,
            vertical: -1.0,
        };
        let shape = OutlinedGlyph::new(glyph, Outline { bounds, curves }, upright);
        let corner = shape.px_bounds().min;
        let (left, top) = (
            whole::integer(f64::from(corner.x)),
            whole::integer(f64::from(corner.y)),
        );
        let (width, height) = (i64::from(self.picture.width), i64::from(self.picture.height));
        let rgb = &mut self.picture.rgb;
        shape.draw(|x, y, coverage| {
            if coverage < 0.01 {
                return;
            }
            let (x, y) = (left + i64::from(x), top + i64::from(y));
            if x < 0 || y < 0 || x >= width || y >= height {
                return;
            }
            let start = usize::try_from((y * width + x) * 3).unwrap_or(usize::MAX);
            let Some(pixel) = rgb.get_mut(start..start.saturating_add(3)) else {
                return;
            };
            let opacity = i32::from(whole::byte(coverage.min(1.0) * strength * 255.0));
            for (old, new) in pixel.iter_mut().zip(colour) {
                let change = (i32::from(new) - i32::from(*old)) * opacity / 255;
                *old = u8::try_from(i32::from(*old) + change).unwrap_or(new);
            }
        });
    }

    /// Darkens what a flat thing shades when the light pushes its shadow by `offset` (downwards): only the part that
    /// peeps out, because the thing itself will hide the rest.
    pub(super) fn cast_shadow(&mut self, [a, b, c, d]: [Point; 4], offset: Point) {
        let side = if offset.x < 0.0 {
            [a, d, d + offset, a + offset]
        } else {
            [b, c, c + offset, b + offset]
        };
        for strip in [side, [d, c, c + offset, d + offset]] {
            self.polygon(&strip, [16, 14, 14], 0.42);
        }
    }

    /// Draws a closed polygon in one colour.
    pub(super) fn polygon(&mut self, corners: &[Point], colour: Colour, strength: f32) {
        let next = corners.iter().cycle().skip(1);
        let sides = corners
            .iter()
            .zip(next)
            .map(|(from, to)| OutlineCurve::Line(*from, *to));
        self.draw(sides.collect(), colour, strength);
    }
}

/// Where the line `y` enters and leaves a convex outline.
fn span(outline: &[Point], y: f32) -> Option<(f32, f32)> {
    let next = outline.iter().cycle().skip(1);
    let crossings = outline
        .iter()
        .zip(next)
        .filter(|(from, to)| (from.y <= y) != (to.y <= y));
    let (left, right) = crossings
        .map(|(from, to)| from.x + (to.x - from.x) * (y - from.y) / (to.y - from.y))
        .fold((f32::MAX, f32::MIN), |(low, high), x| (low.min(x), high.max(x)));
    (left < right).then_some((left, right))
}

fn bounds(curves: &[OutlineCurve]) -> Option<Rect> {
    let mut rect: Option<Rect> = None;
    let mut meet = |at: &Point| {
        let seen = rect.get_or_insert(Rect { min: *at, max: *at });
        seen.min = point(seen.min.x.min(at.x), seen.min.y.min(at.y));
        seen.max = point(seen.max.x.max(at.x), seen.max.y.max(at.y));
    };
    for curve in curves {
        match curve {
            OutlineCurve::Line(a, b) => [a, b].into_iter().for_each(&mut meet),
            OutlineCurve::Quad(a, b, c) => [a, b, c].into_iter().for_each(&mut meet),
            OutlineCurve::Cubic(a, b, c, d) => [a, b, c, d].into_iter().for_each(&mut meet),
        }
    }
    rect
}

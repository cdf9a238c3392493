//! Ink on paper: straight rules and scribbles that look like handwriting from a distance.
//! Invariant: a scribble spells nothing, so no sheet ever carries a person's name. It refuses to write letters.

use ab_glyph::{OutlineCurve, Point, point};

use super::{canvas::Canvas, chance::Chance, plane::Plane, swatch::Colour, whole};

/// A rectangle on a plane, in the plane's units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Left edge.
    pub(super) left: f32,
    /// Top edge.
    pub(super) top: f32,
    /// Width.
    pub(super) width: f32,
    /// Height.
    pub(super) height: f32,
}

/// A straight line of `thickness` from (`x`, `y`) along the row or the column.
pub(super) fn rule(canvas: &mut Canvas, plane: &Plane, field: Field, colour: Colour) {
    canvas.polygon(
        &plane.rectangle(field.left, field.top, field.width, field.height),
        colour,
        0.9,
    );
}

/// A line of loops that fills `field`; `words` of them with gaps between.
pub(super) fn scribble(
    canvas: &mut Canvas,
    plane: &Plane,
    chance: &mut Chance,
    (field, words): (Field, usize),
    (ink, thickness): (Colour, f32),
) {
    let share = field.width / whole::real(words.max(1));
    for word in 0..words {
        let part = Field {
            left: field.left + share * whole::real(word),
            width: share * chance.between(0.62, 0.86),
            ..field
        };
        let path = loops(chance, part);
        let strokes = path.iter().zip(path.iter().skip(1));
        let curves = strokes
            .flat_map(|(from, to)| stroke(plane, *from, *to, thickness))
            .collect();
        canvas.draw(curves, ink, 0.88);
    }
}

/// Points of a hand that moves to the right while it circles.
fn loops(chance: &mut Chance, field: Field) -> Vec<Point> {
    let (middle, reach) = (field.top + field.height / 2.0, field.height / 2.0);
    let turns = chance.between(2.5, 5.5) * std::f32::consts::TAU;
    let (sway, drift) = (chance.between(0.25, 0.6), chance.between(-0.25, 0.25));
    let (first, second) = (chance.between(0.0, 6.0), chance.between(1.4, 2.6));
    let steps = 56_usize;
    (0..=steps)
        .map(|step| {
            let along = whole::real(step) / whole::real(steps);
            let angle = first + along * turns;
            let tall = reach * (0.35 + 0.4 * (angle * 0.31 * second).sin().abs());
            let x = field.left + field.width * (0.08 + 0.84 * along) - sway * tall * angle.cos();
            point(
                x,
                middle + drift * reach * along - tall * angle.sin() * (1.0 - 0.4 * along),
            )
        })
        .collect()
}

/// One short stroke as a thin box that always turns the same way, so that crossing strokes add up.
fn stroke(plane: &Plane, from: Point, to: Point, thickness: f32) -> [OutlineCurve; 4] {
    let (along, half) = (to - from, thickness / 2.0);
    let length = along.x.hypot(along.y).max(f32::EPSILON);
    let aside = point(-along.y / length * half, along.x / length * half);
    let seen = |at: Point| plane.at(at.x, at.y);
    let (a, b, c, d) = (
        seen(from + aside),
        seen(to + aside),
        seen(to - aside),
        seen(from - aside),
    );
    [
        OutlineCurve::Line(a, b),
        OutlineCurve::Line(b, c),
        OutlineCurve::Line(c, d),
        OutlineCurve::Line(d, a),
    ]
}

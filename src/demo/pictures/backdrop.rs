//! What stands around a banner: sky, hills, trees and a road, or a wall with a roof above and a yard before it.
//! Invariant: every pixel is painted. The seed varies shapes and light so much that two places never look alike
//! to a perceptual hash. It refuses to paint people.

use ab_glyph::{Point, point};

use super::{
    canvas::Canvas,
    masonry::{Brush, falling, upright, wall},
    whole,
};

/// How the place holds a banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// On a wall, casting a shadow on it.
    Wall,
    /// Between two posts.
    Posts,
}

/// Paints the surroundings; answers how a banner is held there and at which height the ground begins.
pub(super) fn paint(canvas: &mut Canvas, brush: &mut Brush) -> (Hold, f32) {
    let (_, height) = canvas.size();
    if brush.chance.happens(45) {
        let horizon = height * brush.chance.between(0.56, 0.78);
        open_country(canvas, brush, horizon);
        (Hold::Posts, horizon)
    } else {
        let foot = height * brush.chance.between(0.76, 0.92);
        let eave = height * brush.chance.between(0.0, 0.16);
        sky(canvas, brush, eave + 40.0);
        wall(canvas, brush, eave, foot);
        roof(canvas, brush, eave);
        ground(canvas, brush, foot);
        if brush.chance.happens(50) {
            trees(canvas, brush, foot);
        }
        (Hold::Wall, foot)
    }
}

fn open_country(canvas: &mut Canvas, brush: &mut Brush, horizon: f32) {
    sky(canvas, brush, horizon + 20.0);
    let layers = 2 + brush.chance.below(2);
    for layer in 0..layers {
        let near = whole::real(layer) / whole::real(layers);
        hills(canvas, brush, horizon, near);
    }
    ground(canvas, brush, horizon);
    if brush.chance.happens(70) {
        road(canvas, brush, horizon);
    }
    trees(canvas, brush, horizon);
}

fn sky(canvas: &mut Canvas, brush: &mut Brush, bottom: f32) {
    let (width, _) = canvas.size();
    let air = brush
        .chance
        .pick([[150, 186, 222], [186, 200, 212], [205, 208, 210], [120, 168, 220]]);
    let air = brush.smooth_swatch(air, 4.0, (0.76, 1.26));
    let lift = brush.chance.between(0.08, 0.3);
    let aside = brush.chance.between(-0.16, 0.16);
    canvas.cover(&upright(0.0, 0.0, width, bottom), &air, |x, y| {
        0.86 + lift * y / bottom + aside * (x / width - 0.5)
    });
    for _ in 0..brush.chance.below(9) {
        let (x, y) = (
            brush.chance.between(0.0, width),
            brush.chance.between(0.0, bottom * 0.7),
        );
        for _ in 0..7 {
            let wide = brush.chance.between(40.0, 150.0);
            let at = point(
                x + brush.chance.between(-140.0, 140.0),
                y + brush.chance.between(-24.0, 24.0),
            );
            let puff = brush.light.on([246, 246, 244], 1.0);
            canvas.polygon(&round(at, (wide, wide * 0.36), 18), puff, 0.26);
        }
    }
}

fn hills(canvas: &mut Canvas, brush: &mut Brush, horizon: f32, near: f32) {
    let (width, _) = canvas.size();
    let haze = |far: f32, close: f32| whole::byte(far + (close - far) * near);
    let green = brush.chance.between(-12.0, 16.0);
    let colour = [
        haze(142.0, 66.0),
        haze(164.0 + green, 96.0 + green),
        haze(176.0, 58.0),
    ];
    let leaves = brush.swatch(colour, 6.0 + 9.0 * near, 0.5);
    let (first, second) = (brush.chance.between(0.0, 6.0), brush.chance.between(0.0, 6.0));
    let (long, short) = (
        brush.chance.between(240.0, 620.0),
        brush.chance.between(60.0, 150.0),
    );
    let rise = brush.chance.between(90.0, 300.0) * (1.0 - 0.5 * near);
    let ridge = |x: f32| {
        horizon - rise * (0.55 + 0.45 * (x / long + first).sin()) - rise * 0.1 * (x / short + second).sin()
    };
    let (aside, step) = (brush.chance.between(-0.2, 0.2), 40.0);
    let mut x = 0.0;
    while x < width {
        let slice = [
            point(x, ridge(x)),
            point(x + step, ridge(x + step)),
            point(x + step, horizon + 24.0),
            point(x, horizon + 24.0),
        ];
        canvas.cover(&slice, &leaves, |x, y| {
            0.94 + aside * (x / width - 0.5) + 0.08 * ((x + y) / 70.0).sin()
        });
        x += step;
    }
}

fn ground(canvas: &mut Canvas, brush: &mut Brush, top: f32) {
    let (width, height) = canvas.size();
    let earth = brush
        .chance
        .pick([[118, 128, 74], [150, 132, 104], [138, 136, 130], [98, 118, 66]]);
    let earth = brush.swatch(earth, 15.0, 0.4);
    let shade = falling(&mut brush.chance, canvas.size());
    canvas.cover(&upright(0.0, top, width, height), &earth, shade);
}

fn road(canvas: &mut Canvas, brush: &mut Brush, horizon: f32) {
    let (width, height) = canvas.size();
    let asphalt = brush.swatch([112, 112, 114], 10.0, 0.3);
    let paint = brush.light.on([232, 230, 220], 1.0);
    let (far, near) = (
        width * brush.chance.between(0.1, 0.9),
        width * brush.chance.between(0.2, 0.8),
    );
    let (slim, broad) = (
        brush.chance.between(10.0, 26.0),
        brush.chance.between(360.0, 640.0),
    );
    let edge = |share: f32, side: f32| {
        let half = slim + (broad - slim) * share;
        point(
            far + (near - far) * share + side * half,
            horizon + (height - horizon) * share,
        )
    };
    let shade = falling(&mut brush.chance, canvas.size());
    canvas.cover(
        &[edge(0.0, -1.0), edge(0.0, 1.0), edge(1.0, 1.0), edge(1.0, -1.0)],
        &asphalt,
        shade,
    );
    let mut along = 0.06_f32;
    while along < 1.0 {
        let end = along * 1.3;
        let dash = [
            edge(along, -0.02),
            edge(along, 0.02),
            edge(end, 0.02),
            edge(end, -0.02),
        ];
        canvas.polygon(&dash, paint, 0.85);
        along *= 1.8;
    }
}

fn roof(canvas: &mut Canvas, brush: &mut Brush, eave: f32) {
    let (width, _) = canvas.size();
    let tile = brush.chance.pick([[150, 66, 48], [96, 98, 104], [124, 82, 62]]);
    let tiles = brush.swatch(tile, 12.0, 0.5);
    canvas.cover(&upright(0.0, eave - 70.0, width, eave), &tiles, |x, _| {
        0.9 + 0.1 * (x / 40.0).sin()
    });
    canvas.polygon(&upright(0.0, eave, width, eave + 26.0), [20, 18, 18], 0.45);
}

fn trees(canvas: &mut Canvas, brush: &mut Brush, foot: f32) {
    let (width, _) = canvas.size();
    let leaf = brush.chance.pick([[62, 94, 44], [84, 110, 54], [50, 82, 52]]);
    let leaves = brush.swatch(leaf, 22.0, 0.35);
    for _ in 0..=brush.chance.below(3) {
        let x = if brush.chance.happens(50) {
            brush.chance.between(-40.0, width * 0.14)
        } else {
            brush.chance.between(width * 0.86, width + 40.0)
        };
        let tall = brush.chance.between(220.0, 620.0);
        let trunk = brush.light.on([82, 66, 52], 1.0);
        canvas.polygon(
            &upright(x - 12.0, foot - tall, x + 12.0, foot + 30.0),
            trunk,
            0.95,
        );
        for _ in 0..34 {
            let (aside, up) = (brush.chance.between(-1.0, 1.0), brush.chance.between(0.0, 1.0));
            let at = point(x + aside * tall * 0.28, foot - tall * (0.55 + 0.55 * up));
            let size = tall * brush.chance.between(0.05, 0.13);
            let own = brush.chance.between(0.6, 1.12);
            canvas.cover(&round(at, (size, size * 0.8), 11), &leaves, |_, _| own);
        }
    }
}

/// An ellipse as a polygon.
fn round(middle: Point, (wide, tall): (f32, f32), corners: usize) -> Vec<Point> {
    let turn = std::f32::consts::TAU / whole::real(corners);
    (0..corners)
        .map(|corner| whole::real(corner) * turn)
        .map(|angle| point(middle.x + wide * angle.cos(), middle.y + tall * angle.sin()))
        .collect()
}

//! Walls that banners hang on: painted plaster with windows, bricks, boards and metal sheets.
//! Invariant: the whole width is covered between the two heights given. It refuses to know about banners.

use ab_glyph::{Point, point};

use super::{
    canvas::Canvas,
    chance::Chance,
    swatch::{Colour, Grain, Light, Swatch},
    whole,
};

/// Light of the day and the stream of chance, handed along while a scene is painted.
#[derive(Debug)]
pub(super) struct Brush {
    /// Decides everything that varies.
    pub(super) chance: Chance,
    /// The photograph's light.
    pub(super) light: Light,
}

impl Brush {
    /// A rough material in this photograph's light, for deep shadow and full sun.
    pub(super) fn swatch(&mut self, colour: Colour, depth: f32, streak: f32) -> Swatch {
        let reach = (0.5, 1.25);
        Swatch::new(
            &mut self.chance,
            self.light,
            colour,
            Grain { depth, streak, reach },
        )
    }

    /// A smooth material, on which coarse tones would show as bands.
    pub(super) fn smooth_swatch(&mut self, colour: Colour, depth: f32, reach: (f32, f32)) -> Swatch {
        Swatch::new(
            &mut self.chance,
            self.light,
            colour,
            Grain {
                depth,
                streak: 0.3,
                reach,
            },
        )
    }
}

/// An upright rectangle of the photo.
pub(super) fn upright(left: f32, top: f32, right: f32, bottom: f32) -> [Point; 4] {
    [
        point(left, top),
        point(right, top),
        point(right, bottom),
        point(left, bottom),
    ]
}

/// Light that falls off from one side and towards the bottom.
pub(super) fn falling(
    chance: &mut Chance,
    (width, height): (f32, f32),
) -> impl Fn(f32, f32) -> f32 + Copy + use<> {
    let (across, down) = (chance.between(-0.28, 0.28), chance.between(-0.24, 0.1));
    let base = chance.between(0.86, 1.02);
    move |x, y| base + across * (x / width - 0.5) + down * (y / height - 0.5)
}

/// Builds a wall from `top` to `bottom`.
pub(super) fn wall(canvas: &mut Canvas, brush: &mut Brush, top: f32, bottom: f32) {
    match brush.chance.below(4) {
        0 => bricks(canvas, brush, top, bottom),
        1 => {
            let wood = brush.chance.pick([[134, 92, 58], [112, 78, 52], [150, 112, 74]]);
            boards(canvas, brush, (top, bottom), (wood, 84.0));
        }
        2 => {
            let paint = brush
                .chance
                .pick([[74, 112, 150], [92, 136, 118], [160, 164, 166]]);
            boards(canvas, brush, (top, bottom), (paint, 38.0));
        }
        _ => plaster(canvas, brush, top, bottom),
    }
}

fn plaster(canvas: &mut Canvas, brush: &mut Brush, top: f32, bottom: f32) {
    let (width, _) = canvas.size();
    let paints = [
        [232, 208, 140],
        [214, 196, 168],
        [186, 206, 196],
        [226, 222, 210],
        [204, 170, 126],
    ];
    let paint = brush.chance.pick(paints);
    let shade = falling(&mut brush.chance, canvas.size());
    let coat = brush.swatch(paint, 11.0, 0.35);
    canvas.cover(&upright(0.0, top, width, bottom), &coat, shade);
    let glass = brush.swatch([66, 84, 96], 8.0, 0.6);
    let bars = brush.light.on([112, 74, 44], 1.0);
    let (wide, tall) = (
        brush.chance.between(120.0, 230.0),
        brush.chance.between(190.0, 330.0),
    );
    let mut left = brush.chance.between(-100.0, 80.0);
    let sill = top + brush.chance.between(60.0, 220.0);
    while left < width {
        let tilt = brush.chance.between(0.7, 1.15);
        canvas.polygon(
            &upright(left - 12.0, sill - 12.0, left + wide + 12.0, sill + tall + 12.0),
            bars,
            1.0,
        );
        canvas.cover(&upright(left, sill, left + wide, sill + tall), &glass, |x, y| {
            tilt + 0.25 * ((x - y) / 90.0).sin()
        });
        for part in 1..4 {
            let x = left + wide * whole::real(part) / 4.0;
            canvas.polygon(&upright(x - 4.0, sill, x + 4.0, sill + tall), bars, 0.95);
        }
        left += wide + brush.chance.between(160.0, 420.0);
    }
    let plinth = brush.swatch(
        brush.chance.clone().pick([[120, 84, 70], [110, 112, 112]]),
        12.0,
        0.3,
    );
    canvas.cover(&upright(0.0, bottom - 110.0, width, bottom), &plinth, shade);
}

fn bricks(canvas: &mut Canvas, brush: &mut Brush, top: f32, bottom: f32) {
    let (width, _) = canvas.size();
    let clay = brush.chance.pick([[158, 84, 60], [176, 104, 76], [140, 96, 82]]);
    let shade = falling(&mut brush.chance, canvas.size());
    let mortar = brush.swatch([172, 162, 148], 8.0, 0.2);
    canvas.cover(&upright(0.0, top, width, bottom), &mortar, shade);
    let clay = brush.swatch(clay, 8.0, 0.45);
    let (long, high) = (
        brush.chance.between(74.0, 108.0),
        brush.chance.between(30.0, 42.0),
    );
    let (mut y, mut row) = (top, 0_usize);
    while y < bottom {
        let mut x = if row.is_multiple_of(2) { 0.0 } else { -long / 2.0 };
        while x < width {
            let own = brush.chance.between(0.8, 1.14);
            let brick = upright(x, y, x + long - 5.0, (y + high - 5.0).min(bottom));
            canvas.cover(&brick, &clay, |x, y| own * shade(x, y));
            x += long;
        }
        y += high;
        row += 1;
    }
}

fn boards(canvas: &mut Canvas, brush: &mut Brush, (top, bottom): (f32, f32), (colour, broad): (Colour, f32)) {
    let (width, _) = canvas.size();
    let shade = falling(&mut brush.chance, canvas.size());
    let face = brush.swatch(colour, 10.0, 0.55);
    let seam = brush.light.on(colour, 0.35);
    let mut x = -brush.chance.between(0.0, broad);
    while x < width {
        let step = broad * brush.chance.between(0.8, 1.2);
        let own = brush.chance.between(0.84, 1.1);
        canvas.cover(&upright(x, top, x + step, bottom), &face, |x, y| {
            own * shade(x, y)
        });
        canvas.polygon(&upright(x + step - 2.5, top, x + step, bottom), seam, 0.8);
        x += step;
    }
}

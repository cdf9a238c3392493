//! The photograph of a banner: red cloth in an iron frame on a wall or between posts, slightly askew as phones
//! hold it. Invariant: headline and lines stand on the cloth in full, accents included, in two megapixels.
//! It refuses to make up any wording.

use ab_glyph::{Point, point};

use super::{
    PictureError,
    backdrop::{self, Hold},
    canvas::{Canvas, Picture},
    chance::Chance,
    lettering::{Align, Face, Room, write},
    masonry::{Brush, upright},
    plane::Plane,
    swatch::Light,
};

const WIDTH: u16 = 1600;
const HEIGHT: u16 = 1200;

/// A banner and where it hangs.
#[derive(Debug, Clone, Copy)]
pub struct BannerScene<'a> {
    /// The headline as it is printed, the name of the place already filled in.
    pub headline: &'a str,
    /// The small lines under it; an empty one is left out.
    pub lines: [&'a str; 2],
    /// Height and width of the cloth in metres; only their proportion shows.
    pub size_m: (f32, f32),
    /// What the plate near the banner says; empty for none.
    pub place: &'a str,
    /// Decides surroundings, light, angle and grain.
    pub seed: u64,
}

impl BannerScene<'_> {
    /// Takes the photograph: 1600 × 1200 pixels.
    pub fn photograph(&self) -> Result<Picture, PictureError> {
        let mut chance = Chance::new(self.seed, 1);
        let light = Light::of(&mut chance);
        let mut brush = Brush { chance, light };
        let mut canvas = Canvas::new(WIDTH, HEIGHT, Chance::new(self.seed, 2));
        let (hold, ground) = backdrop::paint(&mut canvas, &mut brush);
        let cloth = self.hang(&mut brush, ground);
        hold_up(&mut canvas, &mut brush, &cloth, (hold, ground));
        self.name_place(&mut canvas, &mut brush, &cloth)?;
        self.print(&mut canvas, &mut brush, &cloth)?;
        frame(&mut canvas, &brush, &cloth);
        Ok(canvas.into_picture())
    }

    /// Where the corners of the cloth come to lie.
    fn hang(&self, brush: &mut Brush, ground: f32) -> Plane {
        let (metres_high, metres_wide) = (self.size_m.0.clamp(0.3, 20.0), self.size_m.1.clamp(0.3, 20.0));
        let (full_width, full_height) = (f32::from(WIDTH), f32::from(HEIGHT));
        let chance = &mut brush.chance;
        let slope = (metres_high / metres_wide).clamp(0.2, 1.2);
        let tallest = full_height * 0.62;
        let width = (full_width * chance.between(0.62, 0.84)).min(tallest / slope);
        let half = (width / 2.0, width * slope / 2.0);
        let spare = (full_width - width) / 2.0 * 0.75;
        let lowest = (ground + full_height * 0.02 - half.1).max(half.1 + 70.0);
        let middle = point(
            full_width / 2.0 + chance.between(-spare, spare),
            chance.between((half.1 + 60.0).max(lowest - 160.0), lowest),
        );
        let (tilt, turn) = (chance.between(-0.05, 0.05), chance.between(-0.1, 0.1));
        let corner = |x: f32, y: f32| {
            let (x, y) = (
                x * half.0 * (1.0 - turn.abs() * 0.6),
                y * half.1 * (1.0 + x * turn),
            );
            middle + point(x * tilt.cos() - y * tilt.sin(), x * tilt.sin() + y * tilt.cos())
        };
        let corners = [
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ];
        Plane::new((metres_wide, metres_high), corners)
    }

    /// The plate with the name of the place, below the banner.
    fn name_place(&self, canvas: &mut Canvas, brush: &mut Brush, cloth: &Plane) -> Result<(), PictureError> {
        if self.place.trim().is_empty() {
            return Ok(());
        }
        let (metres_wide, metres_high) = cloth.size();
        let (wide, tall) = (metres_wide * 0.44, metres_wide * 0.07);
        let left = (metres_wide - wide) * brush.chance.share();
        let corners = cloth.rectangle(left, metres_high * 1.07, wide, tall);
        let paint = brush.chance.pick([[28, 62, 128], [24, 92, 62], [236, 234, 226]]);
        let metal = brush.swatch(paint, 5.0, 0.3);
        canvas.cover(&corners, &metal, |_, _| 1.0);
        let ink = if paint.iter().map(|part| u32::from(*part)).sum::<u32>() > 400 {
            [20, 30, 80]
        } else {
            [245; 3]
        };
        let plate = Plane::new((wide, tall), corners);
        let room = Room {
            left: wide * 0.04,
            top: 0.0,
            width: wide * 0.92,
            height: tall,
            largest: tall * 0.6,
        };
        write(
            canvas,
            &plate,
            room,
            (Face::Bold, Align::Middle),
            (self.place, brush.light.on(ink, 1.0)),
        )?;
        Ok(())
    }

    fn print(&self, canvas: &mut Canvas, brush: &mut Brush, cloth: &Plane) -> Result<(), PictureError> {
        let (wide, tall) = cloth.size();
        let red = brush.chance.pick([[200, 24, 28], [184, 20, 32], [208, 36, 26]]);
        let cloth_swatch = brush.swatch(red, 7.0, 0.35);
        let (fold, start) = (brush.chance.between(90.0, 240.0), brush.chance.between(0.0, 6.0));
        let (across, depth) = (
            brush.chance.between(-0.16, 0.16),
            brush.chance.between(0.02, 0.07),
        );
        canvas.cover(&cloth.rectangle(0.0, 0.0, wide, tall), &cloth_swatch, |x, y| {
            0.98 + across * (x / f32::from(WIDTH) - 0.5) + depth * (x / fold + y / 300.0 + start).sin()
        });
        let yellow = brush.light.on([255, 226, 52], 1.0);
        let white = brush.light.on([250, 246, 236], 1.0);
        let rim = tall * 0.012;
        let (inset, inner) = (tall * 0.035, (wide - tall * 0.07, tall * 0.93));
        for bar in [
            cloth.rectangle(inset, inset, inner.0, rim),
            cloth.rectangle(inset, inset + inner.1 - rim, inner.0, rim),
            cloth.rectangle(inset, inset, rim, inner.1),
            cloth.rectangle(inset + inner.0 - rim, inset, rim, inner.1),
        ] {
            canvas.polygon(&bar, yellow, 0.94);
        }
        let lines: Vec<&str> = self
            .lines
            .into_iter()
            .filter(|line| !line.trim().is_empty())
            .collect();
        let small = tall * 0.15;
        let below = if lines.len() == 2 {
            2.0 * small
        } else {
            small * f32::from(!lines.is_empty())
        };
        let (margin, gap) = (tall * 0.075, tall * 0.03);
        let room = Room {
            left: margin,
            top: margin,
            width: wide - 2.0 * margin,
            height: tall - 2.0 * margin - below - gap,
            largest: tall * 0.24,
        };
        write(
            canvas,
            cloth,
            room,
            (Face::Bold, Align::Middle),
            (self.headline, yellow),
        )?;
        let mut top = tall - margin - below;
        for line in lines {
            let room = Room {
                top,
                height: small,
                largest: tall * 0.07,
                ..room
            };
            write(canvas, cloth, room, (Face::Bold, Align::Middle), (line, white))?;
            top += small;
        }
        Ok(())
    }
}

/// The posts, or the shadow on the wall.
fn hold_up(canvas: &mut Canvas, brush: &mut Brush, cloth: &Plane, (hold, ground): (Hold, f32)) {
    let (wide, tall) = cloth.size();
    if hold == Hold::Wall {
        let (x, y) = (
            brush.chance.between(-18.0, 18.0),
            brush.chance.between(10.0, 24.0),
        );
        canvas.cast_shadow(cloth.rectangle(0.0, 0.0, wide, tall), point(x, y));
        return;
    }
    let iron = brush.swatch([104, 106, 110], 9.0, 0.5);
    for share in [0.06, 0.94] {
        let head: Point = cloth.at(wide * share, -tall * 0.05);
        let foot = ground.max(cloth.at(wide * share, tall).y + 40.0) + brush.chance.between(40.0, 90.0);
        canvas.cover(
            &upright(head.x - 11.0, head.y, head.x + 11.0, foot),
            &iron,
            |_, _| 0.95,
        );
        canvas.polygon(
            &upright(head.x + 5.0, head.y, head.x + 11.0, foot),
            [30, 30, 32],
            0.5,
        );
    }
}

/// Four iron bars over the edges of the cloth.
fn frame(canvas: &mut Canvas, brush: &Brush, cloth: &Plane) {
    let (wide, tall) = cloth.size();
    let bar = tall * 0.022;
    let (iron, glint) = (
        brush.light.on([78, 80, 84], 1.0),
        brush.light.on([150, 152, 156], 1.0),
    );
    for (left, top, width, height) in [
        (-bar, -bar, wide + 2.0 * bar, bar),
        (-bar, tall, wide + 2.0 * bar, bar),
        (-bar, 0.0, bar, tall),
        (wide, 0.0, bar, tall),
    ] {
        canvas.polygon(&cloth.rectangle(left, top, width, height), iron, 1.0);
        let (thin_width, thin_height) = (if width > bar { width } else { bar * 0.3 }, height.min(tall));
        let thin_height = if width > bar { bar * 0.3 } else { thin_height };
        canvas.polygon(&cloth.rectangle(left, top, thin_width, thin_height), glint, 0.8);
    }
}

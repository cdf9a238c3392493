//! The photograph of a signed pledge sheet: paper on a table, a printed form, rows of scribbles in ink.
//! Invariant: as many rows are signed as there are signers, up to what one sheet holds; the total is printed.
//! It refuses names: handwriting is loops that spell nothing.

use ab_glyph::point;

use super::{
    PictureError,
    canvas::{Canvas, Picture},
    chance::Chance,
    lettering::{Align, Face, Room, write},
    masonry::{Brush, falling, upright},
    pen::{Field, rule, scribble},
    plane::Plane,
    swatch::{Colour, Light},
    whole,
};

const WIDTH: u16 = 1200;
const HEIGHT: u16 = 1600;
/// An A4 sheet in millimetres.
const SHEET: (f32, f32) = (210.0, 297.0);
const ROWS: u32 = 18;
/// Upper and lower end of the table in millimetres.
const GRID_TOP: f32 = 60.0;
const GRID_BOTTOM: f32 = 272.0;
const PRINT: Colour = [34, 34, 38];
/// Left edges and widths of the form's columns in millimetres: number, name, signature.
const COLUMNS: [(f32, f32, &str); 3] = [
    (18.0, 16.0, "STT"),
    (34.0, 96.0, "Họ và tên"),
    (130.0, 62.0, "Chữ ký"),
];

/// A pledge sheet and how many have signed.
#[derive(Debug, Clone, Copy)]
pub struct PledgeScene<'a> {
    /// The heading of the sheet.
    pub title: &'a str,
    /// Where it was signed.
    pub place: &'a str,
    /// How many signed; one sheet shows up to 18 of them and the total.
    pub signers: u32,
    /// Decides table, light, angle and hands.
    pub seed: u64,
}

impl PledgeScene<'_> {
    /// Takes the photograph: 1200 × 1600 pixels.
    pub fn photograph(&self) -> Result<Picture, PictureError> {
        let mut chance = Chance::new(self.seed, 3);
        let light = Light::of(&mut chance);
        let mut brush = Brush { chance, light };
        let mut canvas = Canvas::new(WIDTH, HEIGHT, Chance::new(self.seed, 4));
        table(&mut canvas, &mut brush);
        let sheet = lay_down(&mut brush);
        paper(&mut canvas, &mut brush, &sheet);
        self.form(&mut canvas, &sheet)?;
        self.sign(&mut canvas, &mut brush, &sheet);
        leave_pen(&mut canvas, &mut brush);
        Ok(canvas.into_picture())
    }

    fn form(&self, canvas: &mut Canvas, sheet: &Plane) -> Result<(), PictureError> {
        let mut print = |face, align, (left, top): (f32, f32), (width, height, largest), text: &str| {
            let room = Room {
                left,
                top,
                width,
                height,
                largest,
            };
            write(canvas, sheet, room, (face, align), (text, PRINT))
        };
        print(
            Face::Bold,
            Align::Middle,
            (20.0, 14.0),
            (170.0, 30.0, 9.0),
            self.title,
        )?;
        print(
            Face::Book,
            Align::Middle,
            (20.0, 45.0),
            (170.0, 12.0, 6.0),
            self.place,
        )?;
        for (left, width, name) in COLUMNS {
            print(
                Face::Bold,
                Align::Middle,
                (left, GRID_TOP),
                (width, row_height(), 5.0),
                name,
            )?;
        }
        for line in 1..=ROWS {
            let size = (16.0, row_height(), 4.6);
            print(
                Face::Book,
                Align::Middle,
                (18.0, row_top(line)),
                size,
                &line.to_string(),
            )?;
        }
        let total = format!("Tổng số người ký: {}", self.signers);
        print(Face::Bold, Align::Left, (20.0, 276.0), (170.0, 10.0, 5.6), &total)?;
        grid(canvas, sheet);
        Ok(())
    }

    fn sign(&self, canvas: &mut Canvas, brush: &mut Brush, sheet: &Plane) {
        let row = row_height();
        for line in 1..=self.signers.min(ROWS) {
            let ink = brush.chance.pick([[30, 48, 140], [24, 36, 110], [40, 40, 48]]);
            let top = row_top(line) + row * 0.16;
            let thickness = brush.chance.between(0.4, 0.75);
            let words = 3 + brush.chance.below(2);
            let width = brush.chance.between(56.0, 84.0);
            let name = Field {
                left: 37.0,
                top: top + row * 0.08,
                width,
                height: row * 0.6,
            };
            scribble(canvas, sheet, &mut brush.chance, (name, words), (ink, thickness));
            let left = 136.0 + brush.chance.between(0.0, 12.0);
            let width = brush.chance.between(26.0, 42.0);
            let hand = Field {
                left,
                top: top - row * 0.1,
                width,
                height: row * 1.05,
            };
            scribble(canvas, sheet, &mut brush.chance, (hand, 1), (ink, thickness));
        }
    }
}

/// The lines of the form.
fn grid(canvas: &mut Canvas, sheet: &Plane) {
    let height = GRID_BOTTOM - GRID_TOP;
    for left in COLUMNS.map(|(left, ..)| left).into_iter().chain([192.0]) {
        rule(
            canvas,
            sheet,
            Field {
                left,
                top: GRID_TOP,
                width: 0.4,
                height,
            },
            PRINT,
        );
    }
    for line in 0..=ROWS + 1 {
        rule(
            canvas,
            sheet,
            Field {
                left: 18.0,
                top: row_top(line),
                width: 174.4,
                height: 0.4,
            },
            PRINT,
        );
    }
}

/// The heading of the columns is row 0.
fn row_top(line: u32) -> f32 {
    GRID_TOP + row_height() * row_number(line)
}

fn row_height() -> f32 {
    (GRID_BOTTOM - GRID_TOP) / (row_number(ROWS) + 1.0)
}

fn row_number(line: u32) -> f32 {
    f32::from(u16::try_from(line).unwrap_or(u16::MAX))
}

fn table(canvas: &mut Canvas, brush: &mut Brush) {
    let (width, height) = canvas.size();
    let tops = [
        [142, 96, 60],
        [196, 158, 112],
        [78, 56, 44],
        [120, 128, 130],
        [58, 84, 72],
        [214, 212, 204],
    ];
    let wood = brush.chance.pick(tops);
    let grain = brush.swatch(wood, 9.0, 0.8);
    let shade = falling(&mut brush.chance, (width, height));
    let broad = brush.chance.between(120.0, 460.0);
    let along = brush.chance.happens(50);
    let (mut edge, end) = (0.0, if along { height } else { width });
    while edge < end {
        let own = brush.chance.between(0.78, 1.14);
        let (board, seam) = if along {
            (
                upright(0.0, edge, width, edge + broad),
                upright(0.0, edge + broad - 3.0, width, edge + broad),
            )
        } else {
            (
                upright(edge, 0.0, edge + broad, height),
                upright(edge + broad - 3.0, 0.0, edge + broad, height),
            )
        };
        canvas.cover(&board, &grain, |x, y| own * shade(x, y));
        canvas.polygon(&seam, [24, 18, 14], 0.7);
        edge += broad;
    }
    for _ in 0..brush.chance.below(4) {
        lay_around(canvas, brush);
    }
}

/// A folder or a book that lies on the table, partly under the sheet.
fn lay_around(canvas: &mut Canvas, brush: &mut Brush) {
    let (width, height) = canvas.size();
    let colours = [
        [170, 40, 40],
        [36, 60, 120],
        [226, 220, 200],
        [40, 44, 48],
        [206, 170, 60],
        [92, 140, 110],
    ];
    let colour = brush.chance.pick(colours);
    let middle = point(
        brush.chance.between(0.0, width),
        brush.chance.between(0.0, height),
    );
    let half = (
        brush.chance.between(120.0, 420.0),
        brush.chance.between(90.0, 340.0),
    );
    let turn = brush.chance.between(-0.6, 0.6);
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y): (f32, f32)| {
        let (x, y) = (x * half.0, y * half.1);
        middle + point(x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos())
    });
    canvas.cast_shadow(corners, point(8.0, 11.0));
    let cover = brush.swatch(colour, 6.0, 0.4);
    let own = brush.chance.between(0.8, 1.1);
    canvas.cover(&corners, &cover, |_, y| own + 0.1 * (y / height - 0.5));
}

/// Where the corners of the sheet come to lie.
fn lay_down(brush: &mut Brush) -> Plane {
    let chance = &mut brush.chance;
    let (full_width, full_height) = (f32::from(WIDTH), f32::from(HEIGHT));
    let height = full_height * chance.between(0.66, 0.92);
    let half = (height * SHEET.0 / SHEET.1 / 2.0, height / 2.0);
    let middle = point(
        full_width / 2.0 + chance.between(-130.0, 130.0),
        full_height / 2.0 + chance.between(-110.0, 110.0),
    );
    let (tilt, lean) = (chance.between(-0.22, 0.22), chance.between(-0.02, 0.1));
    let corner = |x: f32, y: f32| {
        let (x, y) = (x * half.0 * (1.0 + y * lean), y * half.1);
        middle + point(x * tilt.cos() - y * tilt.sin(), x * tilt.sin() + y * tilt.cos())
    };
    Plane::new(
        SHEET,
        [
            corner(-1.0, -1.0),
            corner(1.0, -1.0),
            corner(1.0, 1.0),
            corner(-1.0, 1.0),
        ],
    )
}

fn paper(canvas: &mut Canvas, brush: &mut Brush, sheet: &Plane) {
    let (wide, tall) = sheet.size();
    let corners = sheet.rectangle(0.0, 0.0, wide, tall);
    canvas.cast_shadow(corners, point(9.0, 12.0));
    let white = brush.smooth_swatch([236, 234, 226], 6.0, (0.55, 1.08));
    let shade = falling(&mut brush.chance, canvas.size());
    // The shadow of whoever holds the phone falls in from any side.
    let (width, height) = canvas.size();
    let from = point(
        brush.chance.between(-0.1, 1.1) * width,
        brush.chance.between(-0.1, 1.1) * height,
    );
    let (reach, depth) = (
        brush.chance.between(350.0, 1000.0),
        brush.chance.between(0.08, 0.36),
    );
    canvas.cover(&corners, &white, |x, y| {
        let away = ((x - from.x).hypot(y - from.y) / reach).min(1.0);
        shade(x, y).min(1.04) - depth * (1.0 - away)
    });
    // Folded once across the middle on its way.
    let fold = Field {
        left: 0.0,
        top: tall / 2.0 + whole::real(brush.chance.below(9)),
        width: wide,
        height: 0.7,
    };
    rule(canvas, sheet, fold, brush.light.on([206, 204, 196], 0.96));
}

fn leave_pen(canvas: &mut Canvas, brush: &mut Brush) {
    if brush.chance.happens(40) {
        return;
    }
    let (width, height) = canvas.size();
    let from = point(
        brush.chance.between(width * 0.1, width * 0.9),
        height - brush.chance.between(20.0, 60.0),
    );
    let to = from
        + point(
            brush.chance.between(-420.0, 420.0),
            brush.chance.between(-40.0, 40.0),
        );
    let colour = brush.chance.pick([[24, 52, 150], [30, 30, 34], [160, 28, 30]]);
    for (thick, shade, drop) in [(15.0, 0.25, 8.0), (13.0, 1.0, 0.0), (3.5, 1.7, -3.0)] {
        let half = point(0.0, thick / 2.0);
        let drop = point(drop, drop);
        let barrel = [
            from - half + drop,
            to - half + drop,
            to + half + drop,
            from + half + drop,
        ];
        canvas.polygon(&barrel, brush.light.on(colour, shade), 0.92);
    }
}

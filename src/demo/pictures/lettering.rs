//! Vietnamese letters on flat things: breaks a text into balanced rows as large as the room allows and draws the
//! letters through the thing's plane. Invariant: a laid-out text lies inside its room, accents included.
//! It refuses letters that the embedded fonts lack.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Outline, OutlineCurve, Point};
use unicode_normalization::UnicodeNormalization;

use super::{PictureError, canvas::Canvas, plane::Plane, swatch::Colour, whole};

/// Distance of two baselines in letter sizes: a capital with two accents above must clear a dot below the row above.
const LEADING: f32 = 1.32;
/// From the top of the room to the first baseline in letter sizes.
const RISE: f32 = 1.1;

static BOLD: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!(
        "../../../assets/fonts/DejaVuSansCondensed-Bold-vi.ttf"
    ))
    .ok()
});
static BOOK: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../../../assets/fonts/DejaVuSansCondensed-vi.ttf")).ok()
});

/// Which of the two embedded fonts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Face {
    /// For headlines and whatever must be read from afar.
    Bold,
    /// For print on paper.
    Book,
}

impl Face {
    fn font(self) -> Result<&'static FontRef<'static>, PictureError> {
        let font = match self {
            Self::Bold => &*BOLD,
            Self::Book => &*BOOK,
        };
        font.as_ref().ok_or(PictureError::FontUnreadable)
    }
}

/// Where rows begin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Middle,
}

/// The rectangle that a text may fill, in the plane's units, and the largest letters it may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Left edge.
    pub(super) left: f32,
    /// Top edge.
    pub(super) top: f32,
    /// Width.
    pub(super) width: f32,
    /// Height.
    pub(super) height: f32,
    /// Upper bound of the letter size.
    pub(super) largest: f32,
}

/// Writes `text` into `room` on `plane`; answers the letter size that it found room for.
pub(super) fn write(
    canvas: &mut Canvas,
    plane: &Plane,
    room: Room,
    (face, align): (Face, Align),
    (text, colour): (&str, Colour),
) -> Result<f32, PictureError> {
    let font = face.font()?;
    let text: String = text.nfc().collect();
    let layout = lay_out(font, &text, room)?;
    let block = (whole::real(layout.rows.len()) - 1.0) * LEADING * layout.size + LEADING * layout.size;
    let mut baseline = room.top + (room.height - block) / 2.0 + RISE * layout.size;
    for row in &layout.rows {
        let spare = room.width - width(font, row) * layout.size;
        let start = match align {
            Align::Left => room.left,
            Align::Middle => room.left + spare / 2.0,
        };
        write_row(canvas, plane, font, row, (start, baseline, layout.size), colour);
        baseline += LEADING * layout.size;
    }
    Ok(layout.size)
}

struct Layout {
    rows: Vec<String>,
    size: f32,
}

fn lay_out(font: &FontRef<'_>, text: &str, room: Room) -> Result<Layout, PictureError> {
    if let Some(letter) = text
        .chars()
        .find(|letter| !letter.is_whitespace() && font.glyph_id(*letter).0 == 0)
    {
        return Err(PictureError::LetterMissing {
            letter,
            text: text.to_owned(),
        });
    }
    let smallest = room.width / 140.0;
    let mut size = (room.height / LEADING).min(room.largest);
    while size > smallest {
        let rows = break_rows(font, text, room.width / size);
        let fits = rows.iter().all(|row| width(font, row) * size <= room.width);
        if fits && whole::real(rows.len()) * LEADING * size <= room.height * 1.001 {
            return Ok(Layout {
                rows: balance(font, text, rows, room.width / size),
                size,
            });
        }
        size *= 0.97;
    }
    Err(PictureError::NoRoom {
        text: text.to_owned(),
    })
}

/// The same number of rows, as even as possible.
fn balance(font: &FontRef<'_>, text: &str, rows: Vec<String>, widest: f32) -> Vec<String> {
    let count = rows.len();
    let mut best = rows;
    let mut limit = widest;
    for _ in 0..40 {
        limit *= 0.98;
        let narrower = break_rows(font, text, limit);
        if narrower.len() > count || narrower.iter().any(|row| width(font, row) > limit) {
            break;
        }
        best = narrower;
    }
    best
}

/// Greedy breaking; `limit` in letter sizes.
fn break_rows(font: &FontRef<'_>, text: &str, limit: f32) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match rows.last_mut() {
            Some(row) if width(font, row) + width(font, " ") + width(font, word) <= limit => {
                row.push(' ');
                row.push_str(word);
            }
            _ => rows.push(word.to_owned()),
        }
    }
    rows
}

/// Length of a row in letter sizes.
fn width(font: &FontRef<'_>, row: &str) -> f32 {
    let units: f32 = row
        .chars()
        .map(|letter| font.h_advance_unscaled(font.glyph_id(letter)))
        .sum();
    units / font.units_per_em().unwrap_or(2048.0)
}

fn write_row(
    canvas: &mut Canvas,
    plane: &Plane,
    font: &FontRef<'_>,
    row: &str,
    (start, baseline, size): (f32, f32, f32),
    colour: Colour,
) {
    let scale = size / font.units_per_em().unwrap_or(2048.0);
    let mut pen = start;
    for letter in row.chars() {
        let id = font.glyph_id(letter);
        if let Some(outline) = font.outline(id) {
            let seen = |at: Point| plane.at(pen + at.x * scale, baseline - at.y * scale);
            // A little of the cloth shines through, so print takes part in its grain and folds.
            canvas.draw(through(&outline, seen), colour, 0.94);
        }
        pen += font.h_advance_unscaled(id) * scale;
    }
}

fn through(outline: &Outline, seen: impl Fn(Point) -> Point) -> Vec<OutlineCurve> {
    let curve = |curve: &OutlineCurve| match curve {
        OutlineCurve::Line(a, b) => OutlineCurve::Line(seen(*a), seen(*b)),
        OutlineCurve::Quad(a, b, c) => OutlineCurve::Quad(seen(*a), seen(*b), seen(*c)),
        OutlineCurve::Cubic(a, b, c, d) => OutlineCurve::Cubic(seen(*a), seen(*b), seen(*c), seen(*d)),
    };
    outline.curves.iter().map(curve).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_faces_have_every_vietnamese_letter_with_every_tone() {
        let plain = "aăâeêioôơuưydđbcghklmnpqrstvxAĂÂEÊIOÔƠUƯYDĐBCGHKLMNPQRSTVX0123456789.,;:/%@-–()“”…";
        let tones = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
        let vowels = plain
            .chars()
            .filter(|letter| "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY".contains(*letter));
        let accented: String = vowels
            .flat_map(|vowel| tones.map(|tone| [vowel, tone]))
            .flatten()
            .nfc()
            .collect();
        assert_eq!(accented.chars().count(), 24 * 5, "each composes into one letter");
        for face in [Face::Bold, Face::Book] {
            let font = face.font().unwrap();
            for letter in plain.chars().chain(accented.chars()) {
                let id = font.glyph_id(letter);
                assert!(id.0 != 0 && font.outline(id).is_some(), "{face:?} lacks {letter}");
            }
        }
    }

    #[test]
    fn a_laid_out_text_stays_inside_its_room_with_its_accents() {
        let font = Face::Bold.font().unwrap();
        let text = "CẢ HỆ THỐNG CHÍNH TRỊ VÀ TOÀN DÂN QUYẾT TÂM XÂY DỰNG 100% XÃ, PHƯỜNG KHÔNG MA TÚY";
        for (width, height) in [(1.5, 0.5), (1.1, 0.5), (0.4, 0.6), (3.0, 0.2)] {
            let room = Room {
                left: 0.0,
                top: 0.0,
                width,
                height,
                largest: 1.0,
            };
            let layout = lay_out(font, text, room).unwrap();
            assert_eq!(layout.rows.join(" "), text, "no word is lost");
            assert!(
                layout
                    .rows
                    .iter()
                    .all(|row| super::width(font, row) * layout.size <= width)
            );
            let rows = whole::real(layout.rows.len());
            assert!(rows * LEADING * layout.size <= height * 1.002);
        }
        // The tallest capital and the lowest dot fit between neighbouring baselines.
        let units = font.units_per_em().unwrap();
        let top = "ẨỂỔẴ"
            .chars()
            .filter_map(|letter| font.outline(font.glyph_id(letter)));
        let top = top
            .map(|outline| outline.bounds.min.y.max(outline.bounds.max.y))
            .fold(0.0, f32::max);
        let low = font.outline(font.glyph_id('Ợ')).unwrap().bounds;
        let low = low.min.y.min(low.max.y);
        assert!(
            (top - low) / units <= LEADING,
            "{} letter sizes",
            (top - low) / units
        );
        assert!(top / units <= RISE, "{}", top / units);
    }
}

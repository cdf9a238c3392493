//! Frames around a picture: the bars that a screenshot or a messenger lays around it.
//!
//! Invariant: what is left is the largest part that is not a frame, at least a fifth of each side.
//! Refuses: to cut into a picture without a frame; then there is nothing to cut.

use super::table::Window;

/// How far a pixel may be from the frame's colour.
const NEAR: u8 = 14;
/// Share of a line's pixels that must have the frame's colour.
const FLAT_PERCENT: usize = 86;
/// A stretch of frame thinner than this share of the side, inside the picture, is part of the picture.
const THIN_PERCENT: usize = 4;
/// A picture without its frame has at least this share of each side.
const LEAST_PERCENT: usize = 20;

/// Grey pixels, rows from the top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grey<'a> {
    pub(super) width: usize,
    pub(super) pixels: &'a [u8],
}

/// The part inside the frame; `None` when there is no frame.
pub(super) fn inside(grey: Grey<'_>) -> Option<Window> {
    let rows: Vec<Vec<u8>> = grey
        .pixels
        .chunks_exact(grey.width.max(1))
        .map(<[u8]>::to_vec)
        .collect();
    let sides = columns_of(&rows, grey.width);
    // One colour all around: a plain wall at the side of a picture is no part of the bars above and below it.
    let colour = [rows.first(), rows.last(), sides.first(), sides.last()]
        .into_iter()
        .flatten()
        .find_map(|line| middle(line).filter(|colour| has_colour(line, *colour)))?;
    let (top, bottom) = content(&rows, colour)?;
    let columns = columns_of(rows.get(top..bottom)?, grey.width);
    let (left, right) = content(&columns, colour)?;
    let whole = (top, bottom, left, right) == (0, rows.len(), 0, columns.len());
    (!whole).then(|| Window {
        left: share(left, columns.len()),
        right: share(right, columns.len()),
        top: share(top, rows.len()),
        bottom: share(bottom, rows.len()),
    })
}

fn columns_of(rows: &[Vec<u8>], width: usize) -> Vec<Vec<u8>> {
    (0..width)
        .map(|column| rows.iter().filter_map(|row| row.get(column).copied()).collect())
        .collect()
}

/// The longest stretch of lines that do not have the frame's colour.
fn content(lines: &[Vec<u8>], colour: u8) -> Option<(usize, usize)> {
    let count = lines.len();
    let thin = count * THIN_PERCENT / 100;
    let (mut best, mut start, mut end) = ((0, 0), None, 0);
    let inner = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !has_colour(line, colour));
    for (at, _) in inner {
        if start.is_none() || at > end + thin {
            start = Some(at);
        }
        end = at + 1;
        let from = start.unwrap_or(at);
        if end - from > best.1 - best.0 {
            best = (from, end);
        }
    }
    ((best.1 - best.0) * 100 >= count * LEAST_PERCENT).then_some(best)
}

/// The colour in the middle of a line's colours.
fn middle(line: &[u8]) -> Option<u8> {
    let mut sorted = line.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

/// Whether nearly all of a line has this colour.
fn has_colour(line: &[u8], colour: u8) -> bool {
    let near = line.iter().filter(|pixel| pixel.abs_diff(colour) <= NEAR).count();
    near * 100 >= line.len() * FLAT_PERCENT
}

fn share(part: usize, whole: usize) -> f32 {
    let (part, whole) = (
        u16::try_from(part).unwrap_or(0),
        u16::try_from(whole).unwrap_or(1),
    );
    f32::from(part) / f32::from(whole.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_and_a_plain_wall_beside_them_stays() {
        // Black above and below, a white wall on the left, stripes on the right.
        let mut pixels = vec![0_u8; 60 * 100];
        for (at, pixel) in pixels
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| (30..70).contains(&(at / 60)))
        {
            *pixel = if at % 60 < 20 {
                250
            } else {
                u8::try_from(at % 7 * 30).unwrap()
            };
        }
        let inside = inside(Grey {
            width: 60,
            pixels: &pixels,
        })
        .unwrap();
        assert_eq!((inside.top, inside.bottom), (0.3, 0.7));
        assert_eq!((inside.left, inside.right), (0.0, 1.0));
    }

    #[test]
    fn a_picture_without_bars_is_left_whole() {
        let pixels: Vec<u8> = (0..60 * 100_u32)
            .map(|at| (at * 37 % 251).to_le_bytes()[0])
            .collect();
        assert_eq!(
            inside(Grey {
                width: 60,
                pixels: &pixels
            }),
            None
        );
    }
}

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
    let (top, bottom) = content(&rows)?;
    let kept = rows.get(top..bottom)?;
    let columns: Vec<Vec<u8>> = (0..grey.width)
        .map(|column| kept.iter().filter_map(|row| row.get(column).copied()).collect())
        .collect();
    let (left, right) = content(&columns)?;
    let whole = (top, bottom, left, right) == (0, rows.len(), 0, columns.len());
    (!whole).then(|| Window {
        left: share(left, columns.len()),
        right: share(right, columns.len()),
        top: share(top, rows.len()),
        bottom: share(bottom, rows.len()),
    })
}

/// The longest stretch of lines that are no frame; the whole when no outer line is.
fn content(lines: &[Vec<u8>]) -> Option<(usize, usize)> {
    let count = lines.len();
    // The frame has the colour of the outermost line at one end or the other.
    let colour = [lines.first(), lines.last()]
        .into_iter()
        .flatten()
        .find_map(|line| middle(line).filter(|colour| has_colour(line, *colour)));
    let Some(colour) = colour else {
        return Some((0, count));
    };
    let flat: Vec<bool> = lines.iter().map(|line| has_colour(line, colour)).collect();
    let thin = count * THIN_PERCENT / 100;
    let (mut best, mut start, mut end) = ((0, 0), None, 0);
    for (at, is_frame) in flat.iter().enumerate() {
        if *is_frame {
            continue;
        }
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

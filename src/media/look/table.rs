//! A summed-area table: the mean of any rectangle of a picture in constant time, edges between pixels included.
//!
//! Invariant: the mean of a rectangle lies between the smallest and the largest value inside it.
//! Refuses: rectangles outside the picture; they are cut to it.

/// The side of the square that every picture is brought to, in pixels.
pub(super) const SIDE: u32 = 96;
const SIDE_CELLS: usize = 96;
const STRIDE: usize = SIDE_CELLS + 1;

/// A rectangle in shares of width and height, each 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) top: f32,
    pub(super) bottom: f32,
}

/// One channel of a square picture, summed up.
#[derive(Debug, Clone)]
pub(super) struct SumTable {
    sums: Vec<f32>,
}

impl SumTable {
    /// Sums up `SIDE` × `SIDE` values, rows from the top.
    pub(super) fn new(values: impl Iterator<Item = f32>) -> Self {
        let mut values = values;
        let mut above = vec![0.0_f32; STRIDE];
        let mut sums = above.clone();
        sums.reserve(SIDE_CELLS * STRIDE);
        for _ in 0..SIDE_CELLS {
            let mut so_far = 0.0;
            let mut row = Vec::with_capacity(STRIDE);
            row.push(0.0);
            for over in above.iter().skip(1) {
                so_far += values.next().unwrap_or(0.0);
                row.push(so_far + over);
            }
            sums.extend_from_slice(&row);
            above = row;
        }
        Self { sums }
    }

    /// The means of `N` × `N` equal cells of `window`, rows from the top.
    pub(super) fn grid<const N: usize>(&self, window: Window) -> [[f32; N]; N] {
        let columns: Vec<Cut> = cuts::<N>(window.left, window.right);
        let rows: Vec<Cut> = cuts::<N>(window.top, window.bottom);
        let mut grid = [[0.0; N]; N];
        let mut above = self.line::<N>(rows.first(), &columns);
        for (cells, row) in grid.iter_mut().zip(rows.windows(2)) {
            let [top, bottom] = row else { continue };
            let below = self.line::<N>(Some(bottom), &columns);
            let area = (bottom.place - top.place) * (window.right - window.left) * 96.0
                / f32::from(u16::try_from(N).unwrap_or(1));
            for (cell, (above, below)) in cells.iter_mut().zip(above.iter().zip(&below)) {
                *cell = (below - above) / area.max(1e-3);
            }
            above = below;
        }
        grid
    }

    /// The sums of everything above a row, between each two columns.
    fn line<const N: usize>(&self, row: Option<&Cut>, columns: &[Cut]) -> [f32; N] {
        let mut sums = [0.0; N];
        let Some(row) = row else { return sums };
        let mut before = columns.first().map_or(0.0, |column| self.at(*column, *row));
        for (sum, column) in sums.iter_mut().zip(columns.iter().skip(1)) {
            let after = self.at(*column, *row);
            *sum = after - before;
            before = after;
        }
        sums
    }

    /// The lines of the table: sums of everything above them, up to each column.
    pub(super) fn lines(&self) -> impl Iterator<Item = &[f32]> {
        self.sums.chunks_exact(STRIDE)
    }

    /// The sum of everything above and left of a point.
    fn at(&self, column: Cut, row: Cut) -> f32 {
        let start = row.index * STRIDE + column.index;
        let pair = |start: usize| match self.sums.get(start..start + 2) {
            Some([before, after]) => before + (after - before) * column.rest,
            _ => 0.0,
        };
        let (above, below) = (pair(start), pair(start + STRIDE));
        above + (below - above) * row.rest
    }
}

/// A place between two columns or rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    place: f32,
    index: usize,
    rest: f32,
}

impl Cut {
    /// The value of `line` at this place.
    pub(super) fn between(self, line: &[f32]) -> f32 {
        match line.get(self.index..) {
            Some([before, after, ..]) => before + (after - before) * self.rest,
            _ => 0.0,
        }
    }

    /// The same for lines of several values.
    pub(super) fn between_lines<const W: usize>(self, lines: &[[f32; W]]) -> [f32; W] {
        let mut mixed = [0.0; W];
        if let Some([before, after, ..]) = lines.get(self.index..) {
            for (mixed, (before, after)) in mixed.iter_mut().zip(before.iter().zip(after)) {
                *mixed = before + (after - before) * self.rest;
            }
        }
        mixed
    }
}

/// The `N + 1` cuts that part a stretch into `N` equal cells.
pub(super) fn cuts<const N: usize>(from: f32, to: f32) -> Vec<Cut> {
    let cells = u16::try_from(N).unwrap_or(1);
    (0..=cells)
        .map(|number| {
            let share = from + (to - from) * f32::from(number) / f32::from(cells);
            cut(share.clamp(0.0, 1.0) * 96.0)
        })
        .collect()
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place between 0 and 95 as an index; `as` saturates"
)]
fn cut(place: f32) -> Cut {
    let below = place.floor().clamp(0.0, 95.0);
    Cut {
        place,
        index: below as usize,
        rest: place - below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Window = Window {
        left: 0.0,
        right: 1.0,
        top: 0.0,
        bottom: 1.0,
    };

    #[test]
    fn a_slope_is_seen_as_a_slope_wherever_it_is_cut() {
        let values = (0..96 * 96).map(|at| f32::from(u16::try_from(at % 96).unwrap()));
        let table = SumTable::new(values);
        let grid = table.grid::<4>(WHOLE);
        assert!(
            (grid[0][0] - 11.5).abs() < 0.1 && (grid[3][3] - 83.5).abs() < 0.1,
            "{grid:?}"
        );
        let shifted = Window {
            left: 0.105,
            right: 0.905,
            ..WHOLE
        };
        let mean: f32 = table.grid::<4>(shifted).iter().flatten().sum::<f32>() / 16.0;
        assert!((mean - (0.505 * 96.0 - 0.5)).abs() < 0.1, "{mean}");
    }
}

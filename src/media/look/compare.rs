//! Comparing two pictures once one of them is suspected to be part of the other.
//!
//! Invariant: the likeness of a picture with itself is 1, and does not change with brightness or contrast.
//! Refuses: to find suspects; that is what the hash is for.

use super::Likeness;
use super::table::{SumTable, Window};
use crate::domain::KeptLook;

/// Cells in each direction of the light.
const LIGHT: usize = 24;
/// How far the edges of a window are moved in search of the best fit.
const STEPS: [f32; 3] = [0.014, 0.007, 0.0035];
/// Pictures that are less alike to begin with are not made alike by moving edges.
const WORTH_FITTING: f32 = 0.8;
/// How often the edges are moved by each step, at most.
const ROUNDS: usize = 6;
/// Cells that may differ for good reasons, such as a printed date: these per cent of them are left out.
const FORGIVEN_PERCENT: usize = 10;
/// Lighter or darker cells than these have lost what was in them when the picture was lightened or darkened.
const UNCLIPPED: std::ops::RangeInclusive<f32> = 10.0..=246.0;
/// So many per cent of the cells must be left, or all are taken.
const LEAST_UNCLIPPED_PERCENT: usize = 60;

/// The cells of a window, as they are kept under the coarse `hash`.
pub(super) fn kept(luma: &SumTable, window: Window, hash: u64) -> KeptLook {
    let cells = luma.grid::<LIGHT>(window);
    KeptLook {
        hash,
        light: cells.as_flattened().iter().map(|cell| byte(*cell)).collect(),
    }
}

/// How alike the kept picture and the window of another one are once the window's edges fit best.
pub(super) fn likeness(kept: &KeptLook, luma: &SumTable, window: Window) -> Likeness {
    let cells: Vec<f32> = kept.light.iter().map(|cell| f32::from(*cell)).collect();
    let light = |window: Window| {
        let seen = luma.grid::<LIGHT>(window);
        correlation(&cells, seen.as_flattened(), &unclipped(seen.as_flattened()))
    };
    let mut best = (light(window), window);
    let steps: &[f32] = if best.0 < WORTH_FITTING { &[] } else { &STEPS };
    for step in steps {
        for _ in 0..ROUNDS {
            let before = best.0;
            for moved in moves(best.1, *step) {
                let fit = light(moved);
                if fit > best.0 {
                    best = (fit, moved);
                }
            }
            if best.0 <= before {
                break;
            }
        }
    }
    let window = best.1;
    let seen = luma.grid::<LIGHT>(window);
    Likeness {
        light: best.0,
        detail: correlation(
            &relief(&cells),
            &relief(seen.as_flattened()),
            &unclipped(seen.as_flattened()),
        ),
    }
}

/// Which cells still show what was in them.
fn unclipped(cells: &[f32]) -> Vec<bool> {
    let within: Vec<bool> = cells.iter().map(|cell| UNCLIPPED.contains(cell)).collect();
    let left = within.iter().filter(|within| **within).count();
    if left * 100 >= cells.len() * LEAST_UNCLIPPED_PERCENT {
        within
    } else {
        vec![true; cells.len()]
    }
}

/// What each cell has more than the cells around it.
fn relief(cells: &[f32]) -> Vec<f32> {
    let rows: Vec<&[f32]> = cells.chunks_exact(LIGHT).collect();
    let line = |row: usize| rows.get(row).copied().unwrap_or_default();
    let mut relief = Vec::with_capacity(cells.len());
    for row in 0..rows.len() {
        let near = [
            line(row.saturating_sub(1)),
            line(row),
            line((row + 1).min(rows.len() - 1)),
        ];
        for column in 0..LIGHT {
            let around = column.saturating_sub(1)..(column + 2).min(LIGHT);
            let cells = near.iter().filter_map(|line| line.get(around.clone())).flatten();
            let (count, sum) = cells.fold((0.0, 0.0), |(count, sum), cell| (count + 1.0, sum + cell));
            let own = line(row).get(column).copied().unwrap_or(0.0);
            relief.push(own - sum / f32::max(count, 1.0));
        }
    }
    relief
}

/// The window with one edge moved, or moved as a whole.
fn moves(window: Window, step: f32) -> impl Iterator<Item = Window> {
    let shapes = [
        (1.0, 0.0, 0.0, 0.0),
        (0.0, 1.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 0.0),
        (0.0, 0.0, 0.0, 1.0),
        (1.0, 1.0, 0.0, 0.0),
        (0.0, 0.0, 1.0, 1.0),
    ];
    shapes.into_iter().flat_map(move |(left, right, top, bottom)| {
        [step, -step].into_iter().map(move |step| Window {
            left: (window.left + left * step).clamp(0.0, 0.45),
            right: (window.right + right * step).clamp(0.55, 1.0),
            top: (window.top + top * step).clamp(0.0, 0.45),
            bottom: (window.bottom + bottom * step).clamp(0.55, 1.0),
        })
    })
}

/// How well two grids rise and fall together, -1 to 1, with the worst cells forgiven.
fn correlation(one: &[f32], other: &[f32], unclipped: &[bool]) -> f32 {
    let first = fit(one, other, unclipped);
    let mut off: Vec<(f32, usize)> = one
        .iter()
        .zip(other)
        .enumerate()
        .map(|(at, (a, b))| {
            (
                (first.scale * (a - first.mean_one) - (b - first.mean_other)).abs(),
                at,
            )
        })
        .collect();
    off.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut counted = unclipped.to_vec();
    for (_, at) in off.iter().take(one.len() * FORGIVEN_PERCENT / 100) {
        if let Some(cell) = counted.get_mut(*at) {
            *cell = false;
        }
    }
    fit(one, other, &counted).correlation
}

struct Fit {
    mean_one: f32,
    mean_other: f32,
    scale: f32,
    correlation: f32,
}

fn fit(one: &[f32], other: &[f32], counted: &[bool]) -> Fit {
    let cells = || {
        one.iter()
            .zip(other)
            .zip(counted)
            .filter(|(_, counted)| **counted)
            .map(|(pair, _)| pair)
    };
    let (mut count, mut sum_one, mut sum_other) = (0.0_f32, 0.0, 0.0);
    for (a, b) in cells() {
        count += 1.0;
        sum_one += a;
        sum_other += b;
    }
    let (mean_one, mean_other) = (sum_one / count.max(1.0), sum_other / count.max(1.0));
    let (mut own_one, mut own_other, mut both) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (a, b) in cells() {
        let (a, b) = (a - mean_one, b - mean_other);
        own_one += a * a;
        own_other += b * b;
        both += a * b;
    }
    // A picture of one colour is like every other of one colour, which says nothing.
    let correlation = if own_one.min(own_other) < count {
        0.0
    } else {
        both / (own_one * own_other).sqrt()
    };
    Fit {
        mean_one,
        mean_other,
        scale: if own_one > 0.0 { both / own_one } else { 0.0 },
        correlation,
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of bytes as a byte; `as` saturates"
)]
pub(super) fn byte(value: f32) -> u8 {
    value.round() as u8
}

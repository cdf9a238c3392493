//! Looks: what makes a picture recognisable after it was made smaller, cut, lightened, stamped or photographed off a
//! screen with its bars.
//!
//! A picture is kept as its middle (four fifths of each side): a coarse hash to find it by, and a small grid of light to
//! compare it with; colour is left out, so that a grey copy is still a copy. One with bars around it is kept a second
//! time without them. A picture that is asked about is hashed at every place where the kept middle may lie, whichever of
//! the two had its rim cut off by up to a tenth on each side, and once more without its frame. What the hashes bring
//! together is compared.
//!
//! Invariant: everything here is a function of the pixels alone.
//! Refuses: to say that a picture is a copy; it says how alike two pictures are.

mod compare;
mod frame;
mod hash;
mod index;
mod table;

use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions};

pub use index::LookIndex;

use self::frame::Grey;
use self::hash::{Across, BANDS};
use self::table::{SIDE, SumTable, Window};
use super::resample::resample;
use crate::domain::KeptLook;

/// Where the middle of a picture lies.
const MIDDLE: Window = Window {
    left: 0.1,
    right: 0.9,
    top: 0.1,
    bottom: 0.9,
};
/// Where the edge of the kept middle may lie in a picture whose rim was cut off by up to a tenth.
const CUT_EDGES: [f32; 5] = [0.0, 0.028, 0.056, 0.083, 0.111];
/// Where it may lie in the whole of a picture that was kept with its rim cut off.
const WHOLE_EDGES: [f32; 4] = [0.097, 0.128, 0.159, 0.19];
/// How many of the nearest windows are compared cell by cell.
const WINDOWS_COMPARED: usize = 2;
/// Long side of the grey picture in which frames are looked for.
const FRAME_SIDE: u32 = 240;

/// A picture, ready to be kept and asked about.
#[derive(Debug)]
pub struct Look {
    views: Vec<SumTable>,
    hashes: Vec<(u64, usize, Window)>,
    /// For each band, ordered by value.
    probes: Vec<Vec<Probe>>,
}

/// A value of a band under which near pictures may be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Probe {
    value: u32,
    /// Which of the hashes has this band, or nearly has.
    hash: u16,
}

/// RGB pixels of 8 bits, rows from the top.
#[derive(Debug, Clone, Copy)]
pub struct Upright<'a> {
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width × height × 3` bytes.
    pub rgb: &'a [u8],
}

/// How alike two pictures are, each 0 (not at all, or less) to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Likeness {
    /// In light and dark.
    pub light: f32,
    /// In what stands out from its surroundings.
    pub detail: f32,
}

impl Likeness {
    /// One figure of it, per cent: as alike as the least alike of light and detail.
    pub fn percent(self) -> u8 {
        let least = self.light.min(self.detail).clamp(0.0, 1.0);
        compare::byte((least * 100.0).floor())
    }
}

impl Look {
    /// The look of a picture of at least 16 pixels each way; `None` for smaller ones.
    pub fn of(picture: Upright<'_>) -> Option<Self> {
        let smaller_side = picture.width.min(picture.height);
        let whole = (smaller_side >= 16).then_some(Window {
            left: 0.0,
            right: 1.0,
            top: 0.0,
            bottom: 1.0,
        })?;
        let mut views = vec![luma(picture, whole)?];
        if let Some(inside) = without_frame(picture) {
            views.extend(luma(picture, inside));
        }
        let mut hashes = Vec::new();
        let mut probes = vec![Vec::new(); usize::from(BANDS)];
        for (view, luma) in views.iter().enumerate() {
            for edges in [&CUT_EDGES[..], &WHOLE_EDGES[..]] {
                for (left, right) in stretches(edges) {
                    let across = Across::of(luma, left, right);
                    for (top, bottom) in stretches(edges) {
                        let waves = across.down(top, bottom);
                        let hash = u16::try_from(hashes.len()).unwrap_or(u16::MAX);
                        let window = Window {
                            left,
                            right,
                            top,
                            bottom,
                        };
                        hashes.push((waves.bits, view, window));
                        for (band, tried) in (0..BANDS).zip(&mut probes) {
                            let values = waves.probes(band).into_iter();
                            tried.extend(values.map(|value| Probe { value, hash }));
                        }
                    }
                }
            }
        }
        for tried in &mut probes {
            tried.sort_unstable();
        }
        Some(Self {
            views,
            hashes,
            probes,
        })
    }

    /// What is to be kept of it.
    pub fn kept(&self) -> Option<KeptLook> {
        self.views.first().map(middle)
    }

    /// What is to be kept of it besides, when it has bars around it: the original of a screenshot that came first is
    /// found by this.
    pub fn kept_inside(&self) -> Option<KeptLook> {
        self.views.get(1).map(middle)
    }

    /// The values of `band` under which near pictures are to be looked for, in order.
    fn probes(&self, band: u8) -> &[Probe] {
        self.probes.get(usize::from(band)).map_or(&[], Vec::as_slice)
    }

    /// The hash that a probe was made of.
    fn hash_of(&self, probe: Probe) -> Option<u64> {
        self.hashes.get(usize::from(probe.hash)).map(|(bits, _, _)| *bits)
    }

    /// In how many bits a kept hash differs from the nearest of this picture's.
    fn distance(&self, hash: u64) -> u32 {
        self.hashes
            .iter()
            .map(|(own, _, _)| (own ^ hash).count_ones())
            .min()
            .unwrap_or(u32::MAX)
    }

    /// How alike this picture and the kept one are, where they fit best.
    pub fn likeness(&self, kept: &KeptLook) -> Likeness {
        let mut nearest: Vec<(u32, usize, Window)> = self
            .hashes
            .iter()
            .map(|(own, view, window)| ((own ^ kept.hash).count_ones(), *view, *window))
            .collect();
        nearest.sort_by_key(|(distance, view, _)| (*distance, *view));
        // Most copies are not cut at all, and none of the windows above is quite theirs.
        let uncut = (0..self.views.len()).map(|view| (view, MIDDLE));
        let nearest = nearest.iter().map(|(_, view, window)| (*view, *window));
        let best = uncut
            .chain(nearest.take(WINDOWS_COMPARED))
            .filter_map(|(view, window)| Some(compare::likeness(kept, self.views.get(view)?, window)))
            .max_by(|one, other| one.light.total_cmp(&other.light));
        best.unwrap_or(Likeness {
            light: 0.0,
            detail: 0.0,
        })
    }
}

/// The middle of a view, as it is kept.
fn middle(view: &SumTable) -> KeptLook {
    let hash = Across::of(view, MIDDLE.left, MIDDLE.right)
        .down(MIDDLE.top, MIDDLE.bottom)
        .bits;
    compare::kept(view, MIDDLE, hash)
}

/// Every stretch between two of these edges, across or down.
fn stretches(edges: &[f32]) -> impl Iterator<Item = (f32, f32)> {
    edges
        .iter()
        .flat_map(move |from| edges.iter().map(move |to| (*from, 1.0 - to)))
}

/// The part of the picture inside its frame, when it has one.
fn without_frame(picture: Upright<'_>) -> Option<Window> {
    let longer = picture.width.max(picture.height);
    let side = |length: u32| (length * FRAME_SIDE / longer.max(1)).clamp(16, FRAME_SIDE);
    let (width, height) = if longer > FRAME_SIDE {
        (side(picture.width), side(picture.height))
    } else {
        (picture.width, picture.height)
    };
    let whole = Window {
        left: 0.0,
        right: 1.0,
        top: 0.0,
        bottom: 1.0,
    };
    let rgb = resized(picture, whole, (width, height))?;
    let (pixels, _) = rgb.as_chunks::<3>();
    let grey: Vec<u8> = pixels.iter().map(|pixel| grey(*pixel)).collect();
    frame::inside(Grey {
        width: usize::try_from(width).ok()?,
        pixels: &grey,
    })
}

fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let mixed = u32::from(red) * 77 + u32::from(green) * 151 + u32::from(blue) * 28;
    u8::try_from(mixed >> 8).unwrap_or(255)
}

/// How light the part of a picture is, brought to the square that all comparisons use.
fn luma(picture: Upright<'_>, part: Window) -> Option<SumTable> {
    let rgb = resized(picture, part, (SIDE, SIDE))?;
    let (pixels, _) = rgb.as_chunks::<3>();
    let light = |[red, green, blue]: [f32; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
    Some(SumTable::new(
        pixels.iter().map(|pixel| light(pixel.map(f32::from))),
    ))
}

fn resized(picture: Upright<'_>, part: Window, asked: (u32, u32)) -> Option<Vec<u8>> {
    let (across, down) = (f64::from(picture.width), f64::from(picture.height));
    let [left, top] = [f64::from(part.left) * across, f64::from(part.top) * down];
    let wide = (f64::from(part.right - part.left) * across)
        .min(across - left)
        .max(1.0);
    let tall = (f64::from(part.bottom - part.top) * down)
        .min(down - top)
        .max(1.0);
    let options = ResizeOptions::new()
        .crop(left, top, wide, tall)
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    resample::<U8x3>(picture.rgb, (picture.width, picture.height), asked, &options).ok()
}

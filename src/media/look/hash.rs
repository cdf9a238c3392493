//! The coarse hash: the signs of 63 slow waves of a window, in three bands of 21, and which of them are in doubt.
//!
//! Invariant: bits that hardly differ from zero are named as doubtful, so that a search can try both.
//! Refuses: to tell pictures apart; that is for the comparison of those that the hash brings together.

use std::sync::LazyLock;

use super::table::{self, SumTable};

/// Waves in each direction.
const WAVES: usize = 8;
/// Samples in each direction.
const SAMPLES: usize = 16;
/// Bits of one band.
const BAND_BITS: u32 = 21;
/// Bands of a hash.
pub(super) const BANDS: u8 = 3;
/// Doubtful bits of a band that are tried both ways.
const DOUBTFUL: usize = 3;

static COSINES: LazyLock<Vec<Vec<f32>>> = LazyLock::new(cosines);

fn cosines() -> Vec<Vec<f32>> {
    let turn = std::f32::consts::PI / 16.0;
    (0..8_u8)
        .map(|wave| {
            (0..16_u8)
                .map(|sample| (turn * f32::from(wave) * (f32::from(sample) + 0.5)).cos())
                .collect()
        })
        .collect()
}

/// A hash with the strength of each bit.
#[derive(Debug, Clone)]
pub(super) struct Waves {
    pub(super) bits: u64,
    /// The 63 coefficients, in the order of the bits.
    strengths: Vec<f32>,
}

/// The waves across a stretch of columns, for every row that they may be cut at.
#[derive(Debug)]
pub(super) struct Across(Vec<[f32; WAVES]>);

impl Across {
    /// Sums of light over the cells between two places, taken apart into waves; one line for each line of the table.
    pub(super) fn of(luma: &SumTable, left: f32, right: f32) -> Self {
        let cuts = table::cuts::<SAMPLES>(left, right);
        let waves = |line: &[f32]| {
            let sums: Vec<f32> = cuts.iter().map(|cut| cut.between(line)).collect();
            let cells: Vec<f32> = sums
                .iter()
                .zip(sums.iter().skip(1))
                .map(|(from, to)| to - from)
                .collect();
            let mut across = [0.0; WAVES];
            for (wave, cosine) in across.iter_mut().zip(COSINES.iter()) {
                *wave = cells.iter().zip(cosine).map(|(cell, weight)| cell * weight).sum();
            }
            across
        };
        Self(luma.lines().map(waves).collect())
    }

    /// The waves of the window between two heights.
    pub(super) fn down(&self, top: f32, bottom: f32) -> Waves {
        let cuts = table::cuts::<SAMPLES>(top, bottom);
        let lines: Vec<[f32; WAVES]> = cuts.iter().map(|cut| cut.between_lines(&self.0)).collect();
        let mut strengths = vec![[0.0_f32; WAVES]; WAVES];
        for (sample, (above, below)) in lines.iter().zip(lines.iter().skip(1)).enumerate() {
            for (wave, cosine) in strengths.iter_mut().zip(COSINES.iter()) {
                let weight = cosine.get(sample).copied().unwrap_or(0.0);
                for (strength, (from, to)) in wave.iter_mut().zip(above.iter().zip(below)) {
                    *strength += weight * (to - from);
                }
            }
        }
        Waves::new(strengths.into_iter().flatten())
    }
}

impl Waves {
    /// Of 64 coefficients, of which the first is the mean and only tells how bright it is.
    fn new(coefficients: impl Iterator<Item = f32>) -> Self {
        let strengths: Vec<f32> = coefficients.skip(1).collect();
        let bits = strengths
            .iter()
            .fold(0_u64, |bits, strength| (bits << 1) | u64::from(*strength > 0.0));
        Self { bits, strengths }
    }

    /// The values of `band` that a near picture may have: its own, and those with doubtful bits turned over.
    pub(super) fn probes(&self, band: u8) -> Vec<u32> {
        let width = usize::try_from(BAND_BITS).unwrap_or(0);
        let first = width * usize::from(band);
        let mut by_strength: Vec<(f32, u32)> = self
            .strengths
            .iter()
            .skip(first)
            .take(width)
            .zip((0..BAND_BITS).rev())
            .map(|(strength, bit)| (strength.abs(), bit))
            .collect();
        by_strength.sort_by(|one, other| one.0.total_cmp(&other.0));
        let own = band_of(self.bits, band);
        let mut probes = vec![own];
        for (_, bit) in by_strength.into_iter().take(DOUBTFUL) {
            let turned: Vec<u32> = probes.iter().map(|probe| probe ^ (1 << bit)).collect();
            probes.extend(turned);
        }
        probes
    }
}

/// The bits of one band of a hash.
pub(super) fn band_of(bits: u64, band: u8) -> u32 {
    let shift = BAND_BITS * u32::from(BANDS.saturating_sub(1).saturating_sub(band));
    let mask = (1_u64 << BAND_BITS) - 1;
    u32::try_from((bits >> shift) & mask).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_are_the_hash_cut_in_three() {
        let bits = 0x1234_5678_9abc_def0;
        let whole = (0..BANDS).fold(0, |whole, band| {
            whole << BAND_BITS | u64::from(band_of(bits, band))
        });
        assert_eq!(whole, bits & ((1 << 63) - 1));
    }
}

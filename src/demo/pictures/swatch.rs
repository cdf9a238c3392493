//! Materials: a colour with grain, prepared once in many tones so that painting a row is copying bytes.
//! Invariant: each tone is `STRIP` pixels of RGB. It refuses per-pixel arithmetic, which would dominate a picture.

use super::{chance::Chance, whole};

/// Red, green, blue.
pub(super) type Colour = [u8; 3];

const STRIP: usize = 1024;
const TONES: usize = 28;

/// The light of one photograph: every colour goes through it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Light {
    /// 1.0 is neutral.
    pub(super) exposure: f32,
    /// Above 0 towards red (evening), below 0 towards blue (overcast).
    pub(super) warmth: f32,
}

impl Light {
    /// The light that `chance` finds on the day.
    pub(super) fn of(chance: &mut Chance) -> Self {
        Self {
            exposure: chance.between(0.78, 1.06),
            warmth: chance.between(-0.05, 0.07),
        }
    }

    /// How `colour` looks in this light, `shade` times as bright.
    pub(super) fn on(self, [red, green, blue]: Colour, shade: f32) -> Colour {
        let bright = self.exposure * shade;
        [
            whole::byte(f32::from(red) * bright * (1.0 + self.warmth)),
            whole::byte(f32::from(green) * bright),
            whole::byte(f32::from(blue) * bright * (1.0 - self.warmth)),
        ]
    }
}

/// How rough a material looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grain {
    /// Deviation of brightness in levels of 255.
    pub(super) depth: f32,
    /// 0.0: each pixel for itself; towards 1.0: long streaks.
    pub(super) streak: f32,
    /// The darkest and the brightest shade that will be asked for; a narrow reach has finer tones.
    pub(super) reach: (f32, f32),
}

/// One material in `TONES` tones from dark to bright.
#[derive(Debug)]
pub(super) struct Swatch {
    tones: Vec<Vec<u8>>,
    reach: (f32, f32),
}

impl Swatch {
    /// Prepares `colour` with `grain` under `light`.
    pub(super) fn new(chance: &mut Chance, light: Light, colour: Colour, grain: Grain) -> Self {
        let mut level = 0.0_f32;
        let rough: Vec<f32> = (0..STRIP)
            .map(|_| {
                let fresh = chance.share() + chance.share() - 1.0;
                level = level * grain.streak + fresh * (1.0 - grain.streak);
                // Averaging flattens; the square root gives the streaks their depth back.
                level * grain.depth * 1.15 / (1.0 - grain.streak).sqrt()
            })
            .collect();
        let (darkest, brightest) = grain.reach;
        let step = (brightest - darkest) / whole::real(TONES - 1);
        let tone = |tone| strip(light.on(colour, darkest + step * whole::real(tone)), &rough);
        Self {
            tones: (0..TONES).map(tone).collect(),
            reach: grain.reach,
        }
    }

    /// `pixels` pixels of the material, about `shade` times as bright as its colour, from a random place in it.
    /// Tones are dithered, so a slow change of shade shows no steps.
    pub(super) fn piece(&self, chance: &mut Chance, shade: f32, pixels: usize) -> &[u8] {
        let draw = chance.next();
        let dither = f32::from(u8::try_from(draw & 0xff).unwrap_or(0)) / 256.0 - 0.5;
        let (darkest, brightest) = self.reach;
        let steps = (shade - darkest) / (brightest - darkest) * whole::real(TONES - 1);
        let tone = whole::index(steps + dither).min(TONES - 1);
        let room = STRIP.saturating_sub(pixels).max(1);
        let start = usize::try_from((draw >> 8) & 0xffff).unwrap_or(0) % room;
        self.tones
            .get(tone)
            .and_then(|strip| strip.get(start * 3..(start + pixels) * 3))
            .unwrap_or_default()
    }
}

fn strip(colour: Colour, rough: &[f32]) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(rough.len() * 3);
    for change in rough {
        let change = i16::from(whole::byte(change + 128.0)) - 128;
        pixels.extend(colour.map(|channel| channel.saturating_add_signed(i8::try_from(change).unwrap_or(0))));
    }
    pixels
}

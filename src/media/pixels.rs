//! Decoded pixels: made smaller, turned, flattened, written as JPEG.
//!
//! Invariant: `bytes` always holds exactly `width × height` pixels of the form's size; [`Pixels::new`] is the only door.
//! Refuses: alpha and more than 8 bits, which end in `decode`.

use super::Orientation;
use super::rendition::RenditionError;
use super::resample::resample;
use fast_image_resize::pixels::{U8, U8x3, U8x4};
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions};
use jpeg_encoder::{ColorType, Encoder};

/// What one pixel is made of, 8 bits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Grey,
    Rgb,
    /// Ink: 0 is none.
    Cmyk,
}

impl Form {
    pub(super) const fn bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// A picture in memory.
#[derive(Debug)]
pub(super) struct Pixels {
    form: Form,
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Pixels {
    /// Fails when a codec handed out another number of bytes than the size asks for.
    pub(super) fn new(form: Form, width: u32, height: u32, bytes: Vec<u8>) -> Result<Self, RenditionError> {
        let expected = u64::from(width) * u64::from(height) * u64::try_from(form.bytes()).unwrap_or(u64::MAX);
        if u64::try_from(bytes.len()).ok() == Some(expected) && expected > 0 {
            Ok(Self {
                form,
                width,
                height,
                bytes,
            })
        } else {
            Err(RenditionError::undecodable(
                "the decoder handed out another size than it announced",
            ))
        }
    }

    /// Resampled to exactly this size.
    pub(super) fn resized(self, width: u32, height: u32) -> Result<Self, RenditionError> {
        if self.size() == (width, height) {
            return Ok(self);
        }
        self.smaller(width, height)
    }

    /// Width and height.
    pub(super) const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// A resampled copy.
    pub(super) fn smaller(&self, width: u32, height: u32) -> Result<Self, RenditionError> {
        // Four channels are ink here, not colour and alpha.
        let options = ResizeOptions::new()
            .use_alpha(false)
            .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        let resample = match self.form {
            Form::Grey => resample::<U8>,
            Form::Rgb => resample::<U8x3>,
            Form::Cmyk => resample::<U8x4>,
        };
        let bytes = resample(&self.bytes, self.size(), (width, height), &options)?;
        Self::new(self.form, width, height, bytes)
    }

    /// Width, height and three bytes for each pixel.
    pub(super) fn into_rgb(self) -> (u32, u32, Vec<u8>) {
        let pixels = self.without_ink();
        let bytes = match pixels.form {
            Form::Grey => pixels.bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
            Form::Rgb | Form::Cmyk => pixels.bytes,
        };
        (pixels.width, pixels.height, bytes)
    }

    /// One byte for each pixel: how light it is.
    pub(super) fn into_grey(self) -> Vec<u8> {
        if self.form == Form::Grey {
            return self.bytes;
        }
        let (_, _, rgb) = self.into_rgb();
        let (pixels, _) = rgb.as_chunks::<3>();
        let grey = |[red, green, blue]: &[u8; 3]| {
            let mixed = u32::from(*red) * 77 + u32::from(*green) * 151 + u32::from(*blue) * 28;
            u8::try_from(mixed >> 8).unwrap_or(u8::MAX)
        };
        pixels.iter().map(grey).collect()
    }

    /// Ink turned into light: the usual rule without a colour profile.
    pub(super) fn without_ink(self) -> Self {
        if self.form != Form::Cmyk {
            return self;
        }
        let (pixels, _) = self.bytes.as_chunks::<4>();
        let bytes = pixels
            .iter()
            .flat_map(|[cyan, magenta, yellow, black]| [cyan, magenta, yellow].map(|ink| light(*ink, *black)))
            .collect();
        Self {
            form: Form::Rgb,
            bytes,
            ..self
        }
    }

    /// Turned so that a person sees it upright.
    pub(super) fn turned(self, orientation: Orientation) -> Self {
        if orientation == Orientation::Upright {
            return self;
        }
        let size = self.form.bytes();
        let (width, height) = orientation.turn_size(self.width, self.height);
        let mut bytes = Vec::with_capacity(self.bytes.len());
        for y in 0..height {
            for x in 0..width {
                let (column, row) = orientation.stored_pixel(x, y, self.width, self.height);
                let index = u64::from(row) * u64::from(self.width) + u64::from(column);
                let start = usize::try_from(index).unwrap_or(usize::MAX).saturating_mul(size);
                // Always inside: `stored_pixel` is a bijection and `new` has checked the length.
                bytes.extend_from_slice(
                    self.bytes
                        .get(start..start.saturating_add(size))
                        .unwrap_or_default(),
                );
            }
        }
        Self {
            width,
            height,
            bytes,
            ..self
        }
    }

    /// A JPEG without any metadata but the JFIF header.
    pub(super) fn to_jpeg(&self, quality: u8) -> Result<Vec<u8>, RenditionError> {
        let colour = match self.form {
            Form::Grey => ColorType::Luma,
            Form::Rgb => ColorType::Rgb,
            Form::Cmyk => {
                return Err(RenditionError::undecodable(
                    "ink must become light before it is written",
                ));
            }
        };
        let side = |length: u32| u16::try_from(length).map_err(RenditionError::undecodable);
        let mut written = Vec::new();
        // Tables made to measure would save a twentieth, but this encoder then writes a pass for each colour, which some
        // decoders (zune-jpeg 0.5.15 among them) show in wrong colours.
        Encoder::new(&mut written, quality)
            .encode(&self.bytes, side(self.width)?, side(self.height)?, colour)
            .map_err(RenditionError::undecodable)?;
        Ok(written)
    }
}

/// How much light one ink and black leave of 255.
fn light(ink: u8, black: u8) -> u8 {
    let left = u16::from(255 - ink) * u16::from(255 - black) / 255;
    u8::try_from(left).unwrap_or(255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_of_another_number_than_announced_are_not_taken() {
        assert!(Pixels::new(Form::Rgb, 2, 2, vec![0; 12]).is_ok());
        for bytes in [0, 11, 13] {
            assert!(Pixels::new(Form::Rgb, 2, 2, vec![0; bytes]).is_err());
        }
        assert!(Pixels::new(Form::Grey, 0, 5, Vec::new()).is_err());
    }

    #[test]
    fn a_quarter_turn_clockwise_puts_the_bottom_left_pixel_on_top_left() {
        let stored = Pixels::new(Form::Grey, 3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let upright = stored.turned(Orientation::QuarterTurnClockwise);
        assert_eq!((upright.width, upright.height), (2, 3));
        assert_eq!(upright.bytes, [4, 1, 5, 2, 6, 3]);
        let stored = Pixels::new(Form::Grey, 3, 2, vec![1, 2, 3, 4, 5, 6]).unwrap();
        assert_eq!(
            stored.turned(Orientation::QuarterTurnAnticlockwise).bytes,
            [3, 6, 2, 5, 1, 4]
        );
    }

    #[test]
    fn ink_becomes_light() {
        let ink = Pixels::new(Form::Cmyk, 3, 1, vec![0, 0, 0, 0, 0, 255, 255, 0, 9, 9, 9, 255]).unwrap();
        assert_eq!(ink.without_ink().bytes, [255, 255, 255, 255, 0, 0, 0, 0, 0]);
    }
}

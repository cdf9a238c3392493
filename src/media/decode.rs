//! The codecs, each asked for no more pixels than needed.
//!
//! Invariant: before a decoder allocates for pixels, the size that it read itself equals the size that `inspect` found
//! and that the memory limit was checked with.
//! Refuses: to hand out alpha or 16 bits; transparent parts are laid on white, as paper is.

use super::bytes::array;
use super::facts::{PictureFacts, PictureKind};
use super::pixels::{Form, Pixels};
use super::rendition::RenditionError;
use image::codecs::{png::PngDecoder, webp::WebPDecoder};
use image::{DynamicImage, ImageDecoder, Limits};
use jpeg_decoder::{Decoder, PixelFormat};
use std::io::Cursor;

/// What a PNG's texts and colour profile may take while its pixels are read: twice the largest file that is taken.
pub(super) const NOTES_BYTES: u64 = 32 * 1024 * 1024;

/// The pixels of `bytes`, not turned. JPEGs come in the smallest eighth, quarter or half that is at least
/// `width` × `height` in one direction; the others in full.
pub(super) fn decode(
    bytes: &[u8],
    facts: &PictureFacts,
    width: u32,
    height: u32,
) -> Result<Pixels, RenditionError> {
    match facts.kind {
        PictureKind::Jpeg => jpeg(bytes, facts, width, height),
        PictureKind::Png => {
            let decoder = PngDecoder::with_limits(Cursor::new(bytes), png_limits(facts));
            raster(decoder.map_err(RenditionError::undecodable)?, facts)
        }
        PictureKind::Webp => {
            let decoder = WebPDecoder::new(Cursor::new(bytes));
            raster(decoder.map_err(RenditionError::undecodable)?, facts)
        }
    }
}

/// The pixels of a JPEG that this program made itself.
pub(super) fn whole_jpeg(bytes: &[u8]) -> Result<Pixels, RenditionError> {
    let mut decoder = Decoder::new(bytes);
    let pixels = decoder.decode().map_err(RenditionError::undecodable)?;
    let info = decoder.info().ok_or(RenditionError::OtherPicture)?;
    let form = match info.pixel_format {
        PixelFormat::L8 => Form::Grey,
        PixelFormat::RGB24 => Form::Rgb,
        PixelFormat::CMYK32 | PixelFormat::L16 => return Err(RenditionError::OtherPicture),
    };
    Pixels::new(form, u32::from(info.width), u32::from(info.height), pixels)
}

fn jpeg(bytes: &[u8], facts: &PictureFacts, width: u32, height: u32) -> Result<Pixels, RenditionError> {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().map_err(RenditionError::undecodable)?;
    let stored = decoder.info().ok_or(RenditionError::OtherPicture)?;
    if (u32::from(stored.width), u32::from(stored.height)) != facts.stored_size() {
        return Err(RenditionError::OtherPicture);
    }
    let side = |length: u32| u16::try_from(length).map_err(RenditionError::undecodable);
    decoder
        .scale(side(width)?, side(height)?)
        .map_err(RenditionError::undecodable)?;
    let pixels = decoder.decode().map_err(RenditionError::undecodable)?;
    let scaled = decoder.info().ok_or(RenditionError::OtherPicture)?;
    let form = match scaled.pixel_format {
        PixelFormat::L8 => Form::Grey,
        PixelFormat::RGB24 => Form::Rgb,
        PixelFormat::CMYK32 => Form::Cmyk,
        PixelFormat::L16 => return Err(RenditionError::undecodable("16 bits of grey in a JPEG")),
    };
    Pixels::new(form, u32::from(scaled.width), u32::from(scaled.height), pixels)
}

/// Lets the decoder take one row of pixels and [`NOTES_BYTES`] beside the pixels themselves, so that a colour profile
/// of a few kilobytes cannot unfold to gigabytes.
fn png_limits(facts: &PictureFacts) -> Limits {
    let (width, _) = facts.stored_size();
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(NOTES_BYTES + 8 * u64::from(width));
    limits
}

fn raster(decoder: impl ImageDecoder, facts: &PictureFacts) -> Result<Pixels, RenditionError> {
    let (width, height) = decoder.dimensions();
    if (width, height) != facts.stored_size() {
        return Err(RenditionError::OtherPicture);
    }
    let image = DynamicImage::from_decoder(decoder).map_err(RenditionError::undecodable)?;
    match image {
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageLuma16(_) => {
            Pixels::new(Form::Grey, width, height, image.into_luma8().into_raw())
        }
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgb16(_) => {
            Pixels::new(Form::Rgb, width, height, image.into_rgb8().into_raw())
        }
        _ => Pixels::new(Form::Rgb, width, height, on_white(image.into_rgba8().into_raw())),
    }
}

/// Colour and alpha of each pixel mixed with white, within the same memory.
fn on_white(mut bytes: Vec<u8>) -> Vec<u8> {
    let pixels = bytes.len() / 4;
    for pixel in 0..pixels {
        let Some([red, green, blue, alpha]) = array(&bytes, pixel * 4) else {
            break;
        };
        let mixed = [red, green, blue].map(|colour| {
            let mixed = u16::from(colour) * u16::from(alpha) + 255 * u16::from(255 - alpha);
            u8::try_from((mixed + 127) / 255).unwrap_or(255)
        });
        // Never past what was just read: three bytes are written for four read.
        if let Some(place) = bytes.get_mut(pixel * 3..pixel * 3 + 3) {
            place.copy_from_slice(&mixed);
        }
    }
    bytes.truncate(pixels * 3);
    bytes
}

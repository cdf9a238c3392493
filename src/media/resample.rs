//! The one place where pixels are resampled.
//!
//! Invariant: as many bytes come out as the asked size takes.
//! Refuses: to choose the kind of pixel while running. The library could, and would then be compiled for every kind that
//! it knows. Among those that no picture here has is code which the compiler does not write the same way twice, and the
//! binary could not be built again byte by byte.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::{PixelTrait, ResizeOptions, Resizer};

use super::rendition::RenditionError;

/// `pixels` of the given width and height, as many bytes each as `P` has, brought to the width and height `asked`.
pub(super) fn resample<P: PixelTrait>(
    pixels: &[u8],
    (width, height): (u32, u32),
    asked: (u32, u32),
    options: &ResizeOptions,
) -> Result<Vec<u8>, RenditionError> {
    let source =
        TypedImageRef::<P>::from_buffer(width, height, pixels).map_err(RenditionError::undecodable)?;
    let bytes = u64::from(asked.0) * u64::from(asked.1) * u64::try_from(P::size()).unwrap_or(u64::MAX);
    let mut made = vec![0; usize::try_from(bytes).map_err(RenditionError::undecodable)?];
    let mut target =
        TypedImage::<P>::from_buffer(asked.0, asked.1, &mut made).map_err(RenditionError::undecodable)?;
    Resizer::new()
        .resize_typed(&source, &mut target, options)
        .map_err(RenditionError::undecodable)?;
    Ok(made)
}

//! The eight ways in which a camera can be held.
//!
//! Invariant: turning is a bijection between the stored and the upright pixels.
//! Refuses: numbers outside 1 to 8, which then mean nothing.

/// EXIF orientation: what must be done to the stored pixels to make the picture upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    /// 1: nothing.
    #[default]
    Upright,
    /// 2: left and right change places.
    MirroredHorizontally,
    /// 3: half a turn.
    HalfTurn,
    /// 4: top and bottom change places.
    MirroredVertically,
    /// 5: mirrored along the falling diagonal.
    Transposed,
    /// 6: a quarter turn clockwise.
    QuarterTurnClockwise,
    /// 7: mirrored along the rising diagonal.
    Transversed,
    /// 8: a quarter turn anticlockwise.
    QuarterTurnAnticlockwise,
}

impl Orientation {
    /// All, in the order of their numbers 1 to 8.
    pub const ALL: [Self; 8] = [
        Self::Upright,
        Self::MirroredHorizontally,
        Self::HalfTurn,
        Self::MirroredVertically,
        Self::Transposed,
        Self::QuarterTurnClockwise,
        Self::Transversed,
        Self::QuarterTurnAnticlockwise,
    ];

    /// The orientation with this EXIF number.
    pub fn from_exif(number: u32) -> Option<Self> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        Self::ALL.get(index).copied()
    }

    /// Width and height after turning; its own inverse.
    pub fn turn_size(self, width: u32, height: u32) -> (u32, u32) {
        match self {
            Self::Upright | Self::MirroredHorizontally | Self::HalfTurn | Self::MirroredVertically => {
                (width, height)
            }
            Self::Transposed
            | Self::QuarterTurnClockwise
            | Self::Transversed
            | Self::QuarterTurnAnticlockwise => (height, width),
        }
    }

    /// Column and row of the stored pixel (of `width` × `height`) that is shown at upright column `x`, row `y`.
    pub(super) fn stored_pixel(self, x: u32, y: u32, width: u32, height: u32) -> (u32, u32) {
        let from_right = |column: u32| width.saturating_sub(1).saturating_sub(column);
        let from_bottom = |row: u32| height.saturating_sub(1).saturating_sub(row);
        match self {
            Self::Upright => (x, y),
            Self::MirroredHorizontally => (from_right(x), y),
            Self::HalfTurn => (from_right(x), from_bottom(y)),
            Self::MirroredVertically => (x, from_bottom(y)),
            Self::Transposed => (y, x),
            Self::QuarterTurnClockwise => (y, from_bottom(x)),
            Self::Transversed => (from_right(y), from_bottom(x)),
            Self::QuarterTurnAnticlockwise => (from_right(y), x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_stored_pixel_is_shown_exactly_once() {
        let (width, height) = (3, 2);
        for orientation in Orientation::ALL {
            let (across, down) = orientation.turn_size(width, height);
            let shown: HashSet<_> = (0..down)
                .flat_map(|y| (0..across).map(move |x| (x, y)))
                .map(|(x, y)| orientation.stored_pixel(x, y, width, height))
                .collect();
            let stored: HashSet<_> = (0..height)
                .flat_map(|y| (0..width).map(move |x| (x, y)))
                .collect();
            assert_eq!(shown, stored, "{orientation:?}");
        }
    }

    #[test]
    fn numbers_outside_one_to_eight_mean_nothing() {
        assert_eq!(Orientation::from_exif(1), Some(Orientation::Upright));
        assert_eq!(
            Orientation::from_exif(8),
            Some(Orientation::QuarterTurnAnticlockwise)
        );
        for number in [0, 9, 65_535, u32::MAX] {
            assert_eq!(Orientation::from_exif(number), None);
        }
    }
}

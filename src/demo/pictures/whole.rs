//! The one door between the reals that geometry works in and the whole numbers that pixels are. Every passage
//! saturates, and not-a-number becomes 0. It refuses to wrap around.

/// The nearest byte.
pub(super) fn byte(value: f32) -> u8 {
    u8::try_from(integer(f64::from(value))).unwrap_or(if value > 0.0 { u8::MAX } else { 0 })
}

/// The nearest index that is not below 0.
pub(super) fn index(value: f32) -> usize {
    usize::try_from(integer(f64::from(value))).unwrap_or(0)
}

/// The nearest integer.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the standard library has no checked way from a float to an integer; `as` saturates, NaN gives 0"
)]
pub(super) fn integer(value: f64) -> i64 {
    value.round() as i64
}

/// A count as a real; counts of this module stay far below 65,536.
pub(super) fn real(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_passage_saturates_instead_of_wrapping() {
        assert_eq!(
            (byte(-3.0), byte(7.4), byte(900.0), byte(f32::NAN)),
            (0, 7, 255, 0)
        );
        assert_eq!((index(-1.0), index(2.6)), (0, 3));
        assert_eq!(integer(f64::INFINITY), i64::MAX);
    }
}

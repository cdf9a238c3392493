//! Numbers out of byte slices.
//!
//! Invariant: a read past the end is `None`, whatever the offset.
//! Refuses: to keep a position; the callers' offsets come from the file and are not to be trusted.

/// `N` bytes at `at`.
pub(super) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// Two bytes at `at`, most significant first.
pub(super) fn be_u16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_be_bytes)
}

/// Four bytes at `at`, most significant first.
pub(super) fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// Two bytes at `at`, least significant first.
pub(super) fn le_u16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// Three bytes at `at`, least significant first.
pub(super) fn le_u24(bytes: &[u8], at: usize) -> Option<u32> {
    let [low, middle, high] = array(bytes, at)?;
    Some(u32::from_le_bytes([low, middle, high, 0]))
}

/// Four bytes at `at`, least significant first.
pub(super) fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// A length from a file as a size in memory. The widest such field has 32 bits, which every supported machine holds.
pub(super) fn size(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_past_the_end_is_none_whatever_the_offset() {
        let bytes = [1, 2, 3];
        assert_eq!(be_u16(&bytes, 1), Some(0x0203));
        assert_eq!(le_u24(&bytes, 0), Some(0x0003_0201));
        for at in [2, 3, 4, usize::MAX] {
            assert_eq!(be_u16(&bytes, at), None);
        }
        assert_eq!(be_u32(&bytes, 0), None);
    }
}

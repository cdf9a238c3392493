//! Unpredictable bytes for keys, secrets, salts and codes.
//!
//! Invariant: the bytes come from a cryptographic generator that the operating system seeds.
//! Refuses: a seed of its own; what has to be repeatable in a test takes its bytes as an argument.

use rand::{Rng, RngExt};

/// `N` unpredictable bytes.
pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// One decimal digit, 0 to 9, each equally likely.
pub(super) fn decimal_digit() -> u8 {
    rand::rng().random_range(0..10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_are_never_the_same_and_every_digit_comes_up() {
        assert_ne!(bytes::<32>(), bytes::<32>());
        let digits: std::collections::BTreeSet<u8> = (0..1_000).map(|_| decimal_digit()).collect();
        assert_eq!(
            digits.into_iter().collect::<Vec<_>>(),
            (0..10).collect::<Vec<_>>()
        );
    }
}

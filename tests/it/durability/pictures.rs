//! Small pictures, each with bytes of its own.

use std::sync::LazyLock;

use jpeg_encoder::{ColorType, Encoder};
use sha2::Digest;

/// A picture and its hash in hex.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    pub sha256: String,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.sha256, self.bytes.len())
    }
}

static BASE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let pixels: Vec<u8> = (0..64_u16 * 48 * 3)
        .map(|n| u8::try_from(n % 251).unwrap())
        .collect();
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 80)
        .encode(&pixels, 64, 48, ColorType::Rgb)
        .unwrap();
    bytes
});

/// A JPEG of about `padding` bytes more than the smallest, which nobody else has.
pub fn picture(padding: usize) -> Picture {
    let mut bytes = BASE[..2].to_vec();
    let mut left = padding.max(16);
    while left > 0 {
        let take = left.min(60_000);
        // A comment segment of random bytes.
        bytes.extend([0xff, 0xfe]);
        bytes.extend(u16::try_from(take + 2).unwrap().to_be_bytes());
        bytes.extend((0..take).map(|_| rand::random::<u8>()));
        left -= take;
    }
    bytes.extend(&BASE[2..]);
    let sha256 = hash_of(&bytes);
    Picture { bytes, sha256 }
}

/// SHA-256 in hex.
pub fn hash_of(bytes: &[u8]) -> String {
    minhchung::domain::Sha256(sha2::Sha256::digest(bytes).into()).to_string()
}

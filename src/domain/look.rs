//! What is kept of a picture beside its file: how sharp and bright it is, and what to recognise it by.
//!
//! Invariant: made from the pixels alone, so it can be made again at any time.
//! Refuses: the pixels themselves.

use serde::{Deserialize, Serialize};

use super::Sha256;

/// What is kept of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhotoLook {
    /// How much neighbouring pixels differ; 0 is one colour.
    pub sharpness: u32,
    /// Mean brightness, 0 to 255.
    pub brightness: u8,
    /// What to recognise it by; none for pictures of less than 16 pixels each way.
    pub kept: Option<KeptLook>,
}

/// What to recognise a picture by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLook {
    /// The coarse hash of the middle, 63 bits.
    pub hash: u64,
    /// Light of the middle, 24 × 24 cells.
    pub light: Vec<u8>,
}

/// What stands in the index of looks for one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedLook {
    /// The picture.
    pub sha256: Sha256,
    /// The coarse hash of its middle; none for pictures of less than 16 pixels each way.
    pub hash: Option<u64>,
}

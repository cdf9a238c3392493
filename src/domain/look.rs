//! What is kept of a picture beside its file: how sharp and bright it is, and what to recognise it by.
//!
//! Invariant: made from the pixels alone, so it can be made again at any time.
//! Refuses: the pixels themselves.

use serde::{Deserialize, Serialize};

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
    /// Light of the middle, 16 × 16 cells.
    pub light: Vec<u8>,
}

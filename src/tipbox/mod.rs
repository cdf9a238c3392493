//! The tip line's cryptography: frames, boxes, receipts, answers, puzzles and key slots, as `docs/tip-line.md` has them.
//!
//! Invariant: one suite; whatever does not have its exact form is refused as a whole. The server reads the outer form
//! alone ([`frame`], [`puzzle`], [`slot`]); the rest is here for the recovery key, for the committed vectors that hold
//! the browser's code and this one together, and for tests.
//! Refuses: I/O and clocks, and to say why a thing does not open.

pub mod answer;
pub mod boxes;
pub mod desk_key;
pub mod frame;
pub mod message;
pub mod pin;
pub mod puzzle;
pub mod receipt;
pub mod slot;
pub mod suite;

/// It has not the form that it should have, or it does not open. Which of the two is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused")]
pub struct Refused;

/// Most officers' keys at a time; with the recovery key they fill the slots of a box.
pub const MAX_OFFICER_KEYS: usize = 7;

/// The length of an answer, and of a pin.
pub const ITEM_BYTES: usize = 4_096;

//! Outer forms: what the server reads of a message before it stores it unread.
//!
//! Invariant: a frame is a challenge, its solution, a nonce and a box of one of exactly three lengths; every byte
//! whose value the protocol fixes has that value.
//! Refuses: to look further. A box is opened by the desk or not at all.

use super::Refused;
use super::puzzle::{CHALLENGE_BYTES, SOLUTION_BYTES};
use crate::domain::{MailboxId, TipSize};

/// The length of the nonce by which a repeat is known.
pub const NONCE_BYTES: usize = 16;
/// What stands before the box of a citizen's message.
pub const PRELUDE_BYTES: usize = CHALLENGE_BYTES + SOLUTION_BYTES + NONCE_BYTES;
/// A box's header: the first bytes, which everything inside is bound to.
pub const HEADER_BYTES: usize = 64;
/// What stands of a box before its payload: header, slots, pin. The server reads no further for a mailbox.
pub const HEAD_BYTES: usize = 13_504;
/// Where the pin begins.
pub const PIN_OFFSET: usize = 9_408;

const MAGIC: &[u8; 4] = b"MCTB";
const VERSION: u8 = 1;
const SUITE: u8 = 1;

/// The class of a citizen's message of `bytes` bytes.
pub fn size_of_message(bytes: usize) -> Result<TipSize, Refused> {
    let inside = bytes.checked_sub(PRELUDE_BYTES).ok_or(Refused)?;
    TipSize::of_box_bytes(inside).ok_or(Refused)
}

/// The class of a message that the desk itself brings, nonce and box.
pub fn size_of_desk_message(bytes: usize) -> Result<TipSize, Refused> {
    let inside = bytes.checked_sub(NONCE_BYTES).ok_or(Refused)?;
    TipSize::of_box_bytes(inside).ok_or(Refused)
}

/// What comes before the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prelude {
    /// The server's challenge.
    pub challenge: [u8; CHALLENGE_BYTES],
    /// The eight numbers that solve it.
    pub solution: [u8; SOLUTION_BYTES],
    /// By which a repeat is known.
    pub nonce: [u8; NONCE_BYTES],
}

impl Prelude {
    /// The prelude at the front of `bytes`, and what follows it.
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8]), Refused> {
        let (challenge, rest) = bytes.split_first_chunk().ok_or(Refused)?;
        let (solution, rest) = rest.split_first_chunk().ok_or(Refused)?;
        let (nonce, rest) = rest.split_first_chunk().ok_or(Refused)?;
        let prelude = Self {
            challenge: *challenge,
            solution: *solution,
            nonce: *nonce,
        };
        Ok((prelude, rest))
    }
}

/// What the outside of a box says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outside {
    /// Its class, which agrees with its length.
    pub size: TipSize,
    /// Its thread.
    pub mailbox: MailboxId,
}

/// The outside of a box.
pub fn outside(sealed_box: &[u8]) -> Result<Outside, Refused> {
    let size = TipSize::of_box_bytes(sealed_box.len()).ok_or(Refused)?;
    let (magic, rest) = sealed_box.split_first_chunk::<4>().ok_or(Refused)?;
    let (fixed, rest) = rest.split_first_chunk::<12>().ok_or(Refused)?;
    let (mailbox, _) = rest.split_first_chunk::<16>().ok_or(Refused)?;
    let expected = [VERSION, SUITE, size.number(), 0, 0, 0, 0, 0, 0, 0, 0, 0];
    if magic == MAGIC && *fixed == expected {
        Ok(Outside {
            size,
            mailbox: MailboxId(*mailbox),
        })
    } else {
        Err(Refused)
    }
}

/// The mailbox that a header names.
pub fn mailbox(header: &[u8; HEADER_BYTES]) -> MailboxId {
    let named = header.get(16..32).and_then(|bytes| bytes.try_into().ok());
    MailboxId(named.unwrap_or_default())
}

/// The header of a box without its key commitment.
pub(super) fn header_start(size: TipSize, mailbox: MailboxId) -> [u8; 32] {
    let mut header = [0; 32];
    let parts = MAGIC
        .iter()
        .copied()
        .chain([VERSION, SUITE, size.number()])
        .chain([0; 9])
        .chain(mailbox.0);
    for (place, byte) in header.iter_mut().zip(parts) {
        *place = byte;
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_that_is_fixed_is_looked_at_and_no_other() {
        let mailbox = MailboxId([9; 16]);
        for size in TipSize::ALL.iter().copied() {
            let mut sealed = vec![0xA5; size.box_bytes()];
            sealed[..32].copy_from_slice(&header_start(size, mailbox));
            assert_eq!(outside(&sealed), Ok(Outside { size, mailbox }));
            for place in 0..64 {
                let mut changed = sealed.clone();
                changed[place] ^= 0x40;
                assert_eq!(outside(&changed).is_ok(), place >= 16, "byte {place}");
            }
            assert_eq!(outside(&sealed[1..]), Err(Refused));
            assert_eq!(size_of_message(size.box_bytes() + 112), Ok(size));
        }
        assert_eq!(size_of_message(111), Err(Refused));
        assert_eq!(size_of_message(32 * 1024), Err(Refused));
    }
}

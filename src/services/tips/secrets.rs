//! The installation's own secrets: they sign puzzles, fill mailboxes up and mark what was spent.
//!
//! Invariant: all follow from the seed in the key file, so they are the same after a restart and gone with that file.
//! Refuses: to have anything to do with what is in a box.

use hmac::{Hmac, KeyInit, Mac};

use crate::domain::MailboxId;
use crate::tipbox::{ITEM_BYTES, Refused, suite};

/// Keys that follow from the seed.
pub(super) struct Secrets {
    /// Signs challenges.
    pub(super) puzzle: [u8; 32],
    padding: [u8; 32],
    marks: [u8; 32],
}

impl Secrets {
    pub(super) fn of(seed: &[u8; 32]) -> Self {
        let key = |what: &str| suite::derive(seed, &[b"minhchung tip server 1 ", what.as_bytes()]);
        Self {
            puzzle: key("puzzle"),
            padding: key("padding"),
            marks: key("marks"),
        }
    }

    /// What is kept of `parts` to know them again.
    pub(super) fn mark(&self, what: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut block = [0; 64];
        for (place, byte) in block.iter_mut().zip(self.marks) {
            *place = byte;
        }
        let mut mac = Hmac::<sha2::Sha256>::new(&block.into()).chain_update(what);
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// An item that is none: the same for the same place of the same mailbox, and like any other to whoever lacks the
    /// keys that would open one.
    pub(super) fn filler(&self, mailbox: MailboxId, place: usize) -> Result<Vec<u8>, Refused> {
        let place = u64::try_from(place).unwrap_or(u64::MAX).to_le_bytes();
        let key = suite::derive(&self.padding, &[&mailbox.0, &place]);
        suite::seal(&key, &[0; 12], &[], &vec![0; ITEM_BYTES - suite::TAG_BYTES])
    }
}

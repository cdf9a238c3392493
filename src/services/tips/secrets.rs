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

/// A mark in the making.
pub(super) struct Marking(Hmac<sha2::Sha256>);

impl Marking {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
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
        let mut marking = self.marking(what);
        for part in parts {
            marking.update(part);
        }
        marking.finish()
    }

    /// The same for what comes piece by piece.
    pub(super) fn marking(&self, what: &str) -> Marking {
        let mut block = [0; 64];
        for (place, byte) in block.iter_mut().zip(self.marks) {
            *place = byte;
        }
        Marking(Hmac::new(&block.into()).chain_update(what))
    }

    /// An item that is none: the same for the same place of the same mailbox. The first looks like a pin, which is uniform;
    /// the others like answers, which are not: what HPKE sends ahead has a form.
    pub(super) fn filler(&self, mailbox: MailboxId, place: usize) -> Result<Vec<u8>, Refused> {
        let number = u64::try_from(place).unwrap_or(u64::MAX).to_le_bytes();
        let key = suite::derive(&self.padding, &[&mailbox.0, &number]);
        if place == 0 {
            suite::seal(&key, &[0; 12], &[], &vec![0; ITEM_BYTES - suite::TAG_BYTES])
        } else {
            suite::seal_to_nobody(&key, ITEM_BYTES - suite::ENC_BYTES - suite::TAG_BYTES)
        }
    }
}

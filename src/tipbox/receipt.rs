//! The receipt: 25 digits from which an informant's four secrets follow.
//!
//! Invariant: the last digit checks the 24 others (Damm), so one wrong digit or two swapped neighbours are noticed.
//! Refuses: to be shown by `Debug`; the server itself never meets one.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use ed25519_dalek::SigningKey;
use rand::RngExt;

use super::{Refused, message, suite};
use crate::domain::MailboxId;

/// How many digits a receipt has, the check digit among them.
pub const DIGITS: usize = 25;
/// Memory of its derivation, KiB.
pub const MEMORY_KIB: u32 = 32 * 1024;
/// Passes of its derivation.
pub const PASSES: u32 = 3;
const SALT: &[u8; 16] = b"minhchung tip v1";

/// H. Michael Damm's totally anti-symmetric quasigroup of order 10.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// What a person writes down.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(String);

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt(…)")
    }
}

/// What follows from a receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptKeys {
    /// The thread's name on the server, made of the public halves of the two keys below.
    pub mailbox: MailboxId,
    /// Opens answers (X-Wing).
    pub reply_seed: [u8; 32],
    /// Signs messages (Ed25519).
    pub signing_seed: [u8; 32],
    /// Opens pins.
    pub pin_key: [u8; 32],
}

impl fmt::Debug for ReceiptKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptKeys(…)")
    }
}

impl Receipt {
    /// A new one.
    pub fn draw() -> Self {
        let mut digits: String = (1..DIGITS)
            .map(|_| char::from(b'0' + rand::rng().random_range(0..10)))
            .collect();
        digits.push(char::from(b'0' + check_digit(&digits)));
        Self(digits)
    }

    /// The receipt that somebody typed, with or without blanks.
    pub fn read(text: &str) -> Result<Self, Refused> {
        let digits: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let has_form = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit());
        (has_form && check_digit(&digits) == 0)
            .then_some(Self(digits))
            .ok_or(Refused)
    }

    /// Its 25 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// What follows from it. Costs 32 MiB and about a tenth of a second.
    pub fn keys(&self) -> Result<ReceiptKeys, Refused> {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_wrong| Refused)?;
        let mut prk = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(self.0.as_bytes(), SALT, &mut prk)
            .map_err(|_no_memory| Refused)?;
        let reply_seed = suite::derive(&prk, &[b"minhchung tip 1 reply key"]);
        let signing_seed = suite::derive(&prk, &[b"minhchung tip 1 signing key"]);
        let verify_key = SigningKey::from_bytes(&signing_seed).verifying_key();
        Ok(ReceiptKeys {
            mailbox: message::mailbox_of(verify_key.as_bytes(), &suite::public_key(&reply_seed)?),
            reply_seed,
            signing_seed,
            pin_key: suite::derive(&prk, &[b"minhchung tip 1 pin key"]),
        })
    }
}

/// The digit that has to follow `digits`; 0 for digits that end in theirs.
fn check_digit(digits: &str) -> u8 {
    digits.bytes().fold(0, |interim, digit| {
        let row = DAMM.get(usize::from(interim));
        let found = row.and_then(|row| row.get(usize::from(digit.wrapping_sub(b'0'))));
        found.copied().unwrap_or(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_digit_or_two_swapped_neighbours_are_noticed() {
        assert_eq!(check_digit("572"), 4);
        let receipt = Receipt::draw();
        let digits = receipt.digits().as_bytes().to_vec();
        assert_eq!(Receipt::read(receipt.digits()), Ok(receipt.clone()));
        for place in 0..DIGITS {
            for wrong in b'0'..=b'9' {
                let mut typed = digits.clone();
                typed[place] = wrong;
                let same = typed == digits;
                assert_eq!(Receipt::read(&String::from_utf8(typed).unwrap()).is_ok(), same);
            }
            let mut typed = digits.clone();
            typed.swap(place, (place + 1) % DIGITS);
            if place + 1 < DIGITS && typed != digits {
                assert_eq!(Receipt::read(&String::from_utf8(typed).unwrap()), Err(Refused));
            }
        }
    }
}

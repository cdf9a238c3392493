//! Enrolment codes: twelve digits that let one phone join, read out, typed, scanned or opened as a link.
//!
//! Invariant: the twelfth digit is the Damm check digit of the first eleven, so that every single wrong digit and every
//! swap of neighbours is told apart from an unknown code, without asking the store and without counting as a guess.
//! Refuses: to be stored; the store keeps [`EnrolmentCodeHash`]. Eleven digits can be searched through by whoever has
//! the hash, so a code must also be short-lived, good once, and guarded by the throttle.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest;

use super::random;

const DIGITS: usize = 12;
/// A written code with all its blanks and dashes is never longer; more is not looked at.
const MAX_WRITTEN: usize = 64;

/// The quasigroup of order 10 of H. M. Damm's thesis (2004), totally anti-symmetric.
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

/// A code whose check digit is right; shown as `1234 5678 9012`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct EnrolmentCode([u8; DIGITS]);

/// Why a typed code cannot be one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEnrolmentCode {
    /// Digits are missing or too many, or there are letters.
    #[error("an enrolment code is twelve digits")]
    NotTwelveDigits,
    /// A digit is mistyped or two are swapped: "đọc lại mã".
    #[error("the enrolment code is mistyped: its check digit is wrong")]
    CheckDigitWrong,
}

/// SHA-256 of the twelve ASCII digits, the key under which the store finds the invitation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnrolmentCodeHash([u8; 32]);

impl EnrolmentCode {
    /// A new code.
    pub fn generate() -> Self {
        let mut digits = [0; DIGITS];
        let free = DIGITS.saturating_sub(1);
        digits
            .iter_mut()
            .take(free)
            .for_each(|digit| *digit = random::decimal_digit());
        // In Damm's table the digit that closes a code is the interim value of what stands before it.
        let check = interim(digits.iter().copied().take(free));
        if let Some(last) = digits.last_mut() {
            *last = check;
        }
        Self(digits)
    }

    /// The twelve digits without blanks, for links and QR codes.
    pub fn digits(&self) -> String {
        self.ascii().map(char::from).collect()
    }

    /// What the store keeps instead of the code.
    pub fn hash(&self) -> EnrolmentCodeHash {
        let ascii: Vec<u8> = self.ascii().collect();
        EnrolmentCodeHash(sha2::Sha256::digest(ascii).into())
    }

    fn ascii(&self) -> impl Iterator<Item = u8> {
        self.0.iter().map(|digit| digit.saturating_add(b'0'))
    }
}

impl EnrolmentCodeHash {
    /// The 32 bytes, as a stored key holds them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash held in stored key bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

// The hash of so few digits is as good as the code, so neither is ever printed by accident.
impl fmt::Debug for EnrolmentCodeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentCodeHash(…)")
    }
}

impl fmt::Debug for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnrolmentCode(…)")
    }
}

impl fmt::Display for EnrolmentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, digit) in self.0.iter().enumerate() {
            if at > 0 && at % 4 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl FromStr for EnrolmentCode {
    type Err = InvalidEnrolmentCode;

    /// Reads a code as people write it: with blanks, dashes or dots anywhere.
    fn from_str(text: &str) -> Result<Self, InvalidEnrolmentCode> {
        let digits: Option<Vec<u8>> = text
            .chars()
            .take(MAX_WRITTEN)
            .filter(|letter| !is_separator(*letter))
            .map(|letter| letter.to_digit(10).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits: [u8; DIGITS] = digits
            .and_then(|digits| digits.try_into().ok())
            .ok_or(InvalidEnrolmentCode::NotTwelveDigits)?;
        if interim(digits.iter().copied()) == 0 {
            Ok(Self(digits))
        } else {
            Err(InvalidEnrolmentCode::CheckDigitWrong)
        }
    }
}

/// Blanks of all kinds, dots, and the dashes that phones and word processors put for a hyphen.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '.' | '·' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Damm's interim value; 0 for digits that end in their check digit.
fn interim(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |row, digit| {
        let cell = DAMM
            .get(usize::from(row))
            .and_then(|cells| cells.get(usize::from(digit)));
        cell.copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<EnrolmentCode, InvalidEnrolmentCode> {
        text.parse()
    }

    #[test]
    fn the_check_digit_is_damms() {
        // The worked example that the literature repeats: 572 closes with 4.
        assert_eq!(interim([5, 7, 2].into_iter()), 4);
        assert_eq!(interim([5, 7, 2, 4].into_iter()), 0);
    }

    #[test]
    fn a_code_is_shown_in_fours_and_read_however_people_write_it() {
        let code = EnrolmentCode::generate();
        let shown = code.to_string();
        assert_eq!(shown.len(), 14);
        let written = [
            shown.clone(),
            code.digits(),
            shown.replace(' ', "-"),
            shown.replace(' ', "."),
            shown.replace(' ', " – "),
            format!("\u{a0}{}\n", shown.replace(' ', "\u{a0}")),
        ];
        for text in written {
            assert_eq!(read(&text), Ok(code), "{text:?}");
        }
    }

    #[test]
    fn every_single_wrong_digit_and_every_swap_of_neighbours_is_told() {
        for _ in 0..20 {
            let code = EnrolmentCode::generate();
            for at in 0..DIGITS {
                for other in (0..10).filter(|digit| *digit != code.0[at]) {
                    let mut wrong = code;
                    wrong.0[at] = other;
                    assert_eq!(read(&wrong.digits()), Err(InvalidEnrolmentCode::CheckDigitWrong));
                }
                let mut swapped = code;
                swapped.0.swap(at, (at + 1).min(DIGITS - 1));
                let same = swapped == code;
                assert_eq!(read(&swapped.digits()).is_ok(), same, "{swapped}");
            }
        }
    }

    #[test]
    fn what_is_not_twelve_digits_is_told_apart_from_a_typing_error() {
        let digits = EnrolmentCode::generate().digits();
        let eleven = digits.get(1..).unwrap();
        for text in [
            "",
            eleven,
            &format!("{digits}0"),
            &format!("o{eleven}"),
            &format!("+{eleven}"),
            &"1".repeat(1_000_000),
        ] {
            assert_eq!(read(text), Err(InvalidEnrolmentCode::NotTwelveDigits));
        }
    }

    #[test]
    fn the_store_keeps_the_sha_256_of_the_digits_and_nothing_prints_the_code() {
        let code = read("0000 0000 0000").unwrap();
        let expected = "f7b11509f4d675c3c44f0dd37ca830bb02e8cfa58f04c46283c4bfcbdce1ff45";
        assert_eq!(
            crate::domain::Sha256(*code.hash().as_bytes()).to_string(),
            expected
        );
        assert_eq!(
            EnrolmentCodeHash::from_bytes(*code.hash().as_bytes()),
            code.hash()
        );
        assert!(!format!("{code:?} {:?}", code.hash()).contains('0'));
    }

    #[test]
    fn codes_do_not_repeat() {
        let codes: std::collections::BTreeSet<String> =
            (0..2_000).map(|_| EnrolmentCode::generate().digits()).collect();
        assert_eq!(codes.len(), 2_000);
    }
}

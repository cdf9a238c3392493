//! Answers: from an officer to whoever holds the receipt.
//!
//! Invariant: 4,096 bytes, whatever they say; signed for one mailbox and one reply key, with their number in the thread
//! and their day, so that one that is shown twice, late or not at all is noticed.
//! Refuses: an answer that is signed by a key which the reader did not pin, and the number zero.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{ITEM_BYTES, Refused, suite};
use crate::domain::{Day, MailboxId};

const INFO: &[u8] = b"minhchung tip 1 reply";
const CONTEXT: &[u8] = b"minhchung tip 1 answer";
const PLAIN_BYTES: usize = ITEM_BYTES - suite::ENC_BYTES - suite::TAG_BYTES;
const TEXT_AT: usize = 64 + 32 + 4 + 4 + 2;
/// The longest text of an answer, bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = PLAIN_BYTES - TEXT_AT;

/// What an officer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its place among the answers of the thread; the first is 1.
    pub number: u32,
    /// The day on the officer's calendar.
    pub written_on: Day,
    /// The words.
    pub text: String,
}

fn signed(mailbox: MailboxId, reply_key: &[u8], rest: &[u8]) -> Vec<u8> {
    let key: [u8; 32] = Sha256::digest(reply_key).into();
    [CONTEXT, mailbox.0.as_slice(), &key, rest].concat()
}

/// `answer`, signed by the officer of `signing_seed`, for the holder of `reply_key` in `mailbox`.
pub fn seal(
    reply_key: &[u8],
    mailbox: MailboxId,
    signing_seed: &[u8; 32],
    answer: &Answer,
) -> Result<Vec<u8>, Refused> {
    let text = &answer.text;
    let length = u16::try_from(text.len()).map_err(|_long| Refused)?;
    (text.len() <= MAX_TEXT_BYTES && answer.number > 0)
        .then_some(())
        .ok_or(Refused)?;
    let day = u32::try_from(answer.written_on.number()).map_err(|_before_1970| Refused)?;
    let officer = SigningKey::from_bytes(signing_seed);
    let mut rest = officer.verifying_key().to_bytes().to_vec();
    rest.extend_from_slice(&answer.number.to_le_bytes());
    rest.extend_from_slice(&day.to_le_bytes());
    rest.extend_from_slice(&length.to_le_bytes());
    rest.extend_from_slice(text.as_bytes());
    rest.resize(PLAIN_BYTES - 64, 0);
    let signature = officer.sign(&signed(mailbox, reply_key, &rest));
    let plain = [signature.to_bytes().as_slice(), &rest].concat();
    suite::seal_to(reply_key, INFO, &mailbox.0, &plain)
}

/// What an answer says, if one of the `pinned` officers signed it for this mailbox and this reply key.
pub fn open(
    reply_seed: &[u8; 32],
    mailbox: MailboxId,
    pinned: &[[u8; 32]],
    answer: &[u8],
) -> Result<Answer, Refused> {
    (answer.len() == ITEM_BYTES).then_some(()).ok_or(Refused)?;
    let plain = suite::open_from(reply_seed, INFO, &mailbox.0, answer)?;
    let (signature, rest) = plain.split_first_chunk::<64>().ok_or(Refused)?;
    let (officer, said) = rest.split_first_chunk::<32>().ok_or(Refused)?;
    pinned.contains(officer).then_some(()).ok_or(Refused)?;
    let reply_key = suite::public_key(reply_seed)?;
    VerifyingKey::from_bytes(officer)
        .and_then(|key| {
            key.verify_strict(
                &signed(mailbox, &reply_key, rest),
                &Signature::from_bytes(signature),
            )
        })
        .map_err(|_opaque| Refused)?;
    let (number, said) = said.split_first_chunk::<4>().ok_or(Refused)?;
    let (day, said) = said.split_first_chunk::<4>().ok_or(Refused)?;
    let (length, text) = said.split_first_chunk::<2>().ok_or(Refused)?;
    let (text, zeros) = text
        .split_at_checked(usize::from(u16::from_le_bytes(*length)))
        .ok_or(Refused)?;
    zeros.iter().all(|byte| *byte == 0).then_some(()).ok_or(Refused)?;
    let number = u32::from_le_bytes(*number);
    (number > 0).then_some(()).ok_or(Refused)?;
    let day = i32::try_from(u32::from_le_bytes(*day)).map_err(|_no_day| Refused)?;
    Ok(Answer {
        number,
        written_on: Day::from_number(day),
        text: String::from_utf8(text.to_vec()).map_err(|_no_text| Refused)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_a_stranger_or_to_somebody_else_is_not_shown() {
        let (reply, officer, stranger) = ([1; 32], [2; 32], [3; 32]);
        let (mailbox, other) = (MailboxId([4; 16]), MailboxId([5; 16]));
        let key = suite::public_key(&reply).unwrap();
        let of = |seed| SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        let said = |number, text: &str| Answer {
            number,
            written_on: Day::from_number(20_500),
            text: text.to_owned(),
        };
        let thanks = said(3, "Đã nhận, cảm ơn.");
        let answer = seal(&key, mailbox, &officer, &thanks).unwrap();
        assert_eq!(answer.len(), ITEM_BYTES);
        assert_eq!(open(&reply, mailbox, &[of(officer)], &answer), Ok(thanks));
        assert_eq!(open(&reply, mailbox, &[of(stranger)], &answer), Err(Refused));
        assert_eq!(open(&reply, other, &[of(officer)], &answer), Err(Refused));
        assert_eq!(open(&stranger, mailbox, &[of(officer)], &answer), Err(Refused));
        let mut altered = answer.clone();
        altered[2_000] ^= 1;
        assert_eq!(open(&reply, mailbox, &[of(officer)], &altered), Err(Refused));
        let long = |bytes: usize| said(1, &"x".repeat(bytes));
        assert!(seal(&key, mailbox, &officer, &long(MAX_TEXT_BYTES)).is_ok());
        for wrong in [long(MAX_TEXT_BYTES + 1), said(0, "Không số.")] {
            assert_eq!(seal(&key, mailbox, &officer, &wrong), Err(Refused));
        }
    }
}

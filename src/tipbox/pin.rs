//! The pin: which officers' keys an informant's own client found on the day it wrote.
//!
//! Invariant: only the receipt opens it, and it has the length of an answer, so that the two look alike.
//! Refuses: to pin more keys than a desk may have.

use super::{ITEM_BYTES, MAX_OFFICER_KEYS, Refused, suite};
use crate::domain::MailboxId;

const PLAIN_BYTES: usize = ITEM_BYTES - 32;

fn key_for(pin_key: &[u8; 32], nonce: &[u8; 16]) -> [u8; 32] {
    suite::derive(pin_key, &[b"minhchung tip 1 pin", nonce])
}

/// Pins `officers`, for whoever has `pin_key`.
pub fn seal(pin_key: &[u8; 32], mailbox: MailboxId, officers: &[[u8; 32]]) -> Result<Vec<u8>, Refused> {
    let count = u8::try_from(officers.len()).map_err(|_many| Refused)?;
    (officers.len() <= MAX_OFFICER_KEYS)
        .then_some(())
        .ok_or(Refused)?;
    let mut plain = vec![count];
    for key in officers {
        plain.extend_from_slice(key);
    }
    plain.resize(PLAIN_BYTES, 0);
    let nonce: [u8; 16] = suite::random();
    let sealed = suite::seal(&key_for(pin_key, &nonce), &[0; 12], &mailbox.0, &plain)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// The keys that were pinned.
pub fn open(pin_key: &[u8; 32], mailbox: MailboxId, pin: &[u8]) -> Result<Vec<[u8; 32]>, Refused> {
    let (nonce, sealed) = pin.split_first_chunk::<16>().ok_or(Refused)?;
    let plain = suite::open(&key_for(pin_key, nonce), &[0; 12], &mailbox.0, sealed)?;
    let (count, keys) = plain.split_first().ok_or(Refused)?;
    let (keys, _) = keys.as_chunks::<32>();
    let (pinned, _) = keys.split_at_checked(usize::from(*count)).ok_or(Refused)?;
    Ok(pinned.to_vec())
}

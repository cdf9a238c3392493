//! Boxes: a message sealed to every key of the desk.
//!
//! Invariant: always eight slots in random order, of which nobody can tell the used from the unused; whoever opens one
//! checks the key commitment before anything else, so no box opens differently for two readers.
//! Refuses: more recipients than slots.

use rand::seq::SliceRandom;
use sha2::{Digest, Sha256};

use super::frame::{self, HEAD_BYTES, HEADER_BYTES, PIN_OFFSET};
use super::{ITEM_BYTES, Refused, suite};
use crate::domain::{MailboxId, TipSize};

/// How many slots a box has.
pub const SLOTS: usize = 8;
/// The length of a slot.
pub const SLOT_BYTES: usize = suite::ENC_BYTES + 32 + suite::TAG_BYTES;

const INFO: &[u8] = b"minhchung tip 1 box";
const COMMITMENT: &[u8] = b"minhchung tip 1 commitment";
const PAYLOAD: &[u8] = b"minhchung tip 1 payload";

/// The length of the payload of a class before it is sealed.
pub const fn payload_bytes(size: TipSize) -> usize {
    size.box_bytes() - HEAD_BYTES - suite::TAG_BYTES
}

/// A box whose slots are sealed and whose payload is still to be written, because its signature covers the header.
pub struct OpenBox {
    size: TipSize,
    header: [u8; HEADER_BYTES],
    key: [u8; 32],
    slots: Vec<u8>,
}

impl std::fmt::Debug for OpenBox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenBox")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl OpenBox {
    /// A box for `recipients`, the desk's public keys.
    pub fn new(size: TipSize, mailbox: MailboxId, recipients: &[Vec<u8>]) -> Result<Self, Refused> {
        (recipients.len() <= SLOTS).then_some(()).ok_or(Refused)?;
        let key: [u8; 32] = suite::random();
        let mut header = [0; HEADER_BYTES];
        let written = frame::header_start(size, mailbox)
            .into_iter()
            .chain(suite::derive(&key, &[COMMITMENT]));
        for (place, byte) in header.iter_mut().zip(written) {
            *place = byte;
        }
        let mut slots = recipients
            .iter()
            .map(|public| suite::seal_to(public, INFO, &header, &key))
            .collect::<Result<Vec<_>, _>>()?;
        while slots.len() < SLOTS {
            let nobody = suite::public_key(&suite::random())?;
            slots.push(suite::seal_to(&nobody, INFO, &header, &suite::random::<32>())?);
        }
        slots.shuffle(&mut rand::rng());
        Ok(Self {
            size,
            header,
            key,
            slots: slots.concat(),
        })
    }

    /// What the payload's signature covers.
    pub const fn header(&self) -> &[u8; HEADER_BYTES] {
        &self.header
    }

    /// The whole box.
    pub fn close(self, pin: &[u8], payload: &[u8]) -> Result<Vec<u8>, Refused> {
        (pin.len() == ITEM_BYTES && payload.len() == payload_bytes(self.size))
            .then_some(())
            .ok_or(Refused)?;
        let aad = payload_aad(&self.header, &self.slots, pin);
        let sealed = suite::seal(&suite::derive(&self.key, &[PAYLOAD]), &[0; 12], &aad, payload)?;
        Ok([self.header.as_slice(), &self.slots, pin, &sealed].concat())
    }
}

fn payload_aad(header: &[u8; HEADER_BYTES], slots: &[u8], pin: &[u8]) -> Vec<u8> {
    let hash = Sha256::new().chain_update(slots).chain_update(pin).finalize();
    [header.as_slice(), hash.as_slice()].concat()
}

/// What the holder of one of the desk's seeds finds in a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What everything inside is bound to.
    pub header: [u8; HEADER_BYTES],
    /// The payload, padded.
    pub payload: Vec<u8>,
}

/// Opens a box with one of the desk's seeds.
pub fn open(seed: &[u8; 32], sealed_box: &[u8]) -> Result<Opened, Refused> {
    frame::outside(sealed_box)?;
    let (header, rest) = sealed_box.split_first_chunk::<HEADER_BYTES>().ok_or(Refused)?;
    let (slots, rest) = rest.split_at_checked(PIN_OFFSET - HEADER_BYTES).ok_or(Refused)?;
    let (pin, sealed) = rest.split_at_checked(ITEM_BYTES).ok_or(Refused)?;
    let commitment = header
        .split_last_chunk::<32>()
        .map(|(_, commitment)| *commitment)
        .ok_or(Refused)?;
    let (each, _) = slots.as_chunks::<SLOT_BYTES>();
    let key = each.iter().find_map(|slot| {
        let key: [u8; 32] = suite::open_from(seed, INFO, header, slot).ok()?.try_into().ok()?;
        (suite::derive(&key, &[COMMITMENT]) == commitment).then_some(key)
    });
    let key = key.ok_or(Refused)?;
    let aad = payload_aad(header, slots, pin);
    Ok(Opened {
        header: *header,
        payload: suite::open(&suite::derive(&key, &[PAYLOAD]), &[0; 12], &aad, sealed)?,
    })
}

/// The pin of a box, from its front.
pub fn pin(front: &[u8]) -> Result<&[u8], Refused> {
    front.get(PIN_OFFSET..HEAD_BYTES).ok_or(Refused)
}

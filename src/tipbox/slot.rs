//! Slot keys: one random key a box, under which the server keeps what it has of it.
//!
//! Invariant: what was sealed under a slot key is dead when the last copy of that key is gone. Keys of the different
//! uses are derived, so a nonce of one never meets the key of another.
//! Refuses: to be shown or compared; a key is drawn, stored in its slot, and overwritten there.

use std::fmt;

use super::frame::HEAD_BYTES;
use super::{Refused, suite};

/// What a stored box is longer by than the box: two tags.
pub const FILE_OVERHEAD_BYTES: usize = 2 * suite::TAG_BYTES;

/// The key in a slot.
#[derive(Clone)]
pub struct SlotKey(pub [u8; 32]);

impl fmt::Debug for SlotKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotKey(…)")
    }
}

impl SlotKey {
    /// A new one.
    pub fn draw() -> Self {
        Self(suite::random())
    }

    fn for_use(&self, what: &str) -> [u8; 32] {
        suite::derive(&self.0, &[b"minhchung tip slot 1 ", what.as_bytes()])
    }

    /// A row's value, bound to the row's id. Each value has a nonce of its own, because rows are written anew.
    pub fn seal_row(&self, id: &[u8; 16], plain: &[u8]) -> Result<Vec<u8>, Refused> {
        let nonce: [u8; 12] = suite::random();
        let sealed = suite::seal(&self.for_use("row"), &nonce, id, plain)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// What [`SlotKey::seal_row`] sealed.
    pub fn open_row(&self, id: &[u8; 16], sealed: &[u8]) -> Result<Vec<u8>, Refused> {
        let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(Refused)?;
        suite::open(&self.for_use("row"), nonce, id, sealed)
    }

    /// A box for its file, in two pieces, so that the pin can be read without the rest. Written once in a key's life.
    pub fn seal_file(&self, id: &[u8; 16], sealed_box: &[u8]) -> Result<Vec<u8>, Refused> {
        let (head, rest) = sealed_box.split_at_checked(HEAD_BYTES).ok_or(Refused)?;
        let head = suite::seal(&self.for_use("file head"), &[0; 12], id, head)?;
        let rest = suite::seal(&self.for_use("file rest"), &[0; 12], id, rest)?;
        Ok([head, rest].concat())
    }

    /// The front of a box, from the first [`HEAD_BYTES`] and a tag of its file.
    pub fn open_head(&self, id: &[u8; 16], stored: &[u8]) -> Result<Vec<u8>, Refused> {
        let (head, _) = stored
            .split_at_checked(HEAD_BYTES + suite::TAG_BYTES)
            .ok_or(Refused)?;
        suite::open(&self.for_use("file head"), &[0; 12], id, head)
    }

    /// The whole box.
    pub fn open_file(&self, id: &[u8; 16], stored: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut sealed_box = self.open_head(id, stored)?;
        let (_, rest) = stored
            .split_at_checked(HEAD_BYTES + suite::TAG_BYTES)
            .ok_or(Refused)?;
        sealed_box.extend(suite::open(&self.for_use("file rest"), &[0; 12], id, rest)?);
        Ok(sealed_box)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_key_sealed_no_other_opens_and_no_other_id() {
        let (key, other) = (SlotKey::draw(), SlotKey::draw());
        let sealed_box: Vec<u8> = (0..32 * 1024_u32)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        let stored = key.seal_file(&[1; 16], &sealed_box).unwrap();
        assert_eq!(stored.len(), sealed_box.len() + FILE_OVERHEAD_BYTES);
        assert_eq!(key.open_file(&[1; 16], &stored).unwrap(), sealed_box);
        assert_eq!(
            key.open_head(&[1; 16], &stored).unwrap(),
            sealed_box[..HEAD_BYTES]
        );
        assert_eq!(other.open_file(&[1; 16], &stored), Err(Refused));
        assert_eq!(key.open_file(&[2; 16], &stored), Err(Refused));
        let row = key.seal_row(&[1; 16], b"facts").unwrap();
        assert_eq!(key.open_row(&[1; 16], &row).unwrap(), b"facts");
        assert_eq!(key.open_row(&[2; 16], &row), Err(Refused));
        assert_ne!(row, key.seal_row(&[1; 16], b"facts").unwrap());
    }
}

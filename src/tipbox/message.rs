//! The payload of a box: what the informant says, signed.
//!
//! Invariant: every message has this form, the first and the later ones; zeros fill it up to the length of its class.
//! A mailbox's id is made of the keys of its informant, so whoever knows an id can tell whether a message is theirs.
//! Refuses: messages of others in an informant's mailbox, signatures under another key than the one that the reader
//! expects, and anything behind the last picture but zeros.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::boxes::payload_bytes;
use super::frame::{self, HEADER_BYTES};
use super::{Refused, suite};
use crate::domain::{Day, MailboxId, TipCategory, TipSize};

/// The longest text, bytes of UTF-8.
pub const MAX_TEXT_BYTES: usize = 12_000;
/// The longest picture, bytes.
pub const MAX_PICTURE_BYTES: usize = 512 * 1024 - 16;

const CONTEXT: &[u8] = b"minhchung tip 1 message";
const MAILBOX: &[u8] = b"minhchung tip 1 mailbox";

/// What the informant says, and how to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The words.
    pub text: String,
    /// What it is about, if they chose to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<TipCategory>,
    /// Where, if they chose to say: a commune's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commune: Option<String>,
    /// Their Ed25519 public key, base64.
    pub verify_key: String,
    /// Their X-Wing public key, base64.
    pub reply_key: String,
    /// The day on their calendar.
    pub written_on: Day,
}

/// The mailbox of the informant with these public keys, and of nobody else.
pub fn mailbox_of(verify_key: &[u8; 32], reply_key: &[u8]) -> MailboxId {
    let hash: [u8; 32] = Sha256::new()
        .chain_update(MAILBOX)
        .chain_update(verify_key)
        .chain_update(reply_key)
        .finalize()
        .into();
    MailboxId(hash.first_chunk().copied().unwrap_or_default())
}

/// Whose message it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer<'a> {
    /// The one to whom the mailbox in the header belongs.
    Informant,
    /// The officer with this key: a note of the desk.
    Officer(&'a [u8; 32]),
}

/// A head and its pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The words.
    pub head: Head,
    /// JPEG files.
    pub pictures: Vec<Vec<u8>>,
}

impl Head {
    /// The head of a message of the holder of these seeds.
    pub fn new(
        text: &str,
        signing_seed: &[u8; 32],
        reply_seed: &[u8; 32],
        written_on: Day,
    ) -> Result<Self, Refused> {
        let signer = SigningKey::from_bytes(signing_seed);
        Ok(Self {
            text: text.to_owned(),
            category: None,
            commune: None,
            verify_key: URL_SAFE_NO_PAD.encode(signer.verifying_key().as_bytes()),
            reply_key: URL_SAFE_NO_PAD.encode(suite::public_key(reply_seed)?),
            written_on,
        })
    }
}

fn signed(header: &[u8; HEADER_BYTES], rest: &[u8]) -> Vec<u8> {
    let hash: [u8; 32] = Sha256::digest(rest).into();
    [CONTEXT, header.as_slice(), &hash].concat()
}

fn counted(bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    let length = u32::try_from(bytes.len()).map_err(|_long| Refused)?;
    Ok([length.to_le_bytes().as_slice(), bytes].concat())
}

fn take_counted<'a>(bytes: &mut &'a [u8], max: usize) -> Result<&'a [u8], Refused> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(Refused)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_long| Refused)?;
    (length <= max).then_some(()).ok_or(Refused)?;
    let (taken, rest) = rest.split_at_checked(length).ok_or(Refused)?;
    *bytes = rest;
    Ok(taken)
}

impl Message {
    /// The payload of a box with this `header`.
    pub fn write(
        &self,
        size: TipSize,
        header: &[u8; HEADER_BYTES],
        signing_seed: &[u8; 32],
    ) -> Result<Vec<u8>, Refused> {
        let head = serde_json::to_vec(&self.head).map_err(|_unwritable| Refused)?;
        let fits = self.head.text.len() <= MAX_TEXT_BYTES
            && self
                .pictures
                .iter()
                .all(|picture| picture.len() <= MAX_PICTURE_BYTES);
        fits.then_some(()).ok_or(Refused)?;
        let mut rest = counted(&head)?;
        rest.push(u8::try_from(self.pictures.len()).map_err(|_many| Refused)?);
        for picture in &self.pictures {
            rest.extend(counted(picture)?);
        }
        let room = payload_bytes(size) - 64;
        (rest.len() <= room).then_some(()).ok_or(Refused)?;
        rest.resize(room, 0);
        let signature = SigningKey::from_bytes(signing_seed).sign(&signed(header, &rest));
        Ok([signature.to_bytes().as_slice(), &rest].concat())
    }

    /// The message in a payload, if it is of `writer`.
    pub fn read(payload: &[u8], header: &[u8; HEADER_BYTES], writer: Writer<'_>) -> Result<Self, Refused> {
        let (signature, rest) = payload.split_first_chunk::<64>().ok_or(Refused)?;
        let mut at = rest;
        let head: Head =
            serde_json::from_slice(take_counted(&mut at, 32 * 1024)?).map_err(|_no_head| Refused)?;
        (head.text.len() <= MAX_TEXT_BYTES).then_some(()).ok_or(Refused)?;
        let own = URL_SAFE_NO_PAD
            .decode(&head.verify_key)
            .map_err(|_no_key| Refused)?;
        let own: [u8; 32] = own.try_into().map_err(|_no_key| Refused)?;
        let reply_key = URL_SAFE_NO_PAD
            .decode(&head.reply_key)
            .map_err(|_no_key| Refused)?;
        let is_theirs = match writer {
            Writer::Informant => frame::mailbox(header) == mailbox_of(&own, &reply_key),
            Writer::Officer(key) => *key == own,
        };
        is_theirs.then_some(()).ok_or(Refused)?;
        VerifyingKey::from_bytes(&own)
            .and_then(|key| key.verify_strict(&signed(header, rest), &Signature::from_bytes(signature)))
            .map_err(|_opaque| Refused)?;
        let (count, pictures) = at.split_first().ok_or(Refused)?;
        at = pictures;
        let pictures = (0..*count).map(|_| Ok(take_counted(&mut at, MAX_PICTURE_BYTES)?.to_vec()));
        let pictures = pictures.collect::<Result<_, Refused>>()?;
        at.iter().all(|byte| *byte == 0).then_some(()).ok_or(Refused)?;
        Ok(Self { head, pictures })
    }
}

//! Receipts: the server's signed word that a submission arrived whole, as a compact JWS that anybody can check.
//!
//! Invariant: the signed text follows from the record alone, byte for byte (key order, no blanks), so the store keeps
//! only key id and signature, and [`compact`] gives the same text for ever. A test holds the format fixed.
//! Refuses: to sign for a submission that still lacks a picture.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use serde_json::{Value, json};

use super::KeyRing;
use crate::domain::{AssignmentId, KeyPurpose, Moment, ReceiptSeal, Sha256, Submission, SubmissionId};

/// The `typ` of a receipt's header, so that no other JWS is taken for one.
const TYPE: &str = "minhchung-receipt+jws";
/// Five pictures make about 700 bytes; more than this is no receipt.
const MAX_RECEIPT_BYTES: usize = 4096;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Which submission arrived.
    pub submission: SubmissionId,
    /// For which assignment.
    pub assignment: AssignmentId,
    /// Hashes of its pictures, in the sender's order.
    pub photos: Vec<Sha256>,
    /// When the last of them arrived.
    pub received_at: Moment,
}

/// Why there is no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealRefused {
    /// A picture is missing; the receipt comes with the last one.
    #[error("the submission is not whole")]
    NotWhole,
    /// The ring has no receipt key; one has to be made first.
    #[error("there is no receipt key to sign with")]
    NoReceiptKey,
}

/// Why a text is no receipt of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptRefused {
    /// It is not a compact JWS with a receipt's header and content.
    #[error("this is no receipt")]
    Malformed,
    /// The key set has no Ed25519 key of that id.
    #[error("the receipt is signed by a key that the key set does not have")]
    UnknownKey,
    /// It was changed, or somebody else made it.
    #[error("the receipt's signature is wrong")]
    BadSignature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptHeader {
    alg: String,
    kid: String,
    typ: String,
}

/// The seal of a whole `submission`, by the newest receipt key.
pub fn seal(ring: &KeyRing, submission: &Submission) -> Result<ReceiptSeal, SealRefused> {
    if submission.photos.is_empty() || submission.missing().next().is_some() {
        return Err(SealRefused::NotWhole);
    }
    let key = ring
        .newest(KeyPurpose::Receipt)
        .ok_or(SealRefused::NoReceiptKey)?;
    let signature = key.sign(signing_input(submission, key.id()).as_bytes());
    Ok(ReceiptSeal {
        key_id: key.id().to_owned(),
        signature: URL_SAFE_NO_PAD.encode(signature),
    })
}

/// The receipt's text, rebuilt from the record and its seal.
pub fn compact(submission: &Submission, seal: &ReceiptSeal) -> String {
    let mut text = signing_input(submission, &seal.key_id);
    text.push('.');
    text.push_str(&seal.signature);
    text
}

/// What the receipt `compact` says, if a key of the JSON Web Key Set `jwks` signed it.
pub fn verify(compact: &str, jwks: &Value) -> Result<Receipt, ReceiptRefused> {
    if compact.len() > MAX_RECEIPT_BYTES {
        return Err(ReceiptRefused::Malformed);
    }
    let (message, signature) = compact.rsplit_once('.').ok_or(ReceiptRefused::Malformed)?;
    let (header, payload) = message.split_once('.').ok_or(ReceiptRefused::Malformed)?;
    let header: ReceiptHeader = read_part(header)?;
    if header.alg != "EdDSA" || header.typ != TYPE {
        return Err(ReceiptRefused::Malformed);
    }
    let key = public_key(jwks, &header.kid).ok_or(ReceiptRefused::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or(ReceiptRefused::BadSignature)?;
    if key.verify_strict(message.as_bytes(), &signature).is_err() {
        return Err(ReceiptRefused::BadSignature);
    }
    read_part(payload)
}

fn signing_input(submission: &Submission, key_id: &str) -> String {
    // `json!` keeps the order written here (serde_json's `preserve_order`).
    let header = json!({ "alg": "EdDSA", "kid": key_id, "typ": TYPE });
    let photos: Vec<String> = submission
        .photos
        .iter()
        .map(|slot| slot.sha256.to_string())
        .collect();
    let payload = json!({
        "submission": submission.id.to_string(),
        "assignment": submission.report.assignment.to_string(),
        "photos": photos,
        "received_at": submission.received_at.to_string(),
    });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(&header), part(&payload))
}

fn read_part<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, ReceiptRefused> {
    let json = URL_SAFE_NO_PAD.decode(part).ok();
    json.and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(ReceiptRefused::Malformed)
}

fn public_key(jwks: &Value, kid: &str) -> Option<VerifyingKey> {
    let says = |key: &Value, name: &str, value: &str| key.get(name).and_then(Value::as_str) == Some(value);
    let key = jwks
        .get("keys")?
        .as_array()?
        .iter()
        .find(|key| says(key, "kid", kid) && says(key, "kty", "OKP") && says(key, "crv", "Ed25519"))?;
    let x = URL_SAFE_NO_PAD.decode(key.get("x")?.as_str()?).ok()?;
    VerifyingKey::from_bytes(&<[u8; 32]>::try_from(x).ok()?).ok()
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;

//! Signing keys: Ed25519, each for one purpose.
//!
//! Invariant: a key's id is the first 16 hex digits of the SHA-256 of its public key, so an id never names two keys.
//! Refuses: to show a seed; only [`StoredKey`] carries it, on its way to and from the store.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer;
use sha2::Digest;

use super::random;
use crate::domain::{KeyPurpose, Moment, Sha256, StoredKey};

/// Version 0, algorithm 1.3.101.112 (Ed25519), then an octet string that wraps the 32 bytes of the seed.
const PKCS8_ED25519_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A stored key whose id does not belong to its seed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored signing key {0} is damaged: its id does not belong to its seed")]
pub struct DamagedKey(pub String);

/// A key that can sign.
#[derive(Clone)]
pub struct SigningKey {
    id: String,
    purpose: KeyPurpose,
    created_at: Moment,
    pair: ed25519_dalek::SigningKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SigningKey({}, {:?}, {})",
            self.id, self.purpose, self.created_at
        )
    }
}

impl SigningKey {
    /// A new key.
    pub fn generate(purpose: KeyPurpose, now: Moment) -> Self {
        Self::from_seed(random::bytes(), purpose, now)
    }

    /// The key of these 32 secret bytes.
    pub fn from_seed(seed: [u8; 32], purpose: KeyPurpose, created_at: Moment) -> Self {
        let pair = ed25519_dalek::SigningKey::from_bytes(&seed);
        let digest = Sha256(sha2::Sha256::digest(pair.verifying_key().as_bytes()).into());
        let id = digest.to_string().chars().take(16).collect();
        Self {
            id,
            purpose,
            created_at,
            pair,
        }
    }

    /// Its id, the `kid` of what it signs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it may sign.
    pub const fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// When it was made.
    pub const fn created_at(&self) -> Moment {
        self.created_at
    }

    /// The form that the store keeps.
    pub fn to_stored(&self) -> StoredKey {
        StoredKey {
            id: self.id.clone(),
            seed: self.pair.to_bytes(),
            purpose: self.purpose,
            created_at: self.created_at,
        }
    }

    /// The 32 public bytes.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.pair.verifying_key().to_bytes()
    }

    /// The 64 bytes of an Ed25519 signature over `message`.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).to_bytes()
    }

    /// The private key as PKCS#8 DER (RFC 8410), the only form that the token library takes.
    pub(super) fn to_pkcs8_der(&self) -> Vec<u8> {
        [PKCS8_ED25519_PREFIX.as_slice(), self.pair.as_bytes()].concat()
    }

    /// The public half as a JSON Web Key (RFC 8037).
    pub(super) fn to_jwk(&self) -> serde_json::Value {
        serde_json::json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": URL_SAFE_NO_PAD.encode(self.public_bytes()),
            "kid": self.id,
            "use": "sig",
            "alg": "EdDSA",
        })
    }
}

impl TryFrom<StoredKey> for SigningKey {
    type Error = DamagedKey;

    fn try_from(stored: StoredKey) -> Result<Self, DamagedKey> {
        let key = Self::from_seed(stored.seed, stored.purpose, stored.created_at);
        if key.id == stored.id {
            Ok(key)
        } else {
            Err(DamagedKey(stored.id))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_from_the_store_and_a_damaged_one_is_named() {
        let key = SigningKey::generate(KeyPurpose::Receipt, Moment::from_millis(3));
        let stored = key.to_stored();
        let json = serde_json::to_string(&stored).unwrap();
        let read: StoredKey = serde_json::from_str(&json).unwrap();
        assert_eq!(read, stored);
        assert_eq!(
            SigningKey::try_from(read).unwrap().public_bytes(),
            key.public_bytes()
        );

        let mut damaged = stored;
        damaged.seed[0] ^= 1;
        assert_eq!(
            SigningKey::try_from(damaged.clone()).unwrap_err(),
            DamagedKey(damaged.id.clone())
        );
        assert!(!format!("{damaged:?}").contains("seed:"));
    }
}

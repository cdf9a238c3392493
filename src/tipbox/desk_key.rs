//! The desk's keys: two seeds, wrapped under a passphrase that the server never sees.
//!
//! Invariant: wrapped keys have one length, and a fingerprint covers both public halves.
//! Refuses: to be unwrapped by the server; [`unwrap`] is for vectors and tests.

use argon2::{Algorithm, Argon2, Params, Version};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::{Refused, suite};

/// Memory of the passphrase's derivation, KiB.
pub const MEMORY_KIB: u32 = 64 * 1024;
/// Passes of the passphrase's derivation.
pub const PASSES: u32 = 3;
/// The length of a wrapped key.
pub const WRAPPED_BYTES: usize = 16 + 12 + 64 + suite::TAG_BYTES;

const AAD: &[u8] = b"minhchung tip 1 desk key";

/// An officer's two secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Seeds {
    /// Opens boxes (X-Wing).
    pub seal_seed: [u8; 32],
    /// Signs answers (Ed25519).
    pub signing_seed: [u8; 32],
}

impl std::fmt::Debug for Seeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seeds(…)")
    }
}

fn key_of(passphrase: &str, salt: &[u8; 16]) -> Result<[u8; 32], Refused> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_wrong| Refused)?;
    let text: String = passphrase.nfc().collect();
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(text.as_bytes(), salt, &mut key)
        .map_err(|_no_memory| Refused)?;
    Ok(key)
}

/// The seeds under `passphrase`.
pub fn wrap(seeds: &Seeds, passphrase: &str) -> Result<Vec<u8>, Refused> {
    let (salt, nonce): ([u8; 16], [u8; 12]) = (suite::random(), suite::random());
    let plain = [seeds.seal_seed, seeds.signing_seed].concat();
    let sealed = suite::seal(&key_of(passphrase, &salt)?, &nonce, AAD, &plain)?;
    Ok([salt.as_slice(), &nonce, &sealed].concat())
}

/// What [`wrap`] wrapped.
pub fn unwrap(wrapped: &[u8], passphrase: &str) -> Result<Seeds, Refused> {
    let (salt, rest) = wrapped.split_first_chunk::<16>().ok_or(Refused)?;
    let (nonce, sealed) = rest.split_first_chunk::<12>().ok_or(Refused)?;
    let plain = suite::open(&key_of(passphrase, salt)?, nonce, AAD, sealed)?;
    match plain.as_chunks::<32>() {
        ([seal_seed, signing_seed], []) => Ok(Seeds {
            seal_seed: *seal_seed,
            signing_seed: *signing_seed,
        }),
        _ => Err(Refused),
    }
}

impl Seeds {
    /// New ones.
    pub fn draw() -> Self {
        Self {
            seal_seed: suite::random(),
            signing_seed: suite::random(),
        }
    }

    /// The public key that boxes are sealed to.
    pub fn seal_key(&self) -> Result<Vec<u8>, Refused> {
        suite::public_key(&self.seal_seed)
    }

    /// The public key that answers are known by.
    pub fn verify_key(&self) -> [u8; 32] {
        SigningKey::from_bytes(&self.signing_seed)
            .verifying_key()
            .to_bytes()
    }

    /// The signature that binds the first to the second.
    pub fn binding(&self) -> Result<[u8; 64], Refused> {
        let signer = SigningKey::from_bytes(&self.signing_seed);
        Ok(signer.sign(&[AAD, &self.seal_key()?].concat()).to_bytes())
    }
}

/// Whether the holder of `verify_key` says that `seal_key` is theirs too.
pub fn is_bound(seal_key: &[u8], verify_key: &[u8; 32], binding: &[u8; 64]) -> bool {
    let message = [AAD, seal_key].concat();
    VerifyingKey::from_bytes(verify_key).is_ok_and(|key| {
        key.verify_strict(&message, &Signature::from_bytes(binding))
            .is_ok()
    })
}

/// The fingerprint that people compare: 16 bytes in groups of four hexadecimal digits.
pub fn fingerprint(seal_key: &[u8], verify_key: Option<&[u8; 32]>) -> String {
    let hash = Sha256::new()
        .chain_update(seal_key)
        .chain_update(verify_key.unwrap_or(&[0; 32]))
        .finalize();
    let (pairs, _) = hash.as_chunks::<2>();
    let groups = pairs
        .iter()
        .take(8)
        .map(|[high, low]| format!("{high:02x}{low:02x}"));
    groups.collect::<Vec<_>>().join(" ")
}

//! Suite 1: HPKE with X-Wing, HKDF-SHA256 and ChaCha20-Poly1305, and the two of them by themselves.
//!
//! Invariant: a private key is its raw 32-byte seed.
//! Refuses: any other suite, and nonces that are chosen anywhere but here or beside a key that is used once.

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use hkdf::Hkdf;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::rngs::ChaCha20Rng;
use rand::{CryptoRng, Rng, SeedableRng};
use sha2::Sha256;

use super::Refused;

/// The length of what HPKE sends ahead.
pub const ENC_BYTES: usize = 1_120;
/// The length of a public key.
pub const SEAL_KEY_BYTES: usize = 1_216;
/// The length of a tag.
pub const TAG_BYTES: usize = 16;

type Cipher = hpke::aead::ChaCha20Poly1305;

/// `N` unpredictable bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// `HKDF(key, info)`: extract with an empty salt, then expand to 32 bytes.
pub fn derive(key: &[u8], info: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    // 32 bytes are one block of the hash; only more than 255 of them are refused.
    let expanded = Hkdf::<Sha256>::new(None, key).expand_multi_info(info, &mut out);
    debug_assert!(expanded.is_ok());
    out
}

/// `plain` under `key`, tag at the end. A key must never meet the same nonce twice.
pub fn seal(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Refused> {
    ChaCha20Poly1305::new(key.into())
        .encrypt(nonce.into(), Payload { msg: plain, aad })
        .map_err(|_opaque| Refused)
}

/// What [`seal`] sealed.
pub fn open(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Refused> {
    ChaCha20Poly1305::new(key.into())
        .decrypt(nonce.into(), Payload { msg: sealed, aad })
        .map_err(|_opaque| Refused)
}

/// The public key of a seed.
pub fn public_key(seed: &[u8; 32]) -> Result<Vec<u8>, Refused> {
    let private = <XWing as Kem>::PrivateKey::from_bytes(seed).map_err(|_opaque| Refused)?;
    Ok(XWing::sk_to_pk(&private).to_bytes().to_vec())
}

/// Whether boxes can be sealed to `public`.
pub fn is_public_key(public: &[u8]) -> bool {
    <XWing as Kem>::PublicKey::from_bytes(public).is_ok()
}

/// `plain` for the holder of `public`: what HPKE sends ahead, then the sealed bytes.
pub fn seal_to(public: &[u8], info: &[u8], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, Refused> {
    seal_to_with(public, info, aad, plain, &mut rand::rng())
}

/// `bytes` zeros, sealed to nobody with whatever follows from `seed`: no more and no less like what [`seal_to`] makes than
/// that is itself, and always the same.
pub fn seal_to_nobody(seed: &[u8; 32], bytes: usize) -> Result<Vec<u8>, Refused> {
    let mut rng = ChaCha20Rng::from_seed(*seed);
    let mut nobody = [0; 32];
    rng.fill_bytes(&mut nobody);
    seal_to_with(&public_key(&nobody)?, &[], &[], &vec![0; bytes], &mut rng)
}

fn seal_to_with(
    public: &[u8],
    info: &[u8],
    aad: &[u8],
    plain: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Refused> {
    let public = <XWing as Kem>::PublicKey::from_bytes(public).map_err(|_opaque| Refused)?;
    let (enc, sealed) = hpke::single_shot_seal_with_rng::<Cipher, HkdfSha256, XWing>(
        &OpModeS::Base,
        &public,
        info,
        plain,
        aad,
        rng,
    )
    .map_err(|_opaque| Refused)?;
    Ok([enc.to_bytes().as_slice(), &sealed].concat())
}

/// What [`seal_to`] sealed, for the holder of `seed`.
pub fn open_from(seed: &[u8; 32], info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Refused> {
    let private = <XWing as Kem>::PrivateKey::from_bytes(seed).map_err(|_opaque| Refused)?;
    let (enc, sealed) = sealed.split_at_checked(ENC_BYTES).ok_or(Refused)?;
    let enc = <XWing as Kem>::EncappedKey::from_bytes(enc).map_err(|_opaque| Refused)?;
    hpke::single_shot_open::<Cipher, HkdfSha256, XWing>(&OpModeR::Base, &private, &enc, info, sealed, aad)
        .map_err(|_opaque| Refused)
}

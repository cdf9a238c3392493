//! Tokens that must open nothing: none, expired, forged, and ours with claims that are not for here.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer;
use hmac::{Hmac, KeyInit, Mac};
use minhchung::auth::SigningKey;
use minhchung::domain::{KeyPurpose, StoredKey};
use minhchung::store::records::SigningKeys;
use minhchung::store::{Range, ReadTables, StoreError};
use serde_json::{Value, json};

use crate::field::Field;

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn read(part: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// What a token says.
pub fn claims(token: &str) -> Value {
    read(token.split('.').nth(1).unwrap())
}

/// What each is, the token, and the code of the problem it has to end in.
pub async fn bad(field: &Field, good: &str) -> Vec<(&'static str, String, &'static str)> {
    let keys: Vec<StoredKey> = field
        .harness
        .app
        .store
        .read::<_, StoreError>(|view| {
            Ok(view
                .scan::<SigningKeys>(Range::all())
                .map(|row| row.unwrap().1)
                .collect())
        })
        .await
        .unwrap();
    let key = |purpose: KeyPurpose| keys.iter().find(|key| key.purpose == purpose).unwrap();
    let (session, receipt) = (key(KeyPurpose::Session), key(KeyPurpose::Receipt));
    let header = read(good.split('.').next().unwrap());
    let honest = claims(good);
    let with = |member: &str, value: Value| {
        let mut claims = honest.clone();
        claims[member] = value;
        claims
    };
    let sign = |seed: &[u8; 32], claims: &Value| {
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = ed25519_dalek::SigningKey::from_bytes(seed).sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    };
    let iat = honest["iat"].as_i64().unwrap();
    let mut expired = with("exp", json!(iat - 60));
    expired["iat"] = json!(iat - 900);

    let (none, with_public_key) = forged(&header, &honest, session);

    vec![
        ("no token", String::new(), "sign-in-required"),
        ("an expired token", sign(&session.seed, &expired), "token-expired"),
        ("algorithm none", none, "token-invalid"),
        (
            "HS256 with the public key as the secret",
            with_public_key,
            "token-invalid",
        ),
        (
            "another audience",
            sign(&session.seed, &with("aud", json!("another-service"))),
            "token-invalid",
        ),
        (
            "another issuer",
            sign(&session.seed, &with("iss", json!("somebody"))),
            "token-invalid",
        ),
        (
            "a demo's token",
            sign(&session.seed, &with("demo", json!(true))),
            "token-invalid",
        ),
        (
            "a receipt key's signature",
            sign(&receipt.seed, &honest),
            "token-invalid",
        ),
        (
            "another role in an honest token",
            good.replace(&part(&honest), &part(&with("role", json!("verifier")))),
            "token-invalid",
        ),
    ]
}

/// Without a signature, and signed with what everybody may know.
fn forged(header: &Value, honest: &Value, session: &StoredKey) -> (String, String) {
    let mut none = header.clone();
    none["alg"] = json!("none");
    let mut hs256 = header.clone();
    hs256["alg"] = json!("HS256");
    let message = format!("{}.{}", part(&hs256), part(honest));
    let public = SigningKey::try_from(session.clone()).unwrap().public_bytes();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&public).unwrap();
    mac.update(message.as_bytes());
    let with_public_key = format!(
        "{message}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    );
    (format!("{}.{}.", part(&none), part(honest)), with_public_key)
}

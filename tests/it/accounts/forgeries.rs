//! Tokens that are not ours, and the order of refusals.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use minhchung::domain::{KeyPurpose, Role};
use minhchung::store::records::SigningKeys;
use minhchung::store::{Range, ReadTables, StoreError};
use reqwest::Method;
use serde_json::{Value, json};

use super::{MORNING, me};
use crate::support::{COMMUNE, Harness, answer};

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

#[tokio::test]
async fn tokens_that_were_not_signed_by_a_session_key_open_nothing() {
    let harness = Harness::start().await;
    let token = harness.sign_in(Role::VillageHead, Some(COMMUNE)).await;
    assert_eq!(me(&harness, &token).await, "in");
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = claims(&token);
    claims["role"] = json!("admin");
    let kid = read(parts[0])["kid"].clone();
    let none = json!({ "alg": "none", "kid": kid });
    let hs256 = json!({ "alg": "HS256", "typ": "JWT", "kid": kid });
    let secret: Vec<u8> = harness
        .app
        .store
        .read::<_, StoreError>(|view| {
            let mut keys = view.scan::<SigningKeys>(Range::all()).map(|row| row.unwrap().1);
            let key = keys.find(|key| key.purpose == KeyPurpose::Session).unwrap();
            Ok(minhchung::auth::SigningKey::try_from(key)
                .unwrap()
                .public_bytes()
                .to_vec())
        })
        .await
        .unwrap();
    let message = format!("{}.{}", part(&hs256), part(&claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret).unwrap();
    mac.update(message.as_bytes());
    let with_public_key = format!(
        "{message}.{}",
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    );
    let forged = [
        format!("{}.{}.", part(&none), part(&claims)),
        with_public_key,
        format!("{}.{}.{}", parts[0], part(&claims), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        "not.a.token".into(),
        "x".repeat(100_000 / 20),
    ];
    for token in forged {
        assert_eq!(me(&harness, &token).await, "401/token-invalid", "{token}");
    }
}

#[tokio::test]
async fn our_own_signature_over_wrong_claims_opens_nothing() {
    let harness = Harness::at(MORNING).await;
    let token = harness.sign_in(Role::Admin, None).await;
    let header =
        json!({ "alg": "EdDSA", "typ": "JWT", "kid": read(token.split('.').next().unwrap())["kid"] });
    let seeds: Vec<(KeyPurpose, [u8; 32])> = harness
        .app
        .store
        .read::<_, StoreError>(|view| {
            let keys = view.scan::<SigningKeys>(Range::all()).map(|row| row.unwrap().1);
            Ok(keys.map(|key| (key.purpose, key.seed)).collect())
        })
        .await
        .unwrap();
    let sign = |purpose: KeyPurpose, claims: &Value| {
        use ed25519_dalek::Signer;
        let (_, seed) = seeds.iter().find(|(kind, _)| *kind == purpose).unwrap();
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = ed25519_dalek::SigningKey::from_bytes(seed).sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    };
    let good = claims(&token);
    assert_eq!(me(&harness, &sign(KeyPurpose::Session, &good)).await, "in");
    assert_eq!(
        me(&harness, &sign(KeyPurpose::Receipt, &good)).await,
        "401/token-invalid"
    );
    let exp = good["exp"].as_i64().unwrap();
    for (member, value, expected) in [
        ("aud", json!("another-service"), "401/token-invalid"),
        ("iss", json!("somebody"), "401/token-invalid"),
        ("exp", json!(exp - 2000), "401/token-expired"),
        ("exp", json!(exp + 3600), "401/token-invalid"),
        ("exp", json!(null), "401/token-invalid"),
        ("demo", json!(true), "401/token-invalid"),
        ("sub", json!(uuid::Uuid::new_v4()), "401/token-invalid"),
        ("device", json!(uuid::Uuid::new_v4()), "401/token-invalid"),
    ] {
        let mut wrong = good.clone();
        wrong[member] = value;
        if member == "exp" && expected == "401/token-expired" {
            wrong["iat"] = json!(exp - 2900);
        }
        assert_eq!(
            me(&harness, &sign(KeyPurpose::Session, &wrong)).await,
            expected,
            "{member}"
        );
    }
}

#[tokio::test]
async fn who_asks_is_judged_before_what_they_ask() {
    let harness = Harness::start().await;
    let viewer = harness.sign_in(Role::Viewer, None).await;
    let broken = |token: &str, path: &str| {
        harness
            .request(Method::POST, path, token)
            .header("content-type", "application/json")
            .body("{broken")
    };
    let nobody = answer(broken("", "/api/v1/users")).await;
    assert_eq!(nobody.problem(), "401/sign-in-required");
    assert!(nobody.headers.contains_key("www-authenticate"));
    assert_eq!(
        answer(broken("x.y.z", "/api/v1/users")).await.problem(),
        "401/token-invalid"
    );
    assert_eq!(
        answer(broken(&viewer, "/api/v1/users")).await.problem(),
        "403/forbidden"
    );
    let admin = harness.sign_in(Role::Admin, None).await;
    assert_eq!(
        answer(broken(&admin, "/api/v1/users")).await.problem(),
        "400/malformed-json"
    );
    let path = "/api/v1/users/not-an-id";
    assert_eq!(harness.get(path, "x.y.z").await.problem(), "401/token-invalid");
    assert_eq!(harness.get(path, &admin).await.problem(), "404/not-found");
    assert_eq!(
        harness.get("/api/v1/users?limit=0", "").await.problem(),
        "401/sign-in-required"
    );
    assert_eq!(
        harness.delete("/api/v1/me", &admin).await.problem(),
        "405/method-not-allowed"
    );
    let basic = harness
        .request(Method::GET, "/api/v1/me", "")
        .basic_auth("admin", Some("x"));
    assert_eq!(answer(basic).await.problem(), "401/sign-in-required");
}

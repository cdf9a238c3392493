//! Forgeries of access tokens, each refused for its own reason.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::SigningKey;
use super::*;

const TTL: Duration = Duration::from_mins(10);

fn now() -> Moment {
    "2026-03-10T08:00:00+07:00".parse().unwrap()
}

fn after(seconds: i64) -> Moment {
    now().plus_millis(seconds * 1000)
}

fn key(fill: u8, purpose: KeyPurpose) -> SigningKey {
    SigningKey::from_seed([fill; 32], purpose, now())
}

fn ring() -> KeyRing {
    let mut ring = KeyRing::default();
    ring.add(key(1, KeyPurpose::Session));
    ring.add(key(2, KeyPurpose::Receipt));
    ring
}

fn head() -> Actor {
    Actor {
        user: UserId(Uuid::from_u128(7)),
        name: "Giàng Thị Thử".to_owned(),
        role: Role::VillageHead,
        commune: Some("02650".parse().unwrap()),
        device: DeviceId(Uuid::from_u128(8)),
    }
}

fn genuine() -> String {
    issue(&ring(), &head(), now(), TTL, Mode::Live).unwrap()
}

fn open(token: &str) -> Result<Actor, TokenRefused> {
    verify(&ring(), token, now(), Mode::Live)
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Whole tokens made outside `issue`: header and claims as told, signed with the key of seed `fill`.
fn forge(header: &Value, claims: &Value, signer: &SigningKey) -> String {
    let message = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// The genuine claims with one change, signed with the genuine key.
fn signed_with(change: impl FnOnce(&mut Value)) -> String {
    let signer = key(1, KeyPurpose::Session);
    let mut claims = claims_of(&genuine());
    change(&mut claims);
    forge(&json!({"alg": "EdDSA", "kid": signer.id()}), &claims, &signer)
}

fn without(claim: &str) -> String {
    signed_with(|claims| {
        claims.as_object_mut().unwrap().shift_remove(claim);
    })
}

#[test]
fn a_genuine_token_brings_the_actor_back_and_carries_the_promised_claims() {
    assert_eq!(open(&genuine()), Ok(head()));
    let claims = claims_of(&genuine());
    let names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "iss", "aud", "sub", "role", "commune", "name", "device", "iat", "exp", "jti"
        ]
    );
    assert_eq!(claims["iss"], "minhchung");
    assert_eq!(claims["aud"], "minhchung-api");
    assert_eq!(claims["role"], "village_head");
    assert_eq!(claims["commune"], "02650");
    assert_eq!(claims["exp"], claims["iat"].as_i64().unwrap() + 600);

    let viewer = Actor {
        role: Role::Viewer,
        commune: None,
        ..head()
    };
    let token = issue(&ring(), &viewer, now(), TTL, Mode::Live).unwrap();
    assert_eq!(claims_of(&token)["commune"], Value::Null);
    assert_eq!(open(&token), Ok(viewer));
}

#[test]
fn a_token_never_lives_longer_than_a_quarter_of_an_hour() {
    let token = issue(&ring(), &head(), now(), Duration::from_hours(9), Mode::Live).unwrap();
    let at = |seconds| verify(&ring(), &token, after(seconds), Mode::Live);
    assert!(at(900).is_ok());
    assert!(at(904).is_ok());
    assert_eq!(at(905), Err(TokenRefused::Expired));
    let eternal = signed_with(|claims| claims["exp"] = json!(4_000_000_000_i64));
    assert_eq!(open(&eternal), Err(TokenRefused::EndlessOrTooLong));
}

#[test]
fn the_algorithm_none_is_refused_with_and_without_a_signature() {
    let claims = claims_of(&genuine());
    let id = ring().newest(KeyPurpose::Session).unwrap().id().to_owned();
    for alg in ["none", "None", "NONE", "nOnE", "eddsa", ""] {
        let message = format!("{}.{}", part(&json!({"alg": alg, "kid": id})), part(&claims));
        assert_eq!(
            open(&format!("{message}.")),
            Err(TokenRefused::WrongAlgorithm),
            "{alg}"
        );
        let signature = genuine().rsplit('.').next().unwrap().to_owned();
        assert_eq!(
            open(&format!("{message}.{signature}")),
            Err(TokenRefused::WrongAlgorithm)
        );
    }
}

#[test]
fn an_hmac_with_the_public_key_as_its_secret_is_refused() {
    let session = key(1, KeyPurpose::Session);
    let public = session.public_bytes();
    let texts = [public.to_vec(), URL_SAFE_NO_PAD.encode(public).into_bytes()];
    for secret in texts {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(session.id().to_owned());
        let claims = claims_of(&genuine());
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret)).unwrap();
        assert_eq!(open(&token), Err(TokenRefused::WrongAlgorithm));
        // The same bytes under the right name: an HMAC is no Ed25519 signature.
        let (message, mac) = token.rsplit_once('.').unwrap();
        let payload = message.split('.').nth(1).unwrap();
        let named = part(&json!({"alg": "EdDSA", "kid": session.id()}));
        assert_eq!(
            open(&format!("{named}.{payload}.{mac}")),
            Err(TokenRefused::BadSignature)
        );
    }
}

#[test]
fn a_token_for_another_audience_or_from_another_issuer_is_refused() {
    for audience in [json!("minhchung-api2"), json!("")] {
        let token = signed_with(|claims| claims["aud"] = audience);
        assert_eq!(open(&token), Err(TokenRefused::WrongAudience));
    }
    assert_eq!(open(&without("aud")), Err(TokenRefused::WrongAudience));
    let token = signed_with(|claims| claims["iss"] = json!("elsewhere"));
    assert_eq!(open(&token), Err(TokenRefused::WrongIssuer));
    assert_eq!(open(&without("iss")), Err(TokenRefused::WrongIssuer));
}

#[test]
fn a_token_without_end_is_refused() {
    assert_eq!(open(&without("exp")), Err(TokenRefused::EndlessOrTooLong));
    let null = signed_with(|claims| claims["exp"] = Value::Null);
    assert_eq!(open(&null), Err(TokenRefused::EndlessOrTooLong));
    let text = signed_with(|claims| claims["exp"] = json!("tomorrow"));
    assert_eq!(open(&text), Err(TokenRefused::Malformed));
}

#[test]
fn a_token_expires_by_the_time_handed_in_and_not_by_the_clock_of_the_machine() {
    let token = genuine();
    let at = |seconds| verify(&ring(), &token, after(seconds), Mode::Live);
    assert!(at(599).is_ok());
    assert_eq!(at(605), Err(TokenRefused::Expired));
    assert_eq!(at(1_000_000_000), Err(TokenRefused::Expired));
}

#[test]
fn a_token_from_the_future_is_refused_after_a_minute_of_grace() {
    let token = genuine();
    assert!(verify(&ring(), &token, after(-60), Mode::Live).is_ok());
    assert_eq!(
        verify(&ring(), &token, after(-61), Mode::Live),
        Err(TokenRefused::IssuedInFuture)
    );
}

#[test]
fn a_receipt_key_opens_nothing_although_the_ring_knows_it() {
    let receipt = key(2, KeyPurpose::Receipt);
    let header = json!({"alg": "EdDSA", "kid": receipt.id()});
    let token = forge(&header, &claims_of(&genuine()), &receipt);
    assert_eq!(open(&token), Err(TokenRefused::UnknownKey));
}

#[test]
fn a_key_that_is_not_on_the_ring_is_unknown_and_under_a_known_name_its_signature_is_wrong() {
    let other = key(3, KeyPurpose::Session);
    let claims = claims_of(&genuine());
    let unknown = forge(&json!({"alg": "EdDSA", "kid": other.id()}), &claims, &other);
    assert_eq!(open(&unknown), Err(TokenRefused::UnknownKey));
    let nameless = forge(&json!({"alg": "EdDSA"}), &claims, &key(1, KeyPurpose::Session));
    assert_eq!(open(&nameless), Err(TokenRefused::UnknownKey));
    let known_id = key(1, KeyPurpose::Session).id().to_owned();
    let borrowed = forge(&json!({"alg": "EdDSA", "kid": known_id}), &claims, &other);
    assert_eq!(open(&borrowed), Err(TokenRefused::BadSignature));
    // A key that travels inside the token is not looked at.
    let brought = json!({
        "alg": "EdDSA", "kid": known_id,
        "jwk": {"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(other.public_bytes())},
    });
    assert_eq!(
        open(&forge(&brought, &claims, &other)),
        Err(TokenRefused::BadSignature)
    );
}

#[test]
fn a_cut_or_changed_token_is_refused_wherever_it_is_cut() {
    let token = genuine();
    for length in 0..token.len() {
        assert!(open(token.get(..length).unwrap()).is_err(), "{length}");
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(
        open(&format!("{message}.{}", signature.get(..40).unwrap())),
        Err(TokenRefused::BadSignature)
    );
    assert_eq!(open(&format!("{message}.")), Err(TokenRefused::BadSignature));
    let mut raised = claims_of(&token);
    raised["role"] = json!("admin");
    let header = message.split('.').next().unwrap();
    assert_eq!(
        open(&format!("{header}.{}.{signature}", part(&raised))),
        Err(TokenRefused::BadSignature)
    );
}

#[test]
fn what_is_no_token_is_malformed() {
    let long = format!("{}.{}", genuine(), "A".repeat(MAX_TOKEN_BYTES));
    for text in ["", ".", "..", "a.b.c", "e30.e30.e30", "Bearer x", "é.é.é", &long] {
        assert_eq!(open(text), Err(TokenRefused::Malformed), "{text}");
    }
    let signer = key(1, KeyPurpose::Session);
    let critical = json!({"alg": "EdDSA", "kid": signer.id(), "crit": ["x"], "x": 1});
    assert_eq!(
        open(&forge(&critical, &claims_of(&genuine()), &signer)),
        Err(TokenRefused::Malformed)
    );
    let role = signed_with(|claims| claims["role"] = json!("root"));
    assert_eq!(open(&role), Err(TokenRefused::Malformed));
    assert_eq!(open(&without("device")), Err(TokenRefused::Malformed));
}

#[test]
fn a_demo_token_is_marked_and_worth_nothing_at_a_live_server() {
    let demo = issue(&ring(), &head(), now(), TTL, Mode::Demo).unwrap();
    assert_eq!(claims_of(&demo)["demo"], json!(true));
    assert_eq!(verify(&ring(), &demo, now(), Mode::Demo), Ok(head()));
    assert_eq!(open(&demo), Err(TokenRefused::WrongMode));
    assert_eq!(
        verify(&ring(), &genuine(), now(), Mode::Demo),
        Err(TokenRefused::WrongMode)
    );
}

#[test]
fn tokens_outlive_the_rotation_of_their_key_until_it_leaves_the_ring() {
    let token = genuine();
    let mut rotated = ring();
    rotated.add(SigningKey::from_seed([9; 32], KeyPurpose::Session, after(1)));
    assert_eq!(verify(&rotated, &token, now(), Mode::Live), Ok(head()));
    rotated.remove(key(1, KeyPurpose::Session).id());
    assert_eq!(
        verify(&rotated, &token, now(), Mode::Live),
        Err(TokenRefused::UnknownKey)
    );
    assert!(matches!(
        issue(&KeyRing::default(), &head(), now(), TTL, Mode::Live),
        Err(TokenNotIssued::NoSessionKey)
    ));
}

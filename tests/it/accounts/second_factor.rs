//! One-time codes.

use minhchung::clock::Clock;
use minhchung::domain::Role;
use minhchung::services::accounts::{NewUser, OperatorsTotp};
use serde_json::{Value, json};
use totp_rs::{Algorithm, Builder, Secret};

use super::{MORNING, log_in, log_in_with, me};
use crate::support::{Harness, PASSWORD};

/// The code of an authenticator app that was given `secret`, `seconds` from now.
fn code(harness: &Harness, secret: &str, seconds: i64) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(0)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build_noncompliant();
    let now = harness.clock.now().as_millis() / 1000 + seconds;
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

async fn admin_made_through_the_api(harness: &Harness) -> String {
    let new = NewUser {
        id: None,
        username: "quản.trị".into(),
        name: String::new(),
        role: Role::Admin,
        commune: None,
        password: Some(PASSWORD.into()),
    };
    let user = harness
        .app
        .accounts
        .add_user(new, OperatorsTotp::AsTheRoleSays)
        .await
        .unwrap();
    user.username
}

async fn set_up(harness: &Harness, token: &str) -> String {
    let offer = harness.post("/api/v1/auth/totp", token, json!({})).await;
    let secret = offer.text("secret");
    assert!(offer.text("otpauth_url").contains(&secret));
    let body = json!({ "code": code(harness, &secret, 0) });
    harness
        .post("/api/v1/auth/totp/confirm", token, body)
        .await
        .expect(204);
    secret
}

#[tokio::test]
async fn an_administrator_without_a_second_factor_can_do_nothing_but_set_one_up() {
    let harness = Harness::at(MORNING).await;
    let username = admin_made_through_the_api(&harness).await;
    let session = log_in(&harness, &username, PASSWORD).await;
    assert_eq!(session.body["totp_setup_required"], json!(true));
    let token = session.text("access_token");
    assert_eq!(me(&harness, &token).await, "403/totp-needed");
    assert_eq!(
        harness.get("/api/v1/users", &token).await.problem(),
        "403/totp-needed"
    );
    let offer = harness.post("/api/v1/auth/totp", &token, json!({})).await;
    let again = harness.post("/api/v1/auth/totp", &token, json!({})).await;
    assert_eq!(offer.body, again.body, "a lost answer is given again");
    let wrong = json!({ "code": "000000" });
    let wrong = harness.post("/api/v1/auth/totp/confirm", &token, wrong).await;
    assert_eq!(wrong.problem(), "422/validation-failed");
    let right = json!({ "code": code(&harness, &offer.text("secret"), 0) });
    harness
        .post("/api/v1/auth/totp/confirm", &token, right.clone())
        .await
        .expect(204);
    assert_eq!(me(&harness, &token).await, "in");
    harness
        .post("/api/v1/auth/totp/confirm", &token, right)
        .await
        .expect(204);
    // Not to be replaced by whoever has the session.
    assert_eq!(
        harness
            .post("/api/v1/auth/totp", &token, json!({}))
            .await
            .problem(),
        "409/illegal-step"
    );
}

#[tokio::test]
async fn a_code_is_asked_for_after_the_password_and_opens_once() {
    let harness = Harness::at(MORNING).await;
    let officer = harness.person(Role::Verifier, None).await;
    let secret = set_up(&harness, &officer.token).await;
    harness.wait(60);
    assert_eq!(
        log_in(&harness, &officer.username, PASSWORD).await.problem(),
        "401/totp-required"
    );
    assert_eq!(
        log_in(&harness, &officer.username, "not it").await.problem(),
        "401/sign-in-failed"
    );
    let shown: Value = json!({ "totp": code(&harness, &secret, 0) });
    assert_eq!(
        log_in_with(&harness, &officer.username, shown.clone())
            .await
            .status,
        200
    );
    let replay = log_in_with(&harness, &officer.username, shown).await;
    assert_eq!(replay.problem(), "401/sign-in-failed");
    let older = json!({ "totp": code(&harness, &secret, -30) });
    assert_eq!(
        log_in_with(&harness, &officer.username, older).await.problem(),
        "401/sign-in-failed"
    );
    harness.wait(30);
    // A resent request is no replay: it carries the id of the one that spent the code.
    let request = json!({ "totp": code(&harness, &secret, 0), "request_id": uuid::Uuid::new_v4() });
    let lost = log_in_with(&harness, &officer.username, request.clone()).await;
    let again = log_in_with(&harness, &officer.username, request).await;
    assert_eq!(lost.text("refresh_token"), again.text("refresh_token"));
}

#[tokio::test]
async fn an_administrator_takes_a_lost_second_factor_away_and_the_sessions_with_it() {
    let harness = Harness::at(MORNING).await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let officer = harness.person(Role::Verifier, None).await;
    set_up(&harness, &officer.token).await;
    let path = format!("/api/v1/users/{}", officer.id);
    let changed = harness
        .patch(&path, &admin, json!({ "reset_totp": true }))
        .await
        .expect(200);
    assert_eq!(changed["totp"], json!(false));
    assert_eq!(me(&harness, &officer.token).await, "401/token-invalid");
    assert_eq!(log_in(&harness, &officer.username, PASSWORD).await.status, 200);
    // Not one's own: a stolen session must not get rid of it.
    let own = harness.get("/api/v1/me", &admin).await.text("id");
    let answer = harness
        .patch(
            &format!("/api/v1/users/{own}"),
            &admin,
            json!({ "reset_totp": true }),
        )
        .await;
    assert_eq!(answer.problem(), "403/forbidden");
}

#[tokio::test]
async fn a_demo_asks_nobody_for_a_second_factor_and_its_tokens_say_demo() {
    let harness = Harness::with(Clock::system(), |settings| settings.demo = true).await;
    let username = admin_made_through_the_api(&harness).await;
    let session = log_in(&harness, &username, PASSWORD).await;
    let token = session.text("access_token");
    assert_eq!(me(&harness, &token).await, "in");
    let claims = super::forgeries::claims(&token);
    assert_eq!(claims["demo"], json!(true));
}

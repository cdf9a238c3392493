//! Log-in, refresh, log-out, and how a session ends.

use minhchung::domain::Role;
use serde_json::json;
use uuid::Uuid;

use super::{MORNING, log_in, log_in_with, me, refresh};
use crate::support::{COMMUNE, Harness, PASSWORD};

#[tokio::test]
async fn a_log_in_opens_a_session_of_fifteen_minutes_and_a_refresh_prolongs_it() {
    let harness = Harness::at(MORNING).await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    // Case and accents of a name are nobody's business.
    let first = log_in(&harness, &head.username.to_uppercase(), PASSWORD).await;
    assert_eq!(first.body["user"]["commune"], COMMUNE);
    assert_eq!(first.body["user"]["role"], "village_head");
    assert_eq!(first.body["token_type"], "Bearer");
    assert_eq!(first.body["expires_in"], 900);
    assert!(first.body.get("totp_setup_required").is_none());
    let token = first.text("access_token");
    assert_eq!(me(&harness, &token).await, "in");
    harness.wait(899);
    assert_eq!(me(&harness, &token).await, "in");
    harness.wait(10);
    assert_eq!(me(&harness, &token).await, "401/token-expired");
    let second = refresh(&harness, &first.text("refresh_token"), None).await;
    assert_eq!(me(&harness, &second.text("access_token")).await, "in");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_second_use_ends_the_session_at_once() {
    let harness = Harness::at(MORNING).await;
    let person = harness.person(Role::Verifier, None).await;
    let second = refresh(&harness, &person.refresh_token, None).await;
    let token = second.text("access_token");
    assert_eq!(me(&harness, &token).await, "in");
    let thief = refresh(&harness, &person.refresh_token, None).await;
    assert_eq!(thief.problem(), "401/refresh-reused");
    // Both tokens are dead, although the access token is seconds old.
    assert_eq!(me(&harness, &token).await, "401/token-invalid");
    let owner = refresh(&harness, &second.text("refresh_token"), None).await;
    assert_eq!(owner.problem(), "401/token-invalid");
    // Other sessions of the same account go on.
    assert_eq!(log_in(&harness, &person.username, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn the_same_refresh_sent_again_after_a_lost_answer_goes_on_and_harms_nobody() {
    let harness = Harness::at(MORNING).await;
    let person = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let request = Some(Uuid::new_v4());
    let lost = refresh(&harness, &person.refresh_token, request).await;
    let again = refresh(&harness, &person.refresh_token, request).await;
    assert_eq!(again.text("refresh_token"), lost.text("refresh_token"));
    assert_eq!(me(&harness, &lost.text("access_token")).await, "in");
    assert_eq!(me(&harness, &again.text("access_token")).await, "in");
    let next = refresh(&harness, &again.text("refresh_token"), Some(Uuid::new_v4())).await;
    assert_eq!(next.status, 200);
    // The excuse was for the last rotation only.
    let old = refresh(&harness, &person.refresh_token, request).await;
    assert_eq!(old.problem(), "401/refresh-reused");
}

#[tokio::test]
async fn the_same_log_in_sent_again_gives_the_same_session_and_no_second_device() {
    let harness = Harness::at(MORNING).await;
    let admin = harness.person(Role::Admin, None).await;
    let request = json!({ "request_id": Uuid::new_v4(), "device_name": "Máy  bàn\n1" });
    let (one, other) = tokio::join!(
        log_in_with(&harness, &admin.username, request.clone()),
        log_in_with(&harness, &admin.username, request.clone()),
    );
    assert_eq!(one.text("refresh_token"), other.text("refresh_token"));
    let path = format!("/api/v1/users/{}", admin.id);
    let shown = harness.get(&path, &admin.token).await.expect(200);
    assert_eq!(shown["devices"].as_array().unwrap().len(), 2, "{shown:#}");
    assert!(
        shown["devices"]
            .as_array()
            .unwrap()
            .iter()
            .any(|device| device["name"] == "Máy bàn 1")
    );
    harness.wait(601);
    let later = log_in_with(&harness, &admin.username, request).await;
    assert_ne!(later.text("refresh_token"), one.text("refresh_token"));
}

#[tokio::test]
async fn a_log_out_ends_this_session_and_no_other() {
    let harness = Harness::start().await;
    let person = harness.person(Role::Viewer, None).await;
    let other = log_in(&harness, &person.username, PASSWORD).await;
    assert_eq!(me(&harness, &person.token).await, "in");
    harness
        .post("/api/v1/auth/logout", &person.token, json!({}))
        .await
        .expect(204);
    assert_eq!(me(&harness, &person.token).await, "401/token-invalid");
    assert_eq!(
        refresh(&harness, &person.refresh_token, None).await.problem(),
        "401/token-invalid"
    );
    assert_eq!(me(&harness, &other.text("access_token")).await, "in");
}

#[tokio::test]
async fn wrong_name_and_wrong_password_look_the_same() {
    let harness = Harness::start().await;
    let person = harness.person(Role::Viewer, None).await;
    let wrong = log_in(&harness, &person.username, "not the password").await;
    let nobody = log_in(&harness, "nobody", PASSWORD).await;
    assert_eq!(wrong.problem(), "401/sign-in-failed");
    assert_eq!(wrong.body["detail"], nobody.body["detail"]);
    assert_eq!(nobody.problem(), wrong.problem());
}

#[tokio::test]
async fn sessions_outlive_a_restart() {
    let harness = Harness::at(MORNING).await;
    let person = harness.person(Role::Viewer, None).await;
    let keys = harness.get("/api/v1/receipts/keys", "").await.expect(200);
    let harness = harness.restarted().await;
    assert_eq!(me(&harness, &person.token).await, "in");
    assert_eq!(refresh(&harness, &person.refresh_token, None).await.status, 200);
    assert_eq!(harness.get("/api/v1/receipts/keys", "").await.expect(200), keys);
}

#[tokio::test]
async fn keys_are_replaced_when_they_are_old_and_receipt_keys_stay_public_for_ever() {
    let harness = Harness::at(MORNING).await;
    let person = harness.person(Role::Viewer, None).await;
    let before = harness.get("/api/v1/receipts/keys", "").await.expect(200);
    assert_eq!(before["keys"].as_array().unwrap().len(), 1);
    assert_eq!(before["keys"][0]["crv"], "Ed25519");
    assert!(
        before["keys"][0].get("d").is_none(),
        "the private half is not shown"
    );
    harness.wait(31 * 24 * 3600);
    let admin = harness.person(Role::Admin, None).await;
    assert_eq!(me(&harness, &admin.token).await, "in");
    let after = harness.get("/api/v1/receipts/keys", "").await.expect(200);
    assert_eq!(after["keys"].as_array().unwrap().len(), 2);
    assert_eq!(after["keys"][1], before["keys"][0]);
    // Fourteen days without use end a browser's session.
    let late = refresh(&harness, &person.refresh_token, None).await;
    assert_eq!(late.problem(), "401/token-invalid");
}

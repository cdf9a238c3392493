//! Phones that join with a code, and phones that are lost.

use minhchung::domain::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{MORNING, me, refresh};
use crate::support::{Answer, COMMUNE, Harness, Person};

async fn invite(harness: &Harness, keeper: &str, head: &Person) -> Value {
    let path = format!("/api/v1/users/{}/enrolment", head.id);
    harness.post(&path, keeper, json!({})).await.expect(201)
}

async fn enrol(harness: &Harness, code: &str, device_id: Option<Uuid>) -> Answer {
    let body = json!({ "code": code, "device_name": "Điện thoại", "device_id": device_id });
    harness.post("/api/v1/auth/enrol", "", body).await
}

#[tokio::test]
async fn a_code_lets_one_phone_in_and_a_second_one_is_refused() {
    let harness = Harness::at(MORNING).await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let invited = invite(&harness, &officer, &head).await;
    let code = invited["code"].as_str().unwrap();
    assert_eq!(invited["expires_at"], "2026-03-05T01:00:00Z");
    let digits = code.replace(' ', "");
    assert_eq!(
        invited["url"],
        format!("https://minhchung.example/#enrol={digits}")
    );
    let phone = enrol(&harness, &digits, Some(Uuid::new_v4())).await;
    assert_eq!(phone.body["user"]["id"], head.id.to_string());
    assert_eq!(me(&harness, &phone.text("access_token")).await, "in");
    for stranger in [None, Some(Uuid::new_v4())] {
        assert_eq!(
            enrol(&harness, code, stranger).await.problem(),
            "401/enrolment-refused"
        );
    }
    // The first phone is not harmed by the attempts.
    assert_eq!(
        refresh(&harness, &phone.text("refresh_token"), None).await.status,
        200
    );
}

#[tokio::test]
async fn the_phone_whose_answer_was_lost_gets_its_session_again_for_ten_minutes() {
    let harness = Harness::at(MORNING).await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let code = invite(&harness, &officer, &head).await["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = Some(Uuid::new_v4());
    let (lost, again) = tokio::join!(enrol(&harness, &code, id), enrol(&harness, &code, id));
    assert_eq!(lost.text("refresh_token"), again.text("refresh_token"));
    harness.wait(600);
    let late = enrol(&harness, &code, id).await;
    assert_eq!(
        refresh(&harness, &late.text("refresh_token"), None).await.status,
        200
    );
    harness.wait(1);
    assert_eq!(
        enrol(&harness, &code, id).await.problem(),
        "401/enrolment-refused"
    );
    let path = format!("/api/v1/users/{}", head.id);
    let shown = harness
        .get(&path, &harness.sign_in(Role::Admin, None).await)
        .await
        .expect(200);
    let phones = shown["devices"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|device| device["kind"] == "phone");
    assert_eq!(phones.count(), 1);
}

#[tokio::test]
async fn a_code_dies_after_three_days_and_by_a_newer_code() {
    let harness = Harness::at(MORNING).await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let officer = harness.person(Role::CommuneOfficer, Some(COMMUNE)).await;
    let first = invite(&harness, &officer.token, &head).await;
    let second = invite(&harness, &officer.token, &head).await;
    let void = enrol(&harness, first["code"].as_str().unwrap(), None).await;
    assert_eq!(void.problem(), "401/enrolment-refused");
    harness.wait(72 * 3600);
    let expired = enrol(&harness, second["code"].as_str().unwrap(), None).await;
    assert_eq!(expired.problem(), "401/enrolment-refused");
    let officer = refresh(&harness, &officer.refresh_token, None)
        .await
        .text("access_token");
    let third = invite(&harness, &officer, &head).await;
    harness.wait(72 * 3600 - 1);
    assert_eq!(
        enrol(&harness, third["code"].as_str().unwrap(), None)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_and_typing_errors_do_not_hold_up_good_codes() {
    let harness = Harness::at(MORNING).await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let code = invite(&harness, &officer, &head).await["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(enrol(&harness, "1234 5678 9012", None).await);
    }
    assert_eq!(answers[0].problem(), "401/enrolment-refused");
    let last = answers.last().unwrap();
    assert_eq!(last.problem(), "429/too-many-requests");
    assert!(last.headers.contains_key("retry-after"));
    assert_eq!(enrol(&harness, &code, None).await.status, 200);
    // Well-formed guesses: 000000000000 has the right check digit.
    let mut guesses = Vec::new();
    for _ in 0..8 {
        guesses.push(enrol(&harness, "000000000000", None).await.problem());
    }
    assert_eq!(guesses[0], "401/enrolment-refused");
    assert_eq!(guesses[7], "429/too-many-requests");
}

#[tokio::test]
async fn a_lost_phone_is_out_at_once_although_its_access_token_is_young() {
    let harness = Harness::start().await;
    let officer = harness.sign_in(Role::CommuneOfficer, Some(COMMUNE)).await;
    let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
    let code = invite(&harness, &officer, &head).await["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let phone = enrol(&harness, &code, Some(Uuid::new_v4())).await;
    let token = phone.text("access_token");
    assert_eq!(me(&harness, &token).await, "in");
    let shown = harness
        .get(&format!("/api/v1/users/{}", head.id), &officer)
        .await
        .expect(200);
    let devices = shown["devices"].as_array().unwrap();
    let lost = devices.iter().find(|device| device["kind"] == "phone").unwrap();
    let path = format!(
        "/api/v1/users/{}/devices/{}",
        head.id,
        lost["id"].as_str().unwrap()
    );
    harness.delete(&path, &officer).await.expect(204);
    assert_eq!(me(&harness, &token).await, "401/token-invalid");
    assert_eq!(
        refresh(&harness, &phone.text("refresh_token"), None)
            .await
            .problem(),
        "401/token-invalid"
    );
    // The answer may have been lost; and the browser of the same person goes on.
    harness.delete(&path, &officer).await.expect(204);
    assert_eq!(me(&harness, &head.token).await, "in");
    let elsewhere = path.replace(&head.id.to_string(), &Uuid::new_v4().to_string());
    assert_eq!(
        harness.delete(&elsewhere, &officer).await.problem(),
        "404/not-found"
    );
}

#[tokio::test]
async fn accounts_that_need_a_second_factor_do_not_join_by_code() {
    let harness = Harness::start().await;
    let admin = harness.person(Role::Admin, None).await;
    let path = format!("/api/v1/users/{}/enrolment", admin.id);
    assert_eq!(
        harness.post(&path, &admin.token, json!({})).await.problem(),
        "409/illegal-step"
    );
}

//! What the office console needs of the server: claims, contact sheets with their random sample, one due day for a
//! whole cell, the trail of a submission.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::StreamExt;
use minhchung::domain::Role;
use serde_json::{Value, json};

use crate::field::{Field, new_id};
use crate::support::{COMMUNE, OTHER_COMMUNE, Person};

const SHEET: &str = "/api/v1/contact-sheets/02647/banner.2";

/// A campaign whose thresholds the tests' small pictures pass, so that what was sent is clean once it has been checked.
async fn lenient() -> (tempfile::TempDir, Field) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("lenient.toml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("campaigns/lao-cai-2026.toml");
    let lines = std::fs::read_to_string(shipped).unwrap();
    let lines = lines.lines().map(|line| match line.split(' ').next() {
        Some("similar_min_percent") => "similar_min_percent = 100",
        Some("sharpness_min") => "sharpness_min = 0",
        Some("brightness_min") => "brightness_min = 0",
        Some("brightness_max") => "brightness_max = 255",
        Some("resolution_min_edge") => "resolution_min_edge = 0",
        _ => line,
    });
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let field = Field::with(|settings| settings.campaign = Some(path)).await;
    (home, field)
}

/// Sends `count` submissions and has them checked.
async fn checked(field: &Field, count: usize) -> Vec<String> {
    let sent = waiting(field, count).await;
    field.harness.check_all().await;
    sent
}

async fn waiting(field: &Field, count: usize) -> Vec<String> {
    let mut sent = Vec::new();
    for _ in 0..count {
        let assignment = field.assignment(COMMUNE, &field.head).await;
        sent.push(field.submission(&field.head, &assignment).await.0);
    }
    sent
}

async fn review(field: &Field, person: &Person, id: &str, body: Value) -> String {
    let path = format!("/api/v1/submissions/{id}/reviews");
    field.harness.post(&path, &person.token, body).await.problem()
}

async fn state(field: &Field, id: &str) -> String {
    let path = format!("/api/v1/submissions/{id}");
    field.harness.get(&path, &field.admin.token).await.text("state")
}

fn sampled(sheet: &Value) -> Vec<String> {
    let sample = sheet["sample"].as_array().unwrap();
    sample
        .iter()
        .map(|one| one["submission_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn two_verifiers_are_told_of_each_other_and_a_claim_ends_by_itself() {
    let field = Field::start().await;
    let (one, other) = (
        field.harness.person(Role::Verifier, None).await,
        field.harness.person(Role::Verifier, None).await,
    );
    let id = waiting(&field, 1).await.remove(0);
    let path = format!("/api/v1/submissions/{id}/claim");
    let events = field
        .harness
        .request(reqwest::Method::GET, "/api/v1/events", &other.token);
    let mut events = events.send().await.unwrap().bytes_stream();
    assert!(events.next().await.unwrap().unwrap().starts_with(b"retry"));

    let claim = field
        .harness
        .send(reqwest::Method::PUT, &path, &one.token, None)
        .await
        .expect(200);
    assert_eq!(claim["own"], true);
    let told = String::from_utf8(events.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(told.contains("event: claim") && told.contains(&id), "{told}");
    let seen = field
        .harness
        .get("/api/v1/claims", &other.token)
        .await
        .expect(200);
    assert_eq!(seen["items"][0]["submission_id"], id.as_str());
    assert_eq!(seen["items"][0]["own"], false);
    let refused = field
        .harness
        .send(reqwest::Method::PUT, &path, &other.token, None)
        .await;
    assert_eq!(refused.problem(), "409/claimed");
    // It is no lock: the version decides between two decisions.
    let verdict = json!({ "decision": "verify", "version": 2 });
    assert_eq!(review(&field, &other, &id, verdict).await, "200/");

    field.harness.wait(91);
    let claim = field
        .harness
        .send(reqwest::Method::PUT, &path, &other.token, None)
        .await;
    assert_eq!(claim.expect(200)["own"], true);
    assert_eq!(field.harness.delete(&path, &one.token).await.status, 204);
    let seen = field.harness.get("/api/v1/claims", &one.token).await.expect(200);
    assert_eq!(
        seen["items"].as_array().unwrap().len(),
        1,
        "somebody else's claim stays"
    );
    assert_eq!(field.harness.delete(&path, &other.token).await.status, 204);
    let seen = field.harness.get("/api/v1/claims", &one.token).await.expect(200);
    assert_eq!(seen["items"], json!([]));
}

#[tokio::test]
async fn a_sheet_is_verified_only_after_every_sampled_one_was_reviewed_by_itself() {
    let (_campaign, field) = lenient().await;
    let verifier = field.harness.person(Role::Verifier, None).await;
    // What has not been checked is not clean, and so on no sheet.
    let unchecked = waiting(&field, 3).await;
    let empty = field
        .harness
        .send(reqwest::Method::PUT, SHEET, &verifier.token, None)
        .await
        .expect(200);
    assert_eq!(empty["members"], json!([]));
    let sent: BTreeSet<String> = checked(&field, 9).await.into_iter().chain(unchecked).collect();
    let put = || {
        field
            .harness
            .send(reqwest::Method::PUT, SHEET, &verifier.token, None)
    };
    let sheet = put().await.expect(200);
    let sample = sampled(&sheet);
    assert_eq!(
        (sheet["members"].as_array().unwrap().len(), sample.len()),
        (12, 3)
    );
    assert_eq!(
        put().await.expect(200),
        sheet,
        "nobody draws until the sample is easy"
    );
    // What arrives now belongs to the next sheet.
    let late = waiting(&field, 1).await.remove(0);

    let path = format!("{SHEET}/verify");
    let verify = |body: Value| field.harness.post(&path, &verifier.token, body);
    let all = json!({ "sheet": sheet["id"] });
    let refused = verify(all.clone()).await;
    assert_eq!(refused.problem(), "409/sample-unseen");
    assert_eq!(refused.body["fields"].as_array().unwrap().len(), 3);
    for id in &sample {
        assert_eq!(verify(all.clone()).await.problem(), "409/sample-unseen");
        let verdict = json!({ "decision": "verify", "version": 2 });
        assert_eq!(review(&field, &verifier, id, verdict).await, "200/");
    }
    assert_eq!(
        verify(json!({ "sheet": sheet["id"], "submissions": [late] }))
            .await
            .problem(),
        "422/validation-failed"
    );
    // One of them was sent back by a colleague meanwhile.
    let other = sent.iter().find(|id| !sample.contains(id)).unwrap();
    let verdict = json!({ "decision": "reject", "reason": "unreadable", "version": 2 });
    assert_eq!(review(&field, &field.admin, other, verdict).await, "200/");
    let done = verify(all.clone()).await.expect(200);
    assert_eq!(done["verified"].as_array().unwrap().len(), 8);
    assert_eq!(done["left"][0]["submission_id"], other.as_str());
    assert_eq!(done["left"][0]["problem"]["code"], "version-conflict");
    for id in &sent {
        let expected = if id == other { "rejected" } else { "verified" };
        assert_eq!(state(&field, id).await, expected);
    }
    assert_eq!(state(&field, &late).await, "pending");
    assert_eq!(
        verify(all).await.expect(200)["verified"],
        done["verified"],
        "the same answer again"
    );
    field.assert_clean().await;
}

#[tokio::test]
async fn a_sample_with_a_rejection_stops_the_sheet_and_another_verifiers_sheet_is_not_theirs() {
    let (_campaign, field) = lenient().await;
    let verifier = field.harness.person(Role::Verifier, None).await;
    let sent = checked(&field, 5).await;
    let sheet = field
        .harness
        .send(reqwest::Method::PUT, SHEET, &verifier.token, None)
        .await
        .expect(200);
    let path = format!("{SHEET}/verify");
    let body = json!({ "sheet": sheet["id"] });
    let theirs = field.harness.post(&path, &field.admin.token, body.clone()).await;
    assert_eq!(theirs.problem(), "404/not-found");
    for (number, id) in sampled(&sheet).iter().enumerate() {
        let verdict = match number {
            0 => json!({ "decision": "reject", "reason": "wrong_text", "version": 2 }),
            _ => json!({ "decision": "verify", "version": 2 }),
        };
        assert_eq!(review(&field, &verifier, id, verdict).await, "200/");
    }
    let refused = field.harness.post(&path, &verifier.token, body.clone()).await;
    assert_eq!(refused.problem(), "409/sample-failed");
    let left = sent.iter().find(|id| !sampled(&sheet).contains(id)).unwrap();
    assert_eq!(state(&field, left).await, "pending");
    field.harness.wait(12 * 3600);
    let verifier = field.harness.person(Role::Verifier, None).await;
    assert_eq!(
        field.harness.post(&path, &verifier.token, body).await.problem(),
        "404/not-found"
    );
}

#[tokio::test]
async fn what_was_done_to_a_submission_is_found_in_the_audit_log_and_what_was_sent_for_a_place_too() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let (id, _) = field.submission(&field.head, &assignment).await;
    let verdict = json!({ "decision": "verify", "version": 2 });
    assert_eq!(review(&field, &field.admin, &id, verdict).await, "200/");
    let trail = format!("/api/v1/submissions/{id}/audit");
    let entries = field.harness.get(&trail, &field.officer.token).await.expect(200);
    let actions: Vec<&str> = entries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["action"].as_str().unwrap())
        .collect();
    assert_eq!(actions.last(), Some(&"submission.verified"), "{entries:#}");
    assert!(
        entries["items"][0]["by"]["name"]
            .as_str()
            .is_some_and(|name| !name.is_empty())
    );
    let stranger = field
        .harness
        .person(Role::CommuneOfficer, Some(OTHER_COMMUNE))
        .await;
    assert_eq!(
        field.harness.get(&trail, &stranger.token).await.problem(),
        "404/not-found"
    );
    let sent = format!("/api/v1/assignments/{assignment}/submissions");
    let items = field.harness.get(&sent, &field.officer.token).await.expect(200);
    assert_eq!(items["items"][0]["id"], id.as_str());
    assert_eq!(
        field.harness.get(&sent, &stranger.token).await.problem(),
        "404/not-found"
    );
}

#[tokio::test]
async fn a_groups_day_is_copied_to_all_its_places_within_ones_scope_or_to_none() {
    let field = Field::start().await;
    let own = field.assignment(COMMUNE, &field.head).await;
    let foreign = field.assignment(OTHER_COMMUNE, &field.stranger).await;
    let set =
        async |token: &str, body: Value| field.harness.post("/api/v1/assignments/due", token, body).await;
    let day = json!({ "cell": "banner.2", "due": "2026-09-30" });
    assert_eq!(
        set(&field.officer.token, day.clone()).await.expect(200),
        json!({ "changed": 1, "unchanged": 0 })
    );
    let due = async |id: &str| {
        let path = format!("/api/v1/assignments/{id}");
        field.harness.get(&path, &field.admin.token).await.text("due")
    };
    assert_eq!(
        (due(&own).await, due(&foreign).await),
        ("2026-09-30".into(), "2026-06-30".into())
    );
    let elsewhere = json!({ "cell": "banner.2", "due": "2026-10-01", "commune": OTHER_COMMUNE });
    assert_eq!(
        set(&field.officer.token, elsewhere).await.problem(),
        "404/not-found"
    );
    let no_day = json!({ "cell": "banner.2", "due": "30/9" });
    assert_eq!(
        set(&field.admin.token, no_day).await.problem(),
        "422/validation-failed"
    );
    assert_eq!(
        set(&field.admin.token, day.clone()).await.expect(200),
        json!({ "changed": 1, "unchanged": 1 })
    );
    assert_eq!(
        set(&field.admin.token, day).await.expect(200),
        json!({ "changed": 0, "unchanged": 2 })
    );
    let path = format!("/api/v1/assignments/{}", new_id());
    assert_eq!(
        field.harness.get(&path, &field.admin.token).await.problem(),
        "404/not-found"
    );
    field.assert_clean().await;
}

#[tokio::test]
async fn the_boundary_layer_is_drawn_clockwise_with_lines_that_neighbours_share_and_is_empty_without_one() {
    let field = Field::start().await;
    let none = field
        .harness
        .get("/api/v1/boundaries", &field.officer.token)
        .await
        .expect(200);
    assert_eq!(none["features"], json!([]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layer.geojson");
    // Two squares side by side, the first anticlockwise, with corners off the grid.
    let square = |code: &str, west: f64, east: f64| {
        let ring = [
            [west, 22.00004],
            [east, 22.00004],
            [east, 22.2],
            [west, 22.2],
            [west, 22.00004],
        ];
        json!({ "type": "Feature", "properties": { "code": code },
            "geometry": { "type": "Polygon", "coordinates": [ring] } })
    };
    let features = [
        square(COMMUNE, 104.0, 104.100_049),
        square(OTHER_COMMUNE, 104.100_049, 104.2),
    ];
    std::fs::write(
        &path,
        json!({ "type": "FeatureCollection", "features": features }).to_string(),
    )
    .unwrap();
    let field = Field::with(|settings| settings.boundaries = Some(path)).await;
    let layer = field
        .harness
        .get("/api/v1/boundaries", &field.officer.token)
        .await
        .expect(200);
    let ring = |at: usize| {
        layer["features"][at]["geometry"]["coordinates"][0][0]
            .as_array()
            .unwrap()
            .clone()
    };
    for corners in [ring(0), ring(1)] {
        let lon_lat = |at: usize| (corners[at][0].as_f64().unwrap(), corners[at][1].as_f64().unwrap());
        let turns: f64 = (0..corners.len() - 1)
            .map(|at| (lon_lat(at + 1).0 - lon_lat(at).0) * (lon_lat(at + 1).1 + lon_lat(at).1))
            .sum();
        assert!(turns > 0.0, "clockwise: {corners:?}");
        assert!(
            corners.contains(&json!([104.1, 22.0])),
            "the shared corner: {corners:?}"
        );
    }
}

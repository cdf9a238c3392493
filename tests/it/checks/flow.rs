//! From the receipt to the findings: who waits for whom, and what happens when something comes in between.

use std::time::{Duration, Instant};

use minhchung::domain::Change;
use minhchung::services::checking::{Checked, Renewal};
use minhchung::services::completion::recount::recount;
use minhchung::store::StoreError;
use serde_json::{Value, json};

use super::Stage;
use super::scene::{Shot, banner, check, honest, layer, unreadable, warned};
use crate::field::Field;
use crate::support::{COMMUNE, Harness, PATIENCE};

async fn review(harness: &Harness, token: &str, id: &str, decision: &str, version: &Value) -> u16 {
    let path = format!("/api/v1/submissions/{id}/reviews");
    let body = json!({ "decision": decision, "version": version });
    harness.post(&path, token, body).await.status.as_u16()
}

#[tokio::test]
async fn workers_check_what_arrives_and_open_pages_hear_of_it() {
    let field = Field::with(|settings| settings.limits.check_workers = 1).await;
    let mut changes = field.harness.app.store.changes();
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let (id, picture) = field.submission(&field.head, &assignment).await;
    let path = format!("/api/v1/submissions/{id}");
    let deadline = Instant::now() + PATIENCE;
    let checked = loop {
        let seen = field.harness.get(&path, &field.admin.token).await.expect(200);
        if !seen["risk"].is_null() {
            break seen;
        }
        assert!(Instant::now() < deadline, "nobody checks: {seen:#}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(checked["version"], 2, "a check is no change of the record");
    let parts = checked["risk"]["parts"].as_array().unwrap();
    let sum: u64 = parts.iter().map(|part| part["weight"].as_u64().unwrap()).sum();
    assert_eq!(checked["risk"]["score"].as_u64().unwrap(), sum.min(100));
    assert_eq!(warned(&checked).len(), parts.len());
    // Announced, whole, checked. Pages hear of a change right after its answers, so the last may still be on its way.
    let hears = async {
        let mut told = 0;
        while told < 3 {
            let change = changes.recv().await.unwrap();
            if matches!(change, Change::Queue { submission, .. } if submission.to_string() == id) {
                told += 1;
            }
        }
    };
    tokio::time::timeout(PATIENCE, hears)
        .await
        .expect("open pages did not hear of the checks");
    for folder in ["320", "1600"] {
        let copy = field
            .harness
            .data_dir()
            .join("renditions")
            .join(folder)
            .join(&picture.sha256);
        assert!(copy.is_file(), "{} was not made", copy.display());
    }
    field.assert_clean().await;
}

#[tokio::test]
async fn sentences_come_in_the_readers_language_and_figures_in_none() {
    let stage = Stage::set().await;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let picture = honest(&banner(1));
    let id = stage
        .send(&stage.field.head, &place, &picture, &Shot::default())
        .await;
    let english = stage.checked(&id).await;
    let request = stage.field.harness.request(
        reqwest::Method::GET,
        &format!("/api/v1/submissions/{id}"),
        &stage.field.admin.token,
    );
    let mut vietnamese = request.build().unwrap();
    vietnamese
        .headers_mut()
        .insert("accept-language", "vi".parse().unwrap());
    let answer = stage.field.harness.client.execute(vietnamese).await.unwrap();
    let vietnamese: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    for (one, other) in english["checks"]
        .as_array()
        .unwrap()
        .iter()
        .zip(vietnamese["checks"].as_array().unwrap())
    {
        assert_eq!((&one["code"], &one["data"]), (&other["code"], &other["data"]));
        assert_ne!(one["detail"], other["detail"], "{one:#}");
        let letters = |text: &Value| {
            text.as_str()
                .unwrap()
                .chars()
                .any(|letter| "ảáạăâđêôơưịộố".contains(letter))
        };
        assert!(
            letters(&other["detail"]) && !one["detail"].as_str().unwrap().is_empty(),
            "{other:#}"
        );
    }
}

#[tokio::test]
async fn a_check_made_twice_or_at_once_leaves_what_it_left_once() {
    let stage = Stage::set().await;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let id = stage
        .send(&stage.field.head, &place, &honest(&banner(2)), &Shot::default())
        .await;
    let checking = &stage.field.harness.app.checking;
    let waiting = checking.waiting(10).await.unwrap()[0];
    let both: Vec<_> = (0..2)
        .map(|_| {
            let checking = checking.clone();
            tokio::task::spawn_blocking(move || checking.check(waiting).unwrap())
        })
        .collect();
    for each in both {
        assert_eq!(each.await.unwrap(), Checked::Judged);
    }
    let first = stage.show(&id).await;
    let again = checking.clone();
    tokio::task::spawn_blocking(move || again.check(waiting).unwrap())
        .await
        .unwrap();
    assert_eq!(stage.show(&id).await, first);
    assert!(checking.waiting(10).await.unwrap().is_empty());
    stage.field.assert_clean().await;
}

#[tokio::test]
async fn what_was_withdrawn_meanwhile_is_passed_over() {
    let stage = Stage::set().await;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let id = stage
        .send(
            &stage.field.head,
            &place,
            &stage.field.picture(),
            &Shot::default(),
        )
        .await;
    let path = format!("/api/v1/submissions/{id}");
    stage
        .field
        .harness
        .delete(&path, &stage.field.head.token)
        .await
        .expect(200);
    assert_eq!(stage.field.harness.check_all().await, 1);
    let seen = stage.show(&id).await;
    assert_eq!(
        (&seen["state"], &seen["risk"]),
        (&json!("withdrawn"), &Value::Null)
    );
    stage.field.assert_clean().await;
}

#[tokio::test]
async fn a_reviewer_and_the_checks_never_get_into_each_others_way() {
    let stage = Stage::set().await;
    let (harness, admin) = (&stage.field.harness, &stage.field.admin.token);
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    // Looked at before the checks, decided after them.
    let first = stage
        .send(
            &stage.field.head,
            &place,
            &stage.field.picture(),
            &Shot::default(),
        )
        .await;
    let version = stage.show(&first).await["version"].clone();
    harness.check_all().await;
    assert_eq!(review(harness, admin, &first, "verify", &version).await, 200);
    // Decided before the checks.
    let second = stage
        .send(
            &stage.field.head,
            &place,
            &stage.field.picture(),
            &Shot::default(),
        )
        .await;
    let version = stage.show(&second).await["version"].clone();
    assert_eq!(review(harness, admin, &second, "verify", &version).await, 200);
    let before = stage.show(&second).await;
    let after = stage.checked(&second).await;
    assert_eq!(
        (&after["state"], &after["version"]),
        (&before["state"], &before["version"])
    );
    assert!(!after["risk"].is_null());
    stage.field.assert_clean().await;
}

#[tokio::test]
async fn what_waits_is_checked_after_a_restart() {
    let field = Field::with(|settings| settings.limits.check_workers = 0).await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let (id, _) = field.submission(&field.head, &assignment).await;
    let (token, path) = (field.admin.token.clone(), format!("/api/v1/submissions/{id}"));
    let harness = field.harness.restarted().await;
    assert!(harness.get(&path, &token).await.expect(200)["risk"].is_null());
    assert_eq!(harness.check_all().await, 1);
    assert!(!harness.get(&path, &token).await.expect(200)["risk"].is_null());
}

#[tokio::test]
async fn a_place_that_moves_in_the_plan_is_checked_again() {
    let stage = Stage::set().await;
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let id = stage
        .send(&stage.field.head, &place, &honest(&banner(3)), &Shot::default())
        .await;
    let seen = stage.checked(&id).await;
    assert!(!warned(&seen).contains(&"near_place".to_owned()));
    let assignment = stage
        .field
        .harness
        .get(&format!("/api/v1/assignments/{place}"), &stage.field.admin.token)
        .await
        .expect(200);
    let request = stage.field.harness.request(
        reqwest::Method::PATCH,
        &format!("/api/v1/assignments/{place}"),
        &stage.field.admin.token,
    );
    let moved = json!({ "location": { "lat": 22.46, "lon": 103.95 } });
    crate::support::answer(
        request
            .header("if-match", assignment["version"].to_string())
            .json(&moved),
    )
    .await
    .expect(200);
    let seen = stage.checked(&id).await;
    assert!(warned(&seen).contains(&"near_place".to_owned()), "{seen:#}");
    let recounted = stage
        .field
        .harness
        .app
        .store
        .read(|view| Ok::<_, StoreError>(recount(view)))
        .await;
    assert_eq!(recounted.unwrap().unwrap().waiting, 0);
}

#[tokio::test]
async fn one_place_that_the_phone_did_not_know_leaves_its_later_ones_alone() {
    let stage = Stage::set().await;
    for (at, accuracy_m) in [(Some((0.0, 0.0)), 12.0), (Some((21.0, 105.8)), 0.0)] {
        let shot = Shot {
            at,
            accuracy_m,
            captured_at: "2026-06-15T11:50:00+07:00".into(),
            ..Shot::default()
        };
        let place = stage.place(COMMUNE, &stage.field.head, None).await;
        let picture = stage.field.picture();
        stage.send(&stage.field.head, &place, &picture, &shot).await;
    }
    let place = stage.place(COMMUNE, &stage.field.head, None).await;
    let id = stage
        .send(&stage.field.head, &place, &honest(&banner(4)), &Shot::default())
        .await;
    let seen = stage.checked(&id).await;
    assert_eq!(
        check(&seen, "travel")["data"]["reason"],
        "nothing_to_compare",
        "{seen:#}"
    );
}

#[tokio::test]
async fn a_layer_that_is_installed_later_reaches_what_waits_for_a_person_and_nothing_that_was_decided() {
    let field = Field::with(|settings| settings.limits.check_workers = 0).await;
    let mut ids = Vec::new();
    // More than are put back at once.
    let assignment = field.assignment(COMMUNE, &field.head).await;
    for number in 0..70 {
        // Without pixels that anybody could read, so that a check takes no time.
        let picture = crate::field::Picture::of(unreadable(number));
        let id = field.announce(&field.head, &assignment, &[&picture]).await;
        let sent = field.send(&field.head, &id, &picture).await;
        assert_eq!(sent.status.as_u16(), 201, "{:#}", sent.body);
        ids.push(id);
    }
    field.harness.check_all().await;
    let token = field.admin.token.clone();
    let path = format!("/api/v1/submissions/{}", ids[0]);
    let version = field.harness.get(&path, &token).await.expect(200)["version"].clone();
    assert_eq!(
        review(&field.harness, &token, &ids[0], "verify", &version).await,
        200
    );
    let outcome = async |harness: &Harness, id: &str| {
        let path = format!("/api/v1/submissions/{id}");
        let seen = harness.get(&path, &token).await.expect(200);
        check(&seen, "inside_commune")["data"]["reason"].clone()
    };
    assert_eq!(outcome(&field.harness, &ids[1]).await, "no_boundaries");
    let layer = layer();
    let with_layer = layer.path().to_owned();
    let harness = field
        .harness
        .restarted_with(|settings| {
            settings.boundaries = Some(with_layer);
            settings.limits.check_workers = 1;
        })
        .await;
    let deadline = Instant::now() + PATIENCE;
    for id in &ids[1..] {
        while outcome(&harness, id).await == "no_boundaries" {
            assert!(Instant::now() < deadline, "{id} was not checked anew");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    assert_eq!(
        outcome(&harness, &ids[0]).await,
        "no_boundaries",
        "a person decided on this"
    );
    // The next start with the same rules has nothing to do.
    let harness = harness
        .restarted_with(|settings| settings.limits.check_workers = 0)
        .await;
    let checking = harness.app.checking.clone();
    let renewal = tokio::task::spawn_blocking(move || checking.renew_some().unwrap());
    assert_eq!(renewal.await.unwrap(), Renewal::Done);
    assert!(harness.app.checking.waiting(10).await.unwrap().is_empty());
}

//! Reports with values no one should send, and with values that phones do send and that must be taken.

use reqwest::Method;
use serde_json::{Value, json};

use crate::field::{Field, new_id};
use crate::support::{COMMUNE, answer};

async fn put(field: &Field, report: &Value) -> crate::support::Answer {
    let path = format!("/api/v1/submissions/{}", new_id());
    answer(
        field
            .harness
            .request(Method::PUT, &path, &field.head.token)
            .json(report),
    )
    .await
}

#[tokio::test]
async fn what_a_phone_cannot_help_is_taken_as_it_came() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    for (member, value) in [
        ("location", json!({ "lat": 22.4, "lon": 103.9, "accuracy_m": 0 })),
        ("location", json!({ "lat": 0, "lon": 0, "accuracy_m": 5 })),
        (
            "location",
            json!({ "lat": 22.4, "lon": 103.9, "accuracy_m": 0.001, "captured_at": "1970-01-01T00:00:00Z" }),
        ),
        ("location", Value::Null),
        ("captured_at", json!("1970-01-01T00:00:03Z")),
        ("captured_at", json!("9999-12-30T23:59:59+07:00")),
        ("captured_at", json!("2026-06-15t04:58:00.123456789z")),
        ("note", json!("chữ có \u{0000} ở giữa, và 🇻🇳")),
        ("note", json!("Hoà – Hòa – \u{0301}e\u{0302}")),
        ("a member of next year", json!({ "x": [1, 2] })),
    ] {
        let picture = field.picture();
        let mut report = Field::report(&assignment, &[&picture]);
        report[member] = value.clone();
        let made = put(&field, &report).await.expect(201);
        if member == "note" {
            assert_eq!(made["note"], value);
        }
        if member == "location" && !value.is_null() {
            assert_eq!(
                made["location"]["accuracy_m"].as_f64(),
                value["accuracy_m"].as_f64()
            );
        }
        field
            .send(&field.head, made["id"].as_str().unwrap(), &picture)
            .await
            .expect(201);
    }
    field.assert_clean().await;
}

#[tokio::test]
async fn a_wrong_value_is_named_with_its_place_and_nothing_is_kept() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let six: Vec<Value> = (0..6).map(|_| field.picture().announced()).collect();
    let (one, twice) = (field.picture().announced(), field.picture().announced());
    for (member, value, pointer) in [
        (
            "location",
            json!({ "lat": "22,4856", "lon": "103,97", "accuracy_m": 5 }),
            "/location/lat",
        ),
        (
            "location",
            json!({ "lat": 91, "lon": 103.9, "accuracy_m": 5 }),
            "/location",
        ),
        (
            "location",
            json!({ "lat": 22.4, "lon": -180.5, "accuracy_m": 5 }),
            "/location",
        ),
        (
            "location",
            json!({ "lat": 22.4, "lon": 103.9, "accuracy_m": -1 }),
            "/location/accuracy_m",
        ),
        (
            "location",
            json!({ "lat": 22.4, "lon": 103.9, "accuracy_m": 1e300 }),
            "/location/accuracy_m",
        ),
        (
            "location",
            json!({ "lat": 22.4, "lon": 103.9 }),
            "/location/accuracy_m",
        ),
        ("captured_at", json!("2026-06-15"), "/captured_at"),
        ("captured_at", json!("2026-06-15T10:00:00"), "/captured_at"),
        ("captured_at", json!("+10000-01-01T00:00:00Z"), "/captured_at"),
        ("captured_at", json!(1_750_000_000), "/captured_at"),
        ("note", json!("x".repeat(10_001)), "/note"),
        ("signed_count", json!(-1), "/signed_count"),
        ("signed_count", json!(1_000_001), "/signed_count"),
        ("signed_count", json!(2.5), "/signed_count"),
        ("photos", json!([]), "/photos"),
        ("photos", json!(six), "/photos"),
        ("photos", json!([twice.clone(), one, twice]), "/photos/2/sha256"),
        (
            "photos",
            json!([{ "sha256": "xyz", "bytes": 10 }]),
            "/photos/0/sha256",
        ),
        (
            "photos",
            json!([{ "sha256": "0".repeat(64), "bytes": 0 }]),
            "/photos/0/bytes",
        ),
        (
            "photos",
            json!([{ "sha256": "0".repeat(64), "bytes": 16_000_000 }]),
            "/photos/0/bytes",
        ),
        ("assignment_id", json!("none"), "/assignment_id"),
    ] {
        let mut report = Field::report(&assignment, &[&field.picture()]);
        report[member] = value.clone();
        let refused = put(&field, &report).await;
        assert_eq!(refused.problem(), "422/validation-failed", "{member}: {value}");
        assert_eq!(
            refused.body["fields"][0]["pointer"], pointer,
            "{value}: {:#}",
            refused.body
        );
    }
    let list = field
        .harness
        .get("/api/v1/submissions", &field.head.token)
        .await
        .expect(200);
    assert_eq!(list["items"], json!([]));
    field.assert_clean().await;
}

#[tokio::test]
async fn a_report_for_an_unknown_place_or_under_no_id_is_not_found() {
    let field = Field::start().await;
    let unknown = Field::report(&new_id().to_string(), &[&field.picture()]);
    assert_eq!(put(&field, &unknown).await.problem(), "404/not-found");
    for id in [
        "1",
        "not-an-id",
        "%00",
        "..%2f..%2fetc",
        "018f0000-0000-7000-8000-00000000000g",
    ] {
        let path = format!("/api/v1/submissions/{id}");
        let request = field
            .harness
            .request(Method::PUT, &path, &field.head.token)
            .json(&unknown);
        assert_eq!(answer(request).await.problem(), "404/not-found", "{id}");
    }
    field.assert_clean().await;
}

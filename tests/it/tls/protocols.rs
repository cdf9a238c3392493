//! What is spoken over TLS, and how much of it at once.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use reqwest::{Method, Version};
use serde_json::json;

use super::{Authority, PATIENCE, secure_field};
use crate::field::Field;
use crate::support::{COMMUNE, answer};

/// Sends a picture in two pieces, as phones do.
async fn send_in_pieces(field: &Field, submission: &str, picture: &crate::field::Picture) {
    let text = |value: &str| STANDARD.encode(value);
    let metadata = format!(
        "submission {},sha256 {},filetype {}",
        text(submission),
        text(&picture.sha256),
        text("image/jpeg")
    );
    let begun = field
        .harness
        .request(Method::POST, "/api/v1/uploads", &field.head.token)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", picture.bytes.len())
        .header("upload-metadata", metadata);
    let begun = begun.send().await.unwrap();
    assert_eq!((begun.status().as_u16(), begun.version()), (201, Version::HTTP_2));
    let place = begun.headers()["location"].to_str().unwrap().to_owned();
    let place = place
        .split_once("/api/")
        .map(|(_, rest)| format!("/api/{rest}"))
        .unwrap();
    let half = picture.bytes.len() / 2;
    for (offset, piece) in [(0, &picture.bytes[..half]), (half, &picture.bytes[half..])] {
        let sent = field
            .harness
            .request(Method::PATCH, &place, &field.head.token)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(piece.to_vec());
        assert_eq!(sent.send().await.unwrap().status(), 204);
    }
}

#[tokio::test]
async fn reports_pictures_pieces_and_events_go_over_http_2() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    let mut line = field
        .harness
        .request(Method::GET, "/api/v1/events", &field.admin.token)
        .send()
        .await
        .unwrap();
    assert_eq!(line.version(), Version::HTTP_2);
    let place = field.assignment(COMMUNE, &field.head).await;
    let (whole, in_pieces) = (field.picture(), field.picture());
    let id = field.announce(&field.head, &place, &[&whole, &in_pieces]).await;
    field.send(&field.head, &id, &whole).await.expect(201);
    send_in_pieces(&field, &id, &in_pieces).await;
    let kept = field
        .harness
        .get(&format!("/api/v1/submissions/{id}"), &field.head.token)
        .await
        .expect(200);
    assert_eq!(kept["state"], "pending");
    let path = format!("/api/v1/photos/{}?size=original", in_pieces.sha256);
    let fetched = field
        .harness
        .request(Method::GET, &path, &field.head.token)
        .send();
    let fetched = fetched.await.unwrap();
    assert_eq!(fetched.version(), Version::HTTP_2);
    assert_eq!(fetched.bytes().await.unwrap(), in_pieces.bytes);
    let hearing = async {
        let mut heard = String::new();
        while !heard.contains("event: queue") {
            heard += std::str::from_utf8(&line.chunk().await.unwrap().unwrap()).unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, hearing).await.unwrap();
    field.assert_clean().await;
}

#[tokio::test]
async fn a_refusal_that_comes_before_the_body_was_sent_is_heard_over_http_2() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    let path = format!(
        "/api/v1/submissions/{}/photos/{}",
        uuid::Uuid::new_v4(),
        "0".repeat(64)
    );
    for _ in 0..10 {
        let sent = field
            .harness
            .request(Method::PUT, &path, "nobody’s")
            .header("content-type", "image/jpeg")
            .body(vec![7; 300_000]);
        let refusal = sent.send().await.unwrap();
        assert_eq!(
            (refusal.status().as_u16(), refusal.version()),
            (401, Version::HTTP_2)
        );
        let problem: serde_json::Value = refusal.json().await.unwrap();
        assert_eq!(problem["status"], 401);
    }
}

#[tokio::test]
async fn older_clients_speak_http_1_and_tls_1_2() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    for (client, version) in [
        (authority.trusting().http1_only(), Version::HTTP_11),
        (
            authority
                .trusting()
                .tls_version_max(reqwest::tls::Version::TLS_1_2),
            Version::HTTP_2,
        ),
    ] {
        let client = client.build().unwrap();
        let answered = client
            .get(field.harness.url("/health/live"))
            .send()
            .await
            .unwrap();
        assert_eq!((answered.status().as_u16(), answered.version()), (200, version));
    }
}

#[tokio::test]
async fn links_for_phones_are_https() {
    let authority = Authority::new();
    let field = secure_field(&authority, |settings| settings.public_url = None).await;
    let path = format!("/api/v1/users/{}/enrolment", field.head.id);
    let invited = field.harness.post(&path, &field.officer.token, json!({})).await;
    let url = invited.text("url");
    assert!(
        url.starts_with(&format!("{}/#enrol=", field.harness.url(""))),
        "{url}"
    );
    assert!(url.starts_with("https://"), "{url}");
}

#[tokio::test]
async fn one_connection_has_so_many_requests_at_once_and_the_next_is_told_to_come_back() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    // One connection: the client puts everything on the first.
    field.harness.get("/health/live", "").await.expect(200);
    let open = |_| {
        field
            .harness
            .request(Method::GET, "/api/v1/events", &field.admin.token)
            .send()
    };
    let lines = join_all((0..140).map(open)).await;
    let lines: Vec<_> = lines.into_iter().map(Result::unwrap).collect();
    let taken = lines.iter().filter(|line| line.status() == 200).count();
    assert_eq!(taken, 128, "running at once");
    let refused = lines.iter().find(|line| line.status() != 200).unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    drop(lines);
    // What is over makes room.
    super::until("room", || async {
        answer(field.harness.request(Method::GET, "/health/live", ""))
            .await
            .status
            == 200
    })
    .await;
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused_over_http_2_as_over_http_1() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    // Over HTTP/1.1 the connection ends with such a head, and may do so while it is still being sent; whoever asks next
    // comes over another one.
    let alone = authority.trusting().http1_only().pool_max_idle_per_host(0);
    let clients = [authority.client(), alone.build().unwrap()];
    for client in clients {
        for path in ["/health/live", "/api/v1/tips/desk"] {
            let mut asked = client.get(field.harness.url(path));
            for number in 0..90 {
                asked = asked.header(format!("x-long-{number}"), "x".repeat(2000));
            }
            if let Ok(refused) = asked.send().await {
                let status = refused.status().as_u16();
                // 431 is the framework's own, before anything of ours sees the request.
                assert!(
                    [400, 431].contains(&status),
                    "{path} {:?} {status}",
                    refused.version()
                );
            }
            assert_eq!(
                client.get(field.harness.url(path)).send().await.unwrap().status(),
                200
            );
        }
    }
}

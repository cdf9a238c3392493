//! Connections that say nothing, or far too much before they come to the point.

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt;

use super::raw::{connect, exchange, head};
use crate::field::Field;
use crate::support::COMMUNE;

#[tokio::test]
async fn two_hundred_silent_connections_do_not_keep_anybody_waiting() {
    let field = Field::start().await;
    let silent = join_all((0..200).map(|_| connect(&field))).await;
    let mut half = Vec::new();
    for number in 0..200 {
        let mut connection = connect(&field).await;
        let line = if number % 2 == 0 {
            &b"PUT /api/v1/submissions/"[..]
        } else {
            b"GET / HTTP/1.1\r\nHost: a\r\nX: "
        };
        connection.write_all(line).await.unwrap();
        half.push(connection);
    }
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let (id, _) = field.submission(&field.head, &assignment).await;
    let path = format!("/api/v1/submissions/{id}");
    assert_eq!(
        field.harness.get(&path, &field.head.token).await.expect(200)["state"],
        "pending"
    );
    drop((silent, half));
    field.assert_clean().await;
}

#[tokio::test]
async fn header_bombs_are_refused_and_the_service_lives() {
    let field = Field::start().await;
    for more in [
        vec![format!("X-Long: {}", "x".repeat(1 << 20))],
        (0..2000).map(|number| format!("X-{number}: y")).collect(),
        vec![format!("Authorization: Bearer {}", "e".repeat(60_000))],
        vec!["X-Bad: \u{1}\u{2}".to_owned()],
        vec!["Content-Length: 1".to_owned(), "Content-Length: 2".to_owned()],
        vec!["Content-Length: -1".to_owned()],
        vec!["Content-Length: 99999999999999999999999".to_owned()],
        vec![
            "Transfer-Encoding: gzip, chunked, x".to_owned(),
            "Content-Length: 5".to_owned(),
        ],
    ] {
        let refused = exchange(&field, &head("GET", "/api/v1/me", "", &more)).await;
        assert!(
            (400..500).contains(&refused.status()),
            "{:.40}: {}",
            more[0],
            refused.head
        );
        assert!(
            !refused.head.contains('/') || !refused.head.contains("src/"),
            "no innards in {}",
            refused.head
        );
    }
    let long = format!("/api/v1/assignments?q={}", "a".repeat(60_000));
    let status = exchange(&field, &head("GET", &long, &field.head.token, &[]))
        .await
        .status();
    assert!(status == 200 || (400..500).contains(&status), "{status}");
    assert_eq!(
        field.harness.get("/api/v1/me", &field.head.token).await.status,
        200
    );
    field.assert_clean().await;
}

#[tokio::test]
async fn what_is_no_http_ends_without_a_word_about_the_innards() {
    let field = Field::start().await;
    for bytes in [
        &b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"[..],
        b"SSH-2.0-x\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let refused = exchange(&field, bytes).await;
        assert!((400..=505).contains(&refused.status()), "{}", refused.head);
    }
    assert_eq!(field.harness.get("/health/live", "").await.status, 200);
}

//! Connections that speak something else, or nothing.

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Authority, PATIENCE, secure_field};

async fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.strip_prefix("https://").unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn plain_http_on_the_port_of_tls_is_closed_and_not_answered() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    let mut stranger = connect(&field.harness.url("")).await;
    stranger
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    let mut heard = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, stranger.read_to_end(&mut heard)).await;
    // An end or a reset; a wait would be wrong.
    drop(ended.expect("the connection hangs"));
    assert!(!heard.starts_with(b"HTTP"), "{heard:?}");
    field.harness.get("/health/live", "").await.expect(200);
}

#[tokio::test]
async fn six_hundred_connections_without_a_handshake_keep_nobody_waiting() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    let url = field.harness.url("");
    let silent = join_all((0..600).map(|_| connect(&url))).await;
    // New connections, since the client's pool would hide the wait.
    for _ in 0..4 {
        let client = authority
            .trusting()
            .timeout(std::time::Duration::from_secs(8))
            .build()
            .unwrap();
        let answered = client.get(format!("{url}/health/live")).send().await.unwrap();
        assert_eq!(answered.status(), 200);
    }
    drop(silent);
}

#[tokio::test]
async fn a_client_that_does_not_know_the_authority_says_nothing() {
    let authority = Authority::new();
    let field = secure_field(&authority, |_| {}).await;
    let stranger = Authority::new().client();
    assert!(
        stranger
            .get(field.harness.url("/health/live"))
            .send()
            .await
            .is_err()
    );
}

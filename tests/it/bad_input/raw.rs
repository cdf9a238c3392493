//! Requests byte by byte, for what no proper client sends.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::field::Field;

/// Longer than any answer takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What came back.
#[derive(Debug)]
pub struct RawAnswer {
    pub head: String,
    pub body: Value,
}

impl RawAnswer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap_or("0").parse().unwrap()
    }

    /// `status/code`.
    pub fn problem(&self) -> String {
        assert!(
            self.head
                .to_ascii_lowercase()
                .contains("content-type: application/problem+json"),
            "{}",
            self.head
        );
        format!("{}/{}", self.status(), self.body["code"].as_str().unwrap_or(""))
    }
}

pub async fn connect(field: &Field) -> TcpStream {
    let address = field.harness.url("").replace("http://", "");
    TcpStream::connect(address).await.unwrap()
}

/// The head of a request with these further header lines.
pub fn head(method: &str, path: &str, token: &str, more: &[String]) -> Vec<u8> {
    let mut lines = vec![
        format!("{method} {path} HTTP/1.1"),
        "Host: test".to_owned(),
        "Accept-Encoding: identity".to_owned(),
    ];
    if !token.is_empty() {
        lines.push(format!("Authorization: Bearer {token}"));
    }
    lines.extend_from_slice(more);
    format!("{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

/// Sends all of it and reads the one answer.
pub async fn exchange(field: &Field, bytes: &[u8]) -> RawAnswer {
    let mut connection = connect(field).await;
    // A server that has heard enough may close its ear; its answer counts.
    drop(connection.write_all(bytes).await);
    read(&mut connection).await
}

/// Reads an answer: its head, and as much body as the head says.
pub async fn read(connection: &mut TcpStream) -> RawAnswer {
    tokio::time::timeout(PATIENCE, read_whole(connection))
        .await
        .expect("no answer")
}

async fn read_whole(connection: &mut TcpStream) -> RawAnswer {
    let mut bytes = Vec::new();
    loop {
        if let Some(answer) = parse(&bytes) {
            return answer;
        }
        let mut piece = [0; 4096];
        match connection.read(&mut piece).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
            end => {
                let text = String::from_utf8_lossy(&bytes);
                assert!(text.starts_with("HTTP/1.1 "), "{end:?} after {text:?}");
                return RawAnswer {
                    head: text.into_owned(),
                    body: Value::Null,
                };
            }
        }
    }
}

fn parse(bytes: &[u8]) -> Option<RawAnswer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse::<usize>()
            .ok()
    });
    let body = bytes.get(end + 4..end + 4 + length?)?;
    Some(RawAnswer {
        head,
        body: serde_json::from_slice(body).unwrap_or(Value::Null),
    })
}

//! How somebody is told to come again.

use std::cell::Cell;
use std::io::ErrorKind;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::until;
use crate::durability::load::{client, runtime};
use crate::durability::process::{ROOMY, Server, serve};
use crate::durability::seed::Seed;
use crate::support::PASSWORD;

/// So many log in at once, again and again.
const RUSH: usize = 60;

#[test]
fn who_is_turned_away_hears_it_before_the_body_is_read_and_others_are_served_meanwhile() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    let flags = [&ROOMY[..], &["--trusted-proxy", "127.0.0.1"]].concat();
    let server = Server::start(serve(&data, &flags));
    let client = client();
    runtime().block_on(async {
        let log_in = |number: usize| {
            let body =
                serde_json::json!({ "username": "tham.dinh", "password": PASSWORD, "device_name": "máy" });
            let url = format!("{}/api/v1/auth/login", server.address);
            let from = format!("10.0.{}.{}", number / 250, number % 250);
            client
                .post(url)
                .header("x-forwarded-for", from)
                .json(&body)
                .send()
        };
        let (over, number) = (Cell::new(false), Cell::new(0));
        let served = Cell::new(0);
        // A client that may speak HTTP/2 has large futures, too many for the stack of a test in a debug build.
        let rushing = async || {
            while !over.get() {
                number.set(number.get() + 1);
                let answer = Box::pin(log_in(number.get())).await.unwrap();
                assert!([200, 429, 503].contains(&answer.status().as_u16()), "{answer:?}");
                served.set(served.get() + usize::from(answer.status() == 200));
            }
        };
        let everybody = join_all((0..RUSH).map(|_| Box::pin(rushing())));
        // A log-in of ten megabytes, of which the server wants nothing.
        let turned_away = Box::pin(async {
            until("somebody with a long body is turned away", async || {
                let text = long_log_in(&server.address).await;
                let refused = text.starts_with("HTTP/1.1 503");
                if refused {
                    assert!(text.contains("\"overloaded\""), "{text}");
                    let seconds = text.to_ascii_lowercase();
                    let (_, rest) = seconds
                        .split_once("retry-after: ")
                        .expect("says when to come again");
                    let seconds: u64 = rest.lines().next().unwrap().parse().unwrap();
                    assert!((1..60).contains(&seconds), "{seconds}");
                }
                refused
            })
            .await;
        });
        let health = Box::pin(async {
            for _ in 0..20 {
                let url = format!("{}/health/ready", server.address);
                assert_eq!(client.get(url).send().await.unwrap().status(), 200);
                let url = format!("{}/api/v1/me", server.address);
                let me = client.get(url).bearer_auth(&seed.head_token).send().await;
                assert_eq!(
                    me.unwrap().status(),
                    200,
                    "a rush of log-ins shuts nobody else out"
                );
            }
        });
        let both = async {
            tokio::join!(turned_away, health);
            over.set(true);
        };
        tokio::join!(everybody, both);
        assert!(served.get() > 0, "nobody came in");
    });
    server.stop();
}

/// Announces ten megabytes and sends them as fast as they are taken; what came back.
async fn long_log_in(address: &str) -> String {
    let mut connection = TcpStream::connect(address.trim_start_matches("http://"))
        .await
        .unwrap();
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
                content-length: 10000000\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let (mut reader, mut writer) = connection.split();
    let sending = async {
        let piece = vec![b' '; 64 * 1024];
        for _ in 0..150 {
            if writer.write_all(&piece).await.is_err() {
                break;
            }
        }
    };
    let reading = async {
        let mut all = Vec::new();
        let mut piece = vec![0; 4096];
        loop {
            match tokio::time::timeout(Duration::from_secs(30), reader.read(&mut piece))
                .await
                .unwrap()
            {
                Ok(0) => break,
                Ok(count) => all.extend_from_slice(&piece[..count]),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
                    assert!(!all.is_empty(), "the answer was lost with the connection");
                    break;
                }
            }
        }
        String::from_utf8_lossy(&all).into_owned()
    };
    tokio::join!(sending, reading).1
}

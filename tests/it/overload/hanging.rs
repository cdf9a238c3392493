//! Connections that hang: heads and bodies byte by byte, readers that do not read, thousands that say nothing.

use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use minhchung::clock::Clock;
use minhchung::domain::Role;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::flood::{Plan, flood};
use super::{memory_mib, until};
use crate::durability::load::{client, runtime};
use crate::durability::pictures::picture;
use crate::durability::process::{ROOMY, Server, prove, serve};
use crate::durability::say;
use crate::durability::seed::Seed;
use crate::durability::told::{Deed, End as ToldEnd, Illness, Line, Told};
use crate::support::{Harness, answer};

/// What 10,000 connections that say nothing may take, MiB.
const MEMORY_MIB: u64 = 512;

/// Sends `slowly` byte by byte, again and again, until the other side has had enough.
async fn drip(connection: &mut TcpStream, slowly: &[u8]) {
    let deadline = Instant::now() + Duration::from_mins(1);
    for byte in slowly.iter().cycle() {
        assert!(Instant::now() < deadline, "nobody puts an end to this");
        let mut answer = [0; 512];
        if connection.write_all(&[*byte]).await.is_err() {
            return;
        }
        let read = tokio::time::timeout(Duration::from_millis(50), connection.read(&mut answer)).await;
        if let Ok(Ok(0) | Err(_)) = read {
            return;
        }
    }
}

#[tokio::test]
async fn heads_and_bodies_byte_by_byte_come_to_an_end_and_keep_nobody_waiting() {
    let harness = Harness::with(Clock::system(), |settings| {
        settings.limits.connection_idle_ms = 500;
        settings.limits.body_grace_ms = 500;
    })
    .await;
    let token = harness.sign_in(Role::Viewer, None).await;
    let address = harness.url("").replace("http://", "");
    let whole = b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n";
    let heads = join_all((0..100).map(|number| {
        let address = address.clone();
        async move {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let first: &[u8] = match number % 4 {
                // From the first byte on; after a whole request; a body; and a body that is not read to its end.
                0 => b"",
                1 => whole,
                2 => b"POST /api/v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n\r\n",
                _ => b"PUT /api/v1/submissions/x HTTP/1.1\r\nhost: a\r\ncontent-length: 9999\r\n\r\n",
            };
            connection.write_all(first).await.unwrap();
            drip(&mut connection, b"GET / HTTP/1.1 x").await;
        }
    }));
    // Connections of their own: one that was idle for half a second would be ended under the next request.
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let ordinary = async {
        for _ in 0..50 {
            let asked = client.get(harness.url("/api/v1/me")).bearer_auth(&token);
            assert_eq!(answer(asked).await.status, 200);
        }
    };
    tokio::join!(heads, ordinary);
}

/// Connections that this program's server on `port` has open.
fn established(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let own = format!(":{port:04X}");
    let lines = table.lines().skip(1).filter(|line| {
        let mut fields = line.split_whitespace().skip(1);
        fields.next().is_some_and(|local| local.ends_with(&own)) && fields.nth(1) == Some("01")
    });
    lines.count()
}

#[test]
fn a_reader_that_does_not_read_its_answer_is_let_go_of() {
    let runtime = runtime();
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    runtime.block_on(async {
        let mut settings = crate::support::settings(home.path());
        settings.limits.body_min_bytes_per_s = 64 * 1024;
        let harness = Harness::on(home, settings).await;
        let client = client();
        let address = harness.url("");
        let line = Line {
            client: &client,
            address: &address,
            seed: &seed,
            illness: Illness::Fault,
        };
        let mut told = Told::new(
            &seed.assignments[0],
            vec![picture(14_000_000)],
            [Deed::Whole].into(),
        );
        assert_eq!(told.go_on(&line).await, ToldEnd::Answered);
        drop(client);
        let port: u16 = address.rsplit(':').next().unwrap().parse().unwrap();
        let mut readers = Vec::new();
        for _ in 0..10 {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            let mut connection = socket
                .connect(address.trim_start_matches("http://").parse().unwrap())
                .await
                .unwrap();
            let request = format!(
                "GET /api/v1/photos/{} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\r\n",
                told.pictures[0].sha256, seed.head_token
            );
            connection.write_all(request.as_bytes()).await.unwrap();
            readers.push(connection);
        }
        until("the server lets go of them", async || established(port) == 0).await;
        for mut reader in readers {
            let mut all = Vec::new();
            drop(reader.read_to_end(&mut all).await);
            assert!(
                all.starts_with(b"HTTP/1.1 200") && all.len() < 14_000_000,
                "{} bytes",
                all.len()
            );
        }
    });
}

/// One after the other asks and is served, `long`.
async fn somebody_is_served(server: &Server, seed: &Seed, long: Duration) -> usize {
    let plan = Plan {
        connections: 1,
        rate: None,
        long,
        gives_way: false,
    };
    let flooding = flood(&server.address, seed, plan);
    let outcome = tokio::task::spawn_blocking(move || flooding.join().unwrap())
        .await
        .unwrap();
    assert_eq!(
        (outcome.closed, outcome.shed.len(), outcome.wrong.len()),
        (0, 0, 0),
        "{:?}",
        outcome.wrong
    );
    assert!(outcome.served() > 0);
    outcome.served()
}

fn raise_handles(to: Option<u64>) {
    let limit = Rlimit {
        current: to,
        maximum: to,
    };
    setrlimit(Resource::Nofile, limit)
        .unwrap_or_else(|error| say(&format!("file handles stay as they were: {error}")));
}

/// Connections that say nothing, every second of them after one request.
async fn idle(server: &Server, count: usize) -> Vec<TcpStream> {
    let address = server.address.trim_start_matches("http://");
    let mut idle = Vec::new();
    for number in 0..count {
        let mut connection = TcpStream::connect(address).await.unwrap();
        if number % 2 == 0 {
            drop(
                connection
                    .write_all(b"GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n")
                    .await,
            );
        }
        idle.push(connection);
    }
    idle
}

#[test]
fn when_all_connections_are_taken_the_idle_ones_make_room() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    // Once by its own bound, and once because there are hardly any file handles.
    let bounded = serve(&data, &[&ROOMY[..], &["--max-connections", "64"]].concat());
    let plain = serve(&data, &ROOMY);
    let mut few_handles = Command::new("sh");
    few_handles
        .env_clear()
        .args(["-c", "ulimit -n 600; exec \"$0\" \"$@\""]);
    few_handles.arg(plain.get_program()).args(plain.get_args());
    for command in [bounded, few_handles] {
        let server = Server::start(command);
        runtime().block_on(async {
            let idle = idle(&server, 300).await;
            somebody_is_served(&server, &seed, Duration::from_secs(1)).await;
            drop(idle);
        });
        server.stop();
    }
    prove(&data);
}

#[test]
fn ten_thousand_idle_connections_cost_little_and_keep_nobody_waiting() {
    let wanted = 10_000;
    // As root; otherwise what is allowed has to do.
    let plenty = Some(65_536);
    raise_handles(plenty);
    let limit = getrlimit(Resource::Nofile).maximum;
    if limit.is_some_and(|most| most < 12_000) {
        return say("ten thousand connections: not run (too few file handles)");
    }
    raise_handles(limit);
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    let server = Server::start(serve(&data, &ROOMY));
    runtime().block_on(async {
        somebody_is_served(&server, &seed, Duration::from_secs(1)).await;
        let before = memory_mib(server.id(), "VmRSS");
        let idle = idle(&server, wanted).await;
        let served = somebody_is_served(&server, &seed, Duration::from_secs(2)).await;
        let with = memory_mib(server.id(), "VmRSS");
        say(&format!(
            "{wanted} idle connections: {before} MiB before, {with} MiB with them; {served} requests of one reader in 2 s meanwhile"
        ));
        assert!(with <= before + MEMORY_MIB, "{with} MiB, {before} before");
        drop(idle);
    });
    server.stop();
    prove(&data);
}

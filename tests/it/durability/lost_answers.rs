//! The same request from two sockets at once, and after its answer was lost.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::path::Path;

use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use minhchung::ops::doctor::{Depth, examine};
use minhchung::photos::Photos;
use minhchung::store::DataDirectory;
use reqwest::StatusCode;
use serde_json::Value;

use super::load::{client, runtime};
use super::pictures::picture;
use super::process::{ROOMY, Server, prove, serve};
use super::seed::Seed;
use super::told::{Deed, End, Illness, Line, Told};
use crate::support::Answer;

struct Scene {
    _home: tempfile::TempDir,
    data: std::path::PathBuf,
    seed: Seed,
    server: Server,
}

impl Scene {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("data");
        let seed = Seed::plant(&data, 1);
        let server = Server::start(serve(&data, &ROOMY));
        Self {
            _home: home,
            data,
            seed,
            server,
        }
    }

    fn line<'a>(&'a self, client: &'a reqwest::Client) -> Line<'a> {
        Line {
            client,
            address: &self.server.address,
            seed: &self.seed,
            illness: Illness::Fault,
        }
    }

    fn told(&self, deeds: &[Deed]) -> Told {
        let todo = deeds.iter().cloned().collect();
        Told::new(
            &self.seed.assignments[0],
            vec![picture(60_000), picture(2_000)],
            todo,
        )
    }

    fn end(self) -> Value {
        self.server.stop();
        prove(&self.data)
    }
}

#[test]
fn two_sockets_at_once_with_the_same_id_end_in_one_record() {
    let scene = Scene::new();
    let (one, other) = (client(), client());
    let rounds = 25;
    runtime().block_on(async {
        for _ in 0..rounds {
            for deeds in [
                vec![Deed::Whole],
                vec![Deed::Report, Deed::Picture(0), Deed::Picture(1)],
            ] {
                let told = scene.told(&deeds);
                for deed in deeds {
                    let mut told = told.clone();
                    told.todo = [deed].into();
                    let (first, second) =
                        join(told.answer(&scene.line(&one)), told.answer(&scene.line(&other))).await;
                    let mut statuses = [first.status, second.status];
                    statuses.sort();
                    assert_eq!(
                        statuses,
                        [StatusCode::OK, StatusCode::CREATED],
                        "{:#} {:#}",
                        first.body,
                        second.body
                    );
                    for member in ["id", "state", "version", "photos", "missing"] {
                        assert_eq!(first.body[member], second.body[member], "{member}");
                    }
                }
            }
        }
    });
    assert_eq!(scene.end()["submissions"], 2 * rounds);
}

#[test]
fn the_same_id_with_other_content_from_two_sockets_is_kept_once_and_refused_once() {
    let scene = Scene::new();
    let client = client();
    runtime().block_on(async {
        for _ in 0..20 {
            let told = scene.told(&[Deed::Report]);
            let mut changed = told.clone();
            changed.rewrite_note("Ghi chú khác");
            let line = scene.line(&client);
            let answers = [told.answer(&line).await, changed.answer(&line).await];
            let mut found: Vec<String> = answers.iter().map(Answer::problem).collect();
            found.sort();
            assert_eq!(found, ["201/", "409/submission-differs"]);
        }
    });
    assert_eq!(scene.end()["submissions"], 20);
}

/// Sends a whole request and closes the socket without reading one byte of the answer.
fn send_and_hang_up(address: &str, request: &reqwest::Request) {
    let mut text = format!(
        "{} {} HTTP/1.1\r\nhost: {address}\r\n",
        request.method(),
        request.url().path()
    );
    for (name, value) in request.headers() {
        write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    let body = request
        .body()
        .and_then(reqwest::Body::as_bytes)
        .unwrap_or_default();
    write!(text, "content-length: {}\r\n\r\n", body.len()).unwrap();
    let mut socket = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    socket.write_all(text.as_bytes()).unwrap();
    socket.write_all(body).unwrap();
}

#[test]
fn what_was_sent_and_whose_answer_was_lost_is_there_once_after_the_repeat() {
    let scene = Scene::new();
    let client = client();
    let line = scene.line(&client);
    let rounds = 20;
    runtime().block_on(async {
        let phones = (0..rounds).map(|_| async {
            let mut told = scene.told(&[
                Deed::Report,
                Deed::Picture(1),
                Deed::Resumable(0),
                Deed::Review("reject"),
                Deed::Review("reopen"),
            ]);
            while let Some(request) = told.next_request(&line) {
                for _ in 0..rand::random_range(1..=3) {
                    send_and_hang_up(&scene.server.address, &request);
                }
                // The version says whether any of them counted twice.
                assert_eq!(told.go_on(&line).await, End::Answered);
            }
            told.verify(&line).await;
        });
        // Few enough to find a place with all that they hung up on.
        stream::iter(phones)
            .buffer_unordered(8)
            .collect::<Vec<()>>()
            .await;
    });
    assert_eq!(scene.end()["submissions"], rounds);
}

#[test]
fn the_doctor_reads_the_directory_of_a_killed_server_and_of_no_running_one() {
    let scene = Scene::new();
    let busy = DataDirectory::open(&scene.data, 0);
    assert!(busy.is_err(), "a served directory is locked");
    let data: &Path = &scene.data.clone();
    drop(scene.server);
    let directory = DataDirectory::open(data, 0).unwrap();
    let space = minhchung::disk::FreeSpace::new(data, 0);
    let store = minhchung::store::Store::open(&directory, 8 << 20, &space).unwrap();
    let report = examine(&directory, &store, &Photos::new(data), Depth::Hashes).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.assignments, 1);
}

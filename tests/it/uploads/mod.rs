//! Resumable uploads over HTTP: the rules, broken connections, and what is left in the end.

mod breaking;
mod cutting;
mod ending;
mod foreign;
mod pieces;
mod protocol;

use std::io::Write;
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use minhchung::clock::Clock;
use minhchung::config::Settings;
use minhchung::demo::pictures::distinct_jpeg;
use minhchung::domain::{Role, Sha256};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::support::{Answer, COMMUNE, Harness, Person, answer};

const UPLOADS: &str = "/api/v1/uploads";
const PIECE: &str = "application/offset+octet-stream";

/// A picture with the name of its slot.
#[derive(Clone)]
struct Picture {
    bytes: Vec<u8>,
    sha256: String,
}

impl Picture {
    fn new(bytes: Vec<u8>) -> Self {
        let digest = sha2::Sha256::digest(&bytes);
        let sha256 = Sha256(digest.into()).to_string();
        Self { bytes, sha256 }
    }

    fn len(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap()
    }

    /// Its bytes from one offset to another.
    fn part(&self, from: u64, to: u64) -> &[u8] {
        &self.bytes[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]
    }

    /// What is left to send after `offset` bytes.
    fn rest(&self, offset: u64) -> &[u8] {
        self.part(offset, self.len())
    }
}

/// A village head with a submission whose pictures have not been sent.
struct Field {
    harness: Harness,
    head: Person,
    submission: String,
    pictures: Vec<Picture>,
}

impl Field {
    /// With one picture of 300,000 bytes.
    async fn start() -> Self {
        Self::with(Clock::system(), vec![camera_picture(1, 300_000)], |_| {}).await
    }

    async fn with(clock: Clock, pictures: Vec<Picture>, adjust: impl FnOnce(&mut Settings)) -> Self {
        let harness = Harness::with(clock, adjust).await;
        let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
        let submission = new_submission(&harness, &head, &pictures).await;
        Self {
            harness,
            head,
            submission,
            pictures,
        }
    }

    fn picture(&self) -> &Picture {
        &self.pictures[0]
    }

    /// A request of the village head that speaks tus.
    fn tus(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.harness.request(method, path, &self.head.token);
        request.header("tus-resumable", "1.0.0")
    }

    fn creation(&self, picture: &Picture) -> RequestBuilder {
        self.tus(Method::POST, UPLOADS)
            .header("upload-length", picture.len())
            .header("upload-metadata", metadata(&self.submission, &picture.sha256))
    }

    /// Begins an upload and says where it goes on.
    async fn begin(&self, picture: &Picture) -> String {
        let begun = answer(self.creation(picture)).await;
        assert_eq!(begun.status, 201, "{:#}", begun.body);
        header(&begun, "location")
    }

    async fn head(&self, path: &str) -> Answer {
        answer(self.tus(Method::HEAD, path)).await
    }

    fn piece(&self, path: &str, offset: u64, bytes: &[u8]) -> RequestBuilder {
        self.tus(Method::PATCH, path)
            .header("upload-offset", offset)
            .header("content-type", PIECE)
            .body(bytes.to_vec())
    }

    async fn send(&self, path: &str, offset: u64, bytes: &[u8]) -> Answer {
        answer(self.piece(path, offset, bytes)).await
    }

    /// The submission as its sender sees it.
    async fn seen(&self) -> Value {
        let path = format!("/api/v1/submissions/{}", self.submission);
        self.harness.get(&path, &self.head.token).await.expect(200)
    }

    /// That every picture is stored byte for byte, and that this happened once.
    async fn assert_whole(&self) {
        let seen = self.seen().await;
        assert_eq!(seen["state"], "pending", "{seen:#}");
        assert!(seen["receipt"].is_string());
        for picture in &self.pictures {
            let path = format!("/api/v1/photos/{}?size=original", picture.sha256);
            let sent = self.harness.request(Method::GET, &path, &self.head.token).send();
            assert!(sent.await.unwrap().bytes().await.unwrap() == picture.bytes);
        }
        let path = format!("/api/v1/submissions/{}/history", self.submission);
        let history = self.harness.get(&path, &self.head.token).await.expect(200);
        let states: Vec<&Value> = history["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| &event["to"])
            .collect();
        assert_eq!(states, ["incomplete", "pending"]);
        assert_eq!(self.files(), Vec::<String>::new(), "files of uploads are left");
    }

    fn incoming(&self) -> PathBuf {
        self.harness.data_dir().join("incoming")
    }

    /// What lies in `incoming`.
    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.incoming()).unwrap();
        files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    fn file(&self, upload: &str) -> PathBuf {
        self.incoming()
            .join(format!("{}.tus", upload.rsplit('/').next().unwrap()))
    }

    /// Waits until `length` bytes of an upload are in its file.
    async fn until_there_are(&self, upload: &str, length: u64) {
        let there = || std::fs::metadata(self.file(upload)).map_or(0, |file| file.len());
        self.until(&format!("{length} bytes are there"), || there() >= length)
            .await;
    }

    /// Waits for something that happens in another thread.
    async fn until(&self, what: &str, happened: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !happened() {
            assert!(Instant::now() < deadline, "waited in vain: {what}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// A connection that has sent the head of a PATCH for `announced` bytes and the first ones of them.
    fn half_a_piece(&self, upload: &str, offset: u64, announced: u64, bytes: &[u8], more: &str) -> TcpStream {
        let address = self.harness.url("");
        let mut socket = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "PATCH {upload} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
             upload-offset: {offset}\r\ncontent-type: {PIECE}\r\ncontent-length: {announced}\r\n{more}\r\n",
            self.head.token
        );
        socket.write_all(head.as_bytes()).unwrap();
        socket.write_all(bytes).unwrap();
        socket.flush().unwrap();
        socket
    }
}

/// A report of `head` for a new place with these pictures; none of them is sent yet.
async fn new_submission(harness: &Harness, head: &Person, pictures: &[Picture]) -> String {
    let admin = harness.sign_in(Role::Admin, None).await;
    let place = json!({
        "commune": COMMUNE, "village": "Thôn 1", "place": "Cổng làng", "cell": "banner.1", "due": "2030-01-01",
        "assignee": head.id,
    });
    let assignment = harness
        .post("/api/v1/assignments", &admin, place)
        .await
        .expect(201);
    let id = harness.clock.new_id().to_string();
    let photos: Vec<Value> = pictures
        .iter()
        .map(|picture| json!({ "sha256": picture.sha256, "bytes": picture.len() }))
        .collect();
    let report = json!({
        "assignment_id": assignment["id"], "captured_at": "2026-03-01T08:00:00+07:00", "location": null,
        "photos": photos, "client": { "app": "test", "version": "1" },
    });
    let path = format!("/api/v1/submissions/{id}");
    harness
        .send(Method::PUT, &path, &head.token, Some(report))
        .await
        .expect(201);
    id
}

/// A JPEG of exactly this length.
fn camera_picture(seed: u64, length: usize) -> Picture {
    Picture::new(distinct_jpeg(seed, length).unwrap())
}

fn metadata(submission: &str, sha256: &str) -> String {
    let (submission, sha256) = (base64(submission.as_bytes()), base64(sha256.as_bytes()));
    format!(
        "submission {submission},sha256 {sha256},filetype {}",
        base64(b"image/jpeg")
    )
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// `Upload-Checksum` of a piece.
fn checksum(bytes: &[u8]) -> String {
    format!("sha256 {}", base64(&sha2::Sha256::digest(bytes)))
}

#[track_caller]
fn header(answer: &Answer, name: &str) -> String {
    let value = answer.headers.get(name);
    let value = value.unwrap_or_else(|| panic!("no {name} in {} {:#?}", answer.status, answer.headers));
    value.to_str().unwrap().to_owned()
}

#[track_caller]
fn offset(answer: &Answer) -> u64 {
    header(answer, "upload-offset").parse().unwrap()
}

//! What one phone was told about one submission, and what it still has to do about it.
//!
//! A phone does its deeds one after the other. A deed whose answer did not come is done again, word for word, before
//! anything else. Since every deed moves the version by a known step, the version that the server shows afterwards
//! tells whether a deed was done once.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use super::pictures::{Picture, hash_of, picture};
use super::seed::Seed;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    Report,
    Picture(usize),
    /// The same as a resumable upload, all of it in the creating request.
    Resumable(usize),
    Whole,
    Review(&'static str),
    Withdraw,
    /// What was sent before, again.
    ReportAgain,
    PictureAgain(usize),
}

/// Where a request goes and with which session.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub client: &'a Client,
    pub address: &'a str,
    pub seed: &'a Seed,
    /// What an answer of class 5xx means here.
    pub illness: Illness,
}

/// What an answer that says the server is ill means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Illness {
    /// The disk was taken away from it; it is as good as no answer.
    Expected,
    /// The same, and what is read may be unavailable too: sled splits a page that has grown too long when somebody next
    /// reads there, and that is a write.
    ReadsToo,
    /// A fault.
    Fault,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Answered,
    /// No answer, or one that says that the server is ill (5xx).
    Cut,
}

fn begun_again(answer: &reqwest::Response) -> bool {
    let offset = answer.headers().get("upload-offset");
    answer.status() == StatusCode::CREATED && offset.is_some_and(|offset| offset == "0")
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// One submission as its phone knows it.
#[derive(Debug, Clone)]
pub struct Told {
    pub id: String,
    report: Value,
    pub pictures: Vec<Picture>,
    /// What the last acknowledged deed left: state and version; `None` before the first.
    acknowledged: Option<(String, u64)>,
    stored: BTreeSet<String>,
    pub todo: VecDeque<Deed>,
    /// The first of `todo` was sent, and there was no answer.
    pub in_doubt: bool,
}

impl Told {
    /// A new submission for `assignment` with deeds drawn by lot, and pictures of about so many `bytes`.
    pub fn draw(assignment: &str, bytes: &Range<usize>) -> Self {
        let pictures: Vec<Picture> = (0..rand::random_range(1..=2))
            .map(|_| picture(rand::random_range(bytes.clone())))
            .collect();
        let mut todo: VecDeque<Deed> = if rand::random_bool(0.4) {
            [Deed::Whole].into()
        } else {
            let way: fn(usize) -> Deed = if rand::random() {
                Deed::Picture
            } else {
                Deed::Resumable
            };
            let mut deeds: VecDeque<Deed> = (0..pictures.len()).map(way).collect();
            if rand::random() {
                deeds.make_contiguous().reverse();
            }
            deeds.push_front(Deed::Report);
            deeds
        };
        if rand::random_bool(0.3) {
            todo.push_back(Deed::ReportAgain);
            todo.push_back(Deed::PictureAgain(0));
        }
        let after: &[Deed] = match rand::random_range(0..6) {
            0 | 1 => &[Deed::Review("verify")],
            2 => &[Deed::Review("reject")],
            3 => &[
                Deed::Review("reject"),
                Deed::Review("reopen"),
                Deed::Review("verify"),
            ],
            4 => &[Deed::Withdraw],
            _ => &[],
        };
        todo.extend(after.iter().cloned());
        Self::new(assignment, pictures, todo)
    }

    pub fn new(assignment: &str, pictures: Vec<Picture>, todo: VecDeque<Deed>) -> Self {
        let photos: Vec<Value> = pictures
            .iter()
            .map(|picture| json!({ "sha256": picture.sha256, "bytes": picture.bytes.len() }))
            .collect();
        let report = json!({
            "assignment_id": assignment,
            "captured_at": "2026-07-20T09:30:00+07:00",
            "location": { "lat": 22.48, "lon": 103.97, "accuracy_m": 8.0 },
            "note": "Đã treo băng rôn",
            "photos": photos,
            "client": { "app": "thử", "version": "1" },
        });
        Self {
            id: uuid::Uuid::now_v7().to_string(),
            report,
            pictures,
            acknowledged: None,
            stored: BTreeSet::new(),
            todo,
            in_doubt: false,
        }
    }

    /// Whether the server has ever said yes to anything about it.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_some()
    }

    /// Its id and the last version that was acknowledged.
    pub fn acknowledged_version(&self) -> Option<(String, u64)> {
        let (_, version) = self.acknowledged.as_ref()?;
        Some((self.id.clone(), *version))
    }

    /// Lets go of the pictures' bytes once nothing is left to send; their hashes stay, and are what is asked for.
    pub fn let_go(&mut self) {
        if self.todo.is_empty() {
            self.pictures
                .iter_mut()
                .for_each(|picture| picture.bytes = Vec::new());
        }
    }

    /// State and version that `deed` leads to.
    fn after(&self, deed: &Deed) -> (String, u64) {
        let (state, version) = self.acknowledged.clone().unwrap_or_default();
        let last_missing = self.pictures.len() == self.stored.len() + 1;
        let next = match deed {
            Deed::Picture(_) | Deed::Resumable(_) if last_missing => "pending",
            Deed::Report | Deed::Picture(_) | Deed::Resumable(_) => "incomplete",
            Deed::Review("verify") => "verified",
            Deed::Review("reject") => "rejected",
            Deed::Whole | Deed::Review(_) => "pending",
            Deed::Withdraw => "withdrawn",
            Deed::ReportAgain | Deed::PictureAgain(_) => return (state, version),
        };
        (next.to_owned(), version + 1)
    }

    fn request(&self, deed: &Deed, line: &Line<'_>) -> reqwest::RequestBuilder {
        let at = |method: Method, path: String, token: &str| {
            line.client
                .request(method, format!("{}/api/v1{path}", line.address))
                .bearer_auth(token)
        };
        let (id, head) = (&self.id, &line.seed.head_token);
        let own = format!("/submissions/{id}");
        match deed {
            Deed::Report | Deed::ReportAgain => at(Method::PUT, own, head).json(&self.report),
            Deed::Picture(number) | Deed::PictureAgain(number) => {
                let picture = &self.pictures[*number];
                at(Method::PUT, format!("{own}/photos/{}", picture.sha256), head)
                    .header("content-type", "image/jpeg")
                    .body(picture.bytes.clone())
            }
            Deed::Resumable(number) => {
                let picture = &self.pictures[*number];
                let metadata = format!("submission {},sha256 {}", base64(id), base64(&picture.sha256));
                at(Method::POST, "/uploads".to_owned(), head)
                    .header("tus-resumable", "1.0.0")
                    .header("upload-length", picture.bytes.len())
                    .header("upload-metadata", metadata)
                    .header("content-type", "application/offset+octet-stream")
                    .body(picture.bytes.clone())
            }
            Deed::Whole => {
                let mut form = reqwest::multipart::Form::new().text("report", self.report.to_string());
                for picture in &self.pictures {
                    let part = reqwest::multipart::Part::bytes(picture.bytes.clone()).file_name("ảnh.jpg");
                    form = form.part("photo", part);
                }
                at(Method::PUT, own, head).multipart(form)
            }
            Deed::Review(decision) => {
                let reason = (*decision == "reject").then_some("wrong_place");
                let version = self.acknowledged.as_ref().map_or(0, |(_, version)| *version);
                at(Method::POST, format!("{own}/reviews"), &line.seed.verifier_token)
                    .json(&json!({ "decision": decision, "reason": reason, "version": version }))
            }
            Deed::Withdraw => at(Method::DELETE, own, head),
        }
    }

    /// The request of the first deed that is left.
    pub fn next_request(&self, line: &Line<'_>) -> Option<reqwest::Request> {
        self.todo
            .front()
            .map(|deed| self.request(deed, line).build().unwrap())
    }

    /// Reports other words under the same id.
    pub fn rewrite_note(&mut self, note: &str) {
        self.report["note"] = note.into();
    }

    /// Sends the first deed that is left, and remembers nothing of it.
    pub async fn answer(&self, line: &Line<'_>) -> crate::support::Answer {
        crate::support::answer(self.request(self.todo.front().unwrap(), line)).await
    }

    /// Does the first deed that is left. Panics when the answer is a refusal, or not what this deed leads to.
    pub async fn go_on(&mut self, line: &Line<'_>) -> End {
        let Some(deed) = self.todo.front().cloned() else {
            return End::Answered;
        };
        self.in_doubt = true;
        // A resumable upload that an older request of this phone still holds is locked for a moment (423).
        let response = loop {
            match self.request(&deed, line).send().await {
                Ok(locked) if locked.status() == StatusCode::LOCKED => tokio::task::yield_now().await,
                // What an earlier process had received of it was damaged; the phone is asked to begin again.
                Ok(begun) if matches!(deed, Deed::Resumable(_)) && begun_again(&begun) => {}
                Ok(response) => break response,
                Err(_silence) => return End::Cut,
            }
        };
        let status = response.status();
        if status.is_server_error() && line.illness != Illness::Fault {
            return End::Cut;
        }
        let Ok(text) = response.text().await else {
            return End::Cut;
        };
        assert!(status.is_success(), "{deed:?} of {self:?}: {status} {text}");
        let text = match &deed {
            // This answer has no body; what it did is asked for.
            Deed::Resumable(_) => match self.ask(line).await {
                Some(text) => text,
                None => return End::Cut,
            },
            _ => text,
        };
        self.done(&deed, &text);
        End::Answered
    }

    fn done(&mut self, deed: &Deed, text: &str) {
        let body: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"));
        let after = self.after(deed);
        self.require(&body, &after, &format!("the answer to {deed:?}"));
        match deed {
            Deed::Picture(number) | Deed::Resumable(number) => {
                self.stored.insert(self.pictures[*number].sha256.clone());
            }
            Deed::Whole => {
                self.stored = self
                    .pictures
                    .iter()
                    .map(|picture| picture.sha256.clone())
                    .collect();
            }
            _ => {}
        }
        self.acknowledged = Some(after);
        self.todo.pop_front();
        self.in_doubt = false;
    }

    /// How the submission stands; `None` when there was no answer.
    async fn ask(&self, line: &Line<'_>) -> Option<String> {
        let url = format!("{}/api/v1/submissions/{}", line.address, self.id);
        let request = line.client.get(url).bearer_auth(&line.seed.head_token);
        let response = request.send().await.ok()?;
        if !response.status().is_success() {
            assert!(line.illness != Illness::Fault && response.status().is_server_error());
            return None;
        }
        response.text().await.ok()
    }

    #[track_caller]
    fn require(&self, body: &Value, expected: &(String, u64), what: &str) {
        let found = (body["state"].as_str().unwrap_or(""), body["version"].as_u64());
        assert_eq!(
            found,
            (expected.0.as_str(), Some(expected.1)),
            "{what}: {body:#}\n{self:?}"
        );
    }

    /// Asks for everything that was acknowledged; then does the deed that is in doubt again, and asks once more.
    pub async fn settle(&mut self, line: &Line<'_>) {
        self.verify(line).await;
        if self.in_doubt {
            let end = self.go_on(line).await;
            assert_eq!(end, End::Answered, "the repeat was not answered: {self:?}");
            self.verify(line).await;
        }
    }

    /// What is acknowledged under `path`; `None` where it may be unavailable ([`Illness::ReadsToo`]) and is.
    async fn kept(&self, line: &Line<'_>, path: String) -> Option<reqwest::Response> {
        let url = format!("{}/api/v1{path}", line.address);
        let request = line.client.get(url).bearer_auth(&line.seed.head_token);
        let response = request.send().await.unwrap();
        let status = response.status();
        if status == StatusCode::OK {
            return Some(response);
        }
        let said = response.text().await.unwrap();
        assert!(
            line.illness == Illness::ReadsToo && status == StatusCode::SERVICE_UNAVAILABLE,
            "what was acknowledged is gone: {path}: {status} {said}\n{self:?}"
        );
        None
    }

    /// Asks the server for everything that was acknowledged, byte for byte.
    pub async fn verify(&self, line: &Line<'_>) {
        let Some(acknowledged) = &self.acknowledged else {
            return;
        };
        if let Some(response) = self.kept(line, format!("/submissions/{}", self.id)).await {
            self.require_all(&response.json().await.unwrap(), acknowledged);
        }
        for picture in self
            .pictures
            .iter()
            .filter(|picture| self.stored.contains(&picture.sha256))
        {
            let path = format!("/photos/{}?size=original", picture.sha256);
            if let Some(response) = self.kept(line, path).await {
                assert!(
                    hash_of(&response.bytes().await.unwrap()) == picture.sha256,
                    "an acknowledged picture has other bytes: {}",
                    picture.sha256
                );
            }
        }
    }

    #[track_caller]
    fn require_all(&self, body: &Value, acknowledged: &(String, u64)) {
        let in_doubt = self
            .todo
            .front()
            .filter(|_| self.in_doubt)
            .map(|deed| self.after(deed));
        let found = (
            body["state"].as_str().unwrap_or("").to_owned(),
            body["version"].as_u64().unwrap_or(0),
        );
        assert!(
            found == *acknowledged || Some(found) == in_doubt,
            "acknowledged {acknowledged:?}, in doubt {in_doubt:?}, found {body:#}"
        );
        for member in ["assignment_id", "note", "location"] {
            let (sent, kept) = (&self.report[member], &body[member]);
            let same = match sent {
                Value::Object(fields) => fields.iter().all(|(name, value)| kept[name] == *value),
                _ => sent == kept,
            };
            assert!(same, "{member}: sent {sent}, kept {kept}");
        }
    }
}

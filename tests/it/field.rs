//! The field: two communes with their people, and places with evidence, made through the API as phones and offices do.

use std::sync::atomic::{AtomicU32, Ordering};

use minhchung::clock::Clock;
use minhchung::config::Settings;
use minhchung::domain::{Role, Sha256};
use minhchung::services::completion::recount::recount;
use minhchung::store::StoreError;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::Digest;
use uuid::Uuid;

use crate::support::{Answer, COMMUNE, Harness, OTHER_COMMUNE, Person, answer};

/// A day in the middle of the campaign.
pub const NOON: &str = "2026-06-15T12:00:00+07:00";

/// The people and the service they use.
pub struct Field {
    pub harness: Harness,
    pub admin: Person,
    pub officer: Person,
    pub head: Person,
    /// Of the same commune as `head`.
    pub neighbour: Person,
    /// Of another commune.
    pub stranger: Person,
    drawn: AtomicU32,
}

/// A picture as a phone has it.
#[derive(Debug, Clone)]
pub struct Picture {
    pub bytes: Vec<u8>,
    pub sha256: String,
}

impl Picture {
    pub fn of(bytes: Vec<u8>) -> Self {
        let sha256 = Sha256(sha2::Sha256::digest(&bytes).into()).to_string();
        Self { bytes, sha256 }
    }

    /// As a report announces it.
    pub fn announced(&self) -> Value {
        json!({ "sha256": self.sha256, "bytes": self.bytes.len() })
    }
}

/// An id as phones make them.
pub fn new_id() -> Uuid {
    Clock::system().new_id()
}

impl Field {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(adjust: impl FnOnce(&mut Settings)) -> Self {
        let harness = Harness::with(Clock::manual(NOON.parse().unwrap()), adjust).await;
        Self {
            admin: harness.person(Role::Admin, None).await,
            officer: harness.person(Role::CommuneOfficer, Some(COMMUNE)).await,
            head: harness.person(Role::VillageHead, Some(COMMUNE)).await,
            neighbour: harness.person(Role::VillageHead, Some(COMMUNE)).await,
            stranger: harness.person(Role::VillageHead, Some(OTHER_COMMUNE)).await,
            harness,
            drawn: AtomicU32::new(0),
        }
    }

    /// A small picture that nobody has sent yet.
    pub fn picture(&self) -> Picture {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst);
        let samples: Vec<u8> = (0..64 * 48_u32)
            .map(|at| ((at ^ number.wrapping_mul(2_654_435_761)) >> 3).to_le_bytes()[0])
            .collect();
        let mut bytes = Vec::new();
        jpeg_encoder::Encoder::new(&mut bytes, 90)
            .encode(&samples, 64, 48, jpeg_encoder::ColorType::Luma)
            .unwrap();
        Picture::of(bytes)
    }

    /// A place in the plan that was given to `assignee`.
    pub async fn assignment(&self, commune: &str, assignee: &Person) -> String {
        let number = self.drawn.fetch_add(1, Ordering::SeqCst);
        let body = json!({
            "commune": commune, "village": "Thôn Thử", "place": format!("Cổng số {number}"),
            "cell": "banner.2", "due": "2026-06-30", "assignee": assignee.id,
        });
        let made = self
            .harness
            .post("/api/v1/assignments", &self.admin.token, body)
            .await
            .expect(201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// A report as a phone sends it.
    pub fn report(assignment: &str, pictures: &[&Picture]) -> Value {
        json!({
            "assignment_id": assignment, "captured_at": "2026-06-15T11:58:00+07:00",
            "location": { "lat": 22.4856, "lon": 103.9707, "accuracy_m": 12.5 }, "note": "Đã treo",
            "photos": pictures.iter().map(|picture| picture.announced()).collect::<Vec<_>>(),
            "client": { "app": "test", "version": "1" },
        })
    }

    /// Sends a report whose pictures follow.
    pub async fn announce(&self, sender: &Person, assignment: &str, pictures: &[&Picture]) -> String {
        let id = new_id();
        let path = format!("/api/v1/submissions/{id}");
        let request = self.harness.request(Method::PUT, &path, &sender.token);
        answer(request.json(&Self::report(assignment, pictures)))
            .await
            .expect(201);
        id.to_string()
    }

    /// Sends one picture of a report.
    pub async fn send(&self, sender: &Person, submission: &str, picture: &Picture) -> Answer {
        let path = format!("/api/v1/submissions/{submission}/photos/{}", picture.sha256);
        let request = self.harness.request(Method::PUT, &path, &sender.token);
        answer(
            request
                .header("content-type", "image/jpeg")
                .body(picture.bytes.clone()),
        )
        .await
    }

    /// A whole submission for `assignment`.
    pub async fn submission(&self, sender: &Person, assignment: &str) -> (String, Picture) {
        let picture = self.picture();
        let id = self.announce(sender, assignment, &[&picture]).await;
        self.send(sender, &id, &picture).await.expect(201);
        (id, picture)
    }

    /// A multipart request with a report and files, in the order given; `None` stands for the report.
    pub fn form(report: &Value, parts: Vec<Option<Part>>) -> Form {
        let mut form = Form::new();
        for part in parts {
            form = match part {
                Some(part) => form.part("photo", part),
                None => form.part(
                    "report",
                    Part::text(report.to_string())
                        .mime_str("application/json")
                        .unwrap(),
                ),
            };
        }
        form
    }

    /// What a refused request must leave: figures that equal a recount, and no half-written file.
    pub async fn assert_clean(&self) {
        let recounted = self
            .harness
            .app
            .store
            .read(|view| Ok::<_, StoreError>(recount(view)))
            .await;
        let differences = recounted.unwrap().unwrap().differences;
        assert!(differences.is_empty(), "{differences:?}");
        let incoming = self.harness.data_dir().join("incoming");
        let left = || std::fs::read_dir(&incoming).unwrap().count();
        // A guard removes its file when the request that held it is dropped, which the answer does not wait for.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while left() > 0 {
            assert!(
                std::time::Instant::now() < deadline,
                "{} files are left in {}",
                left(),
                incoming.display()
            );
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
    }
}

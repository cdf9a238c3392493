//! Sixteen phones at once, and what they were told.

use std::future::Future;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Client;

use super::process::{ROOMY, Server, prove, serve};
use super::seed::Seed;
use super::told::{End, Illness, Line, Told};
use crate::support::PATIENCE;

const PHONES: usize = 16;

/// A data directory, the phones that talk to its server, and everything they were told.
pub struct Load {
    pub data_dir: PathBuf,
    seed: Seed,
    phones: Vec<Vec<Told>>,
    /// How many of each phone's submissions were asked for before.
    proved: Vec<usize>,
    pace: Pace,
    acknowledged: AtomicU64,
}

/// When a phone sends its next submission.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    AtOnce,
    AfterTheChecks,
    /// After a walk to the next place, and with a large picture now and then.
    AfterAWalk,
}

impl Pace {
    /// About how large the pictures of the next submission are, in bytes.
    fn sizes(self) -> Range<usize> {
        if self == Self::AfterAWalk && rand::random_bool(0.125) {
            250_000..300_000
        } else {
            500..9_000
        }
    }
}

impl Load {
    pub fn new(data_dir: &Path) -> Self {
        Self::of(PHONES, Pace::AtOnce, data_dir)
    }

    /// One phone that waits for the findings of one submission before it sends the next.
    pub fn patient(data_dir: &Path) -> Self {
        Self::of(1, Pace::AfterTheChecks, data_dir)
    }

    /// As many phones as always, which rest between submissions and so can go on for hours.
    pub fn steady(data_dir: &Path) -> Self {
        Self::of(PHONES, Pace::AfterAWalk, data_dir)
    }

    fn of(phones: usize, pace: Pace, data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            seed: Seed::plant(data_dir, phones),
            phones: vec![Vec::new(); phones],
            proved: vec![0; phones],
            pace,
            acknowledged: AtomicU64::new(0),
        }
    }

    /// How many requests were acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::SeqCst)
    }

    /// Sessions last a quarter of an hour: everybody signs in again.
    pub async fn sign_in(&mut self, address: &str) {
        self.seed.sign_in(&client(), address).await;
    }

    /// Who may do what here.
    pub fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Every submission that was ever acknowledged, with its last version.
    pub fn acknowledged_submissions(&self) -> Vec<(String, u64)> {
        let all = self.phones.iter().flatten();
        all.filter_map(Told::acknowledged_version).collect()
    }

    /// Asks a server for `submissions`: each is there, as it was or further on, and so are its pictures.
    pub async fn has_at_least(&self, address: &str, submissions: &[(String, u64)]) {
        let client = client();
        let get = |path: String| {
            client
                .get(format!("{address}/api/v1{path}"))
                .bearer_auth(&self.seed.head_token)
        };
        for (id, version) in submissions {
            let seen = crate::support::answer(get(format!("/submissions/{id}")))
                .await
                .expect(200);
            assert!(seen["version"].as_u64().unwrap() >= *version, "{seen:#}");
            for photo in seen["photos"].as_array().unwrap() {
                if photo["stored"] == true {
                    let path = format!("/photos/{}?size=original", photo["sha256"].as_str().unwrap());
                    assert_eq!(get(path).send().await.unwrap().status(), 200, "{seen:#}");
                }
            }
        }
    }

    /// Every phone sends until it is cut off; `cut` has to see to that.
    pub async fn run_until(&mut self, address: &str, illness: Illness, cut: impl Future<Output = ()>) {
        let client = client();
        let line = Line {
            client: &client,
            address,
            seed: &self.seed,
            illness,
        };
        let counter = &self.acknowledged;
        let phones = self.phones.iter_mut().zip(&self.seed.assignments);
        let sending =
            join_all(phones.map(|(told, assignment)| send(told, assignment, (&line, self.pace), counter)));
        tokio::join!(sending, cut);
    }

    /// Asks for everything acknowledged; then does every deed that is in doubt again, and asks once more.
    pub async fn verify(&mut self, address: &str) {
        let client = client();
        let line = Line {
            client: &client,
            address,
            seed: &self.seed,
            illness: Illness::Fault,
        };
        join_all(self.phones.iter_mut().map(|phone| async {
            for told in phone.iter_mut() {
                told.settle(&line).await;
            }
        }))
        .await;
    }

    /// As [`Load::verify`], of what came since the last time and of `sample` older ones of each phone; then lets their
    /// bytes go.
    pub async fn verify_lately(&mut self, address: &str, sample: usize) {
        let client = client();
        let line = Line {
            client: &client,
            address,
            seed: &self.seed,
            illness: Illness::Fault,
        };
        let phones = self.phones.iter_mut().zip(&mut self.proved);
        join_all(phones.map(|(phone, proved)| async {
            for _ in 0..sample.min(*proved) {
                phone[rand::random_range(0..*proved)].verify(&line).await;
            }
            for told in phone.iter_mut().skip(*proved) {
                told.settle(&line).await;
                told.let_go();
            }
            // The last one may have deeds left.
            *proved = phone.len().saturating_sub(1);
        }))
        .await;
    }

    /// After the server died: doctor and audit are clean; a new server has everything that was acknowledged, takes the
    /// repeats, and leaves exactly one record for each submission.
    pub async fn survived(&mut self) {
        prove(&self.data_dir);
        let server = Server::start(serve(&self.data_dir, &ROOMY));
        self.verify(&server.address).await;
        server.stop();
        let report = prove(&self.data_dir);
        let records = self
            .phones
            .iter()
            .flatten()
            .filter(|told| told.is_acknowledged())
            .count();
        assert_eq!(
            report["submissions"], records,
            "one record for each submission that was ever acknowledged"
        );
    }
}

impl Load {
    /// Lets a server run until everything that is whole was checked, and proves what it leaves.
    pub async fn checked(&mut self) {
        let server = Server::start(serve(&self.data_dir, &ROOMY));
        let client = client();
        let line = Line {
            client: &client,
            address: &server.address,
            seed: &self.seed,
            illness: Illness::Fault,
        };
        for told in self.phones.iter().flatten() {
            assert_eq!(findings_of(told, &line).await, End::Answered);
        }
        server.stop();
        let report = prove(&self.data_dir);
        assert_eq!(report["waiting"], 0, "{report:#}");
        assert!(report["checked"].as_u64().unwrap() > 0, "{report:#}");
    }
}

/// Waits until a submission that is to be checked was.
async fn findings_of(told: &Told, line: &Line<'_>) -> End {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let path = format!("{}/api/v1/submissions/{}", line.address, told.id);
        let asked = line.client.get(path).bearer_auth(&line.seed.head_token);
        let Ok(answer) = asked.send().await else {
            return End::Cut;
        };
        let Ok(shown) = answer.json::<serde_json::Value>().await else {
            return End::Cut;
        };
        let is_judged = shown["receipt"].is_string() && shown["state"] != "withdrawn";
        if !is_judged || shown["checks"].as_array().unwrap().len() == 16 {
            return End::Answered;
        }
        assert!(Instant::now() < deadline, "still waits: {shown:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn send(told: &mut Vec<Told>, assignment: &str, (line, pace): (&Line<'_>, Pace), counter: &AtomicU64) {
    loop {
        if let Some(last) = told.last().filter(|last| last.todo.is_empty())
            && pace == Pace::AfterTheChecks
            && findings_of(last, line).await == End::Cut
        {
            return;
        }
        if told.last().is_none_or(|last| last.todo.is_empty()) {
            if pace == Pace::AfterAWalk {
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..1_600))).await;
            }
            told.push(Told::draw(assignment, &pace.sizes()));
        }
        let Some(last) = told.last_mut() else { return };
        if last.go_on(line).await == End::Cut {
            return;
        }
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

/// A client that waits no longer than a phone would.
pub fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder().timeout(Duration::from_mins(1)).build().unwrap()
}

/// A runtime for a test that is no actix test.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

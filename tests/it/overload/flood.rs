//! A flood: raw requests that cost their sender as little as possible, from a thread of its own.
//!
//! Of twenty requests nine are new reports, ten read, and one is a log-in, which alone costs as much as the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::durability::seed::Seed;
use crate::support::PASSWORD;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Report,
    Read,
    LogIn,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Report, Self::Read, Self::LogIn];

    fn of(number: usize) -> Self {
        match number % 20 {
            0 => Self::LogIn,
            odd if odd % 2 == 1 => Self::Read,
            _ => Self::Report,
        }
    }
}

/// How many at once, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub connections: usize,
    /// Requests a second, whatever becomes of them; without it each connection asks again when it is answered.
    pub rate: Option<f64>,
    pub long: Duration,
    /// Leaves the processors to whoever else wants them. A real flood comes from other machines and takes none of them.
    pub gives_way: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub asked: usize,
    /// Turns that were missed because the answer to the one before had not come.
    pub missed: usize,
    pub closed: usize,
    pub served: [Vec<Duration>; 3],
    pub shed: Vec<Duration>,
    pub wrong: Vec<String>,
    /// Reports that were acknowledged.
    pub stored: Vec<String>,
}

impl Outcome {
    pub fn served(&self) -> usize {
        self.served.iter().map(Vec::len).sum()
    }

    /// How many of each kind were served in a second, and how fast.
    pub fn says(&self, long: Duration) -> String {
        let kinds = Kind::ALL.iter().zip(&self.served).map(|(kind, served)| {
            let mut sorted = served.clone();
            sorted.sort_unstable();
            let at = |percent: usize| sorted.get(sorted.len().saturating_sub(1) * percent / 100);
            let ms = |percent| at(percent).map_or(0.0, |took| took.as_secs_f64() * 1000.0);
            let rate = count(served.len()) / long.as_secs_f64();
            format!("{kind:?} {rate:.0}/s p50 {:.1} p99 {:.1} ms", ms(50), ms(99))
        });
        kinds.collect::<Vec<_>>().join(", ")
    }

    fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.missed += other.missed;
        self.closed += other.closed;
        for (own, others) in self.served.iter_mut().zip(other.served) {
            own.extend(others);
        }
        self.shed.extend(other.shed);
        self.wrong.extend(other.wrong);
        self.stored.extend(other.stored);
    }
}

/// Runs on a thread of its own.
pub fn flood(address: &str, seed: &Seed, plan: Plan) -> std::thread::JoinHandle<Outcome> {
    let asker = Arc::new(Asker {
        address: address.trim_start_matches("http://").to_owned(),
        seed: seed.clone(),
        number: AtomicUsize::new(1),
    });
    std::thread::spawn(move || {
        if plan.gives_way {
            // Of this thread alone, on Linux.
            rustix::process::setpriority_process(None, 10).unwrap();
        }
        let runtime = crate::durability::load::runtime();
        runtime.block_on(async {
            let askers: Vec<_> = (0..plan.connections)
                .map(|place| tokio::spawn(Arc::clone(&asker).ask(plan, place)))
                .collect();
            let mut all = Outcome::default();
            if askers.is_empty() {
                // Nobody asks, for as long.
                tokio::time::sleep(plan.long).await;
            }
            for asker in askers {
                all.add(asker.await.unwrap());
            }
            all
        })
    })
}

/// A number of things, to reckon with.
pub fn count(things: usize) -> f64 {
    f64::from(u32::try_from(things).unwrap())
}

struct Asker {
    address: String,
    seed: Seed,
    number: AtomicUsize,
}

impl Asker {
    /// One connection, opened again when it is closed.
    async fn ask(self: Arc<Self>, plan: Plan, place: usize) -> Outcome {
        let mut outcome = Outcome::default();
        let every = plan
            .rate
            .map(|rate| Duration::from_secs_f64(count(plan.connections) / rate));
        let began = Instant::now();
        let mut due = began
            + every.unwrap_or_default() * u32::try_from(place).unwrap()
                / u32::try_from(plan.connections).unwrap();
        let mut connection = None;
        while began.elapsed() < plan.long {
            if let Some(every) = every {
                tokio::time::sleep_until(due.into()).await;
                due += every;
                while due < Instant::now() {
                    outcome.missed += 1;
                    due += every;
                }
            }
            let number = self.number.fetch_add(1, Ordering::Relaxed);
            let (kind, id, bytes) = self.request(number);
            outcome.asked += 1;
            let sent = Instant::now();
            let mut open = match connection.take() {
                Some(open) => open,
                None => match TcpStream::connect(&self.address).await {
                    Ok(open) => open,
                    Err(_) => {
                        outcome.closed += 1;
                        continue;
                    }
                },
            };
            let Some((head, body)) = exchange(&mut open, &bytes).await else {
                outcome.closed += 1;
                continue;
            };
            connection = Some(open).filter(|_| !head.contains("connection: close"));
            let took = sent.elapsed();
            let is_shed = head.starts_with("http/1.1 503") || head.starts_with("http/1.1 429");
            if is_shed && head.contains("retry-after: ") {
                outcome.shed.push(took);
            } else if head.starts_with("http/1.1 20") {
                outcome.served[Kind::ALL.iter().position(|other| *other == kind).unwrap()].push(took);
                outcome.stored.extend(id);
            } else if head.starts_with("http/1.1 408") {
                // The connection was opened, and this machine came to its request too late.
                outcome.closed += 1;
            } else {
                outcome.wrong.push(format!("{head} {body}"));
            }
        }
        outcome
    }

    fn request(&self, number: usize) -> (Kind, Option<String>, Vec<u8>) {
        let kind = Kind::of(number);
        let (mut id, mut body) = (None, String::new());
        let (line, token) = match kind {
            Kind::Report => {
                let new = uuid::Uuid::now_v7().to_string();
                let sha256 = format!("{:064x}", rand::random::<u128>());
                body = json!({
                    "assignment_id": self.seed.assignments[number % self.seed.assignments.len()],
                    "captured_at": "2026-07-20T09:30:00+07:00", "location": null, "note": "Đã treo băng rôn",
                    "photos": [{ "sha256": sha256, "bytes": 3000 }], "client": { "app": "thử", "version": "1" },
                })
                .to_string();
                let line = format!("PUT /api/v1/submissions/{new}");
                id = Some(new);
                (line, &self.seed.head_token)
            }
            Kind::Read => {
                let path = ["completion", "submissions?limit=20", "assignments?limit=20"][number / 2 % 3];
                (format!("GET /api/v1/{path}"), &self.seed.admin_token)
            }
            Kind::LogIn => {
                body = json!({ "username": "tham.dinh", "password": PASSWORD, "device_name": "máy" })
                    .to_string();
                ("POST /api/v1/auth/login".to_owned(), &self.seed.admin_token)
            }
        };
        let from = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
        let bytes = format!(
            "{line} HTTP/1.1\r\nhost: a\r\nx-forwarded-for: {from}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        (kind, id, bytes.into_bytes())
    }
}

/// Sends a request and reads its answer: its head in lower case, and its body.
async fn exchange(connection: &mut TcpStream, request: &[u8]) -> Option<(String, String)> {
    connection.write_all(request).await.ok()?;
    let mut bytes = Vec::with_capacity(4096);
    loop {
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let (_, length) = head.split_once("content-length: ")?;
        let length: usize = length.lines().next()?.parse().ok()?;
        while bytes.len() < end + 4 + length {
            if connection.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
        return Some((head, body));
    }
}

//! Reads with few and with many records: the board, the queue's first and far pages, and how long a start takes.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::child::Server;
use super::load::{self, Connection};
use super::{BenchError, Plan, median, people};
use crate::clock::Clock;
use crate::disk::FreeSpace;
use crate::services::fill;
use crate::store::{DataDirectory, Store};

/// What was measured with one number of records.
#[derive(Debug, Clone, Copy)]
pub struct ReadFigures {
    /// How many submissions there are, each with its assignment.
    pub records: usize,
    /// Answers of `/health/live` per second.
    pub live_per_s: f64,
    /// Answers of `/completion` per second.
    pub completion_per_s: f64,
    /// The latter over the former, median of the rounds.
    pub completion_ratio: f64,
    /// Milliseconds of the first page of pending submissions.
    pub first_page_ms: f64,
    /// Milliseconds of the far page (the 1,000th, or the last).
    pub far_page_ms: f64,
    /// Which page that was.
    pub far_page: usize,
    /// Seconds from the start of the process to its ready line.
    pub start_s: f64,
    /// Seconds of a bare open of the same rows.
    pub bare_open_s: f64,
    /// Memory after the start, MiB.
    pub idle_mib: f64,
}

/// Measures reads over `records` records.
pub fn measure_reads(plan: &Plan, records: usize) -> Result<ReadFigures, BenchError> {
    let data_dir = plan.directory.join(format!("reads-{records}"));
    {
        let directory = DataDirectory::open(&data_dir, 0)?;
        let store = Store::open(&directory, 256 << 20, &FreeSpace::new(&data_dir, 0))?;
        let senders = people(&store)?;
        fill::pending(&store, &Clock::system(), &senders, records)?;
    }
    let (start_s, bare_open_s) = starts(plan, &data_dir)?;
    let server = Server::ours(&data_dir)?;
    let idle_mib = server.memory_mib("VmRSS")?;
    let token = server.sign_in("viewer")?;
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds {
        let live = many(&server, "/health/live", &token)?;
        let completion = many(&server, "/api/v1/completion", &token)?;
        rounds.push((live, completion));
    }
    let (first_page_ms, far_page_ms, far_page) = pages(&server, &token)?;
    drop(server);
    fs::remove_dir_all(&data_dir)?;
    Ok(ReadFigures {
        records,
        live_per_s: median(rounds.iter().map(|(live, _)| *live).collect()),
        completion_per_s: median(rounds.iter().map(|(_, completion)| *completion).collect()),
        completion_ratio: median(
            rounds
                .iter()
                .map(|(live, completion)| completion / live)
                .collect(),
        ),
        first_page_ms,
        far_page_ms,
        far_page,
        start_s,
        bare_open_s,
        idle_mib,
    })
}

/// Seconds of a start of the server and of a bare open of the rows, in the same rounds.
fn starts(plan: &Plan, data_dir: &Path) -> Result<(f64, f64), BenchError> {
    let mut server = Vec::new();
    let mut bare = Vec::new();
    for _ in 0..plan.rounds {
        let began = Instant::now();
        let directory = DataDirectory::open(data_dir, 0)?;
        let store = Store::open(&directory, 32 << 20, &FreeSpace::new(data_dir, 0))?;
        bare.push(began.elapsed().as_secs_f64());
        drop(store);
        drop(directory);
        server.push(Server::ours(data_dir)?.started_in.as_secs_f64());
    }
    Ok((median(server), median(bare)))
}

fn get(path: &str, token: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\naccept-encoding: gzip\r\n\r\n"
    )
}

fn many(server: &Server, path: &str, token: &str) -> Result<f64, BenchError> {
    // The board is kept compressed; compressing the few bytes of the other answer would only slow it down.
    let request = match path {
        "/health/live" => get(path, token).replace("accept-encoding: gzip", "accept-encoding: identity"),
        _ => get(path, token),
    };
    let run = load::run(server.address, 8, 20_000, 200, |_, out| {
        out.extend_from_slice(request.as_bytes());
    })?;
    Ok(run.per_second())
}

/// The median time of the first page of 50 pending submissions and of the 1,000th (or the last there is).
fn pages(server: &Server, token: &str) -> Result<(f64, f64, usize), BenchError> {
    let mut connection = Connection::open(server.address)?;
    let first = "/api/v1/submissions?state=pending&limit=50".to_owned();
    let mut far = (first.clone(), 1);
    while far.1 < 1000 {
        let page = plain(&mut connection, &far.0, token)?;
        let page: serde_json::Value = serde_json::from_slice(&page).map_err(std::io::Error::other)?;
        let Some(next) = page.get("next").and_then(serde_json::Value::as_str) else {
            break;
        };
        far = (format!("{first}&after={next}"), far.1 + 1);
    }
    let mut time = |path: &str| -> Result<f64, BenchError> {
        let mut times = Vec::new();
        for _ in 0..50 {
            let began = Instant::now();
            plain(&mut connection, path, token)?;
            times.push(Duration::as_secs_f64(&began.elapsed()) * 1000.0);
        }
        Ok(median(times))
    };
    let first_ms = time(&first)?;
    Ok((first_ms, time(&far.0)?, far.1))
}

fn plain(connection: &mut Connection, path: &str, token: &str) -> Result<Vec<u8>, BenchError> {
    let request = get(path, token).replace("accept-encoding: gzip", "accept-encoding: identity");
    Ok(connection.exchange(request.as_bytes(), 200)?)
}

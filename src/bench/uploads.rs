//! Uploads: distinct pictures of 288 KB as multipart submissions, beside the bare writer in the same rounds.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use super::child::Server;
use super::load::{self, Run};
use super::{BenchError, Plan, median, people};
use crate::clock::Clock;
use crate::demo::pictures::distinct_jpeg;
use crate::disk::FreeSpace;
use crate::domain::AssignmentId;
use crate::services::fill;
use crate::store::{DataDirectory, Store};

const PICTURE_BYTES: usize = 288_000;
/// Connections of each run.
pub(super) const CONNECTIONS: [usize; 3] = [1, 8, 32];

/// What was measured with one number of connections.
#[derive(Debug, Clone, Copy)]
pub struct UploadFigures {
    /// How many connections.
    pub connections: usize,
    /// Our durable uploads per second, median of the rounds.
    pub ours_per_s: f64,
    /// The bare writer's.
    pub bare_per_s: f64,
    /// Ours over the bare writer's, median of the rounds.
    pub ratio: f64,
    /// Our processor seconds per 1,000 uploads.
    pub cpu_s_per_1000: f64,
    /// The bare writer's.
    pub bare_cpu_s_per_1000: f64,
    /// Half of our answers came within this many milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 of our answers came within this many milliseconds.
    pub p99_ms: f64,
    /// Our memory before anything was sent, MiB.
    pub idle_mib: f64,
    /// Our peak memory so far, MiB.
    pub peak_mib: f64,
}

/// Measures uploads.
pub fn measure_uploads(plan: &Plan) -> Result<Vec<UploadFigures>, BenchError> {
    let mut all = Vec::new();
    for connections in CONNECTIONS {
        let per_run = plan.uploads * if connections == 1 { 1 } else { 4 };
        let mut rounds = Vec::new();
        // Nothing is removed before the end: a file system passes over the places of files that were removed in the last
        // seconds, and whoever runs next would pay for it. Who begins changes with every round.
        for round in 0..plan.rounds {
            let home = plan.directory.join(format!("uploads-{connections}-{round}"));
            let bare_first = round % 2 == 1;
            let early = bare_first.then(|| bare_round(&home.join("bare"), connections, per_run));
            let ours = our_round(&home, connections, per_run)?;
            let bare = early.unwrap_or_else(|| bare_round(&home.join("bare"), connections, per_run))?;
            rounds.push((ours, bare));
        }
        let of = |figure: &dyn Fn(&(Round, Round)) -> f64| median(rounds.iter().map(figure).collect());
        all.push(UploadFigures {
            connections,
            ours_per_s: of(&|(ours, _)| ours.run.per_second()),
            bare_per_s: of(&|(_, bare)| bare.run.per_second()),
            ratio: of(&|(ours, bare)| ours.run.per_second() / bare.run.per_second()),
            cpu_s_per_1000: of(&|(ours, _)| ours.cpu_s_per_1000),
            bare_cpu_s_per_1000: of(&|(_, bare)| bare.cpu_s_per_1000),
            p50_ms: of(&|(ours, _)| ours.run.percentile(50).as_secs_f64() * 1000.0),
            p99_ms: of(&|(ours, _)| ours.run.percentile(99).as_secs_f64() * 1000.0),
            idle_mib: of(&|(ours, _)| ours.idle_mib),
            peak_mib: of(&|(ours, _)| ours.peak_mib),
        });
    }
    Ok(all)
}

/// Syncs per upload, counted by strace over one run; `None` where strace is not to be had.
pub fn count_syncs(plan: &Plan, connections: usize) -> Result<Option<f64>, BenchError> {
    let uploads = plan.uploads * 2;
    let home = plan.directory.join(format!("syncs-{connections}"));
    let (server, requests) = prepare(&home, uploads)?;
    let report = home.join("strace.txt");
    let tracer = Command::new("strace")
        .args(["-f", "-e", "trace=fsync,fdatasync,syncfs,sync,msync", "-o"])
        .arg(&report)
        .args(["-p", &server.id().to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut tracer) = tracer else { return Ok(None) };
    let Some(stderr) = tracer.stderr.take() else {
        return Ok(None);
    };
    // It says so once it is attached to all threads. Its standard error stays open, or it would die of its next word.
    let mut said = String::new();
    let mut stderr = BufReader::new(stderr);
    stderr.read_line(&mut said)?;
    if !said.contains("attached") {
        tracer.wait()?;
        return Ok(None);
    }
    load::run(server.address, connections, uploads, 201, |number, out| {
        requests.write(number, out);
    })?;
    drop(server);
    stderr.read_to_string(&mut said)?;
    tracer.wait()?;
    // A call that another thread interrupts has a second line; only the first has the parenthesis right after the name.
    let calls = fs::read_to_string(&report)?
        .lines()
        .filter(|line| !line.contains("resumed>") && line.contains("sync"))
        .count();
    Ok(u32::try_from(calls)
        .ok()
        .zip(u32::try_from(uploads).ok())
        .map(|(calls, uploads)| f64::from(calls) / f64::from(uploads)))
}

struct Round {
    run: Run,
    cpu_s_per_1000: f64,
    idle_mib: f64,
    peak_mib: f64,
}

fn our_round(home: &Path, connections: usize, uploads: usize) -> Result<Round, BenchError> {
    let (server, requests) = prepare(home, uploads)?;
    let idle_mib = server.memory_mib("VmRSS")?;
    let cpu = server.cpu_s()?;
    let run = load::run(server.address, connections, uploads, 201, |number, out| {
        requests.write(number, out);
    })?;
    let cpu = server.cpu_s()? - cpu;
    Ok(Round {
        cpu_s_per_1000: per_1000(cpu, uploads),
        run,
        idle_mib,
        peak_mib: server.memory_mib("VmHWM")?,
    })
}

fn bare_round(directory: &Path, connections: usize, uploads: usize) -> Result<Round, BenchError> {
    let server = Server::bare(directory)?;
    let cpu = server.cpu_s()?;
    let run = load::run(server.address, connections, uploads, 201, |number, out| {
        let picture = picture(number);
        out.extend_from_slice(
            format!("PUT / HTTP/1.1\r\ncontent-length: {}\r\n\r\n", picture.len()).as_bytes(),
        );
        out.extend_from_slice(&picture);
    })?;
    let cpu = server.cpu_s()? - cpu;
    Ok(Round {
        cpu_s_per_1000: per_1000(cpu, uploads),
        run,
        idle_mib: 0.0,
        peak_mib: server.memory_mib("VmHWM")?,
    })
}

fn per_1000(cpu_s: f64, uploads: usize) -> f64 {
    u32::try_from(uploads).map_or(0.0, |uploads| cpu_s * 1000.0 / f64::from(uploads))
}

/// What every request of a run is made of.
struct Requests {
    places: Vec<(AssignmentId, usize)>,
    tokens: Vec<String>,
}

/// A server with a planned place for every upload.
fn prepare(home: &Path, uploads: usize) -> Result<(Server, Requests), BenchError> {
    let data_dir = home.join("data");
    let places = {
        let directory = DataDirectory::open(&data_dir, 0)?;
        let store = Store::open(&directory, 32 << 20, &FreeSpace::new(&data_dir, 0))?;
        let senders = people(&store)?;
        let planned = fill::plan(&store, &Clock::system(), &senders, uploads)?;
        let sender = |user| senders.iter().position(|sender| sender.user == user).unwrap_or(0);
        planned.into_iter().map(|(id, user)| (id, sender(user))).collect()
    };
    let server = Server::ours(&data_dir)?;
    // Twice, so that what is measured as idle has served a few requests.
    let tokens: Result<Vec<String>, BenchError> = (0..super::SENDERS)
        .map(|number| server.sign_in(&format!("head{number}")))
        .collect();
    Ok((
        server,
        Requests {
            places,
            tokens: tokens?,
        },
    ))
}

impl Requests {
    fn write(&self, number: usize, out: &mut Vec<u8>) {
        let Some((place, sender)) = self.places.get(number) else {
            return;
        };
        let token = self.tokens.get(*sender).map_or("", String::as_str);
        let picture = picture(number);
        let report = format!(
            "{{\"assignment_id\":\"{place}\",\"captured_at\":\"2026-02-20T09:30:00+07:00\",\
             \"location\":{{\"lat\":22.34,\"lon\":103.97,\"accuracy_m\":12}},\
             \"client\":{{\"app\":\"bench\",\"version\":\"1\"}}}}"
        );
        let head = format!(
            "--part\r\ncontent-disposition: form-data; name=\"report\"\r\n\r\n{report}\r\n--part\r\n\
             content-disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\ncontent-type: image/jpeg\r\n\r\n"
        );
        let tail = "\r\n--part--\r\n";
        // Every place gets one submission, under the place's own id.
        out.extend_from_slice(
            format!(
                "PUT /api/v1/submissions/{place} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n\
                 content-type: multipart/form-data; boundary=part\r\ncontent-length: {}\r\n\r\n",
                head.len() + picture.len() + tail.len()
            )
            .as_bytes(),
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(&picture);
        out.extend_from_slice(tail.as_bytes());
    }
}

fn picture(number: usize) -> Vec<u8> {
    let seed = u64::try_from(number).unwrap_or(0);
    // The base is made once; a failure would already have shown when the bench began.
    distinct_jpeg(seed, PICTURE_BYTES).unwrap_or_default()
}

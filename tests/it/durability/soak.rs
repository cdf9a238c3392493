//! Everything at once, for as long as one likes: sixteen phones and their reviewers, readers, backups, deaths, power cuts.
//!
//! The suite runs it for seconds; `scripts/soak` for an hour with the release build, which is the proof.

use std::cell::RefCell;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::hostile_memory::memory_mib;
use super::load::{Load, client, runtime};
use super::process::{ROOMY, Server, minhchung, prove, serve};
use super::told::Illness;
use super::volume::{Volume, cut_power};
use super::{count_from_environment, say};

const POWER_CUTS: usize = 3;
/// Of this many parts of the whole, the last is left in peace: memory that grows shows there.
const PARTS: u32 = 6;
/// Older submissions of each phone that are asked for again after each death.
const SAMPLE: usize = 8;

/// How long things take in this run.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    whole: Duration,
    between_deaths: Duration,
    between_backups: Duration,
}

impl Schedule {
    /// Of an hour: a death every two minutes by the clock, proofs and all, and a backup every five. Shorter runs have the
    /// same, closer together.
    fn of(seconds: u32) -> Self {
        let share = |of_an_hour: u32| Duration::from_secs(u64::from(seconds)) / (3600 / of_an_hour);
        Self {
            whole: Duration::from_secs(u64::from(seconds)),
            between_deaths: share(120).max(Duration::from_secs(4)),
            between_backups: share(300).max(Duration::from_secs(3)),
        }
    }
}

/// What happened.
#[derive(Debug, Default)]
struct Tally {
    deaths: usize,
    cuts: usize,
    backups: usize,
    /// Backups whose server died meanwhile.
    cut_backups: usize,
    reads: usize,
    /// Resident memory in MiB: at the start and at the end of each life, and every so often in the last one.
    lives: Vec<(u64, u64)>,
    last_life: Vec<u64>,
}

/// Somebody of the office who looks at everything, again and again. Nothing may fail but by the server's death.
async fn read_on(client: &Client, address: &str, token: &str, illness: Illness, reads: &RefCell<usize>) {
    let mut after = String::new();
    loop {
        let queue = format!("/submissions?limit=20&order=newest{after}");
        let Some(page) = read(client, address, token, &queue, illness).await else {
            return;
        };
        let page: Value = serde_json::from_slice(&page).unwrap();
        after = page["next"]
            .as_str()
            .map_or_else(String::new, |next| format!("&after={next}"));
        let mut paths = vec!["/completion".to_owned(), "/campaign".to_owned()];
        for item in page["items"].as_array().unwrap().iter().take(3) {
            paths.push(format!("/submissions/{}/history", item["id"].as_str().unwrap()));
            for photo in item["photos"].as_array().unwrap() {
                if photo["stored"] == true {
                    paths.push(format!(
                        "/photos/{}?size=thumb",
                        photo["sha256"].as_str().unwrap()
                    ));
                }
            }
        }
        for path in paths {
            if read(client, address, token, &path, illness).await.is_none() {
                return;
            }
            *reads.borrow_mut() += 1;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The answer's body; `None` when the server died, or its disk did.
async fn read(client: &Client, address: &str, token: &str, path: &str, illness: Illness) -> Option<Vec<u8>> {
    let request = client.get(format!("{address}/api/v1{path}")).bearer_auth(token);
    let answer = request.send().await.ok()?;
    let status = answer.status();
    if illness == Illness::Expected && status.is_server_error() {
        return None;
    }
    let body = answer.bytes().await.ok()?;
    assert_eq!(
        status,
        StatusCode::OK,
        "{path}: {}",
        String::from_utf8_lossy(&body)
    );
    Some(body.to_vec())
}

/// Listens to the office's events until they end.
async fn listen(client: &Client, address: &str, token: &str) {
    let request = client.get(format!("{address}/api/v1/events")).bearer_auth(token);
    let Ok(answer) = request.timeout(Duration::from_hours(1)).send().await else {
        return;
    };
    assert_eq!(answer.status(), StatusCode::OK);
    let mut pieces = answer.bytes_stream();
    while let Some(Ok(_)) = pieces.next().await {}
}

fn back_up(data: &Path, to: &Path) -> JoinHandle<Output> {
    let mut command = minhchung();
    command
        .args(["backup", "--data-dir"])
        .arg(data)
        .arg("--to")
        .arg(to);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
}

/// How a life ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Death {
    Killed,
    PowerCut,
    Terminated,
}

struct Soak {
    volume: Volume,
    backups: tempfile::TempDir,
    load: Load,
    schedule: Schedule,
    next_backup: Instant,
    tally: Tally,
}

impl Soak {
    /// One life of the server: it has what its phones were told, works until `end` and dies; and the proof of what it
    /// leaves.
    async fn live(&mut self, end: Instant, death: Death) {
        let mut server = Server::start(serve(&self.load.data_dir, &ROOMY));
        let (address, process) = (server.address.clone(), server.id());
        self.load.sign_in(&address).await;
        self.load.verify_lately(&address, SAMPLE).await;
        let born = memory_mib(process, "VmRSS");
        // What a slow machine's proofs leave of the time between two deaths may be nothing.
        let length = end
            .saturating_duration_since(Instant::now())
            .max(self.schedule.between_deaths / 2);
        let illness = match death {
            Death::PowerCut => Illness::Expected,
            Death::Killed | Death::Terminated => Illness::Fault,
        };
        let (data, to) = (self.load.data_dir.clone(), self.backups.path().join("to"));
        let token = self.load.seed().admin_token.clone();
        let (running, reads, client) = (RefCell::new(Vec::new()), RefCell::new(0), client());
        let memory = RefCell::new(Vec::new());
        let (next, every) = (RefCell::new(self.next_backup), self.schedule.between_backups);
        let point = self.volume.path();
        let end = async {
            let until = tokio::time::Instant::now() + length;
            let backups = async {
                loop {
                    let due = *next.borrow();
                    tokio::time::sleep_until(due.into()).await;
                    running.borrow_mut().push(back_up(&data, &to));
                    *next.borrow_mut() = due.max(Instant::now()) + every;
                }
            };
            let watching = async {
                loop {
                    tokio::time::sleep(length / 20).await;
                    memory.borrow_mut().push(memory_mib(process, "VmRSS"));
                }
            };
            let readers = async {
                let reading = (0..3).map(|_| read_on(&client, &address, &token, illness, &reads));
                let listening = (0..3).map(|_| listen(&client, &address, &token));
                tokio::join!(
                    futures_util::future::join_all(reading),
                    futures_util::future::join_all(listening)
                );
                std::future::pending::<()>().await;
            };
            tokio::select! {
                () = tokio::time::sleep_until(until) => {}
                () = backups => {}
                () = watching => {}
                () = readers => {}
            }
            if death == Death::PowerCut {
                tokio::task::spawn_blocking(move || cut_power(&point))
                    .await
                    .unwrap();
            }
            match death {
                Death::Terminated => server.terminate(),
                Death::Killed | Death::PowerCut => server.kill(),
            }
        };
        self.load.run_until(&address, illness, end).await;
        let (status, log) = server.ended();
        assert_eq!(status.success(), death == Death::Terminated, "{status}: {log}");
        self.next_backup = next.into_inner();
        self.tally.reads += reads.into_inner();
        let memory = memory.into_inner();
        self.tally
            .lives
            .push((born, memory.last().copied().unwrap_or(born)));
        self.tally.last_life = memory;
        for backup in running.into_inner() {
            let output = backup.await.unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            if output.status.success() {
                self.tally.backups += 1;
            } else {
                // Its server died under it; it says so and is not taken for a backup.
                assert_eq!(output.status.code(), Some(1), "{said}");
                self.tally.cut_backups += 1;
            }
        }
        match death {
            Death::PowerCut => {
                self.volume.restart();
                self.tally.cuts += 1;
            }
            Death::Killed => self.tally.deaths += 1,
            Death::Terminated => {}
        }
        prove(&self.load.data_dir);
    }

    async fn run(&mut self) {
        let began = Instant::now();
        let in_peace = self.schedule.whole / PARTS;
        let all_cuts = u32::try_from(POWER_CUTS).unwrap();
        let mut cuts = 0;
        let mut next_death = began + self.schedule.between_deaths;
        // On a slow machine the proofs between the lives take so long that what is left comes after the time is over.
        while began.elapsed() + in_peace < self.schedule.whole || cuts < all_cuts || self.tally.deaths == 0 {
            let next_cut = self.schedule.whole * (2 * cuts + 1) / (2 * all_cuts + 1);
            let is_due = next_death.max(Instant::now()) >= began + next_cut;
            let death = if is_due && cuts < all_cuts {
                cuts += 1;
                Death::PowerCut
            } else {
                Death::Killed
            };
            self.live(next_death, death).await;
            next_death += self.schedule.between_deaths;
        }
        self.live(Instant::now() + in_peace, Death::Terminated).await;
        // Everything, once more.
        let server = Server::start(serve(&self.load.data_dir, &ROOMY));
        self.load.sign_in(&server.address).await;
        self.load.verify(&server.address).await;
        server.stop();
        let report = prove(&self.load.data_dir);
        let records = self.load.acknowledged_submissions().len();
        assert_eq!(report["submissions"], records, "one record for each submission");
    }

    /// The newest backup of many restores, and all are what they were.
    fn prove_backups(&self) {
        let to = self.backups.path().join("to");
        for arguments in [&["backup", "verify", "--all"][..], &["backup", "rehearse"]] {
            let output = minhchung()
                .args(arguments)
                .arg("--from")
                .arg(&to)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
}

#[test]
fn phones_readers_backups_deaths_and_power_cuts_together_lose_nothing() {
    let seconds = count_from_environment("MINHCHUNG_TEST_SOAK_SECONDS", 40);
    let schedule = Schedule::of(seconds);
    let volume = match Volume::ext4(if seconds > 300 { 24 << 10 } else { 1 << 10 }) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("soak: not run ({reason})")),
    };
    let load = Load::steady(&volume.path().join("data"));
    let mut soak = Soak {
        backups: tempfile::tempdir().unwrap(),
        load,
        schedule,
        next_backup: Instant::now() + schedule.between_backups / 2,
        tally: Tally::default(),
        volume,
    };
    runtime().block_on(soak.run());
    soak.prove_backups();
    let (tally, acknowledged) = (&soak.tally, soak.load.acknowledged());
    say(&format!(
        "soak: {seconds} s, {acknowledged} requests of 16 phones and their reviewers acknowledged ({} submissions), {} \
         reads, {} kills, {} power cuts, {} backups ({} cut off by their server's death); nothing lost",
        soak.load.acknowledged_submissions().len(),
        tally.reads,
        tally.deaths,
        tally.cuts,
        tally.backups,
        tally.cut_backups,
    ));
    say(&format!(
        "soak: MiB at the start and the end of each life: {:?}; in the last one: {:?}",
        tally.lives, tally.last_life
    ));
    assert_eq!(tally.cuts, POWER_CUTS);
    let due = (schedule.whole - schedule.whole / PARTS).as_secs() / schedule.between_deaths.as_secs();
    let died = u64::try_from(tally.deaths + tally.cuts).unwrap();
    // In the short run a proof may take longer than a life.
    assert!(seconds < 600 || died >= due - 1, "{died} deaths of {due}");
    assert!(
        tally.deaths > 0 && tally.backups > 0 && tally.reads > 0,
        "{tally:?}"
    );
}

//! What a backup costs those who send meanwhile. It proves that they are answered; how fast is said, not judged.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use minhchung::domain::{Role, SubmissionId};
use uuid::Uuid;

use super::load::{client, runtime};
use super::office::{Office, actor, draft};
use super::pictures::picture;
use super::process::{ROOMY, Server, minhchung, serve};
use super::seed::Seed;
use super::told::{Deed, End, Illness, Line, Told};
use super::{count_from_environment, say};
use crate::support::COMMUNE;

const PHONES: usize = 8;
/// So many are sent at least, so that the 99th of a hundred means something.
const AT_LEAST: usize = 200;

/// Fills the directory with `records` whole submissions of one picture.
fn fill(data: &std::path::Path, records: usize) {
    let office = Office::open(data, "2026-07-20T09:00:00+07:00");
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    let place = office.plan(COMMUNE, "banner.1", "2026-07-31");
    let mut left = records;
    while left > 0 {
        let together = left.min(64);
        let pictures: Vec<_> = (0..together).map(|_| [picture(3_000)]).collect();
        let sending = pictures.iter().map(|pictures| {
            let report = draft(SubmissionId(Uuid::now_v7()), place, office.clock.now(), pictures);
            office.send_whole(&officer, report, pictures)
        });
        for sent in office.run(join_all(sending)) {
            sent.unwrap();
        }
        left -= together;
    }
}

/// Sends from all phones until `stop`; how long each answer took, sorted.
async fn send(line: &Line<'_>, stop: &AtomicBool) -> Vec<Duration> {
    let phones = line.seed.assignments.iter().map(|assignment| async move {
        let mut took = Vec::new();
        while !stop.load(Ordering::SeqCst) || took.len() * PHONES < AT_LEAST {
            let deeds: VecDeque<Deed> = [Deed::Whole].into();
            let mut told = Told::new(assignment, vec![picture(3_000)], deeds);
            let began = Instant::now();
            assert_eq!(told.go_on(line).await, End::Answered);
            took.push(began.elapsed());
        }
        took
    });
    let mut all = join_all(phones).await.concat();
    all.sort();
    all
}

fn in_words(took: &[Duration]) -> String {
    let at = |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_millis();
    format!(
        "{} sent, p50 {} ms, p99 {} ms, longest {} ms",
        took.len(),
        at(50),
        at(99),
        at(100)
    )
}

#[test]
fn phones_are_answered_while_a_backup_runs() {
    // The figures of the notes are those of 20,000.
    let records = usize::try_from(count_from_environment("MINHCHUNG_TEST_BACKUP_RECORDS", 300)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, PHONES);
    fill(&data, records);
    let server = Server::start(serve(&data, &ROOMY));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Fault,
    };
    runtime().block_on(async {
        let alone = send(&line, &AtomicBool::new(true)).await;
        say(&format!(
            "backup: {records} records, without one: {}",
            in_words(&alone)
        ));
        for number in ["first", "second"] {
            let stop = AtomicBool::new(false);
            let backing_up = async {
                let began = Instant::now();
                let mut command = minhchung();
                command
                    .args(["backup", "--data-dir"])
                    .arg(&data)
                    .arg("--to")
                    .arg(home.path().join("to"));
                let child = command
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap();
                let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
                    .await
                    .unwrap();
                stop.store(true, Ordering::SeqCst);
                (output, began.elapsed())
            };
            let (meanwhile, (output, took)) = tokio::join!(send(&line, &stop), backing_up);
            assert!(output.status.success(), "{output:?}");
            let said = String::from_utf8(output.stdout).unwrap();
            let written = said.lines().find(|line| line.contains("were new")).unwrap();
            say(&format!(
                "backup: the {number} took {took:.1?} ({written}); meanwhile {}",
                in_words(&meanwhile)
            ));
        }
    });
    server.stop();
}

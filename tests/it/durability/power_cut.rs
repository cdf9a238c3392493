//! The power goes while sixteen phones send.
//!
//! `kill -9` leaves the page cache alone, so it cannot show a missing sync; shutting an ext4 down without its journal
//! does. That it really does is shown first, with an engine that leaves the sync out.

use std::io::{BufRead, BufReader};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use minhchung::disk::FreeSpace;
use minhchung::domain::{AuditEntry, Moment};
use minhchung::store::records::AuditLog;
use minhchung::store::{Batch, DataDirectory, Engine, Pairs, ReadTables, Span, Store, StoreError};

use super::load::{Load, runtime};
use super::process::{ROOMY, Server, serve};
use super::told::Illness;
use super::volume::{Volume, cut_power};
use super::{count_from_environment, say};

const SYNCING: &str = "MINHCHUNG_TEST_SYNCING";
const HOME: &str = "MINHCHUNG_TEST_WRITER_HOME";
const ROW_BYTES: &str = "MINHCHUNG_TEST_ROW_BYTES";

#[test]
fn whatever_was_acknowledged_survives_power_cuts_under_load() {
    let cuts = count_from_environment("MINHCHUNG_TEST_CUTS", 10);
    let runtime = runtime();
    let mut acknowledged = 0;
    for _ in 0..cuts.div_ceil(2) {
        let volume = match Volume::ext4(256) {
            Ok(volume) => volume,
            Err(reason) => return say(&format!("power cut: not run ({reason})")),
        };
        let mut load = Load::new(&volume.path().join("data"));
        for _ in 0..2 {
            let mut server = Server::start(serve(&load.data_dir, &ROOMY));
            let address = server.address.clone();
            let delay = Duration::from_millis(rand::random_range(50..1500));
            runtime.block_on(load.run_until(&address, Illness::Expected, async {
                tokio::time::sleep(delay).await;
                tokio::task::spawn_blocking({
                    let point = volume.path();
                    move || cut_power(&point)
                })
                .await
                .unwrap();
                server.kill();
            }));
            drop(server.ended());
            volume.restart();
            runtime.block_on(load.survived());
        }
        acknowledged += load.acknowledged();
    }
    assert!(
        acknowledged > u64::from(cuts),
        "hardly anything was acknowledged: {acknowledged}"
    );
    say(&format!(
        "power cut: {} cuts, {acknowledged} acknowledged requests, none lost",
        2 * cuts.div_ceil(2)
    ));
}

/// sled as the store uses it, but whose `sync` does what sled calls a flush, and no more.
struct FlushAlone(sled::Db);

impl Engine for FlushAlone {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.get(key)?.map(|value| value.to_vec()))
    }

    fn range(&self, span: &Span) -> Pairs<'_> {
        assert!(!span.backwards, "this engine reads forwards only");
        let pairs = self.0.range(span.start.clone()..span.end.clone());
        Box::new(pairs.map(|pair| Ok(pair.map(|(key, value)| (key.to_vec(), value.to_vec()))?)))
    }

    fn commit(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut changes = sled::Batch::default();
        for (key, value) in batch {
            match value {
                Some(value) => changes.insert(key.as_slice(), value.as_slice()),
                None => changes.remove(key.as_slice()),
            }
        }
        Ok(self.0.apply_batch(changes)?)
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.0.flush()?;
        Ok(())
    }

    fn bytes_on_disk(&self) -> Result<u64, StoreError> {
        Ok(self.0.size_on_disk()?)
    }
}

/// The store in `home`, with its own engine or with the one that only flushes.
fn open(home: &Path, syncing: bool) -> (DataDirectory, Store) {
    let directory = DataDirectory::open(home, 0).unwrap();
    let space = FreeSpace::new(home, 0);
    let store = if syncing {
        Store::open(&directory, 8 << 20, &space).unwrap()
    } else {
        let config = sled::Config::new().path(directory.rows()).flush_every_ms(None);
        Store::over(Arc::new(FlushAlone(config.open().unwrap())), &space).unwrap()
    };
    (directory, store)
}

fn row(detail: usize) -> AuditEntry {
    AuditEntry {
        at: Moment::from_millis(0),
        by: None,
        action: "test".into(),
        subject: "test".into(),
        detail: "x".repeat(detail),
        previous: [0; 32],
        hash: [0; 32],
    }
}

#[test]
#[ignore = "the child of the tests below"]
fn a_writer_that_says_what_was_acknowledged() {
    let text = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let Some(home) = text(HOME) else { return };
    let (_directory, store) = open(Path::new(&home), text(SYNCING).unwrap() == "yes");
    let row = row(text(ROW_BYTES).unwrap().parse().unwrap());
    for number in 0.. {
        let row = row.clone();
        store
            .transact_now::<(), StoreError>(move |tx| tx.put::<AuditLog>(&number, &row))
            .unwrap();
        println!("acknowledged {number}");
    }
}

/// How many of `count` acknowledged rows of about `bytes` bytes are gone after a power cut.
fn lost_rows(syncing: bool, bytes: usize, count: usize) -> Result<usize, String> {
    let volume = Volume::ext4(256)?;
    let home = volume.path().join("data");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "durability::power_cut::a_writer_that_says_what_was_acknowledged",
        ])
        .args(["--ignored", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(HOME, &home)
        .env(SYNCING, if syncing { "yes" } else { "no" })
        .env(ROW_BYTES, bytes.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(number) = line.unwrap().strip_prefix("acknowledged ") {
            acknowledged.push(number.parse::<u64>().unwrap());
        }
        if acknowledged.len() == count {
            cut_power(&volume.path());
            drop(child.kill());
        }
    }
    child.wait().unwrap();
    volume.restart();
    // What sled cannot even open after a cut is lost as a whole.
    let opened = std::panic::catch_unwind(|| open(&home, true));
    let Ok((_directory, store)) = opened else {
        return Ok(acknowledged.len());
    };
    let lost = |number: &&u64| {
        let look = AssertUnwindSafe(|| store.read_now(|view| view.get::<AuditLog>(number)));
        let found = std::panic::catch_unwind(look);
        !matches!(found, Ok(Ok(Some(found))) if found == row(bytes))
    };
    Ok(acknowledged.iter().filter(lost).count())
}

#[test]
fn the_power_cut_is_real_for_without_the_sync_rows_are_lost_and_with_it_none() {
    let mut lost_without = 0;
    for _ in 0..3 {
        match lost_rows(false, 40, 300) {
            Ok(lost) => lost_without += lost,
            Err(reason) => return say(&format!("power cut without sync: not run ({reason})")),
        }
    }
    let lost_with: usize = (0..3).map(|_| lost_rows(true, 40, 300).unwrap()).sum();
    say(&format!(
        "power cut: flush alone lost {lost_without} acknowledged rows in 3 cuts, the store {lost_with}"
    ));
    assert!(lost_without > 0, "this cut would not show a missing sync");
    assert_eq!(lost_with, 0);
}

#[test]
fn rows_as_long_as_they_may_be_survive_power_cuts_too() {
    let mut lost = 0;
    for _ in 0..3 {
        match lost_rows(true, 40_000, 60) {
            Ok(rows) => lost += rows,
            Err(reason) => return say(&format!("power cut with long rows: not run ({reason})")),
        }
    }
    say(&format!("power cut: {lost} long rows lost in 3 cuts"));
    assert_eq!(lost, 0, "long rows were lost");
}

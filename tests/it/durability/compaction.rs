//! Compaction: what was replaced goes, nothing else does, and a death at any moment loses nothing.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use minhchung::crash::{self, Point};
use minhchung::disk::FreeSpace;
use minhchung::domain::{AuditEntry, Moment};
use minhchung::store::records::AuditLog;
use minhchung::store::{Census, DataDirectory, Store, StoreError, compact};

use super::process::minhchung;
use super::{count_from_environment, say};

const POINT: &str = "MINHCHUNG_TEST_COMPACTION_POINT";
const HOME: &str = "MINHCHUNG_TEST_COMPACTION_HOME";
const SIGABRT: i32 = 6;
/// sled holds some segments of 4 MiB whatever is in it; beside this many bytes of rows they no longer count.
const SMALL_BYTES: u64 = 64 << 20;
const SEGMENTS_BYTES: u64 = 20 << 20;

fn open(data: &Path) -> (DataDirectory, Store) {
    let directory = DataDirectory::open(data, 0).unwrap();
    let store = Store::open(&directory, 8 << 20, &FreeSpace::new(data, 0)).unwrap();
    (directory, store)
}

/// Writes `updates` rows over and over under `keys` numbers; answers with all rows as they are in the end.
fn update(data: &Path, updates: u64, keys: u64) -> Census {
    let (_directory, store) = open(data);
    let group = 100;
    for round in 0..updates.div_ceil(group) {
        store
            .transact_now::<(), StoreError>(move |tx| {
                for number in 0..group {
                    let number = (round * group + number).wrapping_mul(0x9e37_79b9_7f4a_7c15) % keys;
                    // Beyond what a server that runs here writes itself.
                    let number = 1_000_000 + number;
                    tx.put::<AuditLog>(&number, &row(round))?;
                }
                Ok(())
            })
            .unwrap();
    }
    store.census().unwrap()
}

fn row(round: u64) -> AuditEntry {
    AuditEntry {
        at: Moment::from_millis(0),
        by: None,
        action: "test".into(),
        subject: format!("round/{round}"),
        detail: "x".repeat(300),
        previous: [0; 32],
        hash: [0; 32],
    }
}

fn rows(data: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let (_directory, store) = open(data);
    let mut snapshot = store.snapshot_now().unwrap();
    let mut rows = Vec::new();
    loop {
        let piece = snapshot.next_piece().unwrap();
        if piece.is_empty() {
            return rows;
        }
        rows.extend(piece);
    }
}

fn bytes_on_disk(data: &Path) -> u64 {
    let files = fs::read_dir(data.join("rows")).unwrap();
    files.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[test]
fn after_many_updates_a_compaction_leaves_at_most_twice_what_lives() {
    // A hundred thousand take some seconds; the whole proof is 1,000,000.
    let updates = u64::from(count_from_environment("MINHCHUNG_TEST_UPDATES", 100_000));
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let census = update(&data, updates, (updates / 5).max(20_000));
    let (before, live) = (bytes_on_disk(&data), rows(&data));
    let output = minhchung()
        .args(["compact", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let after = bytes_on_disk(&data);
    say(&format!(
        "compaction: {updates} updates, {} rows of {} bytes, {before} bytes on disk before, {after} after ({} %)",
        census.rows,
        census.bytes,
        after * 100 / census.bytes
    ));
    let segments = if census.bytes < SMALL_BYTES {
        SEGMENTS_BYTES
    } else {
        0
    };
    assert!(
        after <= 2 * census.bytes + segments,
        "{after} for {}",
        census.bytes
    );
    assert!(rows(&data) == live, "the rows are not the same");
    let left: Vec<_> = fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_str().unwrap().starts_with("rows.")),
        "{left:?}"
    );
}

#[test]
#[ignore = "the child of the test below"]
fn a_compaction_that_dies_at_a_crash_point() {
    let text = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let Some(name) = text(POINT) else { return };
    let point = Point::COMPACTION.into_iter().find(|point| point.name() == name);
    crash::arm(point.unwrap(), 0);
    let data = text(HOME).unwrap();
    let directory = DataDirectory::open(Path::new(&data), 0).unwrap();
    compact(&directory, &FreeSpace::new(Path::new(&data), 0)).unwrap();
}

#[test]
fn a_compaction_that_dies_at_any_step_leaves_all_rows_and_the_next_start_clears_up() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    update(&data, 3_000, 2_000);
    let live = rows(&data);
    for point in Point::COMPACTION {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "durability::compaction::a_compaction_that_dies_at_a_crash_point",
            ])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env_clear()
            .env(POINT, point.name())
            .env(HOME, &data)
            .output()
            .unwrap();
        assert_eq!(
            child.status.signal(),
            Some(SIGABRT),
            "{}: {child:?}",
            point.name()
        );
        assert!(rows(&data) == live, "rows differ after {}", point.name());
        let mut left: Vec<String> = fs::read_dir(&data)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with("rows"))
            .collect();
        left.sort();
        assert_eq!(left, ["rows"], "after {}", point.name());
    }
}

#[test]
fn a_start_compacts_when_the_disk_holds_too_much_and_only_then() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    update(&data, 20_000, 50);
    let before = rows(&data);
    let bytes = bytes_on_disk(&data);
    let idle = [
        "--compact-ratio",
        "0",
        "--compact-floor-mib",
        "0",
        "--min-free-mib",
        "0",
        "--ballast-mib",
        "0",
    ];
    super::process::Server::start(super::process::serve(&data, &idle)).stop();
    let inode = |data: &Path| std::os::unix::fs::MetadataExt::ino(&fs::metadata(data.join("rows")).unwrap());
    let served = inode(&data);
    let eager = [
        "--compact-ratio",
        "2",
        "--compact-floor-mib",
        "1",
        "--min-free-mib",
        "0",
        "--ballast-mib",
        "0",
    ];
    super::process::Server::start(super::process::serve(&data, &eager)).stop();
    assert_ne!(
        inode(&data),
        served,
        "{bytes} bytes for 50 rows, and nothing was done"
    );
    let after = rows(&data);
    let is_kept = |row: &&(Vec<u8>, Vec<u8>)| after.contains(row);
    assert_eq!(before.iter().filter(is_kept).count(), before.len());
}

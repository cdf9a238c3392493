//! The doctor finds every kind of damage, and calls nothing damage that a crash may leave behind.

use std::fs;
use std::path::{Path, PathBuf};

use minhchung::domain::{Role, SubmissionId};
use minhchung::store::records::{AuditLog, Standings, Tallies};
use minhchung::store::{Range, ReadTables, StoreError, Transaction};
use serde_json::Value;
use uuid::Uuid;

use super::office::{Office, actor, draft};
use super::pictures::picture;
use super::process::{minhchung, prove};
use crate::support::COMMUNE;

const NOW: &str = "2026-07-20T09:00:00+07:00";

/// A directory with one whole submission of two pictures.
fn patient() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let office = Office::open(&data, NOW);
    let place = office.plan(COMMUNE, "banner.1", "2026-07-31");
    let pictures = [picture(3_000), picture(5_000)];
    let report = draft(SubmissionId(Uuid::now_v7()), place, office.clock.now(), &pictures);
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    office
        .run(office.send_whole(&officer, report, &pictures))
        .unwrap();
    drop(office);
    (home, data)
}

fn examine(data: &Path, more: &[&str]) -> (Option<i32>, Value) {
    let output = minhchung()
        .args(["doctor", "--json", "--data-dir"])
        .arg(data)
        .args(more)
        .output()
        .unwrap();
    (
        output.status.code(),
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
    )
}

fn kinds(report: &Value, list: &str) -> Vec<String> {
    let found = report[list].as_array().unwrap();
    let mut kinds: Vec<String> = found
        .iter()
        .map(|found| found["kind"].as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    kinds
}

/// A picture file, always the same one.
fn file_of(data: &Path) -> PathBuf {
    let shelf = data.join("photos/2026-07");
    let mut files: Vec<PathBuf> = fs::read_dir(shelf)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.remove(0)
}

fn spoil_rows(
    data: &Path,
    spoil: impl FnOnce(&mut Transaction<'_>) -> Result<(), StoreError> + Send + 'static,
) {
    let office = Office::open(data, NOW);
    office.store.transact_now(spoil).unwrap();
}

#[test]
fn a_sound_directory_is_called_clean_in_words_and_in_json() {
    let (_home, data) = patient();
    let report = prove(&data);
    assert_eq!(
        (&report["submissions"], &report["pictures"]),
        (&1.into(), &2.into())
    );
    assert_eq!(report["hashed"], true);
    let output = minhchung()
        .args(["doctor", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().last(), Some("clean"), "{said}");
    assert_eq!(said.lines().count(), 5, "{said}");
}

#[test]
fn a_file_with_other_bytes_another_length_or_gone_is_found() {
    let (_home, data) = patient();
    let file = file_of(&data);
    let sound = fs::read(&file).unwrap();
    let mut turned = sound.clone();
    turned[1_000] ^= 1;
    fs::write(&file, &turned).unwrap();
    let (code, report) = examine(&data, &[]);
    assert_eq!(
        (code, kinds(&report, "problems")),
        (Some(1), vec!["wrong-bytes".to_owned()])
    );
    assert_eq!(
        examine(&data, &["--quick"]).0,
        Some(0),
        "a quick look does not read the bytes"
    );
    fs::write(&file, &sound[..2_000]).unwrap();
    let (code, report) = examine(&data, &["--quick"]);
    assert_eq!(
        (code, kinds(&report, "problems")),
        (Some(1), vec!["wrong-length".to_owned()])
    );
    fs::remove_file(&file).unwrap();
    let (code, report) = examine(&data, &["--quick"]);
    assert_eq!(
        (code, kinds(&report, "problems")),
        (Some(1), vec!["missing-file".to_owned()])
    );
    fs::write(&file, &sound).unwrap();
    prove(&data);
}

#[test]
fn a_figure_an_index_and_an_audit_entry_that_were_changed_are_found() {
    let (_home, data) = patient();
    spoil_rows(&data, |tx| {
        let key = (COMMUNE.parse().unwrap(), minhchung::domain::Cell::Banner1);
        let mut tally = tx.get::<Tallies>(&key)?.unwrap();
        tally.pending += 1;
        tx.put::<Tallies>(&key, &tally)
    });
    let (code, report) = examine(&data, &[]);
    assert_eq!(
        (code, kinds(&report, "problems")),
        (Some(1), vec!["differs".to_owned()])
    );
    let found = &report["problems"][0];
    assert!(found["subject"].as_str().unwrap().contains(COMMUNE), "{found}");
    assert!(found["detail"].as_str().unwrap().contains("recounted"), "{found}");

    let (_home, data) = patient();
    spoil_rows(&data, |tx| {
        let key = tx.keys::<Standings>(Range::all()).next().unwrap()?;
        tx.remove::<Standings>(&key);
        Ok(())
    });
    let (code, report) = examine(&data, &[]);
    assert_eq!(code, Some(1));
    assert!(kinds(&report, "problems").iter().all(|kind| kind == "differs"));

    let (_home, data) = patient();
    spoil_rows(&data, |tx| {
        let mut entry = tx.get::<AuditLog>(&0)?.unwrap();
        entry.by = None;
        tx.put::<AuditLog>(&0, &entry)
    });
    let (code, report) = examine(&data, &[]);
    assert_eq!(
        (code, kinds(&report, "problems")),
        (Some(1), vec!["audit".to_owned()])
    );
}

#[test]
fn what_crashes_and_strangers_leave_behind_is_told_and_is_no_damage() {
    let (_home, data) = patient();
    let orphan = format!("{:064x}", 7);
    fs::write(
        data.join("photos/2026-07").join(&orphan),
        "a picture whose row never came",
    )
    .unwrap();
    fs::write(data.join("incoming/0a.part"), "half").unwrap();
    fs::write(data.join("photos/notes.txt"), "hello").unwrap();
    fs::write(data.join("readme"), "hello").unwrap();
    let (code, report) = examine(&data, &[]);
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(
        kinds(&report, "notes"),
        ["foreign", "foreign", "leftover", "orphan"]
    );
    assert!(report["notes"].to_string().contains(&orphan));
}

#[test]
fn a_doctor_at_the_wrong_address_says_so_with_another_exit_code_than_one_who_has_to_wait() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(examine(&home.path().join("nowhere"), &[]).0, Some(2));
    assert_eq!(examine(home.path(), &[]).0, Some(2));
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0, "nothing was made");
    let (_home, data) = patient();
    let busy = Office::open(&data, NOW);
    assert_eq!(examine(&data, &[]).0, Some(1));
    drop(busy);
    assert_eq!(examine(&data, &[]).0, Some(0));
}

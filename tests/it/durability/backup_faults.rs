//! Whatever is wrong with a backup is named, and nothing that is wrong becomes a directory that can be served.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use minhchung::domain::{Role, SubmissionId};
use minhchung::store::ReadTables;
use minhchung::store::records::AuditLog;
use uuid::Uuid;

use super::office::{Office, actor, draft};
use super::pictures::{Picture, picture};
use super::process::{minhchung, prove};
use crate::support::COMMUNE;

pub const NOW: &str = "2026-07-20T09:00:00+07:00";
const CANARY: &str = "chim hoàng yến trong mỏ than";

/// A data directory with `pictures` and a note.
pub fn directory(home: &Path, pictures: &[Picture]) -> PathBuf {
    let data = home.join("data");
    let office = Office::open(&data, NOW);
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    for pictures in pictures.chunks(2) {
        let place = office.plan(COMMUNE, "banner.1", "2026-07-31");
        let mut report = draft(SubmissionId(Uuid::now_v7()), place, office.clock.now(), pictures);
        report.report.note = Some(CANARY.to_owned());
        office.run(office.send_whole(&officer, report, pictures)).unwrap();
    }
    data
}

/// Runs the program: exit code and everything it said.
pub fn run(arguments: &[&str], paths: &[(&str, &Path)]) -> (Option<i32>, String) {
    let mut command = minhchung();
    command.args(arguments);
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// A data directory and a backup of it.
pub fn backed_up() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000), picture(5_000), picture(9_000)]);
    let to = home.path().join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("not encrypted"), "{text}");
    (home, data, to)
}

pub fn generation(to: &Path) -> PathBuf {
    let mut folders = fs::read_dir(to.join("generations")).unwrap();
    folders.next().unwrap().unwrap().path()
}

#[test]
fn a_backup_waits_for_a_look_at_the_one_before_and_two_looks_do_not_wait_for_each_other() {
    let (_home, data, to) = backed_up();
    let lock = fs::File::options().write(true).open(to.join("lock")).unwrap();
    lock.lock_shared().unwrap();
    let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("waiting"), "{text}");
    let mut backup = minhchung()
        .args(["backup", "--data-dir"])
        .arg(&data)
        .arg("--to")
        .arg(&to)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(backup.stderr.take().unwrap()).lines();
    let waits = said.any(|line| line.unwrap().contains("waiting for its end"));
    assert!(waits, "it did not wait");
    lock.unlock().unwrap();
    drop(said.map(Result::unwrap).collect::<Vec<_>>());
    assert!(backup.wait().unwrap().success());
    assert_eq!(fs::read_dir(to.join("generations")).unwrap().count(), 2);
}

pub fn one_picture(to: &Path) -> PathBuf {
    let folder = fs::read_dir(to.join("pictures"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path()
}

/// Both name every one of `words`, and the restore leaves nothing behind.
#[track_caller]
pub fn named(home: &Path, to: &Path, words: &[&str]) {
    let target = home.join("restored");
    let verified = run(&["backup", "verify"], &[("--from", to)]);
    let restored = run(&["restore"], &[("--from", to), ("--data-dir", &target)]);
    let rehearsed = run(&["backup", "rehearse"], &[("--from", to), ("--in", home)]);
    for (code, text) in [verified, restored, rehearsed] {
        assert_eq!(code, Some(1), "{text}");
        assert!(
            words.iter().all(|word| text.contains(word)),
            "{words:?} in {text}"
        );
    }
    assert!(!target.exists(), "half a directory was left");
    let left: Vec<String> = fs::read_dir(home)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("minhchung-rehearsal"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

fn alter(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = fs::read(path).unwrap();
    let place = at(bytes.len());
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_whole_backup_is_verified_rehearsed_and_restored() {
    let (home, _, to) = backed_up();
    let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("whole\n"), "{text}");
    let (code, text) = run(&["backup", "rehearse"], &[("--from", &to), ("--in", home.path())]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("3 pictures") && text.contains("removed"), "{text}");
    let target = home.path().join("restored");
    let (code, text) = run(&["restore"], &[("--from", &to), ("--data", &target)]);
    assert_eq!(code, Some(0), "{text}");
    prove(&target);
    let (code, text) = run(&["restore"], &[("--from", &to), ("--data-dir", &target)]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("not empty"), "{text}");
}

#[test]
fn an_altered_byte_of_a_picture_is_named() {
    let (home, _, to) = backed_up();
    let picture = one_picture(&to);
    alter(&picture, |length| length / 2);
    let sha256 = picture.file_name().unwrap().to_str().unwrap();
    named(home.path(), &to, &[sha256, "hash"]);
}

#[test]
fn a_missing_picture_is_named() {
    let (home, _, to) = backed_up();
    let picture = one_picture(&to);
    fs::remove_file(&picture).unwrap();
    let sha256 = picture.file_name().unwrap().to_str().unwrap();
    named(home.path(), &to, &[sha256, "missing"]);
}

#[test]
fn rows_that_were_cut_and_rows_with_an_altered_byte_are_named() {
    let (home, _, to) = backed_up();
    let rows = generation(&to).join("rows");
    let whole = fs::read(&rows).unwrap();
    fs::write(&rows, &whole[..whole.len() / 2]).unwrap();
    named(home.path(), &to, &["rows", "cut off"]);
    fs::write(&rows, &whole).unwrap();
    alter(&rows, |length| length / 2);
    named(home.path(), &to, &["rows", "hash"]);
}

#[test]
fn an_audit_entry_that_was_edited_before_the_backup_is_named() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let office = Office::open(&data, NOW);
    office
        .store
        .transact_now::<(), minhchung::store::StoreError>(|tx| {
            let mut entry = tx.get::<AuditLog>(&1)?.unwrap();
            entry.detail = "{}".into();
            tx.put::<AuditLog>(&1, &entry)
        })
        .unwrap();
    drop(office);
    let to = home.path().join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
    assert_eq!(code, Some(0), "{text}");
    named(home.path(), &to, &["audit log", "entry 1 was changed"]);
}

#[test]
fn a_picture_that_the_data_directory_lost_is_named_and_everything_else_is_backed_up() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000), picture(4_000), picture(5_000)]);
    let shelf = data.join("photos/2026-07");
    let mut files: Vec<PathBuf> = fs::read_dir(&shelf)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    fs::remove_file(&files[0]).unwrap();
    alter(&files[1], |length| length - 10);
    let names: Vec<&str> = files
        .iter()
        .map(|file| file.file_name().unwrap().to_str().unwrap())
        .collect();
    let to = home.path().join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains(names[0]) && text.contains(names[1]) && !text.contains(names[2]),
        "{text}"
    );
    let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
    assert_eq!(code, Some(1), "as a restore will say too: {text}");
    assert!(text.contains("2 pictures were missing"), "{text}");
    assert!(!text.contains("WRONG") && !text.contains("whole\n"), "{text}");
    assert!(text.contains(names[0]) && text.contains(names[1]), "{text}");
    let target = home.path().join("restored");
    let (code, text) = run(&["restore"], &[("--from", &to), ("--data-dir", &target)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(names[0]) && !target.exists(), "{text}");
    let accepting = ["restore", "--accept-missing"];
    let (code, text) = run(&accepting, &[("--from", &to), ("--data-dir", &target)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains(names[0]) && text.contains(names[1]), "{text}");
    assert!(target.join("photos/2026-07").join(names[2]).exists());
}

#[test]
fn an_encrypted_backup_has_no_plain_byte_and_opens_only_with_the_identity() {
    let home = tempfile::tempdir().unwrap();
    let pictures = [picture(3_000), picture(200_000)];
    let data = directory(home.path(), &pictures);
    let [identity, other, to] = ["identity", "other", "backups"].map(|name| home.path().join(name));
    let [recipient, stranger] = [&identity, &other].map(|path| {
        let output = minhchung()
            .args(["backup", "keygen", "--out"])
            .arg(path)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    });
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    for generation in 0..2 {
        let (code, text) = run(&["backup", "--encrypt-to", &recipient], &paths);
        assert_eq!(code, Some(0), "{text}");
        assert_eq!(text.contains("0 pictures were new"), generation == 1, "{text}");
    }
    let (code, text) = run(&["backup", "--encrypt-to", &stranger], &paths);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("other recipients"), "{text}");
    assert_eq!(
        run(&["backup"], &paths).0,
        Some(2),
        "nor does a plain one go among them"
    );

    let inside = pictures[1].bytes[100..164].to_vec();
    for words in [CANARY.as_bytes(), &inside] {
        assert_eq!(holding(&data, words), 1, "the data directory has it");
        assert_eq!(holding(&to, words), 0, "the backup shows it");
    }
    let (code, text) = run(&["backup", "verify", "--all"], &[("--from", &to)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("as they lie"), "{text}");
    let (code, text) = run(
        &["backup", "verify"],
        &[("--from", &to), ("--identity", &identity)],
    );
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("were proved"), "{text}");
    let target = home.path().join("restored");
    let restore = |more: &[(&str, &Path)]| {
        let paths = [
            &[("--from", to.as_path()), ("--data-dir", target.as_path())],
            more,
        ]
        .concat();
        run(&["restore"], &paths)
    };
    let (code, text) = restore(&[]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("identity"), "{text}");
    let (code, text) = restore(&[("--identity", &other)]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("this identity does not open it"), "{text}");
    assert!(!target.exists());
    let (code, text) = restore(&[("--identity", &identity)]);
    assert_eq!(code, Some(0), "{text}");
    prove(&target);
    alter(&one_picture(&to), |length| length - 1);
    assert_eq!(run(&["backup", "verify"], &[("--from", &to)]).0, Some(1));
}

/// How many files below `folder` hold `words`.
fn holding(folder: &Path, words: &[u8]) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            if path.is_dir() {
                holding(&path, words)
            } else {
                let bytes = fs::read(&path).unwrap_or_default();
                usize::from(memchr::memmem::find(&bytes, words).is_some())
            }
        })
        .sum()
}

#[test]
fn a_backup_in_one_file_is_verified_and_restored_and_a_cut_one_is_not() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000), picture(4_000), picture(5_000)]);
    let file = home.path().join("backup.tar");
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &file)];
    let (code, text) = run(&["backup"], &paths);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = run(&["backup"], &paths);
    assert_eq!(code, Some(2), "an old one is not overwritten: {text}");
    let (code, text) = run(&["backup", "verify"], &[("--from", &file)]);
    assert_eq!(code, Some(0), "{text}");
    let target = home.path().join("restored");
    let (code, text) = run(&["restore"], &[("--from", &file), ("--data-dir", &target)]);
    assert_eq!(code, Some(0), "{text}");
    prove(&target);
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let other = home.path().join("other");
    let (code, text) = run(&["restore"], &[("--from", &file), ("--data-dir", &other)]);
    assert!(code == Some(1) || code == Some(2), "{text}");
    assert!(!other.exists());
    let left = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut left: Vec<String> = left.map(|name| name.into_string().unwrap()).collect();
    left.sort();
    assert_eq!(
        left,
        ["backup.tar", "data", "restored"],
        "nothing temporary stays"
    );
}

#[test]
fn what_a_killed_restore_leaves_is_refused_by_everybody() {
    let (home, _, to) = backed_up();
    let target = home.path().join("restored");
    fs::create_dir_all(target.join("restoring/rows")).unwrap();
    for arguments in [
        &["doctor"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["compact"],
        &["restore", "--from", to.to_str().unwrap()],
    ] {
        let (code, text) = run(arguments, &[("--data-dir", &target)]);
        assert!(code == Some(1) || code == Some(2), "{arguments:?}: {text}");
    }
    let (_, text) = run(&["serve", "--listen", "127.0.0.1:0"], &[("--data-dir", &target)]);
    assert!(text.contains("restore that did not come to its end"), "{text}");
    assert_eq!(fs::read_dir(&target).unwrap().count(), 1, "and left as it is");
}

#[test]
fn a_backup_goes_neither_into_the_data_directory_nor_into_somebody_elses() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let inside = data.join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &inside)]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("inside"), "{text}");
    let foreign = home.path().join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("letter.txt"), "hello").unwrap();
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &foreign)]);
    assert_eq!(code, Some(2), "{text}");
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
}

#[test]
fn a_backup_needs_little_memory_however_much_there_is() {
    let home = tempfile::tempdir().unwrap();
    let big = picture(60_000);
    let data = directory(home.path(), &[picture(3_000)]);
    let office = Office::open(&data, NOW);
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    // Twelve times 12 MiB, each with an end of its own behind the picture.
    for number in 0_u8..12 {
        let mut bytes = big.bytes.clone();
        bytes.resize(12 << 20, number);
        let sha256 =
            minhchung::domain::Sha256(<sha2::Sha256 as sha2::Digest>::digest(&bytes).into()).to_string();
        let pictures = [Picture { bytes, sha256 }];
        let place = office.plan(COMMUNE, "banner.2", "2026-07-31");
        let report = draft(SubmissionId(Uuid::now_v7()), place, office.clock.now(), &pictures);
        office
            .run(office.send_whole(&officer, report, &pictures))
            .unwrap();
    }
    drop(office);
    let to = home.path().join("backups");
    let mut child = minhchung()
        .args(["backup", "--data-dir"])
        .arg(&data)
        .arg("--to")
        .arg(&to)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak_kib = peak_kib.max(kib.unwrap_or(0));
        std::thread::yield_now();
    }
    assert!(child.wait().unwrap().success());
    assert!(
        peak_kib > 0 && peak_kib < 96 << 10,
        "{peak_kib} KiB for 144 MiB of pictures"
    );
}

//! Backups of earlier programs, and directories of backups in which something lies that should not.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use minhchung::store::{FORMAT, LAST_BACKUP, last_backup};
use rustix::process::{Pid, Signal, kill_process};

use super::backup_faults::{backed_up, directory, generation, named, one_picture, run};
use super::faulty_disk::FaultyDisk;
use super::pictures::picture;
use super::process::{ROOMY, Server, minhchung, prove, serve};
use super::say;
use crate::support::PATIENCE;
use crate::upgrade::{recorded, unpack};

/// A backup that the program of `format` made.
fn earlier(home: &Path, format: u32) -> PathBuf {
    unpack(home, &format!("backup-{format}.zip"))
}

#[test]
fn a_backup_of_every_format_since_the_second_is_verified_rehearsed_and_restored() {
    for format in 2..=FORMAT {
        let home = tempfile::tempdir().unwrap();
        let from = earlier(home.path(), format);
        let is_older = format < FORMAT;
        let (code, text) = run(&["backup", "verify", "--all"], &[("--from", &from)]);
        assert_eq!(code, Some(0), "{text}");
        let words = format!("has rows of format {format}");
        assert_eq!(text.contains(&words), is_older, "{text}");
        let (code, text) = run(
            &["backup", "rehearse"],
            &[("--from", &from), ("--in", home.path())],
        );
        assert_eq!(code, Some(0), "{text}");
        let target = home.path().join("restored");
        let (code, text) = run(&["restore"], &[("--from", &from), ("--data-dir", &target)]);
        assert_eq!(code, Some(0), "{text}");
        assert_eq!(text.contains("then brought to this"), is_older, "{text}");
        let mark = fs::read_to_string(target.join("FORMAT")).unwrap();
        assert_eq!(mark, format!("minhchung {FORMAT}\n"));
        let (report, then) = (prove(&target), recorded(&format!("format-{format}.json")));
        for member in ["submissions", "pictures", "audit_entries", "audit_head"] {
            assert_eq!(report[member], then["doctor"][member], "{format}: {member}");
        }
    }
}

#[test]
fn rows_of_an_older_format_that_are_not_those_that_were_written_are_named() {
    let home = tempfile::tempdir().unwrap();
    let from = earlier(home.path(), 2);
    let rows = generation(&from).join("rows");
    let mut bytes = fs::read(&rows).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&rows, bytes).unwrap();
    named(home.path(), &from, &["rows", "hash"]);
}

#[test]
fn a_backup_of_a_newer_format_is_refused_with_a_sentence() {
    let (home, _, to) = backed_up();
    let manifest = generation(&to).join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let format = format!("\"directory_format\": {FORMAT}");
    assert!(text.contains(&format), "{text}");
    fs::write(&manifest, text.replace(&format, "\"directory_format\": 99")).unwrap();
    named(home.path(), &to, &["format 99", "install a newer version"]);
}

/// A pair of keys: the identity's file, and its recipient.
pub fn keys(home: &Path, name: &str) -> (PathBuf, String) {
    let path = home.join(name);
    let output = minhchung()
        .args(["backup", "keygen", "--out"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success());
    let recipient = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    (path, recipient)
}

#[test]
fn more_generations_than_keys_are_kept_for_are_not_kept() {
    let (_home, data, to) = backed_up();
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    for number in ["0", "8"] {
        let (code, text) = run(&["backup", "--keep", number], &paths);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("keys of the tip line"), "{text}");
    }
    let (code, text) = run(&["backup", "--keep", "7"], &paths);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn root_leaves_nothing_in_the_backups_of_a_service_that_runs_as_another_account() {
    if !rustix::process::geteuid().is_root() {
        say("not run (only root can give a directory away): root in the backups of another account");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let server = Server::start(serve(&data, &ROOMY));
    std::os::unix::fs::chown(&data, Some(65_534), None).unwrap();
    let to = home.path().join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("belongs to another account"), "{text}");
    assert!(!to.exists());
    drop(server);
    // Whoever installs the service is root and asks whether its settings are right.
    let (code, text) = run(&["check-config"], &[("--data-dir", &data)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("read as root; the service is uid 65534"), "{text}");
    let (code, text) = run(&["doctor"], &[("--data-dir", &data)]);
    assert_ne!(code, Some(0), "{text}");
    assert!(text.contains("belongs to another account"), "{text}");
}

#[test]
fn where_no_generation_is_nothing_is_whole_whichever_are_asked_for() {
    let (home, data, to) = backed_up();
    fs::remove_dir_all(generation(&to)).unwrap();
    for which in [&["backup", "verify"][..], &["backup", "verify", "--all"]] {
        let (code, text) = run(which, &[("--from", &to)]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("holds no whole generation"), "{text}");
    }
    let inside = data.join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &inside)]);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        !inside.exists(),
        "a backup that is refused leaves nothing where it was to lie"
    );
    // A bare name that is not there yet lies where one stands.
    let output = minhchung()
        .args(["backup", "--to", "elsewhere", "--data-dir"])
        .arg(&data)
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(home.path().join("elsewhere/generations").is_dir());
    let (code, text) = run(&["doctor"], &[("--data-dir", &data)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        !text.contains("foreign"),
        "what a backup notes there is ours: {text}"
    );
}

#[test]
fn whoever_reads_a_place_waits_for_whoever_writes_and_leaves_nothing_there() {
    let (_home, _data, to) = backed_up();
    let verify = || run(&["backup", "verify", "--all"], &[("--from", &to)]);
    // As where the unit that verifies may write nothing.
    let lock = File::open(to.join("lock")).unwrap();
    lock.lock().unwrap();
    let (code, text) = verify();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("another minhchung command works here"), "{text}");
    lock.unlock().unwrap();
    fs::remove_file(to.join("lock")).unwrap();
    let (code, text) = verify();
    assert_eq!(code, Some(0), "{text}");
    assert!(!to.join("lock").exists());
}

#[test]
fn a_rehearsal_that_is_interrupted_leaves_nothing_open() {
    let (home, _data, to) = backed_up();
    let room = home.path().join("room");
    fs::create_dir(&room).unwrap();
    let is_empty = || fs::read_dir(&room).unwrap().next().is_none();
    let rehearse = |rehearsal: &mut Command| {
        rehearsal
            .args(["backup", "rehearse", "--from"])
            .arg(&to)
            .arg("--in")
            .arg(&room);
        silent(rehearsal)
    };
    if let Some(faulty) = FaultyDisk::new(home.path(), "rehearsals that are interrupted") {
        // The rows are never done, so none is quicker than the signal.
        faulty.fail("hang fdatasync /room/");
        for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
            // Whoever runs the tests in the background may have them ignore some signals, and that is inherited.
            let mut listening = Command::new("/usr/bin/env");
            listening
                .env_clear()
                .arg("--default-signal=INT,TERM,HUP,QUIT")
                .arg(minhchung().get_program());
            let mut rehearsal = rehearse(&mut faulty.under(listening));
            let ended = interrupted(&mut rehearsal, signal, || !is_empty());
            assert_eq!(ended.code(), Some(128 + signal.as_raw()), "{ended}");
            assert!(is_empty(), "{ended}");
        }
    }
    // As `nohup` starts it.
    let program = minhchung().get_program().to_owned();
    let mut rehearsal = Command::new("sh");
    rehearsal
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\""])
        .arg(program);
    let ended = interrupted(&mut rehearse(&mut rehearsal), Signal::HUP, || !is_empty());
    assert!(ended.success() && is_empty(), "{ended}");
}

#[test]
fn a_backup_whose_listener_leaves_is_made_and_noted_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    for to in ["backups", "backup.tar"].map(|name| home.path().join(name)) {
        let mut command = minhchung();
        command
            .args(["backup", "--data-dir"])
            .arg(&data)
            .arg("--to")
            .arg(&to);
        let mut command = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(command.stdout.take());
        let ended = command.wait_with_output().unwrap();
        assert!(ended.status.success(), "{ended:?}");
        assert!(last_backup(&data).is_some(), "{ended:?}");
        fs::remove_file(data.join(LAST_BACKUP)).unwrap();
        let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
        assert_eq!(code, Some(0), "{text}");
    }
}

fn silent(command: &mut Command) -> Child {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Sends the signal as soon as it `is_time`, unless the command was quicker; how the command ended.
fn interrupted(command: &mut Child, signal: Signal, is_time: impl Fn() -> bool) -> ExitStatus {
    while !is_time() {
        if let Some(ended) = command.try_wait().unwrap() {
            return ended;
        }
        std::thread::yield_now();
    }
    // Nobody has asked yet how it ended, if it has; so nobody else has its number.
    kill_process(Pid::from_child(command), signal).unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(ended) = command.try_wait().unwrap() {
            return ended;
        }
        if Instant::now() > deadline {
            command.kill().unwrap();
            panic!("{signal:?} does not end it");
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_backup_in_one_file_that_is_interrupted_while_it_is_packed_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let Some(faulty) = FaultyDisk::new(home.path(), "a backup that is interrupted while it is packed") else {
        return;
    };
    let data = directory(home.path(), &[picture(200_000), picture(210_000)]);
    let (room, to) = (home.path().join("room"), home.path().join("room/backup.tar"));
    fs::create_dir(&room).unwrap();
    let is_packing = || {
        let stage = fs::read_dir(&room).unwrap().next();
        stage.is_some_and(|stage| stage.unwrap().path().join("packed.part").exists())
    };
    // The last that is done to it takes for ever, so it is packing when the signal comes.
    faulty.fail("hang fsync packed.part");
    let mut command = minhchung();
    command
        .args(["backup", "--data-dir"])
        .arg(&data)
        .arg("--to")
        .arg(&to);
    let mut command = faulty.under(command);
    let ended = interrupted(&mut silent(&mut command), Signal::TERM, is_packing);
    assert!(!ended.success(), "{ended}");
    assert_eq!(fs::read_dir(&room).unwrap().count(), 0);
}

/// As a backup leaves a generation that dies before it writes the manifest.
fn unfinished(whole: &Path) {
    fs::remove_file(whole.join("manifest.json")).unwrap();
    fs::rename(whole, whole.with_extension("part")).unwrap();
}

#[test]
fn an_encrypted_backup_that_was_interrupted_is_gone_on_with() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000), picture(5_000), picture(9_000)]);
    let to = home.path().join("backups");
    let (identity, recipient) = keys(home.path(), "identity");
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    let backup = ["backup", "--encrypt-to", &recipient];
    assert_eq!(run(&backup, &paths).0, Some(0));
    // As a backup leaves it that dies at its third picture; the second is not what it wrote.
    let whole = generation(&to);
    let list = fs::read_to_string(whole.join("pictures.list")).unwrap();
    fs::write(
        whole.join("pictures.list"),
        list.trim_end().rsplit_once(' ').unwrap().0,
    )
    .unwrap();
    unfinished(&whole);
    let hash = list.lines().nth(1).unwrap().split(' ').next().unwrap();
    let sealed = to.join("pictures").join(&hash[..2]).join(format!("{hash}.age"));
    let mut bytes = fs::read(&sealed).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&sealed, bytes).unwrap();
    let (code, text) = run(&backup, &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("2 pictures were new"), "{text}");
    assert_eq!(fs::read_dir(to.join("generations")).unwrap().count(), 1);
    // Interrupted twice, the second time before it came to its pictures.
    let whole = generation(&to);
    unfinished(&whole);
    let second = to.join("generations/000002-2026-12-01T000000.part");
    fs::create_dir(&second).unwrap();
    fs::write(second.join("rows.age"), "half").unwrap();
    let (code, text) = run(&backup, &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("0 pictures were new"), "{text}");
    assert_eq!(fs::read_dir(to.join("generations")).unwrap().count(), 1);
    let proof = [("--from", to.as_path()), ("--identity", identity.as_path())];
    let (code, text) = run(&["backup", "verify"], &proof);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn what_an_interrupted_backup_made_anew_is_not_taken_for_what_an_older_one_wrote() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000), picture(5_000), picture(9_000)]);
    let to = home.path().join("backups");
    let (_, recipient) = keys(home.path(), "identity");
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    let backup = ["backup", "--encrypt-to", &recipient];
    assert_eq!(run(&backup, &paths).0, Some(0));
    let first = generation(&to);
    fs::remove_dir_all(to.join("pictures")).unwrap();
    let (code, text) = run(&backup, &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("3 pictures were new"), "{text}");
    // The second did not come to its end.
    let folders = fs::read_dir(to.join("generations")).unwrap();
    let mut folders = folders.map(|folder| folder.unwrap().path());
    let second = folders.find(|folder| *folder != first).unwrap();
    unfinished(&second);
    let (code, text) = run(&backup, &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("0 pictures were new"), "{text}");
    let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn an_encrypted_picture_that_no_list_knows_is_copied_anew() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(70_000)]);
    let to = home.path().join("backups");
    let (identity, recipient) = keys(home.path(), "identity");
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    let backup = ["backup", "--encrypt-to", &recipient];
    assert_eq!(run(&backup, &paths).0, Some(0));
    // As a backup leaves it that was cut short; and its picture, longer than the plain one, is not whole.
    fs::remove_dir_all(generation(&to)).unwrap();
    let sealed = one_picture(&to);
    let bytes = fs::read(&sealed).unwrap();
    fs::write(&sealed, &bytes[..bytes.len() - 1]).unwrap();
    let (code, text) = run(&backup, &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 pictures were new"), "{text}");
    let proof = [("--from", to.as_path()), ("--identity", identity.as_path())];
    let (code, text) = run(&["backup", "verify"], &proof);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn another_identity_is_told_so_and_no_picture_is_called_wrong() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let to = home.path().join("backups");
    let (_, recipient) = keys(home.path(), "identity");
    let (stranger, _) = keys(home.path(), "stranger");
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    assert_eq!(run(&["backup", "--encrypt-to", &recipient], &paths).0, Some(0));
    let (code, text) = run(
        &["backup", "verify"],
        &[("--from", &to), ("--identity", &stranger)],
    );
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("this identity does not open it"), "{text}");
    assert!(!text.contains("WRONG"), "{text}");
}

#[test]
fn a_lost_list_and_a_strangers_file_stop_no_later_backup_and_every_broken_generation_is_named() {
    let (_home, data, to) = backed_up();
    let first = generation(&to);
    fs::write(to.join("generations/notes.txt"), "ghi chú").unwrap();
    fs::write(to.join("generations/zz.part"), "ghi chú").unwrap();
    fs::write(to.join("pictures/notes.txt"), "ghi chú").unwrap();
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &to)];
    let (code, text) = run(&["backup"], &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("notes.txt"), "it is said: {text}");
    assert!(text.contains("0 pictures were new"), "{text}");
    fs::remove_file(first.join("pictures.list")).unwrap();
    let (code, text) = run(&["backup"], &paths);
    assert_eq!(code, Some(0), "{text}");
    let mut names: Vec<PathBuf> = fs::read_dir(to.join("generations"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    names.sort();
    fs::remove_file(names[1].join("manifest.json")).unwrap();
    fs::write(names[2].join("pictures.list"), [0xff, b'\n']).unwrap();
    let (code, text) = run(&["backup", "--keep", "3"], &paths);
    assert_eq!(
        code,
        Some(0),
        "a list that cannot be read removes no picture: {text}"
    );
    let (code, text) = run(&["backup", "verify", "--all"], &[("--from", &to)]);
    assert_eq!(code, Some(1), "{text}");
    for broken in &names[1..3] {
        let name = broken.file_name().unwrap().to_str().unwrap();
        assert!(text.contains(&format!("WRONG    {name}")), "{name} in {text}");
    }
    let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
    assert_eq!(code, Some(0), "the newest is whole: {text}");
    let (code, text) = run(&["backup", "--keep", "1"], &paths);
    assert_eq!(code, Some(0), "{text}");
    assert!(to.join("pictures/notes.txt").exists() && to.join("generations/notes.txt").exists());
}

#[test]
fn a_generation_that_lacks_the_keys_is_named_with_the_reason() {
    let home = tempfile::tempdir().unwrap();
    let from = earlier(home.path(), FORMAT);
    fs::remove_file(generation(&from).join("file.tip-keys")).unwrap();
    named(home.path(), &from, &["tip-keys", "cannot be restored"]);
}

#[test]
fn a_place_that_is_in_use_is_no_wrong_argument() {
    let (_home, data, to) = backed_up();
    let lock = File::options().write(true).open(to.join("lock")).unwrap();
    lock.try_lock().unwrap();
    let (code, text) = run(
        &["backup", "--wait", "0"],
        &[("--data-dir", &data), ("--to", &to)],
    );
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("works here"), "{text}");
    assert_eq!(run(&["backup", "verify"], &[("--from", &to)]).0, Some(1));
}

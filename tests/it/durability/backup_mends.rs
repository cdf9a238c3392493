//! Backups of earlier programs, and directories of backups in which something lies that should not.

use std::fs;
use std::path::{Path, PathBuf};

use minhchung::store::FORMAT;

use super::backup_faults::{NOW, backed_up, directory, generation, named, one_picture, run};
use super::process::prove;
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

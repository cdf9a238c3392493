//! A backup lies on somebody's share, where its manifest is plain text and anybody who may write there can edit it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::backup_faults::{backed_up, directory, generation, named, run};
use super::pictures::picture;
use super::process::minhchung;
use crate::upgrade::unpack;

/// Edits the manifest of the one generation in `to`.
fn edit(to: &Path, how: impl FnOnce(&mut Value)) {
    let path = generation(to).join("manifest.json");
    let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    how(&mut manifest);
    fs::write(path, serde_json::to_vec_pretty(&manifest).unwrap()).unwrap();
}

#[test]
fn a_name_that_leads_out_of_the_directory_writes_nothing() {
    for is_absolute in [true, false] {
        let (home, _, to) = backed_up();
        let victim = home.path().join("victim");
        fs::write(&victim, "important").unwrap();
        let name = if is_absolute {
            victim.to_str().unwrap().to_owned()
        } else {
            "../../victim".to_owned()
        };
        let bytes = "what an intruder wants to be there";
        // `file.` and then the name is where a restore would look for it.
        let source = PathBuf::from(format!("{}/file.{name}", generation(&to).display()));
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::write(&source, bytes).unwrap();
        let sum: String = Sha256::digest(bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let stored = json!({
            "bytes": bytes.len(), "sha256": sum, "stored_bytes": bytes.len(), "stored_sha256": sum,
        });
        edit(&to, |manifest| manifest["files"][&name] = stored);
        named(home.path(), &to, &["no such file of a data directory", "victim"]);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "important");
    }
}

#[test]
fn every_figure_of_the_manifest_is_proved() {
    let edits: [(&str, Value, &str); 5] = [
        ("pictures", json!(2), "its figures are not those of the list"),
        ("picture_bytes", json!(1), "its figures are not those of the list"),
        (
            "missing_pictures",
            json!(1),
            "its figures are not those of the list",
        ),
        ("made_at", json!("2025-01-01T00:00:00Z"), "says it was made at"),
        ("audit_entries", json!(1), "audit log"),
    ];
    for (member, value, words) in edits {
        let (home, _, to) = backed_up();
        edit(&to, |manifest| {
            assert_ne!(manifest[member], value, "{member}");
            manifest[member] = value;
        });
        named(home.path(), &to, &[words]);
    }
}

#[test]
fn keys_that_rows_need_cannot_vanish_with_their_entry() {
    let home = tempfile::tempdir().unwrap();
    let from = unpack(home.path(), &format!("backup-{}.zip", minhchung::store::FORMAT));
    vanishes(home.path(), &from, "tip-keys");
}

/// A file of the one generation in `from` goes, and its entry too.
#[track_caller]
pub fn vanishes(home: &Path, from: &Path, name: &str) {
    fs::remove_file(generation(from).join(format!("file.{name}"))).unwrap();
    edit(from, |manifest| {
        let files = manifest["files"].as_object_mut().unwrap();
        assert!(files.remove(name).is_some());
    });
    named(home, from, &[name, "its rows need this file"]);
}

#[test]
fn keys_that_the_data_directory_lost_are_told_by_the_backup_itself() {
    let home = tempfile::tempdir().unwrap();
    let from = unpack(home.path(), &format!("backup-{}.zip", minhchung::store::FORMAT));
    let data = home.path().join("served");
    assert_eq!(
        run(&["restore"], &[("--from", &from), ("--data-dir", &data)]).0,
        Some(0)
    );
    fs::remove_file(data.join("tip-keys")).unwrap();
    let to = home.path().join("backups");
    let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("MISSING  tip-keys"), "{text}");
    named(home.path(), &to, &["tip-keys"]);
}

/// A tar with one entry before those of `packed`.
fn with_entry(packed: &Path, entry: impl FnOnce(&mut tar::Builder<File>)) -> PathBuf {
    let path = packed.with_extension("edited.tar");
    let mut edited = tar::Builder::new(File::create(&path).unwrap());
    entry(&mut edited);
    for old in tar::Archive::new(File::open(packed).unwrap()).entries().unwrap() {
        let old = old.unwrap();
        let mut header = old.header().clone();
        let name = old.path().unwrap().into_owned();
        edited.append_data(&mut header, name, old).unwrap();
    }
    edited.finish().unwrap();
    path
}

#[test]
fn a_packed_backup_holds_files_and_folders_and_no_links() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let packed = home.path().join("backup.tar");
    let paths: [(&str, &Path); 2] = [("--data-dir", &data), ("--to", &packed)];
    assert_eq!(run(&["backup"], &paths).0, Some(0));
    let secret = home.path().join("secret");
    fs::write(&secret, "of the machine").unwrap();
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link] {
        let edited = with_entry(&packed, |edited| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(0);
            edited.append_link(&mut header, "pictures/link", &secret).unwrap();
        });
        let (code, text) = run(&["backup", "verify"], &[("--from", &edited)]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("neither file nor folder"), "{text}");
    }
    let whole = with_entry(&packed, |_| {});
    let (code, text) = run(&["backup", "verify"], &[("--from", &whole)]);
    assert_eq!(code, Some(0), "as the program `tar` might pack it: {text}");
    // Where nothing is yet, and so nothing can be written beside it.
    let target = home.path().join("not/there/yet");
    let (code, text) = run(&["restore"], &[("--from", &whole), ("--data-dir", &target)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(target.join("FORMAT").exists() && !target.join("restoring").exists());
    assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn for_what_cannot_be_backed_up_no_place_is_made() {
    let (home, data, _) = backed_up();
    let mark = fs::read_to_string(data.join("FORMAT")).unwrap();
    let to = home.path().join("new");
    for (text, expected, words) in [
        ("", 2, "is no minhchung data directory"),
        ("minhchung 99\n", 1, "format 99"),
    ] {
        fs::write(data.join("FORMAT"), text).unwrap();
        let (code, text) = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
        assert_eq!(code, Some(expected), "{text}");
        assert!(text.contains(words) && !to.exists(), "{text}");
        let (code, text) = run(&["compact"], &[("--data-dir", &data)]);
        assert_eq!(code, Some(expected), "{text}");
    }
    fs::write(data.join("FORMAT"), mark).unwrap();
    let (code, text) = run(&["doctor"], &[("--data-dir", &data)]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_place_that_goes_up_from_a_folder_that_is_not_there_is_refused_before_anything_is_made() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let output = minhchung()
        .args(["backup", "--data-dir", "data", "--to", "nowhere/../data/inside"])
        .current_dir(home.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!data.join("inside").exists() && !home.path().join("nowhere").exists());
}

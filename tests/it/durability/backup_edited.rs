//! A backup lies on somebody's share, where its manifest is plain text and anybody who may write there can edit it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::backup_faults::{backed_up, directory, generation, named, one_picture, run};
use super::backup_mends::keys;
use super::pictures::picture;
use super::process::minhchung;
use crate::upgrade::unpack;

/// Edits the manifest of the one generation in `to`.
pub fn edit(to: &Path, how: impl FnOnce(&mut Value)) {
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
    type Edit = fn(&Value) -> Value;
    let [figures, time] = ["its figures are not those of the list", "says it was made at"];
    let none = "no form and no format 0";
    let edits: [(&str, Edit, &str); 9] = [
        ("pictures", |_| json!(2), figures),
        ("picture_bytes", |_| json!(1), figures),
        ("missing_pictures", |_| json!(1), figures),
        ("made_at", |_| json!("2025-01-01T00:00:00Z"), time),
        ("made_at", |_| json!(""), time),
        // Right as far as the generation's name goes, and what a terminal takes for a command.
        (
            "made_at",
            |then| json!(format!("{}\u{1b}[31m", then.as_str().unwrap())),
            time,
        ),
        ("audit_entries", |_| json!(1), "audit log"),
        ("form", |_| json!(0), none),
        ("directory_format", |_| json!(0), none),
    ];
    for (member, how, words) in edits {
        let (home, _, to) = backed_up();
        edit(&to, |manifest| {
            let value = how(&manifest[member]);
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
    // As other programs pack: a header for everything that follows, and folders in which nobody may write.
    let whole = with_entry(&packed, |edited| {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::XGlobalHeader);
        let note = "19 comment=ghi chu\n";
        header.set_size(19);
        edited
            .append_data(&mut header, "pax_global_header", note.as_bytes())
            .unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_mode(0o555);
        header.set_size(0);
        edited
            .append_data(&mut header, "pictures", std::io::empty())
            .unwrap();
    });
    let (code, text) = run(&["backup", "verify"], &[("--from", &whole)]);
    assert_eq!(code, Some(0), "{text}");
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

/// The list of the one generation in `to` is edited, and its hash in the manifest with it.
fn edit_list(to: &Path, how: impl FnOnce(String) -> String) {
    let path = generation(to).join("pictures.list");
    let list = how(fs::read_to_string(&path).unwrap());
    let sum: String = Sha256::digest(&list)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::write(path, &list).unwrap();
    edit(to, |manifest| {
        manifest["list"] = json!({
            "bytes": list.len(), "sha256": sum, "stored_bytes": list.len(), "stored_sha256": sum,
        });
    });
}

#[test]
fn a_line_that_cannot_be_read_hides_none_of_the_others_without_an_identity() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000), picture(5_000)]);
    let to = home.path().join("backups");
    let (_, recipient) = keys(home.path(), "identity");
    let backup = ["backup", "--encrypt-to", &recipient];
    assert_eq!(run(&backup, &[("--data-dir", &data), ("--to", &to)]).0, Some(0));
    edit_list(&to, |list| format!("rubbish\n{list}"));
    fs::remove_dir_all(to.join("pictures")).unwrap();
    let (code, text) = run(&["backup", "verify"], &[("--from", &to)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("unreadable line"), "{text}");
    let missing = text.lines().filter(|line| line.ends_with(": missing")).count();
    assert_eq!(missing, 2, "{text}");
}

#[test]
fn a_picture_that_was_missing_in_one_generation_is_looked_at_in_the_other() {
    let home = tempfile::tempdir().unwrap();
    let data = directory(home.path(), &[picture(3_000)]);
    let shelf = data.join("photos/2026-07");
    let file = fs::read_dir(&shelf).unwrap().next().unwrap().unwrap().path();
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let aside = home.path().join("aside");
    let verify = |to: &Path| run(&["backup", "verify", "--all"], &[("--from", to)]);
    for is_missing_first in [true, false] {
        let to = home.path().join(format!("backups-{is_missing_first}"));
        for is_missing in [is_missing_first, !is_missing_first] {
            let (code, text) = if is_missing {
                fs::rename(&file, &aside).unwrap();
                let told = run(&["backup"], &[("--data-dir", &data), ("--to", &to)]);
                fs::rename(&aside, &file).unwrap();
                told
            } else {
                run(&["backup"], &[("--data-dir", &data), ("--to", &to)])
            };
            // A picture that lies in the backup already is not missing there.
            let expected = i32::from(is_missing && is_missing_first);
            assert_eq!(code, Some(expected), "{text}");
        }
        let (code, text) = verify(&to);
        assert_eq!(code, Some(i32::from(is_missing_first)), "{text}");
        assert_eq!(text.contains("MISSING  000001-"), is_missing_first, "{text}");
        let lying = one_picture(&to);
        assert!(lying.ends_with(&name));
        let mut bytes = fs::read(&lying).unwrap();
        bytes[100] ^= 1;
        fs::write(&lying, bytes).unwrap();
        let (code, text) = verify(&to);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains("WRONG") && text.contains(&name), "{text}");
    }
}

#[test]
fn a_restore_that_is_refused_leaves_no_folder_behind() {
    let (home, _, to) = backed_up();
    let restore = |target: &str| {
        let paths: [(&str, &Path); 2] = [("--from", &to), ("--data-dir", &home.path().join(target))];
        run(&["restore"], &paths)
    };
    let before = fs::read_dir(home.path()).unwrap().count();
    let long = format!("not/{}", "a".repeat(300));
    for (target, expected) in [("not/../there", 2), (long.as_str(), 1)] {
        let (code, text) = restore(target);
        assert_eq!(code, Some(expected), "{text}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), before, "{target}");
    }
    let (code, text) = restore("dots/./here/.");
    assert_eq!(code, Some(0), "{text}");
    assert!(home.path().join("dots/here/FORMAT").exists());
    edit(&to, |manifest| manifest["form"] = json!(99));
    let (code, text) = restore("not/there/yet");
    assert_eq!(code, Some(1), "{text}");
    assert!(!home.path().join("not").exists());
    // Where somebody else restores already, nothing of theirs goes.
    let theirs = home.path().join("theirs");
    fs::create_dir_all(theirs.join("restoring/data")).unwrap();
    let (code, text) = restore("theirs");
    assert_eq!(code, Some(2), "{text}");
    assert!(theirs.join("restoring/data").exists());
}

#[test]
fn what_cannot_be_read_hides_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let from = unpack(home.path(), &format!("backup-{}.zip", minhchung::store::FORMAT));
    let generation = generation(&from);
    let list = fs::read_to_string(generation.join("pictures.list")).unwrap();
    let hashes: Vec<&str> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    let [unreadable, missing] = [hashes[0], hashes[1]];
    let path = |hash: &str| from.join("pictures").join(&hash[..2]).join(hash);
    // A folder stands for a place of the disk that cannot be read any more.
    fs::remove_file(path(unreadable)).unwrap();
    fs::create_dir(path(unreadable)).unwrap();
    fs::remove_file(path(missing)).unwrap();
    fs::write(generation.join("file.tip-keys"), "").unwrap();
    named(home.path(), &from, &["tip-keys", unreadable, missing]);
}

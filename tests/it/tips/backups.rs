//! Tips in backups: restored they open as before, nothing of them can be read there, and what was shredded stays dead.
//! Keys and rows that do not belong together are refused at the start.

use std::fs;
use std::path::Path;

use minhchung::domain::{Day, TipSize};
use minhchung::store::FORMAT;
use minhchung::tipfiles::{KEY_FILE, KeyFile, SHELF};
use sha2::{Digest, Sha256};

use super::scene::{Informant, id_of, officer};
use super::secrecy::hunted;
use crate::durability::backup_edited::{edit, vanishes};
use crate::durability::backup_faults::{generation, run as told};
use crate::durability::process::minhchung;
use crate::support::Harness;

const CANARY: &str = "CANARY-sao-lưu-5521";

fn run(command: &str, from: (&str, &Path), to: (&str, &Path)) {
    let mut asked = minhchung();
    asked.arg(command).arg(from.0).arg(from.1).arg(to.0).arg(to.1);
    let output = asked.output().unwrap();
    assert!(
        output.status.success(),
        "{command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A start that says why it does not go on.
fn refused(data: &Path, why: &str) {
    let mut asked = minhchung();
    asked
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data);
    let output = asked.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{said}");
    let words = format!("`tip-keys` and the rows do not belong together ({why}); nothing was changed");
    assert!(said.contains(&words), "{said}");
}

fn accept(data: &Path) {
    let mut asked = minhchung();
    asked.args(["desk", "accept-keys", "--data-dir"]).arg(data);
    assert!(asked.output().unwrap().status.success());
}

#[tokio::test]
async fn keys_of_another_day_or_another_house_are_refused_and_nothing_is_lost() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    Informant::new().send(&harness, "Một.", TipSize::Text).await;
    let old = fs::read(harness.data_dir().join(KEY_FILE)).unwrap();
    Informant::new().send(&harness, "Hai.", TipSize::Text).await;
    let elsewhere = Harness::start().await;
    let foreign = fs::read(elsewhere.data_dir().join(KEY_FILE)).unwrap();

    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            let right = fs::read(data.join(KEY_FILE)).unwrap();
            for (wrong, why) in [
                (&old, "it is older than they are"),
                (&foreign, "it is another installation's"),
            ] {
                fs::write(data.join(KEY_FILE), wrong).unwrap();
                refused(data, why);
                assert_eq!(&fs::read(data.join(KEY_FILE)).unwrap(), wrong);
            }
            fs::write(data.join(KEY_FILE), right).unwrap();
            std::future::ready(())
        })
        .await;
    let mut words = Vec::new();
    for tip in officer.list(&harness, "").await {
        words.push(officer.read(&harness, &id_of(&tip)).await);
    }
    words.sort();
    assert_eq!(words, ["Hai.", "Một."]);

    // Of a start before this one, although not a single key came or went since.
    let last = fs::read(harness.data_dir().join(KEY_FILE)).unwrap();
    let harness = harness.restarted().await;
    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            let right = fs::read(data.join(KEY_FILE)).unwrap();
            fs::write(data.join(KEY_FILE), &last).unwrap();
            refused(data, "it is older than they are");
            fs::write(data.join(KEY_FILE), right).unwrap();
            std::future::ready(())
        })
        .await;
    assert_eq!(officer.list(&harness, "").await.len(), 2);
}

#[tokio::test]
async fn keys_that_went_on_in_another_copy_of_the_directory_are_refused() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let mut copied = Vec::new();
    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            copied = fs::read(data.join(KEY_FILE)).unwrap();
            std::future::ready(())
        })
        .await;
    Informant::new().send(&harness, "Ở bản này.", TipSize::Text).await;
    // What the copy's own next start writes, after more messages than came here.
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join(KEY_FILE), &copied).unwrap();
    let today = Day::from_number(20_500);
    let mut keys = KeyFile::open(elsewhere.path(), [0; 32], today).unwrap();
    keys.begin(keys.generation(), today).unwrap();
    for _ in 0..5 {
        keys.take([7; 32], today).unwrap();
    }
    let forked = fs::read(elsewhere.path().join(KEY_FILE)).unwrap();
    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            let right = fs::read(data.join(KEY_FILE)).unwrap();
            fs::write(data.join(KEY_FILE), &forked).unwrap();
            refused(data, "it went on in another copy of the directory");
            assert_eq!(fs::read(data.join(KEY_FILE)).unwrap(), forked);
            fs::write(data.join(KEY_FILE), right).unwrap();
            std::future::ready(())
        })
        .await;
    let left = officer.list(&harness, "").await;
    assert_eq!(officer.read(&harness, &id_of(&left[0])).await, "Ở bản này.");
}

#[tokio::test]
async fn a_restored_tip_opens_and_a_shredded_one_does_not_come_back() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let (kept, doomed) = (Informant::new(), Informant::new());
    kept.send(&harness, CANARY, TipSize::OnePicture).await;
    doomed.send(&harness, CANARY, TipSize::Text).await;
    let answer = kept.answer(&officer, CANARY);
    for tip in officer.list(&harness, "").await {
        if tip["size"] == "one_picture" {
            officer
                .reply(&harness, &id_of(&tip), answer.clone())
                .await
                .expect(201);
        }
    }
    let home = tempfile::tempdir().unwrap();
    let backups = home.path().join("backups");
    let restored = home.path().join("restored");

    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            run("backup", ("--data-dir", data), ("--to", &backups));
            run("restore", ("--from", &backups), ("--data-dir", &restored));
            // The service goes on with what was restored.
            fs::remove_dir_all(data).unwrap();
            fs::rename(&restored, data).unwrap();
            std::future::ready(())
        })
        .await;
    let receipt = kept.receipt.digits().as_bytes().to_vec();
    let needles = [
        CANARY.as_bytes().to_vec(),
        receipt,
        kept.keys.mailbox.0.to_vec(),
        answer[..32].to_vec(),
        answer[2_000..2_032].to_vec(),
    ];
    assert_eq!(hunted(&backups, &needles), Vec::<std::path::PathBuf>::new());
    assert_eq!(kept.answers(&harness).await, [CANARY]);

    let tips = officer.list(&harness, "").await;
    assert_eq!(tips.len(), 2);
    for tip in &tips {
        assert_eq!(officer.read(&harness, &id_of(tip)).await, CANARY);
    }
    let gone = tips.iter().find(|tip| tip["size"] == "text").unwrap();
    let path = format!("/api/v1/desk/tips/{}", id_of(gone));
    assert_eq!(harness.delete(&path, &officer.person.token).await.status, 204);

    // Box and row of an older backup, and the keys of today: as after a restore that has lost its keys' generation. It
    // is refused, and goes on only when somebody says so.
    let keys = fs::read(harness.data_dir().join(KEY_FILE)).unwrap();
    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            run("restore", ("--from", &backups), ("--data-dir", &restored));
            fs::write(restored.join(KEY_FILE), &keys).unwrap();
            fs::remove_dir_all(data).unwrap();
            fs::rename(&restored, data).unwrap();
            refused(data, "it is newer than they are");
            assert_eq!(
                fs::read(data.join(KEY_FILE)).unwrap(),
                keys,
                "nothing was changed"
            );
            accept(data);
            std::future::ready(())
        })
        .await;
    let left = officer.list(&harness, "").await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["size"], "one_picture");
    assert_eq!(fs::read_dir(harness.data_dir().join(SHELF)).unwrap().count(), 1);
}

#[tokio::test]
async fn boxes_cannot_vanish_from_a_backup_with_their_entry() {
    let harness = Harness::start().await;
    officer(&harness).await;
    Informant::new().send(&harness, CANARY, TipSize::Text).await;
    let home = tempfile::tempdir().unwrap();
    let backups = home.path().join("backups");
    harness
        .restarted_after(|house| {
            run("backup", ("--data-dir", &house.join("data")), ("--to", &backups));
            let other = home.path().join("other");
            run("backup", ("--data-dir", &house.join("data")), ("--to", &other));
            vanishes(home.path(), &backups, "tips.tar");
            // A tar without the box, of which the manifest knows the hash.
            let empty = [0; 1_024];
            let hash: String = Sha256::digest(empty)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            fs::write(generation(&other).join("file.tips.tar"), empty).unwrap();
            edit(&other, |manifest| {
                manifest["files"]["tips.tar"] = serde_json::json!({
                    "bytes": 1_024, "sha256": hash, "stored_bytes": 1_024, "stored_sha256": hash,
                });
            });
            let restored = home.path().join("restored");
            let paths: [(&str, &Path); 2] = [("--from", &other), ("--data-dir", &restored)];
            let (code, said) = told(&["restore"], &paths);
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains("tip-unreadable") && !restored.exists(), "{said}");
            // A box that the data directory lost is told by the backup itself.
            let lost = home.path().join("lost");
            fs::remove_dir_all(house.join("data").join(SHELF)).unwrap();
            fs::create_dir(house.join("data").join(SHELF)).unwrap();
            let (code, said) = told(
                &["backup"],
                &[("--data-dir", &house.join("data")), ("--to", &lost)],
            );
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains(&format!("MISSING  {SHELF}/")), "{said}");
            // Keys do not vanish either, and whoever has no others may say so.
            let format = |manifest: &mut serde_json::Value| manifest["directory_format"] = 2.into();
            edit(&other, format);
            vanishes(home.path(), &other, "tip-keys");
            edit(&other, |manifest| manifest["directory_format"] = FORMAT.into());
            let (code, said) = told(&["restore", "--accept-missing"], &paths);
            assert_eq!(code, Some(0), "{said}");
            let words = format!("MISSING  {}", restored.join(KEY_FILE).display());
            assert!(said.contains(&words), "{said}");
            std::future::ready(())
        })
        .await;
}

#[tokio::test]
async fn seven_backups_after_it_was_shredded_no_backup_has_the_key_of_a_tip() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, CANARY, TipSize::Text).await;
    let id = id_of(&officer.list(&harness, "").await[0]);
    let home = tempfile::tempdir().unwrap();
    let backups = home.path().join("backups");
    let mut key = Vec::new();
    let back_up = |home: &Path| run("backup", ("--data-dir", &home.join("data")), ("--to", &backups));
    let harness = harness
        .restarted_after(|home| {
            back_up(home);
            let data = home.join("data");
            let keys = KeyFile::open(&data, [0; 32], Day::from_number(20_500)).unwrap();
            let slots: Vec<u32> = keys.used().collect();
            key.push(keys.key(slots[0]).unwrap().to_vec());
            assert_eq!(slots.len(), 1);
            std::future::ready(())
        })
        .await;
    let path = format!("/api/v1/desk/tips/{id}");
    assert_eq!(harness.delete(&path, &officer.person.token).await.status, 204);
    let mut copies = Vec::new();
    let _harness = harness
        .restarted_after(|home| {
            for _ in 0..7 {
                copies.push(hunted(&backups, &key).len());
                back_up(home);
            }
            copies.push(hunted(&backups, &key).len());
            std::future::ready(())
        })
        .await;
    assert_eq!(copies, [1, 1, 1, 1, 1, 1, 1, 0]);
    let needles = [CANARY.as_bytes().to_vec(), informant.keys.mailbox.0.to_vec()];
    assert_eq!(hunted(&backups, &needles), Vec::<std::path::PathBuf>::new());
}

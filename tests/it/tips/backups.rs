//! Tips in backups: restored they open as before, nothing of them can be read there, and what was shredded stays dead.

use std::fs;
use std::path::Path;

use minhchung::domain::TipSize;
use minhchung::tipfiles::{KEY_FILE, SHELF};

use super::scene::{Informant, id_of, officer};
use super::secrecy::hunted;
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

#[tokio::test]
async fn a_restored_tip_opens_and_a_shredded_one_does_not_come_back() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let (kept, doomed) = (Informant::new(), Informant::new());
    kept.send(&harness, CANARY, TipSize::OnePicture).await;
    doomed.send(&harness, CANARY, TipSize::Text).await;
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
    let needles = [CANARY.as_bytes().to_vec(), receipt, kept.keys.mailbox.0.to_vec()];
    assert_eq!(hunted(&backups, &needles), Vec::<std::path::PathBuf>::new());

    let tips = officer.list(&harness, "").await;
    assert_eq!(tips.len(), 2);
    for tip in &tips {
        assert_eq!(officer.read(&harness, &id_of(tip)).await, CANARY);
    }
    let gone = tips.iter().find(|tip| tip["size"] == "text").unwrap();
    let path = format!("/api/v1/desk/tips/{}", id_of(gone));
    assert_eq!(harness.delete(&path, &officer.person.token).await.status, 204);

    // Box and row of an older backup, and the keys of today: as after a restore that has lost its keys' generation.
    let keys = fs::read(harness.data_dir().join(KEY_FILE)).unwrap();
    let harness = harness
        .restarted_after(|home| {
            let data = &home.join("data");
            run("restore", ("--from", &backups), ("--data-dir", &restored));
            fs::write(restored.join(KEY_FILE), &keys).unwrap();
            fs::remove_dir_all(data).unwrap();
            fs::rename(&restored, data).unwrap();
            std::future::ready(())
        })
        .await;
    let left = officer.list(&harness, "").await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["size"], "one_picture");
    assert_eq!(fs::read_dir(harness.data_dir().join(SHELF)).unwrap().count(), 1);
}

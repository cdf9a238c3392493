//! A disk that is full in the night, and one that is full when the service starts.

use std::fs;
use std::path::Path;

use minhchung::clock::Clock;
use minhchung::config::Settings;
use minhchung::domain::{Day, TipSize};
use minhchung::tipbox::pin;
use minhchung::tipfiles::{KeyFile, SHELF};
use serde_json::json;

use super::scene::{Informant, base64, id_of, officer};
use crate::durability::disk_full::Filler;
use crate::durability::say;
use crate::durability::volume::Volume;
use crate::support::Harness;

const DAY: i64 = 24 * 3600;

/// The boxes' files: how many there are, and how many of them were written anew.
fn files(harness: &Harness) -> (usize, usize) {
    let entries = fs::read_dir(harness.data_dir().join(SHELF)).unwrap();
    let entries: Vec<_> = entries.map(Result::unwrap).collect();
    assert!(
        entries.iter().all(|entry| entry.path().extension().is_none()),
        "a draft was left behind"
    );
    let renewed = entries
        .iter()
        .filter(|entry| entry.metadata().unwrap().permissions().readonly());
    (entries.len(), renewed.count())
}

/// Of whom something is there that opens. Asked at the mailbox, which writes nothing; an officer's look is written down.
async fn heard(harness: &Harness, informants: &[Informant]) -> Vec<bool> {
    let mut heard = Vec::new();
    for informant in informants {
        let items = informant.mailbox(harness).await;
        let pin = |item: &Vec<u8>| pin::open(&informant.keys.pin_key, informant.keys.mailbox, item);
        heard.push(items.iter().any(|item| pin(item).is_ok()));
    }
    heard
}

#[tokio::test]
async fn a_night_on_a_full_disk_loses_nothing_shreds_what_is_due_and_the_next_one_catches_up() {
    let volume = match Volume::tmpfs(64) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("tips on a full disk: not run ({reason})")),
    };
    let clock = Clock::manual("2026-03-02T10:00:00+07:00".parse().unwrap());
    let harness = Harness::with(clock, |settings| {
        settings.data_dir = volume.path().join("data");
        settings.limits.min_free_bytes = 2 << 20;
    })
    .await;
    let officer = officer(&harness).await;
    let informants = [Informant::new(), Informant::new(), Informant::new()];
    for informant in &informants {
        informant
            .send(&harness, "Đêm hết chỗ.", TipSize::OnePicture)
            .await;
    }
    let rubbish = base64(informants[1].keys.mailbox.0);
    let rubbish = officer.list(&harness, &format!("?thread={rubbish}")).await;
    let path = format!("/api/v1/desk/tips/{}", id_of(&rubbish[0]));
    let change = json!({ "state": "spam" });
    let changed = harness.patch(&path, &officer.person.token, change).await;
    changed.expect(200);

    let filler = Filler(volume.path().join("filler"));
    filler.leave(0);
    harness.wait(DAY);
    let told = harness.app.tips.keep_house().await.unwrap_err().to_string();
    assert!(told.contains("are free"), "{told}");
    assert_eq!(files(&harness), (3, 0));
    assert_eq!(heard(&harness, &informants).await, [true; 3]);

    // What is due goes, also where no row can be written, and gives its room back.
    harness.wait(6 * DAY);
    harness.app.tips.keep_house().await.unwrap_err();
    assert_eq!(files(&harness), (2, 0));
    assert_eq!(heard(&harness, &informants).await, [true, false, true]);

    filler.give_back();
    harness.wait(DAY);
    harness.app.tips.keep_house().await.unwrap();
    assert_eq!(files(&harness), (2, 2));
    let harness = harness.restarted().await;
    assert_eq!(heard(&harness, &informants).await, [true, false, true]);
    assert_eq!(files(&harness), (2, 2));
}

/// What a start leaves that dies between the key file and the rows.
fn die_in_the_start(home: &Path) -> std::future::Ready<()> {
    let today = Day::from_number(20_500);
    let mut keys = KeyFile::open(&home.join("data"), [0; 32], today).unwrap();
    let rows = keys.generation();
    keys.begin(rows, today).unwrap();
    std::future::ready(())
}

#[tokio::test]
async fn starts_that_die_on_a_full_disk_one_after_the_other_lose_no_keys() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let _officer = officer(&harness).await;
    let informants = [Informant::new(), Informant::new()];
    for informant in &informants {
        informant.send(&harness, "Lúc mở máy.", TipSize::Text).await;
    }
    let with_free = |bytes| move |settings: &mut Settings| settings.limits.min_free_bytes = bytes;

    // The file is a start ahead; the next start finds no room, goes on in the generation before, and shreds in it.
    let harness = harness.restarted_with(with_free(1 << 60)).await;
    let harness = harness.restarted_after(die_in_the_start).await;
    assert_eq!(heard(&harness, &informants).await, [true; 2]);
    let body = json!({ "mailbox": base64(informants[0].keys.mailbox.0) });
    let refused = harness.post("/api/v1/tips/mailbox/delete", "", body).await;
    assert_eq!(refused.problem(), "507/tip-store-full");
    assert_eq!(heard(&harness, &informants).await, [false, true]);

    // Another one without room, one with it, and one that dies once more.
    let harness = harness.restarted().await;
    assert_eq!(heard(&harness, &informants).await, [false, true]);
    let harness = harness.restarted_with(with_free(0)).await;
    assert_eq!(heard(&harness, &informants).await, [false, true]);
    informants[0].send(&harness, "Từ đầu.", TipSize::Text).await;
    let harness = harness.restarted_after(die_in_the_start).await;
    assert_eq!(heard(&harness, &informants).await, [true; 2]);
    assert_eq!(files(&harness).0, 2);
}

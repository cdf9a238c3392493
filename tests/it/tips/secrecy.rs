//! Who learns what: a canary in a message, an answer and a receipt is looked for wherever bytes stay.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use minhchung::clock::Clock;
use minhchung::domain::{Role, TipSize};
use minhchung::store::records::{SigningKeys, TipReplies, Tips};
use minhchung::store::{Range, ReadTables, StoreError};
use minhchung::tipbox::boxes;
use minhchung::tipbox::slot::SlotKey;
use minhchung::tipfiles::{KEY_FILE, SHELF};
use serde_json::json;

use super::scene::{Informant, base64, id_of, officer};
use crate::support::Harness;

const CANARY: &str = "CANARY-hoàng-yến-7319";

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found)
        } else if path.is_file() {
            found.push(path)
        }
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// The files of `folder` that hold one of the needles.
pub fn hunted(folder: &Path, needles: &[Vec<u8>]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    files(folder, &mut all);
    assert!(all.len() > 3, "{all:?}");
    let finds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        needles.iter().any(|needle| holds(&bytes, needle))
    };
    all.into_iter().filter(finds).collect()
}

#[tokio::test]
async fn a_canary_is_in_no_file_before_and_after_shredding() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, CANARY, TipSize::OnePicture).await;
    let sealed = informant.sealed(&harness, CANARY, TipSize::Text).await;
    let frame = super::scene::framed(&harness, &[5; 16], &sealed).await;
    super::scene::post_frame(&harness, frame).await.expect(202);
    let tips = officer.list(&harness, "").await;
    let reply = informant.answer(&officer, CANARY);
    for tip in &tips {
        assert_eq!(officer.read(&harness, &id_of(tip)).await, CANARY);
        officer
            .reply(&harness, &id_of(tip), reply.clone())
            .await
            .expect(201);
    }
    // The words, the receipt, the thread's name, and pieces of what was sealed: all that could tell one from another.
    let receipt = informant.receipt.digits();
    let mailbox = informant.keys.mailbox.0;
    let hex: String = mailbox.iter().map(|byte| format!("{byte:02x}")).collect();
    let needles = [
        CANARY.as_bytes().to_vec(),
        receipt.as_bytes().to_vec(),
        mailbox.to_vec(),
        base64(mailbox).into_bytes(),
        hex.into_bytes(),
        sealed[32..64].to_vec(),
        sealed[9_500..9_532].to_vec(),
        sealed[20_000..20_032].to_vec(),
        reply[2_000..2_032].to_vec(),
    ];
    assert_eq!(hunted(harness.data_dir(), &needles), Vec::<PathBuf>::new());
    let known = [officer.person.username.as_bytes().to_vec()];
    assert!(
        !hunted(harness.data_dir(), &known).is_empty(),
        "the hunt finds what is there"
    );
    for tip in &tips {
        let path = format!("/api/v1/desk/tips/{}", id_of(tip));
        assert_eq!(harness.delete(&path, &officer.person.token).await.status, 204);
    }
    assert_eq!(hunted(harness.data_dir(), &needles), Vec::<PathBuf>::new());
    let harness = harness.restarted().await;
    assert_eq!(hunted(harness.data_dir(), &needles), Vec::<PathBuf>::new());
    assert_eq!(fs::read_dir(harness.data_dir().join(SHELF)).unwrap().count(), 0);
}

/// When anything about the boxes' files was last changed, which nobody can set back.
fn changes(harness: &Harness) -> Vec<(i64, i64, i64)> {
    let mut all = Vec::new();
    files(&harness.data_dir().join(SHELF), &mut all);
    all.sort();
    let metadata = all.iter().map(|path| fs::metadata(path).unwrap());
    metadata
        .map(|metadata| (metadata.ctime(), metadata.ctime_nsec(), metadata.atime()))
        .collect()
}

#[tokio::test]
async fn a_look_into_a_mailbox_or_a_box_leaves_no_trace_on_its_file() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, "Một.", TipSize::Text).await;
    Informant::new().send(&harness, "Hai.", TipSize::Text).await;
    let before = changes(&harness);
    assert_eq!(before.len(), 2);
    informant.mailbox(&harness).await;
    for tip in officer.list(&harness, "").await {
        officer.read(&harness, &id_of(&tip)).await;
    }
    assert_eq!(changes(&harness), before);
}

#[tokio::test]
async fn after_the_night_no_time_of_a_file_tells_when_on_its_day_a_box_came() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let officer = officer(&harness).await;
    for (words, size) in [("Sáng.", TipSize::Text), ("Chiều.", TipSize::OnePicture)] {
        Informant::new().send(&harness, words, size).await;
    }
    harness.app.tips.keep_house().await.unwrap();
    let came = changes(&harness);
    let evening = Clock::system().now().as_millis();
    harness.wait(24 * 3600);
    // A box of the new day keeps its times until its own night.
    let token = harness.sign_in(Role::TipOfficer, None).await;
    harness.app.tips.keep_house().await.unwrap();
    let night = changes(&harness);
    assert_eq!(night.len(), 2);
    assert!(
        night.iter().all(|(changed, ..)| *changed >= evening / 1000),
        "{came:?} {night:?}"
    );
    let mut all = Vec::new();
    files(&harness.data_dir().join(SHELF), &mut all);
    for path in &all {
        let metadata = fs::metadata(path).unwrap();
        // File systems without a time of birth tell nothing by it.
        if let Ok(born) = metadata.created() {
            let born = born.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
            assert!(born >= u128::try_from(evening).unwrap());
        }
        let start = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_772_384_400_000);
        assert_eq!(
            metadata.modified().unwrap(),
            start,
            "the day that they came on stays"
        );
    }
    // Once and no more: else its time would tell of every hour.
    harness.app.tips.keep_house().await.unwrap();
    assert_eq!(changes(&harness), night);
    let listed = harness.get("/api/v1/desk/tips", &token).await.expect(200);
    for tip in listed["items"].as_array().unwrap() {
        let path = format!("/api/v1/desk/tips/{}", id_of(tip));
        let opened = harness.get(&path, &token).await.expect(200);
        let sealed = super::scene::bytes(&opened["box"]);
        assert!(boxes::open(&officer.seeds.seal_seed, &sealed).is_ok());
    }
}

#[tokio::test]
async fn neither_the_slots_of_the_key_file_nor_those_of_a_box_have_an_order() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let (mut of_rows, mut of_boxes) = (Vec::new(), Vec::new());
    let mut known = std::collections::BTreeSet::new();
    for _ in 0..12 {
        let informant = Informant::new();
        let sealed = informant.sealed(&harness, "Không thứ tự.", TipSize::Text).await;
        let seed = &officer.seeds.seal_seed;
        let slots = sealed[64..9_408].chunks_exact(1_168);
        let header = &sealed[..64];
        let open = |slot: &[u8]| {
            minhchung::tipbox::suite::open_from(seed, b"minhchung tip 1 box", header, slot).is_ok()
        };
        of_boxes.push(slots.map(open).position(|opens| opens).unwrap());
        let frame = super::scene::framed(&harness, &minhchung::tipbox::suite::random(), &sealed).await;
        super::scene::post_frame(&harness, frame).await.expect(202);
        let rows = harness.app.store.read::<_, StoreError>(|view| {
            let rows = view.scan::<Tips>(Range::all()).map(|row| row.unwrap());
            Ok(rows.map(|(id, row)| (id, row.slot)).collect::<Vec<_>>())
        });
        let new: Vec<_> = rows.await.unwrap();
        let new = new.into_iter().find(|(id, _)| known.insert(*id)).unwrap();
        of_rows.push(new.1);
    }
    let in_order = |slots: &[u32]| slots.windows(2).all(|pair| pair[0] < pair[1]);
    assert!(!in_order(&of_rows), "{of_rows:?}");
    assert!(of_boxes.iter().any(|place| *place != of_boxes[0]), "{of_boxes:?}");
    // Ids are random too: the order of the rows is not that of their coming.
    let ids: Vec<_> = officer.list(&harness, "").await.iter().map(id_of).collect();
    assert_eq!(ids.len(), 12);
}

fn slot_keys(key_file: &[u8]) -> Vec<SlotKey> {
    let slots = key_file[4_096..].chunks_exact(64).filter(|slot| slot[0] == 1);
    slots
        .map(|slot| SlotKey(slot[16..48].try_into().unwrap()))
        .collect()
}

#[tokio::test]
async fn after_shredding_no_copy_of_rows_or_files_opens_with_what_is_left() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, "Sẽ bị hủy.", TipSize::Text).await;
    let kept = Informant::new();
    kept.send(&harness, "Còn lại.", TipSize::Text).await;
    let tips = officer.list(&harness, "").await;
    let doomed = tips
        .iter()
        .find(|tip| tip["thread"] == base64(informant.keys.mailbox.0))
        .unwrap();
    let id = id_of(doomed);
    officer
        .reply(&harness, &id, informant.answer(&officer, "Trả lời."))
        .await
        .expect(201);

    // A thief was here before, and has rows and file as they were.
    let old_file = fs::read(harness.data_dir().join(SHELF).join(&id)).unwrap();
    let (old_rows, old_replies) = rows(&harness).await;
    let before = slot_keys(&fs::read(harness.data_dir().join(KEY_FILE)).unwrap());
    let raw = *id.parse::<uuid::Uuid>().unwrap().as_bytes();
    assert!(before.iter().any(|key| key.open_file(&raw, &old_file).is_ok()));
    assert!(opens(&before, &old_rows) == 2 && opens(&before, &old_replies) == 1);

    assert_eq!(
        harness
            .delete(&format!("/api/v1/desk/tips/{id}"), &officer.person.token)
            .await
            .status,
        204
    );
    let key_file = fs::read(harness.data_dir().join(KEY_FILE)).unwrap();
    let after = slot_keys(&key_file);
    assert_eq!(after.len(), 1);
    assert!(after.iter().all(|key| key.open_file(&raw, &old_file).is_err()));
    assert_eq!((opens(&after, &old_rows), opens(&after, &old_replies)), (1, 0));
    // Nor is a key that did open it anywhere under the data directory.
    let gone: Vec<Vec<u8>> = before
        .iter()
        .filter(|key| !after.iter().any(|left| left.0 == key.0))
        .map(|key| key.0.to_vec())
        .collect();
    assert_eq!(gone.len(), 1);
    assert_eq!(hunted(harness.data_dir(), &gone), Vec::<PathBuf>::new());
    // What sled still has in its log of the removed row is such a copy.
    assert_eq!(officer.list(&harness, "").await.len(), 1);
    let gone = harness
        .delete(&format!("/api/v1/desk/tips/{id}"), &officer.person.token)
        .await;
    assert_eq!(gone.problem(), "404/not-found");
}

type Rows = Vec<([u8; 16], Vec<u8>)>;

async fn rows(harness: &Harness) -> (Rows, Rows) {
    let read = harness.app.store.read::<_, StoreError>(|view| {
        let tips = view.scan::<Tips>(Range::all()).map(|row| row.unwrap());
        let replies = view.scan::<TipReplies>(Range::all()).map(|row| row.unwrap());
        Ok((
            tips.map(|(id, row)| (*id.0.as_bytes(), row.sealed)).collect(),
            replies.map(|(id, row)| (*id.0.as_bytes(), row.sealed)).collect(),
        ))
    });
    read.await.unwrap()
}

fn opens(keys: &[SlotKey], rows: &Rows) -> usize {
    let open = |(id, sealed): &&([u8; 16], Vec<u8>)| keys.iter().any(|key| key.open_row(id, sealed).is_ok());
    rows.iter().filter(open).count()
}

#[tokio::test]
async fn whoever_has_the_data_directory_and_every_key_in_it_cannot_read_a_message() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, CANARY, TipSize::Text).await;
    let tip = id_of(&officer.list(&harness, "").await[0]);
    officer
        .reply(&harness, &tip, informant.answer(&officer, CANARY))
        .await
        .expect(201);

    // With the slot's key the operator has the sealed box, and no more.
    let key_file = fs::read(harness.data_dir().join(KEY_FILE)).unwrap();
    let raw = *tip.parse::<uuid::Uuid>().unwrap().as_bytes();
    let stored = fs::read(harness.data_dir().join(SHELF).join(&tip)).unwrap();
    let keys = slot_keys(&key_file);
    let sealed = keys
        .iter()
        .find_map(|key| key.open_file(&raw, &stored).ok())
        .unwrap();
    assert!(boxes::open(&officer.seeds.seal_seed, &sealed).is_ok());
    assert!(!holds(&sealed, CANARY.as_bytes()));

    // Any 32 bytes may be the key: every offset of the key file, and the first 400,000 of the other files, are tried against
    // the key commitment, which costs little; everything that is known to be a key is tried against the slots as well.
    let mut all = Vec::new();
    files(harness.data_dir(), &mut all);
    let commitment = &sealed[32..64];
    let (mut tried, mut fits) = (0_u64, 0);
    for path in &all {
        let bytes = fs::read(path).unwrap();
        let Some(used) = bytes.iter().rposition(|byte| *byte != 0) else {
            continue;
        };
        for window in bytes[..=used]
            .windows(32)
            .step_by(1)
            .filter(|window| window[0] != 0 || window[31] != 0)
        {
            if tried > 400_000 && !path.ends_with(KEY_FILE) {
                break;
            }
            tried += 1;
            let derived = minhchung::tipbox::suite::derive(window, &[b"minhchung tip 1 commitment"]);
            fits += u32::from(derived == commitment);
        }
    }
    assert_eq!(fits, 0);
    assert!(tried > 10_000, "{tried}");
    let mut secrets: Vec<[u8; 32]> = keys.iter().map(|key| key.0).collect();
    secrets.push(key_file[16..48].try_into().unwrap());
    let signing = harness.app.store.read::<_, StoreError>(|view| {
        Ok(view
            .scan::<SigningKeys>(Range::all())
            .map(|row| row.unwrap().1.seed)
            .collect::<Vec<_>>())
    });
    secrets.extend(signing.await.unwrap());
    assert!(secrets.len() >= 4);
    assert!(secrets.iter().all(|seed| boxes::open(seed, &sealed).is_err()));
    assert_eq!(
        hunted(harness.data_dir(), &[officer.seeds.seal_seed.to_vec()]),
        Vec::<PathBuf>::new()
    );
}

#[tokio::test]
async fn two_messages_of_one_person_are_stored_like_those_of_two() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let officer = officer(&harness).await;
    let (one, other) = (Informant::new(), Informant::new());
    for informant in [&one, &one, &other] {
        informant.send(&harness, "Như nhau.", TipSize::Text).await;
    }
    let (stored, _) = rows(&harness).await;
    let keys = slot_keys(&fs::read(harness.data_dir().join(KEY_FILE)).unwrap());
    let mut facts = Vec::new();
    for (id, sealed) in &stored {
        assert_eq!(sealed.len(), stored[0].1.len());
        let plain = keys.iter().find_map(|key| key.open_row(id, sealed).ok()).unwrap();
        facts.push(plain);
    }
    // Opened and without the mailbox, the three are equal to the byte.
    let mut mailboxes: Vec<Vec<u8>> = Vec::new();
    for plain in &mut facts {
        mailboxes.push(plain.splice(8..24, []).collect());
    }
    assert_eq!(facts[0], facts[1]);
    assert_eq!(facts[0], facts[2]);
    mailboxes.sort();
    mailboxes.dedup();
    assert_eq!(mailboxes.len(), 2);

    // Files: one length, named by their ids, all of the start of the day.
    let start = std::time::UNIX_EPOCH + std::time::Duration::from_millis(1_772_384_400_000);
    let shelf = harness.data_dir().join(SHELF);
    let tips = officer.list(&harness, "").await;
    officer.read(&harness, &id_of(&tips[0])).await;
    let mut lengths = Vec::new();
    for entry in fs::read_dir(&shelf).unwrap() {
        let metadata = entry.unwrap().metadata().unwrap();
        assert_eq!(metadata.modified().unwrap(), start);
        assert_eq!(metadata.accessed().unwrap(), start);
        lengths.push(metadata.len());
    }
    assert_eq!(lengths, [32_800; 3]);
    for path in [shelf, harness.data_dir().join(KEY_FILE)] {
        assert_eq!(fs::metadata(path).unwrap().modified().unwrap(), start);
    }
}

#[tokio::test]
async fn nobody_but_the_desk_sees_that_there_is_anything() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let mut events = harness.app.store.changes();
    let before = harness.get("/metrics", "").await;
    let text = |path: &str| {
        let request = harness.request(reqwest::Method::GET, path, "");
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    drop(before);
    let counted = |text: String| -> Vec<String> {
        let of_store = text
            .lines()
            .filter(|line| line.starts_with("minhchung_store_") && !line.contains("disk"));
        of_store.map(str::to_owned).collect()
    };
    let first = text("/metrics").await;
    let informant = Informant::new();
    informant
        .send(&harness, "Không ai biết.", TipSize::ThreePictures)
        .await;
    informant.mailbox(&harness).await;
    let second = text("/metrics").await;
    assert!(!second.contains("tips\""), "{second}");
    assert_eq!(counted(first), counted(second));
    assert!(events.try_recv().is_err(), "open pages heard of it");

    let tip = id_of(&officer.list(&harness, "").await[0]);
    officer.read(&harness, &tip).await;
    for role in Role::ALL.into_iter().filter(|role| *role != Role::TipOfficer) {
        let commune = role.is_of_a_commune().then_some(crate::support::COMMUNE);
        let token = harness.sign_in(role, commune).await;
        let refused = harness.get(&format!("/api/v1/desk/tips/{tip}"), &token).await;
        assert_eq!(refused.problem(), "403/forbidden", "{role}");
        for path in ["/api/v1/users?limit=200", "/api/v1/campaign"] {
            let shown = harness.get(path, &token).await.body.to_string();
            assert!(!shown.contains(&tip) && !shown.contains(&base64(informant.keys.mailbox.0)));
        }
        let guess = harness
            .get(&format!("/api/v1/submissions/{tip}/audit"), &token)
            .await;
        assert!(
            !guess.status.is_success() || guess.body["items"] == json!([]),
            "{role} {:?}",
            guess.body
        );
    }
}

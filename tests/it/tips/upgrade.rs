//! The tip line of earlier versions: what was sealed under one opens under this one, for the desk and for whoever wrote it.
//!
//! `tests/upgrade/tips-<format>.zip` is made by the ignored test here, which `scripts/record-release` runs once for each
//! format; the keys beside it are invented, like everybody in it.

use std::fs;
use std::path::Path;

use minhchung::clock::Clock;
use minhchung::domain::{Role, TipSize};
use minhchung::tipbox::desk_key::Seeds;
use minhchung::tipbox::receipt::Receipt;
use serde_json::{Value, json};

use super::scene::{self, Informant, Officer, base64, bytes, id_of};
use crate::support::{Harness, PASSWORD, Person};
use crate::upgrade::{recorded, unpack};

/// Where the ignored test leaves what it made.
const OUT: &str = "MINHCHUNG_RECORD_TIPS";
/// When all of it happened. Tips have their time, so later versions go back to it.
const MOMENT: &str = "2026-07-20T02:30:00Z";
const WORDS: &str = "Có người bán hàng ở bến xe.";
const ANSWER: &str = "Đã nhận. Xe đi hướng nào?";

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
#[ignore = "keeps the tip line of this version for later ones: scripts/record-release"]
async fn the_tip_line_of_this_version_is_kept() {
    let Some(out) = std::env::var_os(OUT) else { return };
    let out = Path::new(&out).to_owned();
    let harness = Harness::at(MOMENT).await;
    let officer = scene::officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, WORDS, TipSize::Text).await;
    let id = id_of(&officer.list(&harness, "").await[0]);
    let reply = informant.answer(&officer, ANSWER);
    officer.reply(&harness, &id, reply).await.expect(201);
    let record = json!({
        "moment": MOMENT,
        "username": officer.person.username,
        "seal_seed": base64(officer.seeds.seal_seed),
        "signing_seed": base64(officer.seeds.signing_seed),
        "receipt": informant.receipt.digits(),
        "tip": id,
        "words": WORDS,
        "answer": ANSWER,
    });
    let to = out.clone();
    harness
        .restarted_after(|home| {
            copy(&home.join("data"), &to.join("data"));
            std::future::ready(())
        })
        .await;
    fs::write(
        out.join("record.json"),
        serde_json::to_vec_pretty(&record).unwrap(),
    )
    .unwrap();
}

#[tokio::test]
async fn a_tip_line_of_format_2_is_read_and_answered() {
    let record = recorded("tips-2.json");
    let text = |member: &str| record[member].as_str().unwrap();
    let clock = Clock::manual(text("moment").parse().unwrap());
    let harness = Harness::with(clock, |settings| {
        unpack(settings.data_dir.parent().unwrap(), "tips-2.zip");
    })
    .await;
    let officer = officer_of(&harness, &record).await;
    let informant = informant_of(&record);
    assert_eq!(officer.read(&harness, text("tip")).await, text("words"));
    assert_eq!(informant.answers(&harness).await, [text("answer")]);
    // And it goes on.
    informant
        .send(&harness, "Xe đi về phía cầu.", TipSize::Text)
        .await;
    let tips = officer.list(&harness, "").await;
    let fresh = tips.iter().map(id_of).find(|id| id != text("tip")).unwrap();
    assert_eq!(officer.read(&harness, &fresh).await, "Xe đi về phía cầu.");
    let reply = informant.numbered_answer(&officer, 2, "Cảm ơn.");
    officer.reply(&harness, &fresh, reply).await.expect(201);
    let mut answers = informant.answers(&harness).await;
    answers.sort();
    let mut expected = [text("answer"), "Cảm ơn."];
    expected.sort_unstable();
    assert_eq!(answers, expected);
}

async fn officer_of(harness: &Harness, record: &Value) -> Officer {
    let log_in = json!({ "username": record["username"], "password": PASSWORD });
    let opened = harness.post("/api/v1/auth/login", "", log_in).await.expect(200);
    let seed = |member: &str| <[u8; 32]>::try_from(bytes(&record[member])).unwrap();
    let said = |member: &str| opened[member].as_str().unwrap().to_owned();
    assert_eq!(opened["user"]["role"], Role::TipOfficer.to_string());
    Officer {
        person: Person {
            id: opened["user"]["id"].as_str().unwrap().parse().unwrap(),
            username: record["username"].as_str().unwrap().to_owned(),
            token: said("access_token"),
            refresh_token: said("refresh_token"),
        },
        seeds: Seeds {
            seal_seed: seed("seal_seed"),
            signing_seed: seed("signing_seed"),
        },
    }
}

fn informant_of(record: &Value) -> Informant {
    let receipt = Receipt::read(record["receipt"].as_str().unwrap()).unwrap();
    Informant {
        keys: receipt.keys().unwrap(),
        receipt,
    }
}

//! How long anything is kept, what the log says of it, and how the figures outlive it.

use minhchung::domain::{Role, TipSize};
use minhchung::services::audit;
use minhchung::services::tips::ListFilter;
use minhchung::store::records::{AuditLog, TipsSpent};
use minhchung::store::{Range, ReadTables, StoreError};
use serde_json::{Value, json};

use super::scene::{Informant, id_of, octets, officer};
use crate::support::{Harness, answer};

const DAY: i64 = 24 * 3600;

async fn left(harness: &Harness) -> usize {
    harness.app.tips.keep_house().await.unwrap();
    harness.app.tips.list(ListFilter::default(), 200).0.len()
}

async fn entries(harness: &Harness) -> Vec<(String, String, Value)> {
    let read = harness.app.store.read::<_, StoreError>(|view| {
        assert!(audit::verify(view)?.breaks.is_empty());
        Ok(view
            .scan::<AuditLog>(Range::all())
            .map(|row| row.unwrap().1)
            .collect::<Vec<_>>())
    });
    let entries = read
        .await
        .unwrap()
        .into_iter()
        .filter(|entry| entry.action.starts_with("tip"));
    entries
        .map(|entry| {
            (
                entry.action,
                entry.subject,
                serde_json::from_str(&entry.detail).unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn closed_ones_go_after_ninety_days_rubbish_after_seven_and_everything_after_a_year() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let officer = officer(&harness).await;
    for words in ["Đóng.", "Rác.", "Để đó."] {
        Informant::new().send(&harness, words, TipSize::Text).await;
    }
    let mut by_words = std::collections::BTreeMap::new();
    for tip in officer.list(&harness, "").await {
        by_words.insert(officer.read(&harness, &id_of(&tip)).await, id_of(&tip));
    }
    for (words, state) in [("Đóng.", "closed"), ("Rác.", "spam"), ("Để đó.", "open")] {
        let path = format!("/api/v1/desk/tips/{}", by_words[words]);
        let change = json!({ "state": state });
        harness
            .patch(&path, &officer.person.token, change)
            .await
            .expect(200);
    }
    let mut counts = Vec::new();
    for days in [6, 1, 82, 1, 274, 1] {
        harness.wait(days * DAY);
        counts.push(left(&harness).await);
    }
    assert_eq!(counts, [3, 2, 2, 1, 1, 0]);
    // Each day's count is in the log once that day is over, without a name of what went.
    harness.wait(DAY);
    left(&harness).await;
    let shredded: Vec<_> = entries(&harness)
        .await
        .into_iter()
        .filter(|entry| entry.0 == "tips.shredded")
        .collect();
    let said: Vec<_> = shredded
        .iter()
        .map(|(_, subject, detail)| (subject.as_str(), detail.clone()))
        .collect();
    let on = |day: &str| ("tips", json!({ "day": day, "count": 1 }));
    assert_eq!(said, [on("2026-03-09"), on("2026-05-31"), on("2027-03-02")]);
    let spent = harness
        .app
        .store
        .read::<_, StoreError>(|view| Ok(view.keys::<TipsSpent>(Range::all()).count()));
    assert_eq!(
        spent.await.unwrap(),
        0,
        "marks of spent puzzles go after two days"
    );
}

#[tokio::test]
async fn notes_of_the_desk_go_with_their_thread_whoever_shreds_it() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let _officer = officer(&harness).await;
    let list = || harness.app.tips.list(ListFilter::default(), 200).0;
    let path = "/api/v1/desk/tips?channel=desk_note";
    for (round, shredder) in (0_u8..).zip(["desk", "informant", "calendar", "flood"]) {
        let token = &harness.sign_in(Role::TipOfficer, None).await;
        let informant = Informant::new();
        let sealed = informant.sealed(&harness, "Ghi chú.", TipSize::Text).await;
        let note = |number: u8| {
            let nonce = [10 * round + number; 16];
            octets(&harness, path, token, [&nonce, sealed.as_slice()].concat())
        };
        let lost = answer(note(1)).await;
        assert_eq!(lost.problem(), "404/not-found", "a note about nothing");
        for words in ["Một.", "Hai."] {
            informant.send(&harness, words, TipSize::Text).await;
        }
        let ids: Vec<String> = list().iter().map(|tip| tip.id.to_string()).collect();
        for id in &ids {
            let change = json!({ "state": "closed" });
            let path = format!("/api/v1/desk/tips/{id}");
            harness.patch(&path, token, change).await.expect(200);
        }
        let kept = answer(note(2)).await.expect(201);
        let goes = list()[0].facts.purge_on;
        assert_eq!(
            (&kept["state"], &kept["purge_on"]),
            (&json!("closed"), &json!(goes))
        );
        match shredder {
            "desk" => {
                for (id, left) in ids.iter().zip([2, 0]) {
                    let gone = harness.delete(&format!("/api/v1/desk/tips/{id}"), token).await;
                    assert_eq!(gone.status, 204);
                    assert_eq!(list().len(), left);
                }
            }
            "informant" => {
                let body = json!({ "mailbox": super::scene::base64(informant.keys.mailbox.0) });
                let gone = harness.post("/api/v1/tips/mailbox/delete", "", body).await;
                gone.expect(202);
            }
            "calendar" => {
                harness.wait(90 * DAY);
                left(&harness).await;
            }
            _ => {
                // A note of another day than its messages goes with them all the same.
                harness.wait(DAY);
                let token = &harness.sign_in(Role::TipOfficer, None).await;
                let late = [&[99; 16], sealed.as_slice()].concat();
                answer(octets(&harness, path, token, late)).await.expect(201);
                let day = json!({ "received_on": kept["received_on"] });
                harness
                    .post("/api/v1/desk/tips/purge", token, day)
                    .await
                    .expect(200);
            }
        }
        assert!(list().is_empty(), "{shredder}");
    }
}

#[tokio::test]
async fn deeds_of_the_desk_are_in_the_log_without_content_and_a_message_that_comes_is_not() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let token = &officer.person.token;
    let informant = Informant::new();
    informant.send(&harness, "Không ghi sổ.", TipSize::Text).await;
    informant.mailbox(&harness).await;
    let made: Vec<String> = entries(&harness).await.into_iter().map(|entry| entry.0).collect();
    assert_eq!(made, ["tip_key.made"]);
    let id = id_of(&officer.list(&harness, "").await[0]);
    officer.read(&harness, &id).await;
    officer
        .reply(&harness, &id, informant.answer(&officer, "Mật."))
        .await
        .expect(201);
    let path = format!("/api/v1/desk/tips/{id}");
    harness
        .patch(&path, token, json!({ "category": "using" }))
        .await
        .expect(200);
    assert_eq!(harness.delete(&path, token).await.status, 204);
    let all = entries(&harness).await;
    let actions: Vec<&str> = all.iter().map(|entry| entry.0.as_str()).collect();
    assert_eq!(
        actions,
        [
            "tip_key.made",
            "tip.opened",
            "tip.replied",
            "tip.sorted",
            "tip.shredded"
        ]
    );
    assert_eq!(all[3].2, json!({ "state": "new", "category": "using" }));
}

#[tokio::test]
async fn figures_by_month_hide_what_is_small_and_outlive_the_messages() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let officer = officer(&harness).await;
    let token = &officer.person.token;
    let informant = Informant::new();
    let sealed = informant.sealed(&harness, "Điện thoại.", TipSize::Text).await;
    for number in 0..6_u8 {
        let body = [&[number; 16], sealed.as_slice()].concat();
        answer(octets(&harness, "/api/v1/desk/tips?channel=hotline", token, body))
            .await
            .expect(201);
    }
    informant.send(&harness, "Mạng.", TipSize::Text).await;
    for tip in officer.list(&harness, "").await {
        let change = json!({ "category": "selling" });
        harness
            .patch(&format!("/api/v1/desk/tips/{}", id_of(&tip)), token, change)
            .await
            .expect(200);
    }
    let month = |counts: Value| counts["months"][0].clone();
    let counts = harness.get("/api/v1/desk/counts", token).await.expect(200);
    let march = month(counts.clone());
    // One by the web is hidden, and the seven of all less the six by telephone would tell it.
    assert_eq!(
        (&march["month"], &march["all"]),
        (&json!("2026-03"), &Value::Null)
    );
    assert_eq!(
        (&march["channels"]["web"], &march["channels"]["hotline"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(march["categories"]["selling"], 7);
    harness
        .post("/api/v1/desk/tips/purge", token, json!({ "size": "text" }))
        .await
        .expect(200);
    assert_eq!(
        harness
            .get("/api/v1/desk/counts?year=2026", token)
            .await
            .expect(200),
        counts
    );
    let none = harness
        .get("/api/v1/desk/counts?year=2025", token)
        .await
        .expect(200);
    assert_eq!(none, json!({ "months": [] }));
}

#[tokio::test]
async fn a_notice_changes_with_the_quarter_of_an_hour_alone_and_has_one_length() {
    let harness = Harness::at("2026-03-02T10:07:00+07:00").await;
    let officer = officer(&harness).await;
    let notice = || async {
        let request = harness.request(reqwest::Method::GET, "/api/v1/desk/notice", &officer.person.token);
        request.send().await.unwrap().text().await.unwrap()
    };
    let quiet = notice().await;
    Informant::new().send(&harness, "Tin mới.", TipSize::Text).await;
    assert_eq!(notice().await, quiet);
    harness.wait(7 * 60);
    assert_eq!(notice().await, quiet);
    harness.wait(60);
    // Nobody asked yet in this slot; what comes now is not told before the next.
    let told = notice().await;
    let (quiet, told): (Value, Value) = match (serde_json::from_str(&quiet), serde_json::from_str(&told)) {
        (Ok(before), Ok(after)) if quiet.len() == told.len() => (before, after),
        wrong => panic!("{wrong:?} {quiet} {told}"),
    };
    assert_eq!(quiet, json!({ "slot": "2026-03-02T03:00:00Z", "news": false }));
    assert_eq!(told, json!({ "slot": "2026-03-02T03:15:00Z", "news": true }));
}

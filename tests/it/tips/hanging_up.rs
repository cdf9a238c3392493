//! Whoever hangs up while their message is being kept: it is kept wholly, or not at all, and nothing of it is counted.

use std::fs;
use std::time::Duration;

use minhchung::domain::TipSize;
use minhchung::tipbox::pin;
use minhchung::tipfiles::SHELF;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::floods::begun;
use super::scene::{Informant, base64, framed, officer, post_frame};
use crate::metrics::{counters, value};
use crate::support::Harness;

const PATIENCE: Duration = Duration::from_secs(60);

/// Sends all of `frame` and ends the connection `after` that, as a network does that breaks.
async fn send_and_break_off(harness: &Harness, frame: &[u8], after: Duration) {
    let mut connection = begun(harness, frame, 112).await;
    connection.write_all(&frame[112..]).await.unwrap();
    tokio::time::sleep(after).await;
    connection.set_zero_linger().unwrap();
}

fn files(harness: &Harness) -> usize {
    fs::read_dir(harness.data_dir().join(SHELF)).unwrap().count()
}

async fn until(what: &str, done: impl Fn() -> bool) {
    let wait = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, wait).await;
    assert!(waited.is_ok(), "it never came to it that {what}");
}

#[tokio::test]
async fn a_message_whose_sender_hung_up_is_there_or_not_and_never_half() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let mut sent = Vec::new();
    for after in 0..24 {
        let informant = Informant::new();
        let frame = informant.frame(&harness, "Đứt mạng.", TipSize::Text).await;
        send_and_break_off(&harness, &frame, Duration::from_millis(after)).await;
        // The browser sends again; whatever became of the first, the mailbox has what was acknowledged.
        post_frame(&harness, frame).await.expect(202);
        let items = informant.mailbox(&harness).await;
        let pin = |item: &Vec<u8>| pin::open(&informant.keys.pin_key, informant.keys.mailbox, item);
        assert_eq!(
            items.iter().filter(|item| pin(item).is_ok()).count(),
            1,
            "{after} ms"
        );
        sent.push(informant);
    }
    until("there is one file for each message", || {
        files(&harness) == sent.len()
    })
    .await;
    assert_eq!(officer.list(&harness, "?limit=200").await.len(), sent.len());

    // What was acknowledged to the second try is shredded like any other, and does not come back.
    for informant in &sent {
        let mailbox = json!({ "mailbox": base64(informant.keys.mailbox.0) });
        let answer = harness.post("/api/v1/tips/mailbox/delete", "", mailbox).await;
        answer.expect(202);
    }
    let harness = harness.restarted().await;
    assert!(officer.list(&harness, "?limit=200").await.is_empty());
}

#[tokio::test]
async fn a_puzzle_solved_once_leaves_no_files_behind_for_boxes_that_break_off() {
    let harness = Harness::start().await;
    let _officer = officer(&harness).await;
    let sealed = Informant::new()
        .sealed(&harness, "Ba ảnh.", TipSize::ThreePictures)
        .await;
    let frame = framed(&harness, &[4; 16], &sealed).await;
    for after in 0..12 {
        send_and_break_off(&harness, &frame, Duration::from_millis(after)).await;
    }
    post_frame(&harness, frame).await.expect(202);
    until("one file is left", || files(&harness) == 1).await;
}

#[tokio::test]
async fn a_message_that_comes_twice_at_once_is_in_no_counter() {
    let harness = Harness::start().await;
    let _officer = officer(&harness).await;
    for apart in 0..6 {
        let frame = Informant::new().frame(&harness, "Hai lần.", TipSize::Text).await;
        let before = counters(&harness).await;
        let again = async {
            tokio::time::sleep(Duration::from_millis(apart)).await;
            post_frame(&harness, frame.clone()).await
        };
        let (first, second) = tokio::join!(post_frame(&harness, frame.clone()), again);
        assert!(first.status == 202 || second.status == 202);
        let after = counters(&harness).await;
        for counter in [
            "minhchung_store_transactions_total",
            "minhchung_store_commit_seconds_count",
        ] {
            let (before, after) = (value(&before, counter), value(&after, counter));
            assert!(
                (before - after).abs() < f64::EPSILON,
                "{counter}: {before} {after}"
            );
        }
    }
}

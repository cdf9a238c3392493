//! Wrong frames: one refusal, whatever is wrong with them.

use std::collections::BTreeMap;

use minhchung::domain::TipSize;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::scene::{Informant, frame_request, framed, octets, officer};
use crate::support::Harness;

/// Status, headers but for the clock's, and body: all that a sender sees.
async fn seen(request: RequestBuilder) -> (u16, BTreeMap<String, String>, Vec<u8>) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let mut headers = BTreeMap::new();
    for (name, value) in response.headers() {
        headers.insert(name.to_string(), value.to_str().unwrap().to_owned());
    }
    headers.remove("date");
    // Where a body was left unread the connection ends; that follows from the length alone.
    headers.remove("connection");
    (status, headers, response.bytes().await.unwrap().to_vec())
}

/// A body of a wrong length, or of a right one with a good puzzle and one fixed byte of the box changed.
#[derive(Debug, Clone)]
enum Wrong {
    Length(usize),
    FixedByte(usize, u8),
    CutInside(usize),
}

fn wrong() -> impl Strategy<Value = Wrong> {
    prop_oneof![
        (0_usize..2_000).prop_map(Wrong::Length),
        (32_000_usize..34_000)
            .prop_filter("a right length", |bytes| *bytes != 32_880)
            .prop_map(Wrong::Length),
        (0_usize..16, 1_u8..).prop_map(|(place, change)| Wrong::FixedByte(place, change)),
        (0_usize..96).prop_map(Wrong::CutInside),
    ]
}

#[tokio::test]
async fn every_wrong_frame_gets_the_same_refusal_to_the_byte() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let sealed = Informant::new().sealed(&harness, "Thử.", TipSize::Text).await;
    let one = seen(frame_request(&harness, vec![0; 5])).await;
    assert_eq!(one.0, 422);
    let text = String::from_utf8(one.2.clone()).unwrap();
    assert!(
        text.contains("tip-refused") && !text.contains("request_id"),
        "{text}"
    );
    assert!(!one.1.contains_key("x-request-id"), "{:?}", one.1);
    assert_eq!(one.1["cache-control"], "no-store");

    let mut runner = TestRunner::deterministic();
    let (mut puzzles, mut lengths) = (0, 0);
    for _ in 0..120 {
        let request = match wrong().new_tree(&mut runner).unwrap().current() {
            Wrong::Length(bytes) => {
                lengths += 1;
                frame_request(&harness, vec![0xA5; bytes])
            }
            // A puzzle takes a moment; some of these are enough.
            Wrong::FixedByte(..) if puzzles >= 12 => continue,
            Wrong::FixedByte(place, change) => {
                puzzles += 1;
                let mut changed = sealed.clone();
                changed[place] ^= change;
                frame_request(
                    &harness,
                    framed(&harness, &minhchung::tipbox::suite::random(), &changed).await,
                )
            }
            Wrong::CutInside(bytes) => {
                let body = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![1; bytes])]);
                let request = harness.request(Method::POST, "/api/v1/tips", "");
                request
                    .header("content-type", "application/octet-stream")
                    .body(reqwest::Body::wrap_stream(body))
            }
        };
        assert_eq!(seen(request).await, one);
    }
    assert!(puzzles > 5 && lengths > 20);

    let mailboxes = [
        json!({}),
        json!({ "mailbox": "" }),
        json!({ "mailbox": "AAAA" }),
        json!([1]),
    ];
    for body in mailboxes {
        for path in ["/api/v1/tips/mailbox", "/api/v1/tips/mailbox/delete"] {
            assert_eq!(
                seen(harness.request(Method::POST, path, "").json(&body)).await,
                one,
                "{body}"
            );
        }
    }
    let long = octets(&harness, "/api/v1/tips/mailbox", "", vec![b'{'; 100_000]);
    assert_eq!(seen(long).await, one);
    let untyped = harness
        .request(Method::POST, "/api/v1/tips", "")
        .body(vec![0; 32_880]);
    assert_eq!(seen(untyped).await, one);
    assert!(officer.list(&harness, "").await.is_empty());
}

#[tokio::test]
async fn what_the_wire_shows_of_a_class_is_the_same_whatever_is_said() {
    let harness = Harness::at("2026-03-02T10:00:00+07:00").await;
    let _officer = officer(&harness).await;
    for size in TipSize::ALL.iter().copied() {
        let mut lengths = Vec::new();
        for words in ["", &"Dài. ".repeat(1_000)] {
            let frame = Informant::new().frame(&harness, words, size).await;
            let sent = frame.len();
            let (status, headers, body) = seen(frame_request(&harness, frame)).await;
            assert_eq!((status, body.len()), (202, 28));
            lengths.push((sent, headers, body));
        }
        assert_eq!(lengths[0], lengths[1]);
    }
}

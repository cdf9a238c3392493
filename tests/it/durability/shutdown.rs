//! SIGTERM while pictures are on their way.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream;
use reqwest::StatusCode;
use serde_json::json;
use tokio::sync::oneshot;

use super::load::{client, runtime};
use super::pictures::{Picture, picture};
use super::process::{ROOMY, Server, prove, serve};
use super::seed::Seed;

/// A body of which the first half goes at once, and the rest when the sender of the channel says so.
fn in_halves(bytes: &[u8], go_on: oneshot::Receiver<()>) -> reqwest::Body {
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let (first, rest) = (Bytes::copy_from_slice(first), Bytes::copy_from_slice(rest));
    let pieces = stream::unfold((Some(first), Some((rest, go_on))), |state| async move {
        match state {
            (Some(first), rest) => Some((Ok::<_, Infallible>(first), (None, rest))),
            (None, Some((rest, go_on))) => {
                drop(go_on.await);
                Some((Ok(rest), (None, None)))
            }
            (None, None) => None,
        }
    });
    reqwest::Body::wrap_stream(pieces)
}

#[test]
fn uploads_that_run_when_the_service_is_told_to_stop_are_finished_and_it_exits_with_zero() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    let server = Server::start(serve(&data, &ROOMY));
    let client = client();
    let address = server.address.clone();
    runtime().block_on(async {
        let mut channels = Vec::new();
        let mut uploads = Vec::new();
        let pictures: Vec<Picture> = (0..8).map(|_| picture(400_000)).collect();
        for picture in &pictures {
            let path = format!("{address}/api/v1/submissions/{}", uuid::Uuid::now_v7());
            let report = json!({
                "assignment_id": seed.assignments[0],
                "captured_at": "2026-07-20T09:30:00+07:00",
                "location": null,
                "photos": [{ "sha256": picture.sha256, "bytes": picture.bytes.len() }],
                "client": { "app": "thử", "version": "1" },
            });
            let announced = client
                .put(&path)
                .bearer_auth(&seed.head_token)
                .json(&report)
                .send()
                .await
                .unwrap();
            assert_eq!(announced.status(), StatusCode::CREATED);
            let (sender, receiver) = oneshot::channel();
            channels.push(sender);
            let upload = client
                .put(format!("{path}/photos/{}", picture.sha256))
                .bearer_auth(&seed.head_token)
                .header("content-type", "image/jpeg")
                .header("content-length", picture.bytes.len())
                .body(in_halves(&picture.bytes, receiver));
            uploads.push(tokio::spawn(upload.send()));
        }
        // All eight are being received when the signal comes.
        let begun = async {
            loop {
                let counters = client.get(format!("{address}/metrics")).send().await.unwrap();
                let counters = counters.text().await.unwrap();
                if counters.contains("minhchung_pictures_being_received 8\n") {
                    break;
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), begun)
            .await
            .expect("uploads did not begin");
        server.terminate();
        let deaf = async { while client.get(format!("{address}/health/live")).send().await.is_ok() {} };
        tokio::time::timeout(std::time::Duration::from_secs(20), deaf)
            .await
            .expect("it still takes new requests");
        for channel in channels {
            channel.send(()).unwrap();
        }
        for answer in join_all(uploads).await {
            let answer = answer.unwrap().expect("an upload was cut");
            assert_eq!(answer.status(), StatusCode::CREATED);
            let body: serde_json::Value = answer.json().await.unwrap();
            assert_eq!(body["state"], "pending");
        }
    });
    let (status, log) = server.ended();
    assert!(status.success(), "{status}: {log}");
    let report = prove(&data);
    assert_eq!(
        (&report["submissions"], &report["pictures"]),
        (&json!(8), &json!(8))
    );
    assert_eq!(report["notes"], json!([]), "nothing is left lying about");
}

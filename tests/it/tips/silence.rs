//! The log, at its loudest, while somebody tells something.

use minhchung::domain::TipSize;
use minhchung::tipbox::boxes::OpenBox;
use minhchung::tipbox::message::{Head, Message};
use minhchung::tipbox::{pin, puzzle, suite};
use serde_json::{Value, json};

use super::scene::{Informant, base64, bytes};
use crate::durability::process::{ROOMY, Server, minhchung};

const CANARY: &str = "CANARY-chim-sâu-2281";

/// A server with every line of its log wanted.
fn loud(home: &std::path::Path) -> Server {
    let mut command = minhchung();
    command.args([
        "--log-filter",
        "trace",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
    ]);
    command.arg(home.join("data")).args(ROOMY);
    Server::start(command)
}

async fn tell(address: &str, informant: &Informant) {
    let client = reqwest::Client::builder().local_address("127.0.0.77".parse::<std::net::IpAddr>().unwrap());
    let client = client.user_agent("CANARY-agent/1").build().unwrap();
    let post = |path: &str| {
        client
            .post(format!("{address}/api/v1/tips{path}"))
            .header("referer", "http://canary.example/")
    };
    let fresh: Value = post("/challenges").send().await.unwrap().json().await.unwrap();
    let challenge: [u8; 64] = bytes(&fresh["challenge"]).try_into().unwrap();
    let solution = puzzle::solve(&challenge, 0).unwrap();
    let keys = &informant.keys;
    let open = OpenBox::new(TipSize::Text, keys.mailbox, &[]).unwrap();
    let head = Head::new(
        CANARY,
        &keys.signing_seed,
        &keys.reply_seed,
        "2026-03-02".parse().unwrap(),
    )
    .unwrap();
    let message = Message {
        head,
        pictures: Vec::new(),
    };
    let payload = message
        .write(TipSize::Text, open.header(), &keys.signing_seed)
        .unwrap();
    let sealed = open
        .close(&pin::seal(&keys.pin_key, keys.mailbox, &[]).unwrap(), &payload)
        .unwrap();
    let frame = [challenge.as_slice(), &solution, &suite::random::<16>(), &sealed].concat();
    let octets = |body: Vec<u8>| {
        post("")
            .header("content-type", "application/octet-stream")
            .body(body)
            .send()
    };
    assert_eq!(octets(frame).await.unwrap().status(), 202);
    assert_eq!(octets(vec![1; 700]).await.unwrap().status(), 422);
    let mailbox = json!({ "mailbox": base64(keys.mailbox.0) });
    let read = post("/mailbox").json(&mailbox).send().await.unwrap();
    assert_eq!(
        (read.status(), read.headers().contains_key("x-request-id")),
        (200.into_status(), false)
    );
    assert_eq!(
        post("/mailbox/delete")
            .json(&mailbox)
            .send()
            .await
            .unwrap()
            .status(),
        202
    );
    assert_eq!(post("/nowhere").send().await.unwrap().status(), 404);
    // However it is spelled; and the list that whoever begins to write asks for.
    for path in ["tips/desk", "%74ips/desk", "communes"] {
        let shown = client.get(format!("{address}/api/v1/{path}")).send();
        let shown = shown.await.unwrap();
        assert_eq!(
            (shown.status(), shown.headers().contains_key("x-request-id")),
            (200.into_status(), false),
            "{path}"
        );
    }
}

trait IntoStatus {
    fn into_status(self) -> reqwest::StatusCode;
}

impl IntoStatus for u16 {
    fn into_status(self) -> reqwest::StatusCode {
        reqwest::StatusCode::from_u16(self).unwrap()
    }
}

#[tokio::test]
async fn the_loudest_log_says_nothing_of_somebody_who_tells_something() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let home = tempfile::tempdir().unwrap();
    let server = loud(home.path());
    let informant = Informant::new();
    let address = server.address.clone();
    tell(&address, &informant).await;
    let seen = reqwest::get(format!("{address}/api/v1/campaign")).await.unwrap();
    let id = seen.headers()["x-request-id"].to_str().unwrap().to_owned();
    server.terminate();
    let (status, log) = server.ended();
    assert!(status.success(), "{log}");
    assert!(
        log.contains(&id) && log.contains("minhchung::requests"),
        "the log is not loud: {log}"
    );
    // Frames of the connection and writes of the database would tell when a message came, and how long it was.
    for library in ["h2::", "rustls::", "actix_", "mio::", "sled::", "hyper"] {
        assert!(!log.contains(library), "{library}: {log}");
    }
    let mailbox = informant.keys.mailbox.0;
    let hex: String = mailbox.iter().map(|byte| format!("{byte:02x}")).collect();
    for needle in [
        "CANARY",
        "canary",
        informant.receipt.digits(),
        &base64(mailbox),
        &hex,
        "127.0.0.77",
        "/tips",
        "%74ips",
        "/api/v1/communes",
        "tip-refused",
        "octet-stream",
    ] {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(needle)).collect();
        assert!(lines.is_empty(), "{needle}: {lines:#?}");
    }
}

//! Another implementation of the protocol: tus-js-client, under Node, over a network that keeps breaking.
//!
//! Needs `node` and `npm` (or packages that were installed before): without them it fails, since nothing else proves
//! that clients that we did not write can send.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use minhchung::clock::Clock;
use serde_json::json;

use super::cutting::CuttingProxy;
use super::{Field, UPLOADS, camera_picture};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign")
}

/// Installs what the lock file names, unless that was done before.
fn install() {
    let lock = std::fs::metadata(folder().join("package-lock.json"))
        .unwrap()
        .modified()
        .unwrap();
    let done = std::fs::metadata(folder().join("node_modules/.package-lock.json"));
    if done.is_ok_and(|done| done.modified().unwrap() >= lock) {
        return;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    let status = npm.current_dir(folder()).stdout(Stdio::null()).status();
    assert!(
        status.expect("npm is needed for this test").success(),
        "npm ci failed"
    );
}

#[actix_web::test]
async fn pictures_of_a_foreign_client_arrive_byte_for_byte_over_a_network_that_keeps_breaking() {
    install();
    let pictures = vec![
        camera_picture(1, 300_000),
        camera_picture(2, 520_001),
        camera_picture(3, 777_777),
    ];
    let field = Field::with(Clock::system(), pictures, |_| {}).await;
    let proxy = CuttingProxy::before(field.harness.url("").replace("http://", ""));
    let sources = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (number, picture) in field.pictures.iter().enumerate() {
        let path = sources.path().join(format!("{number}.jpg"));
        std::fs::write(&path, &picture.bytes).unwrap();
        files.push(json!({ "path": path, "sha256": picture.sha256 }));
    }
    let job = json!({
        "endpoint": format!("http://{}{UPLOADS}", proxy.address), "token": field.head.token,
        "submission": field.submission, "files": files,
    });
    let mut node = Command::new("node");
    node.arg("send.mjs").arg(job.to_string()).current_dir(folder());
    // The pictures go through this process, so its threads must not wait for the child.
    let sent = tokio::task::spawn_blocking(move || node.output()).await.unwrap();
    let sent = sent.expect("node is needed for this test");
    let (told, wrong) = (
        String::from_utf8_lossy(&sent.stdout),
        String::from_utf8_lossy(&sent.stderr),
    );
    assert!(sent.status.success(), "{told}\n{wrong}");
    assert!(proxy.cuts() >= 8, "the network broke only {} times", proxy.cuts());
    let bytes: usize = field.pictures.iter().map(|picture| picture.bytes.len()).sum();
    println!("{} cuts; {bytes} bytes took {}", proxy.cuts(), proxy.carried());
    assert!(
        proxy.carried() < bytes * 5 / 2,
        "{} instead of {bytes} bytes",
        proxy.carried()
    );
    field.assert_whole().await;
}

//! A certificate is replaced, and a service with open connections is stopped.

use std::fs;
use std::process::Command;

use minhchung::config::Tls;

use super::authority::Files;
use super::{Authority, PATIENCE, shown, until};
use crate::durability::process::{ROOMY, Server, minhchung};
use crate::field::Field;

/// A server as a process of its own, since a signal goes to a process.
fn serve(authority: &Authority, files: &Files) -> Server {
    let mut command = minhchung();
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command
        .arg(authority.home().join("data"))
        .args(files.flags())
        .args(ROOMY);
    Server::start(command)
}

fn hang_up(server: &Server) {
    let sent = Command::new("kill")
        .args(["-HUP", &server.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn replace(kept: &Files, with: &Files) {
    fs::copy(&with.certificate, &kept.certificate).unwrap();
    fs::copy(&with.key, &kept.key).unwrap();
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_a_signal_and_open_connections_go_on() {
    let authority = Authority::new();
    let (first, second) = (authority.issue("127.0.0.1"), authority.issue("127.0.0.1"));
    let server = serve(&authority, &first);
    let url = server.address.clone();
    let old = authority.client();
    assert_eq!(shown(&old, &url).await.unwrap(), first.fingerprint);

    replace(&first, &second);
    hang_up(&server);
    until("the new certificate", || async {
        shown(&authority.client(), &url).await.unwrap() == second.fingerprint
    })
    .await;
    // The connection from before is still the same one.
    assert_eq!(shown(&old, &url).await.unwrap(), first.fingerprint);

    // Half of a pair: the key of another one.
    fs::copy(&authority.issue("127.0.0.1").key, &first.key).unwrap();
    hang_up(&server);
    fs::write(&first.certificate, "no certificate").unwrap();
    hang_up(&server);
    for _ in 0..3 {
        assert_eq!(
            shown(&authority.client(), &url).await.unwrap(),
            second.fingerprint
        );
    }
    server.terminate();
    let (status, log) = server.ended();
    assert!(status.success(), "{log}");
    assert!(log.contains("the certificate was read again"), "{log}");
    assert!(log.contains("the old one stays"), "{log}");
    assert!(!log.contains("PRIVATE"), "{log}");
}

#[tokio::test]
async fn files_that_change_are_seen_without_a_signal() {
    let authority = Authority::new();
    let (first, second) = (authority.issue("127.0.0.1"), authority.issue("127.0.0.1"));
    let field = Field::with(|settings| {
        settings.limits.certificate_look_ms = 20;
        settings.tls = Tls::Files {
            certificate: first.certificate.clone(),
            key: first.key.clone(),
        };
    })
    .await;
    let url = field.harness.url("");
    assert_eq!(shown(&authority.client(), &url).await.unwrap(), first.fingerprint);
    replace(&first, &second);
    until("the new certificate", || async {
        shown(&authority.client(), &url).await.unwrap() == second.fingerprint
    })
    .await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_browsers_that_only_sit_there() {
    let authority = Authority::new();
    let server = serve(&authority, &authority.issue("127.0.0.1"));
    let browser = authority.client();
    shown(&browser, &server.address).await.unwrap();
    server.terminate();
    // Without an end of idle connections it is half a minute.
    let ended = tokio::task::spawn_blocking(move || server.ended());
    let (status, log) = tokio::time::timeout(PATIENCE, ended)
        .await
        .expect("it hangs")
        .unwrap();
    assert!(status.success(), "{log}");
    drop(browser);
}

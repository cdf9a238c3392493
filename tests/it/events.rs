//! Open event lines: they hear what is theirs, as long as their session lasts, and hold nobody up.

use std::time::Duration;

use minhchung::domain::Role;
use reqwest::{Method, Response};

use crate::durability::process::{ROOMY, Server, serve};
use crate::durability::seed::Seed;
use crate::field::Field;
use crate::support::COMMUNE;

/// What comes on `line` until `enough` says so or it ends; `None` when it ended.
async fn hear(line: &mut Response, enough: impl Fn(&str) -> bool) -> Option<String> {
    let mut heard = String::new();
    let listening = async {
        while let Some(piece) = line.chunk().await.ok()? {
            heard.push_str(std::str::from_utf8(&piece).unwrap());
            if enough(&heard) {
                return Some(heard);
            }
        }
        None
    };
    tokio::time::timeout(Duration::from_secs(30), listening)
        .await
        .expect("the line neither said it nor ended")
}

async fn open(field: &Field, token: &str) -> Response {
    let request = field.harness.request(Method::GET, "/api/v1/events", token);
    let mut line = request.send().await.unwrap();
    assert_eq!(line.status(), 200);
    hear(&mut line, |heard| heard.contains(": open")).await.unwrap();
    line
}

#[actix_web::test]
async fn a_phone_that_is_thrown_out_hears_nothing_more() {
    let field = Field::start().await;
    let place = field.assignment(COMMUNE, &field.head).await;
    let watcher = field.harness.person(Role::Viewer, None).await;
    let mut line = open(&field, &watcher.token).await;
    let mut other = open(&field, &field.admin.token).await;
    field.submission(&field.head, &place).await;
    // The last that is told of it.
    let heard = hear(&mut line, |heard| heard.contains("\"state\":\"pending\""))
        .await
        .unwrap();
    assert!(heard.contains(&format!("\"commune\":\"{COMMUNE}\"")), "{heard}");

    let devices = format!("/api/v1/users/{}", watcher.id);
    let devices = field.harness.get(&devices, &field.admin.token).await.expect(200);
    let device = devices["devices"][0]["id"].as_str().unwrap();
    let path = format!("/api/v1/users/{}/devices/{device}", watcher.id);
    field.harness.delete(&path, &field.admin.token).await;
    let second = field.assignment(COMMUNE, &field.head).await;
    field.submission(&field.head, &second).await;
    assert_eq!(
        hear(&mut line, |heard| heard.contains("event:")).await,
        None,
        "it heard more"
    );
    // Whoever is still signed in goes on hearing.
    hear(&mut other, |heard| heard.contains("event: queue"))
        .await
        .unwrap();
}

#[actix_web::test]
async fn a_line_ends_when_its_token_does() {
    let field = Field::start().await;
    let mut line = open(&field, &field.admin.token).await;
    field.harness.wait(16 * 60);
    let officer = field.harness.person(Role::CommuneOfficer, Some(COMMUNE)).await;
    let body = serde_json::json!({
        "commune": COMMUNE, "village": "Thôn Thử", "place": "Nhà văn hoá", "cell": "banner.2", "due": "2026-06-30",
    });
    field
        .harness
        .post("/api/v1/assignments", &officer.token, body)
        .await
        .expect(201);
    assert_eq!(hear(&mut line, |heard| heard.contains("event:")).await, None);
}

#[test]
fn a_stop_does_not_wait_for_open_lines() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    let server = Server::start(serve(&data, &ROOMY));
    let address = server.address.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let request = reqwest::Client::new().get(format!("{address}/api/v1/events"));
        let mut line = request.bearer_auth(&seed.admin_token).send().await.unwrap();
        hear(&mut line, |heard| heard.contains(": open")).await.unwrap();
        server.terminate();
        // Had the stop waited for the line, the line would have waited for the stop.
        assert_eq!(hear(&mut line, |heard| heard.contains("event:")).await, None);
    });
    let (status, log) = server.ended();
    assert!(status.success(), "{status}: {log}");
}

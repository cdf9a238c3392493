//! The log as machines read it, at its loudest: every line has its request, and none has a secret.

use minhchung::demo::pictures::distinct_jpeg;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::Digest;
use totp_rs::{Algorithm, Builder, Secret};

use crate::durability::process::{ROOMY, Server, minhchung};
use crate::durability::seed::Seed;
use crate::field::new_id;
use crate::support::PASSWORD;
use crate::tls::authority::Authority;

const WRONG: &str = "CANARY-mat-khau-sai";

/// Somebody who talks to the server and remembers what nobody else may know.
struct Talk {
    client: reqwest::Client,
    address: String,
    secrets: Vec<String>,
    ids: Vec<String>,
}

impl Talk {
    async fn send(&mut self, method: Method, path: &str, token: &str, body: Value) -> (StatusCode, Value) {
        let mut request = self.client.request(method, format!("{}{path}", self.address));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if !body.is_null() {
            request = request.json(&body);
        }
        let answered = request.send().await.unwrap();
        self.ids
            .push(answered.headers()["x-request-id"].to_str().unwrap().to_owned());
        let status = answered.status();
        let body: Value = answered.json().await.unwrap_or_default();
        for name in ["access_token", "refresh_token", "code", "secret", "otpauth_url"] {
            // A problem's `code` is no secret.
            if let Some(secret) = body[name].as_str().filter(|_| status.is_success()) {
                self.secrets.push(secret.to_owned());
                self.secrets.push(secret.replace(' ', ""));
            }
        }
        (status, body)
    }

    async fn log_in(&mut self, password: &str, totp: Option<&str>) -> (StatusCode, Value) {
        let body = json!({ "username": "quan.tri", "password": password, "totp": totp });
        self.send(Method::POST, "/api/v1/auth/login", "", body).await
    }
}

fn code(secret: &str) -> String {
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(30)
        .with_skew(0)
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .build_noncompliant();
    let now = minhchung::clock::Clock::system().now().as_millis() / 1000;
    totp.generate(u64::try_from(now).unwrap()).to_string()
}

/// A day of the service: people sign in, wrongly too, a phone joins and sends.
async fn talk(talk: &mut Talk, seed: &Seed) {
    assert_eq!(talk.log_in(WRONG, None).await.0, 401);
    let (_, session) = talk.log_in(PASSWORD, None).await;
    let token = session["access_token"].as_str().unwrap().to_owned();
    let (_, offer) = talk
        .send(Method::POST, "/api/v1/auth/totp", &token, json!({}))
        .await;
    let secret = offer["secret"].as_str().unwrap().to_owned();
    let first = code(&secret);
    talk.secrets.push(first.clone());
    let confirm = json!({ "code": first });
    let (confirmed, _) = talk
        .send(Method::POST, "/api/v1/auth/totp/confirm", &token, confirm)
        .await;
    assert_eq!(confirmed, 204);
    // The same code again, or one that was spent: refused, and said nowhere.
    talk.log_in(PASSWORD, Some(&first)).await;

    let (_, people) = talk
        .send(Method::GET, "/api/v1/users?q=truong", &token, Value::Null)
        .await;
    let head = people["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["role"] == "village_head")
        .unwrap();
    let path = format!("/api/v1/users/{}/enrolment", head["id"].as_str().unwrap());
    let (_, invited) = talk.send(Method::POST, &path, &token, json!({})).await;
    let joining = json!({ "code": invited["code"], "device_name": "Điện thoại" });
    let (_, phone) = talk.send(Method::POST, "/api/v1/auth/enrol", "", joining).await;
    let spent = json!({ "refresh_token": phone["refresh_token"] });
    let (_, fresh) = talk.send(Method::POST, "/api/v1/auth/refresh", "", spent).await;
    let phone = fresh["access_token"].as_str().unwrap().to_owned();
    let picture = distinct_jpeg(7, 60_000).unwrap();
    let hash: String = sha2::Sha256::digest(&picture)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let path = format!("/api/v1/submissions/{}", new_id());
    let report = json!({
        "assignment_id": seed.assignments[0], "captured_at": "2026-06-15T11:58:00+07:00", "location": null,
        "photos": [{ "sha256": hash, "bytes": picture.len() }], "client": { "app": "test", "version": "1" },
    });
    assert_eq!(talk.send(Method::PUT, &path, &phone, report).await.0, 201);
    let sent = talk
        .client
        .put(format!("{}{path}/photos/{hash}", talk.address))
        .bearer_auth(&phone)
        .header("content-type", "image/jpeg")
        .body(picture);
    assert_eq!(sent.send().await.unwrap().status(), 201);
    talk.send(
        Method::GET,
        "/api/v1/me?access_token=CANARY-in-query",
        "CANARY-no-token",
        Value::Null,
    )
    .await;
    talk.send(Method::POST, "/api/v1/auth/logout", &phone, json!({}))
        .await;
}

#[tokio::test]
async fn every_line_of_the_loudest_log_is_json_with_its_request_and_without_a_secret() {
    let authority = Authority::new();
    let data = authority.home().join("data");
    let planted = data.clone();
    let seed = tokio::task::spawn_blocking(move || Seed::plant(&planted, 1))
        .await
        .unwrap();
    let mut command = minhchung();
    command.args([
        "--log",
        "json",
        "--log-filter",
        "trace",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
    ]);
    command
        .arg(&data)
        .args(ROOMY)
        .args(authority.issue("127.0.0.1").flags());
    let server = Server::start(command);
    let mut somebody = Talk {
        client: authority.client(),
        address: server.address.clone(),
        secrets: [PASSWORD, WRONG, "CANARY", "PRIVATE KEY"]
            .map(str::to_owned)
            .into(),
        ids: Vec::new(),
    };
    talk(&mut somebody, &seed).await;
    server.terminate();
    let (status, log) = server.ended();
    assert!(status.success());
    assert!(somebody.secrets.len() > 12, "{:?}", somebody.secrets);
    let lines: Vec<Value> = log
        .lines()
        .filter(|line| !line.starts_with("listening on "))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect();
    // The figures of a moment or a request's name may hold the six digits of a code by chance.
    let without_figures = |line: &Value| {
        let mut line = line.as_object().unwrap().clone();
        line.retain(|name, _| !["timestamp", "took_us", "id"].contains(&name.as_str()));
        Value::from(line).to_string()
    };
    let words: Vec<String> = lines.iter().map(without_figures).collect();
    for secret in &somebody.secrets {
        let telling: Vec<_> = words
            .iter()
            .filter(|line| line.contains(secret.as_str()))
            .collect();
        assert!(telling.is_empty(), "{secret}: {telling:#?}");
    }
    // Libraries are heard from a warning on, however loud the log is.
    let is_ours = |line: &Value| {
        let target = line["target"].as_str().unwrap();
        target.starts_with("minhchung") || ["WARN", "ERROR"].contains(&line["level"].as_str().unwrap())
    };
    assert!(lines.iter().all(is_ours), "{lines:#?}");
    for id in &somebody.ids {
        let told = lines
            .iter()
            .filter(|line| line["id"] == *id && line["target"] == "minhchung::requests");
        let told: Vec<&Value> = told.collect();
        assert_eq!(told.len(), 1, "{id}");
        for field in ["timestamp", "method", "route", "status", "took_us"] {
            assert!(!told[0][field].is_null(), "{field} in {}", told[0]);
        }
    }
}

//! The examples in `api-spec/examples` are replayed, in the order of their names, against the real service.
//!
//! A file has a request and the answer it gets. `varies` names, by JSON pointer, what differs from run to run, and of
//! which kind it is (`uuid`, `text`); a name behind the kind keeps the value for later requests, which write it in
//! braces. Everything else is compared to the letter. With `MINHCHUNG_WRITE_EXAMPLES=1` the answers are written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};
use minhchung::clock::Clock;
use minhchung::domain::Role;
use minhchung::http::openapi;
use minhchung::services::accounts::{NewUser, OperatorsTotp};
use reqwest::Method;
use serde_json::{Value, json};

use crate::field::NOON;
use crate::support::{COMMUNE, Harness, OTHER_COMMUNE, PASSWORD, answer};

type Names = BTreeMap<String, String>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api-spec/examples")
}

fn files() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    files
}

/// `value` with every `{name}` that is known filled in.
fn filled(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) => {
            let fill =
                |text: String, (name, known): (&String, &String)| text.replace(&format!("{{{name}}}"), known);
            Value::String(names.iter().fold(text.clone(), fill))
        }
        Value::Array(items) => items.iter().map(|item| filled(item, names)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, item)| (key.clone(), filled(item, names)))
            .collect(),
        other => other.clone(),
    }
}

async fn send(harness: &Harness, request: &Value) -> crate::support::Answer {
    let method = Method::from_bytes(request["method"].as_str().unwrap().as_bytes()).unwrap();
    let mut sent = harness
        .client
        .request(method, harness.url(request["path"].as_str().unwrap()));
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        sent = sent.header(name, value.as_str().unwrap());
    }
    if let Some(file) = request["file"].as_str() {
        sent = sent.body(fs::read(folder().join(file)).unwrap());
    } else if !request["body"].is_null() {
        sent = sent.json(&request["body"]);
    }
    answer(sent).await
}

/// Takes what varies out of an answer, after a look at its kind.
fn take_varying(body: &mut Value, varies: &Value, names: &mut Names, file: &str) {
    for (pointer, kind) in varies.as_object().unwrap() {
        let place = body
            .pointer_mut(pointer)
            .unwrap_or_else(|| panic!("{file}: no {pointer}"));
        let text = place.take();
        let text = text
            .as_str()
            .unwrap_or_else(|| panic!("{file}: {pointer} is no text"));
        let (kind, name) = kind
            .as_str()
            .unwrap()
            .split_once(':')
            .unwrap_or((kind.as_str().unwrap(), ""));
        match kind {
            "uuid" => assert!(
                text.parse::<uuid::Uuid>().is_ok(),
                "{file}: {pointer} is {text:?}"
            ),
            "text" => assert!(!text.is_empty(), "{file}: {pointer}"),
            other => panic!("{file}: unknown kind {other}"),
        }
        if !name.is_empty() {
            names.insert(name.to_owned(), text.to_owned());
        }
    }
}

/// Without the length of tokens, which say nothing to a reader.
fn shortened(mut body: Value, varies: &Value) -> Value {
    for pointer in varies.as_object().unwrap().keys() {
        let text = body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        if text.chars().count() > 60 {
            let start: String = text.chars().take(20).collect();
            *body.pointer_mut(pointer).unwrap() = Value::String(format!("{start}…"));
        }
    }
    body
}

async fn account(harness: &Harness, username: &str, name: &str, role: Role, commune: Option<&str>) -> String {
    let new = NewUser {
        id: None,
        username: username.into(),
        name: name.into(),
        role,
        commune: commune.map(|code| code.parse().unwrap()),
        password: Some(PASSWORD.into()),
    };
    harness
        .app
        .accounts
        .add_user(new, OperatorsTotp::Exempt)
        .await
        .unwrap()
        .id
        .to_string()
}

async fn log_in(harness: &Harness, username: &str) -> String {
    let body = json!({ "username": username, "password": PASSWORD });
    harness
        .post("/api/v1/auth/login", "", body)
        .await
        .text("access_token")
}

#[tokio::test]
async fn every_example_gets_the_answer_that_stands_beside_it() {
    // Checks run when the walk through the examples says so, not at any moment.
    let clock = Clock::manual(NOON.parse().unwrap());
    let harness = Harness::with(clock, |settings| settings.limits.check_workers = 0).await;
    account(
        &harness,
        "can-bo.xa",
        "Cán bộ Thử",
        Role::CommuneOfficer,
        Some(COMMUNE),
    )
    .await;
    let head_id = account(
        &harness,
        "truong-thon",
        "Trưởng thôn Thử",
        Role::VillageHead,
        Some(COMMUNE),
    )
    .await;
    account(&harness, "tham-dinh", "Thẩm định Thử", Role::Verifier, None).await;
    account(
        &harness,
        "thon-khac",
        "Trưởng thôn Khác",
        Role::VillageHead,
        Some(OTHER_COMMUNE),
    )
    .await;
    let mut names = Names::from([
        ("head_id".to_owned(), head_id),
        ("verifier_token".to_owned(), log_in(&harness, "tham-dinh").await),
        ("stranger_token".to_owned(), log_in(&harness, "thon-khac").await),
    ]);
    let ids: BTreeSet<&str> = openapi::operations()
        .map(|operation| operation.body["operationId"].as_str().unwrap())
        .collect();
    let writes = std::env::var_os("MINHCHUNG_WRITE_EXAMPLES").is_some();
    for path in files() {
        let file = path.file_name().unwrap().to_str().unwrap();
        let mut example: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let operation = example["operation"].as_str();
        assert!(
            operation.is_none_or(|id| ids.contains(id)),
            "{file}: {operation:?}"
        );
        if operation == Some("list_submissions") {
            harness.check_all().await;
        }
        let mut answer = send(&harness, &filled(&example["request"], &names)).await;
        assert_eq!(
            answer.status.as_u16(),
            example["response"]["status"],
            "{file}: {:#}",
            answer.body
        );
        if writes {
            example["response"]["body"] = shortened(answer.body.clone(), &example["response"]["varies"]);
            fs::write(&path, serde_json::to_string_pretty(&example).unwrap() + "\n").unwrap();
        }
        let varies = example["response"]["varies"].clone();
        let mut expected = example["response"]["body"].clone();
        take_varying(&mut answer.body, &varies, &mut names, file);
        take_varying(&mut expected, &varies, &mut Names::new(), file);
        assert_eq!(answer.body, expected, "{file}: left is what the service answers");
    }
    let (message, signature) = names["receipt"].rsplit_once('.').unwrap();
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let key = VerifyingKey::from_bytes(&bytes(&names["receipt_key"]).try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&bytes(signature)).unwrap();
    key.verify_strict(message.as_bytes(), &signature)
        .expect("anybody can check the receipt");
    let said: Value = serde_json::from_slice(&bytes(message.split('.').nth(1).unwrap())).unwrap();
    let members: BTreeSet<&str> = said.as_object().unwrap().keys().map(String::as_str).collect();
    for member in ["submission", "assignment", "photos", "received_at"] {
        assert!(members.contains(member), "{said:#}");
    }
}

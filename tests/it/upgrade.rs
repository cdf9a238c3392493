//! What earlier versions left: data directories open, and clients that were not updated go on working.
//!
//! `tests/upgrade/` holds, for each released format, a directory that the program of that time made, and the requests
//! that the clients of that time sent (`scripts/record-release`). They are never made anew.

use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minhchung::crash::{self, Point};
use minhchung::disk::FreeSpace;
use minhchung::domain::Role;
use minhchung::store::{DataDirectory, FORMAT, Store};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::durability::process::{ROOMY, Server, minhchung, prove, serve};
use crate::support::{COMMUNE, Harness, answer};

const SIGABRT: i32 = 6;
const PASSES: &str = "MINHCHUNG_TEST_UPGRADE_PASSES";
const HOME: &str = "MINHCHUNG_TEST_UPGRADE_HOME";

/// What was written down beside a recording.
pub fn recorded(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/upgrade")
        .join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Unpacks a released directory below `home`.
pub fn unpack(home: &Path, name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/upgrade")
        .join(name);
    let mut archive = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    let data = home.join("data");
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let to = data.join(entry.enclosed_name().unwrap());
        if entry.is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            io::copy(&mut entry, &mut fs::File::create(to).unwrap()).unwrap();
        }
    }
    data
}

/// Everything that was recorded is still said; new members may have come.
#[track_caller]
fn still_says(now: &Value, then: &Value, what: &str) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (name, then) in then {
                let now = now.get(name).unwrap_or_else(|| panic!("{what}: {name} is gone"));
                still_says(now, then, &format!("{what}.{name}"));
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            assert_eq!(now.len(), then.len(), "{what}");
            for (now, then) in now.iter().zip(then) {
                still_says(now, then, what);
            }
        }
        _ => assert_eq!(now, then, "{what}"),
    }
}

/// The same members with values of the same kinds; what belongs to the moment differs.
#[track_caller]
fn has_the_form_of(now: &Value, then: &Value, what: &str) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (name, then) in then {
                let now = now.get(name).unwrap_or_else(|| panic!("{what}: {name} is gone"));
                has_the_form_of(now, then, &format!("{what}.{name}"));
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            for (now, then) in now.iter().zip(then) {
                has_the_form_of(now, then, what);
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(now),
            std::mem::discriminant(then),
            "{what}: {now} where {then} was"
        ),
    }
}

#[test]
fn a_directory_of_every_format_is_kept() {
    for format in 1..=FORMAT {
        for name in [
            // Kept since the second.
            if format > 1 {
                "backup-{}.zip"
            } else {
                "format-{}.zip"
            },
            "format-{}.zip",
            "format-{}.json",
            "requests-phone-{}.json",
            "requests-submit-{}.json",
        ] {
            let path = format!("tests/upgrade/{}", name.replace("{}", &format.to_string()));
            let is_there = Path::new(env!("CARGO_MANIFEST_DIR")).join(&path).is_file();
            assert!(
                is_there,
                "{path} is missing: scripts/record-release keeps what this version writes"
            );
        }
    }
}

#[tokio::test]
async fn a_directory_of_format_1_opens_with_everything_in_it() {
    opens_with_everything_in_it(1).await;
}

#[tokio::test]
async fn a_directory_of_format_2_opens_with_everything_in_it() {
    opens_with_everything_in_it(2).await;
}

async fn opens_with_everything_in_it(format: u32) {
    let home = tempfile::tempdir().unwrap();
    let expected = recorded(&format!("format-{format}.json"));
    let data = unpack(home.path(), &format!("format-{format}.zip"));
    let report = prove(&data);
    for member in [
        "assignments",
        "submissions",
        "pictures",
        "picture_bytes",
        "audit_entries",
        "audit_head",
    ] {
        assert_eq!(report[member], expected["doctor"][member], "{member}");
    }
    let server = Server::start(serve(&data, &ROOMY));
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::new();
    let api = |path: &str| format!("{}/api/v1{path}", server.address);
    let log_in = json!({ "username": "tham.dinh", "password": expected["password"] });
    let token = answer(client.post(api("/auth/login")).json(&log_in))
        .await
        .text("access_token");
    for then in expected["submissions"].as_array().unwrap() {
        let id = then["id"].as_str().unwrap();
        let now = answer(client.get(api(&format!("/submissions/{id}"))).bearer_auth(&token))
            .await
            .expect(200);
        for member in [
            "assignment_id",
            "state",
            "version",
            "note",
            "location",
            "received_at",
            "submitter",
            "photos",
            "receipt",
        ] {
            still_says(&now[member], &then[member], &format!("{id} {member}"));
        }
        for photo in then["photos"].as_array().unwrap() {
            if photo["stored"] == true {
                let sha256 = photo["sha256"].as_str().unwrap();
                let path = api(&format!("/photos/{sha256}?size=original"));
                let bytes = client
                    .get(path)
                    .bearer_auth(&token)
                    .send()
                    .await
                    .unwrap()
                    .bytes()
                    .await
                    .unwrap();
                let found = minhchung::domain::Sha256(<sha2::Sha256 as sha2::Digest>::digest(&bytes).into());
                assert_eq!(found.to_string(), sha256);
            }
        }
    }
    let board = answer(client.get(api("/completion")).bearer_auth(&token))
        .await
        .expect(200);
    // What is overdue depends on the day.
    for figure in ["planned", "pending", "returned", "verified", "percent"] {
        assert_eq!(
            board["totals"]["all"][figure], expected["completion"]["all"][figure],
            "{figure}"
        );
    }
    let keys = answer(client.get(api("/receipts/keys"))).await.expect(200);
    for key in expected["receipt_keys"]["keys"].as_array().unwrap() {
        assert!(
            keys["keys"].as_array().unwrap().contains(key),
            "receipts could not be checked any more"
        );
    }
    server.stop();
    prove(&data);
    // And it goes through a backup and a compaction.
    let to = home.path().join("backups");
    for arguments in [&["compact"][..], &["backup", "--to", to.to_str().unwrap()]] {
        let output = minhchung()
            .args(arguments)
            .arg("--data-dir")
            .arg(&data)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    prove(&data);
}

#[test]
#[ignore = "the child of the test below"]
fn an_upgrade_that_dies_at_a_crash_point() {
    let text = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let (Some(passes), Some(data)) = (text(PASSES), text(HOME)) else {
        return;
    };
    crash::arm(Point::WhileFormatIsRaised, passes.parse().unwrap());
    let directory = DataDirectory::open(Path::new(&data), 0).unwrap();
    Store::open(&directory, 1 << 20, &FreeSpace::new(Path::new(&data), 0)).unwrap();
}

#[test]
fn an_upgrade_that_is_killed_at_any_step_goes_on_at_the_next_start_and_keeps_old_programs_out() {
    let mut kills = 0;
    loop {
        let home = tempfile::tempdir().unwrap();
        let data = unpack(home.path(), "format-1.zip");
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "upgrade::an_upgrade_that_dies_at_a_crash_point"])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env_clear()
            .env(PASSES, kills.to_string())
            .env(HOME, &data)
            .output()
            .unwrap();
        if child.status.success() {
            break;
        }
        assert_eq!(child.status.signal(), Some(SIGABRT), "{child:?}");
        // What a program of format 1 reads here is no number, so it does not open what is half moved.
        let format = |data: &Path| fs::read_to_string(data.join("FORMAT")).unwrap();
        assert_eq!(
            format(&data),
            format!("minhchung {FORMAT} from 1\n"),
            "after {kills} steps"
        );
        let report = prove(&data);
        assert_eq!(
            report["submissions"],
            recorded("format-1.json")["doctor"]["submissions"]
        );
        assert_eq!(format(&data), format!("minhchung {FORMAT}\n"));
        kills += 1;
    }
    // Announced, looks moved, bands removed, places in lists by risk moved.
    assert_eq!(kills, 4);
}

#[test]
fn a_server_brings_an_old_directory_up_by_itself() {
    for format in 1..=FORMAT {
        let home = tempfile::tempdir().unwrap();
        let data = unpack(home.path(), &format!("format-{format}.zip"));
        Server::start(serve(&data, &ROOMY)).stop();
        let report = prove(&data);
        let kept = recorded(&format!("format-{format}.json"));
        assert_eq!(
            report["submissions"], kept["doctor"]["submissions"],
            "format {format}"
        );
    }
}

#[test]
fn an_upgrade_says_how_far_it_is() {
    let home = tempfile::tempdir().unwrap();
    let data = unpack(home.path(), "format-1.zip");
    let output = minhchung()
        .args(["doctor", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    for words in [
        "from=1",
        "looks are numbered",
        "percent=100",
        "has this program's format",
    ] {
        assert!(log.contains(words), "{words}: {log}");
    }
    let again = minhchung()
        .args(["doctor", "--data-dir"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(
        !String::from_utf8(again.stderr).unwrap().contains("format"),
        "nothing is left to do"
    );
}

/// Sends what was recorded, in its order, and compares status and form of each answer.
async fn replay(name: &str) {
    let harness = Harness::start().await;
    let admin = harness.sign_in(Role::Admin, None).await;
    let head = harness
        .post(
            "/api/v1/users",
            &admin,
            json!({ "username": "truong.thon", "name": "Trưởng Thôn Thử", "role": "village_head", "commune": COMMUNE }),
        )
        .await
        .text("id");
    let code = harness
        .post(&format!("/api/v1/users/{head}/enrolment"), &admin, Value::Null)
        .await
        .text("code");
    let plan = json!({
        "commune": COMMUNE, "village": "Thôn Thử", "place": "Cổng nhà văn hóa", "cell": "banner.1",
        "due": "2026-12-31", "assignee": head, "location": { "lat": 22.4855, "lon": 103.9706 },
    });
    let assignment = harness.post("/api/v1/assignments", &admin, plan).await.text("id");
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let fill = |text: &str| {
        let filled = text.replace("{{code}}", &code).replace("{{digits}}", &digits);
        filled.replace("{{assignment}}", &assignment)
    };
    let mut token = String::new();
    let mut last = Value::Null;
    for entry in recorded(name).as_array().unwrap() {
        let text = |member: &str| entry[member].as_str().map(&fill);
        let (method, path) = (text("method").unwrap(), text("path").unwrap());
        let what = format!("{method} {path}");
        let mut request = harness
            .client
            .request(method.parse::<Method>().unwrap(), harness.url(&path));
        for (name, value) in entry["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        if entry["signed_in"] == true {
            request = request.bearer_auth(&token);
        }
        if let Some(body) = text("body") {
            request = request.body(body);
        } else if let Some(body) = entry["body_base64"].as_str() {
            request = request.body(STANDARD.decode(body).unwrap());
        }
        let now = answer(request).await;
        assert_eq!(now.status.as_u16(), entry["status"], "{what}: {:#}", now.body);
        has_the_form_of(&now.body, &entry["answer"], &what);
        if let Some(new) = now.body["access_token"].as_str() {
            new.clone_into(&mut token);
        }
        last = now.body;
    }
    assert_eq!(last["state"], "pending", "{last:#}");
    assert!(last["receipt"].is_string(), "{last:#}");
}

#[tokio::test]
async fn the_phone_of_the_first_release_goes_on_sending() {
    replay("requests-phone-1.json").await;
}

#[tokio::test]
async fn the_phone_of_the_second_release_goes_on_sending() {
    replay("requests-phone-2.json").await;
}

#[tokio::test]
async fn submit_of_the_first_release_goes_on_sending() {
    replay("requests-submit-1.json").await;
}

#[tokio::test]
async fn submit_of_the_second_release_goes_on_sending() {
    replay("requests-submit-2.json").await;
}

//! The program as an operator meets it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::json;

use crate::support::{COMMUNE, PASSWORD};

fn minhchung(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhchung"));
    command.args(arguments).env_clear();
    command
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut command = minhchung(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments does not read.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn add_user(data_dir: &Path, username: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let directory = data_dir.to_str().unwrap();
    let mut arguments = vec!["user", "add", "--data-dir", directory, "--username", username];
    arguments.extend(more);
    let output = run(&arguments, &format!("{PASSWORD}\r\n"));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_first_administrator_is_made_offline_and_mistakes_are_told() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let (code, out, err) = add_user(&data, "admin", &["--role", "admin"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("admin"), "{out}");
    assert!(err.contains("one-time codes"), "the exemption is said: {err}");
    let (code, _, err) = add_user(&data, "ADMIN", &["--role", "viewer"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("taken"), "{err}");
    let (code, _, err) = add_user(&data, "head", &["--role", "village_head"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("commune"), "{err}");
    let (code, ..) = add_user(&data, "head", &["--role", "village_head", "--commune", "99999"]);
    assert_eq!(code, Some(2));
    let (code, _, err) = add_user(&data, "head", &["--role", "village_head", "--commune", COMMUNE]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let (code, out, _) = add_user(&data, "desk", &["--role", "tip_officer", "--totp"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("otpauth://totp/minhchung:desk?secret="), "{out}");
    let (code, ..) = add_user(&data, "king", &["--role", "king"]);
    assert_eq!(code, Some(2));
    let audit = run(&["audit", "verify", "--data-dir", data.to_str().unwrap()], "");
    assert_eq!(audit.status.code(), Some(0));
    assert!(
        String::from_utf8(audit.stdout)
            .unwrap()
            .contains("the chain holds")
    );
    let nowhere = run(
        &["audit", "verify", "--data-dir", home.path().to_str().unwrap()],
        "",
    );
    assert_eq!(nowhere.status.code(), Some(2));
}

#[tokio::test]
async fn the_service_says_when_it_listens_and_its_directory_is_its_own() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    assert_eq!(add_user(&data, "admin", &["--role", "admin"]).0, Some(0));
    let config = home.path().join("minhchung.toml");
    std::fs::write(
        &config,
        "listen = \"127.0.0.1:0\"\nmin_free_mib = 1\nballast_mib = 1\n",
    )
    .unwrap();
    let arguments = [
        "serve",
        "--data-dir",
        data.to_str().unwrap(),
        "--config",
        config.to_str().unwrap(),
    ];
    let mut child = minhchung(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned));
    let address = address.expect("no ready line");
    let (code, _, err) = add_user(&data, "second", &["--role", "viewer"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("in use"), "{err}");
    let harness = crate::support::Harness::start().await;
    let body = json!({ "username": "admin", "password": PASSWORD });
    let log_in = harness
        .client
        .post(format!("{address}/api/v1/auth/login"))
        .json(&body);
    assert_eq!(log_in.send().await.unwrap().status(), 200);
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    // The pipe has to be read, or the child waits for room in it.
    lines.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(add_user(&data, "second", &["--role", "viewer"]).0, Some(0));
}

#[test]
fn settings_are_checked_together() {
    let wrong = run(&["check-config", "--listen", "nowhere", "--max-uploads", "0"], "");
    assert_eq!(wrong.status.code(), Some(2));
    let said = String::from_utf8(wrong.stderr).unwrap();
    for name in ["listen", "data_dir", "max_uploads"] {
        assert!(said.contains(name), "{said}");
    }
    let home = tempfile::tempdir().unwrap();
    let right = run(&["check-config", "--data-dir", home.path().to_str().unwrap()], "");
    assert_eq!(right.status.code(), Some(0));
    assert!(String::from_utf8(right.stdout).unwrap().contains("99 communes"));
}

#[test]
fn what_a_start_would_refuse_the_check_refuses_too_and_neither_is_tried_again() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(path("foreign")).unwrap();
    std::fs::write(path("foreign/letter.txt"), "hello").unwrap();
    std::fs::create_dir(path("newer")).unwrap();
    std::fs::write(path("newer/FORMAT"), "minhchung 99\n").unwrap();
    std::fs::write(path("garbage"), "{").unwrap();
    let (fresh, missing) = (path("fresh"), path("missing.geojson"));
    for (wrong, words) in [
        (["--data-dir", &path("foreign"), "--demo=false"], "is not empty"),
        (["--data-dir", &path("newer"), "--demo=false"], "has format 99"),
        (
            ["--data-dir", &fresh, &format!("--boundaries={missing}")],
            "missing.geojson",
        ),
        (
            ["--data-dir", &fresh, &format!("--boundaries={}", path("garbage"))],
            "GeoJSON",
        ),
    ] {
        for command in ["check-config", "serve"] {
            let mut arguments = vec![command, "--listen", "127.0.0.1:0"];
            arguments.extend(wrong);
            let output = run(&arguments, "");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
            assert!(said.contains(words), "{arguments:?}: {said}");
        }
    }
    let output = run(&["check-config", "--data-dir", &path("none-yet")], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(!Path::new(&path("none-yet")).exists(), "a check touches nothing");
}

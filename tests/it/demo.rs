//! `minhchung demo`: what it shows is what the service has, and demo directories stay apart from real ones.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use minhchung::client::{Client, Patience, Tongue};
use minhchung::demo_run::PASSWORD;
use minhchung::disk::FreeSpace;
use minhchung::services::completion::recount::{RecountError, recount};
use minhchung::store::records::{Assignments, Submissions};
use minhchung::store::{DataDirectory, Range, ReadTables, Store, StoreError};

fn minhchung(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhchung"));
    command
        .env_clear()
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn demo(data: &Path, assignments: &str, pictures: &str) -> Output {
    let directory = data.to_str().unwrap();
    let arguments = [
        "demo",
        "--data-dir",
        directory,
        "--assignments",
        assignments,
        "--pictures",
        pictures,
        "--stay",
        "false",
    ];
    minhchung(&arguments).output().unwrap()
}

#[test]
fn the_demo_ends_well_its_board_adds_up_and_its_directory_is_sound_and_stays_a_demo() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("demo");
    let output = demo(&data, "60", "12");
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(0), "{out}{err}");
    assert!(
        out.contains("BẢN DÙNG THỬ") && out.contains("THIS IS A DEMO"),
        "{out}"
    );
    assert!(!out.contains('\u{1b}'), "colours where nobody sees them");
    assert!(out.contains("planned 60"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 110), "{out}");

    // The same directory again shows the same and sends nothing more.
    let again = demo(&data, "60", "12");
    assert_eq!(again.status.code(), Some(0));
    let board = |text: &str| -> Vec<String> {
        let figures = text
            .lines()
            .filter(|line| line.contains('%') || line.contains("planned"));
        figures.map(str::to_owned).collect()
    };
    assert_eq!(board(&String::from_utf8(again.stdout).unwrap()), board(&out));

    let mut live = minhchung(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let refused = live.arg(&data).output().unwrap();
    let err = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{err}");
    assert!(err.contains("--demo only"), "{err}");

    let directory = DataDirectory::open(&data, 0).unwrap();
    let space = FreeSpace::new(&data, 0);
    let store = Store::open(&directory, 8 << 20, &space).unwrap();
    let found = store.read_now::<_, RecountError>(|view| recount(view)).unwrap();
    assert_eq!(found.differences, []);
    assert_eq!(found.assignments, 60);
    assert_eq!(found.photos, 12);
    let counted = store.read_now::<_, StoreError>(|view| {
        let submissions = view.keys::<Submissions>(Range::all()).count();
        Ok((view.keys::<Assignments>(Range::all()).count(), submissions))
    });
    let (assignments, submissions) = counted.unwrap();
    assert_eq!(assignments, 60);
    assert!((4..=12).contains(&submissions), "{submissions}");
    drop(store);
    drop(directory);
    let doctor = minhchung(&["doctor", "--data-dir", data.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert_eq!(doctor.status.code(), Some(0), "{said}");
    assert!(!said.contains("note"), "the doctor wonders: {said}");
}

#[test]
fn a_demo_refuses_a_directory_that_may_hold_real_evidence() {
    let home = tempfile::tempdir().unwrap();
    let letters = home.path().join("letters");
    std::fs::create_dir(&letters).unwrap();
    std::fs::write(letters.join("letter.txt"), "hello").unwrap();
    let live = home.path().join("live");
    let mut adding = minhchung(&[
        "user",
        "add",
        "--username",
        "admin",
        "--role",
        "admin",
        "--data-dir",
    ]);
    let mut child = adding.arg(&live).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"mot mat khau\n").unwrap();
    assert!(child.wait().unwrap().success());
    for (directory, why) in [
        (letters, "no minhchung data directory"),
        (live, "no demo directory"),
    ] {
        let output = demo(&directory, "5", "1");
        let err = String::from_utf8(output.stderr).unwrap();
        assert_ne!(output.status.code(), Some(0));
        assert!(err.contains(why), "{err}");
    }
}

#[actix_web::test]
async fn a_demo_that_stays_up_says_so_everywhere_lets_its_accounts_in_and_ends_on_sigterm() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("demo");
    let mut child = minhchung(&["demo", "--assignments", "9", "--pictures", "2", "--data-dir"])
        .arg(&data)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let mut printed = String::new();
    let mut server = String::new();
    for line in lines.by_ref() {
        if let Some((url, _)) = line.trim().split_once("/api/docs") {
            url.clone_into(&mut server);
        }
        printed.push_str(&line);
        printed.push('\n');
        if line.contains("Ctrl-C") {
            break;
        }
    }
    let client = Client::new(&server, Patience::default(), Tongue::English).unwrap();
    assert!(client.campaign().await.unwrap().demo);
    for account in ["demo-admin", "demo-verifier", "demo-viewer", "demo-tips"] {
        assert!(printed.contains(account), "{printed}");
        let opened = client.sign_in(account, PASSWORD, "test").await.unwrap();
        assert!(!opened.totp_setup_required, "{account}");
    }
    client.sign_in("demo-viewer", PASSWORD, "test").await.unwrap();
    let board = client.completion().await.unwrap();
    assert_eq!(board.totals["all"].planned, 9);
    let sum: u64 = board.communes.iter().map(|commune| commune.all.planned).sum();
    assert_eq!(sum, 9);
    let response = reqwest::get(format!("{server}/health/live")).await.unwrap();
    assert_eq!(response.headers()["x-minhchung-demo"], "true");
    let code: String = printed
        .lines()
        .find_map(|line| line.split_once("code for a phone: "))
        .map(|(_, rest)| rest.chars().take(14).collect())
        .unwrap();
    let phone = client.enrol(&code, "phone", uuid::Uuid::new_v4()).await.unwrap();
    assert!(phone.user.name.contains("Trưởng thôn"));

    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(killed.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

//! `minhchung submit` against a real service: everything on the list once, whatever happens in between.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use minhchung::client::{Client, ClientError, Patience, Tongue};
use minhchung::demo::pictures::{BannerScene, GpsFix, banner_photo, distinct_jpeg};
use minhchung::domain::Role;
use minhchung::services::completion::recount::{RecountError, recount};
use minhchung::store::records::{Photos, Submissions};
use minhchung::store::{Range, ReadTables, StoreError};
use serde_json::{Value, json};

use crate::support::{COMMUNE, Harness, OTHER_COMMUNE, PASSWORD};

const HEAD: &str = "file,assignment_id,captured_at,lat,lon,accuracy_m,signed_count\n";

/// A service, a village head's places, and a folder with a list.
struct Field {
    harness: Harness,
    username: String,
    user: String,
    admin: String,
    assignments: Vec<String>,
    home: tempfile::TempDir,
}

impl Field {
    async fn with_places(count: usize) -> Self {
        let harness = Harness::start().await;
        let admin = harness.sign_in(Role::Admin, None).await;
        let head = harness.person(Role::VillageHead, Some(COMMUNE)).await;
        let mut assignments = Vec::new();
        for number in 0..count {
            let body = json!({
                "commune": COMMUNE, "village": "Thôn 1", "place": format!("Cổng {number}"),
                "cell": "banner.2", "due": "2026-12-30", "assignee": head.id,
            });
            let made = harness.post("/api/v1/assignments", &admin, body).await;
            assignments.push(made.expect(201)["id"].as_str().unwrap().to_owned());
        }
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("ảnh")).unwrap();
        Self {
            harness,
            username: head.username,
            user: head.id.to_string(),
            admin,
            assignments,
            home,
        }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("ảnh")
    }

    fn list(&self) -> PathBuf {
        self.home.path().join("list.csv")
    }

    fn picture(&self, name: &str, seed: u64) {
        fs::write(self.folder().join(name), distinct_jpeg(seed, 0).unwrap()).unwrap();
    }

    /// A list with one distinct picture for each place.
    fn one_picture_each(&self) {
        let mut list = HEAD.to_owned();
        for (number, assignment) in (0_u64..).zip(&self.assignments) {
            let name = format!("{number}.jpg");
            self.picture(&name, number);
            list.push_str(&format!(
                "{name},{assignment},2026-02-20T09:30:00+07:00,22.48,103.97,8,\n"
            ));
        }
        fs::write(self.list(), list).unwrap();
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = submit(&self.harness.url(""), &self.folder(), &self.list());
        command.args(["--username", &self.username]).args(more);
        command.env("MINHCHUNG_PASSWORD", PASSWORD);
        command
    }

    /// Runs it to its end: exit code, standard output and error.
    fn run(&self, more: &[&str]) -> (Option<i32>, String, String) {
        spoken(self.command(more).output().unwrap())
    }

    /// How many submissions and stored pictures there are.
    fn stored(&self) -> (usize, usize) {
        let counted: Result<_, StoreError> = self.harness.app.store.read_now(|view| {
            Ok((
                view.keys::<Submissions>(Range::all()).count(),
                view.keys::<Photos>(Range::all()).count(),
            ))
        });
        counted.unwrap()
    }

    /// Everything is there once, whole, and the figures equal a recount.
    async fn everything_is_there_once(&self, submissions: usize, photos: usize) {
        assert_eq!(self.stored(), (submissions, photos));
        let found = self
            .harness
            .app
            .store
            .read_now::<_, RecountError>(|view| recount(view))
            .unwrap();
        assert_eq!(found.differences, []);
        let board = self
            .harness
            .get("/api/v1/completion", &self.admin)
            .await
            .expect(200);
        assert_eq!(board["totals"]["all"]["pending"], self.assignments.len());
        assert_eq!(board["totals"]["all"]["arriving"], 0);
    }

    fn receipts(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.home.path().join("receipts.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn submit(server: &str, folder: &Path, list: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minhchung"));
    command
        .env_clear()
        .args(["submit", "--english", "--server", server, "--folder"])
        .arg(folder)
        .arg("--list")
        .arg(list)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn spoken(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn finish(child: Child) -> (Option<i32>, String, String) {
    spoken(child.wait_with_output().unwrap())
}

#[track_caller]
fn said(out: &str, count: usize, what: &str) {
    let line = format!("{count:>8}  ");
    assert!(
        out.lines()
            .any(|each| each.starts_with(&line) && each.ends_with(what)),
        "not {count} {what} in:\n{out}"
    );
}

#[actix_web::test]
async fn a_list_is_sent_once_and_a_second_run_finds_everything_there_with_the_same_receipts() {
    let field = Field::with_places(3).await;
    let scene = BannerScene {
        headline: "XÂY DỰNG THÔN NẬM MƠ KHÔNG MA TÚY",
        lines: ["", ""],
        size_m: (0.8, 1.6),
        place: "Cổng chào Nậm Mơ",
        seed: 4,
    };
    let place = GpsFix {
        lat: 22.48,
        lon: 103.97,
        altitude_m: None,
    };
    let taken = "2026-02-20T09:30:00".parse().unwrap();
    fs::write(
        field.folder().join("cổng.jpg"),
        banner_photo(&scene, taken, Some(place)).unwrap(),
    )
    .unwrap();
    for number in 0..4 {
        field.picture(&format!("{number}.jpg"), number);
    }
    let [one, two, three] = &field.assignments[..] else {
        panic!("three places")
    };
    // Two pictures of one submission, one without a place, and the same place twice at different times.
    let list = format!(
        "{HEAD}cổng.jpg,{one},2026-02-20T09:30:00+07:00,22.48,103.97,8,\n\
         0.jpg,{one},2026-02-20T09:30:00+07:00,,,,\n\
         1.jpg,{two},2026-02-20T10:00:00+07:00,,,,\n\
         2.jpg,{three},2026-02-20T11:00:00+07:00,22.48,103.97,0,\n\
         3.jpg,{three},2026-02-21T11:00:00+07:00,22.48,103.97,5,\n"
    );
    fs::write(field.list(), list).unwrap();
    let (code, out, err) = field.run(&[]);
    assert_eq!(code, Some(0), "{out}{err}");
    said(&out, 4, "sent");
    field.everything_is_there_once(4, 5).await;
    let receipts = field.receipts();
    assert_eq!(receipts.len(), 4);
    assert!(
        receipts
            .iter()
            .all(|line| line["state"] == "pending" && line["receipt"].is_string())
    );
    assert_eq!(receipts[0]["files"], json!(["cổng.jpg", "0.jpg"]));

    let (code, out, err) = field.run(&[]);
    assert_eq!(code, Some(0), "{out}{err}");
    said(&out, 4, "already there");
    said(&out, 0, "sent");
    field.everything_is_there_once(4, 5).await;
    assert_eq!(field.receipts(), receipts);
}

#[actix_web::test]
async fn a_run_that_is_killed_is_completed_by_the_next_one() {
    let field = Field::with_places(40).await;
    field.one_picture_each();
    let mut child = field.command(&["--jobs", "1"]).spawn().unwrap();
    let patience = Instant::now();
    while field.stored().1 < 4 {
        assert!(patience.elapsed() < Duration::from_secs(60), "nothing arrives");
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it was killed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    assert_eq!(finish(child).0, None, "killed");
    let (_, photos) = field.stored();
    assert!(photos < 40, "it was killed too late to show anything");

    let (code, out, err) = field.run(&[]);
    assert_eq!(code, Some(0), "{out}{err}");
    field.everything_is_there_once(40, 40).await;
    assert_eq!(field.receipts().len(), 40);
}

#[actix_web::test]
async fn two_windows_at_once_make_nothing_twice() {
    let field = Field::with_places(24).await;
    field.one_picture_each();
    let start = |receipts: &str| {
        let receipts = field.home.path().join(receipts);
        let more = ["--jobs", "6", "--receipts", receipts.to_str().unwrap()];
        field.command(&more).spawn().unwrap()
    };
    let windows = [start("one.jsonl"), start("other.jsonl")];
    for window in windows {
        let (code, out, err) = finish(window);
        assert_eq!(code, Some(0), "{out}{err}");
    }
    field.everything_is_there_once(24, 24).await;
    let receipts = |name: &str| fs::read_to_string(field.home.path().join(name)).unwrap();
    assert_eq!(receipts("one.jsonl").lines().count(), 24);
    assert_eq!(receipts("one.jsonl"), receipts("other.jsonl"));
}

#[actix_web::test]
async fn what_the_server_refuses_is_named_with_its_reason_and_the_rest_is_sent() {
    let field = Field::with_places(2).await;
    field.one_picture_each();
    let foreign = json!({
        "commune": OTHER_COMMUNE, "village": "Thôn 9", "place": "Chợ", "cell": "banner.6", "due": "2026-12-30",
    });
    let made = field
        .harness
        .post("/api/v1/assignments", &field.admin, foreign)
        .await
        .expect(201);
    field.picture("x.jpg", 77);
    let mut list = fs::read_to_string(field.list()).unwrap();
    list.push_str(&format!(
        "x.jpg,{},2026-02-20T09:30:00+07:00,,,,\n",
        made["id"].as_str().unwrap()
    ));
    fs::write(field.list(), list).unwrap();
    let (code, out, err) = field.run(&[]);
    assert_eq!(code, Some(2), "{out}{err}");
    said(&out, 2, "sent");
    said(&out, 1, "refused");
    assert!(
        out.contains("line 4 x.jpg: ") && out.contains("(not-found)"),
        "{out}"
    );
    field.everything_is_there_once(2, 2).await;
    assert_eq!(field.receipts().len(), 2);
}

#[actix_web::test]
async fn a_phones_code_lets_the_same_list_in_again_after_a_run_that_ended() {
    let field = Field::with_places(2).await;
    field.one_picture_each();
    let path = format!("/api/v1/users/{}/enrolment", field.user);
    let made = field
        .harness
        .post(&path, &field.admin, json!({}))
        .await
        .expect(201);
    let code = made["code"].as_str().unwrap();
    let run = || {
        spoken(
            submit(&field.harness.url(""), &field.folder(), &field.list())
                .args(["--enrol", code])
                .output()
                .unwrap(),
        )
    };
    let (status, out, err) = run();
    assert_eq!(status, Some(0), "{out}{err}");
    said(&out, 2, "sent");
    let (status, out, err) = run();
    assert_eq!(status, Some(0), "{out}{err}");
    said(&out, 2, "already there");
    assert!(!out.contains(code) && !err.contains(code), "the code is shown");
}

#[test]
fn a_list_with_bad_rows_sends_nothing_and_names_each_of_them() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("good.jpg"), distinct_jpeg(1, 0).unwrap()).unwrap();
    fs::write(
        home.path().join("cut.jpg"),
        &distinct_jpeg(2, 0).unwrap()[..9_000],
    )
    .unwrap();
    let list = home.path().join("list.csv");
    let id = "0190f0a0-0000-7000-8000-000000000001";
    let check = |rows: &str, named: &[&str]| {
        fs::write(&list, format!("{HEAD}{rows}")).unwrap();
        // Nobody listens there: a request would end in 1 instead of 2.
        let mut command = submit("http://127.0.0.1:9", home.path(), &list);
        let (code, out, err) = spoken(command.args(["--username", "x"]).output().unwrap());
        assert_eq!(code, Some(2), "{out}{err}");
        for line in named {
            assert!(err.contains(line), "no {line:?} in {err}");
        }
    };
    check(
        &format!(
            "good.jpg,{id},yesterday,,,,\n\
             good.jpg,nobody,2026-02-20T09:30:00Z,91,0,5,\n\
             ../good.jpg,{id},2026-02-20T09:30:00Z,,,,-1\n"
        ),
        &[
            "line 2, captured_at:",
            "line 3, assignment_id:",
            "line 3, lat:",
            "line 4, file:",
            "line 4, signed_count:",
        ],
    );
    check(
        &format!("none.jpg,{id},2026-02-20T09:30:00Z,,,,\ncut.jpg,{id},2026-02-20T09:31:00Z,,,,\n"),
        &["line 2, file:", "line 3, file:", "cut off"],
    );
}

#[test]
fn a_server_out_of_reach_is_exit_code_1() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("a.jpg"), distinct_jpeg(1, 0).unwrap()).unwrap();
    let list = home.path().join("list.csv");
    let row = "a.jpg,0190f0a0-0000-7000-8000-000000000001,2026-02-20T09:30:00Z,,,,\n";
    fs::write(&list, format!("{HEAD}{row}")).unwrap();
    let mut command = submit("http://127.0.0.1:9", home.path(), &list);
    command
        .args(["--username", "x", "--tries", "2"])
        .env("MINHCHUNG_PASSWORD", "y");
    let (code, _, err) = spoken(command.output().unwrap());
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("no answer"), "{err}");
}

/// Something between client and service that answers with `answers`, one for each connection; tells when each came.
fn gateway(answers: Vec<String>) -> (String, std::thread::JoinHandle<Vec<Instant>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let mut times = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            times.push(Instant::now());
            stream.write_all(answer.as_bytes()).unwrap();
        }
        times
    });
    (address, serving)
}

fn http(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

#[actix_web::test]
async fn a_busy_server_is_asked_again_when_it_said_and_a_refusal_is_final() {
    let patience = Patience {
        tries: 4,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_secs(5),
    };
    let campaign = http("200 OK", "", r#"{"id": "x", "demo": true}"#);
    let busy = http("503 Service Unavailable", "retry-after: 1\r\n", "");
    let (server, serving) = gateway(vec![busy, http("429 Too Many Requests", "", ""), campaign]);
    let client = Client::new(&server, patience, Tongue::English).unwrap();
    assert!(client.campaign().await.unwrap().demo);
    let times = serving.join().unwrap();
    assert!(
        times[1] - times[0] >= Duration::from_secs(1),
        "it came before it was asked to"
    );

    let refusal = r#"{"code": "submission-differs", "title": "other content", "status": 409}"#;
    let (server, serving) = gateway(vec![http("409 Conflict", "", refusal)]);
    let client = Client::new(&server, patience, Tongue::English).unwrap();
    let error = client.campaign().await.unwrap_err();
    assert_eq!(error.code(), "submission-differs");
    assert_eq!(serving.join().unwrap().len(), 1, "asked once");

    let error = Client::new("ftp://nowhere", patience, Tongue::English).unwrap_err();
    assert!(matches!(error, ClientError::Address(_)));
}

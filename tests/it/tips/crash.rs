//! A server that dies between the steps of taking a message, and of shredding one.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use minhchung::clock::Clock;
use minhchung::crash::{self, Point};
use minhchung::domain::TipSize;
use minhchung::server::Application;
use minhchung::services::tips::ListFilter;
use minhchung::tipfiles::{KEY_FILE, SHELF};
use reqwest::Method;
use serde_json::{Value, json};

use super::scene::{Informant, Officer, framed, id_of, octets, officer};
use crate::durability::process::Server;
use crate::support::{Harness, answer, build, settings};

const POINT: &str = "MINHCHUNG_TEST_TIP_POINT";
const HOME: &str = "MINHCHUNG_TEST_TIP_HOME";
const SIGABRT: i32 = 6;

#[test]
#[ignore = "the child of the test below"]
fn a_server_that_dies_at_a_step_of_a_tip() {
    let text = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let Some(name) = text(POINT) else { return };
    let points = Point::OF_A_TIP.into_iter().chain(Point::ALL);
    let point = points.into_iter().find(|point| point.name() == name).unwrap();
    let settings = settings(Path::new(&text(HOME).unwrap()));
    actix_web::rt::System::new().block_on(async {
        let application = build(&settings, &Clock::system()).await;
        // Its own start writes too; what is wanted is the death of a request.
        application.app().tips.keep_house().await.unwrap();
        crash::arm(point, 0);
        eprintln!("listening on http://{}", application.address());
        application.run().await.unwrap();
    });
}

fn doomed(home: &Path, point: Point) -> Server {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "tips::crash::a_server_that_dies_at_a_step_of_a_tip"])
        .args(["--ignored", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(POINT, point.name())
        .env(HOME, home);
    Server::start(command)
}

/// Slots with keys, and files: what is on disk apart from the rows.
fn on_disk(data_dir: &Path) -> (usize, usize) {
    let bytes = fs::read(data_dir.join(KEY_FILE)).unwrap();
    let keys = bytes[4_096..]
        .chunks_exact(64)
        .filter(|slot| slot[0] != 0)
        .count();
    (keys, fs::read_dir(data_dir.join(SHELF)).unwrap().count())
}

async fn told(harness: &Harness, officer: &Officer) -> Vec<Value> {
    officer.list(harness, "").await
}

#[tokio::test]
async fn a_death_between_any_two_steps_leaves_nothing_or_a_whole_message() {
    let points = [
        Point::AfterTipKey,
        Point::AfterTipFileSync,
        Point::AfterTipNaming,
        Point::AfterTipShelving,
        Point::BeforeCommit,
        Point::AfterSync,
    ];
    for point in points {
        let harness = Harness::start().await;
        let officer = officer(&harness).await;
        let informant = Informant::new();
        let sealed = informant.sealed(&harness, "Giữa chừng.", TipSize::Text).await;
        let frame = framed(&harness, &[9; 16], &sealed).await;
        let harness = harness
            .restarted_after(|home| {
                let server = doomed(home, point);
                let request = format!("{}/api/v1/tips", server.address);
                let body = frame.clone();
                async move {
                    let client = reqwest::Client::new();
                    let sent = client
                        .post(request)
                        .header("content-type", "application/octet-stream")
                        .body(body);
                    assert!(sent.send().await.is_err(), "{} was not reached", point.name());
                    assert_eq!(server.ended().0.signal(), Some(SIGABRT), "{}", point.name());
                }
            })
            .await;
        let kept = told(&harness, &officer).await;
        assert_eq!(
            kept.len(),
            usize::from(point == Point::AfterSync),
            "{}",
            point.name()
        );
        assert_eq!(
            on_disk(harness.data_dir()),
            (kept.len(), kept.len()),
            "{}",
            point.name()
        );
        // The same bytes again: whether or not the first were kept, there is one message then, and it is whole.
        answer(octets(&harness, "/api/v1/tips", "", frame))
            .await
            .expect(202);
        let kept = told(&harness, &officer).await;
        assert_eq!(kept.len(), 1, "{}", point.name());
        assert_eq!(officer.read(&harness, &id_of(&kept[0])).await, "Giữa chừng.");
        assert_eq!(on_disk(harness.data_dir()), (1, 1));
    }
}

#[tokio::test]
async fn a_death_while_shredding_shreds_all_the_same() {
    for point in [
        Point::AfterTipKeyShred,
        Point::BeforeCommit,
        Point::AfterTipRowShred,
    ] {
        let harness = Harness::start().await;
        let officer = officer(&harness).await;
        let informant = Informant::new();
        informant.send(&harness, "Hủy đi.", TipSize::Text).await;
        Informant::new().send(&harness, "Giữ lại.", TipSize::Text).await;
        let body = json!({ "mailbox": super::scene::base64(informant.keys.mailbox.0) });
        let harness = harness
            .restarted_after(|home| {
                let server = doomed(home, point);
                let request = format!("{}/api/v1/tips/mailbox/delete", server.address);
                async move {
                    let sent = reqwest::Client::new().post(request).json(&body).send().await;
                    assert!(sent.is_err(), "{} was not reached", point.name());
                    assert_eq!(server.ended().0.signal(), Some(SIGABRT), "{}", point.name());
                }
            })
            .await;
        let kept = told(&harness, &officer).await;
        assert_eq!(kept.len(), 1, "the key goes before the row: {}", point.name());
        assert_eq!(officer.read(&harness, &id_of(&kept[0])).await, "Giữ lại.");
        assert_eq!(on_disk(harness.data_dir()), (1, 1), "{}", point.name());
        let again = harness.send(Method::GET, "/api/v1/tips/desk", "", None).await;
        again.expect(200);
    }
}

#[tokio::test]
async fn a_start_without_the_key_file_is_refused_while_there_are_messages() {
    let harness = Harness::start().await;
    let _officer = officer(&harness).await;
    Informant::new().send(&harness, "Khóa đâu?", TipSize::Text).await;
    let harness = harness
        .restarted_after(|home| {
            let data_dir = home.join("data");
            let kept = home.join("kept");
            async move {
                fs::rename(data_dir.join(KEY_FILE), &kept).unwrap();
                let its = settings(data_dir.parent().unwrap());
                let refused = std::thread::spawn(move || {
                    actix_web::rt::System::new().block_on(async move {
                        Application::build(&its, Clock::system())
                            .await
                            .err()
                            .map(|error| error.to_string())
                    })
                });
                let refused = refused.join().unwrap().expect("it started");
                assert!(refused.contains("tip-keys"), "{refused}");
                fs::rename(kept, data_dir.join(KEY_FILE)).unwrap();
            }
        })
        .await;
    assert_eq!(harness.app.tips.list(ListFilter::default(), 10).0.len(), 1);
}

#[tokio::test]
async fn a_start_without_the_key_file_and_without_messages_begins_anew() {
    let harness = Harness::start().await;
    let officer = officer(&harness).await;
    let harness = harness
        .restarted_after(|home| {
            fs::remove_file(home.join("data").join(KEY_FILE)).unwrap();
            std::future::ready(())
        })
        .await;
    Informant::new()
        .send(&harness, "Bắt đầu lại.", TipSize::Text)
        .await;
    let harness = harness.restarted().await;
    let kept = told(&harness, &officer).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(officer.read(&harness, &id_of(&kept[0])).await, "Bắt đầu lại.");
}

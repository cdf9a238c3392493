//! A server that dies before and after every step of a write.
//!
//! The child is this very test program, started a second time for one test that runs the application as `serve` does;
//! only so can a crash point be armed without the program itself having a way to do it.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use minhchung::clock::Clock;
use minhchung::crash::{self, Point};
use minhchung::server::Application;

use super::load::{Load, runtime};
use super::process::Server;
use super::say;
use super::told::Illness;
use crate::support::settings;

const POINT: &str = "MINHCHUNG_TEST_CRASH_POINT";
const PASSES: &str = "MINHCHUNG_TEST_CRASH_PASSES";
const HOME: &str = "MINHCHUNG_TEST_CRASH_HOME";
const SIGABRT: i32 = 6;

#[test]
#[ignore = "the child of the test below"]
fn a_server_that_dies_at_a_crash_point() {
    let text = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let Some(name) = text(POINT) else { return };
    let point = Point::ALL.into_iter().find(|point| point.name() == name).unwrap();
    crash::arm(point, text(PASSES).unwrap().parse().unwrap());
    let mut settings = settings(Path::new(&text(HOME).unwrap()));
    settings.limits.check_workers = usize::from(Point::IN_A_CHECK.contains(&point));
    actix_web::rt::System::new().block_on(async {
        let application = Application::build(&settings, Clock::system()).await.unwrap();
        say(&format!("listening on http://{}", application.address()));
        application.run().await.unwrap();
    });
}

fn doomed(home: &Path, point: Point, passes: u32) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args([
            "--exact",
            "durability::crash_points::a_server_that_dies_at_a_crash_point",
        ])
        .args(["--ignored", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env(POINT, point.name())
        .env(PASSES, passes.to_string())
        .env(HOME, home);
    command
}

#[test]
fn a_server_that_dies_at_any_step_of_a_write_loses_nothing_it_acknowledged() {
    let runtime = runtime();
    let mut deaths = 0;
    for point in Point::ALL {
        let home = tempfile::tempdir().unwrap();
        let in_a_check = Point::IN_A_CHECK.contains(&point);
        let data_dir = home.path().join("data");
        // The first time it comes there, and later, with others on their way.
        let (mut load, late) = if in_a_check {
            (Load::patient(&data_dir), 4)
        } else {
            (Load::new(&data_dir), 20 + rand::random_range(0..40))
        };
        for passes in [0, 1 + rand::random_range(0..5), late] {
            // Its own start writes too, so it may die before it listens.
            if let Ok(server) = Server::try_start(doomed(home.path(), point, passes)) {
                let address = server.address.clone();
                runtime.block_on(load.run_until(&address, Illness::Fault, async {}));
                let (status, log) = server.ended();
                assert_eq!(status.signal(), Some(SIGABRT), "{}: {status} {log}", point.name());
            }
            runtime.block_on(load.survived());
            deaths += 1;
        }
        if in_a_check {
            runtime.block_on(load.checked());
        }
        assert!(
            load.acknowledged() > 0,
            "nothing was acknowledged before {}",
            point.name()
        );
    }
    say(&format!(
        "crash points: {deaths} deaths at {} steps, nothing acknowledged lost",
        Point::ALL.len()
    ));
}

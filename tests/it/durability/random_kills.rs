//! SIGKILL at random moments under sixteen writers.

use std::time::Duration;

use super::load::{Load, runtime};
use super::process::{ROOMY, Server, serve};
use super::told::Illness;
use super::{count_from_environment, say};

/// A new directory after so many kills, so that asking for everything stays quick.
const KILLS_PER_DIRECTORY: u32 = 10;

#[test]
fn whatever_was_acknowledged_survives_kills_at_random_moments_under_sixteen_writers() {
    // Twenty take about a minute on two cores; the whole proof is 200.
    let kills = count_from_environment("MINHCHUNG_TEST_KILLS", 20);
    let runtime = runtime();
    let mut done = 0;
    let mut acknowledged = 0;
    while done < kills {
        let home = tempfile::tempdir().unwrap();
        let mut load = Load::new(&home.path().join("data"));
        for _ in 0..KILLS_PER_DIRECTORY.min(kills - done) {
            let mut server = Server::start(serve(&load.data_dir, &ROOMY));
            let address = server.address.clone();
            let delay = Duration::from_millis(rand::random_range(20..900));
            runtime.block_on(load.run_until(&address, Illness::Fault, async {
                tokio::time::sleep(delay).await;
                server.kill();
            }));
            let (status, log) = server.ended();
            assert!(!status.success() && log.lines().count() < 5, "{status}: {log}");
            runtime.block_on(load.survived());
            done += 1;
        }
        acknowledged += load.acknowledged();
    }
    assert!(
        acknowledged > u64::from(kills),
        "hardly anything was acknowledged: {acknowledged}"
    );
    say(&format!(
        "random kills: {kills}, {acknowledged} acknowledged requests, none lost"
    ));
}

//! Backups while sixteen phones send, while the server dies, and while the backup itself does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use super::load::{Load, runtime};
use super::process::{ROOMY, Server, minhchung, prove, serve};
use super::say;
use super::told::Illness;

/// `minhchung backup` of `data` into `to`.
fn backup(data: &Path, to: &Path) -> std::process::Command {
    let mut command = minhchung();
    command
        .args(["backup", "--data-dir"])
        .arg(data)
        .arg("--to")
        .arg(to);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn said(output: &Output) -> String {
    format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[track_caller]
fn succeed(command: &mut std::process::Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

#[track_caller]
fn verify_all(to: &Path) -> String {
    succeed(minhchung().args(["backup", "verify", "--all", "--from"]).arg(to))
}

#[track_caller]
fn restore(from: &Path, generation: Option<&str>, data: &Path) -> String {
    let mut command = minhchung();
    command
        .args(["restore", "--from"])
        .arg(from)
        .arg("--data-dir")
        .arg(data);
    if let Some(generation) = generation {
        command.args(["--generation", generation]);
    }
    succeed(&mut command)
}

/// The whole generations in `to`, and those that are not.
fn generations(to: &Path) -> (Vec<String>, Vec<String>) {
    let Ok(entries) = fs::read_dir(to.join("generations")) else {
        return (Vec::new(), Vec::new());
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.into_iter().partition(|name| !name.ends_with(".part"))
}

/// Waits until `child` has begun to copy pictures or has ended.
async fn under_way(child: &mut Child, to: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while child.try_wait().unwrap().is_none() {
        let copying = fs::read_dir(to.join("pictures")).is_ok_and(|mut folders| folders.next().is_some());
        if copying && !generations(to).1.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "the backup does not begin");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Waits until the phones have brought some more pictures.
async fn more_pictures_lie(data: &Path) {
    let lying = || -> usize {
        let shelves = fs::read_dir(data.join("photos")).unwrap();
        let pictures = shelves.map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count());
        pictures.sum()
    };
    let (before, deadline) = (lying(), Instant::now() + Duration::from_mins(1));
    while lying() < before + 60 {
        assert!(Instant::now() < deadline, "the phones bring nothing");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn ended(child: Child) -> Output {
    tokio::task::spawn_blocking(|| child.wait_with_output().unwrap())
        .await
        .unwrap()
}

#[test]
fn a_backup_under_load_holds_everything_acknowledged_before_it_began() {
    let runtime = runtime();
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("backups");
    let mut load = Load::new(&home.path().join("data"));
    let data = load.data_dir.clone();

    let mut server = Server::start(serve(&data, &ROOMY));
    let address = server.address.clone();
    runtime.block_on(load.run_until(&address, Illness::Fault, async {
        more_pictures_lie(&data).await;
        server.kill();
    }));
    drop(server.ended());
    let before = load.acknowledged_submissions();
    assert!(!before.is_empty(), "nothing was acknowledged");

    // While the phones go on: a backup that is killed, one that comes to its end, and one whose server dies.
    let mut server = Server::start(serve(&data, &ROOMY));
    let address = server.address.clone();
    let mut first = PathBuf::new();
    runtime.block_on(load.run_until(&address, Illness::Fault, async {
        let mut killed = backup(&data, &to).spawn().unwrap();
        under_way(&mut killed, &to).await;
        killed.kill().unwrap();
        killed.wait().unwrap();
        let whole = ended(backup(&data, &to).spawn().unwrap()).await;
        assert!(whole.status.success(), "{}", said(&whole));
        let (names, parts) = generations(&to);
        assert!(
            parts.is_empty(),
            "the next backup clears away what was left: {parts:?}"
        );
        first = names.last().unwrap().into();
        let orphan = backup(&data, &to).spawn().unwrap();
        server.kill();
        let orphan = ended(orphan).await;
        let (now, _) = generations(&to);
        assert_eq!(
            now.len() > names.len(),
            orphan.status.success(),
            "a generation is whole exactly when its backup says so: {}",
            said(&orphan)
        );
    }));
    drop(server.ended());
    runtime.block_on(load.survived());
    assert!(
        load.acknowledged_submissions().len() > before.len(),
        "nothing was sent meanwhile"
    );

    // A last one while a server runs, of everything.
    let server = Server::start(serve(&data, &ROOMY));
    succeed(&mut backup(&data, &to));
    server.stop();
    verify_all(&to);

    let restored = home.path().join("first");
    let told = restore(&to, first.to_str(), &restored);
    assert!(told.contains("the chain holds"), "{told}");
    prove(&restored);
    let server = Server::start(serve(&restored, &ROOMY));
    runtime.block_on(load.has_at_least(&server.address, &before));
    server.stop();

    let restored = home.path().join("last");
    restore(&to, None, &restored);
    let server = Server::start(serve(&restored, &ROOMY));
    runtime.block_on(load.verify(&server.address));
    server.stop();
    prove(&restored);
    say(&format!(
        "backup: {} submissions before, {} in all, restored and asked for byte for byte",
        before.len(),
        load.acknowledged_submissions().len()
    ));
}

#[test]
fn a_second_backup_copies_only_what_is_new_and_old_generations_go_with_their_pictures() {
    let runtime = runtime();
    let home = tempfile::tempdir().unwrap();
    let to = home.path().join("backups");
    let mut load = Load::new(&home.path().join("data"));
    let data = load.data_dir.clone();
    let send = |load: &mut Load| {
        let mut server = Server::start(serve(&data, &ROOMY));
        let address = server.address.clone();
        runtime.block_on(load.run_until(&address, Illness::Fault, async {
            more_pictures_lie(&data).await;
            server.kill();
        }));
        drop(server.ended());
    };
    send(&mut load);
    let new = |told: &str| -> usize {
        let line = told.lines().find(|line| line.contains("were new")).unwrap();
        line.split(' ').next().unwrap().parse().unwrap()
    };
    let first = new(&succeed(&mut backup(&data, &to)));
    let lying = pictures(&to);
    assert!(first > 0 && lying.len() == first, "{first}");
    assert_eq!(new(&succeed(&mut backup(&data, &to))), 0, "nothing is new");
    send(&mut load);
    let third = new(&succeed(&mut backup(&data, &to)));
    let now = pictures(&to);
    assert!(third > 0);
    assert_eq!(now.len(), first + third);
    assert!(
        lying.iter().all(|old| now.contains(old)),
        "what lay there was not written again: same files, same times"
    );
    assert_eq!(generations(&to).0.len(), 3);
    verify_all(&to);

    // A picture that only old generations name goes with the last of them.
    let spent = to.join("pictures/00").join("0".repeat(64));
    fs::create_dir_all(spent.parent().unwrap()).unwrap();
    fs::write(&spent, "named by nobody").unwrap();
    succeed(backup(&data, &to).args(["--keep", "2"]));
    assert_eq!(generations(&to).0.len(), 2);
    assert!(!spent.exists());
    assert_eq!(pictures(&to).len(), now.len(), "what is named stays");
    verify_all(&to);
}

/// Every picture file with its length and time.
fn pictures(to: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let folders = fs::read_dir(to.join("pictures")).unwrap();
    let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    let mut found: Vec<_> = files
        .map(|file| {
            let file = file.unwrap();
            let metadata = file.metadata().unwrap();
            (file.path(), metadata.len(), metadata.modified().unwrap())
        })
        .collect();
    found.sort();
    found
}

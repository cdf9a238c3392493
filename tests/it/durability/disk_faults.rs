//! Disks that fail: calls that end with EIO or not at all, a disk with less behind it than it says, one that can only be read, one on
//! which no more files can be made. What phones were told holds in all of them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::StatusCode;

use super::faulty_disk::FaultyDisk;
use super::load::{client, runtime};
use super::pictures::picture;
use super::process::{ROOMY, Server, prove, serve};
use super::say;
use super::seed::Seed;
use super::told::{Deed, End, Illness, Line, Told};
use super::volume::Volume;
use crate::support::{Answer, answer};

/// The exit code of a server whose disk failed.
const DISK_FAILED: Option<i32> = Some(74);

/// A server that checks nothing: a check writes what a phone reads here, and when that very commit is the one that fails
/// the reader is told so, as it should be.
fn unchecked(data: &Path) -> Command {
    serve(data, &[&ROOMY[..], &["--check-workers", "0"]].concat())
}

async fn get(line: &Line<'_>, path: &str, token: &str) -> Answer {
    let request = line.client.get(format!("{}{path}", line.address));
    answer(if token.is_empty() {
        request
    } else {
        request.bearer_auth(token)
    })
    .await
}

fn whole(seed: &Seed, place: usize) -> Told {
    Told::new(
        &seed.assignments[place],
        vec![picture(40_000)],
        [Deed::Whole].into(),
    )
}

fn resumable(seed: &Seed, place: usize) -> Told {
    Told::new(
        &seed.assignments[place],
        vec![picture(40_000)],
        [Deed::Report, Deed::Resumable(0)].into(),
    )
}

#[test]
fn a_call_that_fails_loses_nothing_acknowledged_and_what_is_not_on_disk_is_not_believed() {
    let home = tempfile::tempdir().unwrap();
    let Some(faulty) = FaultyDisk::new(home.path(), "calls that fail") else {
        return;
    };
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 4);
    let (client, runtime) = (client(), runtime());
    let mut all: Vec<Told> = Vec::new();
    let incoming = || fs::read_dir(data.join("incoming")).unwrap().count();
    // What fails, and whether the service has to end over it.
    for (order, ends) in [
        ("fdatasync /incoming/", false),
        ("rename /photos/", false),
        ("fsync /photos/", false),
        ("fdatasync /rows/db", true),
        ("pwrite /rows/db", true),
    ] {
        let server = Server::start(faulty.under(unchecked(&data)));
        let line = Line {
            client: &client,
            address: &server.address,
            seed: &seed,
            illness: if order.starts_with("pwrite") {
                Illness::ReadsToo
            } else {
                Illness::Expected
            },
        };
        runtime.block_on(async {
            let mut before = whole(&seed, 0);
            assert_eq!(before.go_on(&line).await, End::Answered);
            let mut sent = [whole(&seed, 1), resumable(&seed, 2)];
            assert_eq!(sent[1].go_on(&line).await, End::Answered);
            faulty.fail(order);
            assert_eq!(sent[0].go_on(&line).await, End::Cut, "{order}");
            // An upload's file gets its place on the shelf as a second name.
            let second = if order.starts_with("rename") {
                End::Answered
            } else {
                End::Cut
            };
            assert_eq!(sent[1].go_on(&line).await, second, "{order}");
            if order.contains("incoming") {
                assert_eq!(
                    incoming(),
                    0,
                    "what could not be made durable is not kept for another try"
                );
            }
            before.verify(&line).await;
            let ready = get(&line, "/health/ready", "").await;
            let expected = if ends { "503/store-unavailable" } else { "200/" };
            assert_eq!(ready.problem(), expected, "{order}");
            all.push(before);
            all.extend(sent);
        });
        if ends {
            // It ends by itself, also while the disk still fails.
            let (status, log) = server.ended();
            assert_eq!(status.code(), DISK_FAILED, "{order}: {log}");
            assert!(log.contains("the disk failed a write"), "{order}: {log}");
            faulty.heal();
            all = runtime.block_on(gone_on(&Server::start(serve(&data, &ROOMY)), &seed, all));
        } else {
            faulty.heal();
            all = runtime.block_on(gone_on(&server, &seed, all));
            server.stop();
        }
        assert_eq!(prove(&data)["submissions"], all.len(), "{order}");
    }
}

/// All of `told` do what they have to do yet, and have what they were told.
async fn gone_on(server: &Server, seed: &Seed, mut told: Vec<Told>) -> Vec<Told> {
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed,
        illness: Illness::Fault,
    };
    for told in &mut told {
        told.verify(&line).await;
        while !told.todo.is_empty() {
            assert_eq!(told.go_on(&line).await, End::Answered);
        }
        told.verify(&line).await;
    }
    told
}

#[test]
fn a_disk_that_does_not_answer_ends_the_service_after_two_minutes_and_loses_nothing_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let Some(faulty) = FaultyDisk::new(home.path(), "a disk that does not answer") else {
        return;
    };
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 2);
    let server = Server::start(faulty.under(unchecked(&data)));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Expected,
    };
    let [mut before, mut sent] = [whole(&seed, 0), whole(&seed, 1)];
    let hangs_since = runtime().block_on(async {
        assert_eq!(before.go_on(&line).await, End::Answered);
        faulty.fail("hang fdatasync /rows/db");
        let hangs_since = Instant::now();
        let watching = async {
            let deadline = Instant::now() + Duration::from_mins(1);
            while get(&line, "/health/ready", "").await.problem() != "503/store-unavailable" {
                assert!(
                    Instant::now() < deadline,
                    "it calls itself ready while its disk hangs"
                );
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            before.verify(&line).await;
        };
        let (end, ()) = tokio::join!(sent.go_on(&line), watching);
        assert_eq!(
            end,
            End::Cut,
            "nothing is acknowledged that no sync stands behind"
        );
        hangs_since
    });
    // It ends while the call still hangs.
    let (status, log) = server.ended();
    assert_eq!(status.code(), DISK_FAILED, "{log}");
    assert!(log.contains("the disk does not answer"), "{log}");
    assert!(
        hangs_since.elapsed() > Duration::from_mins(2),
        "a slow sync is none that hangs"
    );
    faulty.heal();
    let server = Server::start(serve(&data, &ROOMY));
    let all = runtime().block_on(gone_on(&server, &seed, vec![before, sent]));
    server.stop();
    assert_eq!(prove(&data)["submissions"], all.len());
}

#[test]
fn a_picture_that_cannot_be_read_is_a_failure_and_neither_missing_nor_empty() {
    let home = tempfile::tempdir().unwrap();
    let Some(faulty) = FaultyDisk::new(home.path(), "a picture that cannot be read") else {
        return;
    };
    let data = home.path().join("data");
    let seed = Seed::plant(&data, 1);
    let server = Server::start(faulty.under(serve(&data, &[&ROOMY[..], &["--check-workers", "0"]].concat())));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Fault,
    };
    runtime().block_on(async {
        let mut told = whole(&seed, 0);
        assert_eq!(told.go_on(&line).await, End::Answered);
        faulty.fail("open /photos/");
        for size in ["original", "screen", "thumb"] {
            let path = format!("/api/v1/photos/{}?size={size}", told.pictures[0].sha256);
            assert_eq!(
                get(&line, &path, &seed.head_token).await.problem(),
                "500/internal",
                "{size}"
            );
        }
        faulty.heal();
        told.verify(&line).await;
    });
    server.terminate();
    let (status, log) = server.ended();
    assert!(status.success(), "{status}");
    assert_eq!(
        log.matches("Input/output error").count(),
        3,
        "each is told in the log: {log}"
    );
    prove(&data);
}

#[test]
fn a_disk_with_less_behind_it_than_it_says_loses_nothing_acknowledged() {
    let volume = match Volume::ext4_on_too_little(256, 48) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("a disk that fails: not run ({reason})")),
    };
    let data = volume.path().join("data");
    let seed = Seed::plant(&data, 2);
    let server = Server::start(serve(&data, &ROOMY));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Expected,
    };
    let mut all = Vec::new();
    runtime().block_on(async {
        let mut refused = 0;
        while refused < 20 {
            let mut told = Told::new(&seed.assignments[0], vec![picture(400_000)], [Deed::Whole].into());
            refused += usize::from(told.go_on(&line).await == End::Cut);
            all.push(told);
            assert!(all.len() < 1_000, "the disk does not fail");
        }
    });
    let stored = all.iter().filter(|told| told.is_acknowledged()).count();
    // A disk that fails its writes ends it; one that the system has closed for writing does not.
    server.terminate();
    let (status, log) = server.ended();
    say(&format!(
        "a disk that fails: {stored} stored, then {status}: {}",
        log.lines().last().unwrap_or("")
    ));
    assert!(
        status.success() || status.code() == DISK_FAILED,
        "{status}: {log}"
    );
    assert!(stored > 0);
    volume.back_with(512);
    volume.repair("rw");
    let server = Server::start(serve(&data, &ROOMY));
    let all = runtime().block_on(gone_on(&server, &seed, all));
    server.stop();
    assert_eq!(prove(&data)["submissions"], all.len());
}

#[test]
fn a_disk_that_can_only_be_read_is_read_and_a_start_on_it_says_why_not() {
    let volume = match Volume::ext4(128) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("read-only disk: not run ({reason})")),
    };
    let data = volume.path().join("data");
    let seed = Seed::plant(&data, 2);
    let server = Server::start(serve(&data, &ROOMY));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Expected,
    };
    let mut all = Vec::new();
    runtime().block_on(async {
        let mut before = whole(&seed, 0);
        assert_eq!(before.go_on(&line).await, End::Answered);
        volume.fail().unwrap();
        let refused = whole(&seed, 1);
        assert_eq!(refused.answer(&line).await.problem(), "503/store-unavailable");
        assert!(refused.answer(&line).await.headers.contains_key("retry-after"));
        assert_eq!(
            get(&line, "/health/ready", "").await.problem(),
            "503/store-unavailable"
        );
        assert_eq!(get(&line, "/health/live", "").await.status, StatusCode::OK);
        before.verify(&line).await;
        get(&line, "/api/v1/completion", &seed.admin_token)
            .await
            .expect(200);
        all.extend([before, refused]);
    });
    server.terminate();
    let (status, log) = server.ended();
    assert!(
        status.success() || status.code() == DISK_FAILED,
        "{status}: {log}"
    );

    volume.repair("ro");
    let output = Server::try_start(serve(&data, &ROOMY))
        .err()
        .expect("it must not start");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    volume.let_write();
    let server = Server::start(serve(&data, &ROOMY));
    let all = runtime().block_on(gone_on(&server, &seed, all));
    server.stop();
    assert_eq!(prove(&data)["submissions"], all.len());
}

#[test]
fn a_disk_on_which_no_more_files_can_be_made_refuses_pictures_and_is_read() {
    let volume = match Volume::ext4_for_files(128, 1_500) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("no more files: not run ({reason})")),
    };
    let data = volume.path().join("data");
    let seed = Seed::plant(&data, 2);
    let server = Server::start(serve(&data, &ROOMY));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Expected,
    };
    let folder = volume.path().join("others");
    fs::create_dir(&folder).unwrap();
    let leave = |files: u64| {
        for number in 0_u32.. {
            let free = rustix::fs::statvfs(&data).unwrap().f_favail;
            if free <= files || fs::write(folder.join(format!("{files}-{number}")), "").is_err() {
                return;
            }
        }
    };
    runtime().block_on(async {
        let mut before = whole(&seed, 0);
        assert_eq!(before.go_on(&line).await, End::Answered);
        let mut refused = whole(&seed, 1);
        // Between half the reserve and the reserve: decisions and log-ins still pass.
        leave(200);
        assert_eq!(refused.answer(&line).await.problem(), "507/disk-full");
        assert_eq!(get(&line, "/health/ready", "").await.status, StatusCode::OK);
        leave(0);
        assert_eq!(refused.answer(&line).await.problem(), "507/disk-full");
        assert_eq!(get(&line, "/health/ready", "").await.problem(), "507/disk-full");
        before.verify(&line).await;
        let thumb = format!("/api/v1/photos/{}?size=thumb", before.pictures[0].sha256);
        assert_eq!(get(&line, &thumb, &seed.head_token).await.status, StatusCode::OK);
        assert_eq!(
            fs::read_dir(data.join("incoming")).unwrap().count(),
            0,
            "nothing half-written stays"
        );
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(refused.go_on(&line).await, End::Answered, "no restart is needed");
        before.verify(&line).await;
        refused.verify(&line).await;
    });
    server.stop();
    assert_eq!(prove(&data)["submissions"], 2);
}

//! A disk that fills up while the service runs, and before it starts; a directory that is not to be had.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::future::join_all;
use minhchung::config::Limits;
use minhchung::domain::{Role, SubmissionId};
use minhchung::photos::Photos;
use minhchung::services::uploads::{Begun, Claim, NewUpload, Position, Uploads};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::load::{client, runtime};
use super::office::{Office, actor, draft, sha256};
use super::pictures::picture;
use super::process::{ROOMY, Server, prove, serve};
use super::say;
use super::seed::Seed;
use super::told::{Deed, End, Illness, Line, Told};
use super::volume::Volume;
use crate::support::{Answer, COMMUNE, PASSWORD, answer};

const MIB: u64 = 1 << 20;
/// 16 MiB stay free for pictures, half of that for small writes; the ballast is 4.
const TIGHT: [&str; 4] = ["--min-free-mib", "16", "--ballast-mib", "4"];

fn free_bytes(path: &Path) -> u64 {
    minhchung::disk::FreeSpace::new(path, 0).free_bytes().unwrap()
}

/// Somebody else's files, which take the space away.
pub struct Filler(pub PathBuf);

impl Filler {
    /// Leaves about `bytes` free.
    pub fn leave(&self, bytes: u64) {
        drop(fs::remove_file(&self.0));
        let take = free_bytes(self.0.parent().unwrap()).saturating_sub(bytes);
        let mut file = File::create(&self.0).unwrap();
        let piece = vec![0_u8; 1 << 16];
        for _ in 0..take >> 16 {
            // The very last pages may be gone before they are taken; full is full.
            if file.write_all(&piece).is_err() {
                return;
            }
        }
        while bytes == 0 && file.write_all(&[0; 4096]).is_ok() {}
    }

    pub fn give_back(&self) {
        fs::remove_file(&self.0).unwrap();
    }
}

fn told(seed: &Seed, deeds: impl IntoIterator<Item = Deed>) -> Told {
    let todo: VecDeque<Deed> = deeds.into_iter().collect();
    Told::new(&seed.assignments[0], vec![picture(40_000), picture(40_000)], todo)
}

async fn send(line: &Line<'_>, method: Method, path: &str, token: &str, body: Option<Value>) -> Answer {
    let mut request = line.client.request(method, format!("{}{path}", line.address));
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    answer(if let Some(body) = body {
        request.json(&body)
    } else {
        request
    })
    .await
}

async fn log_in(line: &Line<'_>) -> Answer {
    let body = json!({ "username": "truong.thon", "password": PASSWORD, "device_name": "điện thoại" });
    send(line, Method::POST, "/api/v1/auth/login", "", Some(body)).await
}

#[track_caller]
fn require_disk_full(answer: &Answer) {
    assert_eq!(answer.problem(), "507/disk-full", "{:#}", answer.body);
    let seconds = answer.headers.get("retry-after").unwrap().to_str().unwrap();
    assert!(seconds.parse::<u64>().unwrap() > 0);
}

#[test]
fn a_full_disk_refuses_what_is_new_keeps_what_is_there_and_heals_without_a_restart() {
    let volume = match Volume::tmpfs(96) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("disk full: not run ({reason})")),
    };
    let data = volume.path().join("data");
    let seed = Seed::plant(&data, 1);
    let filler = Filler(volume.path().join("filler"));
    let server = Server::start(serve(&data, &TIGHT));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Fault,
    };
    runtime().block_on(async {
        let mut whole = told(&seed, [Deed::Whole, Deed::Review("verify"), Deed::ReportAgain]);
        assert_eq!(whole.go_on(&line).await, End::Answered);
        let mut half = told(&seed, [Deed::Report, Deed::Picture(0), Deed::Picture(1)]);
        assert_eq!(half.go_on(&line).await, End::Answered);

        // Between half the reserve and the reserve: no pictures, no reports; decisions and log-ins still pass.
        filler.leave(12 * MIB);
        for deed in [Deed::Report, Deed::Whole] {
            require_disk_full(&told(&seed, [deed]).answer(&line).await);
        }
        require_disk_full(&half.answer(&line).await);
        assert_eq!(
            whole.go_on(&line).await,
            End::Answered,
            "a review is small and passes"
        );
        whole.verify(&line).await;
        half.verify(&line).await;
        log_in(&line).await.expect(200);

        // Below that people can still sign in and stay so, to look at what is there.
        filler.leave(5 * MIB);
        let signed_in = log_in(&line).await.expect(200);
        let refreshed = json!({ "refresh_token": signed_in["refresh_token"] });
        send(&line, Method::POST, "/api/v1/auth/refresh", "", Some(refreshed))
            .await
            .expect(200);
        whole.todo.push_front(Deed::Review("reopen"));
        require_disk_full(&whole.answer(&line).await);
        whole.todo.pop_front();

        // Nothing at all: everything that writes is refused, everything that reads is answered.
        filler.leave(0);
        for deed in [Deed::Report, Deed::Whole] {
            require_disk_full(&told(&seed, [deed]).answer(&line).await);
        }
        require_disk_full(&half.answer(&line).await);
        require_disk_full(&log_in(&line).await);
        require_disk_full(&send(&line, Method::GET, "/health/ready", "", None).await);
        send(&line, Method::GET, "/health/live", "", None)
            .await
            .expect(200);
        send(&line, Method::GET, "/api/v1/completion", &seed.admin_token, None)
            .await
            .expect(200);
        let thumb = format!("/api/v1/photos/{}?size=thumb", whole.pictures[0].sha256);
        let thumb = send(&line, Method::GET, &thumb, &seed.head_token, None).await;
        assert_eq!(
            thumb.status,
            StatusCode::OK,
            "a smaller copy is made even when it cannot be kept"
        );
        whole.verify(&line).await;
        half.verify(&line).await;
        assert_eq!(
            fs::read_dir(data.join("incoming")).unwrap().count(),
            0,
            "nothing half-written stays"
        );

        filler.give_back();
        while !half.todo.is_empty() {
            assert_eq!(half.go_on(&line).await, End::Answered);
        }
        let mut another = told(&seed, [Deed::Whole]);
        assert_eq!(another.go_on(&line).await, End::Answered);
        assert_eq!(whole.go_on(&line).await, End::Answered);
        half.verify(&line).await;
        another.verify(&line).await;
    });
    server.stop();
    assert_eq!(prove(&data)["submissions"], 3);
}

#[test]
fn many_uploads_at_once_do_not_eat_the_reserve_together() {
    let volume = match Volume::tmpfs(96) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("disk full at once: not run ({reason})")),
    };
    let data = volume.path().join("data");
    let seed = Seed::plant(&data, 1);
    let server = Server::start(serve(&data, &TIGHT));
    let client = client();
    let line = Line {
        client: &client,
        address: &server.address,
        seed: &seed,
        illness: Illness::Fault,
    };
    // Room for four pictures of 3 MiB beside the reserve, and twenty that come together.
    Filler(volume.path().join("filler")).leave(30 * MIB);
    let large: Vec<Told> = (0..20)
        .map(|_| Told::new(&seed.assignments[0], vec![picture(3 << 20)], [Deed::Whole].into()))
        .collect();
    let answers = runtime().block_on(join_all(large.iter().map(|told| told.answer(&line))));
    let stored = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .count();
    answers
        .iter()
        .filter(|answer| answer.status != StatusCode::CREATED)
        .for_each(require_disk_full);
    assert!((1..=4).contains(&stored), "{stored} were stored");
    let free = free_bytes(&data);
    assert!(free >= 15 * MIB, "the reserve was eaten: {free} bytes are free");
    server.stop();
    prove(&data);
}

#[test]
fn a_start_on_a_completely_full_disk_gives_up_the_ballast_and_opens() {
    let volume = match Volume::tmpfs(64) {
        Ok(volume) => volume,
        Err(reason) => return say(&format!("start on a full disk: not run ({reason})")),
    };
    let data = volume.path().join("data");
    let seed = Seed::plant(&data, 1);
    let client = client();
    let runtime = runtime();
    let server = Server::start(serve(&data, &TIGHT));
    let mut whole = told(&seed, [Deed::Whole, Deed::Withdraw]);
    let line = |server: &Server| (server.address.clone(), Illness::Fault);
    let (address, illness) = line(&server);
    let first = Line {
        client: &client,
        address: &address,
        seed: &seed,
        illness,
    };
    assert_eq!(runtime.block_on(whole.go_on(&first)), End::Answered);
    server.stop();
    assert_eq!(fs::metadata(data.join("ballast")).unwrap().len(), 4 * MIB);
    let filler = Filler(volume.path().join("filler"));
    filler.leave(0);
    assert_eq!(free_bytes(&data), 0);

    let server = Server::start(serve(&data, &TIGHT));
    assert!(!data.join("ballast").exists(), "the ballast made room");
    let (address, illness) = line(&server);
    let second = Line {
        client: &client,
        address: &address,
        seed: &seed,
        illness,
    };
    runtime.block_on(async {
        whole.verify(&second).await;
        require_disk_full(&whole.answer(&second).await);
        filler.give_back();
        assert_eq!(whole.go_on(&second).await, End::Answered, "no restart was needed");
    });
    server.stop();
    Server::start(serve(&data, &TIGHT)).stop();
    assert!(data.join("ballast").exists(), "the ballast is laid in again");
    prove(&data);
}

#[test]
fn a_second_instance_a_newer_format_and_a_foreign_directory_are_refused_in_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let refused = |data: &Path| {
        let output = Server::try_start(serve(data, &ROOMY))
            .err()
            .expect("it must not start");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let running = Server::start(serve(&data, &ROOMY));
    let (code, said) = refused(&data);
    assert_eq!(code, Some(1));
    assert!(said.contains("in use by another minhchung process"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    running.stop();

    fs::write(data.join("FORMAT"), "minhchung 999\n").unwrap();
    let (code, said) = refused(&data);
    assert_eq!(code, Some(2), "a supervisor does not try it again");
    assert!(
        said.contains("999") && said.contains("install a newer version"),
        "{said}"
    );
    assert_eq!(
        fs::read_to_string(data.join("FORMAT")).unwrap(),
        "minhchung 999\n"
    );

    let foreign = home.path().join("letters");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("letter.txt"), "hello").unwrap();
    let (code, said) = refused(&foreign);
    assert!(
        code.is_some_and(|code| code != 0) && said.contains("is not empty"),
        "{said}"
    );
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1, "it was left alone");
}

#[test]
fn what_phones_gave_up_is_cleared_away_on_a_full_disk_too_and_such_a_start_works() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let officer = actor(Role::CommuneOfficer, Some(COMMUNE));
    let limits = Limits {
        upload_expires_s: 60,
        ..Limits::default()
    };
    let uploads = |office: &Office| {
        let (store, clock) = (office.store.clone(), office.clock.clone());
        Uploads::new(office.evidence.clone(), store, Photos::new(&data), clock, &limits)
    };
    let files = || fs::read_dir(data.join("incoming")).unwrap().count();

    let office = Office::open(&data, "2026-07-20T09:00:00+07:00");
    let place = office.plan(COMMUNE, "banner.1", "2026-07-31");
    let picture = picture(5_000);
    let id = SubmissionId(uuid::Uuid::now_v7());
    let report = draft(id, place, office.clock.now(), std::slice::from_ref(&picture));
    office.run(async {
        office
            .evidence
            .receive_report(&officer, report, Vec::new())
            .await
            .unwrap();
        let new = NewUpload {
            submission: id,
            sha256: sha256(&picture),
            bytes: u64::try_from(picture.bytes.len()).unwrap(),
        };
        let uploads = uploads(&office);
        let (upload, _) = uploads.begin(&officer, new).await.unwrap();
        let claim = Claim {
            position: Position::Start,
            length: None,
            checksum: None,
        };
        let Begun::Piece(mut piece) = uploads.begin_piece(&officer, upload, claim).await.unwrap() else {
            panic!("nothing was sent yet");
        };
        piece
            .write(Bytes::copy_from_slice(&picture.bytes[..1_000]))
            .await
            .unwrap();
        piece.finish().await.unwrap();
    });
    assert_eq!(files(), 1);
    drop(office);

    let full = Office::with_reserve(&data, "2026-07-20T10:00:00+07:00", u64::MAX);
    let swept = full.run(uploads(&full).sweep()).unwrap();
    assert_eq!((swept.expired, swept.files, files()), (0, 1, 0));
    drop(full);
    let roomy = Office::open(&data, "2026-07-20T11:00:00+07:00");
    let swept = roomy.run(uploads(&roomy).sweep()).unwrap();
    assert_eq!((swept.expired, swept.files), (1, 0));
    assert_eq!(roomy.differences(), Vec::<String>::new());
}

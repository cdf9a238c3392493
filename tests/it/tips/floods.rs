//! Floods of large boxes: slow ones are cut, and whatever they take, words still come through.

use std::time::Duration;

use futures_util::FutureExt;
use minhchung::clock::Clock;
use minhchung::domain::TipSize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scene::{Informant, framed, officer, post_frame};
use crate::support::Harness;

const PATIENCE: Duration = Duration::from_secs(180);

/// A connection on which `frame` was announced, and of it the first `bytes` sent.
pub async fn begun(harness: &Harness, frame: &[u8], bytes: usize) -> TcpStream {
    let address = harness.url("").replace("http://", "");
    let mut connection = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/tips HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n\r\n",
        frame.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&frame[..bytes]).await.unwrap();
    connection
}

async fn status(connection: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut answer = [0; 12];
    let read = tokio::time::timeout(PATIENCE, connection.read_exact(&mut answer));
    read.await.expect("no answer").unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}

/// Waits until there is memory for `boxes` with three pictures and no more.
async fn room_is(harness: &Harness, boxes: usize) {
    let fits = async {
        while harness.app.tips.room_for(TipSize::ThreePictures) != boxes {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, fits).await.expect("other room");
}

/// As many boxes with three pictures as there is memory for, of each the first bytes.
async fn crawling(harness: &Harness) -> Vec<TcpStream> {
    let mut crawling = Vec::new();
    for number in 0..harness.app.tips.room_for(TipSize::ThreePictures) {
        let number = u8::try_from(number).unwrap();
        let sealed = vec![0; TipSize::ThreePictures.box_bytes()];
        let frame = framed(harness, &[number; 16], &sealed).await;
        crawling.push(begun(harness, &frame, 1_000 + usize::from(number)).await);
    }
    room_is(harness, 0).await;
    crawling
}

/// Nobody is cut for being slow in less than `grace_ms`, or for saying nothing.
async fn patient(grace_ms: u64) -> Harness {
    Harness::with(Clock::system(), |settings| {
        settings.limits.body_grace_ms = grace_ms;
        settings.limits.body_idle_ms = 3_600_000;
    })
    .await
}

#[tokio::test]
async fn large_boxes_at_a_crawl_keep_no_words_and_no_repeats_out() {
    // None is sent away meanwhile, however long a busy machine takes to begin all of them.
    let harness = patient(3_600_000).await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    let before = informant
        .frame(&harness, "Từ trước.", TipSize::ThreePictures)
        .await;
    post_frame(&harness, before.clone()).await.expect(202);
    let crawling = crawling(&harness).await;
    let large = informant.frame(&harness, "Ba ảnh.", TipSize::ThreePictures).await;
    assert_eq!(post_frame(&harness, large).await.problem(), "503/overloaded");
    informant.send(&harness, "Vẫn gửi được chữ.", TipSize::Text).await;
    post_frame(&harness, before.clone()).await.expect(202);
    let mut other = before;
    other[5_000] ^= 1;
    assert_eq!(
        post_frame(&harness, other).await.problem(),
        "422/tip-puzzle-refused"
    );
    assert_eq!(officer.list(&harness, "").await.len(), 2);
    drop(crawling);
    room_is(&harness, 20).await;
}

#[tokio::test]
async fn the_slowest_makes_way_for_who_comes() {
    let harness = patient(100).await;
    let officer = officer(&harness).await;
    let mut crawling = crawling(&harness).await;
    let frame = Informant::new()
        .frame(&harness, "Ba ảnh.", TipSize::ThreePictures)
        .await;
    // Nobody leaves before their time; who comes too early comes again.
    let comes = async { while post_frame(&harness, frame.clone()).await.status != 202 {} };
    tokio::time::timeout(PATIENCE, comes)
        .await
        .expect("nobody made way");
    let answers = crawling.iter_mut().map(|one| Box::pin(status(one)));
    let (first, _, others) = futures_util::future::select_all(answers).await;
    assert_eq!(first, "HTTP/1.1 408");
    assert!(
        others.into_iter().all(|other| other.now_or_never().is_none()),
        "one is enough"
    );
    assert_eq!(officer.list(&harness, "").await.len(), 1);
}

#[tokio::test]
async fn a_box_is_paid_for_when_it_begins_and_the_next_try_takes_its_place() {
    let manual = Clock::manual("2026-03-02T10:00:00+07:00".parse().unwrap());
    let harness = Harness::with(manual, |settings| settings.limits.tips_burst = 1).await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    let large = informant.frame(&harness, "Ba ảnh.", TipSize::ThreePictures).await;
    let mut first = begun(&harness, &large, 70_000).await;
    room_is(&harness, 19).await;
    let words = informant.frame(&harness, "Hết lượt.", TipSize::Text).await;
    assert_eq!(
        post_frame(&harness, words).await.problem(),
        "429/too-many-requests"
    );
    post_frame(&harness, large).await.expect(202);
    assert_eq!(status(&mut first).await, "HTTP/1.1 408");
    assert_eq!(officer.list(&harness, "").await.len(), 1);
    room_is(&harness, 20).await;
}

#[tokio::test]
async fn a_large_box_that_comes_too_slowly_is_cut_where_words_may_go_on() {
    let harness = Harness::with(Clock::system(), |settings| {
        settings.limits.body_grace_ms = 100;
        settings.limits.body_min_bytes_per_s = 1;
    })
    .await;
    let officer = officer(&harness).await;
    let large = framed(&harness, &[1; 16], &vec![0; TipSize::ThreePictures.box_bytes()]).await;
    let words = Informant::new()
        .frame(&harness, "Chậm mà tới.", TipSize::Text)
        .await;
    let began = std::time::Instant::now();
    let (mut reading, mut writing) = begun(&harness, &large, 112).await.into_split();
    let mut slow = begun(&harness, &words, 112).await;
    // Two thousand bytes a second on both, until the large one is answered.
    let answered = tokio::spawn(async move { status(&mut reading).await });
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    let mut sent = 112;
    while !answered.is_finished() {
        beat.tick().await;
        slow.write_all(&words[sent..sent + 100]).await.unwrap();
        sent += 100;
        // Once it is cut, nobody takes more of it.
        drop(writing.write_all(&large[112..212]).await);
    }
    assert_eq!(answered.await.unwrap(), "HTTP/1.1 408");
    assert!(
        began.elapsed() > Duration::from_secs(1),
        "it was cut before its time"
    );
    slow.write_all(&words[sent..]).await.unwrap();
    assert_eq!(status(&mut slow).await, "HTTP/1.1 202");
    assert_eq!(officer.list(&harness, "").await.len(), 1);
}

#[tokio::test]
async fn pictures_leave_a_share_of_the_disk_to_words() {
    let harness = Harness::with(Clock::system(), |settings| settings.limits.tips_bytes = 4 << 20).await;
    let officer = officer(&harness).await;
    let informant = Informant::new();
    informant.send(&harness, "Vừa.", TipSize::ThreePictures).await;
    let second = informant.frame(&harness, "Thừa.", TipSize::ThreePictures).await;
    assert_eq!(post_frame(&harness, second).await.problem(), "507/tip-store-full");
    informant.send(&harness, "Chữ thì còn chỗ.", TipSize::Text).await;
    assert_eq!(officer.list(&harness, "").await.len(), 2);
}

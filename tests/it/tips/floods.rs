//! Floods of large boxes: slow ones are cut, and whatever they take, words still come through.

use std::time::Duration;

use minhchung::clock::Clock;
use minhchung::domain::TipSize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::scene::{Informant, framed, officer, post_frame};
use crate::support::Harness;

const PATIENCE: Duration = Duration::from_secs(180);
/// As many boxes for three pictures as there is memory for.
const LARGE_AT_ONCE: u8 = 20;

/// A connection on which `frame` was announced, and of it the first `bytes` sent.
async fn begun(harness: &Harness, frame: &[u8], bytes: usize) -> TcpStream {
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

#[tokio::test]
async fn large_boxes_at_a_crawl_keep_no_words_out() {
    // None is cut for being slow meanwhile, however long a busy machine takes to begin all of them.
    let harness = Harness::with(Clock::system(), |settings| {
        settings.limits.body_grace_ms = 3_600_000;
        settings.limits.body_idle_ms = 3_600_000;
    })
    .await;
    let officer = officer(&harness).await;
    let mut crawling = Vec::new();
    for number in 0..LARGE_AT_ONCE {
        let sealed = vec![0; TipSize::ThreePictures.box_bytes()];
        let frame = framed(&harness, &[number; 16], &sealed).await;
        crawling.push(begun(&harness, &frame, 1_000).await);
    }
    let is_full = async {
        while harness.app.tips.body_room(TipSize::ThreePictures).is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, is_full)
        .await
        .expect("there is room for more");
    let large = Informant::new()
        .frame(&harness, "Ba ảnh.", TipSize::ThreePictures)
        .await;
    assert_eq!(post_frame(&harness, large).await.problem(), "503/overloaded");
    Informant::new()
        .send(&harness, "Vẫn gửi được chữ.", TipSize::Text)
        .await;
    assert_eq!(officer.list(&harness, "").await.len(), 1);
    assert_eq!(crawling.len(), usize::from(LARGE_AT_ONCE));
}

#[tokio::test]
async fn a_large_box_that_comes_too_slowly_is_cut_where_words_may_go_on() {
    let harness = Harness::with(Clock::system(), |settings| settings.limits.body_grace_ms = 100).await;
    let officer = officer(&harness).await;
    let large = framed(&harness, &[1; 16], &vec![0; TipSize::ThreePictures.box_bytes()]).await;
    let words = Informant::new()
        .frame(&harness, "Chậm mà tới.", TipSize::Text)
        .await;
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
    assert!(sent > 2_000, "it was cut before its time");
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

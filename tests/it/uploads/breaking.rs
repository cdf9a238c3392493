//! Connections that break, hang, or come twice.

use std::io::{Read, Write};

use minhchung::clock::Clock;

use super::{Field, camera_picture, checksum, header, offset};
use crate::support::answer;

/// What the server writes at once.
const PORTION: u64 = 64 * 1024;

#[actix_web::test]
async fn what_arrived_before_a_cut_at_any_byte_is_kept_and_the_rest_completes_it() {
    let pictures = (1..=4).map(|seed| camera_picture(seed, 300_000)).collect();
    let field = Field::with(Clock::system(), pictures, |_| {}).await;
    for picture in &field.pictures {
        let upload = field.begin(picture).await;
        let mut there = 0;
        for _ in 0..3 {
            // One portion that is written at once, and then a few bytes that only the end of the connection brings in.
            let (left, portion) = (picture.len() - there, there + PORTION);
            let mut phone = field.half_a_piece(&upload, there, left, picture.part(there, portion), "");
            field.until_there_are(&upload, portion).await;
            let cut = portion + rand::random_range(0..PORTION / 2);
            phone.write_all(picture.part(portion, cut)).unwrap();
            drop(phone);
            there = cut;
            field.until_there_are(&upload, there).await;
            assert_eq!(offset(&field.head(&upload).await), there, "cut at {cut}");
        }
        let rest = field.send(&upload, there, picture.rest(there)).await;
        assert_eq!((rest.status.as_u16(), offset(&rest)), (204, picture.len()));
    }
    field.assert_whole().await;
}

#[actix_web::test]
async fn nothing_is_kept_of_a_cut_piece_that_has_a_checksum() {
    let field = Field::start().await;
    let bytes = &field.picture().bytes;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &bytes[..1000]).await;
    let sum = format!("upload-checksum: {}\r\n", checksum(&bytes[1000..]));
    let cut = field.half_a_piece(&upload, 1000, 299_000, &bytes[1000..200_000], &sum);
    // What has a checksum is gathered in a file of its own.
    let gathered = || field.files().iter().any(|name| name.contains(".part"));
    field.until("a piece is gathered", gathered).await;
    drop(cut);
    field.until("the cut piece is gone", || !gathered()).await;
    assert_eq!(offset(&field.head(&upload).await), 1000);
    assert_eq!(offset(&field.send(&upload, 1000, &bytes[1000..]).await), 300_000);
    field.assert_whole().await;
}

#[actix_web::test]
async fn asking_for_the_offset_frees_an_upload_that_hangs() {
    let field = Field::start().await;
    let picture = field.picture();
    let upload = field.begin(picture).await;
    let mut hung = field.half_a_piece(&upload, 0, picture.len(), &picture.bytes[..100_000], "");
    field.until_there_are(&upload, 65_536).await;
    let there = offset(&field.head(&upload).await);
    assert!((65_536..=100_000).contains(&there), "{there}");
    assert_eq!(std::fs::metadata(field.file(&upload)).unwrap().len(), there);
    // The hung connection is told, and what it still sends goes nowhere.
    let mut told = [0; 12];
    hung.read_exact(&mut told).unwrap();
    assert_eq!(&told, b"HTTP/1.1 423");
    drop(hung.write_all(&picture.bytes[100_000..]));
    assert_eq!(offset(&field.head(&upload).await), there);
    let rest = field.send(&upload, there, picture.rest(there)).await;
    assert_eq!(rest.status, 204);
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_new_piece_or_a_new_beginning_frees_an_upload_that_hangs() {
    let field = Field::start().await;
    let picture = field.picture();
    let upload = field.begin(picture).await;
    let hung = field.half_a_piece(&upload, 0, picture.len(), &picture.bytes[..100_000], "");
    field.until_there_are(&upload, 65_536).await;
    let refused = field.send(&upload, 0, &picture.bytes).await;
    assert_eq!(refused.problem(), "409/upload-offset");
    let there = offset(&refused);
    let second = field.half_a_piece(
        &upload,
        there,
        picture.len() - there,
        picture.part(there, 200_000),
        "",
    );
    field.until_there_are(&upload, there + 65_536).await;
    let again = answer(field.creation(picture)).await;
    assert_eq!(
        (again.status.as_u16(), header(&again, "location")),
        (201, upload.clone())
    );
    assert!(offset(&again) >= there + 65_536);
    let there = offset(&again);
    assert_eq!(field.send(&upload, there, picture.rest(there)).await.status, 204);
    drop((hung, second));
    field.assert_whole().await;
}

#[actix_web::test]
async fn two_pieces_at_once_end_in_one_whole_picture() {
    let pictures = (1..=5).map(|seed| camera_picture(seed, 200_000)).collect();
    let field = Field::with(Clock::system(), pictures, |_| {}).await;
    for picture in &field.pictures {
        let upload = field.begin(picture).await;
        let (one, other) = tokio::join!(
            field.send(&upload, 0, &picture.bytes),
            field.send(&upload, 0, &picture.bytes)
        );
        for answer in [&one, &other] {
            // Taken, told where the other one stands, or overtaken by the other one.
            assert!(
                [204, 409, 423].contains(&answer.status.as_u16()),
                "{:#}",
                answer.body
            );
        }
        let mut there = offset(&field.head(&upload).await);
        if there < picture.len() {
            there = offset(&field.send(&upload, there, picture.rest(there)).await);
        }
        assert_eq!(there, picture.len());
    }
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_slow_answer_to_the_same_beginning_from_two_sockets_is_one_upload() {
    let field = Field::start().await;
    let (one, other) = tokio::join!(
        answer(field.creation(field.picture())),
        answer(field.creation(field.picture()))
    );
    assert_eq!(header(&one, "location"), header(&other, "location"));
}

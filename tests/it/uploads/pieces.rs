//! Pieces: where they belong, how long they may be, and their checksums.

use futures_util::stream;
use minhchung::clock::Clock;
use reqwest::Method;

use super::{Field, PIECE, UPLOADS, camera_picture, checksum, header, offset};
use crate::support::answer;

#[actix_web::test]
async fn a_piece_for_another_place_is_told_the_right_one_and_changes_nothing() {
    let field = Field::start().await;
    let bytes = &field.picture().bytes;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &bytes[..1000]).await;
    for wrong in [0, 999, 1001, 300_000, u64::MAX] {
        let refused = field.send(&upload, wrong, &bytes[..10]).await;
        assert_eq!(refused.problem(), "409/upload-offset", "{wrong}");
        assert_eq!(offset(&refused), 1000);
    }
    assert_eq!(offset(&field.head(&upload).await), 1000);
    // A piece of nothing at the right place is a question.
    assert_eq!(offset(&field.send(&upload, 1000, b"").await), 1000);
}

#[actix_web::test]
async fn a_piece_of_another_media_type_or_without_its_place_is_refused() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    let patch = || field.tus(Method::PATCH, &upload).body("abc");
    let typed = |kind: &str| patch().header("content-type", kind).header("upload-offset", "0");
    assert_eq!(
        answer(typed("image/jpeg")).await.problem(),
        "415/media-type-unsupported"
    );
    let untold = patch().header("content-type", PIECE);
    assert_eq!(answer(untold).await.problem(), "400/bad-request");
    let signed = patch()
        .header("content-type", PIECE)
        .header("upload-offset", "+0");
    assert_eq!(answer(signed).await.problem(), "400/bad-request");
    assert_eq!(offset(&answer(typed(PIECE)).await), 3);
}

#[actix_web::test]
async fn more_than_was_announced_is_refused_and_nothing_of_it_is_kept() {
    let field = Field::start().await;
    let bytes = &field.picture().bytes;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &bytes[..100_000]).await;
    // Told by its length.
    let long = [&bytes[100_000..], b"!"].concat();
    assert_eq!(
        field.send(&upload, 100_000, &long).await.problem(),
        "413/body-too-large"
    );
    // Found out on the way, after most of it was written.
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        long.chunks(50_000).map(|piece| Ok(piece.to_vec())).collect();
    let untold = field
        .piece(&upload, 100_000, b"")
        .body(reqwest::Body::wrap_stream(stream::iter(pieces)));
    assert_eq!(answer(untold).await.problem(), "413/body-too-large");
    assert_eq!(offset(&field.head(&upload).await), 100_000);
    assert_eq!(
        offset(&field.send(&upload, 100_000, &bytes[100_000..]).await),
        300_000
    );
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_piece_with_a_checksum_is_kept_only_when_it_has_it() {
    let field = Field::start().await;
    let bytes = &field.picture().bytes;
    let upload = field.begin(field.picture()).await;
    let send = |from: u64, to: u64, sum: String| {
        answer(
            field
                .piece(&upload, from, field.picture().part(from, to))
                .header("upload-checksum", sum),
        )
    };
    let taken = send(0, 100_000, checksum(&bytes[..100_000])).await;
    assert_eq!((taken.status.as_u16(), offset(&taken)), (204, 100_000));
    let wrong = send(100_000, 250_000, checksum(b"something else")).await;
    assert_eq!(wrong.problem(), "460/checksum-mismatch");
    for unknown in ["sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "sha256 ???", "sha256"] {
        assert_eq!(
            send(100_000, 250_000, unknown.into()).await.problem(),
            "400/bad-request"
        );
    }
    assert_eq!(offset(&field.head(&upload).await), 100_000);
    assert_eq!(std::fs::metadata(field.file(&upload)).unwrap().len(), 100_000);
    assert_eq!(
        offset(&send(100_000, 300_000, checksum(&bytes[100_000..])).await),
        300_000
    );
    field.assert_whole().await;
}

#[actix_web::test]
async fn uploads_beyond_the_bound_are_told_to_come_back_and_the_running_one_goes_on() {
    let pictures = vec![camera_picture(1, 300_000), camera_picture(2, 80_000)];
    let field = Field::with(Clock::system(), pictures, |settings| {
        settings.limits.max_uploads = 1;
    })
    .await;
    let (first, second) = (&field.pictures[0], &field.pictures[1]);
    let (running, waiting) = (field.begin(first).await, field.begin(second).await);
    let socket = field.half_a_piece(&running, 0, first.len(), &first.bytes[..100_000], "");
    field.until_there_are(&running, 65_536).await;
    let busy = field.send(&waiting, 0, &second.bytes).await;
    assert_eq!(busy.problem(), "503/overloaded");
    assert!(busy.headers.contains_key("retry-after"));
    let path = format!("{UPLOADS}/{}", running.rsplit('/').next().unwrap());
    let there = offset(&field.head(&path).await);
    drop(socket);
    for (upload, picture, there) in [(&waiting, second, 0), (&running, first, there)] {
        let sent = field.send(upload, there, picture.rest(there)).await;
        assert_eq!(sent.status, 204, "{:#}", sent.body);
    }
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_full_disk_is_told_before_a_byte_is_read_and_the_upload_waits() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let at_home = |settings: &mut minhchung::config::Settings| settings.data_dir.clone_from(&data);
    let mut field = Field::with(Clock::system(), vec![camera_picture(1, 90_000)], at_home).await;
    let upload = field.begin(&field.picture().clone()).await;
    assert_eq!(
        offset(&field.send(&upload, 0, &field.picture().bytes[..10]).await),
        10
    );
    drop(std::mem::replace(
        &mut field.harness,
        crate::support::Harness::start().await,
    ));
    let free = minhchung::disk::FreeSpace::new(&data, 0).free_bytes().unwrap();
    field.harness = crate::support::Harness::with(Clock::system(), |settings| {
        at_home(settings);
        // Too little for pictures, enough for the rest.
        settings.limits.min_free_bytes = free / 2 * 3;
    })
    .await;
    let full = field.send(&upload, 10, &field.picture().bytes[10..]).await;
    assert_eq!(full.problem(), "507/disk-full");
    assert!(full.headers.contains_key("retry-after"));
    assert_eq!(offset(&field.head(&upload).await), 10);
    assert_eq!(header(&full, "tus-resumable"), "1.0.0");
}

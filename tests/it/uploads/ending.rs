//! How uploads end: whole, by another way, by a restart, by expiry, by their sender.

use minhchung::clock::Clock;
use minhchung::config::Settings;
use reqwest::Method;

use super::{Field, UPLOADS, camera_picture, header, offset};
use crate::support::{Answer, Harness, answer};

impl Field {
    async fn put_picture(&self) -> Answer {
        let path = format!(
            "/api/v1/submissions/{}/photos/{}",
            self.submission,
            self.picture().sha256
        );
        let request = self.harness.request(Method::PUT, &path, &self.head.token);
        answer(
            request
                .header("content-type", "image/jpeg")
                .body(self.picture().bytes.clone()),
        )
        .await
    }
}

#[actix_web::test]
async fn after_a_lost_answer_the_last_piece_and_every_question_say_complete() {
    let field = Field::start().await;
    let bytes = &field.picture().bytes;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &bytes[..200_000]).await;
    for _ in 0..3 {
        let last = field.send(&upload, 200_000, &bytes[200_000..]).await;
        assert_eq!((last.status.as_u16(), offset(&last)), (204, 300_000));
        assert_eq!(offset(&field.head(&upload).await), 300_000);
    }
    assert_eq!(offset(&field.send(&upload, 300_000, b"").await), 300_000);
    // What cannot have been one of its pieces is still refused.
    assert_eq!(
        field.send(&upload, 200_000, bytes).await.problem(),
        "409/upload-offset"
    );
    let begun = answer(field.creation(field.picture())).await;
    assert_eq!((header(&begun, "location"), offset(&begun)), (upload, 300_000));
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_picture_that_was_put_in_one_piece_completes_its_upload() {
    let field = Field::start().await;
    let picture = field.picture();
    let upload = field.begin(picture).await;
    field.send(&upload, 0, &picture.bytes[..150_000]).await;
    field.put_picture().await.expect(201);
    assert_eq!(offset(&field.head(&upload).await), 300_000);
    let rest = field.send(&upload, 150_000, &picture.bytes[150_000..]).await;
    assert_eq!((rest.status.as_u16(), offset(&rest)), (204, 300_000));
    field.assert_whole().await;
}

#[actix_web::test]
async fn an_upload_begun_for_a_stored_picture_is_complete_from_the_start() {
    let field = Field::start().await;
    field.put_picture().await.expect(201);
    let begun = answer(field.creation(field.picture())).await;
    assert_eq!((begun.status.as_u16(), offset(&begun)), (201, 300_000));
    assert_eq!(offset(&field.head(&header(&begun, "location")).await), 300_000);
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_picture_that_was_uploaded_is_known_to_whoever_puts_it_again() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &field.picture().bytes).await;
    let repeated = field.put_picture().await.expect(200);
    assert_eq!(repeated["receipt"], field.seen().await["receipt"]);
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_whole_file_that_nobody_finished_is_finished_by_whoever_asks() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    // As a crash leaves it between the last byte and the row.
    std::fs::write(field.file(&upload), &field.picture().bytes).unwrap();
    assert_eq!(offset(&field.head(&upload).await), 300_000);
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_restart_goes_on_at_the_byte_where_the_old_process_stopped() {
    let mut field = Field::start().await;
    let picture = field.picture().clone();
    let upload = field.begin(&picture).await;
    assert_eq!(
        offset(&field.send(&upload, 0, &picture.bytes[..123_456]).await),
        123_456
    );
    field.harness = field.harness.restarted().await;
    assert_eq!(offset(&field.head(&upload).await), 123_456);
    let rest = field.send(&upload, 123_456, &picture.bytes[123_456..]).await;
    assert_eq!((rest.status.as_u16(), offset(&rest)), (204, 300_000));
    field.assert_whole().await;
}

#[actix_web::test]
async fn an_upload_that_a_power_cut_damaged_begins_again_and_the_phone_is_not_blamed() {
    let mut field = Field::start().await;
    let picture = field.picture().clone();
    let upload = field.begin(&picture).await;
    field.send(&upload, 0, &picture.bytes[..200_000]).await;
    // The length reached the disk, the bytes did not.
    std::fs::write(field.file(&upload), vec![0; 200_000]).unwrap();
    field.harness = field.harness.restarted().await;
    assert_eq!(offset(&field.head(&upload).await), 200_000);
    let last = field.send(&upload, 200_000, &picture.bytes[200_000..]).await;
    assert_eq!((last.status.as_u16(), offset(&last)), (204, 0), "{:#}", last.body);
    assert_eq!(offset(&field.head(&upload).await), 0);
    let whole = field.send(&upload, 0, &picture.bytes).await;
    assert_eq!((whole.status.as_u16(), offset(&whole)), (204, 300_000));
    field.assert_whole().await;
}

#[actix_web::test]
async fn an_unfinished_upload_expires_and_its_bytes_are_cleared_away() {
    let clock = Clock::manual("2026-03-01T08:00:00+07:00".parse().unwrap());
    let pictures = vec![camera_picture(1, 300_000), camera_picture(2, 90_000)];
    let field = Field::with(clock, pictures, |settings| settings.limits.upload_expires_s = 600).await;
    let (first, second) = (
        field.begin(&field.pictures[0]).await,
        field.begin(&field.pictures[1]).await,
    );
    field.send(&first, 0, &field.pictures[0].bytes[..1000]).await;
    field.send(&second, 0, &field.pictures[1].bytes[..500]).await;
    assert_eq!(
        header(&field.head(&first).await, "upload-expires"),
        "Sun, 01 Mar 2026 01:10:00 GMT"
    );
    field.harness.wait(300);
    // Beginning again keeps what is here and starts the time anew.
    let again = answer(field.creation(&field.pictures[1])).await;
    assert_eq!(
        (header(&again, "location"), offset(&again)),
        (second.clone(), 500)
    );
    assert_eq!(header(&again, "upload-expires"), "Sun, 01 Mar 2026 01:15:00 GMT");
    field.harness.wait(300);
    assert_eq!(field.head(&first).await.status, 410);
    let gone = field.send(&first, 1000, &field.pictures[0].bytes[1000..]).await;
    assert_eq!(gone.problem(), "410/upload-gone");
    std::fs::write(
        field.incoming().join("0198c000-0000-7000-8000-000000000000.tus"),
        "nobody's",
    )
    .unwrap();
    std::fs::write(field.incoming().join("letter.tus"), "nobody's").unwrap();
    let swept = field.harness.app.uploads.sweep().await.unwrap();
    assert_eq!((swept.expired, swept.files), (1, 3));
    assert_eq!(field.head(&first).await.status, 404);
    assert_eq!(
        field.files(),
        [second.replace(&format!("{UPLOADS}/"), "") + ".tus"]
    );
    assert_eq!(offset(&field.head(&second).await), 500);
    let anew = answer(field.creation(&field.pictures[0])).await;
    assert_eq!(offset(&anew), 0);
    assert_ne!(header(&anew, "location"), first);
}

#[actix_web::test]
async fn an_upload_begun_again_after_it_expired_is_a_new_one_even_before_the_sweep() {
    let clock = Clock::manual("2026-03-01T08:00:00+07:00".parse().unwrap());
    let pictures = vec![camera_picture(1, 90_000)];
    let field = Field::with(clock, pictures, |settings| settings.limits.upload_expires_s = 300).await;
    let old = field.begin(field.picture()).await;
    field.send(&old, 0, &field.picture().bytes[..1000]).await;
    field.harness.wait(300);
    let new = field.begin(field.picture()).await;
    assert_ne!(new, old);
    assert_eq!(field.head(&old).await.status, 404);
    let swept = field.harness.app.uploads.sweep().await.unwrap();
    assert_eq!((swept.expired, swept.files), (0, 1));
    assert_eq!(field.send(&new, 0, &field.picture().bytes).await.status, 204);
    field.assert_whole().await;
    field.harness.wait(300);
    // The row of a finished upload goes too; the picture stays.
    assert_eq!(field.harness.app.uploads.sweep().await.unwrap().expired, 1);
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_start_clears_away_what_expired_while_nothing_ran() {
    let home = tempfile::tempdir().unwrap();
    let at_home = |settings: &mut Settings| settings.data_dir = home.path().join("data");
    let clock = Clock::manual("2026-03-01T08:00:00+07:00".parse().unwrap());
    let field = Field::with(clock.clone(), vec![camera_picture(1, 90_000)], at_home).await;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &field.picture().bytes[..1000]).await;
    let incoming = home.path().join("data/incoming");
    drop(field);
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 1);
    clock.set("2026-03-09T08:00:00+07:00".parse().unwrap());
    let again = Harness::with(clock, at_home).await;
    assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
    drop(again);
}

#[actix_web::test]
async fn a_sender_may_end_an_upload_also_one_that_hangs() {
    let field = Field::start().await;
    let picture = field.picture();
    let upload = field.begin(picture).await;
    let hung = field.half_a_piece(&upload, 0, picture.len(), &picture.bytes[..100_000], "");
    field.until_there_are(&upload, 65_536).await;
    assert_eq!(answer(field.tus(Method::DELETE, &upload)).await.status, 204);
    assert!(field.files().is_empty());
    for method in [Method::HEAD, Method::DELETE] {
        assert_eq!(answer(field.tus(method, &upload)).await.status, 404);
    }
    drop(hung);
    assert_eq!(field.seen().await["state"], "incomplete");
    // Ending one that is finished takes nothing back.
    let upload = field.begin(picture).await;
    assert_eq!(field.send(&upload, 0, &picture.bytes).await.status, 204);
    assert_eq!(answer(field.tus(Method::DELETE, &upload)).await.status, 204);
    field.assert_whole().await;
}

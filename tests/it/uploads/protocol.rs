//! The words of tus 1.0.0, and who may say them.

use minhchung::domain::Role;
use reqwest::Method;

use super::{Field, PIECE, Picture, UPLOADS, camera_picture, header, metadata, offset};
use crate::support::{COMMUNE, answer};

#[actix_web::test]
async fn everybody_may_ask_what_is_spoken_here() {
    let field = Field::start().await;
    for path in [UPLOADS.to_owned(), field.begin(field.picture()).await] {
        let told = answer(field.harness.request(Method::OPTIONS, &path, "")).await;
        assert_eq!(told.status, 204);
        assert_eq!(header(&told, "tus-resumable"), "1.0.0");
        assert_eq!(header(&told, "tus-version"), "1.0.0");
        assert_eq!(
            header(&told, "tus-extension"),
            "creation,creation-with-upload,checksum,expiration,termination"
        );
        assert_eq!(header(&told, "tus-max-size"), (15 << 20).to_string());
        assert_eq!(header(&told, "tus-checksum-algorithm"), "sha256");
    }
}

#[actix_web::test]
async fn a_request_without_the_right_version_does_nothing_and_is_told_the_right_one() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    for (method, path) in [
        (Method::POST, UPLOADS),
        (Method::HEAD, upload.as_str()),
        (Method::PATCH, &upload),
        (Method::DELETE, &upload),
    ] {
        for version in [None, Some("0.2.2")] {
            let mut request = field.harness.request(method.clone(), path, &field.head.token);
            if let Some(version) = version {
                request = request.header("tus-resumable", version);
            }
            let refused = answer(request).await;
            assert_eq!(refused.status, 412, "{method}");
            assert_eq!(header(&refused, "tus-version"), "1.0.0");
            assert_eq!(header(&refused, "tus-resumable"), "1.0.0");
        }
    }
    assert_eq!(offset(&field.head(&upload).await), 0);
}

#[actix_web::test]
async fn a_whole_picture_in_three_pieces_fills_its_slot_and_says_so_at_every_step() {
    let field = Field::start().await;
    let picture = field.picture();
    let upload = field.begin(picture).await;
    for (from, to) in [(0, 100_000), (100_000, 200_001), (200_001, 300_000)] {
        assert_eq!(field.seen().await["state"], "incomplete");
        let taken = field.send(&upload, from, picture.part(from, to)).await;
        assert_eq!((taken.status.as_u16(), offset(&taken)), (204, to));
        assert_eq!(header(&taken, "tus-resumable"), "1.0.0");
        let asked = field.head(&upload).await;
        assert_eq!((asked.status.as_u16(), offset(&asked)), (200, to));
        assert_eq!(header(&asked, "upload-length"), "300000");
        assert_eq!(header(&asked, "cache-control"), "no-store");
    }
    field.assert_whole().await;
}

#[actix_web::test]
async fn one_may_send_only_for_ones_own_submission_what_it_announces() {
    let field = Field::start().await;
    let picture = field.picture();
    let create = |length: &str, submission: &str, sha256: &str| {
        field
            .tus(Method::POST, UPLOADS)
            .header("upload-length", length)
            .header("upload-metadata", metadata(submission, sha256))
    };
    let (mine, hash) = (field.submission.as_str(), picture.sha256.as_str());
    let unknown = "0198c000-0000-7000-8000-000000000000";
    let cases = [
        (create("300000", unknown, hash), "404/not-found"),
        (create("300000", mine, &"ab".repeat(32)), "422/picture-unexpected"),
        (create("299999", mine, hash), "422/hash-mismatch"),
        (create("15728641", mine, hash), "413/picture-too-large"),
        (create("-1", mine, hash), "400/bad-request"),
        (create("300000", "me", hash), "422/validation-failed"),
        (
            field.tus(Method::POST, UPLOADS).header("upload-length", "1"),
            "422/validation-failed",
        ),
        (
            field
                .tus(Method::POST, UPLOADS)
                .header("upload-metadata", metadata(mine, hash)),
            "411/length-required",
        ),
        (
            field
                .creation(picture)
                .header("content-type", "image/jpeg")
                .body("x"),
            "415/media-type-unsupported",
        ),
        (
            field
                .tus(Method::POST, UPLOADS)
                .header("upload-length", "300000")
                .header(
                    "upload-metadata",
                    metadata(mine, hash)
                        .replace(&super::base64(b"image/jpeg"), &super::base64(b"image/heic")),
                ),
            "415/picture-kind-unsupported",
        ),
    ];
    for (request, expected) in cases {
        let refused = answer(request).await;
        assert_eq!(refused.problem(), expected);
        assert_eq!(header(&refused, "tus-resumable"), "1.0.0", "{expected}");
    }
    let upload = field.begin(picture).await;
    let other = field.harness.person(Role::VillageHead, Some(COMMUNE)).await;
    for (method, path) in [
        (Method::POST, UPLOADS),
        (Method::HEAD, upload.as_str()),
        (Method::PATCH, &upload),
        (Method::DELETE, &upload),
    ] {
        let request = field
            .creation(picture)
            .build()
            .map(|request| request.headers().clone())
            .unwrap();
        let request = field
            .harness
            .client
            .request(method.clone(), field.harness.url(path))
            .headers(request)
            .header("authorization", format!("Bearer {}", other.token))
            .header("upload-offset", "0")
            .header("content-type", PIECE);
        let mut request = request.build().unwrap();
        request.headers_mut().insert(
            "authorization",
            format!("Bearer {}", other.token).parse().unwrap(),
        );
        let status = field.harness.client.execute(request).await.unwrap().status();
        assert_eq!(status, 404, "{method}");
    }
    assert_eq!(offset(&field.head(&upload).await), 0);
}

#[actix_web::test]
async fn only_roles_in_the_field_send_and_other_methods_are_refused_in_words_of_the_protocol() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    let viewer = field.harness.sign_in(Role::Viewer, None).await;
    for (token, expected) in [("", "401/sign-in-required"), (viewer.as_str(), "403/forbidden")] {
        for (method, path) in [
            (Method::POST, UPLOADS),
            (Method::PATCH, &upload),
            (Method::DELETE, &upload),
        ] {
            let refused = answer(field.harness.request(method, path, token)).await;
            assert_eq!(refused.problem(), expected);
            assert_eq!(header(&refused, "tus-resumable"), "1.0.0");
        }
    }
    for (method, path) in [
        (Method::GET, UPLOADS),
        (Method::PUT, &upload),
        (Method::GET, &upload),
    ] {
        let refused = answer(field.tus(method, path)).await;
        assert_eq!(refused.problem(), "405/method-not-allowed");
        assert_eq!(header(&refused, "tus-resumable"), "1.0.0");
    }
    assert_eq!(field.head(&format!("{UPLOADS}/x")).await.status, 404);
}

#[actix_web::test]
async fn a_client_that_can_only_post_says_which_method_it_means() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    let meant = |method: &'static str, meant: &'static str| {
        field
            .tus(Method::from_bytes(method.as_bytes()).unwrap(), &upload)
            .header("x-http-method-override", meant)
            .header("upload-offset", "0")
            .header("content-type", PIECE)
    };
    let taken = answer(meant("POST", "PATCH").body(field.picture().bytes[..1000].to_vec())).await;
    assert_eq!((taken.status.as_u16(), offset(&taken)), (204, 1000));
    // Following a link must not delete anything.
    assert_eq!(answer(meant("GET", "DELETE")).await.status, 405);
    assert_eq!(offset(&field.head(&upload).await), 1000);
    assert_eq!(answer(meant("POST", "DELETE")).await.status, 204);
    assert_eq!(field.head(&upload).await.status, 404);
}

#[actix_web::test]
async fn a_picture_may_begin_with_its_upload_and_what_is_here_of_it_is_passed_over() {
    let field = Field::start().await;
    let picture = field.picture();
    let with = |length: usize| {
        field
            .creation(picture)
            .header("content-type", PIECE)
            .body(picture.bytes[..length].to_vec())
    };
    let first = answer(with(70_000)).await;
    assert_eq!((first.status.as_u16(), offset(&first)), (201, 70_000));
    // The answer was lost: the same again, and then with less and with more.
    for (sent, there) in [(70_000, 70_000), (10, 70_000), (150_000, 150_000)] {
        let again = answer(with(sent)).await;
        assert_eq!(header(&again, "location"), header(&first, "location"));
        assert_eq!((again.status.as_u16(), offset(&again)), (201, there));
    }
    let checked = with(200_000).header("upload-checksum", super::checksum(&picture.bytes[..200_000]));
    assert_eq!(offset(&answer(checked).await), 200_000);
    assert_eq!(offset(&answer(with(300_000)).await), 300_000);
    field.assert_whole().await;
}

#[actix_web::test]
async fn a_withdrawn_submission_takes_no_more_pieces() {
    let field = Field::start().await;
    let upload = field.begin(field.picture()).await;
    field.send(&upload, 0, &field.picture().bytes[..9]).await;
    let path = format!("/api/v1/submissions/{}", field.submission);
    field.harness.delete(&path, &field.head.token).await.expect(200);
    let refused = field.send(&upload, 9, &field.picture().bytes[9..]).await;
    assert_eq!(refused.problem(), "409/submission-withdrawn");
    assert_eq!(
        answer(field.creation(field.picture())).await.problem(),
        "409/submission-withdrawn"
    );
    assert!(field.files().is_empty(), "its file is of no use any more");
}

#[actix_web::test]
async fn what_is_no_picture_or_another_one_is_refused_at_the_end_and_thrown_away() {
    let text = Picture::new(b"not a picture at all".repeat(50));
    let pictures = vec![camera_picture(1, 60_000), text];
    let field = Field::with(minhchung::clock::Clock::system(), pictures, |_| {}).await;
    let text = &field.pictures[1];
    let upload = field.begin(text).await;
    let refused = field.send(&upload, 0, &text.bytes).await;
    assert_eq!(refused.problem(), "415/picture-kind-unsupported");
    assert_eq!(field.head(&upload).await.status, 404);

    let upload = field.begin(field.picture()).await;
    let other = camera_picture(2, 60_000);
    let refused = field.send(&upload, 0, &other.bytes).await;
    assert_eq!(refused.problem(), "422/hash-mismatch");
    assert_eq!(field.head(&upload).await.status, 404);
    assert!(field.files().is_empty());
    // A new one can be begun and ends well.
    let again = field.begin(field.picture()).await;
    assert_ne!(again, upload);
    assert_eq!(field.send(&again, 0, &field.picture().bytes).await.status, 204);
    assert_eq!(field.seen().await["missing"].as_array().unwrap().len(), 1);
}

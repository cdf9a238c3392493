//! Bytes that are not what they say.

use reqwest::Method;
use reqwest::multipart::Part;

use crate::field::{Field, Picture, new_id};
use crate::support::answer;

/// What each is, its bytes, and the problem it has to end in.
fn wrong_pictures(field: &Field) -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = field.picture().bytes;
    let mut huge = good.clone();
    let frame = huge.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
    huge[frame + 5..frame + 9].copy_from_slice(&[0xc3, 0x50, 0xc3, 0x50]);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec();
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xc3\x50\0\0\xc3\x50\x08\x02\0\0\0".to_vec();
    let mut sum = flate2::Crc::new();
    sum.update(&bomb[12..29]);
    bomb.extend(sum.sum().to_be_bytes());
    bomb.extend(b"\0\0\0\0IEND\xae\x42\x60\x82");
    vec![
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0heicmif1\0\0\0\0".to_vec(), "415/picture-kind-unsupported"),
        ("cut JPEG", good[..good.len() / 2].to_vec(), "422/picture-unreadable"),
        ("JPEG of 50,000 × 50,000", huge, "413/picture-too-large"),
        ("PNG of 50,000 × 50,000", bomb, "413/picture-too-large"),
        ("GIF named .jpg", b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec(), "415/picture-kind-unsupported"),
        ("SVG with a script", svg, "415/picture-kind-unsupported"),
        ("a web page", b"<!doctype html><title>x</title>".to_vec(), "415/picture-kind-unsupported"),
        ("zeros", vec![0; 4096], "415/picture-kind-unsupported"),
    ]
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_its_bytes_whatever_it_is_called() {
    let field = Field::start().await;
    let assignment = field.assignment(crate::support::COMMUNE, &field.head).await;
    for (what, bytes, problem) in wrong_pictures(&field) {
        let picture = Picture::of(bytes);
        let id = field.announce(&field.head, &assignment, &[&picture]).await;
        assert_eq!(
            field.send(&field.head, &id, &picture).await.problem(),
            problem,
            "{what}"
        );
        let path = format!("/api/v1/submissions/{id}");
        let stands = field.harness.get(&path, &field.head.token).await.expect(200);
        assert_eq!(
            (stands["state"].as_str(), stands["missing"][0].as_str()),
            (Some("incomplete"), Some(picture.sha256.as_str()))
        );

        let path = format!("/api/v1/submissions/{}", new_id());
        let part = Part::bytes(picture.bytes.clone())
            .file_name("ảnh.jpg")
            .mime_str("image/jpeg")
            .unwrap();
        let form = Field::form(&Field::report(&assignment, &[&picture]), vec![None, Some(part)]);
        let request = field
            .harness
            .request(Method::PUT, &path, &field.head.token)
            .multipart(form);
        assert_eq!(answer(request).await.problem(), problem, "{what} in one request");
        assert_eq!(
            field.harness.get(&path, &field.head.token).await.problem(),
            "404/not-found",
            "{what}: nothing is kept"
        );
        field.assert_clean().await;
    }
}

#[tokio::test]
async fn bytes_that_are_not_the_announced_ones_leave_the_slot_empty() {
    let field = Field::start().await;
    let assignment = field.assignment(crate::support::COMMUNE, &field.head).await;
    let (announced, other) = (field.picture(), field.picture());
    let id = field.announce(&field.head, &assignment, &[&announced]).await;
    let path = format!("/api/v1/submissions/{id}/photos/{}", announced.sha256);
    let put = |bytes: Vec<u8>, kind: &'static str| {
        answer(
            field
                .harness
                .request(Method::PUT, &path, &field.head.token)
                .header("content-type", kind)
                .body(bytes),
        )
    };
    let mut same_length = announced.bytes.clone();
    let middle = same_length.len() / 2;
    same_length[middle] ^= 1;
    for (what, bytes) in [
        ("another picture", other.bytes.clone()),
        ("one bit", same_length),
        ("nothing", Vec::new()),
    ] {
        assert_eq!(
            put(bytes, "image/jpeg").await.problem(),
            "422/hash-mismatch",
            "{what}"
        );
        field.assert_clean().await;
    }
    for kind in ["image/gif", "text/plain", "application/json", "image/svg+xml"] {
        assert_eq!(
            put(announced.bytes.clone(), kind).await.problem(),
            "415/picture-kind-unsupported"
        );
    }
    assert_eq!(
        field.send(&field.head, &id, &other).await.problem(),
        "422/picture-unexpected"
    );
    assert_eq!(
        field.send(&field.head, &id, &announced).await.status,
        201,
        "and then the right one"
    );
    field.assert_clean().await;
}

#[tokio::test]
async fn a_picture_before_its_report_is_told_apart_from_one_that_is_wrong() {
    let field = Field::start().await;
    let picture = field.picture();
    let early = field.send(&field.head, &new_id().to_string(), &picture).await;
    assert_eq!(early.problem(), "404/not-found");
    field.assert_clean().await;
}

#[tokio::test]
async fn a_picture_of_any_allowed_kind_is_taken_under_any_allowed_name() {
    let field = Field::start().await;
    let assignment = field.assignment(crate::support::COMMUNE, &field.head).await;
    let drawn = image::DynamicImage::new_rgb8(32, 24);
    let mut png = std::io::Cursor::new(Vec::new());
    drawn.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = Picture::of(png.into_inner());
    let id = field.announce(&field.head, &assignment, &[&png]).await;
    // A phone that calls every picture a JPEG is believed in nothing; the bytes decide.
    field.send(&field.head, &id, &png).await.expect(201);
    let path = format!("/api/v1/photos/{}", png.sha256);
    let shown = field
        .harness
        .request(Method::GET, &path, &field.head.token)
        .send()
        .await
        .unwrap();
    assert_eq!(shown.headers()["content-type"], "image/png");
    assert_eq!(shown.bytes().await.unwrap(), png.bytes);
    field.assert_clean().await;
}

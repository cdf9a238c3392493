//! JSON that is none, and bodies that are too long, too slow or never end.

use minhchung::domain::Role;
use minhchung::http::openapi;
use reqwest::Method;
use tokio::io::AsyncWriteExt;

use super::raw::{PATIENCE, connect, exchange, head, read};
use crate::field::{Field, new_id};
use crate::support::{COMMUNE, answer};

#[tokio::test]
async fn what_is_no_json_is_a_400_with_its_place_and_never_a_500() {
    let field = Field::start().await;
    let path = format!("/api/v1/submissions/{}", new_id());
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let deep_object = [br#"{"x":"#.repeat(100_000), b"1".to_vec(), vec![b'}'; 100_000]].concat();
    for (what, body) in [
        ("nothing", Vec::new()),
        ("half of it", br#"{"assignment_id": "#.to_vec()),
        ("words", b"xin ch\xc3\xa0o".to_vec()),
        ("invalid UTF-8", b"{\"note\": \"\xff\xfe\"}".to_vec()),
        ("a NUL byte", b"{\"note\": \"\0\"}".to_vec()),
        ("half a surrogate pair", br#"{"note": "\ud800"}"#.to_vec()),
        (
            "not a number",
            br#"{"location": {"lat": NaN, "lon": 1, "accuracy_m": 1}}"#.to_vec(),
        ),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec()),
    ] {
        let request = field.harness.request(Method::PUT, &path, &field.head.token);
        let refused = answer(request.header("content-type", "application/json").body(body)).await;
        assert_eq!(refused.problem(), "400/malformed-json", "{what}");
    }
    // What nobody asked for is passed over without a stack for it; where a text has to be, a list is a wrong value.
    let within = |member: &str| {
        [
            format!("{{\"{member}\":").into_bytes(),
            deep.clone(),
            b"}".to_vec(),
        ]
        .concat()
    };
    for (what, body) in [
        ("a list", deep.clone()),
        ("objects", deep_object),
        ("an unknown member", within("x")),
        ("a known member", within("note")),
    ] {
        let request = field.harness.request(Method::PUT, &path, &field.head.token);
        let refused = answer(request.header("content-type", "application/json").body(body)).await;
        let expected = ["400/malformed-json", "422/validation-failed"];
        assert!(
            expected.contains(&refused.problem().as_str()),
            "100,000 deep: {what}: {}",
            refused.problem()
        );
    }
    for scalar in ["null", "[]", "1", "\"x\"", "{}"] {
        let request = field.harness.request(Method::PUT, &path, &field.head.token);
        let refused = answer(request.header("content-type", "application/json").body(scalar)).await;
        assert_eq!(refused.problem(), "422/validation-failed", "{scalar}");
    }
    field.assert_clean().await;
}

#[tokio::test]
async fn ten_gigabytes_are_refused_by_their_announcement_alone() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let picture = field.picture();
    let id = field.announce(&field.head, &assignment, &[&picture]).await;
    let length = format!("Content-Length: {}", 10_u64 << 30);
    let photo = format!("/api/v1/submissions/{id}/photos/{}", picture.sha256);
    let fresh = format!("/api/v1/submissions/{}", new_id());
    let (head_token, admin) = (&field.head.token, &field.admin.token);
    for (method, path, token, kind, problem) in [
        (
            "PUT",
            photo.as_str(),
            head_token,
            "image/jpeg",
            "413/picture-too-large",
        ),
        (
            "PUT",
            &fresh,
            head_token,
            "application/json",
            "413/body-too-large",
        ),
        (
            "PUT",
            &fresh,
            head_token,
            "multipart/form-data; boundary=x",
            "413/body-too-large",
        ),
        (
            "POST",
            "/api/v1/assignments/import",
            admin,
            "text/csv",
            "413/body-too-large",
        ),
        (
            "POST",
            "/api/v1/users",
            admin,
            "application/json",
            "413/body-too-large",
        ),
        (
            "POST",
            "/api/v1/auth/login",
            &String::new(),
            "application/json",
            "413/body-too-large",
        ),
    ] {
        let request = head(
            method,
            path,
            token,
            &[length.clone(), format!("Content-Type: {kind}")],
        );
        let refused = exchange(&field, &request).await;
        assert_eq!(refused.problem(), problem, "{method} {path}");
    }
    // Without an announcement it is refused at the first byte too many.
    let request = field.harness.request(Method::POST, "/api/v1/auth/login", "");
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 65_536]));
    let sent = request
        .header("content-type", "application/json")
        .body(reqwest::Body::wrap_stream(endless))
        .send()
        .await;
    // The client may be cut while it still talks.
    assert!(sent.is_err() || sent.is_ok_and(|answer| answer.status() == 413));
    field.assert_clean().await;
}

#[tokio::test]
async fn a_body_that_trickles_or_stops_is_a_408_and_leaves_nothing() {
    for silent in [true, false] {
        let field = Field::with(|settings| {
            settings.limits.body_idle_ms = if silent { 200 } else { 20_000 };
            settings.limits.body_grace_ms = 100;
            settings.limits.body_min_bytes_per_s = if silent { 0 } else { 1 << 20 };
        })
        .await;
        let assignment = field.assignment(COMMUNE, &field.head).await;
        let picture = field.picture();
        let id = field.announce(&field.head, &assignment, &[&picture]).await;
        let photo = format!("/api/v1/submissions/{id}/photos/{}", picture.sha256);
        let fresh = format!("/api/v1/submissions/{}", new_id());
        let part = "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n";
        for (path, kind, start) in [
            (&photo, "image/jpeg", &picture.bytes[..10]),
            (&fresh, "application/json", &b"{\"note\": \""[..]),
            (&fresh, "multipart/form-data; boundary=x", part.as_bytes()),
        ] {
            let length = if path == &photo {
                picture.bytes.len()
            } else {
                100_000
            };
            let more = [
                format!("Content-Length: {length}"),
                format!("Content-Type: {kind}"),
            ];
            let mut connection = connect(&field).await;
            connection
                .write_all(&head("PUT", path, &field.head.token, &more))
                .await
                .unwrap();
            connection.write_all(start).await.unwrap();
            let (mut reading, mut writing) = connection.split();
            let trickle = async {
                let mut beat = tokio::time::interval(std::time::Duration::from_millis(50));
                let mut sent = start.len();
                loop {
                    beat.tick().await;
                    sent += 1;
                    // One byte short of the whole, so that it never ends by itself.
                    if !silent && sent < length && writing.write_all(b"a").await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let mut answer = [0; 12];
            tokio::select! {
                read = tokio::time::timeout(PATIENCE, tokio::io::AsyncReadExt::read_exact(&mut reading, &mut answer)) => {
                    read.expect("no answer").unwrap();
                }
                () = trickle => unreachable!("it trickles for ever"),
            }
            assert_eq!(
                std::str::from_utf8(&answer),
                Ok("HTTP/1.1 408"),
                "{kind}, silent: {silent}"
            );
            drop(connection);
            field.assert_clean().await;
        }
        assert_eq!(
            field.send(&field.head, &id, &picture).await.status,
            201,
            "the slot is free for the next try"
        );
        assert_eq!(
            field.harness.get(&fresh, &field.head.token).await.problem(),
            "404/not-found"
        );
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let picture = field.picture();
    let id = field.announce(&field.head, &assignment, &[&picture]).await;
    let path = format!("/api/v1/submissions/{id}/photos/{}", picture.sha256);
    let more = [
        format!("Content-Length: {}", picture.bytes.len()),
        "Content-Type: image/jpeg".into(),
    ];
    for share in [0, 1, picture.bytes.len() / 2, picture.bytes.len() - 1] {
        let mut connection = connect(&field).await;
        connection
            .write_all(&head("PUT", &path, &field.head.token, &more))
            .await
            .unwrap();
        connection.write_all(&picture.bytes[..share]).await.unwrap();
        connection.shutdown().await.unwrap();
        drop(connection);
        field.assert_clean().await;
    }
    assert_eq!(field.send(&field.head, &id, &picture).await.status, 201);
    field.assert_clean().await;
}

#[tokio::test]
async fn every_operation_with_a_json_body_tells_broken_json_and_foreign_types_alike() {
    let field = Field::start().await;
    let officer = field.harness.sign_in(Role::TipOfficer, None).await;
    for operation in openapi::operations() {
        let content = operation.body.pointer("/requestBody/content");
        let Some(content) = content.filter(|content| content.get("application/json").is_some()) else {
            continue;
        };
        // A frame of the tip line is refused in one way, whatever is wrong with it.
        if operation.path.starts_with("/api/v1/tips") {
            continue;
        }
        let path = operation.path.replace("{id}", &new_id().to_string());
        let roles = operation.body["x-roles"].as_array();
        let is_for = |role: &str| roles.is_some_and(|roles| roles.iter().any(|name| name == role));
        let token = match (is_for("admin"), is_for("village_head")) {
            (true, _) => field.admin.token.as_str(),
            (false, true) => &field.head.token,
            (false, false) if is_for("tip_officer") => &officer,
            (false, false) => "",
        };
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        let request = || {
            field
                .harness
                .request(method.clone(), &path, token)
                .header("if-match", "\"1\"")
        };
        let broken = answer(
            request()
                .header("content-type", "application/json")
                .body("{\"a\": "),
        )
        .await;
        let expected = ["400/malformed-json", "404/not-found"];
        assert!(
            expected.contains(&broken.problem().as_str()),
            "{method} {path}: {}",
            broken.problem()
        );
        let foreign = answer(request().header("content-type", "text/xml").body("<a/>")).await;
        let expected = ["415/media-type-unsupported", "404/not-found"];
        assert!(
            expected.contains(&foreign.problem().as_str()),
            "{method} {path}: {}",
            foreign.problem()
        );
        assert_eq!(content.get("text/xml"), None);
    }
    let raw = exchange(
        &field,
        &head("POST", "/api/v1/auth/login", "", &["Content-Length: 0".into()]),
    )
    .await;
    assert_eq!(raw.problem(), "415/media-type-unsupported", "no type at all");
    let mut connection = connect(&field).await;
    let chunks = head(
        "POST",
        "/api/v1/auth/login",
        "",
        &[
            "Content-Type: application/json".into(),
            "Transfer-Encoding: chunked".into(),
        ],
    );
    connection
        .write_all(&[&chunks[..], b"zz\r\nnot a chunk\r\n"].concat())
        .await
        .unwrap();
    assert_eq!(read(&mut connection).await.status(), 400, "a broken chunk");
}

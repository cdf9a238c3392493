//! Reports and pictures in one request, put together wrongly.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use uuid::Uuid;

use super::raw::{exchange, head};
use crate::field::{Field, Picture, new_id};
use crate::support::{Answer, COMMUNE, answer};

fn photo(picture: &Picture, name: &str) -> Part {
    Part::bytes(picture.bytes.clone())
        .file_name(name.to_owned())
        .mime_str("image/jpeg")
        .unwrap()
}

async fn put(field: &Field, id: Uuid, form: Form) -> Answer {
    let path = format!("/api/v1/submissions/{id}");
    answer(
        field
            .harness
            .request(Method::PUT, &path, &field.head.token)
            .multipart(form),
    )
    .await
}

/// A report that leaves the list of pictures to the request.
fn bare(assignment: &str) -> Value {
    let mut report = Field::report(assignment, &[]);
    report.as_object_mut().unwrap().remove("photos");
    report
}

#[tokio::test]
async fn parts_in_any_order_and_names_in_any_script_make_one_submission() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let (one, two) = (field.picture(), field.picture());
    let first = Some(photo(&one, "Ảnh chụp \"cổng\" – thôn Nậm Rịa; 1.jpg"));
    let second = Some(photo(&two, "../../../etc/passwd"));
    let id = new_id();
    let made = put(
        &field,
        id,
        Field::form(&bare(&assignment), vec![first, None, second]),
    )
    .await
    .expect(201);
    assert_eq!(made["state"], "pending");
    assert_eq!(made["photos"][0]["sha256"], one.sha256.as_str());
    // The same again, the other way round and under other names: one record.
    let again = vec![
        None,
        Some(photo(&one, "x")),
        Some(photo(&two, "\u{feff}\u{202e}gpj")),
    ];
    let repeated = put(&field, id, Field::form(&bare(&assignment), again))
        .await
        .expect(200);
    assert_eq!(repeated["version"], made["version"]);
    field.assert_clean().await;
}

#[tokio::test]
async fn too_many_too_few_and_unknown_parts_are_refused_whole() {
    let field = Field::start().await;
    let assignment = field.assignment(COMMUNE, &field.head).await;
    let report = bare(&assignment);
    let pictures: Vec<Picture> = (0..6).map(|_| field.picture()).collect();
    let photos = |count: usize| {
        pictures[..count]
            .iter()
            .map(|picture| Some(photo(picture, "a.jpg")))
            .collect::<Vec<_>>()
    };
    let with_report = |count| Field::form(&report, [vec![None], photos(count)].concat_parts());
    let mut other = Field::report(&assignment, &[&pictures[0]]);
    other["note"] = "khác".into();
    let stray = Field::form(&other, vec![None, Some(photo(&pictures[1], "b.jpg"))]);
    for (what, form, problem) in [
        ("six pictures", with_report(6), "422/validation-failed"),
        ("no picture", with_report(0), "422/validation-failed"),
        (
            "no report",
            Field::form(&report, photos(1)),
            "422/validation-failed",
        ),
        (
            "two reports",
            Field::form(&report, vec![None, None]),
            "422/validation-failed",
        ),
        (
            "a stranger's part",
            with_report(1).text("comment", "x"),
            "422/validation-failed",
        ),
        (
            "a picture that the report does not list",
            stray,
            "422/picture-unexpected",
        ),
        (
            "a report that is no JSON",
            Form::new().text("report", "<report/>"),
            "400/malformed-json",
        ),
        (
            "a report of 2 MiB",
            Form::new().text("report", " ".repeat(2 << 20)),
            "413/body-too-large",
        ),
        (
            "nothing",
            Form::new(),
            "400/body-incomplete 400/malformed-multipart 422/validation-failed",
        ),
    ] {
        let id = new_id();
        let refused = put(&field, id, form).await.problem();
        assert!(
            problem.split(' ').any(|allowed| allowed == refused),
            "{what}: {refused}"
        );
        let path = format!("/api/v1/submissions/{id}");
        assert_eq!(
            field.harness.get(&path, &field.head.token).await.problem(),
            "404/not-found",
            "{what}"
        );
        field.assert_clean().await;
    }
}

#[tokio::test]
async fn a_broken_envelope_is_a_400() {
    let field = Field::start().await;
    let path = format!("/api/v1/submissions/{}", new_id());
    let good = "--x\r\nContent-Disposition: form-data; name=\"report\"\r\n\r\n{}\r\n";
    for (kind, body) in [
        ("multipart/form-data", good.to_owned()),
        ("multipart/form-data; boundary=", good.to_owned()),
        ("multipart/form-data; boundary=y", good.to_owned()),
        ("multipart/form-data; boundary=x", "no boundary at all".to_owned()),
        (
            "multipart/form-data; boundary=x",
            good.replace("Content-Disposition: form-data; name=\"report\"", "X: y"),
        ),
        (
            "multipart/form-data; boundary=x",
            good.replace("form-data; name", "attachment; nix"),
        ),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\nhalf a pict".to_owned(),
        ),
        (
            "multipart/form-data; boundary=x",
            format!("--x\r\n{}\r\n\r\n", "A: b\r\n".repeat(10_000)),
        ),
    ] {
        let more = [
            format!("Content-Type: {kind}"),
            format!("Content-Length: {}", body.len()),
        ];
        let request = [
            head("PUT", &path, &field.head.token, &more),
            body.clone().into_bytes(),
        ]
        .concat();
        let refused = exchange(&field, &request).await;
        let shown: String = body.chars().take(60).collect();
        assert!(
            [400, 422].contains(&refused.status()),
            "{kind}: {shown:?}: {}",
            refused.problem()
        );
        field.assert_clean().await;
    }
    assert_eq!(
        field.harness.get(&path, &field.head.token).await.problem(),
        "404/not-found"
    );
}

trait ConcatParts {
    fn concat_parts(self) -> Vec<Option<Part>>;
}

impl<const N: usize> ConcatParts for [Vec<Option<Part>>; N] {
    fn concat_parts(self) -> Vec<Option<Part>> {
        self.into_iter().flatten().collect()
    }
}

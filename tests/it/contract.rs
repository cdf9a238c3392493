//! What a client tries that was written from the contract alone.

use minhchung::domain::Role;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::field::Field;
use crate::support::{COMMUNE, Harness, OTHER_COMMUNE, answer};

#[actix_web::test]
async fn head_is_answered_like_get_without_a_body() {
    let harness = Harness::start().await;
    for path in ["/health/live", "/api/v1/campaign", "/api/v1/openapi.json"] {
        let response = harness.request(Method::HEAD, path, "").send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        assert!(response.bytes().await.unwrap().is_empty(), "{path}");
    }
    let hidden = harness.send(Method::HEAD, "/api/v1/completion", "", None).await;
    assert_eq!(hidden.status, 401);
    let unknown = harness.send(Method::HEAD, "/nowhere", "", None).await;
    assert_eq!(unknown.status, 404);
}

#[actix_web::test]
async fn many_decisions_are_judged_each_for_itself_also_those_that_cannot_be_read() {
    let field = Field::start().await;
    let place = field.assignment(COMMUNE, &field.head).await;
    let (id, _) = field.submission(&field.head, &place).await;
    let path = format!("/api/v1/submissions/{id}");
    let version = field.harness.get(&path, &field.admin.token).await.expect(200)["version"].clone();
    let body = json!({ "reviews": [
        { "submission_id": "no-id", "decision": "verify", "version": 1 },
        { "submission_id": id, "decision": "reject", "reason": "no_such_reason", "version": version },
        { "submission_id": id, "decision": "verify", "version": version },
        "nothing",
        { "submission_id": id, "decision": "verify" },
    ] });
    let answer = field
        .harness
        .post("/api/v1/reviews", &field.admin.token, body)
        .await
        .expect(200);
    let outcome = |at: usize| {
        let item = &answer["items"][at];
        (
            item["status"].as_u64().unwrap(),
            item["problem"]["fields"][0]["pointer"]
                .as_str()
                .unwrap_or("")
                .to_owned(),
        )
    };
    assert_eq!(outcome(0), (422, "/reviews/0/submission_id".to_owned()));
    assert_eq!(outcome(1).0, 422);
    assert_eq!(outcome(2), (200, String::new()));
    assert_eq!(outcome(3), (422, "/reviews/3".to_owned()));
    assert_eq!(outcome(4), (422, "/reviews/4/version".to_owned()));
    assert_eq!(answer["items"][0]["submission_id"], Value::Null);
    assert_eq!(answer["items"][1]["submission_id"], json!(id));
    assert_eq!(answer["items"][2]["submission"]["state"], "verified");
}

#[actix_web::test]
async fn a_cursor_opens_no_other_list_and_no_other_filter_or_order() {
    let field = Field::start().await;
    for _ in 0..3 {
        let place = field.assignment(COMMUNE, &field.head).await;
        field.submission(&field.head, &place).await;
    }
    let token = &field.admin.token;
    let list = "/api/v1/submissions?state=pending&order=newest&limit=1";
    let next = field.harness.get(list, token).await.expect(200)["next"].clone();
    let next = next.as_str().unwrap();
    // The page may have another length, and the parameters another order.
    let same = format!("/api/v1/submissions?limit=2&after={next}&order=newest&state=pending&commune=");
    let rest = field.harness.get(&same, token).await.expect(200);
    assert_eq!(rest["items"].as_array().unwrap().len(), 2);
    for other in [
        format!("/api/v1/submissions?state=pending&order=oldest&after={next}"),
        format!("/api/v1/submissions?order=newest&after={next}"),
        format!("/api/v1/submissions?state=pending&order=newest&commune={COMMUNE}&after={next}"),
        format!("/api/v1/assignments?after={next}"),
        format!("/api/v1/users?after={next}"),
    ] {
        let refused = field.harness.get(&other, token).await;
        assert_eq!(refused.problem(), "400/cursor-invalid", "{other}");
    }
}

#[actix_web::test]
async fn a_missing_or_wrong_field_is_named_in_words_of_the_askers_language() {
    let field = Field::start().await;
    let path = format!("/api/v1/submissions/{}", crate::field::new_id());
    let place = field.assignment(COMMUNE, &field.head).await;
    let mut report = Field::report(&place, &[&field.picture()]);
    report["photos"][0].as_object_mut().unwrap().remove("bytes");
    let request = field.harness.request(Method::PUT, &path, &field.head.token);
    let refused = answer(request.header("accept-language", "vi").json(&report)).await;
    assert_eq!(refused.problem(), "422/validation-failed");
    assert_eq!(refused.body["fields"][0]["pointer"], "/photos/0/bytes");
    assert_eq!(refused.body["fields"][0]["code"], "missing");
    let list = json!(["someone", "password", null, null, null]);
    let refused = field.harness.post("/api/v1/auth/login", "", list).await;
    assert_eq!(refused.problem(), "422/validation-failed", "a list is no log-in");
}

#[actix_web::test]
async fn a_picture_called_image_jpg_is_taken_and_a_cut_one_is_refused_in_vietnamese() {
    let field = Field::start().await;
    let place = field.assignment(COMMUNE, &field.head).await;
    let picture = field.picture();
    let cut = crate::field::Picture::of(picture.bytes[..picture.bytes.len() - 9].to_vec());
    let id = field.announce(&field.head, &place, &[&picture, &cut]).await;
    let put = |picture: &crate::field::Picture| {
        let path = format!("/api/v1/submissions/{id}/photos/{}", picture.sha256);
        let request = field.harness.request(Method::PUT, &path, &field.head.token);
        request
            .header("content-type", "image/jpg")
            .body(picture.bytes.clone())
    };
    answer(put(&picture)).await.expect(201);
    let mut refused = put(&cut).build().unwrap();
    refused
        .headers_mut()
        .insert("accept-language", "vi".parse().unwrap());
    let refused: Value = reqwest::Client::new()
        .execute(refused)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(refused["code"], "picture-unreadable");
    assert_eq!(
        refused["detail"],
        "Ảnh bị cắt cụt, thiếu phần cuối. Hãy gửi lại hoặc chụp lại."
    );
}

#[actix_web::test]
async fn a_plan_comes_as_a_form_too_and_a_refused_one_names_line_and_column() {
    let field = Field::start().await;
    let form = |table: &'static str| {
        let file = Part::text(table)
            .file_name("ke-hoach.csv")
            .mime_str("text/csv")
            .unwrap();
        let request = field
            .harness
            .request(Method::POST, "/api/v1/assignments/import", &field.admin.token);
        request.multipart(Form::new().text("note", "x").part("file", file))
    };
    let good = "commune,village,place,cell,due\n02647,Thôn Thử,Cổng chợ,banner.1,2026-06-30\n";
    let report = answer(form(good)).await.expect(200);
    assert_eq!(report["created"], 1);
    let bad = "commune,village,place,cell,due\n02647,Thôn Thử,Cổng chợ,banner.9,2026-06-30\n";
    let refused = answer(form(bad)).await;
    assert_eq!(refused.problem(), "422/import-rejected");
    assert_eq!(refused.body["fields"][0]["line"], 2);
    assert_eq!(refused.body["fields"][0]["column"], "cell");
}

#[actix_web::test]
async fn spans_are_named_by_days_or_by_moments() {
    let field = Field::start().await;
    let place = field.assignment(COMMUNE, &field.head).await;
    field.submission(&field.head, &place).await;
    // It arrived at noon in Vietnam.
    for (span, found) in [
        ("from=2026-06-15&to=2026-06-15", 1),
        ("from=2026-06-15T04:59:00Z&to=2026-06-15T05:01:00Z", 1),
        ("from=2026-06-15T12:00:00%2B07:00", 1),
        ("from=2026-06-15T12:00:00+07:00", 1),
        ("from=2026-06-15T12:00:01%2B07:00", 0),
        ("to=2026-06-15T04:59:59Z", 0),
        ("to=2026-06-14", 0),
    ] {
        let path = format!("/api/v1/submissions?{span}");
        let page = field.harness.get(&path, &field.admin.token).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{span}");
    }
    let path = "/api/v1/completion/timeline?from=2026-06-14T18:00:00Z&to=2026-06-15";
    let days = field.harness.get(path, &field.admin.token).await.expect(200);
    assert_eq!(
        days["items"][0]["date"], "2026-06-15",
        "in Vietnam it is the next day already"
    );
}

#[actix_web::test]
async fn an_empty_span_of_days_is_refused_and_planning_for_another_commune_is_not_found() {
    let field = Field::start().await;
    let path = "/api/v1/completion/timeline?from=2026-06-20&to=2026-06-10";
    let refused = field.harness.get(path, &field.admin.token).await;
    assert_eq!(refused.problem(), "422/validation-failed");
    let officer = field.harness.person(Role::CommuneOfficer, Some(COMMUNE)).await;
    let body = json!({
        "commune": OTHER_COMMUNE, "village": "Thôn Thử", "place": "Cổng", "cell": "banner.2", "due": "2026-06-30",
    });
    let refused = field
        .harness
        .post("/api/v1/assignments", &officer.token, body)
        .await;
    assert_eq!(refused.problem(), "404/not-found");
}

//! The document against the code: committed, complete, and the same as what is routed.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App as ActixApp, HttpRequest, HttpResponse};

use super::*;
use crate::http;
use crate::http::pages::PATHS;

/// What anybody may call. Everything else names its roles.
const PUBLIC: [&str; 17] = [
    "begin_tip",
    "campaign",
    "communes",
    "delete_tip_mailbox",
    "enrol",
    "health_live",
    "health_ready",
    "log_in",
    "metrics",
    "openapi",
    "read_tip_mailbox",
    "receipt_keys",
    "refresh",
    "send_tip",
    "tip_desk",
    "upload_abilities",
    "upload_abilities_at",
];

fn operation_id(operation: &Operation<'_>) -> &'static str {
    let body: &'static Value = document()
        .pointer(&format!(
            "/paths/{}/{}",
            operation.path.replace('/', "~1"),
            operation.method
        ))
        .unwrap();
    body["operationId"].as_str().unwrap()
}

#[test]
fn the_committed_document_is_the_one_that_the_code_makes() {
    let committed = include_str!("../../api-spec/openapi.json");
    assert!(
        committed == text(),
        "api-spec/openapi.json is old; run ./scripts/gen-api"
    );
}

#[test]
fn every_operation_has_an_id_of_its_own_a_summary_and_a_known_tag() {
    assert_eq!(document()["openapi"], "3.1.0");
    let tags: BTreeSet<_> = document()["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let mut ids = BTreeSet::new();
    for operation in operations() {
        assert!(ids.insert(operation_id(&operation)), "{operation:?}");
        assert!(
            operation.body["summary"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{operation:?}"
        );
        let its_tags = operation.body["tags"].as_array().unwrap();
        assert!(
            its_tags.iter().all(|tag| tags.contains(tag.as_str().unwrap())),
            "{operation:?}"
        );
    }
}

#[test]
fn an_operation_names_its_roles_or_is_on_the_list_of_public_ones() {
    let public = BTreeSet::from(PUBLIC);
    for operation in operations() {
        let id = operation_id(&operation);
        let has_roles = operation
            .body
            .get("x-roles")
            .is_some_and(|roles| !roles.as_array().unwrap().is_empty());
        assert_eq!(has_roles, !public.contains(id), "{id}");
        assert_eq!(has_roles, operation.body.get("security").is_some(), "{id}");
    }
}

#[test]
fn whatever_is_no_success_is_described_as_a_problem() {
    for operation in operations() {
        for (status, response) in operation.body["responses"].as_object().unwrap() {
            assert!(
                !response["description"].as_str().unwrap().is_empty(),
                "{operation:?} {status}"
            );
            if status.as_str() >= "400" && operation.method != "head" {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{operation:?} {status}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn follow(value: &Value) {
        if let Some(path) = value.get("$ref").and_then(Value::as_str) {
            let found = document().pointer(path.strip_prefix('#').unwrap());
            assert!(found.is_some(), "{path}");
        }
        value
            .as_object()
            .into_iter()
            .flatten()
            .for_each(|(_, inner)| follow(inner));
        value.as_array().into_iter().flatten().for_each(follow);
    }
    follow(document());
}

/// Every registered path. The framework lists them nowhere but in what it prints for debugging.
async fn registered(request: HttpRequest) -> HttpResponse {
    HttpResponse::Ok().body(format!("{:?}", request.resource_map()))
}

fn patterns(printed: &str) -> BTreeSet<String> {
    let parts = printed.split("Single(\"").skip(1);
    parts
        .map(|part| part.split('"').next().unwrap().to_owned())
        .filter(|pattern| pattern.starts_with('/') && pattern != "/__registered")
        .collect()
}

#[actix_web::test]
async fn what_is_routed_is_in_the_document_and_what_is_in_the_document_is_routed() {
    let service = init_service(
        ActixApp::new()
            .service(web::resource("/__registered").to(registered))
            .configure(http::configure),
    )
    .await;
    let answer = call_service(&service, TestRequest::get().uri("/__registered").to_request()).await;
    let printed = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
    let routed = patterns(std::str::from_utf8(&printed).unwrap());
    assert!(
        routed.len() > 20,
        "the framework prints its paths otherwise: {routed:?}"
    );

    let files = http::web_clients::paths();
    let mut described = BTreeMap::<&str, BTreeSet<String>>::new();
    for operation in operations() {
        described
            .entry(operation.path)
            .or_default()
            .insert(operation.method.to_uppercase());
    }
    for page in PATHS {
        described.insert(page, BTreeSet::from(["GET".to_owned()]));
    }
    for file in &files {
        described.insert(file, BTreeSet::from(["GET".to_owned(), "HEAD".to_owned()]));
    }
    let paths: BTreeSet<String> = described.keys().map(|path| (*path).to_owned()).collect();
    assert_eq!(routed, paths, "left: routed, right: described");

    for (pattern, methods) in described {
        let path = pattern.replace(['{', '}'], "");
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            let request = TestRequest::with_uri(&path).method(Method::from_bytes(method.as_bytes()).unwrap());
            // Without the application behind them handlers fail with 500; only what is not routed is 405.
            let status = call_service(&service, request.to_request()).await.status();
            let routed = status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(routed, methods.contains(method), "{method} {pattern}: {status}");
        }
    }
}

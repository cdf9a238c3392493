//! The specification: one OpenAPI 3.1 document of every operation, generated from the handlers.
//!
//! Invariant: an operation is in here if and only if it is routed (a test asks every path with every method), every
//! operation has an id of its own, and whatever is not a success is described as problem+json.
//! Refuses: hand-written descriptions of operations; those stand beside the handlers.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::problem::ProblemBody;
use super::routes;

/// The methods that an operation can have, as the document names them.
const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// Where the document is served.
pub(in crate::http) const PATH: &str = "/api/v1/openapi.json";

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource(PATH).route(web::get().to(openapi)));
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "minhchung",
        description = "Field evidence for public campaigns: pictures from a phone become verified completion per \
            commune.\n\nTimes are RFC 3339 with offset, coordinates WGS 84 degrees, lengths metres. Lists take \
            `limit` and `after` and answer `{items, next}`. Whatever is not a success is \
            `application/problem+json` (RFC 9457) in the language of `Accept-Language` (vi or en): 401 pauses until \
            log-in; 408, 429, 5xx and silence are tried again; every other 4xx is final for that item. \
            `x-roles` names the roles that may call an operation; what is not yours answers 404.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "The server that serves this document")),
    tags(
        (name = "accounts", description = "Log-in, phones that join, people and their devices"),
        (name = "campaign", description = "What has to be shown, and where; public"),
        (name = "planning", description = "The plan: one assignment for each place where one thing must be shown"),
        (name = "evidence", description = "Reports and pictures from phones, and their receipts"),
        (name = "review", description = "A person's decision on a submission"),
        (name = "completion", description = "How far everything is: per commune and cell, per day, and as it changes"),
        (name = "tips", description = "Say something and stay unknown; none of these requests is logged"),
        (name = "tip desk", description = "Sealed messages for tip officers alone"),
        (name = "health", description = "Whether the service is alive and can really write"),
        (name = "specification", description = "This document"),
    ),
    paths(
        routes::auth::log_in, routes::auth::enrol, routes::auth::refresh, routes::auth::log_out,
        routes::auth::offer_totp, routes::auth::confirm_totp, routes::auth::me,
        routes::users::list, routes::users::create, routes::users::show, routes::users::change,
        routes::users::invite, routes::users::remove_device,
        routes::campaign::campaign, routes::campaign::communes,
        routes::assignments::list, routes::assignments::create, routes::assignments::assignment,
        routes::assignments::change, routes::assignments::cancel,
        routes::assignments::due::set_due, routes::assignments::import::import, routes::assignments::import::template,
        routes::submissions::put_submission, routes::submissions::put_photo, routes::submissions::list,
        routes::submissions::submission, routes::submissions::history, routes::submissions::withdraw,
        routes::photos::photo, routes::receipts::keys,
        routes::reviews::review, routes::reviews::review_many,
        routes::claims::list, routes::claims::claim, routes::claims::release,
        routes::sheets::draw, routes::sheets::verify, routes::trail::audit, routes::trail::for_assignment,
        routes::boundaries::boundaries, routes::completion::board, routes::completion::commune, routes::completion::timeline,
        routes::events::events,
        routes::uploads::abilities,
        routes::uploads::abilities_at_upload,
        routes::uploads::create,
        routes::uploads::progress,
        routes::uploads::append,
        routes::uploads::terminate,
        routes::tips::desk, routes::tips::challenge, routes::tips::send, routes::tips::mailbox,
        routes::tips::delete_mailbox,
        routes::tip_desk::list, routes::tip_desk::register, routes::tip_desk::take_out, routes::tip_desk::sort,
        routes::tip_desk::shred, routes::tip_desk::purge, routes::tip_desk::reply, routes::tip_desk::flood,
        routes::tip_desk::set_flood, routes::tip_desk::counts, routes::tip_desk::keys, routes::tip_desk::add_key,
        routes::tip_desk::retire_key, routes::tip_desk::notice,
        routes::health::live, routes::health::ready, routes::metrics::metrics,
        openapi,
    ),
    components(schemas(ProblemBody))
)]
struct Document;

static DOCUMENT: LazyLock<Value> = LazyLock::new(build);
static TEXT: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string_pretty(&*DOCUMENT).unwrap_or_default() + "\n");
/// The one thing to read whose end nobody can wait for, so that it has no HEAD.
pub const EVENTS: &str = "/api/v1/events";

static ALLOWED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let mut allowed = BTreeMap::<String, Vec<String>>::new();
    for operation in operations() {
        let methods = allowed.entry(operation.path.to_owned()).or_default();
        methods.push(operation.method.to_uppercase());
        if operation.method == "get" && operation.path != EVENTS {
            methods.push("HEAD".to_owned());
        }
    }
    allowed
        .into_iter()
        .map(|(path, methods)| (path, methods.join(", ")))
        .collect()
});

/// One operation of the document.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    /// Its path, with parameters in braces.
    pub path: &'a str,
    /// Its method, in lower case.
    pub method: &'a str,
    /// Everything else about it.
    pub body: &'a Value,
}

/// The document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The document as it is committed and served: pretty-printed, with a newline at its end.
pub fn text() -> &'static str {
    &TEXT
}

/// Every operation, in the order of the document.
pub fn operations() -> impl Iterator<Item = Operation<'static>> {
    let paths = DOCUMENT.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| {
            let body = item.get(method)?;
            Some(Operation { path, method, body })
        })
    })
}

/// The methods of a routed path, as `Allow` lists them; what is no operation is read only.
pub(super) fn allowed(pattern: &str) -> &'static str {
    ALLOWED.get(pattern).map_or("GET, HEAD", String::as_str)
}

/// This document.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "specification",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json"))
)]
pub(in crate::http) async fn openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/json")
        .body(text())
}

fn build() -> Value {
    let mut document = serde_json::to_value(Document::openapi()).unwrap_or_default();
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        let bearer = json!({
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The `access_token` of `log_in`, `enrol` or `refresh`; it lives for at most 15 minutes."
        });
        components.insert("securitySchemes".to_owned(), json!({ "bearer": bearer }));
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for item in paths.into_iter().flat_map(Map::values_mut) {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                describe_problems(method, operation);
                describe_bytes(operation);
            }
        }
    }
    document
}

/// Whatever handlers say about their problems, these go out as problem+json, with words.
fn describe_problems(method: &str, operation: &mut Value) {
    let usual: &[&[&str]] = &[
        if operation.get("security").is_some() {
            &["401", "403", "503"]
        } else {
            &[]
        },
        if operation.get("requestBody").is_some() {
            &["400", "408", "413", "415", "422"]
        } else {
            &[]
        },
    ];
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for status in usual.iter().copied().flatten() {
            responses.entry(*status).or_insert_with(|| json!({}));
        }
    }
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let code = status.parse::<u16>().unwrap_or(0);
        let Some(response) = response.as_object_mut() else {
            continue;
        };
        let unsaid = response
            .get("description")
            .is_none_or(|text| text.as_str() == Some(""));
        if unsaid {
            response.insert("description".to_owned(), json!(usual_meaning(code)));
        }
        // An answer to HEAD has no body.
        if code >= 400 && method != "head" {
            let schema = json!({ "$ref": "#/components/schemas/Problem" });
            let content = json!({ "application/problem+json": { "schema": schema } });
            response.insert("content".to_owned(), content);
        }
        if let Some((name, header)) = usual_header(code) {
            let headers = response.entry("headers").or_insert_with(|| json!({}));
            if let Some(headers) = headers.as_object_mut() {
                headers.insert(name.to_owned(), header);
            }
        }
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        responses.sort_keys();
    }
}

/// What is neither JSON nor a form goes over the wire as it is; the handlers' `Vec<u8>` would read as a list of numbers.
fn describe_bytes(operation: &mut Value) {
    let media_types = |content: Option<&mut Value>| {
        let media_types = content.and_then(Value::as_object_mut);
        for (kind, media) in media_types.into_iter().flatten() {
            let schema = match kind.as_str() {
                kind if kind.ends_with("json") || kind.starts_with("multipart/") => continue,
                kind if kind.starts_with("text/") || kind.contains("-text;") => json!({ "type": "string" }),
                _ => json!({ "type": "string", "format": "binary" }),
            };
            *media = json!({ "schema": schema });
        }
    };
    media_types(operation.pointer_mut("/requestBody/content"));
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for response in responses.into_iter().flat_map(Map::values_mut) {
        media_types(response.get_mut("content"));
    }
}

fn usual_meaning(status: u16) -> &'static str {
    match status {
        200 => "Here it is",
        201 => "Made",
        400 => "The request cannot be read",
        401 => "Not signed in, or the session is over",
        403 => "Not for this role",
        404 => "There is none, or it is not yours",
        408 => "The body came too slowly",
        409 => "The present state does not allow this",
        204 => "Done",
        410 => "It has ended or expired",
        411 => "The length is missing",
        412 => "Changed by somebody else meanwhile",
        413 => "The body is too large",
        415 => "This media type is not taken here",
        422 => "Some fields are wrong",
        423 => "Another request is writing this",
        428 => "`If-Match` with the version is missing",
        429 => "Too many requests",
        503 => "Busy or unavailable; try again",
        507 => "The disk is full; try again later",
        _ => StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Another answer"),
    }
}

fn usual_header(status: u16) -> Option<(&'static str, Value)> {
    let seconds = json!({ "description": "Seconds until the next try", "schema": { "type": "integer" } });
    match status {
        401 => Some((
            "WWW-Authenticate",
            json!({ "description": "`Bearer`", "schema": { "type": "string" } }),
        )),
        429 | 503 | 507 => Some(("Retry-After", seconds)),
        _ => None,
    }
}

#[cfg(test)]
#[path = "openapi_tests.rs"]
mod tests;

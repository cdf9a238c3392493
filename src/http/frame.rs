//! The frame around every request: its id, its language, its line in the log, and its problem, if it ends in one.
//!
//! Invariant: whatever fails inside, also in the framework, leaves as problem+json with the request's id.
//! Refuses: to log addresses, tokens, queries or bodies.

use std::time::Instant;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use super::openapi;
use super::problem::{Language, Problem};

/// Names the request in the log and in problems.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Set on every answer of a demo.
pub const DEMO_HEADER: &str = "x-minhchung-demo";

/// What the frame has to know about the installation.
#[derive(Debug, Clone, Copy)]
pub struct FrameSettings {
    /// Say on every answer that this is a demo.
    pub is_demo: bool,
}

/// Runs `next` inside the frame.
pub async fn frame<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let started = Instant::now();
    let id = format!("{:016x}", rand::random::<u64>());
    let language = Language::preferred(request.headers());
    let method = request.method().clone();
    let is_demo = request
        .app_data::<FrameSettings>()
        .is_some_and(|settings| settings.is_demo);
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id = %id);
    let entered = tracing::Instrument::instrument(next.call(request), span);
    let mut response = match entered.await {
        Ok(response) => match problem_of(&response) {
            Some(problem) => {
                let (request, old) = response.into_parts();
                let mut new = problem.respond(language, &id);
                keep_protocol_headers(old.headers(), &mut new);
                name_allowed_methods(&request, &mut new);
                ServiceResponse::new(request, new.map_into_right_body())
            }
            None => response.map_into_left_body(),
        },
        Err(error) => {
            // Only a middleware ends here; the request is gone with it, so the answer is made by the error itself.
            let problem = error.as_error::<Problem>().cloned();
            let status = error.as_response_error().status_code();
            return Err(problem.unwrap_or_else(|| Problem::of_status(status)).into());
        }
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    guard_headers(response.headers_mut(), is_demo);
    tracing::info!(
        target: "minhchung::requests",
        id = %id,
        %method,
        route = response.request().match_pattern().unwrap_or_else(|| "-".into()),
        status = response.status().as_u16(),
        took_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
    );
    Ok(response)
}

/// The problem that has to be written, if this answer is one.
fn problem_of<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    let status = response.status();
    if let Some(problem) = response
        .response()
        .error()
        .and_then(|error| error.as_error::<Problem>())
    {
        return Some(problem.clone());
    }
    let is_error = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let written = content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    (is_error && !written).then(|| Problem::of_status(status))
}

fn keep_protocol_headers(old: &header::HeaderMap, new: &mut HttpResponse) {
    for name in [
        header::ALLOW,
        HeaderName::from_static("tus-resumable"),
        HeaderName::from_static("upload-offset"),
    ] {
        if let Some(value) = old.get(&name).filter(|_| !new.headers().contains_key(&name)) {
            new.headers_mut().insert(name, value.clone());
        }
    }
}

/// A 405 names what the path takes (RFC 9110 15.5.6); the framework does not.
fn name_allowed_methods(request: &HttpRequest, new: &mut HttpResponse) {
    if new.status() != StatusCode::METHOD_NOT_ALLOWED || new.headers().contains_key(header::ALLOW) {
        return;
    }
    let pattern = request.match_pattern().unwrap_or_default();
    new.headers_mut().insert(
        header::ALLOW,
        HeaderValue::from_static(openapi::allowed(&pattern)),
    );
}

/// Headers that keep an answer from being taken for something else. A page brings its own policy.
fn guard_headers(headers: &mut header::HeaderMap, is_demo: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    if is_demo {
        set(HeaderName::from_static(DEMO_HEADER), "true");
    }
}

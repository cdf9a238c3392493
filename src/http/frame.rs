//! The frame around every request: its id, its language, its line in the log, and its problem, if it ends in one.
//!
//! Invariant: whatever fails inside, also in the framework, leaves as problem+json with the request's id.
//! Refuses: to log addresses, tokens, queries or bodies.

use std::sync::Arc;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use super::connections::{NotTaken, OpenConnection, Running};
use super::door::WasTurnedAway;
use super::guard::guard;
pub use super::guard::{DEMO_HEADER, Transport};
use super::metrics::Metrics;
use super::openapi;
use super::outgoing::{Outgoing, watched};
use super::problem::{Language, Problem, ProblemCode};

/// Names the request in the log and in problems.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// What the frame has to know about the installation.
#[derive(Debug, Clone)]
pub struct FrameSettings {
    /// Say on every answer that this is a demo.
    pub is_demo: bool,
    /// How browsers reach it.
    pub transport: Transport,
    /// Where requests are counted.
    pub metrics: Arc<Metrics>,
}

/// Runs `next` inside the frame.
pub async fn frame<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Outgoing>, Error> {
    let Some(settings) = request.app_data::<FrameSettings>().cloned() else {
        return Err(Problem::internal(&"the frame has no settings").into());
    };
    let running = OpenConnection::begin(&request);
    if is_silent(&spelled_out(request.path())) {
        return pass_silently(request, next, &settings, running).await;
    }
    let seen = Seen::of(&request);
    let metrics = &settings.metrics;
    let begun = metrics.begun();
    if [Method::PUT, Method::POST, Method::PATCH].contains(&seen.method) {
        metrics.watch_body(&mut request, &seen.route);
    }
    answer_like_get(&mut request);
    request.extensions_mut().insert(RequestId(seen.id.clone()));
    let running = match running {
        Ok(running) => running,
        Err(refused) => {
            let refused = problem(refused).respond(seen.language, &seen.id);
            let refused = request.into_response(refused.map_into_boxed_body());
            return Ok(seen.finish(refused, &settings, None));
        }
    };
    if let Some(running) = &running {
        running.count();
    }
    let span = tracing::info_span!("request", id = %seen.id);
    let entered = tracing::Instrument::instrument(next.call(request), span);
    let response = match entered.await {
        Ok(response) => match problem_of(&response) {
            Some(problem) => {
                let (request, old) = response.into_parts();
                let mut new = problem.respond(seen.language, &seen.id);
                keep_protocol_headers(old.headers(), &mut new);
                name_allowed_methods(&request, &mut new);
                ServiceResponse::new(request, new.map_into_boxed_body())
            }
            None => response.map_into_boxed_body(),
        },
        Err(error) => {
            // Only a middleware ends here; the request is gone with it, so the answer is made by the error itself.
            let problem = error.as_error::<Problem>().cloned();
            let status = error.as_response_error().status_code();
            return Err(problem.unwrap_or_else(|| Problem::of_status(status)).into());
        }
    };
    drop(begun);
    Ok(seen.finish(response, &settings, running))
}

/// What is remembered of a request until its answer.
struct Seen {
    started: Instant,
    id: String,
    language: Language,
    method: Method,
    route: String,
}

impl Seen {
    fn of(request: &ServiceRequest) -> Self {
        Self {
            started: Instant::now(),
            id: format!("{:016x}", rand::random::<u64>()),
            language: Language::preferred(request.headers()),
            method: request.method().clone(),
            route: request.match_pattern().unwrap_or_else(|| "-".into()),
        }
    }

    /// The answer with its headers, counted and told of.
    fn finish(
        self,
        mut response: ServiceResponse,
        settings: &FrameSettings,
        running: Option<Running>,
    ) -> ServiceResponse<Outgoing> {
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-request-id"), value);
        }
        guard(response.headers_mut(), settings.is_demo, settings.transport);
        let (status, took) = (response.status().as_u16(), self.started.elapsed());
        settings
            .metrics
            .answered(known_method(&self.method), &self.route, status, took);
        // The door tells of those it turned away all together.
        if !response.request().extensions().contains::<WasTurnedAway>() {
            tracing::info!(
                target: "minhchung::requests",
                id = %self.id,
                method = %self.method,
                route = self.route,
                status,
                took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            );
        }
        let sent = settings.metrics.sent(&self.route);
        watched(response, Some(sent), running)
    }
}

/// What somebody is told whose connection asks for too much.
fn problem(refused: NotTaken) -> Problem {
    match refused {
        NotTaken::TooMany => Problem {
            retry_after_s: Some(1),
            ..Problem::new(ProblemCode::Overloaded)
        },
        NotTaken::TooLong => Problem::of_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
    }
}

/// What a citizen asks for who tells something: nothing is kept of such a request, neither that there was one nor when.
fn is_silent(path: &str) -> bool {
    let below = |folder: &str| {
        let rest = path.strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // The list of communes is asked for by whoever begins to write; the phones never ask for it.
    below("/api/v1/tips") || below("/to-giac") || below("/api/v1/communes")
}

/// A path as routes read it: `%74ips` is `tips`.
pub(super) fn spelled_out(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut parts = path.split('%');
    let mut plain = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let escaped = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (escaped, part.get(2..)) {
            (Some(byte), Some(rest)) => {
                plain.push(byte);
                plain.extend(rest.as_bytes());
            }
            _ => plain.extend([b"%", part.as_bytes()].concat()),
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// The frame without its memory: no id, no span, no line, no figure.
async fn pass_silently<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
    settings: &FrameSettings,
    running: Result<Option<Running>, NotTaken>,
) -> Result<ServiceResponse<Outgoing>, Error> {
    let language = Language::preferred(request.headers());
    answer_like_get(&mut request);
    let running = match running {
        Ok(running) => running,
        Err(refused) => {
            let refused = problem(refused).respond(language, "");
            let mut refused = request.into_response(refused.map_into_boxed_body());
            guard(refused.headers_mut(), settings.is_demo, settings.transport);
            return Ok(watched(refused, None, None));
        }
    };
    let mut response = match next.call(request).await {
        Ok(response) => match problem_of(&response) {
            Some(problem) => {
                let (request, _) = response.into_parts();
                let mut new = problem.respond(language, "");
                name_allowed_methods(&request, &mut new);
                ServiceResponse::new(request, new.map_into_boxed_body())
            }
            None => response.map_into_boxed_body(),
        },
        Err(error) => {
            let status = error.as_response_error().status_code();
            return Err(Problem::of_status(status).into());
        }
    };
    guard(response.headers_mut(), settings.is_demo, settings.transport);
    Ok(watched(response, None, running))
}

/// HEAD is answered as GET is; the connection leaves the body out. Resumable uploads have a HEAD of their own, and an
/// event stream has no end to wait for.
fn answer_like_get(request: &mut ServiceRequest) {
    let path = request.path();
    let has_own = path.starts_with("/api/v1/uploads") || path == openapi::EVENTS;
    if request.method() == Method::HEAD && !has_own {
        request.head_mut().method = Method::GET;
    }
}

/// The method as a label; anybody can invent methods, so those that the service does not have are one.
fn known_method(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    if known.contains(method) {
        method.as_str()
    } else {
        "other"
    }
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
        HeaderName::from_static("tus-resumable"),
        HeaderName::from_static("upload-offset"),
    ] {
        if let Some(value) = old.get(&name).filter(|_| !new.headers().contains_key(&name)) {
            new.headers_mut().insert(name, value.clone());
        }
    }
}

/// A 405 names what the path takes (RFC 9110 15.5.6); the framework names less, or nothing.
fn name_allowed_methods(request: &HttpRequest, new: &mut HttpResponse) {
    if new.status() != StatusCode::METHOD_NOT_ALLOWED {
        return;
    }
    let pattern = request.match_pattern().unwrap_or_default();
    new.headers_mut().insert(
        header::ALLOW,
        HeaderValue::from_static(openapi::allowed(&pattern)),
    );
}

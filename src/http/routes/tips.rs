//! The citizen's side of the tip line.
//!
//! Invariant: no request here leaves a line, a span, an id or a count (the frame keeps out of it); lengths of answers
//! do not depend on what is kept; whatever is wrong with a form is one refusal.
//! Refuses: to read a box whose puzzle is not solved, and lengths that no box has.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::{Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tip_forms::{DeskOpening, base64_of};
use crate::domain::{Day, MailboxId, TipSize};
use crate::http::App;
use crate::http::body::Body;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::services::tips::{Admission, Arrival, TipError, Tips};
use crate::store::StoreError;
use crate::tipbox::Refused;
use crate::tipbox::frame::{PRELUDE_BYTES, Prelude, size_of_message};

/// The slowest that a box with pictures may come. Three pictures are through in seven minutes then; a box of text may
/// come as slowly as any body.
const MIN_PICTURE_BYTES_PER_S: u64 = 4 * 1024;
/// The longest body that names a mailbox.
const MAX_MAILBOX_BODY: u64 = 1_024;

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/tips/desk").route(web::get().to(desk)))
        .service(web::resource("/api/v1/tips/challenges").route(web::post().to(challenge)))
        .service(web::resource("/api/v1/tips").route(web::post().to(send)))
        .service(web::resource("/api/v1/tips/mailbox").route(web::post().to(mailbox)))
        .service(web::resource("/api/v1/tips/mailbox/delete").route(web::post().to(delete_mailbox)));
}

/// A puzzle.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipChallenge)]
pub(in crate::http) struct ChallengeBody {
    /// 64 bytes, base64url.
    challenge: String,
    /// How hard it is.
    #[schema(minimum = 0, maximum = 6)]
    level: u8,
    /// Seconds for which it is good.
    expires_in: u32,
}

/// The day on which a message came.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipTaken)]
pub(in crate::http) struct TakenBody {
    /// The local day.
    #[schema(value_type = String, format = Date)]
    received_on: Day,
}

/// Whose mailbox.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TipMailboxRequest)]
pub(in crate::http) struct MailboxRequest {
    /// 16 bytes, base64url.
    mailbox: String,
}

/// What waits in a mailbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TipMailbox)]
pub(in crate::http) struct MailboxBody {
    /// 4,096 bytes each, base64url; always a multiple of four.
    items: Vec<String>,
}

/// Nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Nothing)]
pub(in crate::http) struct NothingBody {}

/// An answer whose length compression must not bend: compressed, it would depend on the bytes.
fn quiet(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(ContentEncoding::Identity)
        .json(body)
}

/// What a stranger is told. Nothing goes to the log at the moment; failures are told hourly, without the hour's minute.
fn told(tips: &Tips, error: &TipError) -> Problem {
    let code = match error {
        TipError::Refused
        | TipError::NotFound
        | TipError::Invalid(_)
        | TipError::KeysFull
        | TipError::Overtaken => ProblemCode::TipRefused,
        TipError::Puzzle => ProblemCode::TipPuzzleRefused,
        TipError::TooMany { retry_after_s } => {
            return Problem::new(ProblemCode::TooManyRequests).retry_after(*retry_after_s);
        }
        TipError::Busy | TipError::Store(StoreError::Busy) => {
            return Problem::new(ProblemCode::Overloaded).retry_after(10);
        }
        TipError::Full | TipError::Store(StoreError::DiskFull(_)) => {
            return Problem::new(ProblemCode::TipStoreFull).retry_after(3_600);
        }
        TipError::Store(StoreError::Stopped | StoreError::Broken) => {
            return Problem::new(ProblemCode::StoreUnavailable).retry_after(30);
        }
        TipError::Store(_) | TipError::Io(_) => {
            tips.note_failure(error);
            ProblemCode::Internal
        }
    };
    Problem::new(code)
}

fn refused() -> Problem {
    Problem::new(ProblemCode::TipRefused)
}

/// What is wrong with a body is not said, but that it came too slowly is: that is worth another try.
fn body_refused(problem: &Problem) -> Problem {
    match problem.code {
        ProblemCode::RequestTimeout => Problem::new(ProblemCode::RequestTimeout),
        _ => refused(),
    }
}

/// Everything that somebody needs to write: keys to seal to, sizes, puzzle, and whom to call instead.
#[utoipa::path(
    get, path = "/api/v1/tips/desk", operation_id = "tip_desk", tag = "tips",
    responses((status = 200, body = DeskOpening), (status = 503, body = ProblemBody))
)]
pub(in crate::http) async fn desk(app: Data<App>) -> Result<HttpResponse, Problem> {
    let keys = app
        .tips
        .public_keys()
        .await
        .map_err(|error| told(&app.tips, &error))?;
    let opening = DeskOpening::new(
        &keys,
        app.tips.level(),
        app.campaign.definition(),
        app.clock.now().day(),
    );
    Ok(quiet(StatusCode::OK, &opening))
}

/// A puzzle to solve while writing. The server remembers nothing of it.
#[utoipa::path(
    post, path = "/api/v1/tips/challenges", operation_id = "begin_tip", tag = "tips",
    responses((status = 201, body = ChallengeBody))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn challenge(app: Data<App>) -> HttpResponse {
    let fresh = app.tips.challenge();
    let body = ChallengeBody {
        challenge: URL_SAFE_NO_PAD.encode(fresh.challenge),
        level: fresh.level,
        expires_in: fresh.expires_in,
    };
    quiet(StatusCode::CREATED, &body)
}

/// Send a message: challenge (64 bytes), solution (32), nonce (16, random), box. The same bytes again get the same
/// answer.
#[utoipa::path(
    post, path = "/api/v1/tips", operation_id = "send_tip", tag = "tips",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 202, description = "On disk", body = TakenBody),
        (status = 408, description = "Too slow, or others go first: send the same bytes again", body = ProblemBody),
        (status = 422, description = "`tip-refused`: no message; `tip-puzzle-refused`: ask for a new puzzle", body = ProblemBody),
        (status = 429, body = ProblemBody), (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    )
)]
pub(in crate::http) async fn send(
    request: HttpRequest,
    payload: web::Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let mut payload = payload.into_inner();
    let mut body = Body::from_request(&request, &mut payload).into_inner()?;
    let length = body.length().and_then(|length| usize::try_from(length).ok());
    let length = length
        .filter(|_| body.media_type() == "application/octet-stream")
        .ok_or_else(refused)?;
    let size = size_of_message(length).map_err(|Refused| refused())?;
    if size != TipSize::Text {
        body.require_pace(MIN_PICTURE_BYTES_PER_S);
    }
    let mut read = BytesMut::with_capacity(PRELUDE_BYTES);
    while read.len() < PRELUDE_BYTES {
        read.extend_from_slice(&next_piece(&mut body).await?);
    }
    let (prelude, _) = Prelude::split(&read).map_err(|Refused| refused())?;
    let admission = match app.tips.admit(prelude, size).await {
        Ok(admission) => admission,
        Err(error) => {
            pass_over(&mut body, length.saturating_sub(read.len())).await;
            return Err(told(&app.tips, &error));
        }
    };
    let day = match admission {
        Admission::New(arrival) => {
            let sealed_box = tokio::select! {
                biased;
                whole = read_whole(&mut body, read, length, &arrival) => whole?,
                // As if it had come too slowly, which is why others go first; the same bytes may be sent again.
                () = arrival.told_to_leave() => return Err(Problem::new(ProblemCode::RequestTimeout)),
            };
            app.tips.receive(arrival, sealed_box).await
        }
        Admission::Repeat(mut repeat) => {
            repeat.compare(read.get(PRELUDE_BYTES..).unwrap_or_default());
            let mut left = length.saturating_sub(read.len());
            while left > 0 {
                let piece = next_piece(&mut body).await?;
                left = left.saturating_sub(piece.len());
                repeat.compare(&piece);
            }
            repeat.day()
        }
    };
    let received_on = day.map_err(|error| told(&app.tips, &error))?;
    Ok(quiet(StatusCode::ACCEPTED, &TakenBody { received_on }))
}

/// The box, when all of it has come.
async fn read_whole(
    body: &mut Body,
    mut read: BytesMut,
    length: usize,
    arrival: &Arrival,
) -> Result<Bytes, Problem> {
    read.reserve(length.saturating_sub(read.len()));
    arrival.came(read.len());
    while read.len() < length {
        let piece = next_piece(body).await?;
        arrival.came(piece.len());
        read.extend_from_slice(&piece);
    }
    Ok(read.freeze().slice(PRELUDE_BYTES..))
}

/// The next piece; an end where more belongs is a refusal.
async fn next_piece(body: &mut Body) -> Result<Bytes, Problem> {
    let piece = body.next().await.ok_or_else(refused)?;
    piece.map_err(|problem| body_refused(&problem))
}

/// Reads `left` bytes and keeps none of them. A browser that is still sending would take an answer with the connection
/// closed behind it for a dead network, and never learn that it needs another puzzle.
async fn pass_over(body: &mut Body, mut left: usize) {
    while left > 0 {
        match body.next().await {
            Some(Ok(piece)) => left = left.saturating_sub(piece.len()),
            // Whoever stopped sending does not wait for the answer.
            Some(Err(_)) | None => return,
        }
    }
}

async fn mailbox_of(body: Body) -> Result<MailboxId, Problem> {
    let bytes = body.bytes(MAX_MAILBOX_BODY, ProblemCode::TipRefused).await;
    let bytes = bytes.map_err(|problem| body_refused(&problem))?;
    let request: MailboxRequest = serde_json::from_slice(&bytes).map_err(|_no_json| refused())?;
    let id = URL_SAFE_NO_PAD
        .decode(&request.mailbox)
        .map_err(|_no_base64| refused())?;
    id.try_into().map(MailboxId).map_err(|_no_id| refused())
}

/// What waits in a mailbox. One that nobody ever wrote to looks like any other.
#[utoipa::path(
    post, path = "/api/v1/tips/mailbox", operation_id = "read_tip_mailbox", tag = "tips", request_body = MailboxRequest,
    responses((status = 200, body = MailboxBody), (status = 503, body = ProblemBody))
)]
pub(in crate::http) async fn mailbox(app: Data<App>, body: Body) -> Result<HttpResponse, Problem> {
    let id = mailbox_of(body).await?;
    let items = app
        .tips
        .mailbox(id)
        .await
        .map_err(|error| told(&app.tips, &error))?;
    let items = items.iter().map(base64_of).collect();
    Ok(quiet(StatusCode::OK, &MailboxBody { items }))
}

/// Shred everything of a mailbox, whether or not there is one.
#[utoipa::path(
    post, path = "/api/v1/tips/mailbox/delete", operation_id = "delete_tip_mailbox", tag = "tips",
    request_body = MailboxRequest,
    responses((status = 202, description = "There is none any more", body = NothingBody), (status = 503, body = ProblemBody))
)]
pub(in crate::http) async fn delete_mailbox(app: Data<App>, body: Body) -> Result<HttpResponse, Problem> {
    let id = mailbox_of(body).await?;
    app.tips
        .delete_mailbox(id)
        .await
        .map_err(|error| told(&app.tips, &error))?;
    Ok(quiet(StatusCode::ACCEPTED, &NothingBody {}))
}

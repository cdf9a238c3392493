//! The tip desk: for tip officers alone.
//!
//! Invariant: everything that changes or reads a message is in the audit log, without its content.
//! Refuses: to open a box; it hands it out sealed.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{self, Data, Path};
use serde::Deserialize;

use super::tip_forms::{
    CountsBody, FloodBody, FloodChange, KeyBody, KeysBody, MonthBody, NewKeyRequest, NoticeBody,
    PurgeRequest, RepliesBody, ShreddedBody, TipBody, TipChange, TipWithBoxBody, bytes_of, place,
    place_bytes, wrong,
};
use crate::auth::{Permission, TipDesk};
use crate::domain::{MailboxId, TipChannel, TipState};
use crate::http::App;
use crate::http::answers::{BodyProblems, NotFoundProblem, QueryProblems, SessionProblems, WriteProblems};
use crate::http::body::Body;
use crate::http::path;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::query::{Page, PageParams, Query, parameter};
use crate::http::session::Session;
use crate::services::tips::{ListFilter, PurgeFilter, TipError};
use crate::tipbox::ITEM_BYTES;
use crate::tipbox::frame::{NONCE_BYTES, size_of_desk_message};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/api/v1/desk/tips")
                .route(web::get().to(list))
                .route(web::post().to(register)),
        )
        .service(web::resource("/api/v1/desk/tips/purge").route(web::post().to(purge)))
        .service(
            web::resource("/api/v1/desk/tips/{id}")
                .route(web::get().to(take_out))
                .route(web::patch().to(sort))
                .route(web::delete().to(shred)),
        )
        .service(web::resource("/api/v1/desk/tips/{id}/replies").route(web::post().to(reply)))
        .service(
            web::resource("/api/v1/desk/flood")
                .route(web::get().to(flood))
                .route(web::patch().to(set_flood)),
        )
        .service(web::resource("/api/v1/desk/counts").route(web::get().to(counts)))
        .service(
            web::resource("/api/v1/desk/keys")
                .route(web::get().to(keys))
                .route(web::post().to(add_key)),
        )
        .service(web::resource("/api/v1/desk/keys/{id}").route(web::delete().to(retire_key)))
        .service(web::resource("/api/v1/desk/notice").route(web::get().to(notice)));
}

impl From<TipError> for Problem {
    fn from(error: TipError) -> Self {
        match error {
            TipError::Refused => Self::new(ProblemCode::TipRefused),
            TipError::Puzzle => Self::new(ProblemCode::TipPuzzleRefused),
            TipError::TooMany { retry_after_s } => {
                Self::new(ProblemCode::TooManyRequests).retry_after(retry_after_s)
            }
            TipError::Busy => Self::new(ProblemCode::Overloaded).retry_after(5),
            TipError::Full => Self::new(ProblemCode::TipStoreFull).retry_after(3_600),
            TipError::NotFound => Self::new(ProblemCode::NotFound),
            TipError::Overtaken => Self::new(ProblemCode::VersionConflict),
            TipError::KeysFull => Self::new(ProblemCode::TipKeysFull),
            TipError::Invalid(pointer) => wrong(pointer),
            TipError::Store(error) => error.into(),
            TipError::Io(_) => Self::internal(&error),
        }
    }
}

fn fresh(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    response
}

/// Which tips are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ListParams {
    /// Only those in this state.
    #[param(value_type = Option<TipState>)]
    state: Option<String>,
    /// Only those of this thread: a mailbox, 16 bytes, base64url.
    thread: Option<String>,
}

/// How a message came.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ChannelParams {
    /// Any but `web`.
    #[param(value_type = TipChannel, required = true)]
    channel: Option<String>,
}

/// Which answer.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct NumberParams {
    /// The number that is sealed inside: `next_answer` of the message.
    #[param(value_type = u32, required = true, minimum = 1)]
    number: Option<u32>,
}

/// Which year.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct YearParams {
    /// The year; this one when absent.
    #[param(minimum = 2000, maximum = 2999)]
    year: Option<u32>,
}

/// Messages by day, the newest day first.
#[utoipa::path(
    get, path = "/api/v1/desk/tips", operation_id = "list_tips", tag = "tip desk", security(("bearer" = [])),
    params(ListParams, PageParams),
    responses((status = 200, body = Page<TipBody>), SessionProblems, QueryProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn list(
    _session: Session<TipDesk>,
    app: Data<App>,
    query: Query,
) -> Result<HttpResponse, Problem> {
    let (params, page) = (query.read::<ListParams>()?, query.page()?);
    let filter = ListFilter {
        state: parameter("state", params.state.as_deref())?,
        thread: thread(params.thread.as_deref())?,
        after: page.after.as_deref().map(place).transpose()?,
    };
    let (found, has_more) = app.tips.list(filter, page.limit);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|last| page.cursor(&place_bytes(last)));
    let items: Vec<TipBody> = found.into_iter().map(TipBody::from).collect();
    Ok(fresh(HttpResponse::Ok()).json(Page { items, next }))
}

fn thread(text: Option<&str>) -> Result<Option<MailboxId>, Problem> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| bytes_of("?thread", text).map(MailboxId))
        .transpose()
}

/// Register what came by another way, or a note of the desk: nonce (16, random) and box, sealed in the officer's
/// browser. The same bytes again are the same message.
#[utoipa::path(
    post, path = "/api/v1/desk/tips", operation_id = "register_tip", tag = "tip desk", security(("bearer" = [])),
    params(ChannelParams), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = TipBody), SessionProblems, BodyProblems, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn register(
    session: Session<TipDesk>,
    app: Data<App>,
    query: Query,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let channel = query.read::<ChannelParams>()?.channel;
    let channel =
        parameter::<TipChannel>("channel", channel.as_deref())?.filter(|channel| *channel != TipChannel::Web);
    let channel = channel.ok_or_else(|| wrong("?channel"))?;
    let bytes = octets(body, |length| size_of_desk_message(length).is_ok()).await?;
    let (nonce, _) = bytes
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(TipError::Refused)?;
    let id = app
        .tips
        .register(&session, channel, *nonce, bytes.slice(NONCE_BYTES..))
        .await?;
    Ok(fresh(HttpResponse::Created()).json(TipBody::from(app.tips.listed(id)?)))
}

/// A body of bytes whose announced length is right.
async fn octets(body: Body, is_right: impl Fn(usize) -> bool) -> Result<bytes::Bytes, Problem> {
    if body.media_type() != "application/octet-stream" {
        return Err(Problem::new(ProblemCode::MediaTypeUnsupported));
    }
    let length = body
        .length()
        .filter(|length| usize::try_from(*length).is_ok_and(&is_right));
    let length = length.ok_or(TipError::Refused)?;
    let bytes = body.bytes(length, ProblemCode::BodyTooLarge).await?;
    if is_right(bytes.len()) {
        Ok(bytes)
    } else {
        Err(TipError::Refused.into())
    }
}

/// A message with its sealed box.
#[utoipa::path(
    get, path = "/api/v1/desk/tips/{id}", operation_id = "take_out_tip", tag = "tip desk", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The message")),
    responses((status = 200, body = TipWithBoxBody), SessionProblems, NotFoundProblem, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn take_out(
    session: Session<TipDesk>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (tip, sealed_box) = app.tips.take_out(&session, path::id(&id)?).await?;
    Ok(fresh(HttpResponse::Ok())
        .insert_header(ContentEncoding::Identity)
        .json(TipWithBoxBody::new(tip, &sealed_box)))
}

/// Say how far the desk is with a message, or what it is about.
#[utoipa::path(
    patch, path = "/api/v1/desk/tips/{id}", operation_id = "sort_tip", tag = "tip desk", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The message")), request_body = TipChange,
    responses((status = 200, body = TipBody), SessionProblems, BodyProblems, NotFoundProblem, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn sort(
    session: Session<TipDesk>,
    id: Path<String>,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&id)?;
    let change: TipChange = body.json().await?;
    let tip = app.tips.sort(&session, id, change.state, change.category).await?;
    Ok(fresh(HttpResponse::Ok()).json(TipBody::from(tip)))
}

/// Shred a message with its answers. There is no way back.
#[utoipa::path(
    delete, path = "/api/v1/desk/tips/{id}", operation_id = "shred_tip", tag = "tip desk", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The message")),
    responses((status = 204, description = "Shredded"), SessionProblems, NotFoundProblem, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn shred(
    session: Session<TipDesk>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.tips.shred_one(&session, path::id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Shred all messages that meet what is said, after a flood.
#[utoipa::path(
    post, path = "/api/v1/desk/tips/purge", operation_id = "purge_tips", tag = "tip desk", security(("bearer" = [])),
    request_body = PurgeRequest,
    responses((status = 200, body = ShreddedBody), SessionProblems, BodyProblems, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn purge(
    session: Session<TipDesk>,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let request: PurgeRequest = body.json().await?;
    let filter = PurgeFilter {
        state: request.state,
        received_on: request.received_on,
        size: request.size,
    };
    if filter.state.is_none() && filter.received_on.is_none() && filter.size.is_none() {
        return Err(wrong("/state"));
    }
    let shredded = app.tips.purge(&session, filter).await?;
    Ok(fresh(HttpResponse::Ok()).json(ShreddedBody { shredded }))
}

/// Answer a message: 4,096 sealed bytes. The same bytes again are the same answer; 409 when somebody else took the number.
#[utoipa::path(
    post, path = "/api/v1/desk/tips/{id}/replies", operation_id = "reply_to_tip", tag = "tip desk", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The message"), NumberParams),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = RepliesBody), (status = 200, description = "It was there already", body = RepliesBody),
        (status = 409, description = "`version-conflict`: seal it anew under the next number", body = ProblemBody),
        SessionProblems, BodyProblems, NotFoundProblem, WriteProblems
    ),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn reply(
    session: Session<TipDesk>,
    id: Path<String>,
    app: Data<App>,
    query: Query,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&id)?;
    let number = query.read::<NumberParams>()?.number;
    let number = number.ok_or_else(|| wrong("?number"))?;
    let answer = octets(body, |length| length == ITEM_BYTES).await?;
    let (replies, is_new) = app.tips.reply(&session, id, number, answer.to_vec()).await?;
    let response = if is_new {
        HttpResponse::Created()
    } else {
        HttpResponse::Ok()
    };
    Ok(fresh(response).json(RepliesBody { replies }))
}

/// How it stands with floods.
#[utoipa::path(
    get, path = "/api/v1/desk/flood", operation_id = "tip_flood", tag = "tip desk", security(("bearer" = [])),
    responses((status = 200, body = FloodBody), SessionProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn flood(_session: Session<TipDesk>, app: Data<App>) -> HttpResponse {
    fresh(HttpResponse::Ok()).json(FloodBody::from(app.tips.flood()))
}

/// Make the puzzle harder, or let it go back.
#[utoipa::path(
    patch, path = "/api/v1/desk/flood", operation_id = "set_tip_flood", tag = "tip desk", security(("bearer" = [])),
    request_body = FloodChange,
    responses((status = 200, body = FloodBody), SessionProblems, BodyProblems, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn set_flood(
    session: Session<TipDesk>,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let change: FloodChange = body.json().await?;
    let figures = app.tips.set_least_level(&session, change.least_level).await?;
    Ok(fresh(HttpResponse::Ok()).json(FloodBody::from(figures)))
}

/// Figures by month. One to four are null.
#[utoipa::path(
    get, path = "/api/v1/desk/counts", operation_id = "tip_counts", tag = "tip desk", security(("bearer" = [])),
    params(YearParams), responses((status = 200, body = CountsBody), SessionProblems, QueryProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn counts(
    _session: Session<TipDesk>,
    app: Data<App>,
    query: Query,
) -> Result<HttpResponse, Problem> {
    let today = app.clock.now().day().to_string();
    let this_year = today.split('-').next().and_then(|year| year.parse().ok());
    let year = query.read::<YearParams>()?.year.or(this_year);
    let year = year
        .filter(|year| (2000..3000).contains(year))
        .ok_or_else(|| wrong("?year"))?;
    let months = app.tips.counts(year).await?;
    let months = months.into_iter().map(MonthBody::from).collect();
    Ok(fresh(HttpResponse::Ok()).json(CountsBody { months }))
}

/// The desk's keys, also those that are retired.
#[utoipa::path(
    get, path = "/api/v1/desk/keys", operation_id = "list_tip_keys", tag = "tip desk", security(("bearer" = [])),
    responses((status = 200, body = KeysBody), SessionProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn keys(
    session: Session<TipDesk>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let items = app
        .tips
        .keys(&session)
        .await?
        .into_iter()
        .map(KeyBody::from)
        .collect();
    Ok(fresh(HttpResponse::Ok()).json(KeysBody { items }))
}

/// Add a key that one's own browser made. The same again is the same key.
#[utoipa::path(
    post, path = "/api/v1/desk/keys", operation_id = "add_tip_key", tag = "tip desk", security(("bearer" = [])),
    request_body = NewKeyRequest,
    responses(
        (status = 201, body = KeyBody),
        (status = 409, description = "All seven places are taken", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, BodyProblems, WriteProblems
    ),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn add_key(
    session: Session<TipDesk>,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let request: NewKeyRequest = body.json().await?;
    let made = app.tips.add_key(&session, request.read()?).await?;
    Ok(fresh(HttpResponse::Created()).json(KeyBody::from(made)))
}

/// Retire an officer's key: nothing is sealed to it any more; what was can still be opened with it.
#[utoipa::path(
    delete, path = "/api/v1/desk/keys/{id}", operation_id = "retire_tip_key", tag = "tip desk", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The key")),
    responses((status = 204, description = "Retired"), SessionProblems, NotFoundProblem, WriteProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
pub(in crate::http) async fn retire_key(
    session: Session<TipDesk>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.tips.retire_key(&session, path::id(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether something waits that nobody has looked at, as it was when the present quarter of an hour began.
#[utoipa::path(
    get, path = "/api/v1/desk/notice", operation_id = "tip_notice", tag = "tip desk", security(("bearer" = [])),
    responses((status = 200, body = NoticeBody), SessionProblems),
    extensions(("x-roles" = json!(TipDesk::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn notice(_session: Session<TipDesk>, app: Data<App>) -> HttpResponse {
    let notice = app.tips.notice();
    let mut body = String::new();
    // A blank makes up for the letter by which `false` is longer. Writing to a string does not fail.
    let written = write!(
        body,
        "{{\"slot\":\"{}\",\"news\":{:<5}}}",
        notice.slot,
        notice.news.to_string()
    );
    debug_assert!(written.is_ok());
    fresh(HttpResponse::Ok())
        .insert_header(ContentEncoding::Identity)
        .content_type("application/json")
        .body(body)
}

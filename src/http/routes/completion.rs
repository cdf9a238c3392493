//! Truth at a glance: the board, one commune, the timeline.

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{Permission, Reader, Scope};
use crate::domain::{CommuneCode, FieldError};
use crate::http::App;
use crate::http::forms::completion::{BoardBody, CommuneDetailBody, TimelineBody};
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::query::{DayOrMoment, Query, parameter};
use crate::http::session::Session;
use crate::services::completion::{CompletionError, TimelineSpan};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/completion").route(web::get().to(board)))
        // Before the path with a commune, which would take the word for a code.
        .service(web::resource("/api/v1/completion/timeline").route(web::get().to(timeline)))
        .service(web::resource("/api/v1/completion/{commune}").route(web::get().to(commune)));
}

/// The board: every commune × cell that is yours to see.
#[utoipa::path(
    get, path = "/api/v1/completion", operation_id = "completion", tag = "completion", security(("bearer" = [])),
    responses(
        (status = 200, body = BoardBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn board(
    actor: Session<Reader>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    if actor.scope() != Scope::Everything {
        let board = app.completion.board(&actor).await?;
        return Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(BoardBody::from(&board)));
    }
    // The edition is asked for first: a change while the board is drawn makes the drawing old, never wrongly new.
    let edition = app.completion.edition();
    let drawing = if let Some(drawing) = app.drawn_board.of(edition) {
        drawing
    } else {
        let board = BoardBody::from(&app.completion.board(&actor).await?);
        let json = serde_json::to_vec(&board).map_err(|error| Problem::internal(&error))?;
        app.drawn_board
            .keep(edition, json)
            .map_err(|error| Problem::internal(&error))?
    };
    let accepted = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let gzip = accepted.is_some_and(|accepted| accepted.contains("gzip"));
    let (encoding, bytes) = if gzip {
        ("gzip", &drawing.gzip)
    } else {
        ("identity", &drawing.plain)
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept-Encoding, Authorization"))
        .insert_header((header::CONTENT_ENCODING, encoding))
        .content_type("application/json")
        .body(bytes.clone()))
}

/// One commune with its villages.
#[utoipa::path(
    get, path = "/api/v1/completion/{commune}", operation_id = "commune_completion", tag = "completion", security(("bearer" = [])),
    params(("commune" = String, Path, description = "Commune code")),
    responses(
        (status = 200, body = CommuneDetailBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn commune(
    actor: Session<Reader>,
    code: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let code: CommuneCode = code
        .parse()
        .map_err(|_no_code| Problem::new(ProblemCode::NotFound))?;
    let (board, villages) = app.completion.commune(&actor, code).await?;
    let body = CommuneDetailBody::of(&board, &villages).ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(body))
}

/// Which days of which commune.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct TimelineParams {
    /// One commune; everything that is yours when absent.
    commune: Option<String>,
    /// The first day, or the day of this moment (RFC 3339); the campaign's first when absent.
    from: Option<String>,
    /// The last day, or the day of this moment; today when absent.
    to: Option<String>,
}

/// Day by day: planned, due and verified.
#[utoipa::path(
    get, path = "/api/v1/completion/timeline", operation_id = "completion_timeline", tag = "completion", security(("bearer" = [])), params(TimelineParams),
    responses(
        (status = 200, body = TimelineBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 422, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn timeline(
    actor: Session<Reader>,
    query: Query,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let params: TimelineParams = query.read()?;
    let span = TimelineSpan {
        commune: parameter::<CommuneCode>("commune", params.commune.as_deref())?,
        from: parameter::<DayOrMoment>("from", params.from.as_deref())?.map(DayOrMoment::day),
        to: parameter::<DayOrMoment>("to", params.to.as_deref())?.map(DayOrMoment::day),
    };
    let days = app.completion.timeline(&actor, span).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(TimelineBody::of(&days)))
}

impl From<CompletionError> for Problem {
    fn from(error: CompletionError) -> Self {
        match error {
            CompletionError::CommuneNotFound => Self::new(ProblemCode::NotFound),
            CompletionError::SpanInvalid => Self::invalid(vec![FieldError::new(
                "?to",
                "out-of-range",
                "Khoảng ngày trống hoặc dài quá mười năm.",
                "The span of days is empty or longer than ten years.",
            )]),
            CompletionError::Store(error) => error.into(),
        }
    }
}

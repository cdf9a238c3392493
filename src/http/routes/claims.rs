//! Claims: who is looking at which submission.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Permission, Reviewer};
use crate::domain::{Claim, Moment, SubmissionId, UserId};
use crate::http::App;
use crate::http::answers::{NotFoundProblem, SessionProblems};
use crate::http::path;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::query::Page;
use crate::http::session::Session;
use crate::services::claims::{ClaimError, LASTS_S};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/claims").route(web::get().to(list)))
        .service(
            web::resource("/api/v1/submissions/{id}/claim")
                .route(web::put().to(claim))
                .route(web::delete().to(release)),
        );
}

/// Who is at work on a submission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Claim)]
pub(in crate::http) struct ClaimBody {
    #[schema(value_type = uuid::Uuid)]
    submission_id: SubmissionId,
    /// Who.
    #[schema(value_type = uuid::Uuid)]
    by: UserId,
    /// Their name.
    name: String,
    /// Whether it is this very session's.
    own: bool,
    /// It ends then unless it is said again.
    #[schema(value_type = String, format = DateTime)]
    until: Moment,
    /// Seconds that a claim holds.
    lasts_s: i64,
}

impl ClaimBody {
    fn of(submission_id: SubmissionId, claim: Claim, session: &Session<Reviewer>) -> Self {
        Self {
            submission_id,
            by: claim.holder,
            name: claim.name,
            own: claim.device == session.device,
            until: claim.until,
            lasts_s: LASTS_S,
        }
    }
}

/// Every live claim.
#[utoipa::path(
    get, path = "/api/v1/claims", operation_id = "list_claims", tag = "review", security(("bearer" = [])),
    responses((status = 200, body = Page<ClaimBody>), SessionProblems),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn list(session: Session<Reviewer>, app: Data<App>) -> HttpResponse {
    let items = app.claims.all().into_iter();
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Page {
            items: items
                .map(|(id, claim)| ClaimBody::of(id, claim, &session))
                .collect(),
            next: None,
        })
}

/// Says that one is at this submission, or still is. It ends by itself; open pages hear of it.
#[utoipa::path(
    put, path = "/api/v1/submissions/{id}/claim", operation_id = "claim_submission", tag = "review", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")),
    responses(
        (status = 200, body = ClaimBody),
        (status = 409, description = "Somebody else, or another window of one's own, is at it", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, NotFoundProblem
    ),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
pub(in crate::http) async fn claim(
    session: Session<Reviewer>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&id)?;
    let claim = app.claims.claim(&session, id).await?;
    Ok(HttpResponse::Ok().json(ClaimBody::of(id, claim, &session)))
}

/// Says that one is no longer at this submission. Somebody else's claim stays as it is.
#[utoipa::path(
    delete, path = "/api/v1/submissions/{id}/claim", operation_id = "release_submission", tag = "review", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")),
    responses((status = 204, description = "Not, or no longer, one's own"), SessionProblems, NotFoundProblem),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn release(
    session: Session<Reviewer>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.claims.release(&session, path::id(&id)?);
    Ok(HttpResponse::NoContent().finish())
}

impl From<ClaimError> for Problem {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::NotFound => Self::new(ProblemCode::NotFound),
            ClaimError::Held(claim) => Self::new(ProblemCode::Claimed).detail(
                format!("{} đang xem minh chứng này.", claim.name),
                format!("{} is at this submission.", claim.name),
            ),
            ClaimError::Store(error) => error.into(),
        }
    }
}

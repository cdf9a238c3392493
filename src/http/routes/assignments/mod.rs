//! The plan over HTTP: assignments, proposals, lists.
//!
//! Invariant: an answer with one assignment carries its version as `ETag`; a change names it in `If-Match`.
//! Refuses: rules; `services::planning` has them.

pub(in crate::http) mod due;
pub(in crate::http) mod import;
mod wire;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use self::wire::{AssignmentBody, AssignmentChanges, NewAssignment};
use crate::auth::{Permission, Planner, Proposer, Reader};
use crate::domain::AssignmentId;
use crate::http::App;
use crate::http::answers::{BodyProblems, NotFoundProblem, QueryProblems, SessionProblems, WriteProblems};
use crate::http::body::Body;
use crate::http::path;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::query::{Page, PageParams, Query, parameter};
use crate::http::session::Session;
use crate::http::version;
use crate::services::planning::{AssignmentView, Filter, NOT_YOURS, Novelty, PlanningError};

pub(in crate::http) use self::import::{import, template};

const BASE: &str = "/api/v1/assignments";

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    let one = web::resource("/api/v1/assignments/{id}")
        .route(web::get().to(assignment))
        .route(web::patch().to(change))
        .route(web::delete().to(cancel));
    config
        .service(
            web::resource(BASE)
                .route(web::get().to(list))
                .route(web::post().to(create)),
        )
        .service(web::resource("/api/v1/assignments/due").route(web::post().to(due::set_due)))
        .service(web::resource("/api/v1/assignments/import").route(web::post().to(import)))
        .service(web::resource("/api/v1/assignments/template.xlsx").route(web::get().to(template)))
        .service(one);
}

/// Which assignments.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ListParams {
    /// Of this commune, five digits.
    #[param(pattern = "^[0-9]{5}$")]
    commune: Option<String>,
    /// Of this cell, such as `banner.1`.
    cell: Option<String>,
    /// In this state, such as `returned`.
    state: Option<String>,
    /// Of this account.
    #[param(format = Uuid)]
    assignee: Option<String>,
    /// `true`: due day over and not verified; `false`: all others.
    #[param(value_type = Option<bool>)]
    overdue: Option<String>,
    /// Words that all occur in the village, place, note or commune, or name the cell; case and accents do not matter.
    q: Option<String>,
}

/// The assignments within one's scope: all, one's commune's, or one's own.
///
/// A page may be shorter than `limit`, even empty, while `next` says that more may follow.
#[utoipa::path(
    get, path = "/api/v1/assignments", operation_id = "list_assignments", tag = "planning", params(ListParams, PageParams),
    security(("bearer" = [])), extensions(("x-roles" = json!(Reader::ROLES))),
    responses((status = 200, body = Page<AssignmentBody>), SessionProblems, QueryProblems)
)]
pub(in crate::http) async fn list(
    session: Session<Reader>,
    app: Data<App>,
    query: Query,
) -> Result<HttpResponse, Problem> {
    let (params, page) = (query.read::<ListParams>()?, query.page()?);
    let filter = Filter {
        commune: parameter("commune", params.commune.as_deref())?,
        cell: parameter("cell", params.cell.as_deref())?,
        state: parameter("state", params.state.as_deref())?,
        assignee: parameter("assignee", params.assignee.as_deref())?,
        overdue: parameter("overdue", params.overdue.as_deref())?,
        search: params.q,
    };
    let listing = app
        .planning
        .list(&session, filter, page.limit, page.after.clone())
        .await?;
    Ok(HttpResponse::Ok().json(Page {
        items: listing.items.into_iter().map(AssignmentBody::from).collect(),
        next: listing.next.as_deref().map(|place| page.cursor(place)),
    }))
}

/// One assignment.
#[utoipa::path(
    get, path = "/api/v1/assignments/{id}", operation_id = "show_assignment", tag = "planning",
    params(("id" = Uuid, Path, description = "the assignment")),
    security(("bearer" = [])), extensions(("x-roles" = json!(Reader::ROLES))),
    responses((status = 200, body = AssignmentBody, headers(("ETag" = String))), SessionProblems, NotFoundProblem)
)]
pub(in crate::http) async fn assignment(
    session: Session<Reader>,
    app: Data<App>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = app.planning.assignment(&session, path::id(&id)?).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Adds to the plan; a village head proposes.
///
/// With an `id`, the same request again answers 200 with the assignment that it made. A village head's proposal is
/// theirs, in their commune, and counts once a commune officer has accepted it.
#[utoipa::path(
    post, path = "/api/v1/assignments", operation_id = "create_assignment", tag = "planning", request_body = NewAssignment,
    security(("bearer" = [])), extensions(("x-roles" = json!(Proposer::ROLES))),
    responses(
        (status = 201, body = AssignmentBody, headers(("ETag" = String), ("Location" = String))),
        (status = 200, description = "The same request had made it", body = AssignmentBody, headers(("ETag" = String))),
        (status = 404, description = "The same request had made it, and it is yours no longer", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The id was used for another assignment", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, BodyProblems, WriteProblems
    )
)]
pub(in crate::http) async fn create(
    session: Session<Proposer>,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let (id, draft) = body.json::<NewAssignment>().await?.into_parts();
    let (view, novelty) = app.planning.create(&session, id, draft).await?;
    Ok(match novelty {
        Novelty::Repeated => answer(StatusCode::OK, view),
        Novelty::Made => {
            let location = format!("{BASE}/{}", view.assignment.id);
            let mut response = answer(StatusCode::CREATED, view);
            if let Ok(location) = header::HeaderValue::try_from(location) {
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
    })
}

/// Changes fields; `{"state": "open"}` accepts a proposal or brings a cancelled assignment back.
///
/// Members that are absent stay as they are; `null` empties those that may be empty.
#[utoipa::path(
    patch, path = "/api/v1/assignments/{id}", operation_id = "change_assignment", tag = "planning", request_body = AssignmentChanges,
    params(
        ("id" = Uuid, Path, description = "the assignment"),
        ("If-Match" = String, Header, description = "the version that is changed, such as `\"3\"`"),
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(Planner::ROLES))),
    responses(
        (status = 200, body = AssignmentBody, headers(("ETag" = String))),
        (status = 412, description = "Changed by somebody else", body = ProblemBody, content_type = "application/problem+json"),
        (status = 428, description = "`If-Match` is missing", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, NotFoundProblem, BodyProblems, WriteProblems
    )
)]
pub(in crate::http) async fn change(
    session: Session<Planner>,
    app: Data<App>,
    id: Path<String>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&id)?;
    let expected = expected_version(&session, &app, id, &request).await?;
    let (draft, state) = body.json::<AssignmentChanges>().await?.into_parts();
    let view = app.planning.change(&session, id, expected, draft, state).await?;
    Ok(answer(StatusCode::OK, view))
}

/// Takes an assignment out of the plan, refuses a proposal, or withdraws one's own proposal. Its evidence is kept.
#[utoipa::path(
    delete, path = "/api/v1/assignments/{id}", operation_id = "cancel_assignment", tag = "planning",
    params(
        ("id" = Uuid, Path, description = "the assignment"),
        ("If-Match" = String, Header, description = "the version that is cancelled, such as `\"3\"`"),
    ),
    security(("bearer" = [])), extensions(("x-roles" = json!(Proposer::ROLES))),
    responses(
        (status = 200, description = "Cancelled, now or before", body = AssignmentBody, headers(("ETag" = String))),
        (status = 409, description = "The proposal was accepted already", body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "Changed by somebody else", body = ProblemBody, content_type = "application/problem+json"),
        (status = 428, description = "`If-Match` is missing", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, NotFoundProblem, WriteProblems
    )
)]
pub(in crate::http) async fn cancel(
    session: Session<Proposer>,
    app: Data<App>,
    id: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&id)?;
    let expected = expected_version(&session, &app, id, &request).await?;
    let view = app.planning.cancel(&session, id, expected).await?;
    Ok(answer(StatusCode::OK, view))
}

/// The version in `If-Match`; what is not theirs is not found, whatever the header says.
async fn expected_version<P>(
    session: &Session<P>,
    app: &App,
    id: AssignmentId,
    request: &HttpRequest,
) -> Result<u32, Problem> {
    match version::expected(request) {
        Ok(version) => Ok(version),
        Err(problem) => {
            app.planning.assignment(session, id).await?;
            Err(problem)
        }
    }
}

fn answer(status: StatusCode, view: AssignmentView) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header(version::entity_tag(view.assignment.version))
        .json(AssignmentBody::from(view))
}

impl From<PlanningError> for Problem {
    fn from(error: PlanningError) -> Self {
        match error {
            PlanningError::NotFound => Self::new(ProblemCode::NotFound),
            PlanningError::Forbidden => Self::new(ProblemCode::Forbidden).detail(
                "Trưởng thôn chỉ rút được đề xuất của chính mình.",
                "A village head can take back own proposals only.",
            ),
            PlanningError::AlreadyAccepted => Self::new(ProblemCode::IllegalStep).detail(
                "Đề xuất đã được xã, phường duyệt vào kế hoạch.",
                "The commune has accepted this proposal into the plan.",
            ),
            // What is planned in somebody else's commune is as little theirs as what stands there.
            PlanningError::Invalid(fields) if fields.iter().any(|field| field.code == NOT_YOURS) => {
                Self::new(ProblemCode::NotFound).fields(fields)
            }
            PlanningError::Invalid(fields) => Self::invalid(fields),
            PlanningError::Differs => Self::new(ProblemCode::AssignmentDiffers),
            PlanningError::Stale { version } => Self::new(ProblemCode::PreconditionFailed).detail(
                format!("Phiên bản hiện tại là {version}; hãy xem lại rồi sửa."),
                format!("The present version is {version}; look again before changing it."),
            ),
            PlanningError::CursorInvalid => Self::new(ProblemCode::CursorInvalid),
            PlanningError::Ledger(error) => error.into(),
        }
    }
}

//! One due day for a whole cell.

use actix_web::HttpResponse;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Permission, Planner};
use crate::domain::{Cell, CommuneCode};
use crate::http::App;
use crate::http::answers::{BodyProblems, NotFoundProblem, SessionProblems, WriteProblems};
use crate::http::body::Body;
use crate::http::problem::{Problem, ProblemCode};
use crate::http::session::Session;

/// A day for a whole cell.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SetDue)]
pub(in crate::http) struct SetDueBody {
    /// Which column.
    cell: Cell,
    /// Only in this commune; everywhere within one's scope when absent.
    #[schema(value_type = Option<String>, pattern = "^[0-9]{5}$")]
    commune: Option<CommuneCode>,
    /// The last day.
    #[schema(format = Date)]
    due: String,
}

/// How many places have the day now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DueSet)]
pub(in crate::http) struct DueSetBody {
    /// Places with a new day.
    changed: usize,
    /// Places that had it already.
    unchanged: usize,
}

/// Gives every planned place of a cell the same due day: all or none, each with its own audit entry. At most 5,000
/// places at once; doing it again changes nothing.
#[utoipa::path(
    post, path = "/api/v1/assignments/due", operation_id = "set_due", tag = "planning", request_body = SetDueBody,
    security(("bearer" = [])), extensions(("x-roles" = json!(Planner::ROLES))),
    responses((status = 200, body = DueSetBody), SessionProblems, BodyProblems, NotFoundProblem, WriteProblems)
)]
pub(in crate::http) async fn set_due(
    session: Session<Planner>,
    app: Data<App>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let request: SetDueBody = body.json().await?;
    if request
        .commune
        .is_some_and(|code| app.campaign.commune(code).is_none())
    {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let done = app
        .planning
        .set_due(&session, request.cell, request.commune, request.due)
        .await?;
    Ok(HttpResponse::Ok().json(DueSetBody {
        changed: done.changed,
        unchanged: done.unchanged,
    }))
}

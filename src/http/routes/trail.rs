//! What was done to a submission, and what was sent for an assignment.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{Overseer, Permission, Reader};
use crate::domain::{Moment, Sha256, UserId};
use crate::http::App;
use crate::http::answers::{NotFoundProblem, SessionProblems};
use crate::http::forms::submission::{CheckReader, SubmissionBody};
use crate::http::path;
use crate::http::problem::{Asker, Problem};
use crate::http::query::Page;
use crate::http::session::Session;
use crate::services::evidence::TrailEntry;

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/submissions/{id}/audit").route(web::get().to(audit)))
        .service(web::resource("/api/v1/assignments/{id}/submissions").route(web::get().to(for_assignment)));
}

/// One entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(in crate::http) struct AuditEntryBody {
    /// Its place in the log, from 0.
    number: u64,
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
    /// Who did it; null for the server itself or the operator.
    by: Option<DoerBody>,
    /// What was done, such as `submission.verified`.
    action: String,
    /// The figures of it.
    #[schema(value_type = Object)]
    detail: Value,
    /// SHA-256 over the entry and the hash of the one before it.
    #[schema(value_type = String)]
    hash: Sha256,
}

/// Who did something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Doer)]
pub(in crate::http) struct DoerBody {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    name: String,
}

impl From<TrailEntry> for AuditEntryBody {
    fn from(found: TrailEntry) -> Self {
        let TrailEntry { number, entry, name } = found;
        Self {
            number,
            at: entry.at,
            by: entry.by.map(|id| DoerBody {
                id,
                name: name.unwrap_or_default(),
            }),
            action: entry.action,
            detail: serde_json::from_str(&entry.detail).unwrap_or(Value::Null),
            hash: Sha256(entry.hash),
        }
    }
}

/// The audit entries about a submission, oldest first, at most 500.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/audit", operation_id = "submission_audit", tag = "evidence", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")),
    responses((status = 200, body = Page<AuditEntryBody>), SessionProblems, NotFoundProblem),
    extensions(("x-roles" = json!(Overseer::ROLES)))
)]
pub(in crate::http) async fn audit(
    session: Session<Overseer>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let entries = app.evidence.trail(&session, path::id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Page {
        items: entries.into_iter().map(AuditEntryBody::from).collect(),
        next: None,
    }))
}

/// Everything that was sent for an assignment and is yours to see, oldest first.
#[utoipa::path(
    get, path = "/api/v1/assignments/{id}/submissions", operation_id = "assignment_submissions", tag = "evidence", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The assignment")),
    responses((status = 200, body = Page<SubmissionBody>), SessionProblems, NotFoundProblem),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn for_assignment(
    session: Session<Reader>,
    id: Path<String>,
    asker: Asker,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let sent = app.evidence.for_assignment(&session, path::id(&id)?).await?;
    let reader = CheckReader::new(&asker, &app.campaign, session.scope());
    Ok(HttpResponse::Ok().json(Page {
        items: sent
            .into_iter()
            .map(|seen| SubmissionBody::of(seen, reader))
            .collect(),
        next: None,
    }))
}

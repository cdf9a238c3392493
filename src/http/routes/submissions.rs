//! Submissions: receiving reports and pictures, lists, history, withdrawal.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use serde::Deserialize;
use utoipa::IntoParams;

use super::multipart;
use crate::auth::{Actor, FieldWorker, Permission, Reader};
use crate::domain::{Cell, CheckCode, CommuneCode, Sha256, SubmissionState};
use crate::http::App;
use crate::http::body::{Body, too_large};
use crate::http::forms::submission::{CheckReader, HistoryEventBody, ReportBody, SubmissionBody};
use crate::http::path;
use crate::http::problem::{Asker, Problem, ProblemBody, ProblemCode};
use crate::http::query::{DayOrMoment, Page, PageParams, Query, parameter};
use crate::http::session::Session;
use crate::media::PictureRefusal;
use crate::services::LedgerError;
use crate::services::evidence::{EvidenceError, Order, Outcome, QueueFilter, Recorded, SlotState};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/submissions").route(web::get().to(list)))
        .service(
            web::resource("/api/v1/submissions/{id}")
                .route(web::put().to(put_submission))
                .route(web::get().to(submission))
                .route(web::delete().to(withdraw)),
        )
        .service(web::resource("/api/v1/submissions/{id}/history").route(web::get().to(history)))
        .service(web::resource("/api/v1/submissions/{id}/photos/{sha256}").route(web::put().to(put_photo)));
}

/// Sends a report, as JSON with the pictures to follow, or as multipart with the pictures in it.
///
/// The same request again gives the same answer and no second record; the same id with other content is 409.
#[utoipa::path(
    put, path = "/api/v1/submissions/{id}", tag = "evidence", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The phone's id for it (UUIDv7)")),
    request_body(content(
        (ReportBody = "application/json"),
        (multipart::MultipartForm = "multipart/form-data"),
    )),
    responses(
        (status = 201, description = "Recorded", body = SubmissionBody),
        (status = 200, description = "Was here before", body = SubmissionBody),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, description = "No such assignment, or not yours", body = ProblemBody),
        (status = 408, body = ProblemBody), (status = 409, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 422, body = ProblemBody), (status = 429, body = ProblemBody),
        (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn put_submission(
    actor: Session<FieldWorker>,
    id: Path<String>,
    body: Body,
    asker: Asker,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&id)?;
    let recorded = if body.media_type() == "multipart/form-data" {
        multipart::receive(&app, &actor, id, body).await?
    } else {
        let draft = body.json::<ReportBody>().await?.draft(id, false)?;
        app.evidence.receive_report(&actor, draft, Vec::new()).await?
    };
    Ok(answer(&app, &actor, &asker, recorded))
}

/// Sends one picture of a submission.
#[utoipa::path(
    put, path = "/api/v1/submissions/{id}/photos/{sha256}", tag = "evidence", security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The submission"),
        ("sha256" = String, Path, description = "SHA-256 of the bytes, hex"),
    ),
    request_body(content(
        (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"),
    )),
    responses(
        (status = 201, description = "Stored", body = SubmissionBody),
        (status = 200, description = "Was here before; the body was not read", body = SubmissionBody),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 408, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 413, body = ProblemBody), (status = 415, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 429, body = ProblemBody), (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn put_photo(
    actor: Session<FieldWorker>,
    slot: Path<(String, String)>,
    mut body: Body,
    asker: Asker,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let id = path::id(&slot.0)?;
    let sha256: Sha256 = slot
        .1
        .parse()
        .map_err(|_not_hex| Problem::new(ProblemCode::PictureUnexpected))?;
    let bytes = match app.evidence.slot(&actor, id, sha256).await? {
        SlotState::Filled(seen) => {
            let repeated = Recorded {
                outcome: Outcome::Repeated,
                seen: *seen,
            };
            return Ok(answer(&app, &actor, &asker, repeated));
        }
        SlotState::Empty { bytes } => bytes,
    };
    require_picture_type(body.media_type())?;
    body.require_at_most(app.evidence.max_picture_bytes(), ProblemCode::PictureTooLarge)?;
    if body.length().is_some_and(|length| length != bytes) {
        return Err(EvidenceError::HashMismatch.into());
    }
    let mut reception = app.evidence.begin_picture(Some(bytes))?;
    while let Some(piece) = body.next().await {
        reception.write(&piece?).await?;
    }
    let arrived = reception.finish(Some(sha256)).await?;
    let recorded = app.evidence.receive_picture(&actor, id, arrived).await?;
    Ok(answer(&app, &actor, &asker, recorded))
}

/// What a list of submissions is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ListParams {
    /// Only those in this state.
    #[param(value_type = Option<SubmissionState>)]
    state: Option<String>,
    /// Only those of this commune.
    commune: Option<String>,
    /// Only those of this cell.
    #[param(value_type = Option<Cell>)]
    cell: Option<String>,
    /// Only those with a warning of this check.
    #[param(value_type = Option<CheckCode>)]
    check: Option<String>,
    /// Arrived on this day or later, or at this moment (RFC 3339) or later.
    from: Option<String>,
    /// Arrived on this day or before, or at this moment (RFC 3339) or before.
    to: Option<String>,
    /// `oldest` (default), `newest` or `riskiest` first.
    order: Option<String>,
}

/// Lists submissions that are yours to see.
#[utoipa::path(
    get, path = "/api/v1/submissions", operation_id = "list_submissions", tag = "evidence", security(("bearer" = [])),
    params(ListParams, PageParams),
    responses(
        (status = 200, body = Page<SubmissionBody>),
        (status = 400, body = ProblemBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 422, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn list(
    actor: Session<Reader>,
    query: Query,
    asker: Asker,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = query.page()?;
    let filter = query.read::<ListParams>()?.filter()?;
    let (items, next) = app
        .evidence
        .queue(&actor, filter, page.limit, page.after.clone())
        .await?;
    let reader = CheckReader::new(&asker, &app.campaign, actor.scope());
    let items = items
        .into_iter()
        .map(|seen| SubmissionBody::of(seen, reader))
        .collect();
    Ok(HttpResponse::Ok().json(Page {
        items,
        next: next.map(|place| page.cursor(&place)),
    }))
}

impl ListParams {
    fn filter(&self) -> Result<QueueFilter, Problem> {
        Ok(QueueFilter {
            state: parameter::<SubmissionState>("state", self.state.as_deref())?,
            commune: parameter::<CommuneCode>("commune", self.commune.as_deref())?,
            cell: parameter::<Cell>("cell", self.cell.as_deref())?,
            from: parameter::<DayOrMoment>("from", self.from.as_deref())?.map(DayOrMoment::start),
            until: parameter::<DayOrMoment>("to", self.to.as_deref())?.map(DayOrMoment::end),
            check: parameter::<CheckCode>("check", self.check.as_deref())?,
            order: parameter::<Order>("order", self.order.as_deref())?.unwrap_or_default(),
        })
    }
}

/// One submission.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}", operation_id = "show_submission", tag = "evidence", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")),
    responses(
        (status = 200, body = SubmissionBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn submission(
    actor: Session<Reader>,
    id: Path<String>,
    asker: Asker,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let seen = app.evidence.submission(&actor, path::id(&id)?).await?;
    Ok(HttpResponse::Ok().json(SubmissionBody::of(
        seen,
        CheckReader::new(&asker, &app.campaign, actor.scope()),
    )))
}

/// Every change of a submission's state, oldest first.
#[utoipa::path(
    get, path = "/api/v1/submissions/{id}/history", operation_id = "submission_history", tag = "evidence", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")),
    responses(
        (status = 200, body = Page<HistoryEventBody>), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn history(
    actor: Session<Reader>,
    id: Path<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let events = app.evidence.history(&actor, path::id(&id)?).await?;
    let items = events.into_iter().map(HistoryEventBody::of).collect();
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Takes an own submission back, while nobody has decided on it.
#[utoipa::path(
    delete, path = "/api/v1/submissions/{id}", operation_id = "withdraw_submission", tag = "evidence", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")),
    responses(
        (status = 200, body = SubmissionBody), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 503, body = ProblemBody),
        (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(FieldWorker::ROLES)))
)]
pub(in crate::http) async fn withdraw(
    actor: Session<FieldWorker>,
    id: Path<String>,
    asker: Asker,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let submission = app.evidence.withdraw(&actor, path::id(&id)?).await?;
    let seen = app.evidence.show(submission).await?;
    Ok(HttpResponse::Ok().json(SubmissionBody::of(
        seen,
        CheckReader::new(&asker, &app.campaign, actor.scope()),
    )))
}

/// 201 for something new, 200 for a repeat, each with the submission as it stands.
pub(super) fn answer(app: &App, actor: &Actor, asker: &Asker, recorded: Recorded) -> HttpResponse {
    let status = match recorded.outcome {
        Outcome::Created => StatusCode::CREATED,
        Outcome::Repeated => StatusCode::OK,
    };
    HttpResponse::build(status).json(SubmissionBody::of(
        recorded.seen,
        CheckReader::new(asker, &app.campaign, actor.scope()),
    ))
}

/// The declared type only rules out what is plainly no picture; the bytes decide.
pub(super) fn require_picture_type(media_type: &str) -> Result<(), Problem> {
    match media_type {
        "image/jpeg" | "image/jpg" | "image/png" | "image/webp" | "application/octet-stream" | "" => Ok(()),
        _ => Err(Problem::new(ProblemCode::PictureKindUnsupported)),
    }
}

impl From<EvidenceError> for Problem {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::AssignmentNotFound => Self::new(ProblemCode::NotFound).detail(
                "Không có nhiệm vụ này, hoặc không phải của bạn.",
                "There is no such assignment, or it is not yours.",
            ),
            EvidenceError::NotFound => Self::new(ProblemCode::NotFound),
            EvidenceError::Differs => Self::new(ProblemCode::SubmissionDiffers),
            EvidenceError::Withdrawn => Self::new(ProblemCode::SubmissionWithdrawn),
            EvidenceError::Invalid(fields) => Self::invalid(fields),
            EvidenceError::PictureUnexpected => Self::new(ProblemCode::PictureUnexpected),
            EvidenceError::HashMismatch => Self::new(ProblemCode::HashMismatch),
            EvidenceError::PictureTooLarge { max_bytes } => {
                too_large(ProblemCode::PictureTooLarge, max_bytes)
            }
            EvidenceError::Picture(refusal) => refused_picture(refusal),
            EvidenceError::Overloaded => Self::new(ProblemCode::Overloaded).retry_after(5),
            EvidenceError::DiskFull(full) => crate::store::StoreError::DiskFull(full).into(),
            EvidenceError::IllegalStep(step) => Self::new(ProblemCode::IllegalStep).detail(
                format!("Minh chứng đang ở trạng thái {}.", step.state),
                format!("The submission is {}.", step.state),
            ),
            EvidenceError::CursorInvalid => Self::new(ProblemCode::CursorInvalid),
            EvidenceError::Store(error) | EvidenceError::Ledger(LedgerError::Store(error)) => error.into(),
            EvidenceError::Ledger(error) => Self::internal(&error),
            EvidenceError::Seal(error) => Self::internal(&error),
            EvidenceError::NoCopy => Self::new(ProblemCode::PictureHasNoCopy),
        }
    }
}

fn refused_picture(refusal: PictureRefusal) -> Problem {
    match refusal {
        PictureRefusal::UnsupportedKind { found } => Problem::new(ProblemCode::PictureKindUnsupported)
            .detail(
                format!(
                    "Đây là tệp {}. Hãy chụp hoặc gửi ảnh JPEG, PNG hoặc WebP.",
                    found.name()
                ),
                format!("This is {}. Send a JPEG, PNG or WebP picture.", found.name()),
            ),
        PictureRefusal::NotAPicture => Problem::new(ProblemCode::PictureKindUnsupported),
        PictureRefusal::TooManyPixels { pixels, max } => Problem::new(ProblemCode::PictureTooLarge).detail(
            format!("Ảnh có {pixels} điểm ảnh; nhiều nhất là {max}."),
            format!("The picture has {pixels} pixels; at most {max} are taken."),
        ),
        PictureRefusal::Empty => Problem::new(ProblemCode::PictureUnreadable).detail(
            "Tệp ảnh rỗng. Hãy chụp lại.",
            "The file is empty. Take the picture again.",
        ),
        PictureRefusal::Truncated => Problem::new(ProblemCode::PictureUnreadable).detail(
            "Ảnh bị cắt cụt, thiếu phần cuối. Hãy gửi lại hoặc chụp lại.",
            "The picture is cut off: its end is missing. Send it again or take it again.",
        ),
        PictureRefusal::Broken { .. } => Problem::new(ProblemCode::PictureUnreadable).detail(
            "Ảnh bị hỏng, không mở được. Hãy chụp lại.",
            format!("{refusal}. Take it again."),
        ),
    }
}

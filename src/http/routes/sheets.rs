//! Contact sheets: many clean submissions of one commune × cell verified together, after a random sample of them.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Permission, Reviewer};
use crate::domain::{Cell, CommuneCode, FieldError, Moment, SubmissionId};
use crate::http::App;
use crate::http::answers::{BodyProblems, NotFoundProblem, SessionProblems, WriteProblems};
use crate::http::body::Body;
use crate::http::problem::{Asker, Problem, ProblemBody, ProblemCode};
use crate::http::session::Session;
use crate::services::sheets::{DrawnSheet, Look, SheetError, SheetVerified};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/contact-sheets/{commune}/{cell}").route(web::put().to(draw)))
        .service(
            web::resource("/api/v1/contact-sheets/{commune}/{cell}/verify").route(web::post().to(verify)),
        );
}

/// A contact sheet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ContactSheet)]
pub(in crate::http) struct SheetBody {
    /// Names this draw.
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    drawn_at: Moment,
    /// What may be verified together: waiting, without a warning, at most 200.
    #[schema(value_type = Vec<Uuid>)]
    members: Vec<SubmissionId>,
    /// What has to be reviewed one by one first: a tenth, at least three.
    sample: Vec<SampledBody>,
}

/// One of the random sample.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SampledSubmission)]
pub(in crate::http) struct SampledBody {
    #[schema(value_type = Uuid)]
    submission_id: SubmissionId,
    look: LookBody,
}

/// How far a sampled submission was looked at.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Look)]
pub(in crate::http) enum LookBody {
    Waiting,
    Verified,
    Rejected,
    Lost,
}

impl From<DrawnSheet> for SheetBody {
    fn from(drawn: DrawnSheet) -> Self {
        let sampled = |(submission_id, look)| SampledBody {
            submission_id,
            look: match look {
                Look::Waiting => LookBody::Waiting,
                Look::Verified => LookBody::Verified,
                Look::Rejected => LookBody::Rejected,
                Look::Lost => LookBody::Lost,
            },
        };
        Self {
            id: drawn.sheet.id,
            drawn_at: drawn.sheet.drawn_at,
            members: drawn.sheet.members.iter().map(|(member, _)| *member).collect(),
            sample: drawn.sample.into_iter().map(sampled).collect(),
        }
    }
}

/// Which sheet is verified.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = VerifySheet)]
pub(in crate::http) struct VerifyBody {
    /// The sheet's id.
    sheet: Uuid,
    /// Only these of its members; all of them when absent.
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 200)]
    submissions: Option<Vec<SubmissionId>>,
}

/// What verifying a sheet did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SheetVerified)]
pub(in crate::http) struct VerifiedBody {
    /// Verified by this request, or by the same one before. The sample was verified one by one.
    #[schema(value_type = Vec<Uuid>)]
    verified: Vec<SubmissionId>,
    /// Left as they are, and why.
    left: Vec<LeftBody>,
}

/// A member that was left.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SheetLeft)]
pub(in crate::http) struct LeftBody {
    #[schema(value_type = Uuid)]
    submission_id: SubmissionId,
    problem: ProblemBody,
}

/// Draws the contact sheet of a commune × cell and its random sample, or shows the one that was drawn.
///
/// What is drawn stands in the audit log. The same sheet is shown until all of it is decided or twelve hours are over.
#[utoipa::path(
    put, path = "/api/v1/contact-sheets/{commune}/{cell}", operation_id = "draw_sheet", tag = "review", security(("bearer" = [])),
    params(
        ("commune" = String, Path, description = "Commune code"),
        ("cell" = String, Path, description = "Cell key, such as `banner.1`"),
    ),
    responses((status = 200, body = SheetBody), SessionProblems, NotFoundProblem, WriteProblems),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
pub(in crate::http) async fn draw(
    session: Session<Reviewer>,
    place: Path<(String, String)>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let drawn = app.sheets.draw(&session, known_place(&app, &place)?).await?;
    Ok(HttpResponse::Ok().json(SheetBody::from(drawn)))
}

/// Verifies the members of a sheet together, once every sampled one was reviewed one by one by the same person.
#[utoipa::path(
    post, path = "/api/v1/contact-sheets/{commune}/{cell}/verify", operation_id = "verify_sheet", tag = "review", security(("bearer" = [])),
    params(
        ("commune" = String, Path, description = "Commune code"),
        ("cell" = String, Path, description = "Cell key, such as `banner.1`"),
    ),
    request_body = VerifyBody,
    responses(
        (status = 200, body = VerifiedBody),
        (status = 409, description = "The sample is not looked at (`sample-unseen`), or has failed (`sample-failed`)", body = ProblemBody, content_type = "application/problem+json"),
        SessionProblems, BodyProblems, NotFoundProblem, WriteProblems
    ),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
pub(in crate::http) async fn verify(
    session: Session<Reviewer>,
    asker: Asker,
    place: Path<(String, String)>,
    body: Body,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let place = known_place(&app, &place)?;
    let request: VerifyBody = body.json().await?;
    let SheetVerified { verified, left } = app
        .sheets
        .verify(&session, place, request.sheet, request.submissions)
        .await?;
    let left = left.into_iter().map(|(submission_id, refused)| LeftBody {
        submission_id,
        problem: Problem::from(refused).body(asker.language, &asker.request_id),
    });
    Ok(HttpResponse::Ok().json(VerifiedBody {
        verified,
        left: left.collect(),
    }))
}

/// A commune and a cell of the campaign.
fn known_place(app: &App, (commune, cell): &(String, String)) -> Result<(CommuneCode, Cell), Problem> {
    let commune = commune
        .parse()
        .ok()
        .filter(|code| app.campaign.commune(*code).is_some());
    commune
        .zip(cell.parse().ok())
        .ok_or_else(|| Problem::new(ProblemCode::NotFound))
}

impl From<SheetError> for Problem {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::Gone => Self::new(ProblemCode::NotFound).detail(
                "Bảng ảnh này đã hết hạn hoặc đã lập lại; hãy mở lại.",
                "This sheet is too old or was drawn again; open it anew.",
            ),
            SheetError::Unseen(sampled) => Self::new(ProblemCode::SampleUnseen).fields(named(
                &sampled,
                "not-looked-at",
                "Chưa xem riêng minh chứng này.",
                "This one was not looked at by itself.",
            )),
            SheetError::SampleFailed => Self::new(ProblemCode::SampleFailed),
            SheetError::NotOnSheet(foreign) => Self::invalid(named(
                &foreign,
                "not-on-sheet",
                "Không có trong bảng ảnh này.",
                "It is not on this sheet.",
            )),
            SheetError::Review(error) => error.into(),
            SheetError::Store(error) => error.into(),
        }
    }
}

fn named(submissions: &[SubmissionId], code: &'static str, vi: &str, en: &str) -> Vec<FieldError> {
    let field = |id: &SubmissionId| FieldError::new(format!("/submissions/{id}"), code, vi, en);
    submissions.iter().map(field).collect()
}

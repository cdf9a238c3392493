//! Reviews: one decision, or up to 200 at once.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{Actor, Permission, Reviewer};
use crate::domain::{Decision, FieldError, InvalidReview, RejectReason, SubmissionId, Verdict};
use crate::http::App;
use crate::http::body::Body;
use crate::http::forms::submission::{CheckReader, SubmissionBody};
use crate::http::json::read_value;
use crate::http::path;
use crate::http::problem::{Asker, Problem, ProblemBody, ProblemCode};
use crate::http::session::Session;
use crate::services::LedgerError;
use crate::services::review::ReviewError;

const MAX_REVIEWS: usize = 200;
const MAX_COMMENT_CHARS: usize = 2000;

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/api/v1/submissions/{id}/reviews").route(web::post().to(review)))
        .service(web::resource("/api/v1/reviews").route(web::post().to(review_many)));
}

/// A decision on one submission.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Review)]
pub(in crate::http) struct ReviewBody {
    decision: Decision,
    /// Needed to reject.
    reason: Option<RejectReason>,
    /// Words for the sender; needed with the reason `other`.
    #[schema(max_length = 2000)]
    comment: Option<String>,
    /// The version that was judged.
    version: u32,
}

impl ReviewBody {
    fn verdict(self) -> Result<(Verdict, u32), Problem> {
        let chars = self.comment.as_ref().map_or(0, |comment| comment.chars().count());
        if chars > MAX_COMMENT_CHARS {
            return Err(Problem::invalid(vec![FieldError::new(
                "/comment",
                "too-long",
                format!("Lời nhắn dài quá {MAX_COMMENT_CHARS} ký tự."),
                format!("The comment is longer than {MAX_COMMENT_CHARS} characters."),
            )]));
        }
        let verdict = Verdict::new(self.decision, self.reason, self.comment).map_err(wrong_review)?;
        Ok((verdict, self.version))
    }
}

fn wrong_review(wrong: InvalidReview) -> Problem {
    let field = match wrong {
        InvalidReview::ReasonMissing => FieldError::new(
            "/reason",
            "missing",
            "Trả lại thì phải có lý do.",
            "A rejection needs a reason.",
        ),
        InvalidReview::CommentMissing => FieldError::new(
            "/comment",
            "missing",
            "Lý do khác thì phải viết rõ.",
            "The reason `other` needs a comment.",
        ),
        InvalidReview::ReasonNotAllowed => FieldError::new(
            "/reason",
            "not-allowed",
            "Chỉ khi trả lại mới có lý do.",
            "Only a rejection has a reason.",
        ),
    };
    Problem::invalid(vec![field])
}

/// Decides on one submission. The same decision again gives the same answer.
#[utoipa::path(
    post, path = "/api/v1/submissions/{id}/reviews", operation_id = "review_submission", tag = "review", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The submission")), request_body = ReviewBody,
    responses(
        (status = 200, body = SubmissionBody), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 408, body = ProblemBody),
        (status = 409, description = "Somebody was faster, or the state does not allow it", body = ProblemBody),
        (status = 413, body = ProblemBody), (status = 415, body = ProblemBody), (status = 422, body = ProblemBody),
        (status = 503, body = ProblemBody), (status = 507, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
pub(in crate::http) async fn review(
    actor: Session<Reviewer>,
    id: Path<String>,
    asker: Asker,
    body: Body,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let review = body.json::<ReviewBody>().await?;
    let seen = decide(&app, &asker, &actor, path::id(&id)?, review).await?;
    Ok(HttpResponse::Ok().json(seen))
}

/// Up to 200 decisions.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct Reviews {
    /// Each is judged for itself, also when it cannot be read.
    #[schema(min_items = 1, max_items = 200, value_type = Vec<SubmissionReview>)]
    reviews: Vec<Value>,
}

/// A decision that names its submission.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct SubmissionReview {
    /// The submission.
    #[schema(value_type = uuid::Uuid)]
    #[serde(alias = "submission_id", alias = "id")]
    submission: SubmissionId,
    #[serde(flatten)]
    review: ReviewBody,
}

/// How each decision ended, in the order they were sent.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReviewOutcomes {
    items: Vec<ReviewOutcome>,
}

/// How one decision ended.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct ReviewOutcome {
    /// The submission; null when the decision names none.
    #[schema(value_type = Option<uuid::Uuid>)]
    submission_id: Option<SubmissionId>,
    /// The status that this decision alone would have had.
    status: u16,
    /// As it stands, when the decision was taken.
    submission: Option<SubmissionBody>,
    /// Why it was not taken.
    problem: Option<ProblemBody>,
}

/// Decides on up to 200 submissions, each for itself.
#[utoipa::path(
    post, path = "/api/v1/reviews", operation_id = "review_submissions", tag = "review", security(("bearer" = [])), request_body = Reviews,
    responses(
        (status = 200, body = ReviewOutcomes), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 408, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 422, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reviewer::ROLES)))
)]
pub(in crate::http) async fn review_many(
    actor: Session<Reviewer>,
    asker: Asker,
    body: Body,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let reviews = body.json::<Reviews>().await?.reviews;
    if reviews.is_empty() || reviews.len() > MAX_REVIEWS {
        return Err(Problem::invalid(vec![FieldError::new(
            "/reviews",
            "wrong-count",
            format!("Mỗi lần gửi từ 1 đến {MAX_REVIEWS} quyết định."),
            format!("1 to {MAX_REVIEWS} decisions at once."),
        )]));
    }
    let actor: &Actor = &actor;
    let decisions = reviews.into_iter().enumerate().map(async |(number, each)| {
        let id = submission_of(&each);
        let decided = match read_value::<SubmissionReview>(each, &format!("/reviews/{number}")) {
            Ok(each) => decide(&app, &asker, actor, each.submission, each.review).await,
            Err(problem) => Err(problem),
        };
        let (status, submission, problem) = match decided {
            Ok(submission) => (StatusCode::OK, Some(submission), None),
            Err(problem) => (
                problem.code.status(),
                None,
                Some(problem.body(asker.language, &asker.request_id)),
            ),
        };
        ReviewOutcome {
            submission_id: id,
            status: status.as_u16(),
            submission,
            problem,
        }
    });
    Ok(HttpResponse::Ok().json(ReviewOutcomes {
        items: join_all(decisions).await,
    }))
}

/// Which submission a decision names, also one that cannot be read otherwise.
fn submission_of(review: &Value) -> Option<SubmissionId> {
    let members = ["submission", "submission_id", "id"];
    let text = members.iter().find_map(|member| review.get(member)?.as_str());
    text.and_then(|text| text.parse().ok())
}

async fn decide(
    app: &App,
    asker: &Asker,
    actor: &Actor,
    id: SubmissionId,
    review: ReviewBody,
) -> Result<SubmissionBody, Problem> {
    let (verdict, version) = review.verdict()?;
    let submission = app.review.decide(actor, id, verdict, version).await?;
    let seen = app.evidence.show(submission).await?;
    Ok(SubmissionBody::of(
        seen,
        CheckReader::new(asker, &app.campaign, actor.scope()),
    ))
}

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::NotFound => Self::new(ProblemCode::NotFound),
            ReviewError::VersionConflict { present } => Self::new(ProblemCode::VersionConflict).detail(
                format!("Bản hiện tại là {present}."),
                format!("The present version is {present}."),
            ),
            ReviewError::IllegalStep(step) => Self::new(ProblemCode::IllegalStep).detail(
                format!("Minh chứng đang ở trạng thái {}.", step.state),
                format!("The submission is {}.", step.state),
            ),
            ReviewError::Store(error) | ReviewError::Ledger(LedgerError::Store(error)) => error.into(),
            ReviewError::Ledger(error) => Self::internal(&error),
        }
    }
}

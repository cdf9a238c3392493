//! Submissions on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{
    AssignmentId, Cell, ClientApp, CommuneCode, Decision, FieldError, HistoryEvent, Location, Mark, Moment,
    PhotoSlot, Point, RejectReason, Report, Sha256, Submission, SubmissionId, SubmissionState, UserId,
};
use crate::http::problem::Problem;
use crate::services::evidence::{Draft, DraftPhoto, PhotoList, SeenSubmission};

/// What a phone reports.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Report)]
pub(in crate::http) struct ReportBody {
    /// The assignment it is for.
    #[schema(value_type = uuid::Uuid)]
    assignment_id: AssignmentId,
    /// When the first picture was taken, by the phone's clock.
    #[schema(value_type = String, format = DateTime)]
    captured_at: Moment,
    /// Where the phone was; null when it could not tell.
    location: Option<LocationBody>,
    /// The sender's words.
    #[schema(max_length = 10000)]
    note: Option<String>,
    /// Head count of a signed sheet.
    #[schema(maximum = 1_000_000)]
    signed_count: Option<u32>,
    /// The pictures that belong to it, 1 to 5. May be left out where the pictures come in the same request.
    #[schema(min_items = 1, max_items = 5)]
    photos: Option<Vec<PhotoAnnouncement>>,
    /// The sending program.
    client: Option<ClientApp>,
}

/// Where a phone says it was.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Location)]
pub(in crate::http) struct LocationBody {
    /// Latitude, WGS 84 degrees.
    #[schema(minimum = -90.0, maximum = 90.0)]
    lat: f64,
    /// Longitude, WGS 84 degrees.
    #[schema(minimum = -180.0, maximum = 180.0)]
    lon: f64,
    /// Radius of the phone's confidence, metres; 0 means mock or placed by hand.
    #[schema(minimum = 0.0, maximum = 20_037_508.0)]
    accuracy_m: f64,
    /// When the place was measured.
    #[schema(value_type = Option<String>, format = DateTime)]
    captured_at: Option<Moment>,
}

/// A picture that will come.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::http) struct PhotoAnnouncement {
    /// SHA-256 of its bytes, hex.
    #[schema(value_type = String, pattern = "^[0-9a-fA-F]{64}$")]
    sha256: Sha256,
    /// Its length in bytes.
    #[schema(minimum = 1, maximum = 15_728_640)]
    bytes: u64,
}

impl ReportBody {
    /// The draft with the id `id`. Without a list of pictures they are those of the same request, if `as_sent`.
    pub(in crate::http) fn draft(self, id: SubmissionId, as_sent: bool) -> Result<Draft, Problem> {
        let photos = match self.photos {
            Some(photos) => PhotoList::Announced(
                photos
                    .into_iter()
                    .map(|photo| DraftPhoto {
                        sha256: photo.sha256,
                        bytes: photo.bytes,
                    })
                    .collect(),
            ),
            None if as_sent => PhotoList::AsSent,
            None => PhotoList::Announced(Vec::new()),
        };
        Ok(Draft {
            id,
            report: Report {
                assignment: self.assignment_id,
                captured_at: self.captured_at,
                location: self.location.map(LocationBody::location).transpose()?,
                note: self.note.filter(|note| !note.is_empty()),
                signed_count: self.signed_count,
            },
            photos,
            client: self.client,
        })
    }
}

impl LocationBody {
    fn location(self) -> Result<Location, Problem> {
        let point = Point::new(self.lat, self.lon).ok_or_else(|| {
            Problem::invalid(vec![FieldError::new(
                "/location",
                "off-the-globe",
                "Toạ độ nằm ngoài quả đất: vĩ độ từ -90 đến 90, kinh độ từ -180 đến 180.",
                "The place is off the globe: latitude -90 to 90, longitude -180 to 180.",
            )])
        })?;
        Ok(Location {
            point,
            accuracy_m: self.accuracy_m,
            captured_at: self.captured_at,
        })
    }

    fn of(location: &Location) -> Self {
        Self {
            lat: location.point.lat,
            lon: location.point.lon,
            accuracy_m: location.accuracy_m,
            captured_at: location.captured_at,
        }
    }
}

/// A submission as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Submission)]
pub(in crate::http) struct SubmissionBody {
    #[schema(value_type = uuid::Uuid)]
    id: SubmissionId,
    #[schema(value_type = uuid::Uuid)]
    assignment_id: AssignmentId,
    #[schema(value_type = String)]
    commune: CommuneCode,
    cell: Cell,
    state: SubmissionState,
    /// When what is here arrived: the record while incomplete, the last picture once whole.
    #[schema(value_type = String, format = DateTime)]
    received_at: Moment,
    /// By the phone's clock.
    #[schema(value_type = String, format = DateTime)]
    captured_at: Moment,
    location: Option<LocationBody>,
    note: Option<String>,
    signed_count: Option<u32>,
    submitter: SubmitterBody,
    photos: Vec<PhotoBody>,
    /// Pictures that have not arrived.
    #[schema(value_type = Vec<String>)]
    missing: Vec<Sha256>,
    /// What the automatic checks found.
    checks: Vec<CheckBody>,
    /// What was out of the ordinary about how it came.
    marks: Vec<Mark>,
    /// The decision that stands.
    decision: Option<DecisionBody>,
    /// Counts changes; a review names the version it judged.
    version: u32,
    /// Compact JWS, since the last picture arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

/// Who sent it.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct SubmitterBody {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    name: String,
}

/// One picture of a submission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Photo)]
pub(in crate::http) struct PhotoBody {
    #[schema(value_type = String)]
    sha256: Sha256,
    bytes: u64,
    /// Upright width in pixels; null until it is here.
    width: Option<u32>,
    /// Upright height in pixels; null until it is here.
    height: Option<u32>,
    stored: bool,
}

/// What one automatic check found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
pub(in crate::http) struct CheckBody {
    code: String,
    outcome: CheckOutcome,
    detail: String,
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(
    dead_code,
    reason = "the specification names every outcome before the checks give them"
)]
pub(in crate::http) enum CheckOutcome {
    Ok,
    Warn,
    NotChecked,
}

/// A decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StandingDecision)]
pub(in crate::http) struct DecisionBody {
    decision: Decision,
    reason: Option<RejectReason>,
    comment: Option<String>,
    #[schema(value_type = uuid::Uuid)]
    by: UserId,
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
}

impl From<SeenSubmission> for SubmissionBody {
    fn from(seen: SeenSubmission) -> Self {
        let submission = seen.submission;
        Self {
            missing: submission.missing().collect(),
            decision: decision(&submission),
            id: submission.id,
            assignment_id: submission.report.assignment,
            commune: submission.commune,
            cell: submission.cell,
            state: submission.state,
            received_at: submission.received_at,
            captured_at: submission.report.captured_at,
            location: submission.report.location.as_ref().map(LocationBody::of),
            note: submission.report.note,
            signed_count: submission.report.signed_count,
            submitter: SubmitterBody {
                id: submission.submitter,
                name: seen.submitter_name,
            },
            photos: submission.photos.iter().map(PhotoBody::of).collect(),
            checks: Vec::new(),
            marks: submission.marks,
            version: submission.version,
            receipt: seen.receipt,
        }
    }
}

fn decision(submission: &Submission) -> Option<DecisionBody> {
    submission
        .decision
        .as_ref()
        .map(|(by, at, verdict)| DecisionBody {
            decision: verdict.decision(),
            reason: verdict.reason(),
            comment: verdict.comment().map(str::to_owned),
            by: *by,
            at: *at,
        })
}

impl PhotoBody {
    const fn of(slot: &PhotoSlot) -> Self {
        Self {
            sha256: slot.sha256,
            bytes: slot.bytes,
            width: slot.width,
            height: slot.height,
            stored: slot.is_stored(),
        }
    }
}

/// One change of a submission's state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HistoryEvent)]
pub(in crate::http) struct HistoryEventBody {
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
    /// Who did it; null for the server itself.
    by: Option<SubmitterBody>,
    /// The state before; null for the first.
    from: Option<SubmissionState>,
    to: SubmissionState,
    reason: Option<RejectReason>,
    comment: Option<String>,
}

impl HistoryEventBody {
    /// `event` with the name of who did it.
    pub(in crate::http) fn of((event, name): (HistoryEvent, Option<String>)) -> Self {
        let verdict = event.verdict.as_ref();
        Self {
            at: event.at,
            by: event.by.map(|id| SubmitterBody {
                id,
                name: name.unwrap_or_default(),
            }),
            from: event.from,
            to: event.to,
            reason: verdict.and_then(crate::domain::Verdict::reason),
            comment: verdict
                .and_then(crate::domain::Verdict::comment)
                .map(str::to_owned),
        }
    }
}

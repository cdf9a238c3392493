//! Submissions on the wire.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Scope;
use crate::campaign::Campaign;
use crate::checks::wording::{self, Sight};
use crate::domain::{
    AssignmentId, Cell, CheckCode, ClientApp, CommuneCode, Decision, FieldError, Finding, Findings,
    HistoryEvent, Location, Mark, Moment, Outcome, PhotoSlot, Point, RejectReason, Report, Sha256,
    Submission, SubmissionId, SubmissionState, UserId,
};
use crate::http::problem::{Asker, Language, Problem};
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
    client: Option<ClientBody>,
}

/// The sending program.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ClientApp)]
pub(in crate::http) struct ClientBody {
    /// Name of the program.
    app: String,
    /// Its version.
    version: String,
    /// The phone's clock when this was sent, to be held against the server's.
    #[schema(value_type = Option<String>, format = DateTime)]
    clock: Option<Moment>,
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
            phone_clock: self.client.as_ref().and_then(|client| client.clock),
            client: self.client.map(|client| ClientApp {
                app: client.app,
                version: client.version,
            }),
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
    /// What the automatic checks found, in their order; empty until they have run.
    checks: Vec<CheckBody>,
    /// The warnings together; null until the checks have run.
    risk: Option<RiskBody>,
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

/// What one automatic check found. A check warns; a person decides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
pub(in crate::http) struct CheckBody {
    code: CheckCode,
    outcome: CheckOutcome,
    /// A sentence in the asker's language.
    detail: String,
    /// The figures it rests on: lengths in metres, times in seconds. `reason` says why something was not checked,
    /// `weight` what a warning adds to the risk, `twins` which submissions have the same or a similar picture; whose they are is shown to those who see everything.
    #[schema(value_type = Object)]
    data: serde_json::Value,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum CheckOutcome {
    Ok,
    Warn,
    NotChecked,
}

/// How much speaks against a submission, and what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Risk)]
pub(in crate::http) struct RiskBody {
    /// 0 to 100: the weights of all warnings together.
    #[schema(maximum = 100)]
    score: u8,
    /// What it is made of.
    parts: Vec<RiskPartBody>,
}

/// One warning's part of the risk.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RiskPart)]
pub(in crate::http) struct RiskPartBody {
    code: CheckCode,
    #[schema(maximum = 100)]
    weight: u8,
}

impl CheckBody {
    fn of(finding: &Finding, reader: &CheckReader<'_>) -> Self {
        let sentence = wording::sentence(finding, &|code| reader.commune_name(code));
        Self {
            code: finding.code,
            outcome: match finding.outcome {
                Outcome::Ok => CheckOutcome::Ok,
                Outcome::Warn { .. } => CheckOutcome::Warn,
                Outcome::NotChecked(_) => CheckOutcome::NotChecked,
            },
            detail: match reader.language {
                Language::Vietnamese => sentence.vi,
                Language::English => sentence.en,
            },
            data: wording::data(finding, reader.sight),
        }
    }
}

impl RiskBody {
    fn of(findings: &Findings) -> Self {
        let parts = findings
            .warnings()
            .map(|(code, weight)| RiskPartBody { code, weight });
        Self {
            score: findings.risk(),
            parts: parts.collect(),
        }
    }
}

/// Who reads findings: in which language, and with whose names of communes.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct CheckReader<'a> {
    language: Language,
    campaign: &'a Campaign,
    sight: Sight,
}

impl<'a> CheckReader<'a> {
    /// Somebody who asked, with the scope of their session.
    pub(in crate::http) const fn new(asker: &Asker, campaign: &'a Campaign, scope: Scope) -> Self {
        Self {
            language: asker.language,
            campaign,
            sight: match scope {
                Scope::Everything => Sight::Everything,
                Scope::Commune(_) | Scope::Own(_) | Scope::Nothing => Sight::OwnRecord,
            },
        }
    }

    fn commune_name(&self, code: CommuneCode) -> String {
        let commune = self.campaign.commune(code);
        commune.map_or_else(
            || code.to_string(),
            |commune| format!("{} {}", commune.kind, commune.name),
        )
    }
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

impl SubmissionBody {
    /// A submission as `reader` sees it.
    pub(in crate::http) fn of(seen: SeenSubmission, reader: CheckReader<'_>) -> Self {
        let submission = seen.submission;
        let findings = seen.findings.as_ref();
        let checks = findings.map(|kept| &kept.findings).into_iter().flatten();
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
            checks: checks.map(|finding| CheckBody::of(finding, &reader)).collect(),
            risk: findings.map(RiskBody::of),
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

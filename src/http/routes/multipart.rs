//! A report and its pictures in one request: part `report` (JSON) and parts `photo` (files), in any order.
//!
//! Invariant: either the whole request is recorded in one transaction, or nothing of it.
//! Refuses: parts it does not know, and more pictures than a submission has.

use actix_multipart::MultipartError;
use actix_web::http::header;
use bytes::BytesMut;
use futures_util::StreamExt;
use utoipa::ToSchema;

use crate::auth::Actor;
use crate::domain::SubmissionId;
use crate::http::App;
use crate::http::body::{Body, MAX_JSON_BYTES, parse_json, too_large};
use crate::http::forms::submission::ReportBody;
use crate::http::problem::{Problem, ProblemCode};
use crate::services::evidence::{ArrivedPicture, Recorded};

const MAX_PHOTOS: usize = 5;
/// What headers and boundaries may take beside the pictures and the report.
const OVERHEAD_BYTES: u64 = 64 * 1024;

/// The parts of the request.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only the specification reads it")]
pub(in crate::http) struct MultipartForm {
    /// The report as JSON, with or without `photos`.
    report: ReportBody,
    /// The pictures' files, 1 to 5.
    #[schema(value_type = Vec<String>, format = Binary)]
    photo: Vec<Vec<u8>>,
}

/// Receives the whole request.
pub(super) async fn receive(
    app: &App,
    actor: &Actor,
    id: SubmissionId,
    body: Body,
) -> Result<Recorded, Problem> {
    let limit = app
        .evidence
        .max_picture_bytes()
        .saturating_mul(5)
        .saturating_add(MAX_JSON_BYTES + OVERHEAD_BYTES);
    body.require_at_most(limit, ProblemCode::BodyTooLarge)?;
    // No part is longer than the whole.
    let longest = body
        .length()
        .map(|length| length.min(app.evidence.max_picture_bytes()));
    let mut parts = body.into_multipart();
    let mut report: Option<ReportBody> = None;
    let mut arrived: Vec<ArrivedPicture> = Vec::new();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(malformed)?;
        match part.name() {
            Some("report") if report.is_none() => report = Some(read_report(&mut part).await?),
            Some("photo") if arrived.len() < MAX_PHOTOS => {
                arrived.push(read_photo(app, &mut part, longest).await?);
            }
            Some("photo") => {
                return Err(refused(
                    "Mỗi minh chứng có nhiều nhất 5 ảnh.",
                    "A submission has at most 5 pictures.",
                ));
            }
            Some("report") => {
                return Err(refused(
                    "Có hai phần report.",
                    "There are two parts named report.",
                ));
            }
            _ => {
                return Err(refused(
                    "Chỉ nhận phần report và photo.",
                    "Only parts named report and photo are taken.",
                ));
            }
        }
    }
    let report = report.ok_or_else(|| refused("Thiếu phần report.", "The part named report is missing."))?;
    let draft = report.draft(id, true)?;
    if arrived.is_empty() && draft.photos == crate::services::evidence::PhotoList::AsSent {
        return Err(refused("Thiếu ảnh.", "There are no pictures."));
    }
    Ok(app.evidence.receive_report(actor, draft, arrived).await?)
}

async fn read_report(part: &mut actix_multipart::Field) -> Result<ReportBody, Problem> {
    let mut text = BytesMut::new();
    while let Some(piece) = part.next().await {
        text.extend_from_slice(&piece.map_err(malformed)?);
        if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_JSON_BYTES {
            return Err(too_large(ProblemCode::BodyTooLarge, MAX_JSON_BYTES));
        }
    }
    parse_json(&text)
}

async fn read_photo(
    app: &App,
    part: &mut actix_multipart::Field,
    longest: Option<u64>,
) -> Result<ArrivedPicture, Problem> {
    let length = part
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    let mut reception = app.evidence.begin_picture(length.or(longest))?;
    while let Some(piece) = part.next().await {
        reception.write(&piece.map_err(malformed)?).await?;
    }
    Ok(reception.finish(None).await?)
}

/// A body that stops or trickles says so itself; everything else is a broken form.
#[allow(clippy::needless_pass_by_value, reason = "handed to `map_err`")]
fn malformed(error: MultipartError) -> Problem {
    if let MultipartError::Payload(actix_web::error::PayloadError::Io(error)) = &error
        && let Some(problem) = error.get_ref().and_then(|inner| inner.downcast_ref::<Problem>())
    {
        return problem.clone();
    }
    let code = match error {
        MultipartError::Incomplete | MultipartError::Payload(_) => ProblemCode::BodyIncomplete,
        _ => ProblemCode::MalformedMultipart,
    };
    Problem::new(code)
}

fn refused(vi: &str, en: &str) -> Problem {
    Problem::new(ProblemCode::ValidationFailed).detail(vi, en)
}

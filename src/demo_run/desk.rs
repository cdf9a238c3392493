//! The invented verifier: looks through the queue and decides on most of it.
//!
//! Invariant: the decision follows from the submission's id, so the same demo is decided the same way.
//! Refuses: to decide on everything; a queue to try is left.

use super::DemoError;
use crate::client::{Client, ClientError, Review, Submission};
use crate::domain::{Decision, RejectReason, SubmissionState};

/// As many as one request takes.
const TOGETHER: usize = 200;

/// Decides; returns how many were verified and how many sent back.
pub(super) async fn decide(office: &Client) -> Result<(usize, usize), DemoError> {
    let pending = queue(office).await?;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for submission in &pending {
        match submission.id.0.as_bytes().last().map_or(0, |byte| byte % 20) {
            0..=12 => good.push(review(submission, Decision::Verify, None)),
            13..=15 => bad.push(submission),
            _ => {}
        }
    }
    // Of a handful none may happen to fall into a share; the demo shows both anyway.
    if let (true, Some(first)) = (good.is_empty(), pending.first()) {
        good.push(review(first, Decision::Verify, None));
        bad.retain(|submission| submission.id != first.id);
    }
    let mut verified = 0;
    for reviews in good.chunks(TOGETHER) {
        let outcomes = office.review_many(reviews).await?;
        verified += outcomes.iter().filter(|outcome| outcome.status == 200).count();
    }
    for (number, submission) in bad.iter().enumerate() {
        let reason = reason(submission, number);
        office
            .review(&review(submission, Decision::Reject, Some(reason)))
            .await?;
    }
    Ok((verified, bad.len()))
}

async fn queue(office: &Client) -> Result<Vec<Submission>, ClientError> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = office
            .submissions(SubmissionState::Pending, after.as_deref())
            .await?;
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

fn review(submission: &Submission, decision: Decision, reason: Option<RejectReason>) -> Review {
    let comment = (reason == Some(RejectReason::Other))
        .then(|| "Ảnh chụp ngược sáng, xin chụp lại vào buổi sáng.".to_owned());
    Review {
        submission: submission.id,
        decision,
        reason,
        comment,
        version: submission.version,
    }
}

fn reason(submission: &Submission, number: usize) -> RejectReason {
    use crate::domain::CellKind;
    let is_pledge = submission.cell.kind() == CellKind::Commitment;
    match (number % 5, is_pledge) {
        (0, true) => RejectReason::Unsigned,
        (0, false) => RejectReason::WrongText,
        (1, _) => RejectReason::WrongPlace,
        (2, _) => RejectReason::Unreadable,
        (3, true) | (4, _) => RejectReason::Other,
        (_, false) => RejectReason::WrongSize,
        (_, true) => RejectReason::ReusedPhoto,
    }
}

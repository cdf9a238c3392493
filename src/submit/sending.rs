//! Sending: the report first, then the pictures that the server still lacks.
//!
//! Invariant: a submission counts as sent only when the server says that nothing of it is missing.
//! Refuses: to go on knocking once the server could not be reached for as long as the client's patience lasts.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{StreamExt, stream};

use super::Evidence;
use crate::client::{Client, ClientError};

/// How one submission ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This run brought something that was not there.
    Sent,
    /// Everything was there before.
    AlreadyThere,
    /// The server does not take it, for this reason.
    Refused(String),
    /// The server could not be reached, or the session is over: run it again.
    NotReached(String),
}

/// What became of one submission.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// What was to be sent.
    pub evidence: Evidence,
    /// How it ended.
    pub outcome: Outcome,
    /// The server's signed word, when everything is there.
    pub receipt: Option<String>,
    /// The state as the server last told it; empty when it told nothing.
    pub state: String,
    /// Pictures that this run carried, and those that were there before.
    pub pictures: (usize, usize),
}

/// Sends everything, `jobs` submissions at a time. `on_bytes` hears of every picture that is there, `on_done` of every
/// submission that is finished; the answer is in the order of the list.
pub async fn send_all(
    client: &Client,
    evidence: Vec<Evidence>,
    jobs: usize,
    on_bytes: impl Fn(u64),
    on_done: impl Fn(&Delivery),
) -> Vec<Delivery> {
    let out_of_reach = AtomicBool::new(false);
    let (out_of_reach, on_bytes, on_done) = (&out_of_reach, &on_bytes, &on_done);
    let mut deliveries: Vec<(usize, Delivery)> = stream::iter(evidence.into_iter().enumerate())
        .map(|(number, evidence)| async move {
            let delivery = if out_of_reach.load(Ordering::Relaxed) {
                let why = "không thử nữa / not tried any more".to_owned();
                Delivery::new(evidence, Outcome::NotReached(why))
            } else {
                deliver(client, evidence, on_bytes).await
            };
            if matches!(delivery.outcome, Outcome::NotReached(_)) {
                out_of_reach.store(true, Ordering::Relaxed);
            }
            on_done(&delivery);
            (number, delivery)
        })
        .buffer_unordered(jobs.max(1))
        .collect()
        .await;
    deliveries.sort_by_key(|(number, _)| *number);
    deliveries.into_iter().map(|(_, delivery)| delivery).collect()
}

async fn deliver(client: &Client, evidence: Evidence, on_bytes: &impl Fn(u64)) -> Delivery {
    let mut delivery = Delivery::new(evidence, Outcome::AlreadyThere);
    if let Err(error) = carry(client, &mut delivery, on_bytes).await {
        delivery.receipt = None;
        delivery.outcome = if error.may_pass() || is_over(&error) {
            Outcome::NotReached(error.to_string())
        } else {
            Outcome::Refused(error.to_string())
        };
    }
    delivery
}

async fn carry(client: &Client, delivery: &mut Delivery, on_bytes: &impl Fn(u64)) -> Result<(), ClientError> {
    let Evidence {
        id, report, pictures, ..
    } = &delivery.evidence;
    let mut recorded = client.put_report(*id, report).await?;
    let mut brought = recorded.new;
    for picture in pictures {
        if recorded.submission.has(picture.sha256) {
            delivery.pictures.1 += 1;
        } else {
            recorded = client.put_photo(*id, picture).await?;
            brought |= recorded.new;
            delivery.pictures.0 += 1;
        }
        on_bytes(picture.bytes);
        delivery.state = recorded.submission.state.to_string();
    }
    // Another window may have carried the last one between two of our answers.
    if recorded.submission.receipt.is_none() {
        recorded.submission = client.submission(*id).await?;
    }
    delivery.state = recorded.submission.state.to_string();
    delivery.receipt = recorded.submission.receipt;
    delivery.outcome = if !recorded.submission.missing.is_empty() {
        Outcome::NotReached("chưa đủ ảnh / pictures are still missing".to_owned())
    } else if brought {
        Outcome::Sent
    } else {
        Outcome::AlreadyThere
    };
    Ok(())
}

/// Whether the session is over, which says nothing about the evidence.
fn is_over(error: &ClientError) -> bool {
    matches!(error, ClientError::Problem(problem) if problem.status == 401)
}

impl Delivery {
    const fn new(evidence: Evidence, outcome: Outcome) -> Self {
        Self {
            evidence,
            outcome,
            receipt: None,
            state: String::new(),
            pictures: (0, 0),
        }
    }
}

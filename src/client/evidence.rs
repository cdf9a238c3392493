//! Reports, pictures and reviews.
//!
//! Invariant: a picture is sent only while the server lacks it; after a broken line the server is asked first.
//! Refuses: to make up ids; the sender's id is what makes a repeat harmless.

use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::multipart::{Form, Part};

use super::forms::{Page, Report, Review, ReviewOutcome, Submission};
use super::{Answer, Client, ClientError, Picture};
use crate::domain::{Sha256, SubmissionId, SubmissionState};

/// A submission as it stands, and whether this request was the first to say it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// True for 201, false for 200: it was there before.
    pub new: bool,
    /// As it stands.
    pub submission: Submission,
}

impl From<Answer<Submission>> for Recorded {
    fn from(answer: Answer<Submission>) -> Self {
        Self {
            new: answer.status == reqwest::StatusCode::CREATED,
            submission: answer.body,
        }
    }
}

impl Client {
    /// Sends a report whose pictures follow.
    pub async fn put_report(&self, id: SubmissionId, report: &Report) -> Result<Recorded, ClientError> {
        let json =
            |request: reqwest::RequestBuilder| Ok(request.json(&report.as_sent(self.inner.clock.now())));
        Ok(self.call(Method::PUT, &path(id), json).await?.into())
    }

    /// Sends one picture of a submission.
    pub async fn put_photo(&self, id: SubmissionId, picture: &Picture) -> Result<Recorded, ClientError> {
        let path = format!("{}/photos/{}", path(id), picture.sha256);
        let prepare = |request: reqwest::RequestBuilder| {
            Ok(request
                .header(CONTENT_TYPE, picture.media_type)
                .header(CONTENT_LENGTH, picture.bytes)
                .body(picture.body()?))
        };
        let mut attempt = 0;
        loop {
            let error = match self.attempt(Method::PUT, &path, &prepare).await {
                Ok(answer) => return Ok(answer.into()),
                Err(error) => error,
            };
            let wait = self.inner.patience.wait_after(attempt, &error);
            tokio::time::sleep(match wait {
                Some(wait) => wait,
                None => return Err(error),
            })
            .await;
            attempt += 1;
            // The bytes may have arrived although the answer did not, or another window has sent them: a server that
            // has them answers before it reads, which breaks the line of whoever is still sending.
            let submission = self.submission(id).await?;
            if submission.has(picture.sha256) {
                return Ok(Recorded {
                    new: false,
                    submission,
                });
            }
        }
    }

    /// Sends a report and all its pictures in one request.
    pub async fn put_whole(
        &self,
        id: SubmissionId,
        report: &Report,
        pictures: &[Picture],
    ) -> Result<Recorded, ClientError> {
        let unwritten = |error: serde_json::Error| ClientError::Unintelligible {
            status: 0,
            why: error.to_string(),
        };
        let prepare = |request: reqwest::RequestBuilder| {
            let text = serde_json::to_string(&report.as_sent(self.inner.clock.now())).map_err(unwritten)?;
            let part = Part::text(text).mime_str("application/json");
            let mut form = Form::new().part("report", part.map_err(ClientError::transport)?);
            for picture in pictures {
                let part = Part::stream_with_length(picture.body()?, picture.bytes)
                    .file_name(format!("{}.jpg", picture.sha256))
                    .mime_str(picture.media_type)
                    .map_err(ClientError::transport)?;
                form = form.part("photo", part);
            }
            Ok(request.multipart(form))
        };
        Ok(self.call(Method::PUT, &path(id), prepare).await?.into())
    }

    /// A submission as it stands.
    pub async fn submission(&self, id: SubmissionId) -> Result<Submission, ClientError> {
        self.get(&path(id)).await
    }

    /// One page of submissions in `state`, oldest first; `after` is the page before's `next`.
    pub async fn submissions(
        &self,
        state: SubmissionState,
        after: Option<&str>,
    ) -> Result<Page<Submission>, ClientError> {
        let after = after.map(|cursor| format!("&after={cursor}")).unwrap_or_default();
        self.get(&format!("/api/v1/submissions?state={state}&limit=200{after}"))
            .await
    }

    /// Decides on one submission.
    pub async fn review(&self, review: &Review) -> Result<Submission, ClientError> {
        let path = format!("{}/reviews", path(review.submission));
        self.post(&path, review).await
    }

    /// Decides on up to 200 submissions, each for itself.
    pub async fn review_many(&self, reviews: &[Review]) -> Result<Vec<ReviewOutcome>, ClientError> {
        let body = serde_json::json!({ "reviews": reviews });
        let page: Page<ReviewOutcome> = self.post("/api/v1/reviews", &body).await?;
        Ok(page.items)
    }
}

impl Submission {
    /// Whether the server has this picture of it.
    pub fn has(&self, sha256: Sha256) -> bool {
        self.photos
            .iter()
            .any(|photo| photo.sha256 == sha256 && photo.stored)
    }
}

fn path(id: SubmissionId) -> String {
    format!("/api/v1/submissions/{id}")
}

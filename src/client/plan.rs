//! The campaign, the plan, and how far it is.
//!
//! Invariant: an assignment that is created carries its id, so that a repeat is harmless.
//! Refuses: tables over what the server takes; the server says so.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::forms::{Assignment, CampaignSummary, Completion, ImportReport, NewAssignment, Page};
use super::{Client, ClientError};
use crate::domain::Commune;

impl Client {
    /// What has to be shown.
    pub async fn campaign(&self) -> Result<CampaignSummary, ClientError> {
        self.get("/api/v1/campaign").await
    }

    /// Where.
    pub async fn communes(&self) -> Result<Vec<Commune>, ClientError> {
        self.get("/api/v1/communes").await
    }

    /// How far it is.
    pub async fn completion(&self) -> Result<Completion, ClientError> {
        self.get("/api/v1/completion").await
    }

    /// Plans one place.
    pub async fn create_assignment(&self, new: &NewAssignment) -> Result<Assignment, ClientError> {
        self.post("/api/v1/assignments", new).await
    }

    /// Takes over a whole plan from CSV: all rows or none. The same table again changes nothing.
    pub async fn import_assignments(&self, csv: Bytes) -> Result<ImportReport, ClientError> {
        let table = |request: reqwest::RequestBuilder| {
            Ok(request
                .header(CONTENT_TYPE, "text/csv; charset=utf-8")
                .body(csv.clone()))
        };
        let answer = self.call(Method::POST, "/api/v1/assignments/import", table);
        Ok(answer.await?.body)
    }

    /// One page of the assignments that are this account's to see; `after` is the page before's `next`.
    pub async fn assignments(&self, after: Option<&str>) -> Result<Page<Assignment>, ClientError> {
        let after = after.map(|cursor| format!("&after={cursor}")).unwrap_or_default();
        self.get(&format!("/api/v1/assignments?limit=200{after}")).await
    }

    /// All assignments that are this account's to see.
    pub async fn all_assignments(&self) -> Result<Vec<Assignment>, ClientError> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self.assignments(after.as_deref()).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }
}

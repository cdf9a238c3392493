//! Coming in, and looking after people.
//!
//! Invariant: a log-in or enrolment whose answer was lost is repeated under the same id and gives the same session.
//! Refuses: to go on when the session is good for nothing but setting up a second factor.

use serde_json::json;
use uuid::Uuid;

use super::forms::{Invitation, Me, NewUser, SessionTokens, User};
use super::{Client, ClientError};
use crate::domain::UserId;

impl Client {
    /// Signs in; from now on this client and its clones speak for that account.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &str,
        device_name: &str,
    ) -> Result<SessionTokens, ClientError> {
        let request = json!({
            "username": username,
            "password": password,
            "device_name": device_name,
            "request_id": Uuid::new_v4(),
        });
        let answer = self.come_in("/api/v1/auth/login", &request).await?;
        self.remember(&answer).await;
        Ok(answer)
    }

    /// Joins with a one-time code. `device` is this machine's own id: with it the same code gives the same session
    /// again for some minutes.
    pub async fn enrol(
        &self,
        code: &str,
        device_name: &str,
        device: Uuid,
    ) -> Result<SessionTokens, ClientError> {
        let request = json!({ "code": code, "device_name": device_name, "device_id": device });
        let answer = self.come_in("/api/v1/auth/enrol", &request).await?;
        self.remember(&answer).await;
        Ok(answer)
    }

    /// New tokens before they are needed.
    pub async fn refresh(&self) -> Result<(), ClientError> {
        let present = self.access_token().await?.ok_or(ClientError::NotSignedIn)?;
        self.renew(&present).await.map(drop)
    }

    /// Who this client speaks for.
    pub async fn me(&self) -> Result<Me, ClientError> {
        self.get("/api/v1/me").await
    }

    /// Makes an account; the same again gives the same account when it carries an id.
    pub async fn create_user(&self, new: &NewUser) -> Result<User, ClientError> {
        self.post("/api/v1/users", new).await
    }

    /// A one-time code for a phone of `user`.
    pub async fn invite(&self, user: UserId) -> Result<Invitation, ClientError> {
        self.post(&format!("/api/v1/users/{user}/enrolment"), &json!({}))
            .await
    }
}

//! Who the client speaks for: the tokens of one session, renewed in time and by one caller only.
//!
//! Invariant: a refresh token is spent once; a request to renew that lost its answer is repeated under the same id.
//! Refuses: to write tokens anywhere.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::forms::SessionTokens;
use super::{Client, ClientError, receive};

/// Renewed this long before the end, so that a slow picture does not arrive with a token that ran out meanwhile.
const BEFORE_THE_END: Duration = Duration::from_mins(1);

/// The session, if there is one.
#[derive(Debug, Default)]
pub(super) struct Session {
    tokens: Mutex<Option<Tokens>>,
}

struct Tokens {
    access: String,
    refresh: String,
    renew_at: Instant,
}

// Tokens open doors, so they do not show themselves.
impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("renew_at", &self.renew_at)
            .finish_non_exhaustive()
    }
}

impl From<&SessionTokens> for Tokens {
    fn from(answer: &SessionTokens) -> Self {
        let life = Duration::from_secs(answer.expires_in);
        Self {
            access: answer.access_token.clone(),
            refresh: answer.refresh_token.clone(),
            renew_at: Instant::now() + life.saturating_sub(BEFORE_THE_END).max(life / 2),
        }
    }
}

impl Client {
    /// Speaks for the account of `answer` from now on.
    pub(super) async fn remember(&self, answer: &SessionTokens) {
        *self.inner.session.tokens.lock().await = Some(answer.into());
    }

    /// A token that is still good for a while; `None` when nobody is signed in.
    pub(super) async fn access_token(&self) -> Result<Option<String>, ClientError> {
        let mut tokens = self.inner.session.tokens.lock().await;
        match tokens.as_mut() {
            None => Ok(None),
            Some(present) => {
                if Instant::now() >= present.renew_at {
                    *present = self.exchange(&present.refresh).await?;
                }
                Ok(Some(present.access.clone()))
            }
        }
    }

    /// A token other than `spent`, which the server did not take.
    pub(super) async fn renew(&self, spent: &str) -> Result<String, ClientError> {
        let mut tokens = self.inner.session.tokens.lock().await;
        let present = tokens.as_mut().ok_or(ClientError::NotSignedIn)?;
        // Somebody else may have renewed it while this caller waited.
        if present.access == spent {
            *present = self.exchange(&present.refresh).await?;
        }
        Ok(present.access.clone())
    }

    /// Spends a refresh token. Without the session's lock held by the caller two could spend the same one.
    async fn exchange(&self, refresh: &str) -> Result<Tokens, ClientError> {
        let request = json!({ "refresh_token": refresh, "request_id": Uuid::new_v4() });
        let answer = self.come_in("/api/v1/auth/refresh", &request).await?;
        Ok((&answer).into())
    }

    /// A request that gives a session, with the usual patience. It goes without a session itself.
    pub(super) async fn come_in(
        &self,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<SessionTokens, ClientError> {
        let mut attempt = 0;
        loop {
            let request = self.inner.http.post(self.address(path)).json(body);
            let error = match receive(request).await {
                Ok(answer) => return Ok(answer.body),
                Err(error) => error,
            };
            match self.inner.patience.wait_after(attempt, &error) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            }
            attempt += 1;
        }
    }
}

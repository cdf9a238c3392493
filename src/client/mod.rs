//! The service's API from the other side: typed calls for `submit`, the demo and the tests.
//!
//! Invariant: a call is repeated only when repeating cannot do harm, and every repeat is the same request; an access
//! token that ran out is renewed once for everybody who waits for it.
//! Refuses: to repeat what the server refused (any 4xx but 408 and 429), and to keep a password.

mod accounts;
mod error;
mod evidence;
mod forms;
mod patience;
mod picture;
mod plan;
mod session;

use std::sync::{Arc, Once};
use std::time::Duration;

use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

pub use self::error::{ClientError, FieldProblem, Problem};
pub use self::evidence::Recorded;
pub use self::forms::{
    Assignment, CampaignSummary, CellFigures, CommuneCompletion, Completion, ImportReport, Invitation, Me,
    NewAssignment, NewUser, Page, Photo, PhotoAnnouncement, Place, Report, ReportLocation, Review,
    ReviewOutcome, SessionTokens, Submission, User,
};
pub use self::patience::Patience;
pub use self::picture::Picture;
use self::session::Session;
use crate::clock::Clock;

/// Longest silence of the server before the line counts as dead.
const SILENCE: Duration = Duration::from_mins(1);
const CONNECTING: Duration = Duration::from_secs(10);

/// The language of the server's sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    /// Vietnamese.
    #[default]
    Vietnamese,
    /// English.
    English,
}

/// A connection to one service. Cheap to clone; clones share connections and session.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    http: reqwest::Client,
    base: Url,
    patience: Patience,
    session: Session,
    clock: Clock,
}

/// An answer of the 2xx family, with what callers tell apart.
#[derive(Debug)]
struct Answer<T> {
    status: StatusCode,
    body: T,
}

impl Client {
    /// A client of the service at `server`, such as `https://minhchung.example.vn`; nothing is sent yet.
    pub fn new(server: &str, patience: Patience, tongue: Tongue) -> Result<Self, ClientError> {
        provide_cryptography();
        let wrong = || ClientError::Address(server.to_owned());
        let base = Url::parse(server.trim_end_matches('/')).map_err(|_unparsed| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(wrong());
        }
        let language = match tongue {
            Tongue::Vietnamese => HeaderValue::from_static("vi"),
            Tongue::English => HeaderValue::from_static("en"),
        };
        let http = reqwest::Client::builder()
            .user_agent(concat!("minhchung/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(ACCEPT_LANGUAGE, language)]))
            .connect_timeout(CONNECTING)
            .read_timeout(SILENCE)
            .tcp_nodelay(true)
            .build()
            .map_err(ClientError::transport)?;
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                base,
                patience,
                session: Session::default(),
                clock: Clock::system(),
            }),
        })
    }

    /// The same service without a session: for somebody else.
    #[must_use]
    pub fn stranger(&self) -> Self {
        Self {
            inner: Arc::new(Inner {
                http: self.inner.http.clone(),
                base: self.inner.base.clone(),
                patience: self.inner.patience,
                session: Session::default(),
                clock: self.inner.clock.clone(),
            }),
        }
    }

    /// The service's address.
    pub fn server(&self) -> &str {
        self.inner.base.as_str().trim_end_matches('/')
    }

    /// Whether the service is there and can write.
    pub async fn ready(&self) -> Result<(), ClientError> {
        self.get::<serde::de::IgnoredAny>("/health/ready").await?;
        Ok(())
    }

    /// The address of `path`, which begins with a slash and may carry a query.
    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.server())
    }

    /// Sends the request that `prepare` makes of a blank one, again and again while that may help, and reads the
    /// answer's JSON. `prepare` has to make the same request each time.
    async fn call<T: DeserializeOwned + Send>(
        &self,
        method: Method,
        path: &str,
        prepare: impl Fn(RequestBuilder) -> Result<RequestBuilder, ClientError>,
    ) -> Result<Answer<T>, ClientError> {
        let mut attempt = 0;
        loop {
            let tried = self.attempt(method.clone(), path, &prepare).await;
            let error = match tried {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(wait) = self.inner.patience.wait_after(attempt, &error) else {
                return Err(error);
            };
            tracing::debug!(%error, attempt, wait_ms = wait.as_millis(), path, "trying again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// One attempt; a second one at once when only the access token had run out.
    async fn attempt<T: DeserializeOwned + Send>(
        &self,
        method: Method,
        path: &str,
        prepare: &impl Fn(RequestBuilder) -> Result<RequestBuilder, ClientError>,
    ) -> Result<Answer<T>, ClientError> {
        let token = self.access_token().await?;
        let blank = |token: Option<&str>| {
            let request = self.inner.http.request(method.clone(), self.address(path));
            match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            }
        };
        let answer = receive(prepare(blank(token.as_deref()))?).await;
        match (answer, token) {
            (Err(ClientError::Problem(problem)), Some(spent)) if problem.asks_for_a_new_token() => {
                let fresh = self.renew(&spent).await?;
                receive(prepare(blank(Some(&fresh)))?).await
            }
            (answer, _) => answer,
        }
    }

    async fn get<T: DeserializeOwned + Send>(&self, path: &str) -> Result<T, ClientError> {
        Ok(self.call(Method::GET, path, Ok).await?.body)
    }

    async fn post<T: DeserializeOwned + Send>(
        &self,
        path: &str,
        body: &(impl serde::Serialize + Sync),
    ) -> Result<T, ClientError> {
        let json = |request: RequestBuilder| Ok(request.json(body));
        Ok(self.call(Method::POST, path, json).await?.body)
    }
}

/// Sends `request` and reads its answer whole.
async fn receive<T: DeserializeOwned + Send>(request: RequestBuilder) -> Result<Answer<T>, ClientError> {
    let response = request.send().await.map_err(ClientError::transport)?;
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(response).await);
    }
    let bytes = response.bytes().await.map_err(ClientError::transport)?;
    let body = serde_json::from_slice(&bytes).map_err(|error| ClientError::Unintelligible {
        status: status.as_u16(),
        why: error.to_string(),
    })?;
    Ok(Answer { status, body })
}

/// What an answer outside 2xx says.
async fn refusal(response: Response) -> ClientError {
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let bytes = match response.bytes().await {
        Ok(bytes) => bytes,
        Err(error) => return ClientError::transport(error),
    };
    ClientError::Problem(Box::new(Problem::read(status, retry_after, &bytes)))
}

/// The TLS library takes its ciphers from here; whoever comes first decides for the process, and all choose the same.
fn provide_cryptography() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::ring::default_provider()
            .install_default()
            .is_err()
        {
            tracing::debug!("ciphers were provided before");
        }
    });
}

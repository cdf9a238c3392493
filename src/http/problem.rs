//! Problems: every answer that is not a success, as RFC 9457 `application/problem+json`.
//!
//! Invariant: handlers return a [`Problem`]; the frame around all of them writes it in the asker's language and with
//! the request's id, also when the framework refused the request by itself.
//! Refuses: to tell a client the cause of a failure; causes go to the log under the request id.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::frame::RequestId;
pub use super::problem_codes::ProblemCode;
use crate::disk::DiskFull;
use crate::domain::{FieldError, Text};
use crate::services::LedgerError;
use crate::store::StoreError;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which row of the catalogue.
    pub code: ProblemCode,
    /// More than the title says.
    pub detail: Option<Text>,
    /// What is wrong with which field.
    pub fields: Vec<FieldError>,
    /// When to try again, in seconds.
    pub retry_after_s: Option<u64>,
    /// Headers that the protocol wants with it.
    pub headers: Vec<(HeaderName, String)>,
}

/// A sentence language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese, the default.
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The better of the two for an `Accept-Language` header.
    pub fn preferred(headers: &HeaderMap) -> Self {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        let mut best = (Self::Vietnamese, 0.0);
        for entry in wanted.split(',').take(20) {
            let (tag, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
            let weight: f32 = weight
                .trim()
                .strip_prefix("q=")
                .and_then(|q| q.parse().ok())
                .unwrap_or(0.0);
            let language = match tag
                .trim()
                .split('-')
                .next()
                .map(str::to_ascii_lowercase)
                .as_deref()
            {
                Some("vi") => Self::Vietnamese,
                Some("en") => Self::English,
                _ => continue,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// The sentence in this language.
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::Vietnamese => &text.vi,
            Self::English => &text.en,
        }
    }

    /// The tag for `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }
}

/// In which language somebody asks, and under which id; for answers that carry problems inside.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The language.
    pub language: Language,
    /// The request's id.
    pub request_id: String,
}

impl FromRequest for Asker {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let language = Language::preferred(request.headers());
        let request_id = request
            .extensions()
            .get::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default();
        std::future::ready(Ok(Self { language, request_id }))
    }
}

/// A problem on the wire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in the asker's language.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// More about this occurrence.
    pub detail: String,
    /// Kebab-case code; see `problems.md`.
    pub code: String,
    /// Names this request in the log; absent where nothing is logged.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub request_id: String,
    /// For validation: what is wrong with which field.
    pub fields: Vec<FieldProblemBody>,
}

/// One wrong field on the wire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub struct FieldProblemBody {
    /// JSON pointer, or `line/column` of an imported table.
    pub pointer: String,
    /// Kebab-case code.
    pub code: String,
    /// What is wrong, in the asker's language.
    pub detail: String,
    /// The line of an imported table, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column of an imported table, by its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// Line and column of a pointer into an imported table: `/rows/<line>/<column>`.
fn place_in_table(pointer: &str) -> Option<(u32, String)> {
    let (line, column) = pointer.strip_prefix("/rows/")?.split_once('/')?;
    Some((line.parse().ok()?, column.to_owned()))
}

impl Problem {
    /// The problem of this code.
    pub const fn new(code: ProblemCode) -> Self {
        Self {
            code,
            detail: None,
            fields: Vec::new(),
            retry_after_s: None,
            headers: Vec::new(),
        }
    }

    /// With more words.
    pub fn detail(mut self, vi: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Text::new(vi, en));
        self
    }

    /// With the fields that are wrong.
    pub fn fields(mut self, fields: Vec<FieldError>) -> Self {
        self.fields = fields;
        self
    }

    /// With the time to wait before the next try.
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// With a header.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Wrong fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self::new(ProblemCode::ValidationFailed).fields(fields)
    }

    /// A failure whose cause goes to the log.
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::new(ProblemCode::Internal)
    }

    /// The problem that stands for an error status the framework answered by itself.
    pub fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => ProblemCode::PathUnknown,
            StatusCode::METHOD_NOT_ALLOWED => ProblemCode::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemCode::MediaTypeUnsupported,
            StatusCode::REQUEST_TIMEOUT => ProblemCode::RequestTimeout,
            StatusCode::NOT_ACCEPTABLE => ProblemCode::NotAcceptable,
            StatusCode::SERVICE_UNAVAILABLE => ProblemCode::Overloaded,
            status if status.is_client_error() => ProblemCode::BadRequest,
            _ => ProblemCode::Internal,
        };
        Self::new(code)
    }

    /// The problem on the wire, in `language` and for the request `request_id`.
    pub fn body(&self, language: Language, request_id: &str) -> ProblemBody {
        let title = match language {
            Language::Vietnamese => self.code.title_vi(),
            Language::English => self.code.title_en(),
        };
        let field = |field: &FieldError| {
            let (line, column) = place_in_table(&field.pointer).unzip();
            FieldProblemBody {
                pointer: field.pointer.clone(),
                code: field.code.to_owned(),
                detail: language.of(&field.detail).to_owned(),
                line,
                column,
            }
        };
        ProblemBody {
            kind: format!("/problems/{}", self.code.slug()),
            title: title.to_owned(),
            status: self.code.status().as_u16(),
            detail: self
                .detail
                .as_ref()
                .map_or(title, |detail| language.of(detail))
                .to_owned(),
            code: self.code.slug().to_owned(),
            request_id: request_id.to_owned(),
            fields: self.fields.iter().map(field).collect(),
        }
    }

    /// The answer, in `language` and for the request `request_id`.
    pub fn respond(&self, language: Language, request_id: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.code.status());
        response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.insert_header((name.clone(), value));
            }
        }
        let text = serde_json::to_string(&self.body(language, request_id)).unwrap_or_default();
        response.content_type("application/problem+json").body(text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.slug())
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Stands in until the frame writes the problem in the asker's language.
    fn error_response(&self) -> HttpResponse {
        self.respond(Language::Vietnamese, "")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::new(ProblemCode::Overloaded).retry_after(2),
            StoreError::DiskFull(DiskFull::ReadOnly) => {
                tracing::warn!("a write was refused: the disk can only be read");
                Self::new(ProblemCode::StoreUnavailable).retry_after(60).detail(
                    "Máy chủ tạm thời chỉ đọc được dữ liệu; hãy giữ ảnh trên điện thoại và gửi lại sau.",
                    "The server's disk can only be read at present; keep what you have and send it later.",
                )
            }
            StoreError::DiskFull(full) => {
                tracing::warn!(%full, "a write was refused");
                Self::new(ProblemCode::DiskFull).retry_after(300)
            }
            StoreError::Stopped | StoreError::Broken => {
                Self::new(ProblemCode::StoreUnavailable).retry_after(30)
            }
            StoreError::Panicked
            | StoreError::Corrupt { .. }
            | StoreError::RowTooLong { .. }
            | StoreError::SnapshotTaken
            | StoreError::SnapshotLost
            | StoreError::Io(_)
            | StoreError::Engine(_) => Self::internal(&error),
        }
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(error) => error.into(),
            LedgerError::Drift(drift) => Self::internal(&drift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(header: &str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(header).unwrap());
        Language::preferred(&headers)
    }

    #[test]
    fn the_language_is_vietnamese_unless_english_is_preferred() {
        assert_eq!(Language::preferred(&HeaderMap::new()), Language::Vietnamese);
        assert_eq!(language("en-US,en;q=0.9,vi;q=0.8"), Language::English);
        assert_eq!(language("vi-VN,vi;q=0.9,en;q=0.8"), Language::Vietnamese);
        assert_eq!(language("fr, de;q=0.5"), Language::Vietnamese);
        assert_eq!(language("fr, en;q=0.1"), Language::English);
    }
}

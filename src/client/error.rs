//! How a call fails: the server said why, the line broke, or the answer makes no sense.
//!
//! Invariant: whether it may help to try again follows from the error alone.
//! Refuses: to hold tokens or bodies that could be secret; a problem holds what the server meant to be read.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The server answered with a problem: read its code.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No answer came: try again, or look at the network.
    #[error("no answer: {0}")]
    Transport(String),
    /// The answer is not what this API gives: probably another server.
    #[error("the server gave an answer that is not understood (status {status}): {why}")]
    Unintelligible {
        /// The HTTP status.
        status: u16,
        /// What is wrong with it.
        why: String,
    },
    /// A picture on this machine cannot be read.
    #[error("{path}: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why not.
        why: String,
    },
    /// The server's address is none.
    #[error("{0:?} is no address of a server, such as https://minhchung.example.vn")]
    Address(String),
    /// Nobody has signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
}

impl ClientError {
    /// An error of the HTTP library. Its causes are told, its address is not: that may hold what is nobody's business.
    pub(super) fn transport(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            text = format!("{text}: {inner}");
            cause = inner.source();
        }
        Self::Transport(text)
    }

    /// Whether the same request may succeed later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Problem(problem) => matches!(problem.status, 408 | 429 | 500..=599),
            Self::Unintelligible { .. } | Self::Unreadable { .. } | Self::Address(_) | Self::NotSignedIn => {
                false
            }
        }
    }

    /// The code of the server's problem; empty for everything else.
    pub fn code(&self) -> &str {
        match self {
            Self::Problem(problem) => &problem.code,
            _ => "",
        }
    }
}

/// What the server says is wrong, from `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Problem {
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// Kebab-case code; empty when the answer was no problem of this API.
    pub code: String,
    /// What it is.
    #[serde(default)]
    pub title: String,
    /// More about this occurrence.
    #[serde(default)]
    pub detail: String,
    /// Names the request in the server's log.
    #[serde(default)]
    pub request_id: String,
    /// What is wrong with which field.
    #[serde(default)]
    pub fields: Vec<FieldProblem>,
    /// When to try again.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FieldProblem {
    /// JSON pointer.
    pub pointer: String,
    /// Kebab-case code.
    pub code: String,
    /// What is wrong.
    pub detail: String,
}

impl Problem {
    /// The problem in `body`, or one without a code when something between here and the service answered.
    pub(super) fn read(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let mut problem = serde_json::from_slice::<Self>(body).unwrap_or_else(|_no_problem| Self {
            status,
            code: String::new(),
            title: format!("HTTP {status}"),
            detail: String::new(),
            request_id: String::new(),
            fields: Vec::new(),
            retry_after: None,
        });
        problem.status = status;
        problem.retry_after = retry_after;
        problem
    }

    /// Whether a new access token would help.
    pub(super) fn asks_for_a_new_token(&self) -> bool {
        self.status == 401 && matches!(self.code.as_str(), "token-expired" | "token-invalid")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = if self.detail.is_empty() {
            &self.title
        } else {
            &self.detail
        };
        f.write_str(words)?;
        for field in &self.fields {
            write!(f, " [{}: {}]", field.pointer, field.detail)?;
        }
        if self.code.is_empty() {
            Ok(())
        } else {
            write!(f, " ({})", self.code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(status: u16, body: &str) -> ClientError {
        ClientError::Problem(Box::new(Problem::read(status, None, body.as_bytes())))
    }

    #[test]
    fn only_silence_408_429_and_5xx_may_pass() {
        for status in [408, 429, 500, 503, 507] {
            assert!(problem(status, "{}").may_pass(), "{status}");
        }
        for status in [400, 401, 404, 409, 413, 422, 423] {
            assert!(!problem(status, "{}").may_pass(), "{status}");
        }
        assert!(ClientError::Transport("reset".into()).may_pass());
        assert!(!ClientError::NotSignedIn.may_pass());
    }

    #[test]
    fn an_answer_of_something_in_between_is_a_problem_without_a_code() {
        let error = problem(502, "<html>Bad Gateway</html>");
        assert_eq!(error.code(), "");
        assert_eq!(error.to_string(), "HTTP 502");
    }

    #[test]
    fn the_servers_words_and_fields_are_shown() {
        let body = r#"{"code": "validation-failed", "title": "t", "detail": "Some fields are wrong",
            "fields": [{"pointer": "/photos", "code": "wrong-count", "detail": "1 to 5"}]}"#;
        assert_eq!(
            problem(422, body).to_string(),
            "Some fields are wrong [/photos: 1 to 5] (validation-failed)"
        );
    }
}

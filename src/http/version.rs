//! Versions of records: `ETag` on answers, `If-Match` on changes.
//!
//! Invariant: a change names the one version that its sender has seen.
//! Refuses: `*`, which would overwrite what nobody has looked at.

use actix_web::HttpRequest;
use actix_web::http::header;

use super::problem::{Problem, ProblemCode};

/// The entity tag of a version.
pub(super) fn entity_tag(version: u32) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}

/// The version that `If-Match` names, with or without quotes.
pub(super) fn expected(request: &HttpRequest) -> Result<u32, Problem> {
    let named = request
        .headers()
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok());
    read(named.unwrap_or(""))
}

fn read(text: &str) -> Result<u32, Problem> {
    let text = text.trim();
    if text.is_empty() || text == "*" {
        return Err(Problem::new(ProblemCode::PreconditionRequired));
    }
    // A proxy that compresses answers makes their tags weak.
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let bare = tag
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .unwrap_or(tag);
    bare.parse()
        .map_err(|_no_version| Problem::new(ProblemCode::PreconditionFailed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_named_in_quotes_or_bare() {
        for text in ["3", "\"3\"", " W/\"3\" "] {
            assert_eq!(read(text), Ok(3), "{text}");
        }
        for (text, code) in [
            ("", ProblemCode::PreconditionRequired),
            ("*", ProblemCode::PreconditionRequired),
            ("\"x\"", ProblemCode::PreconditionFailed),
            ("-1", ProblemCode::PreconditionFailed),
        ] {
            assert_eq!(read(text).unwrap_err().code, code, "{text}");
        }
    }
}

//! JSON into typed values, and what is said when it is not what was expected.
//!
//! Invariant: a wrong field is named by its own pointer (RFC 6901), also one that is missing, in words that a person
//! understands.
//! Refuses: names of types and other internals in what is said; arrays where an object is meant.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use super::problem::{Problem, ProblemCode};
use crate::domain::FieldError;

/// `bytes` as a `T`: 400 when it is no JSON, 422 with the field when it is not the JSON that was expected.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let begins = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins.is_some_and(|begins| *begins != b'{') {
        // Where an object belongs, a list of its values would be taken too.
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map_err(|error| malformed(&error))?;
        return Err(Problem::invalid(vec![wrong_type(String::new())]));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer(error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            Problem::invalid(vec![wrong_field(pointer, &inner)])
        } else {
            malformed(&inner)
        }
    })?;
    reader.end().map_err(|error| {
        Problem::new(ProblemCode::MalformedJson).detail(
            format!("Thừa nội dung ở dòng {}.", error.line()),
            format!("More follows at line {}.", error.line()),
        )
    })?;
    Ok(value)
}

/// `value`, which stands at `at` in its body, as a `T`.
pub fn read_value<T: DeserializeOwned>(value: Value, at: &str) -> Result<T, Problem> {
    if !value.is_object() {
        return Err(Problem::invalid(vec![wrong_type(at.to_owned())]));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = format!("{at}{}", pointer(error.path()));
        Problem::invalid(vec![wrong_field(pointer, &error.into_inner())])
    })
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemCode::MalformedJson).detail(
        format!("JSON hỏng ở dòng {}, cột {}.", error.line(), error.column()),
        format!("Broken JSON at line {}, column {}.", error.line(), error.column()),
    )
}

/// What the reader said, for people. It says it in sentences of its own, of which the openings are known.
fn wrong_field(pointer: String, error: &serde_json::Error) -> FieldError {
    let said = error.to_string();
    let quoted = |text: &str| -> Option<String> { Some(text.split('`').nth(1)?.to_owned()) };
    if said.starts_with("missing field") {
        let name = quoted(&said).unwrap_or_default();
        return FieldError::new(
            format!("{pointer}/{}", escaped(&name)),
            "missing",
            "Thiếu trường này.",
            "This field is missing.",
        );
    }
    if said.starts_with("unknown variant") {
        let allowed: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
        let allowed = allowed.join(", ");
        return FieldError::new(
            pointer,
            "wrong-value",
            format!("Giá trị phải là một trong: {allowed}."),
            format!("The value has to be one of: {allowed}."),
        );
    }
    let is_type = ["invalid type", "invalid length", "duplicate field"];
    if is_type.iter().any(|opening| said.starts_with(opening)) {
        return wrong_type(pointer);
    }
    // A value's own reader refused it: a day that is none, a hash that is too short.
    FieldError::new(
        pointer,
        "wrong-value",
        "Giá trị này không dùng được ở đây.",
        "This value cannot be used here.",
    )
}

fn wrong_type(pointer: String) -> FieldError {
    FieldError::new(
        pointer,
        "wrong-type",
        "Giá trị này không đúng kiểu.",
        "This value is of the wrong type.",
    )
}

/// Where it went wrong, as a JSON pointer.
fn pointer(path: &Path) -> String {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its parsing is of interest")]
    struct Sheet {
        photos: Vec<Picture>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only its parsing is of interest")]
    struct Picture {
        bytes: u64,
        kind: Option<Kind>,
        taken: Option<crate::domain::Day>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Banner,
        Sheet,
    }

    fn refused(text: &str) -> (ProblemCode, String, &'static str) {
        let problem = parse_json::<Sheet>(text.as_bytes()).unwrap_err();
        let field = problem.fields.first();
        (
            problem.code,
            field.map(|field| field.pointer.clone()).unwrap_or_default(),
            field.map_or("", |field| field.code),
        )
    }

    #[test]
    fn broken_json_and_wrong_fields_are_told_apart() {
        for broken in ["{\"photos\": [", "{\"photos\": []} x", "", "nope"] {
            assert_eq!(refused(broken).0, ProblemCode::MalformedJson, "{broken}");
        }
        for (text, pointer, code) in [
            (
                "{\"photos\": [{\"bytes\": -1}]}",
                "/photos/0/bytes",
                "wrong-value",
            ),
            (
                "{\"photos\": [{\"bytes\": \"1\"}]}",
                "/photos/0/bytes",
                "wrong-type",
            ),
            ("{\"photos\": [{}]}", "/photos/0/bytes", "missing"),
            (
                "{\"photos\": [{\"bytes\": 1, \"kind\": \"x\"}]}",
                "/photos/0/kind",
                "wrong-value",
            ),
            (
                "{\"photos\": [{\"bytes\": 1, \"taken\": \"x\"}]}",
                "/photos/0/taken",
                "wrong-value",
            ),
            ("{}", "/photos", "missing"),
            ("[[]]", "", "wrong-type"),
            ("null", "", "wrong-type"),
        ] {
            assert_eq!(
                refused(text),
                (ProblemCode::ValidationFailed, pointer.to_owned(), code),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_said_names_the_allowed_values_and_no_types() {
        let wrong = parse_json::<Sheet>(b"{\"photos\": [{\"bytes\": 1, \"kind\": \"x\"}]}").unwrap_err();
        assert_eq!(
            wrong.fields[0].detail.vi,
            "Giá trị phải là một trong: banner, sheet."
        );
    }
}

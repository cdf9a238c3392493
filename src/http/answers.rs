//! The problems that operations have in common, for the specification.
//!
//! Invariant: a set names every status that its extractor or its service can answer with.
//! Refuses: successes; each operation names its own.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

macro_rules! problem_sets {
    ($($(#[$doc:meta])* $name:ident: $($status:literal $text:literal),+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                [$(($status, $text)),+]
                    .into_iter()
                    .map(|(status, text): (&str, &str)| (status.to_owned(), problem(text)))
                    .collect()
            }
        }
    )+};
}

problem_sets! {
    /// Of every operation with a session.
    SessionProblems:
        "401" "Not signed in, or the session is over",
        "403" "Not for this role, or one-time codes have to be set up first",
        "503" "Busy or unavailable; try again";
    /// Of every operation that reads a body.
    BodyProblems:
        "400" "Broken JSON, or the body ended too early",
        "408" "The body came too slowly",
        "413" "The body is too large",
        "415" "Not a media type that is taken here",
        "422" "Some fields are wrong";
    /// Of every operation with parameters.
    QueryProblems:
        "400" "The cursor is not one of this list",
        "422" "Some parameters are wrong";
    /// Of every operation on one thing.
    NotFoundProblem:
        "404" "There is none, or it is not yours";
    /// Of every operation that writes.
    WriteProblems:
        "503" "Busy or unavailable; try again",
        "507" "The disk is full; try again later";
    /// Of every operation that somebody might do too often.
    PaceProblems:
        "429" "Too many attempts; `Retry-After` says when";
}

fn problem(text: &str) -> RefOr<Response> {
    let body = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new()
        .description(text)
        .content("application/problem+json", body)
        .build();
    RefOr::T(response)
}

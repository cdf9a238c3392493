//! Ids in paths.
//!
//! Invariant: they are parsed by the handler, after its session is known; so a stranger learns nothing from an id's form.
//! Refuses: to say why an id is none. What cannot be an id is not there.

use std::str::FromStr;

use super::problem::{Problem, ProblemCode};

/// The id that `text` is.
pub(in crate::http) fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_no_id| Problem::new(ProblemCode::NotFound))
}

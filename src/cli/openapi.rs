//! `minhchung openapi`: prints the specification that this binary serves.

use std::io::Write;

use super::Failure;
use crate::http::openapi;

/// Writes it as it is committed, so that `minhchung openapi > api-spec/openapi.json` brings the file up to date.
pub(super) fn run() -> Result<(), Failure> {
    std::io::stdout()
        .write_all(openapi::text().as_bytes())
        .map_err(Failure::failed)
}

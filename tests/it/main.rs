//! Everything that is proved from outside, over HTTP against the real application. One binary, one module per area.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod accounts;
mod command_line;
mod planning;
mod planning_import;
mod support;

//! The integration tests, in one program so that everything is linked once. One module for each area.

#![allow(
    clippy::pedantic,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking; clippy knows that only of functions marked #[test], not of what they call"
)]

mod accounts;
mod bad_input;
mod checks;
mod command_line;
mod contract;
mod demo;
mod durability;
mod events;
mod examples;
mod field;
mod headers;
mod layers;
mod log;
mod media;
mod metrics;
mod office;
mod overload;
mod packaging;
mod planning;
mod planning_import;
mod proxy;
mod role_matrix;
mod specification;
mod submit;
mod support;
mod tips;
mod tls;
mod upgrade;
mod uploads;
mod web_clients;

//! The integration tests, in one program so that everything is linked once. One module for each area.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking; clippy knows that only of functions marked #[test], not of what they call"
)]

mod media;

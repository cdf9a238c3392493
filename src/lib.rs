//! minhchung: field evidence for public campaigns. Pictures from a phone become verified completion per commune
//! and banner group. `ARCHITECTURE.md` draws the parts and the arrows between them.

pub mod auth;
pub mod bench;
pub mod campaign;
pub mod checks;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod crash;
pub mod demo;
pub mod demo_run;
pub mod disk;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod media;
pub mod memory;
pub mod ops;
pub mod photos;
pub mod server;
pub mod services;
pub mod store;
pub mod submit;
pub mod telemetry;
pub mod tipbox;
pub mod tipfiles;

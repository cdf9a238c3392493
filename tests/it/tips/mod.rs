//! The tip line.

mod crash;
mod flow;
mod frames;
mod keeping;
mod scene;
mod secrecy;
mod silence;
mod vectors;

pub use scene::key_request;

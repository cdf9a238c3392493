//! minhchung: field evidence for public campaigns. Pictures from a phone become verified completion per commune
//! and banner group. `ARCHITECTURE.md` draws the parts and the arrows between them.

pub mod demo;
pub mod domain;

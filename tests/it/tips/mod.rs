//! The tip line.

mod backups;
mod crash;
mod floods;
mod flow;
mod frames;
mod full_disk;
mod hanging_up;
mod keeping;
mod recovery;
mod scene;
mod secrecy;
mod silence;
mod upgrade;
mod vectors;

pub use scene::{frame, key_request};

//! Pictures: what real cameras write, what an attacker would write, and what becomes of both.

mod craft;
mod hostile;
mod mutations;
pub mod pictures;
mod real;
mod renditions;

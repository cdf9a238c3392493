//! Who is acting and what they may do: actors, permissions, and the pure parts of passwords and tokens.
//!
//! Invariant: nothing here touches the store or a clock; secrets and times are handed in.
//! Refuses: to remember anything between calls, except the log-in throttle, whose memory is bounded.

mod actor;
mod permission;

pub use actor::{Actor, Scope};
pub use permission::{Anyone, FieldWorker, PeopleKeeper, Permission, Planner, Proposer, Reader, Reviewer};

//! Who is acting and what they may do: actors, permissions, and the pure parts of passwords and tokens.
//!
//! Invariant: nothing here touches the store or a clock; secrets and times are handed in.
//! Refuses: to remember anything between calls, except the throttles, whose memory is bounded.

mod actor;
pub mod password;
mod permission;
mod random;
mod totp;

pub use actor::{Actor, Scope};
pub use password::{PasswordHash, PasswordRefused};
pub use permission::{Anyone, FieldWorker, PeopleKeeper, Permission, Planner, Proposer, Reader, Reviewer};
pub use totp::{InvalidAccountName, TotpSecret};

//! Who is acting and what they may do: actors, permissions, and the pure parts of passwords and tokens.
//!
//! Invariant: nothing here touches the store or a clock; secrets and times are handed in.
//! Refuses: to remember anything between calls, except the throttles, whose memory is bounded.

mod actor;
mod enrolment;
mod key_ring;
mod keys;
pub mod password;
mod permission;
mod random;
pub mod receipt;
mod refresh;
mod throttle;
pub mod token;
mod totp;

pub use actor::{Actor, Scope};
pub use enrolment::{EnrolmentCode, EnrolmentCodeHash, InvalidEnrolmentCode};
pub use key_ring::KeyRing;
pub use keys::{DamagedKey, SigningKey};
pub use password::PasswordRefused;
pub use permission::{
    Anyone, FieldWorker, Leaver, OfficeNewcomer, Overseer, PeopleKeeper, Permission, Planner, Proposer,
    Reader, Reviewer, TipDesk,
};
pub use receipt::{Receipt, ReceiptRefused, SealRefused};
pub use refresh::{MalformedRefreshToken, RefreshOutcome, RefreshToken};
pub use throttle::{EnrolmentThrottle, LogInThrottle, Origin, RetryAfter};
pub use token::{Mode, TokenNotIssued, TokenRefused};
pub use totp::InvalidAccountName;

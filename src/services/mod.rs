//! Use cases: the rules of the product, each use case one transaction.
//!
//! Invariant: whoever acts is an argument; what is not theirs does not exist for them. A rule is checked inside the
//! transaction that depends on it.
//! Refuses: HTTP, languages, and reading the machine's clock.

pub mod accounts;
pub mod audit;
pub mod checking;
pub mod claims;
pub mod completion;
pub mod evidence;
pub mod fill;
mod ledger;
pub mod planning;
pub mod review;
pub mod sheets;
pub mod tips;
pub mod uploads;

pub use ledger::LedgerError;

//! The bench: loads our own server over loopback and sets it beside the least that the same work can cost.
//!
//! Invariant: what is compared runs in the same rounds on the same disk; figures are printed as ratios.
//! Refuses: addresses beyond loopback, and to judge by a single round.

pub mod bare_writer;
pub mod load;

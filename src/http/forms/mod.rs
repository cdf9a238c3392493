//! What goes over the wire, and how it becomes the domain's words and back.
//!
//! Invariant: these forms are the specification; a change here is a change of the API.
//! Refuses: rules beyond what makes a value readable.

pub(super) mod completion;
pub(super) mod submission;

//! One module per noun; each registers its own paths.
#![allow(
    unused_qualifications,
    reason = "the specification's macros write whole paths"
)]

pub(super) mod campaign;
pub(super) mod completion;
pub(super) mod events;
pub(super) mod health;
pub(super) mod multipart;
pub(super) mod photos;
pub(super) mod reviews;
pub(super) mod submissions;

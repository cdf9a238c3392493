//! One module per noun; each registers its own paths.

pub(super) mod assignments;
pub(super) mod health;

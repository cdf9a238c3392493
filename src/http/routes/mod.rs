//! One module per noun; each registers its own paths.
#![allow(
    unused_qualifications,
    reason = "the specification's macros write whole paths"
)]

pub(super) mod assignments;
pub(super) mod auth;
pub(super) mod boundaries;
pub(super) mod campaign;
pub(super) mod claims;
pub(super) mod completion;
pub(super) mod events;
pub(super) mod health;
pub(super) mod metrics;
pub(super) mod multipart;
pub(super) mod photos;
pub(super) mod receipts;
pub(super) mod reviews;
pub(super) mod sheets;
pub(super) mod submissions;
pub(super) mod tip_desk;
mod tip_forms;
pub(super) mod tips;
pub(super) mod trail;
pub(super) mod uploads;
mod user_forms;
pub(super) mod users;

/// The longest name of a device.
const MAX_DEVICE_NAME: usize = 80;

/// A device's name with single blanks and no control characters, cut to length; it is a label and nothing hangs on it.
fn tidy_device_name(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(MAX_DEVICE_NAME).collect();
    let name = words.join(" ");
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(MAX_DEVICE_NAME)
        .collect()
}

//! How far a backup or a restore is, for whoever watches.
//!
//! Invariant: what is shown is gone before a command prints what it did.
//! Refuses: to write anything where no terminal is.

use indicatif::{ProgressBar, ProgressStyle};

use crate::ops::backup::Step;

/// A progress bar, on terminals only.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        Self(bar)
    }

    pub(super) fn show(&self, step: Step) {
        match step {
            Step::Rows(rows) => {
                self.0.set_message(format!("{rows} rows"));
                self.0.tick();
            }
            Step::Pictures { bytes, of } => {
                if self.0.length() != Some(of) {
                    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta}");
                    self.0
                        .set_style(style.unwrap_or_else(|_malformed| ProgressStyle::default_bar()));
                    self.0.set_length(of);
                }
                self.0.set_position(bytes);
            }
        }
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

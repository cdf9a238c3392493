//! A folder of pictures and a list become submissions, through the same API as a phone's.
//!
//! Invariant: what is sent follows from the list and the bytes alone, ids included, so the same list again, after a
//! kill or in two windows at once, makes nothing twice and goes on where it stopped.
//! Refuses: to send anything of a list with a single bad row.

mod list;
mod prepare;
mod receipts;
mod sending;
#[cfg(test)]
mod tests;

use std::fmt;

pub use list::{ListError, Row, read_list};
pub use prepare::{Evidence, Prepared, prepare, submission_id};
pub use receipts::write_receipts;
pub use sending::{Delivery, Outcome, send_all};

use crate::domain::Text;

/// What is wrong with one row of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line in the file, from 1; the header is line 1.
    pub line: u64,
    /// The column.
    pub column: &'static str,
    /// What is wrong.
    pub what: Text,
}

impl Mistake {
    fn new(line: u64, column: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            line,
            column,
            what: Text::new(vi, en),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "dòng/line {}, {}: {} / {}",
            self.line, self.column, self.what.vi, self.what.en
        )
    }
}

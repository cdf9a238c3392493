//! `minhchung doctor`: proves that figures, audit log and files agree with the records.

use std::path::PathBuf;

use super::Failure;
use super::offline::Offline;
use super::say::say;
use crate::ops::doctor::{Depth, Report, examine};
use crate::photos::Photos;

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    /// Directory that holds everything
    #[arg(long, env = "MINHCHUNG_DATA_DIR")]
    data_dir: PathBuf,
    /// Look at the length of every picture only
    #[arg(long)]
    quick: bool,
    /// Look at every byte of every picture (the default)
    #[arg(long, conflicts_with = "quick")]
    hashes: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn run(self) -> Result<(), Failure> {
        let offline = Offline::open_existing(&self.data_dir)?;
        let depth = if self.quick { Depth::Lengths } else { Depth::Hashes };
        let photos = Photos::new(&self.data_dir);
        let report = examine(&offline.directory, &offline.store, &photos, depth).map_err(Failure::failed)?;
        if self.json {
            say!(
                "{}",
                serde_json::to_string_pretty(&report).map_err(Failure::failed)?
            );
        } else {
            print(&report);
        }
        if report.is_clean() {
            return Ok(());
        }
        Err(Failure::failed(format!("{} problems", report.problems.len())))
    }
}

fn print(report: &Report) {
    for (word, findings) in [("PROBLEM", &report.problems), ("note", &report.notes)] {
        for found in findings {
            say!("{word:<8} {:<15} {}: {}", found.kind, found.subject, found.detail);
        }
    }
    let depth = if report.hashed {
        "every byte read"
    } else {
        "lengths compared"
    };
    say!(
        "{} assignments and {} submissions recounted",
        report.assignments,
        report.submissions
    );
    say!(
        "{} pictures, {} bytes, {depth}",
        report.pictures,
        report.picture_bytes
    );
    say!(
        "{} submissions checked, {} checks waiting, {} looks",
        report.checked,
        report.waiting,
        report.looks
    );
    say!(
        "{} entries in the audit log, head {}",
        report.audit_entries,
        report.audit_head
    );
    if report.is_clean() {
        say!("clean");
    }
}

//! The server's signed words, kept beside the list: one JSON object a line.
//!
//! Invariant: the file is replaced as a whole, so it never holds half a line; a run that was killed is completed by the
//! next one, because the server gives its receipt again.
//! Refuses: to list anything that is not wholly there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde_json::json;

use super::Delivery;

/// Writes the receipts of `deliveries` to `file`; returns how many.
pub fn write_receipts(file: &Path, deliveries: &[Delivery]) -> io::Result<usize> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    // Two windows at once must not write into each other's draft.
    name.push(format!(".{}.new", std::process::id()));
    let draft = file.with_file_name(name);
    let mut out = io::BufWriter::new(File::create(&draft)?);
    let mut count = 0;
    for delivery in deliveries {
        let Some(receipt) = &delivery.receipt else {
            continue;
        };
        let evidence = &delivery.evidence;
        let files: Vec<_> = evidence
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let line = json!({
            "submission": evidence.id,
            "assignment": evidence.report.assignment_id,
            "captured_at": evidence.report.captured_at,
            "files": files,
            "state": delivery.state,
            "receipt": receipt,
        });
        writeln!(out, "{line}")?;
        count += 1;
    }
    out.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_all()?;
    fs::rename(&draft, file)?;
    Ok(count)
}

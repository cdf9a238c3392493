//! Whole plans from a table: CSV or XLSX, all rows or none.
//!
//! Invariant: a file with one wrong row writes nothing; the same file again changes nothing.
//! Refuses: to hold more than a bounded table in memory, and to call a file what its sender calls it.

mod columns;
mod delimited;
mod plan;
mod row;
mod spreadsheet;
mod table;
mod template;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
pub use plan::MAX_ERRORS;
use serde_json::json;
pub use spreadsheet::MAX_UNPACKED_BYTES;
pub use table::MAX_ROWS;

use self::plan::{Plan, Planner, Sheet};
use crate::auth::Actor;
use crate::campaign::Campaign;
use crate::domain::{FieldError, Moment, Tenure, Text};
use crate::services::audit::{self, Deed};
use crate::services::ledger::{self, Entry, LedgerError};
use crate::store::{Store, StoreError, Transaction};

pub(super) use template::template;

/// Whether the plan is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// Say what would happen.
    DryRun,
    /// All rows, or none.
    Write,
}

/// What is wrong in one cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The line in the file, from 1.
    pub line: u32,
    /// The column's key, such as `due`.
    pub column: &'static str,
    /// What is wrong, kebab-case.
    pub code: &'static str,
    /// What is wrong, in words.
    pub detail: Text,
}

/// What a table does to the plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Lines that stand for an assignment.
    pub rows: usize,
    /// New assignments.
    pub created: usize,
    /// Assignments that change, proposals that are accepted.
    pub updated: usize,
    /// Assignments that are as the table says.
    pub unchanged: usize,
    /// Assignments that were taken out of the plan and stay out.
    pub cancelled: usize,
    /// What is wrong, at most [`MAX_ERRORS`].
    pub errors: Vec<RowError>,
    /// How many more wrong fields there are.
    pub more_errors: usize,
    /// Columns that mean nothing here.
    pub ignored_columns: Vec<String>,
}

/// Why a plan was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no table that can be read.
    #[error("unusable file: {}", .0.code)]
    Unusable(FieldError),
    /// Rows are wrong; none was written.
    #[error("{} wrong fields", .0.errors.len().saturating_add(.0.more_errors))]
    Rejected(ImportReport),
    /// The template cannot be made.
    #[error("the template cannot be made: {0}")]
    Template(String),
    /// The ledger could not be kept.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl ImportError {
    fn unusable(pointer: &str, code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Unusable(FieldError::new(pointer, code, vi, en))
    }

    fn no_header() -> Self {
        Self::unusable(
            "/rows",
            "no-header",
            "Không thấy dòng tiêu đề với các cột: Xã, phường; Thôn, tổ dân phố; Địa điểm; Nội dung.",
            "No header line with the columns commune, village, place and cell was found.",
        )
    }

    fn too_many_rows() -> Self {
        Self::unusable(
            "/rows",
            "too-many-rows",
            format!("Nhiều hơn {MAX_ROWS} dòng; hãy chia thành nhiều tệp."),
            format!("There are more than {MAX_ROWS} lines; split the file."),
        )
    }

    fn too_much_inside() -> Self {
        Self::unusable(
            "",
            "unpacks-too-large",
            "Tệp nén chứa quá nhiều dữ liệu.",
            "The file unpacks into too much.",
        )
    }

    fn not_unicode(line: u32) -> Self {
        Self::unusable(
            &format!("/rows/{line}"),
            "not-unicode",
            format!("Từ dòng {line}, tệp không phải UTF-8. Hãy lưu dạng “CSV UTF-8” hoặc .xlsx."),
            format!("From line {line} on the file is not UTF-8. Save it as “CSV UTF-8” or .xlsx."),
        )
    }

    fn old_format() -> Self {
        Self::unusable(
            "",
            "old-format",
            "Tệp .xls cũ hoặc tệp có mật khẩu. Hãy lưu thành .xlsx không mật khẩu.",
            "This is an old .xls or a protected file. Save it as .xlsx without a password.",
        )
    }

    fn unreadable(cause: &dyn fmt::Display) -> Self {
        tracing::info!(%cause, "a plan's file cannot be read");
        Self::unusable(
            "",
            "unreadable",
            "Tệp hỏng hoặc không phải CSV, XLSX.",
            "The file is broken, or neither CSV nor XLSX.",
        )
    }
}

/// The table in `file`, by its bytes and not by what somebody calls it.
fn read(file: &Bytes) -> Result<table::Table, ImportError> {
    if spreadsheet::is_archive(file) {
        spreadsheet::read(file)
    } else if spreadsheet::is_compound(file) {
        Err(ImportError::old_format())
    } else {
        delimited::read(file)
    }
}

pub(super) async fn import(
    store: &Store,
    campaign: &Arc<Campaign>,
    actor: &Actor,
    now: Moment,
    file: Bytes,
    mode: ImportMode,
) -> Result<ImportReport, ImportError> {
    let (reading_campaign, reading_actor) = (Arc::clone(campaign), actor.clone());
    let reading = tokio::task::spawn_blocking(move || {
        Ok::<_, ImportError>(Sheet::new(read(&file)?, &reading_campaign, &reading_actor))
    });
    // A reader that panics has met a file that it cannot read.
    let sheet = reading
        .await
        .map_err(|panicked| ImportError::unreadable(&panicked))??;
    let (campaign, actor) = (Arc::clone(campaign), actor.clone());
    match mode {
        ImportMode::DryRun => {
            let reading = store
                .read::<_, StoreError>(move |rows| Planner::new(rows, &campaign, &actor, now).plan(&sheet));
            Ok(reading.await?.report)
        }
        ImportMode::Write => {
            let writing = store.transact::<_, ImportError>(move |tx| {
                let plan = Planner::new(tx, &campaign, &actor, now).plan(&sheet)?;
                write(tx, plan, &actor, now)
            });
            writing.await
        }
    }
}

fn write(
    tx: &mut Transaction<'_>,
    plan: Plan,
    actor: &Actor,
    now: Moment,
) -> Result<ImportReport, ImportError> {
    let Plan { report, changes } = plan;
    if !report.errors.is_empty() {
        return Err(ImportError::Rejected(report));
    }
    let entry = |action| Entry {
        at: now,
        by: Some(actor.user),
        action,
    };
    for (before, after) in changes {
        let action = match before.as_ref().map(|before| before.tenure) {
            None => "assignment.planned",
            Some(Tenure::Proposed) => "assignment.accepted",
            Some(Tenure::Planned | Tenure::Cancelled) => "assignment.changed",
        };
        ledger::put_assignment(tx, before.as_ref(), after, entry(action))?;
    }
    if report.created + report.updated > 0 {
        audit::record(
            tx,
            Deed {
                at: now,
                by: Some(actor.user),
                action: "plan.imported",
                subject: "plan".to_owned(),
                detail: json!({ "rows": report.rows, "created": report.created, "updated": report.updated }),
            },
        )?;
    }
    Ok(report)
}

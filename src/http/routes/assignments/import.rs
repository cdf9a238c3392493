//! Whole plans over HTTP, and the table to fill in.
//!
//! Invariant: 200 says that the whole table is in the plan, or, in a dry run, what it would do; anything else wrote
//! nothing.
//! Refuses: bodies over 10 MiB, and media types that are no table.

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{Permission, Planner};
use crate::domain::FieldError;
use crate::http::App;
use crate::http::answers::{BodyProblems, SessionProblems, WriteProblems};
use crate::http::body::{Body, too_large};
use crate::http::problem::{Language, Problem, ProblemCode};
use crate::http::query::{Query, parameter};
use crate::http::routes::multipart;
use crate::http::session::Session;
use crate::services::planning::import::{ImportError, ImportMode, ImportReport};

/// Longest table, in bytes.
const MAX_TABLE_BYTES: u64 = 10 << 20;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What tables are sent as; the bytes decide what they are. Windows calls CSV an Excel file.
const TABLE_TYPES: [&str; 7] = [
    "text/csv",
    "application/csv",
    "text/tab-separated-values",
    "text/plain",
    XLSX,
    "application/vnd.ms-excel",
    "application/octet-stream",
];

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ImportParams {
    /// `true`: say what would happen, and write nothing.
    #[param(value_type = Option<bool>)]
    dry_run: Option<String>,
}

/// A form with the table as its file.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only the specification reads it")]
pub(in crate::http) struct TableForm {
    /// CSV or XLSX; the part may have any name.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What a table does to the plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportReport)]
pub(in crate::http) struct ImportBody {
    /// Lines that stand for an assignment.
    rows: usize,
    /// New assignments.
    created: usize,
    /// Assignments that change, proposals that are accepted.
    updated: usize,
    /// Assignments that are as the table says.
    unchanged: usize,
    /// Assignments that were taken out of the plan and stay out.
    cancelled: usize,
    /// What is wrong, at most 1,000; empty unless this is a dry run.
    errors: Vec<RowErrorBody>,
    /// How many more wrong fields there are.
    more_errors: usize,
    /// Columns that mean nothing here.
    ignored_columns: Vec<String>,
}

/// What is wrong in one cell of the table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportRowError)]
pub(in crate::http) struct RowErrorBody {
    /// The line in the file, from 1.
    line: u32,
    /// The column's key, such as `due`.
    column: String,
    /// Kebab-case code.
    code: String,
    /// What is wrong, in the asker's language.
    detail: String,
}

/// Takes over a plan from CSV (UTF-8; comma, semicolon or tab) or XLSX: all rows or none.
///
/// A row without an id is the place of that commune, village, name and cell, so the same table again changes nothing.
/// Columns that the table lacks stay as they are. The wrong rows of a refused table are named as
/// `/rows/<line>/<column>`.
#[utoipa::path(
    post, path = "/api/v1/assignments/import", operation_id = "import_assignments", tag = "planning", params(ImportParams),
    request_body(content(
        (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (TableForm = "multipart/form-data"),
    )),
    security(("bearer" = [])), extensions(("x-roles" = json!(Planner::ROLES))),
    responses(
        (status = 200, description = "All of it is in the plan, or would be", body = ImportBody),
        SessionProblems, BodyProblems, WriteProblems
    )
)]
pub(in crate::http) async fn import(
    session: Session<Planner>,
    app: Data<App>,
    query: Query,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let params: ImportParams = query.read()?;
    let mode = match parameter("dry_run", params.dry_run.as_deref())? {
        Some(true) => ImportMode::DryRun,
        Some(false) | None => ImportMode::Write,
    };
    let table = if body.media_type() == "multipart/form-data" {
        table_of_form(body).await?
    } else {
        table_of_body(body).await?
    };
    let report = app.planning.import(&session, table, mode).await?;
    let language = Language::preferred(request.headers());
    Ok(HttpResponse::Ok().json(ImportBody::new(report, language)))
}

async fn table_of_body(body: Body) -> Result<Bytes, Problem> {
    if !TABLE_TYPES.contains(&body.media_type()) {
        return Err(Problem::new(ProblemCode::MediaTypeUnsupported).detail(
            "Hãy gửi tệp CSV (text/csv) hoặc XLSX.",
            format!("Send CSV (text/csv) or XLSX ({XLSX})."),
        ));
    }
    body.bytes(MAX_TABLE_BYTES, ProblemCode::BodyTooLarge).await
}

/// The one file of a form, as browsers and `curl -F` send it; whatever the part is called.
async fn table_of_form(body: Body) -> Result<Bytes, Problem> {
    body.require_at_most(MAX_TABLE_BYTES, ProblemCode::BodyTooLarge)?;
    let mut parts = body.into_multipart();
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(multipart::malformed)?;
        let is_file = part
            .content_disposition()
            .is_some_and(|disposition| disposition.get_filename().is_some());
        let mut table = BytesMut::new();
        while let Some(piece) = part.next().await {
            table.extend_from_slice(&piece.map_err(multipart::malformed)?);
            if u64::try_from(table.len()).unwrap_or(u64::MAX) > MAX_TABLE_BYTES {
                return Err(too_large(ProblemCode::BodyTooLarge, MAX_TABLE_BYTES));
            }
        }
        if is_file {
            return Ok(table.freeze());
        }
    }
    Err(Problem::invalid(vec![FieldError::new(
        "/file",
        "missing",
        "Biểu mẫu không có tệp nào.",
        "There is no file in the form.",
    )]))
}

/// An XLSX table to fill in, with the communes and cells to choose from.
#[utoipa::path(
    get, path = "/api/v1/assignments/template.xlsx", operation_id = "assignment_template", tag = "planning",
    security(("bearer" = [])), extensions(("x-roles" = json!(Planner::ROLES))),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        SessionProblems
    )
)]
pub(in crate::http) async fn template(
    _session: Session<Planner>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let planning = app.planning.clone();
    let writing = actix_web::web::block(move || planning.template()).await;
    let file = writing.map_err(|stopped| Problem::internal(&stopped))??;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, XLSX))
        .insert_header((
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"nhiem-vu.xlsx\"",
        ))
        .body(file))
}

impl ImportBody {
    fn new(report: ImportReport, language: Language) -> Self {
        let error = |error: crate::services::planning::import::RowError| RowErrorBody {
            line: error.line,
            column: error.column.to_owned(),
            code: error.code.to_owned(),
            detail: language.of(&error.detail).to_owned(),
        };
        Self {
            rows: report.rows,
            created: report.created,
            updated: report.updated,
            unchanged: report.unchanged,
            cancelled: report.cancelled,
            errors: report.errors.into_iter().map(error).collect(),
            more_errors: report.more_errors,
            ignored_columns: report.ignored_columns,
        }
    }
}

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Unusable(field) => {
                let (vi, en) = (field.detail.vi.clone(), field.detail.en.clone());
                Self::new(ProblemCode::ImportRejected)
                    .detail(vi, en)
                    .fields(vec![field])
            }
            ImportError::Rejected(report) => rejected(report),
            ImportError::Template(cause) => Self::internal(&cause),
            ImportError::Ledger(error) => error.into(),
        }
    }
}

fn rejected(report: ImportReport) -> Problem {
    let more = report.more_errors;
    let all = report.errors.len().saturating_add(more);
    let fields = report.errors.into_iter().map(|error| FieldError {
        pointer: format!("/rows/{}/{}", error.line, error.column),
        code: error.code,
        detail: error.detail,
    });
    Problem::new(ProblemCode::ImportRejected)
        .detail(
            format!("{all} ô sai, chưa dòng nào được ghi; {more} lỗi nữa không liệt kê ở đây."),
            format!("{all} cells are wrong and nothing was written; {more} more are not listed here."),
        )
        .fields(fields.collect())
}

//! XLSX: the first sheet of a workbook, read cell by cell.
//!
//! Invariant: no more than [`MAX_UNPACKED_BYTES`] are ever unpacked, whatever the file declares, and a sheet's claimed
//! size costs nothing: only cells that are there are read.
//! Refuses: the old binary `.xls`, encrypted workbooks and formulas without a stored result.

use std::io::{Cursor, Read};

use bytes::Bytes;
use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use zip::ZipArchive;

use super::ImportError;
use super::table::{Collector, Table, Value};
use crate::domain::Day;

/// Most bytes that a workbook may unfold into.
pub const MAX_UNPACKED_BYTES: u64 = 64 << 20;
/// Most files inside a workbook.
const MAX_ENTRIES: usize = 1_000;
/// Columns beyond this are not looked at.
const MAX_COLUMNS: usize = 256;

/// Whether these bytes begin like a ZIP archive.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Whether these bytes begin like an old or encrypted office document.
pub(super) fn is_compound(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// The table in an XLSX file.
pub(super) fn read(bytes: &Bytes) -> Result<Table, ImportError> {
    require_harmless(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes.clone())).map_err(|error| ImportError::unreadable(&error))?;
    let sheet = book
        .sheet_names()
        .first()
        .cloned()
        .ok_or_else(ImportError::no_header)?;
    let mut cells = book
        .worksheet_cells_reader(&sheet)
        .map_err(|error| ImportError::unreadable(&error))?;
    let mut collector = Collector::default();
    let mut row: Vec<Option<Value>> = Vec::new();
    let mut number = 0;
    while let Some(cell) = cells
        .next_cell()
        .map_err(|error| ImportError::unreadable(&error))?
    {
        let (line, column) = cell.get_position();
        if line != number {
            collector.row(number.saturating_add(1), &row)?;
            row.clear();
            number = line;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column < MAX_COLUMNS {
            if row.len() <= column {
                row.resize(column.saturating_add(1), None);
            }
            if let Some(place) = row.get_mut(column) {
                *place = value(cell.get_value());
            }
        }
    }
    collector.row(number.saturating_add(1), &row)?;
    collector.finish()
}

fn value(cell: &DataRef<'_>) -> Option<Value> {
    match cell {
        DataRef::Int(number) => Value::text(&number.to_string()),
        DataRef::Float(number) => Some(Value::Number(*number)),
        DataRef::String(text) | DataRef::DurationIso(text) => Value::text(text),
        DataRef::SharedString(text) => Value::text(text),
        DataRef::Bool(truth) => Value::text(if *truth { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(moment) => Some(day(*moment)),
        // The day stands before the T.
        DataRef::DateTimeIso(text) => Value::text(text.split('T').next().unwrap_or(text)),
        // Shown as Excel shows it, so that the field's own rule refuses it by name.
        DataRef::Error(error) => Value::text(&error.to_string()),
        DataRef::Empty => None,
    }
}

fn day(moment: ExcelDateTime) -> Value {
    let (year, month, day, ..) = moment.to_ymd_hms_milli();
    let written = format!("{year:04}-{month:02}-{day:02}");
    match written.parse::<Day>() {
        Ok(day) if moment.is_datetime() => Value::Day(day),
        _ => Value::Number(moment.as_f64()),
    }
}

/// Unpacks everything once, counting: what an archive declares about itself may be a lie.
fn require_harmless(bytes: &Bytes) -> Result<(), ImportError> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes.clone())).map_err(|error| ImportError::unreadable(&error))?;
    if archive.len() > MAX_ENTRIES {
        return Err(ImportError::too_much_inside());
    }
    let mut declared: u64 = 0;
    for at in 0..archive.len() {
        let entry = archive
            .by_index_raw(at)
            .map_err(|error| ImportError::unreadable(&error))?;
        declared = declared.saturating_add(entry.size());
    }
    if declared > MAX_UNPACKED_BYTES {
        return Err(ImportError::too_much_inside());
    }
    let mut left = MAX_UNPACKED_BYTES;
    let mut piece = vec![0; 64 * 1024];
    for at in 0..archive.len() {
        let mut entry = archive
            .by_index(at)
            .map_err(|error| ImportError::unreadable(&error))?;
        loop {
            let length = entry
                .read(&mut piece)
                .map_err(|error| ImportError::unreadable(&error))?;
            if length == 0 {
                break;
            }
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            left = left
                .checked_sub(length)
                .ok_or_else(ImportError::too_much_inside)?;
        }
    }
    Ok(())
}

//! The table to fill in: header, an example line per cell, and the communes and cells to choose from.
//!
//! Invariant: sent back as it is, it changes nothing: its examples say that they are examples.
//! Refuses: formulas; every text is written as text, whatever it begins with, and codes keep their zeros.

use rust_xlsxwriter::{DataValidation, Format, Formula, Workbook, Worksheet, XlsxError};

use super::ImportError;
use super::columns::Column;
use super::table::MAX_ROWS;
use crate::campaign::Campaign;
use crate::domain::{Cell, CellKind, CommuneKind};

const PLAN: &str = "Nhiệm vụ";
const COMMUNES: &str = "Xã, phường";
const CELLS: &str = "Nội dung";

/// The template for `campaign`, as an XLSX file.
pub(in crate::services::planning) fn template(campaign: &Campaign) -> Result<Vec<u8>, ImportError> {
    fill(campaign).map_err(|error| ImportError::Template(error.to_string()))
}

fn fill(campaign: &Campaign) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    plan(book.add_worksheet(), campaign)?;
    communes(book.add_worksheet(), campaign)?;
    cells(book.add_worksheet(), campaign)?;
    book.save_to_buffer()
}

/// The number of a row or column, as the sheet counts them.
fn nth<N: TryFrom<usize>>(at: usize) -> Result<N, XlsxError> {
    N::try_from(at).map_err(|_too_many| XlsxError::RowColumnLimitError)
}

fn plan(sheet: &mut Worksheet, campaign: &Campaign) -> Result<(), XlsxError> {
    sheet.set_name(PLAN)?;
    let bold = Format::new().set_bold();
    // Excel drops leading zeros and turns days around in cells that are not text.
    let text = Format::new().set_num_format("@");
    for (at, column) in Column::ALL.into_iter().enumerate() {
        let at = nth(at)?;
        sheet.set_column_width(at, 22)?;
        if matches!(column, Column::Id | Column::Commune | Column::Due) {
            sheet.set_column_format(at, &text)?;
        }
        sheet.write_string_with_format(0, at, column.title(), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (at, cell) in campaign.cells().iter().enumerate() {
        example(sheet, nth(at.saturating_add(1))?, campaign, *cell, &text)?;
    }
    let last_row = nth(MAX_ROWS)?;
    for (column, sheet_name, count) in [
        (Column::Commune, COMMUNES, campaign.communes().len()),
        (Column::Cell, CELLS, campaign.cells().len()),
    ] {
        let Some(at) = Column::ALL.into_iter().position(|other| other == column) else {
            continue;
        };
        let source = format!("='{sheet_name}'!$A$2:$A${}", count.saturating_add(1));
        // Names are taken as well as codes and keys, so a value outside the list only warns.
        let choice = DataValidation::new()
            .allow_list_formula(Formula::new(source))
            .show_error_message(false);
        sheet.add_data_validation(1, nth(at)?, last_row, nth(at)?, &choice)?;
    }
    Ok(())
}

fn example(
    sheet: &mut Worksheet,
    row: u32,
    campaign: &Campaign,
    cell: Cell,
    text: &Format,
) -> Result<(), XlsxError> {
    let commune = campaign
        .communes()
        .first()
        .map(|commune| commune.code.to_string());
    let due = campaign.default_due(cell).map(|day| day.to_string());
    let signers = matches!(cell.kind(), CellKind::Commitment).then_some("120");
    let label = campaign.label(cell).map_or("", |label| &label.vi);
    for (at, column) in Column::ALL.into_iter().enumerate() {
        let written = match column {
            Column::Id => "VÍ DỤ",
            Column::Commune => commune.as_deref().unwrap_or(""),
            Column::Village => "Thôn 1",
            Column::Place => "Nhà văn hóa thôn 1",
            Column::Cell => cell.key(),
            Column::Due => due.as_deref().unwrap_or(""),
            Column::ExpectedSigners => signers.unwrap_or(""),
            Column::Note => label,
            Column::Assignee | Column::Lat | Column::Lon => "",
        };
        if !written.is_empty() {
            sheet.write_string_with_format(row, nth(at)?, written, text)?;
        }
    }
    Ok(())
}

fn communes(sheet: &mut Worksheet, campaign: &Campaign) -> Result<(), XlsxError> {
    sheet.set_name(COMMUNES)?;
    let text = Format::new().set_num_format("@");
    sheet.set_column_width(1, 30)?;
    row(sheet, 0, &["Mã", "Tên", "Loại"], &Format::new().set_bold())?;
    for (at, commune) in campaign.communes().iter().enumerate() {
        let kind = match commune.kind {
            CommuneKind::Xa => "xã",
            CommuneKind::Phuong => "phường",
        };
        row(
            sheet,
            nth(at.saturating_add(1))?,
            &[&commune.code.to_string(), &commune.name, kind],
            &text,
        )?;
    }
    Ok(())
}

fn cells(sheet: &mut Worksheet, campaign: &Campaign) -> Result<(), XlsxError> {
    sheet.set_name(CELLS)?;
    let text = Format::new().set_num_format("@");
    sheet.set_column_width(0, 30)?;
    sheet.set_column_width(1, 30)?;
    row(sheet, 0, &["Khóa", "Tên", "Hạn"], &Format::new().set_bold())?;
    for (at, cell) in campaign.cells().iter().enumerate() {
        let due = campaign
            .default_due(*cell)
            .map(|day| day.to_string())
            .unwrap_or_default();
        let label = campaign.label(*cell).map_or("", |label| &label.vi);
        row(
            sheet,
            nth(at.saturating_add(1))?,
            &[cell.key(), label, &due],
            &text,
        )?;
    }
    Ok(())
}

fn row(sheet: &mut Worksheet, at: u32, texts: &[&str], format: &Format) -> Result<(), XlsxError> {
    for (column, text) in texts.iter().enumerate() {
        sheet.write_string_with_format(at, nth(column)?, *text, format)?;
    }
    Ok(())
}

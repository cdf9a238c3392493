//! A table as it came out of a file: the lines below its header, each with the known columns alone.
//!
//! Invariant: at most [`MAX_ROWS`] lines and [`MAX_TEXT_BYTES`] of text are held, whatever the file unfolds into.
//! Refuses: a file in which no header can be recognised.

use std::collections::BTreeMap;

use super::ImportError;
use super::columns::{Column, Header};
use crate::domain::Day;

/// Most lines of one table.
pub const MAX_ROWS: usize = 20_000;
/// Most bytes of text in one table.
const MAX_TEXT_BYTES: usize = 64 << 20;
/// Titles may stand above the header.
const MAX_TITLE_LINES: usize = 20;
/// Longest text of one cell that is kept, in characters; longer than every limit on a field.
const MAX_CELL_CHARS: usize = 4_000;

/// What stands in one cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Day(Day),
}

impl Value {
    /// A cell's text, cut where no field could take more.
    pub(super) fn text(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self::Text(text.chars().take(MAX_CELL_CHARS).collect()))
    }

    /// What a person sees in the cell.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Day(day) => day.to_string(),
        }
    }
}

/// One line below the header.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    /// Its number in the file, from 1, as a person counts.
    pub(super) number: u32,
    /// What stands in the known columns; blank cells are left out.
    pub(super) values: BTreeMap<Column, Value>,
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Table {
    pub(super) header: Header,
    pub(super) lines: Vec<Line>,
}

/// Takes the rows of a file one by one.
#[derive(Debug, Default)]
pub(super) struct Collector {
    header: Option<Header>,
    lines: Vec<Line>,
    titles: usize,
    text_bytes: usize,
}

impl Collector {
    /// The next row of the file, its cells from the first column on.
    pub(super) fn row(&mut self, number: u32, cells: &[Option<Value>]) -> Result<(), ImportError> {
        if cells.iter().all(Option::is_none) {
            return Ok(());
        }
        let Some(header) = &self.header else {
            self.header = Header::recognise(number, cells);
            self.titles += 1;
            return if self.header.is_none() && self.titles > MAX_TITLE_LINES {
                Err(ImportError::no_header())
            } else {
                Ok(())
            };
        };
        let values: BTreeMap<Column, Value> = header
            .columns
            .iter()
            .filter_map(|(column, at)| Some((*column, cells.get(*at)?.clone()?)))
            .collect();
        if values.is_empty() {
            return Ok(());
        }
        for value in values.values() {
            if let Value::Text(text) = value {
                self.text_bytes = self.text_bytes.saturating_add(text.len());
            }
        }
        if self.lines.len() >= MAX_ROWS || self.text_bytes > MAX_TEXT_BYTES {
            return Err(ImportError::too_many_rows());
        }
        self.lines.push(Line { number, values });
        Ok(())
    }

    /// The table, at the end of the file.
    pub(super) fn finish(self) -> Result<Table, ImportError> {
        let header = self.header.ok_or_else(ImportError::no_header)?;
        Ok(Table {
            header,
            lines: self.lines,
        })
    }
}

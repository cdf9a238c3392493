//! The list: CSV with one picture a row.
//!
//! Invariant: a row that is read is complete and within bounds; every bad one is named with its line and column.
//! Refuses: columns it does not know, because a place under a mistyped heading would be lost without a word.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::Mistake;
use crate::client::ReportLocation;
use crate::domain::{AssignmentId, Moment, Point};

const COLUMNS: [&str; 7] = [
    "file",
    "assignment_id",
    "captured_at",
    "lat",
    "lon",
    "accuracy_m",
    "signed_count",
];
const REQUIRED: [&str; 3] = ["file", "assignment_id", "captured_at"];
const MAX_SIGNED: u32 = 1_000_000;
const MAX_ACCURACY_M: f64 = 20_037_508.0;

/// One picture and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line in the file, from 1.
    pub line: u64,
    /// The picture, relative to the folder.
    pub file: PathBuf,
    /// The assignment it is for.
    pub assignment: AssignmentId,
    /// When it was taken; together with the assignment it says which submission the picture belongs to.
    pub captured_at: Moment,
    /// Where.
    pub location: Option<ReportLocation>,
    /// Head count of a signed sheet.
    pub signed_count: Option<u32>,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is no table with the right heading: nothing was read.
    #[error("{0}")]
    NoTable(String),
    /// Rows are wrong, all of them named.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Rows(Vec<Mistake>),
}

/// The rows of a list; with or without a byte-order mark, separated by commas, semicolons or tabs.
pub fn read_list(bytes: &[u8]) -> Result<Vec<Row>, ListError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        ListError::NoTable(format!(
            "tệp không phải UTF-8 (từ byte {0}) / the list is not UTF-8 (from byte {0} on)",
            error.valid_up_to()
        ))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = separator(text.lines().next().unwrap_or_default());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| ListError::NoTable(error.to_string()))?
        .clone();
    let places = columns(&header)?;
    let (mut rows, mut mistakes) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Err(error) => {
                let line = line_of(text, error.position());
                mistakes.push(Mistake::new(line, "file", "không đọc được", error.to_string()));
            }
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) => {
                let reading = Reading {
                    line: line_of(text, record.position()),
                    record: &record,
                    places: &places,
                    decimal_comma: separator != b',',
                };
                rows.extend(reading.row(&mut mistakes));
            }
        }
    }
    if mistakes.is_empty() && rows.is_empty() {
        return Err(ListError::NoTable("không có dòng nào / there are no rows".into()));
    }
    if mistakes.is_empty() {
        Ok(rows)
    } else {
        Err(ListError::Rows(mistakes))
    }
}

/// The line at which a record begins, as an editor shows it: the reader's own count stands before blank lines.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let start = position.and_then(|position| usize::try_from(position.byte()).ok());
    let (before, rest) = text
        .as_bytes()
        .split_at_checked(start.unwrap_or(0))
        .unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let ends = before.iter().chain(blank).filter(|byte| **byte == b'\n').count();
    u64::try_from(ends).unwrap_or(0).saturating_add(1)
}

/// Vietnamese spreadsheets write semicolons, because the comma is the decimal mark.
fn separator(header: &str) -> u8 {
    let count = |mark: char| header.matches(mark).count();
    [(b'\t', '\t'), (b';', ';'), (b',', ',')]
        .into_iter()
        .max_by_key(|(_, mark)| count(*mark))
        .map_or(b',', |(byte, _)| byte)
}

fn columns(header: &csv::StringRecord) -> Result<BTreeMap<&'static str, usize>, ListError> {
    let mut places = BTreeMap::new();
    for (at, name) in header.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let known = COLUMNS.iter().find(|column| name.eq_ignore_ascii_case(column));
        let Some(column) = known else {
            let all = COLUMNS.join(",");
            return Err(ListError::NoTable(format!(
                "cột lạ {name:?} / unknown column {name:?}; columns are {all}"
            )));
        };
        if places.insert(*column, at).is_some() {
            return Err(ListError::NoTable(format!(
                "cột {column} có hai lần / column {column} is there twice"
            )));
        }
    }
    let missing: Vec<_> = REQUIRED
        .iter()
        .copied()
        .filter(|column| !places.contains_key(column))
        .collect();
    if missing.is_empty() {
        Ok(places)
    } else {
        let missing = missing.join(", ");
        Err(ListError::NoTable(format!(
            "thiếu cột {missing} / missing columns: {missing}"
        )))
    }
}

/// One record on its way to become a row.
struct Reading<'a> {
    line: u64,
    record: &'a csv::StringRecord,
    places: &'a BTreeMap<&'static str, usize>,
    decimal_comma: bool,
}

impl Reading<'_> {
    fn row(&self, mistakes: &mut Vec<Mistake>) -> Option<Row> {
        let before = mistakes.len();
        let file = self.file(mistakes);
        let assignment = self.required("assignment_id", mistakes, "mã nhiệm vụ (UUID)", "a UUID");
        let captured_at = self.required(
            "captured_at",
            mistakes,
            "thời điểm có múi giờ, ví dụ 2026-02-20T09:30:00+07:00",
            "a time with offset, such as 2026-02-20T09:30:00+07:00",
        );
        let location = self.location(mistakes);
        let signed_count = self.signed_count(mistakes);
        let (file, assignment, captured_at) = (file?, assignment?, captured_at?);
        (mistakes.len() == before).then_some(Row {
            line: self.line,
            file,
            assignment,
            captured_at,
            location,
            signed_count,
        })
    }

    /// The text in a column; `None` when it is empty or not there.
    fn text(&self, column: &str) -> Option<&str> {
        let at = self.places.get(column)?;
        self.record.get(*at).filter(|text| !text.is_empty())
    }

    fn file(&self, mistakes: &mut Vec<Mistake>) -> Option<PathBuf> {
        let Some(text) = self.text("file") else {
            mistakes.push(Mistake::new(
                self.line,
                "file",
                "thiếu tên tệp ảnh",
                "the file is missing",
            ));
            return None;
        };
        let path = Path::new(text);
        if path.components().all(|part| matches!(part, Component::Normal(_))) {
            return Some(path.to_owned());
        }
        mistakes.push(Mistake::new(
            self.line,
            "file",
            format!("{text:?} nằm ngoài thư mục ảnh"),
            format!("{text:?} lies outside the folder"),
        ));
        None
    }

    fn required<T: std::str::FromStr>(
        &self,
        column: &'static str,
        mistakes: &mut Vec<Mistake>,
        vi: &str,
        en: &str,
    ) -> Option<T> {
        let text = self.text(column).unwrap_or_default();
        let value = text.parse().ok();
        if value.is_none() {
            mistakes.push(Mistake::new(
                self.line,
                column,
                format!("{text:?} không phải {vi}"),
                format!("{text:?} is not {en}"),
            ));
        }
        value
    }

    fn number(&self, column: &'static str, mistakes: &mut Vec<Mistake>) -> Option<f64> {
        let text = self.text(column)?;
        let plain = if self.decimal_comma && !text.contains('.') {
            text.replacen(',', ".", 1)
        } else {
            text.to_owned()
        };
        let value = plain.parse().ok().filter(|value: &f64| value.is_finite());
        if value.is_none() {
            mistakes.push(Mistake::new(
                self.line,
                column,
                format!("{text:?} không phải số"),
                format!("{text:?} is no number"),
            ));
        }
        value
    }

    fn location(&self, mistakes: &mut Vec<Mistake>) -> Option<ReportLocation> {
        let columns = ["lat", "lon", "accuracy_m"];
        let given: Vec<_> = columns
            .into_iter()
            .filter(|column| self.text(column).is_some())
            .collect();
        if given.is_empty() {
            return None;
        }
        if let Some(missing) = columns.into_iter().find(|column| !given.contains(column)) {
            mistakes.push(Mistake::new(
                self.line,
                missing,
                "vị trí cần đủ lat, lon và accuracy_m, hoặc để trống cả ba",
                "a place needs lat, lon and accuracy_m, or none of them",
            ));
            return None;
        }
        let [lat, lon, accuracy_m] = columns.map(|column| self.number(column, mistakes));
        let (lat, lon, accuracy_m) = (lat?, lon?, accuracy_m?);
        if Point::new(lat, lon).is_none() {
            mistakes.push(Mistake::new(
                self.line,
                "lat",
                "toạ độ nằm ngoài quả đất: vĩ độ từ -90 đến 90, kinh độ từ -180 đến 180",
                "the place is off the globe: latitude -90 to 90, longitude -180 to 180",
            ));
        }
        if !(0.0..=MAX_ACCURACY_M).contains(&accuracy_m) {
            mistakes.push(Mistake::new(
                self.line,
                "accuracy_m",
                "độ chính xác phải là số mét không âm",
                "the accuracy has to be metres, not negative",
            ));
        }
        Some(ReportLocation { lat, lon, accuracy_m })
    }

    fn signed_count(&self, mistakes: &mut Vec<Mistake>) -> Option<u32> {
        let text = self.text("signed_count")?;
        let count = text.parse().ok().filter(|count| *count <= MAX_SIGNED);
        if count.is_none() {
            mistakes.push(Mistake::new(
                self.line,
                "signed_count",
                format!("{text:?} không phải số người từ 0 đến {MAX_SIGNED}"),
                format!("{text:?} is no head count of 0 to {MAX_SIGNED}"),
            ));
        }
        count
    }
}

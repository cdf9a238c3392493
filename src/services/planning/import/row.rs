//! One line of a table as a draft: numbers, days, names and keys as people write them in spreadsheets.
//!
//! Invariant: what a line says in its own way (a name for a code, a day as a serial number, a decimal comma) becomes
//! what the API would have been sent, and is then judged by the same rules.
//! Refuses: to guess; a day or a number that could be read in two ways is named as wrong.

use super::columns::{Column, Header};
use super::table::{Line, Value};
use crate::campaign::{Campaign, FindCommuneError};
use crate::domain::{AssignmentId, Cell, CellKind, CommuneCode, Day, FieldError, fold};
use crate::services::planning::draft::{Draft, Given};

/// Excel's day 0 is 1899-12-30, this many days before 1970-01-01.
const EXCEL_EPOCH_DAYS: i32 = 25_569;

/// A line, read.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u32,
    pub(super) id: Option<AssignmentId>,
    /// Everything but the assignee.
    pub(super) draft: Draft,
    /// A user name or id.
    pub(super) assignee: Given<String>,
    /// What cannot be read at all.
    pub(super) errors: Vec<FieldError>,
}

/// What lines are read with.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowReader<'a> {
    pub(super) campaign: &'a Campaign,
    pub(super) header: &'a Header,
    /// The commune of lines that name none.
    pub(super) own: Option<CommuneCode>,
}

impl RowReader<'_> {
    /// The row on `line`; `None` for one of the template's examples.
    pub(super) fn read(&self, line: &Line) -> Option<Row> {
        let mut errors = Vec::new();
        let shown = |column: Column| line.values.get(&column).map(Value::shown);
        let id_text = shown(Column::Id).unwrap_or_default();
        if is_example(&id_text) {
            return None;
        }
        let id = if id_text.is_empty() {
            None
        } else {
            id_text.parse().ok().or_else(|| {
                errors.push(not_an_id());
                None
            })
        };
        let given = |column: Column| match shown(column) {
            Some(text) => Given::Value(text),
            None if self.header.has(column) => Given::Null,
            None => Given::Absent,
        };
        let draft = Draft {
            commune: self.commune(shown(Column::Commune), &mut errors),
            village: given(Column::Village),
            place: given(Column::Place),
            cell: given(Column::Cell)
                .map(|text| cell_of(self.campaign, &text).map_or(text, |cell| cell.key().into())),
            due: match line.values.get(&Column::Due) {
                None => Given::Absent,
                Some(value) => {
                    Given::Value(day_of(value).map_or_else(|| value.shown(), |day| day.to_string()))
                }
            },
            assignee: Given::Absent,
            location: self.location(line, &mut errors),
            expected_signers: given(Column::ExpectedSigners).map_or_note(&mut errors, |text| whole(&text)),
            note: given(Column::Note),
        };
        let assignee = given(Column::Assignee);
        Some(Row {
            line: line.number,
            id,
            draft,
            assignee,
            errors,
        })
    }

    fn commune(&self, text: Option<String>, errors: &mut Vec<FieldError>) -> Given<String> {
        let Some(text) = text else {
            return self.own.map_or(Given::Null, |own| Given::Value(own.to_string()));
        };
        match self.campaign.find_commune(&text) {
            Ok(commune) => Given::Value(commune.code.to_string()),
            // The same rule that judges codes says that it is unknown.
            Err(FindCommuneError::Unknown { .. }) => Given::Value(text),
            Err(FindCommuneError::Ambiguous { candidates, .. }) => {
                let several: Vec<String> = candidates
                    .iter()
                    .map(|commune| format!("{} {}", commune.code, commune.name))
                    .collect();
                let several = several.join(", ");
                errors.push(FieldError::new(
                    "/commune",
                    "ambiguous-commune",
                    format!("Có thể là nhiều xã, phường: {several}. Hãy ghi mã."),
                    format!("It may mean several communes: {several}. Write the code."),
                ));
                Given::Value(text)
            }
        }
    }

    fn location(&self, line: &Line, errors: &mut Vec<FieldError>) -> Given<(f64, f64)> {
        let mut read = |column: Column| {
            let value = line.values.get(&column)?;
            let number = degrees(value);
            if number.is_none() {
                errors.push(not_a_number(column));
            }
            Some(number)
        };
        match (read(Column::Lat), read(Column::Lon)) {
            (Some(lat), Some(lon)) => lat.zip(lon).map_or(Given::Absent, Given::Value),
            (None, None) if self.header.has(Column::Lat) && self.header.has(Column::Lon) => Given::Null,
            (None, None) => Given::Absent,
            (lat, _) => {
                let missing = if lat.is_none() { Column::Lat } else { Column::Lon };
                errors.push(FieldError::new(
                    format!("/{}", missing.key()),
                    "incomplete-location",
                    "Phải có cả vĩ độ và kinh độ, hoặc để trống cả hai.",
                    "Give both latitude and longitude, or neither.",
                ));
                Given::Absent
            }
        }
    }
}

impl Given<String> {
    /// The whole number in this field; what is none is noted.
    fn map_or_note(self, errors: &mut Vec<FieldError>, read: impl Fn(String) -> Option<i64>) -> Given<i64> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(text) => read(text).map_or_else(
                || {
                    errors.push(not_a_number(Column::ExpectedSigners));
                    Given::Absent
                },
                Given::Value,
            ),
        }
    }
}

fn is_example(id: &str) -> bool {
    matches!(fold(id).as_str(), "vi du" | "example")
}

fn not_an_id() -> FieldError {
    FieldError::new(
        "/id",
        "not-an-id",
        "Không phải mã nhiệm vụ; dòng mới thì để trống.",
        "This is no assignment id; leave it blank for a new one.",
    )
}

fn not_a_number(column: Column) -> FieldError {
    FieldError::new(
        format!("/{}", column.key()),
        "not-a-number",
        "Không phải là số.",
        "This is no number.",
    )
}

/// The cell that a key, "Nhóm 3", "3", "Trường học" or "Cam kết trường học" means.
pub(super) fn cell_of(campaign: &Campaign, text: &str) -> Option<Cell> {
    let wanted = fold(text);
    let matches = |cell: &&Cell| {
        let label = campaign.label(**cell);
        let mut names: Vec<String> = label
            .map(|label| vec![fold(&label.vi), fold(&label.en)])
            .unwrap_or_default();
        let bare = cell.key().rsplit('.').next().unwrap_or_default();
        names.extend([cell.key().to_owned(), bare.to_owned()]);
        match cell.kind() {
            CellKind::Banner => names.extend([format!("nhom {bare}"), format!("group {bare}")]),
            CellKind::Commitment => {
                let pledges: Vec<String> = names.iter().map(|name| format!("cam ket {name}")).collect();
                names.extend(pledges);
            }
        }
        names.contains(&wanted)
    };
    campaign.cells().iter().find(matches).copied()
}

/// The day in a cell: a date, a serial number, `2026-02-28`, or day, month and year.
fn day_of(value: &Value) -> Option<Day> {
    match value {
        Value::Day(day) => Some(*day),
        Value::Number(number) => serial_day(*number),
        Value::Text(text) => {
            let text = text.trim();
            if text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit()) {
                return serial_day(text.parse().ok()?);
            }
            text.parse().ok().or_else(|| written_day(text))
        }
    }
}

fn serial_day(serial: f64) -> Option<Day> {
    // Through text, since a float does not become an integer without losing something silently.
    let days: i32 = format!("{:.0}", serial.floor()).parse().ok()?;
    days.checked_sub(EXCEL_EPOCH_DAYS).map(Day::from_number)
}

/// `28/02/2026`, `28-2-2026`, `28.2.2026` or `2026/2/28`: the year has four digits, the day comes before the month.
fn written_day(text: &str) -> Option<Day> {
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => (year, month, day),
        [day, month, year] if year.len() == 4 => (year, month, day),
        _ => return None,
    };
    let short = |part: &str| part.parse::<u8>().ok();
    format!("{year}-{:02}-{:02}", short(month)?, short(day)?)
        .parse()
        .ok()
}

/// Degrees with a decimal point or comma.
fn degrees(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Day(_) => None,
        Value::Text(text) => {
            let text = text.trim().trim_end_matches('°').replace(',', ".");
            let plain = text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
            plain.then(|| text.parse().ok()).flatten()
        }
    }
}

fn whole(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_spreadsheets_and_people_write_them() {
        let day: Day = "2026-02-08".parse().unwrap();
        for text in [
            "2026-02-08",
            "08/02/2026",
            "8/2/2026",
            "8-2-2026",
            "08.02.2026",
            "2026/2/8",
            "46061",
        ] {
            assert_eq!(day_of(&Value::Text(text.into())), Some(day), "{text}");
        }
        assert_eq!(day_of(&Value::Number(46_061.75)), Some(day));
        for text in [
            "8/2/26",
            "30/02/2026",
            "02/13/2026",
            "mai",
            "2026",
            "8/2",
            "1/2/3/2026",
        ] {
            assert_eq!(day_of(&Value::Text(text.into())), None, "{text}");
        }
    }

    #[test]
    fn cells_are_found_by_key_group_and_label() {
        let campaign = Campaign::shipped().unwrap();
        for (text, cell) in [
            ("banner.3", Cell::Banner3),
            ("NHÓM 3", Cell::Banner3),
            ("nhom 6", Cell::Banner6),
            ("2", Cell::Banner2),
            ("Cam kết trường học", Cell::School),
            ("Truong hoc", Cell::School),
            ("Khu dân cư", Cell::ResidentialArea),
            ("commitment.business", Cell::Business),
        ] {
            assert_eq!(cell_of(&campaign, text), Some(cell), "{text}");
        }
        for text in ["", "Nhóm 7", "banner", "0"] {
            assert_eq!(cell_of(&campaign, text), None, "{text}");
        }
    }

    #[test]
    fn degrees_take_a_comma_and_nothing_odd() {
        assert_eq!(degrees(&Value::Text("22,4856".into())), Some(22.4856));
        assert_eq!(degrees(&Value::Text(" 103.97° ".into())), Some(103.97));
        for text in ["inf", "nan", "1e3", "1.234,5", "22°29'", ""] {
            assert_eq!(degrees(&Value::Text(text.into())), None, "{text}");
        }
    }
}

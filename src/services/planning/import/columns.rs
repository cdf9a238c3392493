//! The columns of a plan's table, and the names under which they are found.
//!
//! Invariant: a column is found by its key and by its Vietnamese and English names, however they are accented.
//! Refuses: to guess at a name it does not know; such columns are passed over and named in the report.

use std::collections::BTreeMap;

use super::table::Value;
use crate::domain::fold;

/// A column that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Id,
    Commune,
    Village,
    Place,
    Cell,
    Due,
    Assignee,
    Lat,
    Lon,
    ExpectedSigners,
    Note,
}

impl Column {
    /// Every column, in the order of the template.
    pub(super) const ALL: [Self; 11] = [
        Self::Id,
        Self::Commune,
        Self::Village,
        Self::Place,
        Self::Cell,
        Self::Due,
        Self::Assignee,
        Self::Lat,
        Self::Lon,
        Self::ExpectedSigners,
        Self::Note,
    ];

    /// The key that errors name it by.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Commune => "commune",
            Self::Village => "village",
            Self::Place => "place",
            Self::Cell => "cell",
            Self::Due => "due",
            Self::Assignee => "assignee",
            Self::Lat => "lat",
            Self::Lon => "lon",
            Self::ExpectedSigners => "expected_signers",
            Self::Note => "note",
        }
    }

    /// What the template calls it.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Id => "Mã nhiệm vụ",
            Self::Commune => "Xã, phường",
            Self::Village => "Thôn, tổ dân phố",
            Self::Place => "Địa điểm",
            Self::Cell => "Nội dung",
            Self::Due => "Hạn",
            Self::Assignee => "Người phụ trách",
            Self::Lat => "Vĩ độ",
            Self::Lon => "Kinh độ",
            Self::ExpectedSigners => "Số người ký dự kiến",
            Self::Note => "Ghi chú",
        }
    }

    /// Other names, folded, with every mark made a space.
    const fn other_names(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["ma", "assignment", "assignment id"],
            Self::Commune => &[
                "xa",
                "phuong",
                "ma xa",
                "ma xa phuong",
                "ten xa",
                "ten xa phuong",
                "don vi",
                "commune code",
                "commune name",
            ],
            Self::Village => &[
                "thon",
                "ban",
                "thon ban",
                "to dan pho",
                "khu dan cu",
                "thon ban to dan pho",
                "thon ban to dan pho khu dan cu",
                "hamlet",
            ],
            Self::Place => &["ten dia diem", "noi treo", "noi lap dat", "vi tri", "location"],
            Self::Cell => &["nhom", "o", "hang muc", "loai", "group"],
            Self::Due => &[
                "han chot",
                "thoi han",
                "ngay het han",
                "han hoan thanh",
                "due date",
                "deadline",
            ],
            Self::Assignee => &[
                "phu trach",
                "nguoi thuc hien",
                "tai khoan",
                "username",
                "responsible",
            ],
            Self::Lat => &["latitude"],
            Self::Lon => &["lng", "long", "longitude"],
            Self::ExpectedSigners => &["so nguoi ky", "so chu ky", "so chu ky du kien", "signers"],
            Self::Note => &["notes", "luu y", "remark", "remarks"],
        }
    }

    fn of_title(title: &str) -> Option<Self> {
        let bare = bare(title);
        Self::ALL.into_iter().find(|column| {
            let names = column.other_names();
            bare == self::bare(column.key())
                || bare == self::bare(column.title())
                || names.contains(&bare.as_str())
        })
    }
}

/// A title without accents, marks and what stands in brackets.
fn bare(title: &str) -> String {
    let title = title.split('(').next().unwrap_or(title);
    let spaced: String = fold(title)
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    fold(&spaced)
}

/// The header of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// Its line in the file, from 1.
    pub(super) line: u32,
    /// Where each known column stands, from 0.
    pub(super) columns: BTreeMap<Column, usize>,
    /// Known columns that stand there twice.
    pub(super) doubled: Vec<Column>,
    /// Titles that mean nothing here.
    pub(super) ignored: Vec<String>,
}

impl Header {
    /// The header, if this row is one: three columns are known.
    pub(super) fn recognise(line: u32, cells: &[Option<Value>]) -> Option<Self> {
        let mut header = Self {
            line,
            columns: BTreeMap::new(),
            doubled: Vec::new(),
            ignored: Vec::new(),
        };
        for (at, cell) in cells.iter().enumerate() {
            let Some(Value::Text(title)) = cell else { continue };
            match Column::of_title(title) {
                Some(column) if header.columns.contains_key(&column) => header.doubled.push(column),
                Some(column) => {
                    header.columns.insert(column, at);
                }
                None => header.ignored.push(title.chars().take(100).collect()),
            }
        }
        (header.columns.len() >= 3).then_some(header)
    }

    /// Whether the table has this column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.columns.contains_key(&column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_key_and_its_names_in_any_spelling() {
        for column in Column::ALL {
            assert_eq!(Column::of_title(column.key()), Some(column));
            assert_eq!(Column::of_title(column.title()), Some(column));
        }
        for (title, column) in [
            ("XÃ/PHƯỜNG (mã hoặc tên)", Column::Commune),
            ("thon / to dan pho", Column::Village),
            ("Expected signers", Column::ExpectedSigners),
            (" Vĩ  độ ", Column::Lat),
        ] {
            assert_eq!(Column::of_title(title), Some(column), "{title}");
        }
        assert_eq!(Column::of_title("STT"), None);
        let names: Vec<&str> = Column::ALL
            .iter()
            .flat_map(|column| column.other_names())
            .copied()
            .collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "no name means two columns");
    }
}

//! The columns of the board: the cells that a file declares, compared with those that it defines.
//!
//! Invariant: every declared cell is defined exactly once, and no other is defined.
//! Refuses: a campaign without any cell.

use std::collections::BTreeMap;

use crate::campaign::sheet::{Entry, Table};
use crate::domain::{Cell, CellKind};

const EXPECTED: (&str, &str) = (
    "one of the nine cell keys such as banner.1",
    "một trong chín khóa, ví dụ banner.1",
);

/// The cells met so far.
pub(super) struct Columns<'sheet, 'text> {
    declared: BTreeMap<Cell, Entry<'sheet, 'text>>,
    /// False where the declaration itself is out of order; then nothing can be compared with it.
    comparable: bool,
    /// The line on which each cell is defined.
    defined: BTreeMap<Cell, usize>,
}

impl<'sheet, 'text> Columns<'sheet, 'text> {
    /// Reads the list under `cells`.
    pub(super) fn declared(root: &Table<'sheet, 'text>) -> Self {
        let mut columns = Self {
            declared: BTreeMap::new(),
            comparable: true,
            defined: BTreeMap::new(),
        };
        let list = root.required("cells");
        let entries = list.clone().and_then(Entry::list);
        if let (Some(list), Some([])) = (list, entries.as_deref()) {
            list.report(
                "a campaign needs at least one cell",
                "chiến dịch cần ít nhất một nội dung",
            );
        }
        columns.comparable = entries.as_ref().is_some_and(|entries| !entries.is_empty());
        for entry in entries.unwrap_or_default() {
            let Some(cell) = entry.clone().parsed(EXPECTED, |text| text.parse::<Cell>().ok()) else {
                columns.comparable = false;
                continue;
            };
            if columns.declared.insert(cell, entry.clone()).is_some() {
                entry.report(
                    &format!("{cell} is declared twice"),
                    &format!("{cell} được khai báo hai lần"),
                );
            }
        }
        columns
    }

    /// The cell that `table` defines, which must be of this kind, declared, and not defined before.
    pub(super) fn cell_of(&mut self, table: &Table<'sheet, 'text>, kind: CellKind) -> Option<Cell> {
        let entry = table.required("cell")?;
        let cell = entry.clone().parsed(EXPECTED, |text| text.parse::<Cell>().ok())?;
        if cell.kind() != kind {
            entry.report(
                &format!("{cell} does not belong here"),
                &format!("{cell} không thuộc mục này"),
            );
        }
        if let Some(first) = self.defined.insert(cell, entry.line()) {
            entry.report(
                &format!("{cell} is already defined on line {first}"),
                &format!("{cell} đã được định nghĩa ở dòng {first}"),
            );
        }
        if self.comparable && !self.declared.contains_key(&cell) {
            let vietnamese = format!("{cell} không có trong danh sách `cells` của chiến dịch");
            entry.report(
                &format!("{cell} is not in the campaign's list `cells`"),
                &vietnamese,
            );
        }
        Some(cell)
    }

    /// The declared cells in the order of the board, after every definition was read.
    pub(super) fn close(self) -> Vec<Cell> {
        for (cell, entry) in self
            .declared
            .iter()
            .filter(|(cell, _)| !self.defined.contains_key(cell))
        {
            entry.report(
                &format!("{cell} is declared, but no banner group or commitment defines it"),
                &format!("{cell} được khai báo nhưng không có nhóm hoặc cam kết nào định nghĩa"),
            );
        }
        self.declared.into_keys().collect()
    }
}

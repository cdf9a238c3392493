//! The board in a terminal: communes × cells in percent, those furthest ahead and behind, and the totals.
//!
//! Invariant: no line is wider than the terminal, and nothing is told by colour alone.
//! Refuses: to print; it gives the text.

use crate::client::{CellFigures, CommuneCompletion, Completion};
use crate::domain::{Cell, CommuneKind};

const NAME_WIDTH: usize = 20;
/// Columns of one cell, in a wide terminal and in one of 80.
const COLUMN_WIDTHS: [usize; 2] = [7, 5];
/// Columns of the figures at the end of a line.
const ALL_WIDTH: usize = 15;
/// Communes shown at each end.
const AT_EACH_END: usize = 15;

/// How the board may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardLook {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether colours are welcome.
    pub coloured: bool,
}

/// The board as text, each line ended.
pub fn draw(board: &Completion, look: BoardLook) -> String {
    let cells: Vec<Cell> = Cell::ALL
        .into_iter()
        .filter(|cell| board.totals.contains_key(cell.key()))
        .collect();
    let room = look.width.saturating_sub(NAME_WIDTH + ALL_WIDTH);
    let fitting = COLUMN_WIDTHS
        .into_iter()
        .find(|width| width * cells.len() <= room);
    // Half a table misleads; in a narrow terminal the sums stand alone.
    let (cells, column) = fitting.map_or_else(|| (Vec::new(), 0), |width| (cells, width));
    let mut rows: Vec<&CommuneCompletion> = board
        .communes
        .iter()
        .filter(|commune| commune.all.planned > 0)
        .collect();
    rows.sort_by(|one, other| {
        let share = |figures: &CellFigures| figures.percent.unwrap_or(0.0);
        share(&other.all)
            .total_cmp(&share(&one.all))
            .then_with(|| one.code.cmp(&other.code))
    });
    let mut sheet = Sheet {
        text: String::new(),
        look,
        cells,
        column,
    };
    sheet.heading();
    let behind = rows
        .len()
        .saturating_sub(AT_EACH_END)
        .max(AT_EACH_END.min(rows.len()));
    for commune in rows.iter().take(AT_EACH_END) {
        sheet.commune(commune);
    }
    if let Some(between) = behind.checked_sub(AT_EACH_END).filter(|count| *count > 0) {
        sheet.line(&format!(
            "   … {between} xã, phường ở giữa / communes in between …"
        ));
    }
    for commune in rows.iter().skip(behind) {
        sheet.commune(commune);
    }
    sheet.totals(board);
    sheet.text
}

struct Sheet {
    text: String,
    look: BoardLook,
    cells: Vec<Cell>,
    /// How wide each of them is.
    column: usize,
}

impl Sheet {
    fn heading(&mut self) {
        let mut line = fitted("Xã, phường", NAME_WIDTH);
        for cell in &self.cells {
            line.push_str(&right(short(*cell), self.column));
        }
        line.push_str(&right("tất cả/all", ALL_WIDTH));
        self.line(&line);
        let width = line.chars().count();
        self.line(&"─".repeat(width));
    }

    fn commune(&mut self, commune: &CommuneCompletion) {
        let kind = match commune.kind {
            CommuneKind::Xa => "xã",
            CommuneKind::Phuong => "ph.",
        };
        let name = format!("{kind} {}", commune.name);
        self.figures(&name, |key| commune.cells.get(key), &commune.all);
    }

    fn totals(&mut self, board: &Completion) {
        let all = board.totals.get("all").copied().unwrap_or_default();
        let width = NAME_WIDTH + self.cells.len() * self.column + ALL_WIDTH;
        self.line(&"─".repeat(width));
        self.figures("Toàn tỉnh / all", |key| board.totals.get(key), &all);
        if !self.cells.is_empty() {
            self.line(
                "N1–N6 nhóm băng rôn/banner groups · cam kết/pledges: KDC khu dân cư, TH trường, CSKD cơ sở",
            );
        }
        self.line("");
        let parts = [
            ("kế hoạch/planned", all.planned),
            ("chưa có/open", all.open),
            ("đang về/arriving", all.arriving),
            ("chờ/pending", all.pending),
            ("trả lại/returned", all.returned),
            ("đạt/verified", all.verified),
            ("quá hạn/overdue", all.overdue),
            ("muộn/late", all.late),
        ];
        let mut line = String::new();
        for (name, figure) in parts {
            let part = format!("{name} {figure}");
            if !line.is_empty() && line.chars().count() + part.chars().count() + 3 > self.look.width {
                self.line(&line);
                line.clear();
            }
            if !line.is_empty() {
                line.push_str(" · ");
            }
            line.push_str(&part);
        }
        self.line(&line);
    }

    fn figures<'a>(&mut self, name: &str, of: impl Fn(&str) -> Option<&'a CellFigures>, all: &CellFigures) {
        let mut line = fitted(name, NAME_WIDTH);
        for cell in &self.cells {
            let figures = of(cell.key()).copied().unwrap_or_default();
            let text = figures
                .percent
                .map_or("·".to_owned(), |percent| format!("{percent:.0}%"));
            line.push_str(&self.paint(&right(&text, self.column), figures.percent));
        }
        let percent = all
            .percent
            .map_or("·".to_owned(), |percent| format!("{percent:.1}%"));
        let text = format!("{}/{} {:>6}", all.verified, all.planned, percent);
        line.push_str(&self.paint(&right(&text, ALL_WIDTH), all.percent));
        self.text.push_str(&line);
        self.text.push('\n');
    }

    /// Red below a third, yellow below two thirds, green above; as figures the share stands there anyway.
    fn paint(&self, text: &str, percent: Option<f64>) -> String {
        let colour = match percent {
            Some(percent) if percent < 34.0 => "31",
            Some(percent) if percent < 67.0 => "33",
            Some(_) => "32",
            None => "2",
        };
        if self.look.coloured {
            format!("\u{1b}[{colour}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn line(&mut self, text: &str) {
        let cut: String = text.chars().take(self.look.width).collect();
        self.text.push_str(&cut);
        self.text.push('\n');
    }
}

/// What a column is called.
const fn short(cell: Cell) -> &'static str {
    match cell {
        Cell::Banner1 => "N1",
        Cell::Banner2 => "N2",
        Cell::Banner3 => "N3",
        Cell::Banner4 => "N4",
        Cell::Banner5 => "N5",
        Cell::Banner6 => "N6",
        Cell::ResidentialArea => "KDC",
        Cell::School => "TH",
        Cell::Business => "CSKD",
    }
}

fn fitted(text: &str, width: usize) -> String {
    let cut: String = text.chars().take(width.saturating_sub(1)).collect();
    let gap = width.saturating_sub(cut.chars().count());
    format!("{cut}{}", " ".repeat(gap))
}

fn right(text: &str, width: usize) -> String {
    let gap = width.saturating_sub(text.chars().count());
    format!("{}{text}", " ".repeat(gap))
}

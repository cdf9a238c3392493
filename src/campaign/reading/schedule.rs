//! Deadlines, milestones, reports and figures.
//!
//! Invariant: every deadline and milestone lies within the campaign's period; parts of a figure add up to it.
//! Refuses: a day that differs from the plan's print without a note that says why.

use super::Keys;
use crate::campaign::model::{Deadline, Figure, Milestone, Period, ReportDuty};
use crate::campaign::rhythm;
use crate::campaign::sheet::{Entry, Table};
use crate::domain::Day;

/// The deadlines of a file, also while it is still being checked.
pub(super) struct Deadlines {
    sound: Vec<Deadline>,
    /// Keys of all deadlines, sound or not: a reference to an unsound one is no problem of its own.
    named: Vec<String>,
}

impl Deadlines {
    pub(super) fn into_values(self) -> Vec<Deadline> {
        self.sound
    }

    /// The deadline that the text under `deadline` names: its key and its day.
    pub(super) fn named_in(&self, table: &Table<'_, '_>) -> Option<(String, Day)> {
        let entry = table.required("deadline")?;
        let key = entry.clone().text()?;
        if !self.named.contains(&key) {
            entry.report(
                &format!("no deadline has the key {key:?}"),
                &format!("không có thời hạn nào mang khóa {key:?}"),
            );
        }
        let day = self.sound.iter().find(|deadline| deadline.key == key)?.by;
        Some((key, day))
    }
}

pub(super) fn deadlines(root: &Table<'_, '_>, period: Option<&Period>) -> Deadlines {
    let mut keys = Keys::default();
    let mut deadlines = Deadlines {
        sound: Vec::new(),
        named: Vec::new(),
    };
    for table in root.tables("deadlines", &["key", "what", "who", "by", "printed", "note"]) {
        let key = keys.read(&table);
        deadlines.named.extend(key.clone());
        deadlines.sound.extend(deadline(&table, key, period));
    }
    deadlines
}

fn deadline(table: &Table<'_, '_>, key: Option<String>, period: Option<&Period>) -> Option<Deadline> {
    let (what, who) = (table.bilingual("what"), table.bilingual("who"));
    let by = table.required("by").and_then(|entry| day_in(&entry, period));
    let printed = table.optional("printed");
    let note = table.optional_bilingual("note");
    if let (Some(printed), None) = (&printed, &note) {
        printed.report(
            "needs a `note` that says what is wrong in print",
            "cần `note` giải thích chỗ in sai",
        );
    }
    let printed = printed.and_then(Entry::text);
    Some(Deadline {
        key: key?,
        what: what?,
        who: who?,
        by: by?,
        printed,
        note,
    })
}

/// A day within the period; without a sound period any day will do, its problem is known already.
fn day_in(entry: &Entry<'_, '_>, period: Option<&Period>) -> Option<Day> {
    let day = entry.clone().day()?;
    match period {
        Some(period) if !period.contains(day) => {
            let (starts, ends) = (period.starts, period.ends);
            entry.report(
                &format!("{day} lies outside of the period {starts} to {ends}"),
                &format!("{day} nằm ngoài thời gian chiến dịch {starts} đến {ends}"),
            );
            None
        }
        _ => Some(day),
    }
}

pub(super) fn milestones(
    root: &Table<'_, '_>,
    period: Option<&Period>,
    commune_total: Option<u32>,
) -> Vec<Milestone> {
    let mut keys = Keys::default();
    let milestone = |table: Table<'_, '_>| {
        let (key, label) = (keys.read(&table), table.bilingual("label"));
        let by = table.required("by").and_then(|entry| day_in(&entry, period));
        let most = commune_total.unwrap_or(u32::MAX);
        let communes = table.optional("communes").and_then(|entry| entry.whole(1..=most));
        let percent = table.optional("percent").and_then(|entry| entry.positive(100.0));
        if table.optional("communes").is_some() == table.optional("percent").is_some() {
            table.report(
                "needs `communes` or `percent`, and not both",
                "cần đúng một trong `communes`, `percent`",
            );
        }
        Some(Milestone {
            key: key?,
            label: label?,
            by: by?,
            communes,
            percent,
        })
    };
    let known = ["key", "label", "by", "communes", "percent"];
    root.tables("milestones", &known)
        .into_iter()
        .filter_map(milestone)
        .collect()
}

pub(super) fn reporting(root: &Table<'_, '_>) -> Vec<ReportDuty> {
    let mut keys = Keys::default();
    let report = |table: Table<'_, '_>| {
        let (key, label) = (keys.read(&table), table.bilingual("label"));
        let when = table.required("when").and_then(rhythm::read);
        Some(ReportDuty {
            key: key?,
            label: label?,
            when: when?,
        })
    };
    root.tables("reporting", &["key", "label", "when"])
        .into_iter()
        .filter_map(report)
        .collect()
}

pub(super) fn figures(root: &Table<'_, '_>) -> Vec<Figure> {
    let mut keys = Keys::default();
    let mut figures: Vec<Figure> = Vec::new();
    let mut entries = Vec::new();
    for table in root.tables("figures", &["key", "label", "value", "as_of", "part_of"]) {
        let (key, label, as_of) = (keys.read(&table), table.bilingual("label"), table.day("as_of"));
        let value_entry = table.required("value");
        let value = value_entry
            .clone()
            .and_then(|entry| entry.whole(0..=1_000_000_000));
        let part_of = table.optional("part_of");
        entries.push((key.clone(), value_entry, part_of.clone()));
        let part_of = part_of.and_then(Entry::text);
        if let (Some(key), Some(label), Some(value), Some(as_of)) = (key, label, value, as_of) {
            figures.push(Figure {
                key,
                label,
                value,
                as_of,
                part_of,
            });
        }
    }
    // Sums over figures that could not be read would only repeat their problems.
    if figures.len() == entries.len() {
        add_up(&figures, &entries);
    }
    figures
}

type FigureEntries<'sheet, 'text> = (
    Option<String>,
    Option<Entry<'sheet, 'text>>,
    Option<Entry<'sheet, 'text>>,
);

fn add_up(figures: &[Figure], entries: &[FigureEntries<'_, '_>]) {
    for (figure, (_, value, part_of)) in figures.iter().zip(entries) {
        let whole = figure.part_of.as_ref();
        if let (Some(whole), Some(part_of)) = (whole, part_of)
            && (*whole == figure.key || !figures.iter().any(|other| other.key == *whole))
        {
            part_of.report(
                &format!("no other figure has the key {whole:?}"),
                &format!("không có số liệu nào khác mang khóa {whole:?}"),
            );
        }
        let mut parts = figures
            .iter()
            .filter(|part| part.part_of.as_ref() == Some(&figure.key))
            .peekable();
        let has_parts = parts.peek().is_some();
        let sum: u64 = parts.map(|part| u64::from(part.value)).sum();
        if let Some(value) = value
            && has_parts
            && sum != u64::from(figure.value)
        {
            value.report(
                &format!("its parts add up to {sum}, not {}", figure.value),
                &format!("tổng các phần là {sum}, không phải {}", figure.value),
            );
        }
    }
}

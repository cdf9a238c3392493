//! A TOML document read entry by entry, each entry with its place in the text and its path.
//!
//! Invariant: a reading that answers `None` has reported a problem, unless an optional key is simply absent; so all
//! problems of a file are found in one pass instead of the first alone (which is where serde would stop).
//! Refuses: keys that nobody asked for; they are reported like any other problem.

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use unicode_normalization::UnicodeNormalization;

use super::model::Bilingual;
use super::problem::{CampaignErrors, CampaignProblem};
use crate::domain::Day;

/// Longest text that a campaign file may hold under one key, in bytes.
const MAX_TEXT_BYTES: usize = 4_000;

/// The text of a document and the problems found in it so far.
pub(super) struct Sheet<'text> {
    text: &'text str,
    found: RefCell<CampaignErrors>,
}

impl<'text> Sheet<'text> {
    pub(super) fn new(text: &'text str) -> Self {
        Self {
            text,
            found: RefCell::default(),
        }
    }

    pub(super) fn into_errors(self) -> CampaignErrors {
        self.found.into_inner().sorted()
    }

    pub(super) fn is_clean(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    fn position(&self, offset: usize) -> (usize, usize) {
        let end = self.text.floor_char_boundary(offset);
        let before = self.text.get(..end).unwrap_or_default();
        let line = before.matches('\n').count().saturating_add(1);
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            .saturating_add(1);
        (line, column)
    }

    pub(super) fn report(&self, span: &Range<usize>, key: &str, english: &str, vietnamese: &str) {
        self.found.borrow_mut().add(|| {
            let (line, column) = self.position(span.start);
            let (key, english, vietnamese) = (key.to_owned(), english.to_owned(), vietnamese.to_owned());
            CampaignProblem {
                line,
                column,
                key,
                english,
                vietnamese,
            }
        });
    }
}

/// One value of the document.
#[derive(Clone)]
pub(super) struct Entry<'sheet, 'text> {
    sheet: &'sheet Sheet<'text>,
    value: &'sheet Spanned<DeValue<'text>>,
    key: String,
}

impl<'sheet, 'text> Entry<'sheet, 'text> {
    pub(super) fn report(&self, english: &str, vietnamese: &str) {
        self.sheet
            .report(&self.value.span(), &self.key, english, vietnamese);
    }

    /// The line on which this entry stands, from 1.
    pub(super) fn line(&self) -> usize {
        self.sheet.position(self.value.span().start).0
    }

    fn refuse<T>(&self, english: &str, vietnamese: &str) -> Option<T> {
        self.report(english, vietnamese);
        None
    }

    /// A text that says something, in NFC, so that equal words are equal bytes.
    pub(super) fn text(self) -> Option<String> {
        let DeValue::String(text) = self.value.get_ref() else {
            return self.refuse(
                "must be a text in quotes",
                "phải là một chuỗi trong dấu ngoặc kép",
            );
        };
        if text.trim().is_empty() {
            return self.refuse("must not be empty", "không được để trống");
        }
        if text.trim() != text.as_ref() || text.chars().any(char::is_control) {
            let vietnamese = "không được có khoảng trắng ở đầu, ở cuối hoặc ký tự điều khiển";
            return self.refuse(
                "must not have blanks at its ends or control characters",
                vietnamese,
            );
        }
        if text.len() > MAX_TEXT_BYTES {
            return self.refuse("is too long", "quá dài");
        }
        Some(text.nfc().collect())
    }

    /// A text, with what `parse` makes of it; `expected` finishes the sentence "must be …" in both languages.
    pub(super) fn parsed<T>(self, expected: (&str, &str), parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.clone().text()?;
        parse(&text).or_else(|| {
            let english = format!("must be {}, not {text:?}", expected.0);
            self.refuse(&english, &format!("phải là {}, không phải {text:?}", expected.1))
        })
    }

    /// A calendar day, written as a TOML date or as a text `YYYY-MM-DD`.
    pub(super) fn day(self) -> Option<Day> {
        let written = match self.value.get_ref() {
            DeValue::Datetime(moment) => moment.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        written.parse().ok().or_else(|| {
            let vietnamese = "phải là một ngày có thật, viết dạng 2026-02-28";
            self.refuse("must be a day of the calendar, written as 2026-02-28", vietnamese)
        })
    }

    /// A whole number from `range`.
    pub(super) fn whole(self, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let number = match self.value.get_ref() {
            DeValue::Integer(digits) => u32::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).or_else(|| {
            let english = format!("must be a whole number from {} to {}", range.start(), range.end());
            self.refuse(
                &english,
                &format!("phải là số nguyên từ {} đến {}", range.start(), range.end()),
            )
        })
    }

    /// A number above zero and not above `max`; neither NaN nor infinite.
    pub(super) fn positive(self, max: f64) -> Option<f64> {
        let number = match self.value.get_ref() {
            DeValue::Float(digits) => digits.as_str().parse::<f64>().ok(),
            DeValue::Integer(digits) => i32::from_str_radix(digits.as_str(), digits.radix())
                .ok()
                .map(f64::from),
            _ => None,
        };
        number
            .filter(|number| *number > 0.0 && *number <= max)
            .or_else(|| {
                let english = format!("must be a number above 0 and at most {max}");
                self.refuse(&english, &format!("phải là số lớn hơn 0 và không quá {max}"))
            })
    }

    /// A text in Vietnamese and English.
    pub(super) fn bilingual(self) -> Option<Bilingual> {
        let table = self.table(&["vi", "en"])?;
        let (vi, en) = (table.text("vi"), table.text("en"));
        Some(Bilingual { vi: vi?, en: en? })
    }

    /// The entries of an array.
    pub(super) fn list(self) -> Option<Vec<Self>> {
        let DeValue::Array(values) = self.value.get_ref() else {
            return self.refuse("must be a list", "phải là một danh sách");
        };
        let entry = |(at, value)| Self {
            sheet: self.sheet,
            value,
            key: format!("{}[{at}]", self.key),
        };
        Some(values.iter().enumerate().map(entry).collect())
    }

    /// A table that has no other keys than `known`.
    pub(super) fn table(self, known: &[&str]) -> Option<Table<'sheet, 'text>> {
        let DeValue::Table(entries) = self.value.get_ref() else {
            return self.refuse("must be a table", "phải là một bảng (table)");
        };
        Some(Table::open(
            self.sheet,
            entries,
            self.value.span(),
            self.key,
            known,
        ))
    }
}

/// One table of the document, known keys only.
pub(super) struct Table<'sheet, 'text> {
    sheet: &'sheet Sheet<'text>,
    entries: &'sheet DeTable<'text>,
    span: Range<usize>,
    key: String,
}

impl<'sheet, 'text> Table<'sheet, 'text> {
    pub(super) fn open(
        sheet: &'sheet Sheet<'text>,
        entries: &'sheet DeTable<'text>,
        span: Range<usize>,
        key: String,
        known: &[&str],
    ) -> Self {
        let table = Self {
            sheet,
            entries,
            span,
            key,
        };
        for (name, _) in entries
            .iter()
            .filter(|(name, _)| !known.contains(&name.get_ref().as_ref()))
        {
            let english = format!("unknown key; known here: {}", known.join(", "));
            let vietnamese = format!(
                "khóa không được biết; các khóa hợp lệ ở đây: {}",
                known.join(", ")
            );
            sheet.report(&name.span(), &table.path(name.get_ref()), &english, &vietnamese);
        }
        table
    }

    fn path(&self, name: &str) -> String {
        let name: String = name.chars().take(80).collect();
        if self.key.is_empty() {
            name
        } else {
            format!("{}.{name}", self.key)
        }
    }

    /// Reports a problem of the table as a whole.
    pub(super) fn report(&self, english: &str, vietnamese: &str) {
        self.sheet.report(&self.span, &self.key, english, vietnamese);
    }

    pub(super) fn optional(&self, name: &str) -> Option<Entry<'sheet, 'text>> {
        let value = self.entries.get(name)?;
        Some(Entry {
            sheet: self.sheet,
            value,
            key: self.path(name),
        })
    }

    pub(super) fn required(&self, name: &str) -> Option<Entry<'sheet, 'text>> {
        let entry = self.optional(name);
        if entry.is_none() {
            self.sheet
                .report(&self.span, &self.path(name), "is missing", "bị thiếu");
        }
        entry
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.required(name)?.text()
    }

    pub(super) fn bilingual(&self, name: &str) -> Option<Bilingual> {
        self.required(name)?.bilingual()
    }

    pub(super) fn optional_bilingual(&self, name: &str) -> Option<Bilingual> {
        self.optional(name)?.bilingual()
    }

    pub(super) fn day(&self, name: &str) -> Option<Day> {
        self.required(name)?.day()
    }

    /// The tables of an optional list of tables; those that are no tables are reported and left out.
    pub(super) fn tables(&self, name: &str, known: &[&str]) -> Vec<Self> {
        let entries = self.optional(name).and_then(Entry::list).unwrap_or_default();
        entries
            .into_iter()
            .filter_map(|entry| entry.table(known))
            .collect()
    }
}

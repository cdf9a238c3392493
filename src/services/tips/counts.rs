//! Figures by month: how many messages came, and about what. They outlive the messages.
//!
//! Invariant: one to four of a kind are never told, nor can they be worked out from what is: when one word alone would
//! be hidden, the smallest of the others is hidden with it.
//! Refuses: days, and the desk's own notes.

use super::{TipError, Tips};
use crate::domain::{Day, TipCategory, TipChannel, TipFacts};
use crate::store::records::TipCounts;
use crate::store::{Range, ReadTables, StoreError, Transaction};

const ALL: u8 = 0;
const CATEGORY: u8 = 1;
const CHANNEL: u8 = 2;
/// The smallest figure that is told.
const LEAST_TOLD: u32 = 5;

/// A figure; `None` hides one to four.
pub type Figure = Option<u32>;

/// A month's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthCounts {
    /// `YYYY-MM`.
    pub month: String,
    /// By what they are about; those that nobody sorted stand nowhere.
    pub categories: Vec<(TipCategory, Figure)>,
    /// By how they came.
    pub channels: Vec<(TipChannel, Figure)>,
    /// All of them.
    pub all: Figure,
}

/// Year and month of a day: its text begins `YYYY-MM`.
fn month_number(day: Day) -> u32 {
    let text = day.to_string();
    let mut parts = text.split('-').map(|part| part.parse::<u32>().unwrap_or(0));
    let (year, month) = (parts.next().unwrap_or(0), parts.next().unwrap_or(1));
    year.saturating_mul(12).saturating_add(month.saturating_sub(1))
}

fn add(tx: &mut Transaction<'_>, key: (u32, u8, u8), change: i32) -> Result<(), StoreError> {
    let stands = tx.get::<TipCounts>(&key)?.unwrap_or(0);
    tx.put::<TipCounts>(&key, &stands.saturating_add_signed(change))
}

/// Counts a message that came.
pub(super) fn count(tx: &mut Transaction<'_>, facts: &TipFacts) -> Result<(), StoreError> {
    if facts.channel == TipChannel::DeskNote {
        return Ok(());
    }
    let month = month_number(facts.received_on);
    add(tx, (month, ALL, 0), 1)?;
    add(tx, (month, CHANNEL, facts.channel.number()), 1)?;
    recount(tx, facts, None, facts.category)
}

/// Counts a message under another category than before.
pub(super) fn recount(
    tx: &mut Transaction<'_>,
    facts: &TipFacts,
    before: Option<TipCategory>,
    after: Option<TipCategory>,
) -> Result<(), StoreError> {
    if facts.channel == TipChannel::DeskNote || before == after {
        return Ok(());
    }
    let month = month_number(facts.received_on);
    for (category, change) in [(before, -1), (after, 1)] {
        if let Some(category) = category {
            add(tx, (month, CATEGORY, category.number()), change)?;
        }
    }
    Ok(())
}

/// Hides what is too small to be told, and what would give that away.
fn told<W: Copy>(figures: Vec<(W, u32)>) -> Vec<(W, Figure)> {
    let is_small = |count: u32| (1..LEAST_TOLD).contains(&count);
    let hidden = figures.iter().filter(|(_, count)| is_small(*count)).count();
    let beside = if hidden == 1 {
        figures
            .iter()
            .map(|(_, count)| *count)
            .filter(|count| *count >= LEAST_TOLD)
            .min()
    } else {
        None
    };
    let mut beside = beside;
    let mut tell = |count: u32| {
        if is_small(count) {
            return None;
        }
        if beside == Some(count) {
            beside = None;
            return None;
        }
        Some(count)
    };
    figures
        .into_iter()
        .map(|(word, count)| (word, tell(count)))
        .collect()
}

impl Tips {
    /// The months of a year in which something came.
    pub async fn counts(&self, year: u32) -> Result<Vec<MonthCounts>, TipError> {
        let months = year.saturating_mul(12)..year.saturating_mul(12).saturating_add(12);
        self.inner
            .store
            .read(move |view| {
                let mut found = Vec::new();
                for month in months {
                    let mut rows = view.scan::<TipCounts>(Range::under(&month)).peekable();
                    if rows.peek().is_none() {
                        continue;
                    }
                    let rows: Vec<_> = rows.collect::<Result<_, StoreError>>()?;
                    let of = |kind: u8, word: u8| {
                        let row = rows
                            .iter()
                            .find(|((_, its_kind, its_word), _)| (*its_kind, *its_word) == (kind, word));
                        row.map_or(0, |(_, count)| *count)
                    };
                    let categories = TipCategory::ALL
                        .iter()
                        .map(|word| (*word, of(CATEGORY, word.number())));
                    let channels = TipChannel::ALL
                        .iter()
                        .filter(|word| **word != TipChannel::DeskNote);
                    let channels = channels.map(|word| (*word, of(CHANNEL, word.number())));
                    let all = of(ALL, 0);
                    found.push(MonthCounts {
                        month: format!("{:04}-{:02}", month / 12, month % 12 + 1),
                        categories: told(categories.collect()),
                        channels: told(channels.collect()),
                        all: (all == 0 || all >= LEAST_TOLD).then_some(all),
                    });
                }
                Ok(found)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_figure_is_hidden_and_never_alone() {
        let figures = |counts: &[u32]| {
            let named: Vec<_> = counts.iter().copied().enumerate().collect();
            told(named)
                .into_iter()
                .map(|(_, figure)| figure)
                .collect::<Vec<_>>()
        };
        assert_eq!(figures(&[0, 5, 9]), [Some(0), Some(5), Some(9)]);
        assert_eq!(figures(&[1, 4, 9]), [None, None, Some(9)]);
        assert_eq!(figures(&[3, 12, 9]), [None, Some(12), None]);
        assert_eq!(figures(&[3, 9, 9]), [None, None, Some(9)]);
        assert_eq!(figures(&[4, 0, 0]), [None, Some(0), Some(0)]);
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let number = |text: &str| month_number(text.parse().unwrap());
        assert_eq!(number("2026-01-31") + 1, number("2026-02-01"));
        assert_eq!(number("2026-12-31") + 1, number("2027-01-01"));
        assert_eq!(number("2026-01-01"), 2026 * 12);
    }
}

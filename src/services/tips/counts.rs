//! Figures by month: how many messages came, and about what. They outlive the messages.
//!
//! Invariant: one to four of a kind are never told, nor can they be worked out from what one look shows: with them the
//! largest of their list is hidden, and the sum of the month wherever it would say too much.
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

const fn is_small(count: u32) -> bool {
    count > 0 && count < LEAST_TOLD
}

/// How many small figures there are, and which ones are told: not the small ones, and not the largest beside them.
fn small_and_told(figures: &[u32]) -> (u32, Vec<bool>) {
    let small = figures.iter().filter(|count| is_small(**count)).count();
    let largest = figures
        .iter()
        .max()
        .filter(|count| small > 0 && **count >= LEAST_TOLD);
    let largest = largest.and_then(|most| figures.iter().position(|count| count == most));
    let told = figures
        .iter()
        .enumerate()
        .map(|(at, count)| !is_small(*count) && Some(at) != largest);
    (u32::try_from(small).unwrap_or(u32::MAX), told.collect())
}

fn sum_of_told(figures: &[u32], told: &[bool]) -> u32 {
    let told = figures.iter().zip(told).filter(|(_, is_told)| **is_told);
    told.map(|(count, _)| *count).sum()
}

/// Whether the sum may be told beside a list: it may while every small figure in it could be one or four or anything
/// between, for all that anybody can add up. What is hidden of the sum has room for fours and for a largest figure.
fn leaves_room(all: u32, figures: &[u32]) -> bool {
    let (small, told) = small_and_told(figures);
    let hidden = all.saturating_sub(sum_of_told(figures, &told));
    let largest_told = figures.iter().zip(&told).filter(|(_, told)| **told);
    let largest_told = largest_told.map(|(count, _)| *count).max().unwrap_or(0);
    small == 0
        || hidden
            >= small
                .saturating_mul(4)
                .saturating_add(largest_told.max(LEAST_TOLD))
}

/// Hides of a month's figures what is too small to be told and whatever would give that away.
fn told(all: u32, categories: &[u32], channels: &[u32]) -> (Figure, Vec<Figure>, Vec<Figure>) {
    if is_small(all) {
        // Which figures are nought would tell how few the others can be.
        return (None, vec![None; categories.len()], vec![None; channels.len()]);
    }
    let is_sum_told =
        (all == 0 || all >= LEAST_TOLD) && leaves_room(all, categories) && leaves_room(all, channels);
    let shown = |figures: &[u32], told: &[bool]| {
        let shown = figures.iter().zip(told);
        shown.map(|(count, told)| told.then_some(*count)).collect()
    };
    let (_, of_categories) = small_and_told(categories);
    let (_, mut of_channels) = small_and_told(channels);
    if !is_sum_told
        && let Some(most) = channels.iter().max()
        && let Some(at) = channels.iter().position(|count| count == most)
        && let Some(largest) = of_channels.get_mut(at)
    {
        // Every message has a channel: without this they would add up to the sum.
        *largest = false;
    }
    let all = is_sum_told.then_some(all);
    (
        all,
        shown(categories, &of_categories),
        shown(channels, &of_channels),
    )
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
                    let channel_words = TipChannel::ALL
                        .iter()
                        .copied()
                        .filter(|word| *word != TipChannel::DeskNote)
                        .collect::<Vec<_>>();
                    let categories = TipCategory::ALL.iter().map(|word| of(CATEGORY, word.number()));
                    let channels = channel_words.iter().map(|word| of(CHANNEL, word.number()));
                    let (all, categories, channels) = told(
                        of(ALL, 0),
                        &categories.collect::<Vec<_>>(),
                        &channels.collect::<Vec<_>>(),
                    );
                    found.push(MonthCounts {
                        month: format!("{:04}-{:02}", month / 12, month % 12 + 1),
                        categories: TipCategory::ALL.iter().copied().zip(categories).collect(),
                        channels: channel_words.into_iter().zip(channels).collect(),
                        all,
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
    fn a_small_figure_is_hidden_with_the_largest_and_the_sum_where_it_would_tell() {
        let of = |all, categories: &[u32], channels: &[u32]| told(all, categories, channels);
        let open = (Some(14), vec![Some(0), Some(5), Some(9)], vec![Some(14), Some(0)]);
        assert_eq!(of(14, &[0, 5, 9], &[14, 0]), open);
        // 3 + 12 + 30 of 60: whether 3 is one or four, nobody can work out.
        let (all, categories, _) = of(60, &[3, 12, 30], &[60, 0]);
        assert_eq!((all, categories), (Some(60), vec![None, Some(12), None]));
        // 1 + 1 + 18 are all 20 there are: the sum would say that both are one.
        let (all, categories, channels) = of(20, &[1, 1, 18], &[20, 0]);
        assert_eq!((all, categories), (Some(20), vec![None, None, None]));
        assert_eq!(channels, [Some(20), Some(0)]);
        let (all, _, channels) = of(20, &[1, 1, 18], &[15, 5]);
        assert_eq!((all, channels), (Some(20), vec![Some(15), Some(5)]));
        let (all, _, channels) = of(8, &[4, 4, 0], &[8, 0]);
        assert_eq!((all, channels), (None, vec![None, Some(0)]));
        assert_eq!(of(4, &[4, 0, 0], &[4, 0]), (None, vec![None; 3], vec![None; 2]));
    }

    /// Everything that two categories and two channels can be up to a limit, grouped by what is told of it: in every
    /// group each figure that is hidden for being small can be one, two, three or four.
    #[test]
    fn nothing_that_is_told_adds_up_to_a_small_figure() {
        type Shown = (Figure, Vec<Figure>, Vec<Figure>);
        let mut groups: std::collections::BTreeMap<Shown, Vec<[u32; 4]>> = std::collections::BTreeMap::new();
        for [one, two] in pairs(34) {
            for [web, hotline] in pairs(34) {
                if one + two <= web + hotline {
                    let shown = told(web + hotline, &[one, two], &[web, hotline]);
                    groups.entry(shown).or_default().push([one, two, web, hotline]);
                }
            }
        }
        let mut looked_at = 0;
        for months in groups.values() {
            // Larger ones have alternatives beyond the limit.
            for month in months
                .iter()
                .filter(|month| month.iter().all(|count| *count <= 24))
            {
                for place in (0..4).filter(|place| is_small(month[*place])) {
                    looked_at += 1;
                    let can_be = |wanted| months.iter().any(|other| other[place] == wanted);
                    assert!((1..LEAST_TOLD).all(can_be), "{month:?}: figure {place}");
                }
            }
        }
        assert!(looked_at > 10_000);
    }

    fn pairs(most: u32) -> impl Iterator<Item = [u32; 2]> {
        (0..=most).flat_map(move |one| (0..=most).map(move |two| [one, two]))
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let number = |text: &str| month_number(text.parse().unwrap());
        assert_eq!(number("2026-01-31") + 1, number("2026-02-01"));
        assert_eq!(number("2026-12-31") + 1, number("2027-01-01"));
        assert_eq!(number("2026-01-01"), 2026 * 12);
    }
}

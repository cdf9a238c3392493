//! The timeline: day by day, how many places were planned, were due and had been verified.
//!
//! Invariant: all figures are running sums up to the end of their day, made from the same rows as the board.
//! Refuses: spans of more than ten years.

use std::collections::BTreeMap;

use super::{Completion, CompletionError};
use crate::auth::{Actor, Scope};
use crate::domain::{CommuneCode, Day, DayTally};
use crate::store::records::Timeline;
use crate::store::{Range, ReadTables, StoreError};

const MAX_DAYS: i32 = 3660;

/// Which days of which commune.
#[derive(Debug, Clone, Copy, Default)]
pub struct TimelineSpan {
    /// One commune; everything that is theirs when absent.
    pub commune: Option<CommuneCode>,
    /// The first day; the campaign's first when absent.
    pub from: Option<Day>,
    /// The last day; today when absent.
    pub to: Option<Day>,
}

/// One day, as sums up to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimelineDay {
    /// The day.
    pub date: Day,
    /// Places in the plan by then.
    pub planned: u64,
    /// Of those that are in the plan today, how many were due by then.
    pub due: u64,
    /// Verified by then, as decisions stand today.
    pub verified: u64,
    /// Everything in the plan today: what `due` is a share of.
    pub planned_today: u64,
}

impl Completion {
    /// The days of `span`, as far as they are theirs to see.
    pub async fn timeline(
        &self,
        actor: &Actor,
        span: TimelineSpan,
    ) -> Result<Vec<TimelineDay>, CompletionError> {
        let from = span.from.unwrap_or(self.campaign.period().starts);
        let to = span.to.unwrap_or_else(|| self.clock.now().day().max(from));
        let length = i64::from(to.number()) - i64::from(from.number());
        if !(0..i64::from(MAX_DAYS)).contains(&length) {
            return Err(CompletionError::SpanInvalid);
        }
        let lines = match (actor.scope(), span.commune) {
            (Scope::Own(user), commune) => {
                let own = self.own_contributions(user).await?;
                if commune.is_some_and(|code| actor.commune != Some(code)) {
                    return Err(CompletionError::CommuneNotFound);
                }
                let mut lines: BTreeMap<Day, DayTally> = BTreeMap::new();
                for (_, part) in own
                    .iter()
                    .filter(|(_, part)| commune.is_none_or(|code| code == part.commune))
                {
                    for (day, figures) in part.days() {
                        // Adding to an empty line cannot drift.
                        lines.entry(day).or_default().add(&figures).unwrap_or(());
                    }
                }
                lines
            }
            (Scope::Commune(own), commune) if commune.is_none_or(|code| code == own) => {
                self.lines(Some(own)).await?
            }
            (Scope::Everything, Some(code)) if self.campaign.commune(code).is_some() => {
                self.lines(Some(code)).await?
            }
            (Scope::Everything, None) => self.lines(None).await?,
            (Scope::Everything | Scope::Commune(_) | Scope::Nothing, _) => {
                return Err(CompletionError::CommuneNotFound);
            }
        };
        Ok(running_sums(&lines, from, to))
    }

    async fn lines(&self, commune: Option<CommuneCode>) -> Result<BTreeMap<Day, DayTally>, StoreError> {
        self.store
            .read(move |view| {
                view.scan::<Timeline>(Range::under(&commune))
                    .map(|row| row.map(|((_, day), line)| (day, line)))
                    .collect()
            })
            .await
    }
}

fn running_sums(lines: &BTreeMap<Day, DayTally>, from: Day, to: Day) -> Vec<TimelineDay> {
    let mut sum = DayTally::default();
    let mut count = |line: &DayTally| {
        // Sums of counters that each fit cannot overflow in any plan of this world.
        sum.add(line).unwrap_or(());
        sum
    };
    lines.range(..from).for_each(|(_, line)| {
        count(line);
    });
    let planned_today = lines.values().map(|line| line.planned).sum();
    let mut days = Vec::new();
    let mut date = from;
    while date <= to {
        let sum = count(&lines.get(&date).copied().unwrap_or_default());
        days.push(TimelineDay {
            date,
            planned: sum.planned,
            due: sum.due,
            verified: sum.verified,
            planned_today,
        });
        date = date.next();
    }
    days
}

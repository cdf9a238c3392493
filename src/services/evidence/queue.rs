//! The queue: lists of submissions in the order of arrival, page by page.
//!
//! Invariant: a page costs what it shows, not what lies before it; the 1,000th page is as fast as the first. Every
//! list is a merge of ranges that are each in order already. Two filters are looked through instead of kept in order:
//! a cell within a commune by risk or check, and days of arrival by risk.
//! Refuses: to sort in memory.

use std::iter::Peekable;

use super::reading::{SeenSubmission, seen};
use super::{Evidence, EvidenceError};
use crate::auth::{Actor, Scope};
use crate::domain::{
    Cell, CheckCode, CommuneCode, Moment, QueueList, Submission, SubmissionId, SubmissionState, UserId,
};
use crate::store::records::{
    Queue, QueueByCell, QueueByCheck, QueueByCommune, QueueByRisk, QueueBySubmitter, Submissions,
};
use crate::store::{Key, Range, ReadTables, StoreError, Table};

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The longest waiting first.
    #[default]
    Oldest,
    /// The latest first.
    Newest,
    /// The highest risk first, then the longest waiting. What has not been checked yet, and what is incomplete, comes
    /// behind what was found to have no risk, in the order of arrival.
    Riskiest,
}

impl std::str::FromStr for Order {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "oldest" => Ok(Self::Oldest),
            "newest" => Ok(Self::Newest),
            "riskiest" => Ok(Self::Riskiest),
            _ => Err(()),
        }
    }
}

/// Which submissions.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueueFilter {
    /// In this state.
    pub state: Option<SubmissionState>,
    /// Of this commune.
    pub commune: Option<CommuneCode>,
    /// Of this cell.
    pub cell: Option<Cell>,
    /// Arrived then or later.
    pub from: Option<Moment>,
    /// Arrived before this moment.
    pub until: Option<Moment>,
    /// Only those that this check warns about.
    pub check: Option<CheckCode>,
    /// In which order.
    pub order: Order,
}

impl QueueFilter {
    /// Whether a submission in the looked-at ranges is one of those asked for.
    fn holds(&self, submission: &Submission) -> bool {
        self.commune.is_none_or(|commune| commune == submission.commune)
            && self.cell.is_none_or(|cell| cell == submission.cell)
            && self.check.is_none_or(|check| submission.warned.holds(check))
            && self.from.is_none_or(|from| submission.received_at >= from)
            && self.until.is_none_or(|until| submission.received_at < until)
    }
}

/// Where a submission stands in a list: by what is missing to the highest risk (0 in lists by arrival), then arrival.
type Place = (u8, Moment, SubmissionId);
type Places<'a> = Peekable<Box<dyn Iterator<Item = Result<Place, StoreError>> + 'a>>;

impl Evidence {
    /// A page of at most `limit` submissions after the place `after`, and the place to go on from.
    pub async fn queue(
        &self,
        actor: &Actor,
        filter: QueueFilter,
        limit: usize,
        after: Option<Vec<u8>>,
    ) -> Result<(Vec<SeenSubmission>, Option<Vec<u8>>), EvidenceError> {
        let after = after
            .map(|bytes| read_place(&bytes).ok_or(EvidenceError::CursorInvalid))
            .transpose()?;
        let scope = actor.scope();
        self.store
            .read(move |view| {
                let window = Window::new(filter, scope, after);
                let mut ranges = ranges(view, scope, filter, &window);
                let mut page = Vec::new();
                // One more than was asked for tells whether there is a next page.
                while page.len() <= limit {
                    let Some(place) = first_of(&mut ranges, window.backwards)? else {
                        break;
                    };
                    let Some(submission) = view.get::<Submissions>(&place.2)? else {
                        continue;
                    };
                    if filter.holds(&submission) {
                        page.push((place, submission));
                    }
                }
                let more = page.len() > limit;
                page.truncate(limit);
                let next = page.last().filter(|_| more).map(|(place, _)| bytes_of(place));
                let submissions = page.into_iter().map(|(_, submission)| submission).collect();
                Ok((seen(view, submissions)?, next))
            })
            .await
    }
}

fn read_place(mut bytes: &[u8]) -> Option<Place> {
    let place = Place::read(&mut bytes)?;
    bytes.is_empty().then_some(place)
}

/// The stretch of arrival times that a page looks at.
struct Window {
    from: Moment,
    until: Moment,
    after: Option<Place>,
    by_risk: bool,
    backwards: bool,
}

impl Window {
    fn new(filter: QueueFilter, scope: Scope, after: Option<Place>) -> Self {
        Self {
            from: filter.from.unwrap_or(Moment::from_millis(i64::MIN)),
            until: filter.until.unwrap_or(Moment::from_millis(i64::MAX)),
            after,
            by_risk: filter.order == Order::Riskiest && !matches!(scope, Scope::Own(_)),
            backwards: filter.order == Order::Newest,
        }
    }

    /// The rows of `T` under `prefix` within the window; `key` puts a place under the same prefix.
    fn range<T: Table, P: Key, A: Key>(
        &self,
        prefix: &P,
        key: impl Fn(Moment, SubmissionId) -> T::Key,
        at: impl Fn(Moment) -> A,
    ) -> Range<T> {
        let range = Range::<T>::under(prefix)
            .from(&at(self.from))
            .until(&at(self.until));
        let range = if self.backwards { range.backwards() } else { range };
        match self.after {
            // In a list by risk these come last of all; a place among the risky ones lies before all of them.
            Some((rank, _, _)) if self.by_risk && rank < u8::MAX => range,
            Some((_, at, id)) => range.after(&key(at, id)),
            None => range,
        }
    }
}

/// The ranges that together hold what the actor may see of what the filter asks for.
fn ranges<'a>(
    rows: &'a impl ReadTables,
    scope: Scope,
    filter: QueueFilter,
    window: &Window,
) -> Vec<Places<'a>> {
    let states = filter
        .state
        .map_or_else(|| SubmissionState::ALL.to_vec(), |state| vec![state]);
    let commune = match scope {
        Scope::Everything => filter.commune,
        Scope::Commune(own) if filter.commune.is_none_or(|asked| asked == own) => Some(own),
        // One's own are few: they are looked through, and come in the order of arrival also when the riskiest are asked.
        Scope::Own(user) => {
            return states
                .iter()
                .map(|state| own_range(rows, window, user, *state))
                .collect();
        }
        Scope::Commune(_) | Scope::Nothing => return Vec::new(),
    };
    let list = match (commune, filter.cell) {
        (Some(commune), _) => QueueList::Commune(commune),
        (None, Some(cell)) => QueueList::Cell(cell),
        (None, None) => QueueList::All,
    };
    let by_arrival = |state| match (filter.check, commune, filter.cell) {
        (Some(check), _, _) => vec![check_range(rows, window, (list, check, state))],
        (None, Some(commune), cell) => cell
            .map_or_else(|| Cell::ALL.to_vec(), |cell| vec![cell])
            .into_iter()
            .map(|cell| commune_range(rows, window, commune, cell, state))
            .collect(),
        (None, None, Some(cell)) => vec![cell_range(rows, window, cell, state)],
        (None, None, None) => vec![all_range(rows, window, state)],
    };
    if filter.order == Order::Riskiest {
        // What is incomplete has no risk yet and stands last, among what was not checked, in the order of arrival.
        let unchecked = states
            .iter()
            .filter(|state| **state == SubmissionState::Incomplete);
        let mut ranges: Vec<Places<'_>> = unchecked
            .flat_map(|state| by_arrival(*state))
            .map(harmless)
            .collect();
        ranges.extend(
            states
                .iter()
                .map(|state| risk_range(rows, window, (list, filter.check, *state))),
        );
        return ranges;
    }
    states.into_iter().flat_map(by_arrival).collect()
}

fn bytes_of<K: Key>(key: &K) -> Vec<u8> {
    let mut bytes = Vec::new();
    key.write(&mut bytes);
    bytes
}

fn all_range<'a>(rows: &'a impl ReadTables, window: &Window, state: SubmissionState) -> Places<'a> {
    let range = window.range::<Queue, _, _>(&state, |at, id| (state, at, id), |at| (state, at));
    places(rows.keys(range).map(|key| key.map(|(_, at, id)| (0, at, id))))
}

fn cell_range<'a>(
    rows: &'a impl ReadTables,
    window: &Window,
    cell: Cell,
    state: SubmissionState,
) -> Places<'a> {
    let prefix = (cell, state);
    let range =
        window.range::<QueueByCell, _, _>(&prefix, |at, id| (cell, state, at, id), |at| (cell, state, at));
    places(rows.keys(range).map(|key| key.map(|(_, _, at, id)| (0, at, id))))
}

fn commune_range<'a>(
    rows: &'a impl ReadTables,
    window: &Window,
    commune: CommuneCode,
    cell: Cell,
    state: SubmissionState,
) -> Places<'a> {
    let range = window.range::<QueueByCommune, _, _>(
        &(commune, cell, state),
        |at, id| (commune, cell, state, at, id),
        |at| (commune, cell, state, at),
    );
    places(
        rows.keys(range)
            .map(|key| key.map(|(_, _, _, at, id)| (0, at, id))),
    )
}

fn own_range<'a>(
    rows: &'a impl ReadTables,
    window: &Window,
    user: UserId,
    state: SubmissionState,
) -> Places<'a> {
    let range = window.range::<QueueBySubmitter, _, _>(
        &(user, state),
        |at, id| (user, state, at, id),
        |at| (user, state, at),
    );
    places(rows.keys(range).map(|key| key.map(|(_, _, at, id)| (0, at, id))))
}

fn check_range<'a>(
    rows: &'a impl ReadTables,
    window: &Window,
    (list, check, state): (QueueList, CheckCode, SubmissionState),
) -> Places<'a> {
    let range = window.range::<QueueByCheck, _, _>(
        &(list, check, state),
        |at, id| (list, check, state, at, id),
        |at| (list, check, state, at),
    );
    places(
        rows.keys(range)
            .map(|key| key.map(|(_, _, _, at, id)| (0, at, id))),
    )
}

fn risk_range<'a>(
    rows: &'a impl ReadTables,
    window: &Window,
    (list, check, state): (QueueList, Option<CheckCode>, SubmissionState),
) -> Places<'a> {
    let range = Range::<QueueByRisk>::under(&(list, check, state));
    let range = match window.after {
        Some((rank, at, id)) => range.after(&(list, check, state, rank, at, id)),
        None => range,
    };
    places(
        rows.keys(range)
            .map(|key| key.map(|(_, _, _, rank, at, id)| (rank, at, id))),
    )
}

/// Places by arrival as places of a list by risk, in which they stand last.
fn harmless(by_arrival: Places<'_>) -> Places<'_> {
    places(by_arrival.map(|place| place.map(|(_, at, id)| (u8::MAX, at, id))))
}

fn places<'a>(keys: impl Iterator<Item = Result<Place, StoreError>> + 'a) -> Places<'a> {
    let boxed: Box<dyn Iterator<Item = Result<Place, StoreError>> + 'a> = Box::new(keys);
    boxed.peekable()
}

/// Takes the first place of all ranges.
fn first_of(ranges: &mut [Places<'_>], backwards: bool) -> Result<Option<Place>, StoreError> {
    let mut best: Option<(usize, Place)> = None;
    for (number, range) in ranges.iter_mut().enumerate() {
        match range.peek() {
            None => {}
            Some(Ok(place)) => {
                let better =
                    best.is_none_or(|(_, first)| if backwards { *place > first } else { *place < first });
                if better {
                    best = Some((number, *place));
                }
            }
            Some(Err(_)) => return range.next().transpose(),
        }
    }
    match best.and_then(|(number, _)| ranges.get_mut(number)) {
        Some(range) => range.next().transpose(),
        None => Ok(None),
    }
}

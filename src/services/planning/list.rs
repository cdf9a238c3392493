//! Lists of assignments: filters, search and pages.
//!
//! Invariant: a page goes through one index from where the page before ended, so going through all pages meets every
//! assignment that is there all the while exactly once, whatever is added meanwhile.
//! Refuses: to look at more rows for one page than a bound; a page may then be short, and says where to go on.

use sha2::{Digest, Sha256 as Hasher};

use super::PlanningError;
use super::view::{AssignmentView, is_overdue, view};
use crate::auth::Scope;
use crate::campaign::Campaign;
use crate::domain::{Assignment, AssignmentId, AssignmentState, Cell, CommuneCode, Day, UserId, fold};
use crate::store::records::{Assignments, AssignmentsByAssignee, AssignmentsByCell};
use crate::store::{Key, Range, ReadTables, Reads, StoreError, Table};

/// Rows looked at for one page; reading holds back writers, so a search that finds nothing must end.
const MAX_EXAMINED: usize = 20_000;
/// Longest search, in characters.
const MAX_SEARCH_CHARS: usize = 200;
/// Bytes at the start of a cursor that name its list.
const LIST_NAME_BYTES: usize = 8;

/// Which assignments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this commune.
    pub commune: Option<CommuneCode>,
    /// Of this cell.
    pub cell: Option<Cell>,
    /// In this state.
    pub state: Option<AssignmentState>,
    /// Of this account.
    pub assignee: Option<UserId>,
    /// Overdue, or not.
    pub overdue: Option<bool>,
    /// All these words occur in the village, place, note or commune, or name the cell; case, accents and the place of the tone
    /// mark do not matter.
    pub search: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The assignments.
    pub items: Vec<AssignmentView>,
    /// Where the next page starts; `None` at the end. Opaque, and of no use for another list.
    pub next: Option<Vec<u8>>,
}

/// The index that a list goes through.
#[derive(Debug, Clone, Copy)]
enum Way {
    All,
    Assignee(UserId),
    Commune(CommuneCode),
    Cell(CommuneCode, Cell),
    Nowhere,
}

/// What is asked for, made ready.
#[derive(Debug)]
pub(super) struct Search<'a> {
    filter: Filter,
    words: Vec<String>,
    scope: Scope,
    campaign: &'a Campaign,
    today: Day,
    max_examined: usize,
}

/// How far a page has come.
struct Progress {
    items: Vec<Assignment>,
    last: Option<Vec<u8>>,
    is_complete: bool,
}

impl<'a> Search<'a> {
    pub(super) fn new(filter: Filter, scope: Scope, campaign: &'a Campaign, today: Day) -> Self {
        let text = filter.search.as_deref().unwrap_or("");
        let text: String = text.chars().take(MAX_SEARCH_CHARS).collect();
        let folded = fold(&text);
        Self {
            words: folded
                .split(' ')
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect(),
            filter,
            scope,
            campaign,
            today,
            max_examined: MAX_EXAMINED,
        }
    }

    /// With another bound.
    #[cfg(test)]
    pub(super) const fn examining(mut self, max_examined: usize) -> Self {
        self.max_examined = max_examined;
        self
    }

    fn way(&self) -> Way {
        let commune = match self.scope {
            Scope::Own(user) => return Way::Assignee(user),
            Scope::Nothing => return Way::Nowhere,
            Scope::Commune(own) if self.filter.commune.is_some_and(|other| other != own) => {
                return Way::Nowhere;
            }
            Scope::Commune(own) => Some(own),
            Scope::Everything => self.filter.commune,
        };
        match (self.filter.assignee, commune, self.filter.cell) {
            (Some(assignee), _, _) => Way::Assignee(assignee),
            (None, Some(commune), Some(cell)) => Way::Cell(commune, cell),
            (None, Some(commune), None) => Way::Commune(commune),
            (None, None, _) => Way::All,
        }
    }

    /// The page after `after`, at most `limit` long.
    pub(super) fn page(
        &self,
        rows: &impl Reads,
        limit: usize,
        after: Option<&[u8]>,
    ) -> Result<Listing, PlanningError> {
        let name = self.name();
        let place = after
            .map(|after| after.strip_prefix(&name).ok_or(PlanningError::CursorInvalid))
            .transpose()?;
        let progress = match self.way() {
            Way::Nowhere => None,
            Way::All => Some(self.walk(rows, Range::<Assignments>::all(), limit, place, |id| *id)?),
            Way::Assignee(user) => {
                let range = Range::<AssignmentsByAssignee>::under(&user);
                Some(self.walk(rows, range, limit, place, |(_, id)| *id)?)
            }
            Way::Commune(commune) => {
                let range = Range::<AssignmentsByCell>::under(&commune);
                Some(self.walk(rows, range, limit, place, |(_, _, id)| *id)?)
            }
            Way::Cell(commune, cell) => {
                let range = Range::<AssignmentsByCell>::under(&(commune, cell));
                Some(self.walk(rows, range, limit, place, |(_, _, id)| *id)?)
            }
        };
        let Some(progress) = progress else {
            return Ok(Listing {
                items: Vec::new(),
                next: None,
            });
        };
        let next = progress.last.filter(|_| !progress.is_complete);
        let items = progress
            .items
            .into_iter()
            .map(|assignment| view(rows, assignment, self.today));
        Ok(Listing {
            items: items.collect::<Result<_, StoreError>>()?,
            next: next.map(|place| [name.as_slice(), &place].concat()),
        })
    }

    fn walk<T: Table>(
        &self,
        rows: &impl Reads,
        range: Range<T>,
        limit: usize,
        place: Option<&[u8]>,
        id: impl Fn(&T::Key) -> AssignmentId,
    ) -> Result<Progress, PlanningError> {
        let range = match place {
            None => range,
            Some(mut bytes) => {
                let key = T::Key::read(&mut bytes).filter(|_| bytes.is_empty());
                range.after(&key.ok_or(PlanningError::CursorInvalid)?)
            }
        };
        let mut progress = Progress {
            items: Vec::new(),
            last: None,
            is_complete: false,
        };
        let mut keys = rows.keys::<T>(range);
        for _ in 0..self.max_examined {
            // One more than a page is looked for, so that the last page knows that it is the last.
            let Some(key) = keys.next() else {
                progress.is_complete = true;
                break;
            };
            let key = key?;
            let found = rows
                .get::<Assignments>(&id(&key))?
                .filter(|assignment| self.wants(assignment));
            if progress.items.len() == limit {
                if found.is_some() {
                    break;
                }
            } else {
                progress.items.extend(found);
            }
            let mut bytes = Vec::new();
            key.write(&mut bytes);
            progress.last = Some(bytes);
        }
        Ok(progress)
    }

    fn wants(&self, assignment: &Assignment) -> bool {
        let Filter {
            commune,
            cell,
            state,
            assignee,
            overdue,
            ..
        } = &self.filter;
        self.scope.holds_assignment(assignment)
            && commune.is_none_or(|commune| assignment.commune == commune)
            && cell.is_none_or(|cell| assignment.cell == cell)
            && state.is_none_or(|state| assignment.state == state)
            && assignee.is_none_or(|assignee| assignment.assignee == Some(assignee))
            && overdue.is_none_or(|overdue| is_overdue(assignment, self.today) == overdue)
            && self.says(assignment)
    }

    fn says(&self, assignment: &Assignment) -> bool {
        if self.words.is_empty() {
            return true;
        }
        let commune = self.campaign.commune(assignment.commune);
        let text = fold(&format!(
            "{} {} {} {}",
            assignment.village,
            assignment.place,
            assignment.note.as_deref().unwrap_or(""),
            commune.map_or("", |commune| &commune.name),
        ));
        let label = self.campaign.label(assignment.cell).map_or("", |label| &label.vi);
        let (label, key) = (fold(label), assignment.cell.key());
        let code = assignment.commune.to_string();
        // The digits in a code, a key or a label are no sign of "Thôn 2": such names are named as a whole.
        let mut rest = format!(" {} ", self.words.join(" "));
        for name in [label.as_str(), key, &code] {
            rest = rest.replace(&format!(" {name} "), " ");
        }
        rest.split_whitespace().all(|word| {
            let has_letter = word.chars().any(char::is_alphabetic);
            text.contains(word) || (has_letter && (label.contains(word) || key.contains(word)))
        })
    }

    /// What tells this list from others: who sees it, and what was asked for.
    fn name(&self) -> [u8; LIST_NAME_BYTES] {
        let told = format!(
            "{:?} {:?} {:?}",
            self.scope,
            Filter {
                search: None,
                ..self.filter.clone()
            },
            self.words
        );
        let digest: [u8; 32] = Hasher::digest(told.as_bytes()).into();
        let mut name = [0; LIST_NAME_BYTES];
        name.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        name
    }
}

//! From rows to a plan: which rows are new, which change something, which are wrong.
//!
//! Invariant: the same file a second time changes nothing: a row without an id is the place of the same commune,
//! village, name and cell, whoever made it.
//! Refuses: two rows for one place, and to bring back what was taken out of the plan.

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest, Sha256 as Hasher};
use uuid::Builder;

use super::columns::{Column, Header};
use super::row::{Row, RowReader};
use super::table::Table;
use super::{ImportReport, RowError};
use crate::auth::Actor;
use crate::campaign::Campaign;
use crate::domain::{
    Assignment, AssignmentId, Cell, CommuneCode, FieldError, Moment, Tenure, Text, User, UserId, fold,
};
use crate::services::planning::draft::{Checker, Content, Given, MissingDue};
use crate::services::planning::{assignee, rules};
use crate::store::records::{Assignments, AssignmentsByCell};
use crate::store::{Range, ReadTables, Reads, StoreError};

/// Most wrong fields that are named; the others are counted.
pub const MAX_ERRORS: usize = 1_000;

/// The changes that a table asks for.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) report: ImportReport,
    /// What is there now, and what shall be there.
    pub(super) changes: Vec<(Option<Assignment>, Assignment)>,
}

/// A table's rows, read before the transaction.
#[derive(Debug)]
pub(super) struct Sheet {
    header: Header,
    rows: Vec<Row>,
}

impl Sheet {
    pub(super) fn new(table: Table, campaign: &Campaign, actor: &Actor) -> Self {
        let Table { header, lines } = table;
        let reader = RowReader {
            campaign,
            header: &header,
            own: rules::own_commune(actor),
        };
        let rows = lines.iter().filter_map(|line| reader.read(line)).collect();
        Self { header, rows }
    }
}

/// What makes two places the same for people.
type PlaceName = (String, String, Cell);

/// Works out the plan against the rows as they are.
pub(super) struct Planner<'a, R> {
    rows: &'a R,
    actor: &'a Actor,
    now: Moment,
    checker: Checker<'a>,
    report: ImportReport,
    changes: Vec<(Option<Assignment>, Assignment)>,
    lines: HashMap<AssignmentId, u32>,
    places: BTreeMap<CommuneCode, HashMap<PlaceName, Vec<AssignmentId>>>,
    accounts: HashMap<String, Option<User>>,
}

/// Why a row has no place in the plan.
enum Unfit {
    Wrong(Vec<FieldError>),
    Store(StoreError),
}

impl From<StoreError> for Unfit {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FieldError> for Unfit {
    fn from(error: FieldError) -> Self {
        Self::Wrong(vec![error])
    }
}

impl<'a, R: Reads> Planner<'a, R> {
    pub(super) fn new(rows: &'a R, campaign: &'a Campaign, actor: &'a Actor, now: Moment) -> Self {
        Self {
            rows,
            actor,
            now,
            checker: Checker {
                campaign,
                own: rules::own_commune(actor),
                missing_due: MissingDue::AsCampaign,
            },
            report: ImportReport::default(),
            changes: Vec::new(),
            lines: HashMap::new(),
            places: BTreeMap::new(),
            accounts: HashMap::new(),
        }
    }

    pub(super) fn plan(mut self, sheet: &Sheet) -> Result<Plan, StoreError> {
        self.report.rows = sheet.rows.len();
        self.report.ignored_columns.clone_from(&sheet.header.ignored);
        self.judge_header(&sheet.header);
        if self.report.errors.is_empty() {
            for row in &sheet.rows {
                match self.row(row) {
                    Ok(()) => {}
                    Err(Unfit::Wrong(errors)) => self.note(row.line, errors),
                    Err(Unfit::Store(error)) => return Err(error),
                }
            }
        }
        Ok(Plan {
            report: self.report,
            changes: self.changes,
        })
    }

    fn judge_header(&mut self, header: &Header) {
        let mut needed = vec![Column::Village, Column::Place, Column::Cell];
        if self.checker.own.is_none() {
            needed.push(Column::Commune);
        }
        for column in needed.into_iter().filter(|column| !header.has(*column)) {
            let error = FieldError::new(
                format!("/{}", column.key()),
                "missing-column",
                format!("Thiếu cột “{}”.", column.title()),
                format!("The column {:?} is missing.", column.key()),
            );
            self.note(header.line, vec![error]);
        }
        for column in &header.doubled {
            let error = FieldError::new(
                format!("/{}", column.key()),
                "duplicate-column",
                format!("Có hai cột “{}”.", column.title()),
                format!("There are two columns {:?}.", column.key()),
            );
            self.note(header.line, vec![error]);
        }
    }

    fn note(&mut self, line: u32, errors: Vec<FieldError>) {
        for error in errors {
            if self.report.errors.len() < MAX_ERRORS {
                self.report.errors.push(RowError::new(line, error));
            } else {
                self.report.more_errors += 1;
            }
        }
    }

    fn row(&mut self, row: &Row) -> Result<(), Unfit> {
        let known = match row.id {
            Some(id) => self.rows.get::<Assignments>(&id)?,
            None => None,
        };
        if known
            .as_ref()
            .is_some_and(|known| !self.actor.scope().holds_assignment(known))
        {
            return Err(FieldError::new(
                "/id",
                "id-taken",
                "Mã này thuộc về một nhiệm vụ khác.",
                "This id belongs to another assignment.",
            )
            .into());
        }
        let content = self.content(row, known.as_ref())?;
        let (id, before) = match (row.id, known) {
            (Some(id), known) => (id, known),
            (None, _) => self.place(&content)?,
        };
        // A place that was found by its name keeps what the table has no column for.
        let content = match &before {
            Some(before) if row.id.is_none() => self.content(row, Some(before))?,
            _ => content,
        };
        if let Some(other) = self.lines.insert(id, row.line) {
            return Err(FieldError::new(
                "/place",
                "duplicate-row",
                format!("Trùng với dòng {other}: cùng một địa điểm, cùng một nội dung."),
                format!("The same place and cell as line {other}."),
            )
            .into());
        }
        self.settle(id, before, content);
        Ok(())
    }

    fn settle(&mut self, id: AssignmentId, before: Option<Assignment>, content: Content) {
        let by = self.actor.user;
        match before {
            None => {
                self.report.created += 1;
                let made = rules::fresh(id, content, Tenure::Planned, by, self.now);
                self.changes.push((None, made));
            }
            Some(before) if before.tenure == Tenure::Cancelled => self.report.cancelled += 1,
            Some(before) if before.tenure == Tenure::Planned && Content::of(&before) == content => {
                self.report.unchanged += 1;
            }
            Some(before) => {
                self.report.updated += 1;
                let after = rules::revised(&before, content, Tenure::Planned);
                self.changes.push((Some(before), after));
            }
        }
    }

    /// What the row says over what is there, or all that is wrong with it.
    fn content(&mut self, row: &Row, before: Option<&Assignment>) -> Result<Content, Unfit> {
        let present = before.map(Content::of);
        let checked = self.checker.check(row.draft.clone(), present.as_ref());
        let mut errors = row.errors.clone();
        let commune = checked.as_ref().ok().map(|content| content.commune);
        let assignee = self.assignee(row, before, commune)?;
        let wrong = match &checked {
            Ok(_) => Vec::new(),
            Err(wrong) => wrong.clone(),
        };
        let already: Vec<String> = errors.iter().map(|error| error.pointer.clone()).collect();
        errors.extend(
            wrong
                .into_iter()
                .map(flat)
                .filter(|error| !already.contains(&error.pointer)),
        );
        let assignee = assignee.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        match checked {
            Ok(content) if errors.is_empty() => Ok(Content { assignee, ..content }),
            _ => Err(Unfit::Wrong(errors)),
        }
    }

    /// Who the row says answers for it. Whoever did so before may stay.
    fn assignee(
        &mut self,
        row: &Row,
        before: Option<&Assignment>,
        commune: Option<CommuneCode>,
    ) -> Result<Result<Option<UserId>, FieldError>, StoreError> {
        let present = before.and_then(|before| before.assignee);
        let text = match &row.assignee {
            Given::Absent => return Ok(Ok(present)),
            Given::Null => return Ok(Ok(None)),
            Given::Value(text) => text,
        };
        let account = if let Some(account) = self.accounts.get(text) {
            account.clone()
        } else {
            let account = assignee::named(self.rows, text)?;
            self.accounts.insert(text.clone(), account.clone());
            account
        };
        Ok(match account {
            Some(user) if Some(user.id) == present => Ok(present),
            // With a wrong commune nobody can suit; the commune is named already.
            Some(user) if commune.is_none_or(|commune| assignee::suits(&user, commune)) => Ok(Some(user.id)),
            Some(_) | None => Err(assignee::unsuitable()),
        })
    }

    /// The assignment that this content is about, found by its derived id or by its names, or the id it will have.
    fn place(&mut self, content: &Content) -> Result<(AssignmentId, Option<Assignment>), Unfit> {
        let name = (fold(&content.village), fold(&content.place), content.cell);
        let derived = derived_id(content.commune, &name);
        if let Some(there) = self.rows.get::<Assignments>(&derived)?
            && self.actor.scope().holds_assignment(&there)
        {
            return Ok((derived, Some(there)));
        }
        let rows = self.rows;
        let places = match self.places.entry(content.commune) {
            std::collections::btree_map::Entry::Occupied(places) => places.into_mut(),
            std::collections::btree_map::Entry::Vacant(places) => {
                places.insert(places_of(rows, content.commune)?)
            }
        };
        match places.get(&name).map_or(&[][..], Vec::as_slice) {
            [] => Ok((derived, None)),
            [one] => Ok((*one, rows.get::<Assignments>(one)?)),
            several => Err(FieldError::new(
                "/place",
                "ambiguous-place",
                format!("Có {} nhiệm vụ cùng tên này; hãy ghi mã nhiệm vụ.", several.len()),
                format!("{} assignments have this name; give the id.", several.len()),
            )
            .into()),
        }
    }
}

/// The places of a commune by their names. Cancelled ones count only where there is no other.
fn places_of(
    rows: &impl Reads,
    commune: CommuneCode,
) -> Result<HashMap<PlaceName, Vec<AssignmentId>>, StoreError> {
    let mut live: HashMap<PlaceName, Vec<AssignmentId>> = HashMap::new();
    let mut cancelled: HashMap<PlaceName, Vec<AssignmentId>> = HashMap::new();
    for key in rows.keys::<AssignmentsByCell>(Range::under(&commune)) {
        let (_, _, id) = key?;
        let Some(assignment) = rows.get::<Assignments>(&id)? else {
            continue;
        };
        let name = (
            fold(&assignment.village),
            fold(&assignment.place),
            assignment.cell,
        );
        match assignment.tenure {
            Tenure::Cancelled => cancelled.entry(name).or_default().push(id),
            Tenure::Proposed | Tenure::Planned => live.entry(name).or_default().push(id),
        }
    }
    for (name, ids) in cancelled {
        live.entry(name).or_insert(ids);
    }
    Ok(live)
}

/// The id of a place that came from a table without one: the same names make the same id.
fn derived_id(commune: CommuneCode, (village, place, cell): &PlaceName) -> AssignmentId {
    let mut hasher = Hasher::new();
    hasher.update(b"minhchung assignment 1\0");
    hasher.update(commune.as_bytes());
    for text in [village, place] {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hasher.update([cell.number()]);
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    AssignmentId(Builder::from_custom_bytes(bytes).into_uuid())
}

/// `/location/lat` is the column `lat`.
fn flat(mut error: FieldError) -> FieldError {
    if let Some(column) = error.pointer.strip_prefix("/location") {
        error.pointer = column.to_owned();
    }
    error
}

impl RowError {
    fn new(line: u32, error: FieldError) -> Self {
        let named = Column::ALL
            .into_iter()
            .find(|column| error.pointer.strip_prefix('/') == Some(column.key()));
        let FieldError { code, detail, .. } = error;
        let Text { vi, en } = detail;
        Self {
            line,
            column: named.map_or("", Column::key),
            code,
            detail: Text { vi, en },
        }
    }
}

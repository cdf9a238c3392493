//! What somebody wants an assignment to be: as it came, and after every field was checked.
//!
//! Invariant: a [`Content`] has trimmed NFC texts within their limits, a commune and a cell of the campaign, a due day
//! within sane years and a place on the globe.
//! Refuses: to stop at the first wrong field; all of them are named at once.

use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::campaign::Campaign;
use crate::domain::{Assignment, Cell, CellKind, CommuneCode, Day, FieldError, Point, UserId};

/// The code of a commune that somebody else plans.
pub const NOT_YOURS: &str = "commune-not-yours";

/// Longest name of a village or a place, in characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 2000;
/// Most people that one place can be expected to have sign.
pub const MAX_SIGNERS: u32 = 100_000;

/// A field of a request: left out, emptied, or given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given<T> {
    /// Not mentioned.
    #[default]
    Absent,
    /// Said to be nothing.
    Null,
    /// Said to be this.
    Value(T),
}

impl<T> Given<T> {
    /// The value, if one was given.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// This field with its value made into something else.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Value(value) => Given::Value(make(value)),
            Self::Null => Given::Null,
            Self::Absent => Given::Absent,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// The fields of an assignment as they came.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// Five digits.
    pub commune: Given<String>,
    /// The village inside the commune.
    pub village: Given<String>,
    /// The place's name.
    pub place: Given<String>,
    /// A cell key.
    pub cell: Given<String>,
    /// A day, `YYYY-MM-DD`.
    pub due: Given<String>,
    /// The id of an account.
    pub assignee: Given<String>,
    /// Latitude and longitude in WGS 84 degrees.
    pub location: Given<(f64, f64)>,
    /// How many people are expected to sign.
    pub expected_signers: Given<i64>,
    /// The planner's words.
    pub note: Given<String>,
}

/// The checked fields of an assignment that planning decides on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Content {
    pub(super) commune: CommuneCode,
    pub(super) village: String,
    pub(super) place: String,
    pub(super) cell: Cell,
    pub(super) due: Day,
    pub(super) assignee: Option<UserId>,
    pub(super) location: Option<Point>,
    pub(super) expected_signers: Option<u32>,
    pub(super) note: Option<String>,
}

impl Content {
    /// The present content of `assignment`.
    pub(super) fn of(assignment: &Assignment) -> Self {
        Self {
            commune: assignment.commune,
            village: assignment.village.clone(),
            place: assignment.place.clone(),
            cell: assignment.cell,
            due: assignment.due,
            assignee: assignment.assignee,
            location: assignment.location,
            expected_signers: assignment.expected_signers,
            note: assignment.note.clone(),
        }
    }
}

/// What drafts are checked against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checker<'a> {
    pub(super) campaign: &'a Campaign,
    /// The only commune that may be named; `None` allows all.
    pub(super) own: Option<CommuneCode>,
    /// What happens to a new assignment without a due day.
    pub(super) missing_due: MissingDue,
}

/// What a draft without a due day means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingDue {
    /// A mistake.
    Refuse,
    /// The day that the campaign sets for the cell.
    AsCampaign,
}

/// The fields found wrong so far.
#[derive(Debug, Default)]
struct Findings(Vec<FieldError>);

impl Findings {
    fn add<T>(&mut self, pointer: &str, code: &'static str, vi: &str, en: &str) -> Option<T> {
        self.0.push(FieldError::new(pointer, code, vi, en));
        None
    }

    fn missing<T>(&mut self, pointer: &str) -> Option<T> {
        self.add(
            pointer,
            "required",
            "Không được để trống.",
            "This must not be empty.",
        )
    }

    /// A field that must be there: what was given, read by `read`, or what was there before.
    fn required<T, U>(
        &mut self,
        pointer: &str,
        given: Given<T>,
        before: Option<U>,
        read: impl FnOnce(&mut Self, T) -> Option<U>,
    ) -> Option<U> {
        match given {
            Given::Value(value) => read(self, value),
            Given::Absent if before.is_some() => before,
            Given::Absent | Given::Null => self.missing(pointer),
        }
    }

    /// A field that may be empty.
    fn optional<T, U>(
        &mut self,
        given: Given<T>,
        before: Option<U>,
        read: impl FnOnce(&mut Self, T) -> Option<U>,
    ) -> Option<U> {
        match given {
            Given::Value(value) => read(self, value),
            Given::Absent => before,
            Given::Null => None,
        }
    }

    /// A text without blanks around it, in NFC; `None` and a finding when it is unfit, `Some("")` when it is blank.
    fn text(&mut self, pointer: &str, text: &str, max_chars: usize, lines: Lines) -> Option<String> {
        let text: String = text.trim().replace("\r\n", "\n").nfc().collect();
        let unfit = |letter: char| letter.is_control() && !(lines == Lines::Several && letter == '\n');
        if text.chars().any(unfit) {
            return self.add(
                pointer,
                "control-character",
                "Có ký tự điều khiển không nhìn thấy được.",
                "It has an invisible control character.",
            );
        }
        if text.chars().count() > max_chars {
            return self.add(
                pointer,
                "too-long",
                &format!("Dài quá {max_chars} ký tự."),
                &format!("It is longer than {max_chars} characters."),
            );
        }
        Some(text)
    }

    fn name(&mut self, pointer: &str, text: &str) -> Option<String> {
        let name = self.text(pointer, text, MAX_NAME_CHARS, Lines::One)?;
        if name.is_empty() {
            return self.missing(pointer);
        }
        Some(name)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Several,
}

impl Checker<'_> {
    /// `draft` over `before`, or every field that is wrong.
    pub(super) fn check(&self, draft: Draft, before: Option<&Content>) -> Result<Content, Vec<FieldError>> {
        let mut found = Findings::default();
        let commune = found.required(
            "/commune",
            draft.commune,
            before.map(|content| content.commune),
            |found, text| self.commune(found, &text),
        );
        let village = found.required(
            "/village",
            draft.village,
            before.map(|content| content.village.clone()),
            |found, text| found.name("/village", &text),
        );
        let place = found.required(
            "/place",
            draft.place,
            before.map(|content| content.place.clone()),
            |found, text| found.name("/place", &text),
        );
        let cell = found.required(
            "/cell",
            draft.cell,
            before.map(|content| content.cell),
            |found, text| self.cell(found, &text),
        );
        let usual_due = || cell.and_then(|cell| self.campaign.default_due(cell));
        let due_before = before.map(|content| content.due);
        let due = match (draft.due, self.missing_due) {
            // A wrong cell is named already; the day it would have is not missing as well.
            (Given::Absent | Given::Null, MissingDue::AsCampaign) if cell.is_none() => None,
            (Given::Absent | Given::Null, MissingDue::AsCampaign)
                if before.is_none() && usual_due().is_some() =>
            {
                usual_due()
            }
            (given, _) => found.required("/due", given, due_before, |found, text| day(found, &text)),
        };
        let assignee = found.optional(
            draft.assignee,
            before.and_then(|content| content.assignee),
            |found, text| account(found, &text),
        );
        let location = found.optional(
            draft.location,
            before.and_then(|content| content.location),
            place_on_globe,
        );
        let note = found.optional(
            draft.note,
            before.and_then(|content| content.note.clone()),
            |found, text| found.text("/note", &text, MAX_NOTE_CHARS, Lines::Several),
        );
        let signers_before = before.and_then(|content| content.expected_signers);
        let expected_signers = signers(&mut found, draft.expected_signers, signers_before, cell);
        let whole = (|| {
            Some(Content {
                commune: commune?,
                village: village?,
                place: place?,
                cell: cell?,
                due: due?,
                assignee,
                location,
                expected_signers,
                note: note.filter(|note| !note.is_empty()),
            })
        })();
        match whole {
            Some(content) if found.0.is_empty() => Ok(content),
            _ => Err(found.0),
        }
    }

    fn commune(&self, found: &mut Findings, text: &str) -> Option<CommuneCode> {
        let code: Option<CommuneCode> = text.trim().parse().ok();
        let known = code.filter(|code| self.campaign.commune(*code).is_some());
        let Some(code) = known else {
            return found.add(
                "/commune",
                "unknown-commune",
                "Không có xã, phường nào mang mã này.",
                "No commune has this code.",
            );
        };
        if self.own.is_some_and(|own| own != code) {
            return found.add(
                "/commune",
                NOT_YOURS,
                "Tài khoản này chỉ lập kế hoạch cho xã, phường của mình.",
                "This account plans for its own commune only.",
            );
        }
        Some(code)
    }

    fn cell(&self, found: &mut Findings, text: &str) -> Option<Cell> {
        let cell: Option<Cell> = text.trim().parse().ok();
        cell.filter(|cell| self.campaign.has_cell(*cell)).or_else(|| {
            let keys: Vec<&str> = self.campaign.cells().iter().map(|cell| cell.key()).collect();
            let keys = keys.join(", ");
            found.add(
                "/cell",
                "unknown-cell",
                &format!("Phải là một trong: {keys}."),
                &format!("It must be one of: {keys}."),
            )
        })
    }
}

fn day(found: &mut Findings, text: &str) -> Option<Day> {
    let Ok(day) = text.trim().parse::<Day>() else {
        return found.add(
            "/due",
            "not-a-day",
            "Phải là một ngày có thật, viết dạng 2026-02-28.",
            "It must be a day of the calendar, written as 2026-02-28.",
        );
    };
    if !sane_days().contains(&day) {
        return found.add(
            "/due",
            "out-of-range",
            "Năm phải từ 2000 đến 2099.",
            "The year must be 2000 to 2099.",
        );
    }
    Some(day)
}

/// 2000-01-01 to 2099-12-31: anything else is a slip of the finger.
fn sane_days() -> std::ops::RangeInclusive<Day> {
    Day::from_number(10_957)..=Day::from_number(47_481)
}

fn account(found: &mut Findings, text: &str) -> Option<UserId> {
    text.trim().parse().ok().or_else(|| {
        found.add(
            "/assignee",
            "assignee-unsuitable",
            "Không phải mã tài khoản.",
            "This is no account id.",
        )
    })
}

fn place_on_globe(found: &mut Findings, (lat, lon): (f64, f64)) -> Option<Point> {
    let mut inside = |pointer, value: f64, limit: f64| {
        let inside = value.is_finite() && value.abs() <= limit;
        if !inside {
            found.add::<()>(
                pointer,
                "out-of-range",
                &format!("Phải từ -{limit} đến {limit} độ."),
                &format!("It must be -{limit} to {limit} degrees."),
            );
        }
        inside
    };
    let (lat_fits, lon_fits) = (
        inside("/location/lat", lat, 90.0),
        inside("/location/lon", lon, 180.0),
    );
    Point::new(lat, lon).filter(|_| lat_fits && lon_fits)
}

/// Only commitments have signers; a place that becomes a banner loses them.
fn signers(found: &mut Findings, given: Given<i64>, before: Option<u32>, cell: Option<Cell>) -> Option<u32> {
    let is_banner = cell.is_some_and(|cell| cell.kind() == CellKind::Banner);
    match given {
        Given::Value(_) if is_banner => found.add(
            "/expected_signers",
            "not-for-banners",
            "Chỉ bản cam kết mới có số người ký.",
            "Only commitments have signers.",
        ),
        Given::Absent if is_banner => None,
        given => found.optional(given, before, |found, number| {
            let number = u32::try_from(number).ok().filter(|number| *number <= MAX_SIGNERS);
            number.or_else(|| {
                found.add(
                    "/expected_signers",
                    "out-of-range",
                    &format!("Phải từ 0 đến {MAX_SIGNERS}."),
                    &format!("It must be 0 to {MAX_SIGNERS}."),
                )
            })
        }),
    }
}

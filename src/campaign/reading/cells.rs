//! Banner groups and commitment kinds.
//!
//! Invariant: a definition that is read belongs to a cell of its own kind and has a due day.
//! Refuses: a banner group without its headline; a size that no banner can have.

use super::columns::Columns;
use super::schedule::Deadlines;
use crate::campaign::model::{BannerGroup, BannerSize, Banners, Commitment, Hotline};
use crate::campaign::sheet::{Entry, Table};
use crate::domain::CellKind;

/// A banner across a motorway is shorter.
const MAX_SIZE_M: f64 = 100.0;
const GROUP_KEYS: [&str; 8] = [
    "cell",
    "label",
    "places",
    "sizes",
    "headline",
    "placeholder",
    "deadline",
    "note",
];
const COMMITMENT_KEYS: [&str; 4] = ["cell", "label", "signers", "deadline"];

pub(super) fn commitments<'sheet, 'text>(
    root: &Table<'sheet, 'text>,
    columns: &mut Columns<'sheet, 'text>,
    deadlines: &Deadlines,
) -> Vec<Commitment> {
    let commitment = |table: Table<'sheet, 'text>| {
        let cell = columns.cell_of(&table, CellKind::Commitment);
        let (label, signers) = (table.bilingual("label"), table.bilingual("signers"));
        let (deadline, due) = deadlines.named_in(&table).unzip();
        Some(Commitment {
            cell: cell?,
            label: label?,
            signers: signers?,
            deadline: deadline?,
            due: due?,
        })
    };
    let mut commitments: Vec<_> = root
        .tables("commitments", &COMMITMENT_KEYS)
        .into_iter()
        .filter_map(commitment)
        .collect();
    commitments.sort_by_key(|commitment| commitment.cell);
    commitments
}

pub(super) fn banners<'sheet, 'text>(
    entry: Entry<'sheet, 'text>,
    columns: &mut Columns<'sheet, 'text>,
    deadlines: &Deadlines,
    hotline: Option<&Hotline>,
) -> Option<Banners> {
    let table = entry.table(&["lines", "material", "size_note", "photo_use", "groups"])?;
    let lines = table.required("lines").and_then(|entry| lines(&entry, hotline));
    let (material, size_note) = (table.bilingual("material"), table.bilingual("size_note"));
    let photo_use = table.bilingual("photo_use");
    let groups = table.tables("groups", &GROUP_KEYS);
    if groups.is_empty() {
        table.report("has no banner group", "không có nhóm nào");
    }
    let mut groups: Vec<_> = groups
        .iter()
        .filter_map(|table| group(table, columns, deadlines))
        .collect();
    groups.sort_by_key(|group| group.cell);
    Some(Banners {
        lines: lines?,
        material: material?,
        size_note: size_note?,
        photo_use: photo_use?,
        groups,
    })
}

/// The lines under every headline. People read them in the street: they must show the hotline of this very file.
fn lines(entry: &Entry<'_, '_>, hotline: Option<&Hotline>) -> Option<Vec<String>> {
    let lines: Vec<String> = entry
        .clone()
        .list()?
        .into_iter()
        .filter_map(Entry::text)
        .collect();
    let phones = hotline
        .into_iter()
        .flat_map(|hotline| hotline.phones.iter().map(|phone| &phone.printed));
    let email = hotline.map(|hotline| &hotline.email);
    for contact in phones
        .chain(email)
        .filter(|contact| !lines.iter().any(|line| line.contains(*contact)))
    {
        entry.report(
            &format!("none of the lines shows {contact}"),
            &format!("không có dòng nào ghi {contact}"),
        );
    }
    Some(lines)
}

fn group<'sheet, 'text>(
    table: &Table<'sheet, 'text>,
    columns: &mut Columns<'sheet, 'text>,
    deadlines: &Deadlines,
) -> Option<BannerGroup> {
    let cell = columns.cell_of(table, CellKind::Banner);
    let (label, places) = (table.bilingual("label"), table.bilingual("places"));
    let sizes = table.required("sizes").and_then(Entry::list);
    let sizes = sizes.map(|sizes| sizes.into_iter().filter_map(size).collect());
    let headline = table.text("headline");
    let placeholder = placeholder(table, headline.as_deref());
    let (deadline, due) = deadlines.named_in(table).unzip();
    let note = table.optional_bilingual("note");
    Some(BannerGroup {
        cell: cell?,
        label: label?,
        places: places?,
        sizes: sizes?,
        headline: headline?,
        placeholder,
        deadline: deadline?,
        due: due?,
        note,
    })
}

fn size(entry: Entry<'_, '_>) -> Option<BannerSize> {
    let table = entry.table(&["height_m", "width_m"])?;
    let metres = |name| table.required(name).and_then(|entry| entry.positive(MAX_SIZE_M));
    let (height_m, width_m) = (metres("height_m"), metres("width_m"));
    Some(BannerSize {
        height_m: height_m?,
        width_m: width_m?,
    })
}

/// The dots for the place's own name: all the dots of the headline, so that none stay behind when it is filled in.
fn placeholder(table: &Table<'_, '_>, headline: Option<&str>) -> Option<String> {
    let headline = headline?;
    let Some(entry) = table.optional("placeholder") else {
        if headline.contains("..") {
            let vietnamese = "câu khẩu hiệu có dấu chấm lửng nhưng thiếu `placeholder`";
            table.report(
                "the headline has dots for a name, but `placeholder` is missing",
                vietnamese,
            );
        }
        return None;
    };
    let dots = entry.clone().text()?;
    let in_place = |dots: &str| {
        headline
            .split_once(dots)
            .is_some_and(|(_, rest)| !rest.starts_with('.') && !rest.contains(".."))
    };
    if dots.len() < 3 || dots.bytes().any(|dot| dot != b'.') || !in_place(&dots) {
        let vietnamese = "phải là đúng các dấu chấm lửng trong câu khẩu hiệu";
        entry.report("must be exactly the dots that stand in the headline", vietnamese);
    }
    Some(dots)
}

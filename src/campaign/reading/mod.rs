//! From the text of a campaign file to a checked definition.
//!
//! Invariant: either everything is right, or every problem of the file has been reported.
//! Refuses: to mend: a value out of shape is a problem, never a default.

mod cells;
mod checks;
mod columns;
mod contact;
mod schedule;
mod territory;

use std::collections::BTreeMap;

use toml::de::DeTable;

use self::columns::Columns;
use super::Campaign;
use super::communes::CommuneIndex;
use super::model::{CampaignDefinition, Organiser, Period, Principle, Province};
use super::problem::CampaignErrors;
use super::sheet::{Entry, Sheet, Table};

const KNOWN: [&str; 19] = [
    "format",
    "id",
    "name",
    "plan",
    "province",
    "period",
    "organisers",
    "principle",
    "hotline",
    "tip_channels",
    "cells",
    "banners",
    "commitments",
    "deadlines",
    "milestones",
    "reporting",
    "figures",
    "territory",
    "checks",
];

/// Reads and checks a whole campaign file.
pub(super) fn read(text: &str) -> Result<Campaign, CampaignErrors> {
    let sheet = Sheet::new(text);
    let (document, syntax_errors) = DeTable::parse_recoverable(text);
    for error in &syntax_errors {
        let span = error.span().unwrap_or_default();
        let vietnamese = format!("sai cú pháp TOML ({})", error.message());
        sheet.report(
            &span,
            "",
            &format!("TOML syntax: {}", error.message()),
            &vietnamese,
        );
    }
    // What a parser guesses behind a syntax error would only add problems that are not there.
    let read = if syntax_errors.is_empty() {
        let root = Table::open(&sheet, document.get_ref(), 0..0, String::new(), &KNOWN);
        campaign(&root)
    } else {
        None
    };
    match read {
        Some(campaign) if sheet.is_clean() => Ok(campaign),
        _ => Err(sheet.into_errors()),
    }
}

fn campaign(root: &Table<'_, '_>) -> Option<Campaign> {
    let format = root.required("format").and_then(|entry| entry.whole(1..=1));
    let id = root.required("id").and_then(|entry| {
        let expected = (
            "lower-case letters, digits and hyphens",
            "chữ thường không dấu, chữ số và dấu gạch nối",
        );
        entry.parsed(expected, |text| slug(text, '-'))
    });
    let (name, plan) = (root.bilingual("name"), root.bilingual("plan"));
    let province = root.required("province").and_then(province);
    let period = root.required("period").and_then(|entry| period(&entry));
    let organisers = organisers(root);
    let principle = root.optional("principle").and_then(principle);
    let hotline = root.optional("hotline").and_then(contact::hotline);
    let tip_channels = contact::tip_channels(root);
    let deadlines = schedule::deadlines(root, period.as_ref());
    let mut columns = Columns::declared(root);
    let banners = root
        .optional("banners")
        .and_then(|entry| cells::banners(entry, &mut columns, &deadlines, hotline.as_ref()));
    let commitments = cells::commitments(root, &mut columns, &deadlines);
    let cells = columns.close();
    let (territory, communes) = root.required("territory").map(territory::read).unzip();
    let commune_total = territory
        .as_ref()
        .and_then(Option::as_ref)
        .map(|known| known.commune_count.total);
    let milestones = schedule::milestones(root, period.as_ref(), commune_total);
    let reporting = schedule::reporting(root);
    let figures = schedule::figures(root);
    let check_rules = checks::read(root);
    let definition = CampaignDefinition {
        id: format.and(id)?,
        name: name?,
        plan: plan?,
        province: province?,
        period: period?,
        organisers,
        principle,
        hotline,
        tip_channels,
        cells,
        banners,
        commitments,
        deadlines: deadlines.into_values(),
        milestones,
        reporting,
        figures,
        territory: territory.flatten()?,
    };
    Some(Campaign {
        definition,
        communes: CommuneIndex::new(communes?),
        check_rules,
    })
}

fn province(entry: Entry<'_, '_>) -> Option<Province> {
    let table = entry.table(&["code", "name"])?;
    let code = table.required("code").and_then(|entry| {
        entry.parsed(("two digits", "hai chữ số"), |text| {
            (text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_digit())).then(|| text.to_owned())
        })
    });
    let name = table.text("name");
    Some(Province {
        code: code?,
        name: name?,
    })
}

fn period(entry: &Entry<'_, '_>) -> Option<Period> {
    let table = entry.clone().table(&["label", "starts", "ends"])?;
    let (label, starts, ends) = (table.bilingual("label"), table.day("starts"), table.day("ends"));
    let period = Period {
        label: label?,
        starts: starts?,
        ends: ends?,
    };
    if period.ends < period.starts {
        entry.report(
            "the period ends before it starts",
            "ngày kết thúc trước ngày bắt đầu",
        );
        return None;
    }
    Some(period)
}

fn organisers(root: &Table<'_, '_>) -> Vec<Organiser> {
    let mut keys = Keys::default();
    let organiser = |table: Table<'_, '_>| {
        let (key, name, duty) = (
            keys.read(&table),
            table.bilingual("name"),
            table.bilingual("duty"),
        );
        Some(Organiser {
            key: key?,
            name: name?,
            duty: duty?,
        })
    };
    root.tables("organisers", &["key", "name", "duty"])
        .into_iter()
        .filter_map(organiser)
        .collect()
}

fn principle(entry: Entry<'_, '_>) -> Option<Principle> {
    let table = entry.table(&["name", "parts"])?;
    let parts = table.required("parts").and_then(Entry::list);
    let parts = parts.map(|parts| parts.into_iter().filter_map(Entry::bilingual).collect());
    Some(Principle {
        name: table.bilingual("name")?,
        parts: parts?,
    })
}

/// Keys of a list of tables: well formed and each used once.
#[derive(Default)]
struct Keys(BTreeMap<String, usize>);

impl Keys {
    /// The key under `key` of `table`.
    fn read(&mut self, table: &Table<'_, '_>) -> Option<String> {
        let entry = table.required("key")?;
        let expected = (
            "lower-case letters, digits and underscores",
            "chữ thường không dấu, chữ số và dấu gạch dưới",
        );
        let key = entry.clone().parsed(expected, |text| slug(text, '_'))?;
        if let Some(line) = self.0.get(&key) {
            entry.report(
                &format!("the key {key:?} is already used on line {line}"),
                &format!("khóa {key:?} đã được dùng ở dòng {line}"),
            );
            return None;
        }
        self.0.insert(key.clone(), entry.line());
        Some(key)
    }
}

/// `text`, if it has 1 to 64 lower-case letters and digits, with single `joint`s between them only.
fn slug(text: &str, joint: char) -> Option<String> {
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    (text.len() <= 64 && text.split(joint).all(plain)).then(|| text.to_owned())
}

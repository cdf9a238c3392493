//! The list of communes.
//!
//! Invariant: no code and no name of one kind stands twice, and the list is as long as the file says it is.
//! Refuses: to complete a code or to guess a kind.

use std::collections::BTreeMap;

use crate::campaign::communes::spelling;
use crate::campaign::model::{CommuneCount, Territory};
use crate::campaign::sheet::{Entry, Table};
use crate::domain::{Commune, CommuneCode, CommuneKind};

/// No province has nearly as many.
const MAX_COMMUNES: u32 = 5_000;

/// The territory, if it is in order, and the communes that could be read.
pub(super) fn read(entry: Entry<'_, '_>) -> (Option<Territory>, Vec<Commune>) {
    let Some(table) = entry.table(&["commune_count", "village_kinds", "communes"]) else {
        return (None, Vec::new());
    };
    let count_entry = table.required("commune_count");
    let claimed = count_entry.clone().and_then(claim);
    let village_kinds = table.required("village_kinds").and_then(Entry::list);
    let village_kinds = village_kinds.map(|kinds| kinds.into_iter().filter_map(Entry::bilingual).collect());
    let listed = table
        .required("communes")
        .and_then(Entry::list)
        .unwrap_or_default();
    let listed_number = listed.len();
    let communes = communes(listed);
    // A commune that could not be read is a problem of its own; the count would only repeat it.
    if let (Some(entry), Some(claimed)) = (count_entry, claimed)
        && communes.len() == listed_number
    {
        compare(&entry, claimed, &communes);
    }
    let territory = claimed.zip(village_kinds);
    (
        territory.map(|(commune_count, village_kinds)| Territory {
            commune_count,
            village_kinds,
        }),
        communes,
    )
}

fn claim(entry: Entry<'_, '_>) -> Option<CommuneCount> {
    let table = entry.table(&["total", "xa", "phuong"])?;
    let number = |name: &str, least| {
        table
            .required(name)
            .and_then(|entry| entry.whole(least..=MAX_COMMUNES))
    };
    let (total, xa, phuong) = (number("total", 1), number("xa", 0), number("phuong", 0));
    Some(CommuneCount {
        total: total?,
        xa: xa?,
        phuong: phuong?,
    })
}

fn compare(entry: &Entry<'_, '_>, claimed: CommuneCount, communes: &[Commune]) {
    let number = |kind: Option<CommuneKind>| {
        communes
            .iter()
            .filter(|commune| kind.is_none_or(|kind| commune.kind == kind))
            .count()
    };
    let (total, xa, phuong) = (
        number(None),
        number(Some(CommuneKind::Xa)),
        number(Some(CommuneKind::Phuong)),
    );
    let differs = |claimed: u32, listed: usize| usize::try_from(claimed) != Ok(listed);
    if differs(claimed.total, total) || differs(claimed.xa, xa) || differs(claimed.phuong, phuong) {
        let CommuneCount {
            total: said,
            xa: said_xa,
            phuong: said_phuong,
        } = claimed;
        entry.report(
            &format!(
                "says {said} communes ({said_xa} xã, {said_phuong} phường), but {total} ({xa} xã, {phuong} phường) are listed"
            ),
            &format!(
                "ghi {said} đơn vị ({said_xa} xã, {said_phuong} phường), nhưng danh sách có {total} ({xa} xã, {phuong} phường)"
            ),
        );
    }
}

fn communes(entries: Vec<Entry<'_, '_>>) -> Vec<Commune> {
    let mut codes = BTreeMap::new();
    let mut names = BTreeMap::new();
    let mut communes = Vec::with_capacity(entries.len().min(500));
    for entry in entries {
        let Some(table) = entry.clone().table(&["code", "name", "kind"]) else {
            continue;
        };
        let Some(commune) = commune(&table) else { continue };
        let line = entry.line();
        if let Some(first) = codes.insert(commune.code, line) {
            twice(
                &table,
                "code",
                &format!("code {}", commune.code),
                &format!("mã {}", commune.code),
                first,
            );
        }
        let kind = match commune.kind {
            CommuneKind::Xa => "xã",
            CommuneKind::Phuong => "phường",
        };
        if let Some(first) = names.insert((kind, spelling(&commune.name)), line) {
            let (english, vietnamese) = (
                format!("{kind} {}", commune.name),
                format!("{kind} {}", commune.name),
            );
            twice(&table, "name", &english, &vietnamese, first);
        }
        communes.push(commune);
    }
    communes
}

fn twice(table: &Table<'_, '_>, key: &str, english: &str, vietnamese: &str, first_line: usize) {
    if let Some(entry) = table.optional(key) {
        entry.report(
            &format!("{english} already stands on line {first_line}"),
            &format!("{vietnamese} đã có ở dòng {first_line}"),
        );
    }
}

fn commune(table: &Table<'_, '_>) -> Option<Commune> {
    let code = table.required("code").and_then(|entry| {
        entry.parsed(("five digits", "năm chữ số"), |text| {
            text.parse::<CommuneCode>().ok()
        })
    });
    let name = table.text("name");
    let kind = table.required("kind").and_then(|entry| {
        entry.parsed(
            ("\"xã\" or \"phường\"", "\"xã\" hoặc \"phường\""),
            |text| match text {
                "xã" => Some(CommuneKind::Xa),
                "phường" => Some(CommuneKind::Phuong),
                _ => None,
            },
        )
    });
    Some(Commune {
        code: code?,
        name: name?,
        kind: kind?,
    })
}

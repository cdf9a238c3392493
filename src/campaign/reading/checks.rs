//! The thresholds and weights of the automatic checks.
//!
//! Invariant: what the file does not name has the product's default; what it names is within the stated range.
//! Refuses: weights of checks that do not exist, and marks of editors with capital letters, which nothing would match.

use crate::campaign::sheet::{Entry, Table};
use crate::domain::{CheckCode, CheckRules};

const KNOWN: [&str; 15] = [
    "accuracy_max_m",
    "near_place_max_m",
    "clock_max_s",
    "place_age_max_s",
    "exif_place_max_m",
    "exif_time_max_s",
    "travel_min_m",
    "travel_max_kmh",
    "similar_min_percent",
    "sharpness_min",
    "brightness_min",
    "brightness_max",
    "resolution_min_edge",
    "editors",
    "weights",
];

/// The rules of a file; every problem has been reported when there are none.
pub(super) fn read(root: &Table<'_, '_>) -> CheckRules {
    let mut rules = CheckRules::default();
    let Some(table) = root.optional("checks").and_then(|entry| entry.table(&KNOWN)) else {
        return rules;
    };
    let numbers: [(&str, &mut u32, std::ops::RangeInclusive<u32>); 13] = [
        ("accuracy_max_m", &mut rules.accuracy_max_m, 1..=100_000),
        ("near_place_max_m", &mut rules.near_place_max_m, 1..=100_000),
        ("clock_max_s", &mut rules.clock_max_s, 1..=86_400),
        ("place_age_max_s", &mut rules.place_age_max_s, 1..=604_800),
        ("exif_place_max_m", &mut rules.exif_place_max_m, 1..=100_000),
        ("exif_time_max_s", &mut rules.exif_time_max_s, 1..=604_800),
        ("travel_min_m", &mut rules.travel_min_m, 1..=100_000),
        ("travel_max_kmh", &mut rules.travel_max_kmh, 1..=1_000),
        ("similar_min_percent", &mut rules.similar_min_percent, 80..=100),
        ("sharpness_min", &mut rules.sharpness_min, 0..=100_000),
        ("brightness_min", &mut rules.brightness_min, 0..=255),
        ("brightness_max", &mut rules.brightness_max, 0..=255),
        ("resolution_min_edge", &mut rules.resolution_min_edge, 0..=20_000),
    ];
    for (name, rule, range) in numbers {
        if let Some(number) = table.optional(name).and_then(|entry| entry.whole(range)) {
            *rule = number;
        }
    }
    if rules.brightness_max < rules.brightness_min {
        table.report(
            "`brightness_max` is below `brightness_min`",
            "`brightness_max` nhỏ hơn `brightness_min`",
        );
    }
    if let Some(editors) = table.optional("editors").and_then(Entry::list) {
        rules.editors = editors.into_iter().filter_map(editor).collect();
    }
    let weights = table.optional("weights");
    if let Some(weights) = weights.and_then(|entry| entry.table(&CheckCode::ALL.map(CheckCode::name))) {
        for code in CheckCode::ALL {
            let weight = weights
                .optional(code.name())
                .and_then(|entry| entry.whole(0..=100));
            if let Some(weight) = weight.and_then(|weight| u8::try_from(weight).ok()) {
                rules.set_weight(code, weight);
            }
        }
    }
    rules
}

/// A mark that an editing program leaves.
fn editor(entry: Entry<'_, '_>) -> Option<String> {
    let expected = (
        "a name of 3 letters or more in lower case",
        "một tên chữ thường, từ 3 chữ cái",
    );
    entry.parsed(expected, |text| {
        (text.chars().count() >= 3 && text.to_lowercase() == text).then(|| text.to_owned())
    })
}

//! Every fault of a file is named where it stands.

use super::*;

fn problems(text: &str) -> Vec<CampaignProblem> {
    Campaign::from_toml(text)
        .expect_err("accepted")
        .problems()
        .to_vec()
}

/// What to replace, by what, on which line the problem stands, its key, and a part of the reason.
type Fault = (&'static str, &'static str, usize, &'static str, &'static str);

#[rustfmt::skip]
const FAULTS: [Fault; 36] = [
    ("format = 1", "format = 2", 1, "format", "from 1 to 1"),
    ("id = \"vung", "id = \"Vùng", 2, "id", "must be lower-case"),
    ("en = \"Sample campaign\"", "uk = \"x\", en = \"y\"", 3, "name.uk", "unknown key"),
    ("vi = \"Kế hoạch mẫu\", ", "", 4, "plan.vi", "is missing"),
    ("vi = \"Kế hoạch mẫu\"", "vi = \"  \"", 4, "plan.vi", "must not be empty"),
    ("vi = \"Kế hoạch mẫu\"", "vi = 5", 4, "plan.vi", "must be a text"),
    ("[\"commitment.school\", \"commitment.residential_area\"]", "[]", 5, "cells", "at least one cell"),
    ("\"commitment.residential_area\"]", "\"commitment.vilage\"]", 5, "cells[1]", "nine cell keys"),
    ("\"commitment.residential_area\"]", "\"commitment.school\"]", 5, "cells[1]", "declared twice"),
    ("ial_area\"]", "ial_area\", \"banner.2\"]", 5, "cells[2]", "is declared, but no banner group"),
    ("code = \"00\"", "code = \"0\"", 8, "province.code", "two digits"),
    ("starts = 2026-01-01", "starts = 2027-01-01", 11, "period", "ends before it starts"),
    ("ends = \"2026-12-31\"", "ends = \"2026-02-30\"", 14, "period.ends", "day of the calendar"),
    ("ends = \"2026-12-31\"", "ends = 2026-12-31T10:00:00Z", 14, "period.ends", "day of the calendar"),
    ("cell = \"commitment.school\"", "cell = \"banner.9\"", 23, "commitments[1].cell", "nine cell keys"),
    ("cell = \"commitment.school\"", "cell = \"banner.1\"", 23, "commitments[1].cell", "does not belong here"),
    ("cell = \"commitment.school\"", "cell = \"commitment.residential_area\"", 23, "commitments[1].cell", "already defined on line 17"),
    ("cell = \"commitment.school\"", "cell = \"commitment.business\"", 23, "commitments[1].cell", "not in the campaign's list"),
    ("deadline = \"pledges\"", "deadline = \"later\"", 20, "commitments[0].deadline", "no deadline has the key"),
    ("by = 2026-06-30", "by = 2027-06-30", 32, "deadlines[0].by", "outside of the period"),
    ("by = 2026-06-30", "by = 2026-06-30\nprinted = \"30/6/2025\"", 33, "deadlines[0].printed", "needs a `note`"),
    ("by = 2026-12-31", "by = 2031-12-31", 37, "milestones[0].by", "outside of the period"),
    ("percent = 50", "percent = 150", 38, "milestones[0].percent", "at most 100"),
    ("percent = 50", "percent = 50\ncommunes = 1", 34, "milestones[0]", "not both"),
    ("\"weekly\", before", "\"fortnightly\", before", 43, "reporting[0].when.rhythm", "a rhythm is one of"),
    ("\"monday\"", "\"Thứ Hai\"", 43, "reporting[0].when.before_weekday", "a weekday"),
    ("\"10:00\"", "\"24:00\"", 43, "reporting[0].when.before_time", "a time"),
    ("rhythm = \"weekly\"", "rhythm = \"monthly\"", 43, "reporting[0].when.before_day", "is missing"),
    ("key = \"ready\"", "key = \"communes\"", 52, "figures[1].key", "already used on line 46"),
    ("value = 2\nas_of = 2026-01-15\npart_of", "value = 1\nas_of = 2026-01-15\npart_of", 48, "figures[0].value", "add up to 1, not 2"),
    ("part_of = \"communes\"", "part_of = \"others\"", 56, "figures[1].part_of", "no other figure"),
    ("xa = 1, phuong = 1", "xa = 2, phuong = 0", 59, "territory.commune_count", "but 2 (1 xã, 1 phường) are listed"),
    ("code = \"00002\"", "code = \"00001\"", 63, "territory.communes[1].code", "already stands on line 62"),
    ("code = \"00002\"", "code = \"2\"", 63, "territory.communes[1].code", "five digits"),
    ("kind = \"phường\"", "kind = \"xã\"", 63, "territory.communes[1].name", "already stands on line 62"),
    ("kind = \"phường\"", "kind = \"thị trấn\"", 63, "territory.communes[1].kind", "must be \"xã\""),
];

#[test]
fn every_kind_of_fault_is_named_with_its_line_its_key_and_both_languages() {
    for (old, new, line, key, english) in FAULTS {
        assert!(SMALL.contains(old), "{old}");
        let found = problems(&SMALL.replacen(old, new, 1));
        let named = found
            .iter()
            .find(|problem| problem.line == line && problem.key == key);
        let named = named.unwrap_or_else(|| panic!("{new}: {found:#?}"));
        assert!(named.english.contains(english), "{named}");
        assert!(
            !named.vietnamese.is_empty() && named.vietnamese != named.english,
            "{named}"
        );
    }
}

/// The same for what only a campaign with banners and a hotline has; the line is that of the shipped file's text.
#[rustfmt::skip]
const BANNER_FAULTS: [(&str, &str, &str, &str); 10] = [
    ("height_m = 0.8", "height_m = 0", "banners.groups[0].sizes[0].height_m", "above 0"),
    ("width_m = 1.6", "width_m = -1.6", "banners.groups[0].sizes[0].width_m", "above 0"),
    ("width_m = 1.6", "width_m = nan", "banners.groups[0].sizes[0].width_m", "above 0"),
    ("width_m = 1.6", "width_m = inf", "banners.groups[0].sizes[0].width_m", "at most 100"),
    ("placeholder = \"...\"", "placeholder = \"..\"", "banners.groups[1].placeholder", "exactly the dots"),
    ("placeholder = \".....\"", "placeholder = \"...\"", "banners.groups[3].placeholder", "exactly the dots"),
    ("cell = \"banner.1\"", "cell = \"commitment.school\"", "banners.groups[0].cell", "does not belong here"),
    ("[\"0692.509.489\"", "[\"0692.509.48x\"", "hotline.phones[0]", "telephone number"),
    ("email = \"pcmt@", "email = \"pcmt", "hotline.email", "e-mail address"),
    ("[\"0692.509.489\"", "[\"0692.509.480\"", "banners.lines", "none of the lines shows 0692.509.480"),
];

#[test]
fn faults_of_banners_and_of_the_hotline_are_named_where_they_stand() {
    for (old, new, key, english) in BANNER_FAULTS {
        let offset = SHIPPED.find(old).unwrap_or_else(|| panic!("{old}"));
        // The lines under the headlines are at fault where the hotline no longer stands in them.
        let at = if key == "banners.lines" {
            SHIPPED.find("lines = [").unwrap()
        } else {
            offset
        };
        let line = SHIPPED.get(..at).unwrap().matches('\n').count() + 1;
        let found = problems(&SHIPPED.replacen(old, new, 1));
        let named = found
            .iter()
            .find(|problem| problem.key == key && problem.line == line);
        assert!(
            named.is_some_and(|problem| problem.english.contains(english)),
            "{new}: {found:#?}"
        );
    }
}

#[test]
fn a_group_that_is_declared_and_not_defined_is_missed() {
    let start = SHIPPED.find("[[banners.groups]]\ncell = \"banner.3\"").unwrap();
    let end = SHIPPED.find("[[banners.groups]]\ncell = \"banner.4\"").unwrap();
    let found = problems(&format!(
        "{}{}",
        SHIPPED.get(..start).unwrap(),
        SHIPPED.get(end..).unwrap()
    ));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(
        found[0].key == "cells[2]" && found[0].english.contains("banner.3 is declared"),
        "{}",
        found[0]
    );
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = SMALL
        .replace("id = \"vung", "id = \"Vùng")
        .replace("name = \"Vùng Mẫu\"", "nmae = \"Vùng Mẫu\"")
        .replace("by = 2026-06-30", "by = 2025-06-30")
        .replace("code = \"00002\"", "code = \"00001\"");
    let errors = Campaign::from_toml(&text).unwrap_err();
    let keys: Vec<_> = errors
        .problems()
        .iter()
        .map(|problem| problem.key.as_str())
        .collect();
    let expected = [
        "id",
        "province.name",
        "province.nmae",
        "deadlines[0].by",
        "territory.communes[1].code",
    ];
    assert_eq!(keys, expected, "{errors}");
    assert!(errors.to_string().starts_with("5 problem(s)"), "{errors}");
}

#[test]
fn the_column_counts_letters_and_not_bytes() {
    let problem = &problems(&SMALL.replace("\"Chiến dịch mẫu\", en", "\"Chiến dịch mẫu\", ne"))[1];
    let line = "name = { vi = \"Chiến dịch mẫu\", ";
    assert_eq!(
        (problem.line, problem.column),
        (3, line.chars().count() + 1),
        "{problem}"
    );
}

#[test]
fn a_fault_of_syntax_is_told_by_line_and_alone() {
    for (old, new, line) in [
        ("code = \"00\"", "code = \"00", 8),
        ("starts = 2026-01-01", "starts = 2026-13-01", 13),
        ("[period]", "[province]", 11),
        ("id = ", "id ", 2),
    ] {
        let found = problems(&SMALL.replacen(old, new, 1));
        assert!(
            found.iter().any(|problem| problem.line == line),
            "{new}: {found:#?}"
        );
        assert!(
            found
                .iter()
                .all(|problem| problem.english.starts_with("TOML syntax")),
            "{found:#?}"
        );
    }
}

#[test]
fn wrong_thresholds_and_weights_of_checks_are_named_with_their_lines() {
    let text = "[checks]\naccuracy_max_m = 0\nwater_max_m = 3\neditors = [\"Photoshop\"]\n\
                [checks.weights]\nrain = 5\ntravel = 101\n";
    let found = problems(text);
    for (line, key) in [
        (2, "checks.accuracy_max_m"),
        (3, "checks.water_max_m"),
        (4, "checks.editors[0]"),
        (6, "checks.weights.rain"),
        (7, "checks.weights.travel"),
    ] {
        let named = found
            .iter()
            .any(|problem| problem.key == key && problem.line == line);
        assert!(named, "{key} on line {line}: {found:?}");
    }
}

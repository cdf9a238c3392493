//! What must hold of campaigns: an invented small one here, the shipped one and faulty ones beside.

mod faults;
mod shipped;

use proptest::prelude::*;

use super::*;

/// An invented province with commitments only; every line is one that a test below can break.
const SMALL: &str = r#"format = 1
id = "vung-mau-2026"
name = { vi = "Chiến dịch mẫu", en = "Sample campaign" }
plan = { vi = "Kế hoạch mẫu", en = "Sample plan" }
cells = ["commitment.school", "commitment.residential_area"]

[province]
code = "00"
name = "Vùng Mẫu"

[period]
label = { vi = "Cả năm", en = "The year" }
starts = 2026-01-01
ends = "2026-12-31"

[[commitments]]
cell = "commitment.residential_area"
label = { vi = "Khu dân cư", en = "Residential areas" }
signers = { vi = "mọi người", en = "everybody" }
deadline = "pledges"

[[commitments]]
cell = "commitment.school"
label = { vi = "Trường học", en = "Schools" }
signers = { vi = "mọi người", en = "everybody" }
deadline = "pledges"

[[deadlines]]
key = "pledges"
what = { vi = "Ký cam kết", en = "Pledges are signed" }
who = { vi = "Mọi xã", en = "Every commune" }
by = 2026-06-30

[[milestones]]
key = "half"
label = { vi = "Một nửa", en = "Half" }
by = 2026-12-31
percent = 50

[[reporting]]
key = "weekly"
label = { vi = "Tuần", en = "Weekly" }
when = { rhythm = "weekly", before_weekday = "monday", before_time = "10:00" }

[[figures]]
key = "communes"
label = { vi = "Xã", en = "Communes" }
value = 2
as_of = 2026-01-15

[[figures]]
key = "ready"
label = { vi = "Xã đạt", en = "Communes ready" }
value = 2
as_of = 2026-01-15
part_of = "communes"

[territory]
commune_count = { total = 2, xa = 1, phuong = 1 }
village_kinds = [{ vi = "thôn", en = "village" }]
communes = [
  { code = "00001", name = "Mẫu Một", kind = "xã" },
  { code = "00002", name = "Mẫu Một", kind = "phường" },
]
"#;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[test]
fn a_province_without_banner_groups_is_a_campaign_too() {
    let campaign = Campaign::from_toml(SMALL).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(campaign.cells(), [Cell::ResidentialArea, Cell::School]);
    assert!(!campaign.has_cell(Cell::Banner1) && campaign.default_due(Cell::Banner1).is_none());
    assert!(campaign.sizes(Cell::Banner1).is_empty() && campaign.headline(Cell::School).is_none());
    assert_eq!(campaign.default_due(Cell::School), Some(day("2026-06-30")));
    assert!(matches!(
        campaign.find_commune("mau mot"),
        Err(FindCommuneError::Ambiguous { .. })
    ));
    assert_eq!(
        campaign.find_commune("Phường Mẫu Một").unwrap().code.to_string(),
        "00002"
    );
    // Editors on Windows save a mark at the start, and carriage returns.
    let windows = format!("\u{feff}{}", SMALL.replace('\n', "\r\n"));
    assert_eq!(Campaign::from_toml(&windows).unwrap().id(), campaign.id());
}

#[test]
fn a_file_is_loaded_and_its_faults_bear_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mau.toml");
    std::fs::write(&path, SMALL).unwrap();
    assert_eq!(Campaign::load(&path).unwrap().id(), "vung-mau-2026");

    let mut latin = SMALL.as_bytes().to_vec();
    latin.insert(SMALL.find("[province]").unwrap(), 0xE1);
    std::fs::write(&path, latin).unwrap();
    match Campaign::load(&path) {
        Err(CampaignFileError::Invalid { problems, .. }) => assert_eq!(problems.problems()[0].line, 7),
        other => panic!("{other:?}"),
    }
    std::fs::write(&path, "id = \"x\"").unwrap();
    assert!(
        Campaign::load(&path)
            .unwrap_err()
            .to_string()
            .contains("mau.toml")
    );
    std::fs::write(&path, "#".repeat(1_048_577)).unwrap();
    assert!(matches!(
        Campaign::load(&path),
        Err(CampaignFileError::TooLarge { .. })
    ));
    let missing = directory.path().join("missing.toml");
    assert!(matches!(
        Campaign::load(&missing),
        Err(CampaignFileError::Unreadable { .. })
    ));
}

#[test]
fn a_hostile_file_costs_a_bounded_list() {
    let text: String = (0..5_000).fold(String::new(), |text, at| text + &format!("k{at} = 1\n"));
    let errors = Campaign::from_toml(&text).unwrap_err();
    assert_eq!(errors.problems().len(), MAX_PROBLEMS);
    assert!(errors.omitted() > 4_000 && errors.to_string().len() < 500_000);
    assert!(Campaign::from_toml(&format!("a = {}", "[".repeat(100_000))).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic_and_every_refusal_has_a_reason(text in any::<String>()) {
        if let Err(errors) = Campaign::from_toml(&text) {
            prop_assert!(!errors.problems().is_empty());
        }
    }

    #[test]
    fn a_broken_campaign_is_refused_with_a_reason_or_still_sound(
        at in 0..SMALL.chars().count(), cut in 0_usize..40, put in r#"[\[\]{}="',.#a-z0-9 \n-]{0,12}"#,
    ) {
        let letters: Vec<char> = SMALL.chars().collect();
        let tail = letters.iter().skip(at + cut);
        let text: String = letters.iter().take(at).copied().chain(put.chars()).chain(tail.copied()).collect();
        match Campaign::from_toml(&text) {
            Err(errors) => {
                prop_assert!(!errors.problems().is_empty());
                prop_assert!(errors.problems().iter().all(|problem| problem.line >= 1 && problem.column >= 1));
            }
            Ok(campaign) => {
                prop_assert!(campaign.cells().iter().all(|cell| campaign.default_due(*cell).is_some()));
                prop_assert_eq!(campaign.communes().len(), 2);
            }
        }
    }
}

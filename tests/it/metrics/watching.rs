//! What operators watch: the dashboard and the alarms speak of figures that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use minhchung::config::Tls;
use serde_json::Value;

use super::counters;
use crate::support::Harness;
use crate::tls::authority::Authority;

fn deployed(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every word in `text` that names a figure of ours.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    words
        .filter(|word| word.starts_with("minhchung_"))
        .map(str::to_owned)
        .collect()
}

/// Every figure that the service shows, as Prometheus keeps it.
async fn shown() -> BTreeSet<String> {
    let authority = Authority::new();
    let files = authority.issue("127.0.0.1");
    let mut harness = Harness::with(minhchung::clock::Clock::system(), |settings| {
        settings.tls = Tls::Files {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
        };
    })
    .await;
    harness.client = authority.client();
    harness.get("/health/ready", "").await.expect(200);
    // So that every family has a member.
    harness
        .post("/api/v1/auth/login", "", serde_json::json!({}))
        .await;
    let mut figures = BTreeSet::new();
    for line in counters(&harness).await.lines() {
        let Some(rest) = line.strip_prefix("# TYPE ") else {
            continue;
        };
        let (name, kind) = rest.split_once(' ').unwrap();
        let endings: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        figures.extend(endings.iter().map(|ending| format!("{name}{ending}")));
    }
    figures
}

#[actix_web::test]
async fn dashboard_and_alarms_name_only_figures_that_there_are_and_every_figure_is_watched() {
    let shown = shown().await;
    let dashboard: Value = serde_json::from_str(&deployed("grafana/minhchung.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let mut watched = BTreeSet::new();
    for panel in panels {
        assert!(
            ids.insert(panel["id"].as_i64().unwrap()),
            "two panels of one id: {panel}"
        );
        for target in panel["targets"].as_array().into_iter().flatten() {
            let named = named(target["expr"].as_str().unwrap());
            assert!(!named.is_empty(), "{panel}");
            watched.extend(named);
        }
    }
    let rows: Vec<&str> = panels
        .iter()
        .filter(|panel| panel["type"] == "row")
        .filter_map(|row| row["title"].as_str())
        .collect();
    for row in ["Traffic", "durability", "Pictures", "Disk", "Phones"] {
        assert!(rows.iter().any(|title| title.contains(row)), "no row {row}");
    }
    watched.extend(named(&deployed("prometheus/alerts.yml")));
    let unknown: Vec<&String> = watched.difference(&shown).collect();
    assert!(
        unknown.is_empty(),
        "not shown by the service: {unknown:?}, but {shown:?}"
    );
    let family = |name: &String| {
        let endings = ["_bucket", "_sum", "_count", "_total"];
        let ending = endings.iter().find_map(|ending| name.strip_suffix(ending));
        ending.unwrap_or(name).to_owned()
    };
    let families: BTreeSet<String> = watched.iter().map(family).collect();
    let forgotten: BTreeSet<String> = shown
        .iter()
        .map(family)
        .filter(|name| !families.contains(name))
        .collect();
    assert_eq!(forgotten, BTreeSet::new(), "shown and watched by nobody");
}

#[test]
fn every_alarm_says_in_both_languages_what_it_is_and_the_documents_explain_it() {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations.md");
    let documents = fs::read_to_string(documents).unwrap();
    let alarms = deployed("prometheus/alerts.yml");
    let rules: Vec<&str> = alarms.split("- alert: ").skip(1).collect();
    assert!(rules.len() > 10);
    for rule in rules {
        let name = rule.lines().next().unwrap();
        for part in ["expr: >-", "severity: ", "summary: \"", "summary_en: \""] {
            assert!(rule.contains(part), "{name} lacks {part}");
        }
        assert!(
            documents.contains(&format!("| `{name}` |")),
            "{name} is not in docs/operations.md"
        );
    }
}

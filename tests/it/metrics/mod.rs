//! The counters at `/metrics`: who may read them, and what is in them.

mod watching;

use minhchung::clock::Clock;
use minhchung::domain::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::durability::process::minhchung;
use crate::field::Field;
use crate::support::{COMMUNE, Harness, PATIENCE};

/// The counters as text.
pub async fn counters(harness: &Harness) -> String {
    let response = harness.request(Method::GET, "/metrics", "").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    response.text().await.unwrap()
}

/// The value of the line that begins with `name`.
pub fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
        .trim()
        .parse()
        .unwrap()
}

/// Whether two counts are the same.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < f64::EPSILON
}

#[actix_web::test]
async fn only_programs_on_this_machine_read_the_counters_unless_they_are_opened() {
    let harness = Harness::start().await;
    counters(&harness).await;
    // A proxy on this machine passes on what came from elsewhere.
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        let request = harness
            .request(Method::GET, "/metrics", "")
            .header(header, "for=192.0.2.7");
        let answer = crate::support::answer(request).await;
        assert_eq!(answer.problem(), "404/not-found", "{header}");
    }
    let open = Harness::with(Clock::system(), |settings| settings.metrics_open = true).await;
    let request = open
        .request(Method::GET, "/metrics", "")
        .header("x-forwarded-for", "192.0.2.7");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[actix_web::test]
async fn requests_are_counted_by_route_and_commits_with_the_time_until_they_are_on_disk() {
    let harness = Harness::start().await;
    let viewer = harness.sign_in(Role::Viewer, None).await;
    let before = counters(&harness).await;
    let commits = value(&before, "minhchung_store_commit_seconds_count");
    assert!(commits > 0.0, "an account was made");
    for _ in 0..3 {
        harness.get("/api/v1/completion", &viewer).await.expect(200);
    }
    harness.get("/health/ready", "").await.expect(200);
    for number in 0..5 {
        harness.get(&format!("/nowhere/{number}"), "").await.expect(404);
        let method = Method::from_bytes(format!("MAKE{number}").as_bytes()).unwrap();
        harness.send(method, "/health/live", "", None).await;
    }
    let after = counters(&harness).await;
    let completion = r#"minhchung_http_requests_total{method="GET",route="/api/v1/completion",status="200"}"#;
    assert!((value(&after, completion) - 3.0).abs() < f64::EPSILON);
    assert!(value(&after, "minhchung_store_commit_seconds_count") >= commits + 1.0);
    assert!(value(&after, "minhchung_disk_free_bytes") > 0.0);
    assert!(value(&after, "minhchung_store_waiting_transactions").abs() < f64::EPSILON);
    assert!(!after.contains("nowhere"), "an unknown path became a label");
    assert!(!after.contains("MAKE"), "an invented method became a label");
}

#[actix_web::test]
async fn bytes_open_pages_and_the_time_that_evidence_waited_are_counted() {
    let field = Field::start().await;
    let place = field.assignment(COMMUNE, &field.head).await;
    let picture = field.picture();
    let id = field.announce(&field.head, &place, &[&picture]).await;
    field.send(&field.head, &id, &picture).await.expect(201);
    let events = field
        .harness
        .request(Method::GET, "/api/v1/events", &field.admin.token);
    let line = events.send().await.unwrap();
    let text = counters(&field.harness).await;
    let route = r#"{route="/api/v1/submissions/{id}/photos/{sha256}"}"#;
    let received = value(&text, &format!("minhchung_http_received_bytes_total{route}"));
    assert!(same(
        received,
        f64::from(u32::try_from(picture.bytes.len()).unwrap())
    ));
    assert!(value(&text, &format!("minhchung_http_sent_bytes_total{route}")) > 100.0);
    assert!(same(value(&text, "minhchung_event_streams_open"), 1.0));
    assert!(value(&text, "minhchung_http_connections_open") >= 2.0);
    // The report was captured two minutes before the clock of this test.
    assert!(same(
        value(&text, "minhchung_report_outbox_age_seconds_count"),
        1.0
    ));
    assert!(same(
        value(&text, "minhchung_report_outbox_age_seconds_sum"),
        120.0
    ));
    let waiting = value(&text, "minhchung_checks_waiting");
    assert!(same(waiting, 1.0), "workers are off");
    drop(line);
    // The same report again did not wait a second time.
    let path = format!("/api/v1/submissions/{id}");
    let again = field.harness.request(Method::PUT, &path, &field.head.token);
    let again = again.json(&Field::report(&place, &[&picture]));
    crate::support::answer(again).await.expect(200);
    field.harness.check_all().await;
    let text = counters(&field.harness).await;
    assert!(same(
        value(&text, "minhchung_report_outbox_age_seconds_count"),
        1.0
    ));
    assert!(same(value(&text, "minhchung_checks_waiting"), 0.0));
}

#[actix_web::test]
async fn checks_are_counted_with_their_time() {
    let field = Field::with(|settings| settings.limits.check_workers = 1).await;
    let place = field.assignment(COMMUNE, &field.head).await;
    field.submission(&field.head, &place).await;
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let text = counters(&field.harness).await;
        if value(&text, r#"minhchung_checks_total{outcome="done"}"#) >= 1.0 {
            assert!(value(&text, "minhchung_check_seconds_count") >= 1.0);
            assert!(value(&text, r#"minhchung_checks_total{outcome="failed"}"#).abs() < f64::EPSILON);
            break;
        }
        assert!(std::time::Instant::now() < deadline, "{text}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn whoever_tells_something_moves_no_figure() {
    let harness = Harness::start().await;
    let figures = || async {
        let text = counters(&harness).await;
        // Asking for the figures is counted itself; memory and the disk, which others use too, are told in steps and may
        // stand before the next one.
        let own = [
            "route=\"/metrics\"",
            "minhchung_process_resident_memory_bytes",
            "minhchung_disk_free_",
        ];
        let lines = text
            .lines()
            .filter(|line| !own.iter().any(|own| line.contains(own)));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    figures().await;
    let before = figures().await;
    // A connection of its own, as a citizen's browser has.
    let citizen = reqwest::Client::new();
    let look = |path: &str| citizen.get(harness.url(path));
    let tell = |path: &str| {
        citizen
            .post(harness.url(&format!("/api/v1/tips{path}")))
            .json(&json!({}))
    };
    for request in [
        look("/to-giac/"),
        look("/api/v1/tips/desk"),
        look("/api/v1/communes"),
        look("/api/v1/%74ips/desk"),
        tell("/challenges"),
        tell("/mailbox"),
        tell(""),
    ] {
        let answered = request.send().await.unwrap();
        let path = answered.url().path().to_owned();
        answered.bytes().await.unwrap();
        let after = figures().await;
        let moved: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        assert_eq!(moved, Vec::<&String>::new(), "{path}");
    }
}

#[actix_web::test]
async fn the_figures_know_when_the_last_backup_was_made() {
    let harness = Harness::start().await;
    let name = "minhchung_backup_last_success_timestamp_seconds";
    assert!(value(&counters(&harness).await, name).abs() < f64::EPSILON);
    let to = tempfile::tempdir().unwrap();
    let began = Clock::system().now().as_millis() / 1000;
    let backup = |folder: &str| {
        let mut command = minhchung();
        command.args(["backup", "--data-dir"]).arg(harness.data_dir());
        command.arg("--to").arg(to.path().join(folder)).output().unwrap()
    };
    let made = backup("good");
    assert!(made.status.success(), "{made:?}");
    let noted = value(&counters(&harness).await, name);
    assert!(
        noted >= f64::from(u32::try_from(began).unwrap()),
        "{noted} {began}"
    );
    // One that fails does not count.
    std::fs::write(to.path().join("file"), "no directory").unwrap();
    assert!(!backup("file/below").status.success());
    assert!((value(&counters(&harness).await, name) - noted).abs() < f64::EPSILON);
}

#[actix_web::test]
async fn over_https_too_only_programs_on_this_machine_read_the_counters() {
    let authority = crate::tls::authority::Authority::new();
    let files = authority.issue("127.0.0.1");
    let mut harness = Harness::with(Clock::system(), |settings| {
        settings.tls = minhchung::config::Tls::Files {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
        };
    })
    .await;
    harness.client = authority.client();
    let text = counters(&harness).await;
    let ends = value(&text, "minhchung_tls_certificate_expiry_timestamp_seconds");
    assert!(ends > 4.0e9, "the test's certificates are valid for long: {ends}");
    let passed_on = harness
        .request(Method::GET, "/metrics", "")
        .header("x-forwarded-for", "127.0.0.1");
    assert_eq!(crate::support::answer(passed_on).await.problem(), "404/not-found");
}

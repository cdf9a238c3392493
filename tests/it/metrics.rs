//! The counters at `/metrics`: who may read them, and what is in them.

use minhchung::clock::Clock;
use minhchung::domain::Role;
use reqwest::{Method, StatusCode};

use crate::support::Harness;

/// The counters as text.
async fn counters(harness: &Harness) -> String {
    let response = harness.request(Method::GET, "/metrics", "").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    response.text().await.unwrap()
}

/// The value of the line that begins with `name`.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {text}"))
        .trim()
        .parse()
        .unwrap()
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

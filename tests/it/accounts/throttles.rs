//! Log-in attempts slow down, and nobody is locked out for good.

use std::net::IpAddr;

use minhchung::domain::Role;
use minhchung::services::accounts::LogIn;

use super::{MORNING, log_in};
use crate::support::{Harness, PASSWORD};

#[tokio::test]
async fn wrong_passwords_slow_this_address_down_and_the_owner_elsewhere_comes_in() {
    let harness = Harness::at(MORNING).await;
    let person = harness.person(Role::Viewer, None).await;
    // Each way to write the name counts for the same account.
    let mut problems = Vec::new();
    for name in [
        "VIEWER.0",
        "viewer.0",
        "Viewér.0",
        "víewer.0",
        "viewer.0 ",
        "viewer.0",
        "viewer.0",
        "viewer.0",
    ] {
        problems.push(log_in(&harness, name, "wrong password").await);
    }
    assert_eq!(problems[0].problem(), "401/sign-in-failed");
    let last = problems.last().unwrap();
    assert_eq!(last.problem(), "429/too-many-requests");
    let seconds: i64 = last.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    // Even the right password waits here; the owner at another desk does not.
    assert_eq!(log_in(&harness, &person.username, PASSWORD).await.status, 429);
    let elsewhere = LogIn {
        username: person.username.clone(),
        password: PASSWORD.into(),
        totp: None,
        device_name: String::new(),
        request_id: None,
    };
    let desk: IpAddr = "192.0.2.77".parse().unwrap();
    harness.app.accounts.log_in(elsewhere, desk).await.unwrap();
    harness.wait(seconds);
    assert_eq!(log_in(&harness, &person.username, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn many_log_ins_at_once_are_all_answered_and_none_with_a_failure() {
    let harness = Harness::start().await;
    let person = harness.person(Role::Viewer, None).await;
    let attempts = (0..24).map(|_| log_in(&harness, &person.username, PASSWORD));
    for answer in futures_util::future::join_all(attempts).await {
        assert!(
            [200, 429, 503].contains(&answer.status.as_u16()),
            "{:#}",
            answer.body
        );
    }
    let health = harness.get("/health/ready", "").await;
    assert_eq!(health.status, 200);
}

//! Accounts: who comes in, who goes out, and who looks after whom.

mod enrolment;
mod forgeries;
mod people;
mod second_factor;
mod sessions;
mod throttles;

use serde_json::{Value, json};

use crate::support::{Answer, Harness, PASSWORD};

pub const MORNING: &str = "2026-03-02T08:00:00+07:00";

async fn log_in(harness: &Harness, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password });
    harness.post("/api/v1/auth/login", "", body).await
}

async fn log_in_with(harness: &Harness, username: &str, more: Value) -> Answer {
    let mut body = json!({ "username": username, "password": PASSWORD });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    harness.post("/api/v1/auth/login", "", body).await
}

async fn refresh(harness: &Harness, token: &str, request_id: Option<uuid::Uuid>) -> Answer {
    let body = json!({ "refresh_token": token, "request_id": request_id });
    harness.post("/api/v1/auth/refresh", "", body).await
}

async fn me(harness: &Harness, token: &str) -> String {
    let answer = harness.get("/api/v1/me", token).await;
    if answer.status == 200 {
        "in".into()
    } else {
        answer.problem()
    }
}

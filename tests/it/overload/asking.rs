//! Phones, readers and people who log in, and how they are answered.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::durability::pictures::picture;
use crate::durability::seed::Seed;
use crate::durability::told::{Deed, Illness, Line, Told};
use crate::support::PASSWORD;

/// What is asked for; of twenty requests nine are reports with a picture, ten read and one is a log-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Report,
    Read,
    LogIn,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Report, Self::Read, Self::LogIn];

    pub fn of(number: usize) -> Self {
        match number % 20 {
            0 => Self::LogIn,
            number if number % 2 == 1 => Self::Read,
            _ => Self::Report,
        }
    }
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    Served,
    /// 503 or 429, and when to come again.
    Shed,
    /// No answer.
    Closed,
    /// Anything else.
    Wrong(String),
}

/// One request and its end.
#[derive(Debug, Clone)]
pub struct Asked {
    pub kind: Kind,
    pub end: End,
    pub took: Duration,
    /// What a phone was told, if it was told yes.
    pub told: Option<Told>,
}

/// Where requests go.
#[derive(Debug, Clone, Copy)]
pub struct Crowd<'a> {
    pub client: &'a Client,
    pub address: &'a str,
    pub seed: &'a Seed,
}

impl<'a> Crowd<'a> {
    pub fn line(&self) -> Line<'a> {
        Line {
            client: self.client,
            address: self.address,
            seed: self.seed,
            illness: Illness::Fault,
        }
    }

    /// Sends the `number`th request and hears how it ends.
    pub async fn ask(self, number: usize) -> Asked {
        let kind = Kind::of(number);
        let mut told = None;
        let request = match kind {
            Kind::Report => {
                let place = &self.seed.assignments[number % self.seed.assignments.len()];
                let new = Told::new(place, vec![picture(3_000)], [Deed::Whole].into());
                told.insert(new).next_request(&self.line()).unwrap()
            }
            Kind::Read => {
                let path = ["completion", "submissions?limit=20", "assignments?limit=20"][number / 2 % 3];
                let url = format!("{}/api/v1/{path}", self.address);
                self.client
                    .get(url)
                    .bearer_auth(&self.seed.admin_token)
                    .build()
                    .unwrap()
            }
            Kind::LogIn => {
                let url = format!("{}/api/v1/auth/login", self.address);
                let from = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
                let body = json!({ "username": "truong.thon", "password": PASSWORD, "device_name": "máy" });
                let request = self.client.post(url).header("x-forwarded-for", from).json(&body);
                request.build().unwrap()
            }
        };
        let began = Instant::now();
        let (end, text) = self.send(request).await;
        let took = began.elapsed();
        let told = told.filter(|_| end == End::Served).map(|mut told| {
            told.answered(&text);
            told
        });
        Asked {
            kind,
            end,
            took,
            told,
        }
    }

    async fn send(self, request: reqwest::Request) -> (End, String) {
        let Ok(response) = self.client.execute(request).await else {
            return (End::Closed, String::new());
        };
        let (status, later) = (response.status(), response.headers().get("retry-after").cloned());
        let Ok(text) = response.text().await else {
            return (End::Closed, String::new());
        };
        let seconds = later.and_then(|later| later.to_str().ok()?.parse::<u64>().ok());
        let end = match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
                if seconds.is_some_and(|s| s > 0) =>
            {
                End::Shed
            }
            status if status.is_success() => End::Served,
            _ => End::Wrong(format!("{status} {text}")),
        };
        (end, text)
    }
}

//! The headers that guard an answer, on every kind of answer that there is.

use std::collections::BTreeSet;

use minhchung::clock::Clock;
use minhchung::http::{openapi, pages, web_clients};
use reqwest::{Method, Response};

use crate::support::Harness;

const EVERYWHERE: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn text<'a>(answered: &'a Response, name: &str) -> &'a str {
    let mut all = answered.headers().get_all(name).iter();
    let first = all.next().map_or("", |value| value.to_str().unwrap());
    assert!(all.next().is_none(), "{name} twice");
    first
}

/// Every path that answers, and some that do not.
fn requests() -> Vec<(Method, String)> {
    let operations = openapi::operations().map(|operation| {
        let method = Method::from_bytes(operation.method.to_uppercase().as_bytes()).unwrap();
        (method, operation.path.replace(['{', '}'], ""))
    });
    let pages = pages::PATHS.iter().map(|path| (Method::GET, (*path).to_owned()));
    let files = web_clients::paths().into_iter().map(|path| (Method::GET, path));
    let wrong = [
        (Method::GET, "/nowhere"),
        (Method::DELETE, "/api/v1/me"),
        (Method::GET, "/van-phong"),
    ];
    let wrong = wrong.map(|(method, path)| (method, path.to_owned()));
    operations.chain(pages).chain(files).chain(wrong).collect()
}

#[tokio::test]
async fn every_answer_is_guarded_and_only_the_phone_may_use_camera_and_place() {
    let harness = Harness::start().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut kinds = BTreeSet::new();
    for (method, path) in requests() {
        let sent = client
            .request(method.clone(), harness.url(&path))
            .send()
            .await
            .unwrap();
        let what = format!("{method} {path}");
        kinds.insert(sent.status().as_u16());
        for (name, value) in EVERYWHERE {
            assert_eq!(text(&sent, name), value, "{what} {name}");
        }
        let policy = text(&sent, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
        assert!(
            !policy.replace("wasm-unsafe-eval", "").contains("unsafe"),
            "{what}: {policy}"
        );
        let permissions = text(&sent, "permissions-policy");
        let is_page = text(&sent, "content-type").starts_with("text/html");
        let is_phone = is_page && (path == "/" || path == "/index.html") && permissions.contains("(self)");
        for device in ["camera", "geolocation"] {
            let wanted = if is_phone {
                format!("{device}=(self)")
            } else {
                format!("{device}=()")
            };
            assert!(permissions.contains(&wanted), "{what}: {permissions}");
        }
        assert!(permissions.contains("microphone=()"), "{what}: {permissions}");
        // The address that phones use is https, so this is promised for good.
        assert_eq!(
            text(&sent, "strict-transport-security"),
            "max-age=31536000",
            "{what}"
        );
    }
    let met: Vec<u16> = [200, 401, 404, 405]
        .into_iter()
        .filter(|kind| !kinds.contains(kind))
        .collect();
    assert_eq!(
        met,
        Vec::<u16>::new(),
        "kinds of answers that were not met among {kinds:?}"
    );
}

#[tokio::test]
async fn https_is_promised_only_where_phones_come_by_https() {
    for (url, promised) in [
        (None, false),
        (Some("http://minhchung.example"), false),
        (Some("https://minhchung.example"), true),
    ] {
        let harness = Harness::with(Clock::system(), |settings| {
            settings.public_url = url.map(str::to_owned);
        })
        .await;
        for path in ["/", "/health/live", "/nowhere", "/to-giac/", "/api/v1/tips/desk"] {
            let answered = harness.client.get(harness.url(path)).send().await.unwrap();
            let is_there = answered.headers().contains_key("strict-transport-security");
            assert_eq!(is_there, promised, "{url:?} {path}");
        }
    }
}

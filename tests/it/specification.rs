//! The specification as it is served, the pages beside it, and what the framework refuses by itself.

use std::collections::{BTreeMap, BTreeSet};

use minhchung::clock::Clock;
use minhchung::http::openapi;
use minhchung::http::{pages, web_clients};
use reqwest::Method;

use crate::support::{Harness, answer};

/// Every path with the methods it takes.
fn methods() -> BTreeMap<String, BTreeSet<String>> {
    let mut methods = BTreeMap::<String, BTreeSet<String>>::new();
    for operation in openapi::operations() {
        let methods = methods.entry(operation.path.to_owned()).or_default();
        methods.insert(operation.method.to_uppercase());
        if operation.method == "get" && operation.path != openapi::EVENTS {
            methods.insert("HEAD".to_owned());
        }
    }
    for page in pages::PATHS {
        methods.insert(
            page.to_owned(),
            BTreeSet::from(["GET".to_owned(), "HEAD".to_owned()]),
        );
    }
    for file in web_clients::paths() {
        methods.insert(file, BTreeSet::from(["GET".to_owned(), "HEAD".to_owned()]));
    }
    methods
}

#[tokio::test]
async fn the_document_is_served_as_it_is_committed() {
    let harness = Harness::start().await;
    let served = harness.get("/api/v1/openapi.json", "").await;
    assert_eq!(&served.body, openapi::document());
    assert_eq!(served.headers["content-type"], "application/json");
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems_and_the_method_says_what_is_allowed() {
    let harness = Harness::start().await;
    for path in [
        "/nowhere",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/me",
        "/api/v1/me/",
        "/api/v1//me",
        "/api/v1/ME",
        "/.git/config",
        "/api/docs/x",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let refused = harness.send(method, path, "", None).await;
            assert_eq!(refused.problem(), "404/path-unknown", "{path}");
            assert_eq!(refused.headers["content-type"], "application/problem+json");
        }
    }
    for (pattern, allowed) in methods() {
        let path = pattern.replace(['{', '}'], "");
        for method in [
            "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
        ] {
            if allowed.contains(method) {
                continue;
            }
            let refused = harness
                .send(Method::from_bytes(method.as_bytes()).unwrap(), &path, "", None)
                .await;
            assert_eq!(refused.status, 405, "{method} {path}");
            assert_eq!(
                refused.headers["content-type"], "application/problem+json",
                "{method} {path}"
            );
            let named = refused.headers["allow"]
                .to_str()
                .unwrap()
                .split(", ")
                .map(str::to_owned);
            assert_eq!(named.collect::<BTreeSet<_>>(), allowed, "{path}");
            if method != "HEAD" {
                assert_eq!(refused.problem(), "405/method-not-allowed");
                let id = refused.headers.get("x-request-id").map(|id| id.to_str().unwrap());
                assert_eq!(refused.body["request_id"].as_str(), id);
                // Nothing is kept of a citizen who tells something, so there is nothing to name.
                let silent = ["/api/v1/tips", "/to-giac", "/api/v1/communes"];
                let is_silent = silent.iter().any(|silent| path.starts_with(silent));
                assert_eq!(id.is_none(), is_silent, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_read_are_problems_too() {
    let harness = Harness::start().await;
    let admin = harness.sign_in(minhchung::domain::Role::Admin, None).await;
    for path in [
        "/api/v1/users/%zz",
        "/api/v1/users/%ff%fe",
        "/api/v1/users/%",
        "/api/v1/completion/%00",
        "/api/v1/photos/%F0%9F",
        "/%ff",
        "/%",
    ] {
        let refused = harness.get(path, &admin).await;
        assert!(
            (400..500).contains(&refused.status.as_u16()),
            "{path}: {}",
            refused.status
        );
        assert_eq!(
            refused.headers["content-type"], "application/problem+json",
            "{path}"
        );
        assert!(!refused.text("code").is_empty());
    }
    for query in [
        "limit=x",
        "limit=-1",
        "limit=0",
        "limit=201",
        "limit=99999999999999999999",
        "limit=1&limit=2",
    ] {
        let refused = harness.get(&format!("/api/v1/users?{query}"), &admin).await;
        assert_eq!(refused.problem(), "422/validation-failed", "{query}");
    }
    for cursor in ["%00", "!!!", "AAAA", "x".repeat(3000).as_str()] {
        for list in ["users", "submissions", "assignments"] {
            let answered = harness
                .get(&format!("/api/v1/{list}?after={cursor}"), &admin)
                .await;
            let allowed = ["400/cursor-invalid", "200/"];
            assert!(
                allowed.contains(&answered.problem().as_str()),
                "{list} {cursor}: {}",
                answered.problem()
            );
        }
    }
}

#[tokio::test]
async fn a_problem_speaks_the_language_of_whoever_asks() {
    let harness = Harness::start().await;
    for (wanted, tag, title) in [
        ("en", "en", "There is no such path"),
        ("vi", "vi", "Không có địa chỉ này"),
        ("fr", "vi", "Không có địa chỉ này"),
    ] {
        let request = harness
            .client
            .get(harness.url("/nowhere"))
            .header("accept-language", wanted);
        let refused = answer(request).await;
        assert_eq!(refused.headers["content-language"], tag);
        assert_eq!(refused.text("title"), title);
    }
}

#[tokio::test]
async fn pages_come_without_script_and_a_demo_says_so_on_each() {
    for is_demo in [false, true] {
        let harness = Harness::with(Clock::system(), |settings| settings.demo = is_demo).await;
        for path in ["/gioi-thieu", "/api/docs"] {
            let page = harness.client.get(harness.url(path)).send().await.unwrap();
            let policy = page.headers()["content-security-policy"].to_str().unwrap();
            assert!(
                policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self';"),
                "{policy}"
            );
            assert_eq!(page.headers().get("x-minhchung-demo").is_some(), is_demo);
            let text = page.text().await.unwrap();
            assert_eq!(text.contains("BẢN DÙNG THỬ"), is_demo, "{path}");
            let small = text.to_ascii_lowercase();
            assert!(!small.contains("<script") && !small.contains("style="), "{path}");
            // Every address on the page is one of this server's.
            let addresses = text.split("href=\"").skip(1).chain(text.split("src=\"").skip(1));
            for address in addresses.map(|rest| rest.split('"').next().unwrap()) {
                assert!(address.starts_with('/') || address.starts_with('#'), "{address}");
                if let Some(place) = address.strip_prefix('#') {
                    assert!(
                        text.contains(&format!("id=\"{place}\"")),
                        "#{place} leads nowhere"
                    );
                } else {
                    assert_eq!(
                        harness
                            .client
                            .get(harness.url(address))
                            .send()
                            .await
                            .unwrap()
                            .status(),
                        200,
                        "{address}"
                    );
                }
            }
        }
        let docs = harness
            .client
            .get(harness.url("/api/docs"))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        for operation in openapi::operations() {
            let id = operation.body["operationId"].as_str().unwrap();
            assert!(
                docs.contains(&format!("<article id=\"{id}\">")),
                "{id} is missing"
            );
        }
    }
}

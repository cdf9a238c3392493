//! The web clients as they are served: policies, caching, packed forms, the demo's band.
//!
//! Invariant: holds for every embedded file, whichever clients this binary was built with.

use minhchung::clock::Clock;
use minhchung::http::web_clients;

use crate::support::Harness;

#[tokio::test]
async fn every_file_of_a_client_is_served_with_its_caching_and_every_page_with_its_policy() {
    let harness = Harness::start().await;
    for path in web_clients::paths() {
        let answered = harness.client.get(harness.url(&path)).send().await.unwrap();
        assert_eq!(answered.status(), 200, "{path}");
        let headers = answered.headers().clone();
        let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(text("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(text("referrer-policy"), "no-referrer", "{path}");
        assert!(
            text("content-security-policy").contains("frame-ancestors 'none'"),
            "{path}"
        );
        let policy = text("content-security-policy").replace("'wasm-unsafe-eval'", "");
        assert!(!policy.contains("unsafe"), "{path}");
        let is_citizens = path.starts_with(web_clients::CITIZEN_PATH);
        let is_named_by_content = path.contains("/assets/") && !is_citizens;
        assert_eq!(
            text("cache-control").contains("immutable"),
            is_named_by_content,
            "{path}"
        );
        let body = answered.bytes().await.unwrap();
        assert!(!body.is_empty(), "{path}");

        let head = harness.client.head(harness.url(&path)).send().await.unwrap();
        assert_eq!(head.status(), 200, "HEAD {path}");
        assert!(head.bytes().await.unwrap().is_empty(), "HEAD {path}");
    }
}

#[tokio::test]
async fn a_file_that_the_browser_knows_is_not_sent_again() {
    let harness = Harness::start().await;
    for path in web_clients::paths() {
        for encoding in ["br", "gzip", "identity"] {
            let asked = || {
                harness
                    .client
                    .get(harness.url(&path))
                    .header("accept-encoding", encoding)
            };
            let first = asked().send().await.unwrap();
            // The page that stands in for a client that was not built has no tag.
            let Some(tag) = first.headers().get("etag").cloned() else {
                continue;
            };
            let policies = first.headers().clone();
            let again = asked().header("if-none-match", tag).send().await.unwrap();
            assert_eq!(again.status(), 304, "{path} {encoding}");
            // Browsers put the headers of a 304 over those that they kept.
            for name in ["content-security-policy", "permissions-policy"] {
                assert_eq!(
                    again.headers().get(name),
                    policies.get(name),
                    "{path} {encoding} {name}"
                );
            }
            assert!(again.bytes().await.unwrap().is_empty(), "{path} {encoding}");
        }
    }
}

#[tokio::test]
async fn in_a_demo_every_page_of_a_client_says_so_first_and_otherwise_none_does() {
    for is_demo in [false, true] {
        let harness = Harness::with(Clock::system(), |settings| settings.demo = is_demo).await;
        for path in web_clients::paths() {
            let answered = harness.client.get(harness.url(&path)).send().await.unwrap();
            let kind = answered.headers()["content-type"].to_str().unwrap().to_owned();
            if !kind.starts_with("text/html") {
                continue;
            }
            let text = answered.text().await.unwrap();
            assert_eq!(text.contains("BẢN DÙNG THỬ"), is_demo, "{path}");
            assert_eq!(text.contains("<title>DEMO"), is_demo, "{path}");
        }
    }
}

#[tokio::test]
async fn a_path_that_no_file_stands_behind_is_a_problem_and_no_way_to_the_disk() {
    let harness = Harness::start().await;
    for path in [
        "/assets/none.js",
        "/van-phong/none",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "//",
    ] {
        let refused = harness.get(path, "").await;
        assert_eq!(refused.problem(), "404/path-unknown", "{path}");
    }
}

#[tokio::test]
async fn no_copy_of_the_tip_desks_page_is_kept_and_no_string_becomes_script_in_it() {
    let harness = Harness::start().await;
    let is_built = web_clients::paths()
        .iter()
        .any(|path| path.starts_with("/ban-tin/assets/"));
    for path in web_clients::paths() {
        let answered = harness.client.get(harness.url(&path)).send().await.unwrap();
        let headers = answered.headers().clone();
        let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        if path.starts_with(web_clients::CITIZEN_PATH) {
            continue;
        }
        let is_script = text("content-type").starts_with("text/javascript");
        let is_page = is_built
            && path.starts_with(web_clients::DESK_PATH)
            && text("content-type").starts_with("text/html");
        if is_page || (is_script && path.starts_with(web_clients::DESK_PATH)) {
            let policy = text("content-security-policy");
            assert!(policy.contains("require-trusted-types-for 'script'"), "{path}");
            // A script that runs as the worker with the keys has nobody to send them to.
            assert_eq!(is_page, policy.contains("connect-src 'self'"), "{path}");
            assert_eq!(is_page, policy.contains("img-src 'self' blob:;"), "{path}");
        } else if is_script {
            assert!(!text("content-security-policy").contains("eval"), "{path}");
        }
        if is_page {
            assert_eq!(text("cache-control"), "no-store", "{path}");
            assert_eq!(text("etag"), "", "{path}");
            assert!(text("permissions-policy").contains("camera=()"), "{path}");
        }
    }
}

#[tokio::test]
async fn the_citizens_page_leaves_no_copy_and_names_the_hotline_letter_for_letter_without_script() {
    let harness = Harness::start().await;
    let citizens = web_clients::paths()
        .into_iter()
        .filter(|path| path.starts_with("/to-giac/"));
    for path in citizens {
        let answered = harness.client.get(harness.url(&path)).send().await.unwrap();
        let headers = answered.headers().clone();
        let text = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        let body = answered.text().await.unwrap();
        if body.contains("chưa kèm ứng dụng web") {
            continue;
        }
        assert_eq!(text("cache-control"), "no-store", "{path}");
        assert_eq!(text("etag"), "", "{path}");
        let policy = text("content-security-policy");
        if text("content-type").starts_with("text/html") {
            assert!(policy.contains("require-trusted-types-for 'script'"), "{path}");
            assert_eq!(text("referrer-policy"), "no-referrer", "{path}");
            assert!(text("permissions-policy").contains("geolocation=()"), "{path}");
            for part in [
                "<a class=\"button\" href=\"tel:0692509489\">0692.509.489</a>",
                "<a class=\"button\" href=\"tel:0692506112\">0692.506.112</a>",
                "<a class=\"button\" href=\"mailto:pcmt@laocai.gov.vn\">pcmt@laocai.gov.vn</a>",
                "24/24h",
                "tel:113",
            ] {
                assert!(body.contains(part), "{part}");
            }
        } else if text("content-type").starts_with("text/javascript") {
            // A worker holds keys: its policy gives it nobody to send them to.
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self'"),
                "{path}"
            );
            assert!(!policy.contains("connect-src"), "{path}");
        }
    }
}

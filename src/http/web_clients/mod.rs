//! The web clients inside this binary: the phone at `/`, the citizen's page at `/to-giac/`, the office at
//! `/van-phong/`, the tip desk at `/ban-tin/`.
//!
//! Invariant: a page runs this server's own scripts and nothing else; in a demo each page says so before anything else,
//! also offline, because the band is part of the page that the phone keeps.
//! Refuses: paths that no built file stands behind, and any file of the disk.

mod assets;
mod contact;
mod encoding;

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use self::assets::{Asset, CITIZEN, DESK, OFFICE, PHONE, media_type};
use self::encoding::{Encoding, accepted};
use super::App;
use super::guard::{NO_PERMISSIONS, PHONE_PERMISSIONS};
use super::pages;

/// Where the phone starts.
const PHONE_PATH: &str = "/";
/// Where the office starts.
pub const OFFICE_PATH: &str = "/van-phong/";
/// Where a citizen's page starts.
pub const CITIZEN_PATH: &str = "/to-giac/";
/// Where the tip desk starts.
pub const DESK_PATH: &str = "/ban-tin/";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// Where tips are read or written: WebAssembly for the passphrase's hash, no string that becomes script, no picture but
/// those that the page checked itself, nothing kept.
const SEALED_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' blob:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types minhchung-worker";
/// The workers of the citizen's page and of the desk hold keys or solve puzzles; none has anybody to talk to.
const WORKER_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// Where a page says that it is a demo; every page of a client has it as the first thing of its body.
const DEMO_PLACE: &str = "<!--demo-->";
const DEMO_BAND: &str = "<aside class=\"demo-band\" aria-label=\"DEMO\">BẢN DÙNG THỬ – dữ liệu giả \
    <span lang=\"en\">· DEMO, invented data</span></aside>";

/// One client: where it starts, its files, and what its pages and scripts may do.
#[derive(Debug)]
struct Client {
    start: &'static str,
    files: &'static [Asset],
    policy: &'static str,
    /// What a script may do that runs as a worker.
    worker_policy: &'static str,
    keeping: Keeping,
}

/// Whether a browser may keep a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// It asks each time whether its copy is still the page.
    AskFirst,
    /// No copy, neither on disk nor for the way back.
    Nothing,
    /// Not even a copy of its scripts, which would show on the disk who was here.
    Trackless,
}

static CLIENTS: LazyLock<[Client; 4]> = LazyLock::new(|| {
    let client = |start, files, policy, keeping| Client {
        start,
        files,
        policy,
        worker_policy: if keeping == Keeping::AskFirst {
            policy
        } else {
            WORKER_POLICY
        },
        keeping,
    };
    [
        client(PHONE_PATH, PHONE, POLICY, Keeping::AskFirst),
        client(OFFICE_PATH, OFFICE, POLICY, Keeping::AskFirst),
        client(CITIZEN_PATH, CITIZEN, SEALED_POLICY, Keeping::Trackless),
        client(DESK_PATH, DESK, SEALED_POLICY, Keeping::Nothing),
    ]
});

/// Every served file by its path.
static SERVED: LazyLock<HashMap<String, (&'static Client, &'static Asset)>> = LazyLock::new(|| {
    let rows = CLIENTS.iter().flat_map(|client| {
        client
            .files
            .iter()
            .map(move |asset| (address(client.start, asset.path), (client, asset)))
    });
    rows.collect()
});

fn address(base: &str, path: &str) -> String {
    let folder = path.strip_suffix("index.html").unwrap_or(path);
    format!("{base}{folder}")
}

/// Every path that answers GET and HEAD here, for the tests of what is routed.
pub fn paths() -> Vec<String> {
    let mut paths: Vec<String> = SERVED.keys().cloned().collect();
    let starts = CLIENTS
        .iter()
        .flat_map(|client| [client.start, without_slash(client)]);
    for start in starts.filter(|start| !start.is_empty()) {
        if !SERVED.contains_key(start) {
            paths.push(start.to_owned());
        }
    }
    paths
}

/// The address as people type it.
fn without_slash(client: &Client) -> &'static str {
    client.start.trim_end_matches('/')
}

pub(super) fn configure(config: &mut web::ServiceConfig) {
    for path in paths() {
        config.service(
            web::resource(path)
                .route(web::get().to(serve))
                .route(web::head().to(serve)),
        );
    }
}

async fn serve(request: HttpRequest, app: Data<App>) -> HttpResponse {
    let path = request.path();
    if let Some((client, asset)) = SERVED.get(path) {
        return if asset.is_page() {
            page(client, asset, &request, &app)
        } else {
            file(client, asset, &request)
        };
    }
    let meant = CLIENTS
        .iter()
        .find(|client| path == without_slash(client) && !client.files.is_empty());
    match meant {
        Some(client) => HttpResponse::PermanentRedirect()
            .insert_header((header::LOCATION, client.start))
            .finish(),
        // Built without this client: what the program is, and how to get the client into it.
        None => pages::not_built(&app),
    }
}

/// A page is small and says whether this is a demo, so it is put together here and packed by the frame.
fn page(client: &Client, asset: &Asset, request: &HttpRequest, app: &App) -> HttpResponse {
    let is_demo = app.is_demo;
    let etag = if is_demo {
        asset.etag.replacen('"', "\"demo-", 1)
    } else {
        asset.etag.to_owned()
    };
    if client.keeping == Keeping::AskFirst && is_known(request, &etag) {
        return guard_page(client, &mut not_modified(&etag)).finish();
    }
    let text = String::from_utf8_lossy(asset.bytes);
    let text = if is_demo {
        text.replacen(DEMO_PLACE, DEMO_BAND, 1)
            .replacen("<title>", "<title>DEMO – ", 1)
    } else {
        text.into_owned()
    };
    let hotline = app.campaign.definition().hotline.as_ref();
    let text = text.replacen(contact::PLACE, &contact::footer(hotline), 1);
    let mut response = HttpResponse::Ok();
    guard_page(client, &mut response).content_type(media_type(asset.path));
    match client.keeping {
        Keeping::AskFirst => response
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::ETAG, etag)),
        Keeping::Nothing | Keeping::Trackless => response.insert_header((header::CACHE_CONTROL, "no-store")),
    };
    response.body(text)
}

/// The policies of a page. A 304 has to carry them too: browsers put its headers over those that they kept, and the
/// policy of everything else in this service would leave the page without its scripts.
fn guard_page<'a>(client: &Client, response: &'a mut HttpResponseBuilder) -> &'a mut HttpResponseBuilder {
    // Nobody but the phone takes pictures or asks where it is.
    let permissions = if client.start == PHONE_PATH {
        PHONE_PERMISSIONS
    } else {
        NO_PERMISSIONS
    };
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, client.policy))
        .insert_header(("permissions-policy", permissions))
}

fn file(client: &Client, asset: &'static Asset, request: &HttpRequest) -> HttpResponse {
    let (encoding, bytes) = match accepted(request.headers(), asset) {
        Encoding::Brotli(bytes) => (Some("br"), bytes),
        Encoding::Gzip(bytes) => (Some("gzip"), bytes),
        Encoding::Identity => (None, asset.bytes),
    };
    // One tag per form, as caches compare whole answers.
    let etag = asset
        .etag
        .replacen('"', &format!("\"{}-", encoding.unwrap_or("plain")), 1);
    let is_script = media_type(asset.path).starts_with("text/javascript");
    let is_kept = client.keeping != Keeping::Trackless;
    if is_kept && is_known(request, &etag) {
        return guard_file(client, &mut not_modified(&etag), is_script).finish();
    }
    let caching = if !is_kept {
        "no-store"
    } else if asset.is_named_by_its_content() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = HttpResponse::Ok();
    if is_kept {
        response.insert_header((header::ETAG, etag));
    }
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::VARY, "accept-encoding"))
        .content_type(media_type(asset.path));
    if let Some(encoding) = encoding {
        response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static(encoding)));
    }
    guard_file(client, &mut response, is_script);
    response.body(bytes)
}

/// A worker has its own policy; without one it could load anything.
fn guard_file<'a>(
    client: &Client,
    response: &'a mut HttpResponseBuilder,
    is_script: bool,
) -> &'a mut HttpResponseBuilder {
    if is_script {
        response.insert_header((header::CONTENT_SECURITY_POLICY, client.worker_policy));
    }
    response
}

fn is_known(request: &HttpRequest, etag: &str) -> bool {
    let asked = request.headers().get(header::IF_NONE_MATCH);
    let asked = asked.and_then(|value| value.to_str().ok()).unwrap_or_default();
    asked
        .split(',')
        .any(|known| known.trim().trim_start_matches("W/") == etag)
}

fn not_modified(etag: &str) -> HttpResponseBuilder {
    let mut response = HttpResponse::NotModified();
    response.insert_header((header::ETAG, etag));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_of_a_client_has_one_place_for_the_band_of_a_demo() {
        for asset in PHONE
            .iter()
            .chain(CITIZEN)
            .chain(OFFICE)
            .chain(DESK)
            .filter(|asset| asset.is_page())
        {
            let text = std::str::from_utf8(asset.bytes).unwrap();
            assert_eq!(text.matches(DEMO_PLACE).count(), 1, "{}", asset.path);
            assert!(
                !text.contains(" style=") && !text.contains("<script>"),
                "{}",
                asset.path
            );
        }
    }

    #[test]
    fn an_index_stands_for_its_folder() {
        assert_eq!(address("/", "index.html"), "/");
        assert_eq!(address("/van-phong/", "assets/a.js"), "/van-phong/assets/a.js");
    }
}

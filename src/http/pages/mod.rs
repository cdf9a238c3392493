//! Pages for people: what this is, and the API to read. No script runs on them and nothing comes from elsewhere.
//!
//! Invariant: in a demo every page says so before anything else; the policy of every page allows this server's own
//! style sheet and pictures and nothing more.
//! Refuses: data of the campaign; that is the clients' part.

mod docs;
mod html;
mod landing;

pub(super) use self::html::escape;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Data};

use super::App;

/// The paths of pages, which are no operations of the API and so not in its specification.
pub const PATHS: [&str; 4] = [ABOUT_PATH, "/api/docs", STYLE_PATH, ICON_PATH];

/// What this program is.
const ABOUT_PATH: &str = "/gioi-thieu";

const STYLE_PATH: &str = "/pages.css";
const ICON_PATH: &str = "/pages.svg";
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource(ABOUT_PATH).route(web::get().to(landing)))
        .service(web::resource("/api/docs").route(web::get().to(docs)))
        .service(web::resource(STYLE_PATH).route(web::get().to(style)))
        .service(web::resource(ICON_PATH).route(web::get().to(icon)));
}

async fn landing(app: Data<App>) -> HttpResponse {
    page(landing::page(&app, landing::Client::Built))
}

/// Where a client would stand, had it been built into this program.
pub(super) fn not_built(app: &App) -> HttpResponse {
    page(landing::page(app, landing::Client::Missing))
}

async fn docs(app: Data<App>) -> HttpResponse {
    page(docs::page(app.is_demo))
}

async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("pages.css"))
}

async fn icon() -> HttpResponse {
    asset("image/svg+xml", include_str!("pages.svg"))
}

fn page(text: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(text)
}

fn asset(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .content_type(kind)
        .body(text)
}

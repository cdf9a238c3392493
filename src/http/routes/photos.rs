//! Pictures, for those who may see a submission that shows them.
//!
//! One that cannot be decoded here is shown on screens as it was sent, and has no thumb: `picture-has-no-copy`.

use actix_web::http::header;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::{Permission, Reader};
use crate::domain::Sha256;
use crate::http::App;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::http::query::{Query, parameter};
use crate::http::session::Session;
use crate::services::evidence::{Lasts, PhotoSize};

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/api/v1/photos/{sha256}").route(web::get().to(photo)));
}

/// How large.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct PhotoParams {
    /// `thumb` (320 px), `screen` (1600 px) or `original` (untouched; the default).
    size: Option<String>,
}

/// A picture. It never changes, so it may be kept for ever, by this reader alone.
#[utoipa::path(
    get, path = "/api/v1/photos/{sha256}", operation_id = "show_photo", tag = "evidence", security(("bearer" = [])),
    params(("sha256" = String, Path, description = "SHA-256 of the original, hex"), PhotoParams),
    responses(
        (status = 200, content(
            (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"), (Vec<u8> = "image/webp"),
        )),
        (status = 304, description = "You have it"),
        (status = 401, body = ProblemBody), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody), (status = 503, body = ProblemBody),
    ),
    extensions(("x-roles" = json!(Reader::ROLES)))
)]
pub(in crate::http) async fn photo(
    actor: Session<Reader>,
    sha256: Path<String>,
    query: Query,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let sha256: Sha256 = sha256
        .parse()
        .map_err(|_not_hex| Problem::new(ProblemCode::NotFound))?;
    let params: PhotoParams = query.read()?;
    let size = parameter::<PhotoSize>("size", params.size.as_deref())?.unwrap_or(PhotoSize::Original);
    let file = app.evidence.photo(&actor, sha256, size).await?;
    let shown = match file.lasts {
        Lasts::Always => size.name(),
        Lasts::ForNow => "stand-in",
    };
    let tag = format!("\"{sha256}-{shown}\"");
    let had = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let keep = match file.lasts {
        Lasts::Always => "private, max-age=31536000, immutable",
        Lasts::ForNow => "private, max-age=3600",
    };
    let mut response = if had {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::VARY, "Authorization"))
        // Already compressed; a second try costs time and gains nothing.
        .insert_header((header::CONTENT_ENCODING, "identity"));
    Ok(if had {
        response.finish()
    } else {
        response.content_type(file.media_type).body(file.bytes)
    })
}

//! The keys that anybody can check receipts with.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{self, Data};
use utoipa::ToSchema;

use crate::domain::KeyPurpose;
use crate::http::App;

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/api/v1/receipts/keys").route(web::get().to(keys)));
}

/// A JSON Web Key Set (RFC 7517).
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the answer in the specification")]
pub(in crate::http) struct KeySet {
    /// Ed25519 keys (RFC 8037), the newest first. None is ever removed, since a receipt has no end.
    keys: Vec<PublicKey>,
}

/// One public key.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the answer in the specification")]
pub(in crate::http) struct PublicKey {
    /// Always `OKP`.
    kty: String,
    /// Always `Ed25519`.
    crv: String,
    /// The 32 public bytes, base64url.
    x: String,
    /// Its id, as in a receipt's header.
    kid: String,
    /// Always `sig`.
    #[schema(rename = "use")]
    usage: String,
    /// Always `EdDSA`.
    alg: String,
}

/// The public halves of all keys that ever sealed a receipt.
#[utoipa::path(
    get, path = "/api/v1/receipts/keys", operation_id = "receipt_keys", tag = "evidence", responses((status = 200, body = KeySet)),
)]
#[allow(clippy::unused_async, reason = "the framework takes async handlers only")]
pub(in crate::http) async fn keys(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(app.accounts.receipt_keys().jwks(KeyPurpose::Receipt))
}

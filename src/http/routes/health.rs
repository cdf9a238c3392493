//! Is the service alive, and can it really write?

use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};
use crate::store::StoreError;
use crate::store::records::ReadinessProbe;

/// How long the write may take.
const WITHIN: Duration = Duration::from_secs(5);

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/health/live").route(web::get().to(live)))
        .service(web::resource("/health/ready").route(web::get().to(ready)));
}

/// How the service feels.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct Health {
    /// Always `ok`; anything else is a problem.
    status: &'static str,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", operation_id = "health_live", tag = "health", responses((status = 200, body = Health)))]
pub(in crate::http) async fn live() -> impl Responder {
    HttpResponse::Ok().json(Health { status: "ok" })
}

/// A real write was committed and synced.
#[utoipa::path(
    get, path = "/health/ready", operation_id = "health_ready", tag = "health",
    responses((status = 200, body = Health), (status = 503, body = ProblemBody), (status = 507, body = ProblemBody))
)]
pub(in crate::http) async fn ready(app: Data<App>) -> Result<impl Responder, Problem> {
    let now = app.clock.now();
    let write = app
        .store
        .transact::<(), StoreError>(move |tx| tx.put::<ReadinessProbe>(&(), &now));
    // A disk that does not answer is no disk; whoever asks wants to know it soon.
    match tokio::time::timeout(WITHIN, write).await {
        Ok(written) => written?,
        Err(_silence) => return Err(Problem::new(ProblemCode::StoreUnavailable).retry_after(30)),
    }
    Ok(HttpResponse::Ok().json(Health { status: "ok" }))
}

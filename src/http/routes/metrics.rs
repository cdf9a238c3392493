//! The counters, for Prometheus.
//!
//! Invariant: read from this machine only, unless the operator opened it. A request that a proxy passed on comes from
//! elsewhere, whatever its connection says.
//! Refuses: to tell strangers that there is anything here.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};

use crate::http::App;
use crate::http::client_address::ClientAddress;
use crate::http::metrics::Standing;
use crate::http::problem::{Problem, ProblemBody, ProblemCode};

/// The text form that the library writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// What proxies add when they pass a request on.
const PASSED_ON: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

/// Who may read the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsReaders {
    /// Programs on this machine.
    ThisMachine,
    /// Whoever can reach the service.
    Anybody,
}

/// Steps in which space is told: a figure to the byte, read every second, would tell when a tip came and how long it was.
const STEP_BYTES: u64 = 16 << 20;

fn in_steps(bytes: u64) -> u64 {
    bytes - bytes % STEP_BYTES
}

pub(in crate::http) fn configure(config: &mut web::ServiceConfig) {
    config.service(web::resource("/metrics").route(web::get().to(metrics)));
}

/// The counters. Only for programs on the same machine, unless configured otherwise.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "health",
    responses(
        (status = 200, description = "OpenMetrics text", body = String, content_type = OPEN_METRICS),
        (status = 404, description = "Not for readers on other machines", body = ProblemBody),
        (status = 503, body = ProblemBody),
    )
)]
pub(in crate::http) async fn metrics(
    request: HttpRequest,
    from: ClientAddress,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let passed_on = PASSED_ON.iter().any(|name| request.headers().contains_key(*name));
    let is_local = from.0.is_loopback() && !passed_on;
    if app.metrics_readers != MetricsReaders::Anybody && !is_local {
        return Err(Problem::new(ProblemCode::NotFound));
    }
    let asked = app.clone();
    let standing = web::block(move || -> Result<Standing, Problem> {
        Ok(Standing {
            disk_free_bytes: in_steps(
                asked
                    .evidence
                    .free_bytes()
                    .map_err(|error| Problem::internal(&error))?,
            ),
            store_bytes: in_steps(asked.store.bytes_on_disk()?),
            receptions: asked.evidence.receptions(),
        })
    });
    let standing = standing.await.map_err(|error| Problem::internal(&error))??;
    let text = app
        .metrics
        .text(standing)
        .map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(OPEN_METRICS).body(text))
}

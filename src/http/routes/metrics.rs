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
use crate::memory;
use crate::store::last_backup;

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
    let standing = web::block(move || standing(&asked)).await;
    let standing = standing.map_err(|error| Problem::internal(&error))??;
    let text = app
        .metrics
        .text(&standing)
        .map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(OPEN_METRICS).body(text))
}

/// How things stand now.
fn standing(app: &App) -> Result<Standing, Problem> {
    let unknown = |error: std::io::Error| Problem::internal(&error);
    let backlog = app
        .checking
        .backlog()
        .map_err(|error| Problem::internal(&error))?;
    let waits_ms = backlog
        .since
        .map_or(0, |since| app.clock.now().as_millis() - since.as_millis());
    Ok(Standing {
        disk_free_bytes: app.evidence.free_bytes().map_err(unknown)?,
        disk_free_inodes: app.evidence.free_inodes().map_err(unknown)?,
        store_bytes: app.store.bytes_on_disk()?,
        resident_bytes: memory::resident_bytes().unwrap_or(0),
        is_writable: !app.store.has_failed() && app.evidence.is_writable(),
        receptions: app.evidence.receptions(),
        checks_waiting: backlog.waiting,
        checks_oldest_s: waits_ms.max(0) / 1000,
        last_backup: last_backup(&app.data_dir),
    })
}
